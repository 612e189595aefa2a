/* SPDX-License-Identifier: Apache-2.0
 *
 * mapping.h - other schemes (EN 303 645, TS 103 701, JC-STAR ...) as data, and what the verdicts of this run mean for them.
 *
 * suites/mappings/NAME.yaml names for each line of a scheme the requirements of the Code that ask the same. Verdicts are
 * computed for requirements and projected to lines, never the other way round: see docs/mappings.md for the format.
 *
 * Many to many. A line has the worst verdict of everything it names: requirements, tests, records, provisions of its
 * basis. So it passes only when all of them pass (or do not apply) and at least one passes; nothing named is NOT_TESTED.
 * What a test merely supports never arrives here, because no requirement passes by it. Two marks keep a line from saying
 * what the bench did not find out, where requirement and line are cut differently:
 *   wider       a requirement that asks more than the line. It may fail by the part that the line does not ask, so its FAIL,
 *               ERROR or INCONCLUSIVE is REVIEW here; the line's own tests say what is left. Its PASS holds.
 *   unanswered  what the line asks and nothing it names answers. A line with such a rest is NOT_TESTED instead of PASS.
 * Requirements that are only near (`nearest`) are shown and carry nothing.
 *
 * Applicability. A line whose condition or feature is false, with an evidence id, is NOT_APPLICABLE; false without evidence
 * counts as not answered. If what the line names has failed all the same, a person must settle which is true: REVIEW.
 * Where a scheme knows conditions, nothing else makes a line NOT_APPLICABLE: requirements that do not apply are REVIEW then.
 *
 * Inheritance. `inherits` names lines of the same scheme: FAIL there is FAIL here, unless the declaration shows a mechanism
 * of its own for this line. Lines that do not apply inherit nothing.
 *
 * certainty says how well the source of id, topic, force and conditions is known, not how good the verdict is. */
#ifndef HARNESS_MAPPING_H
#define HARNESS_MAPPING_H

#include <jansson.h>

#include "harness/base/conf.h"

struct both { const char *en, *ja; };           /* NULL, NULL = none */
struct mapping_term { const char *name; struct both text; };    /* condition "1", feature "a": what is true when it is */
struct mapping_line {
	const char *id;                         /* unique in its scheme: "5.1-1" */
	struct where at;
	struct both topic, unanswered, remark;
	const char *force;                      /* "M" mandatory, "R" recommendation; NULL: of the line it belongs to, or none */
	const char *kind;                       /* conceptual | functional | combined; NULL = no test case */
	const char *const *conditions, *const *features;        /* names of terms; the line applies when all are true */
	const char *const *requirements, *const *wider, *const *nearest;
	const char *const *tests, *const *records;
	const char *const *provisions, *const *related;         /* lines of the basis: carry their verdict | for reading only */
	const char *const *inherits;            /* lines of this scheme that inherit nothing themselves */
	const json_int_t *ixit; size_t n_ixit;  /* numbers of IXIT tables, 1 to 29 */
	const struct mapping_line *of;          /* line of the basis whose force and applicability it has; NULL = its own */
	bool verified;                          /* certainty */
	const struct conf *conf;
};                                              /* every list ends with NULL and may be empty */
struct mapping {
	const char *id, *file;
	struct both title, note;
	const char *edition, *source;
	const struct mapping *basis;            /* NULL = stands alone */
	const struct mapping_term *condition; size_t n_conditions;
	const struct mapping_term *feature; size_t n_features;
	struct mapping_line *line; size_t n;
	const struct conf *conf;
};
const struct mapping_line *mapping_line(const struct mapping *m, const char *id);       /* NULL when absent */
const char *mapping_status(const struct mapping_line *l, char *buf, size_t n);  /* "M C(14) F(e)", of the line itself; returns buf */

struct mapping_in {                             /* all borrowed; what is NULL is not known */
	const json_t *requirements, *tests, *records;   /* as in verdicts.json: [{"id","verdict","why"}]; a record that is
							   not there waits for its reviewer */
	/* {"en303645-v2.1.1": {"conditions": {"1": {"value": false, "evidence": "ICS-7"}}, "features": {"a": {...}}}}; value
	 * null or absent: not answered */
	const json_t *applicability;
	const json_t *other_mechanism;          /* {"en303645-v2.1.1": {"5.8-1": "why"}}: lines that inherit nothing */
};
/* "mappings" of verdicts.json (see result.h), in the order given. A pure function; new reference. */
json_t *mappings_project(const struct mapping *m, size_t n, const struct mapping_in *in);
#endif
