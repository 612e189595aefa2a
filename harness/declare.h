/* SPDX-License-Identifier: Apache-2.0
 *
 * declare.h - the maker's declaration in device.yaml: identity, evidence, conditions and features, ICS, IXIT. What of it is
 * true of itself (declaration.c), what follows from that (applies.c), and where it contradicts (contradict.c).
 *
 * Shapes    declare_shape.c: the sections; device_shape() puts them beside those that suites read.
 * Loading   declare_check(): what a shape cannot say: IDs that are unique and lead somewhere, names of one edition.
 * Reading   declare_json(): everything as JSON; cells of IXIT tables are texts whatever YAML would make of them.
 * Truth     declaration_build(): a pure function of that JSON. A condition is true, false or unknown, and says from where. */
#ifndef HARNESS_DECLARE_H
#define HARNESS_DECLARE_H

#include "harness/base/shape.h"
#include "harness/records.h"
#include "harness/standard.h"

/* ---- declare_shape.c ---- */
extern const struct shape shape_identity, shape_units, shape_evidence;
/* An edition that e does not have: its lines and terms are not known, and any may stand there. */
const struct shape *conditions_shape(struct arena *a, const struct editions *e);
const struct shape *features_shape(struct arena *a, const struct editions *e);
const struct shape *ics_shape(struct arena *a, const struct editions *e);
const struct shape *ixit_shape(struct arena *a);
const struct shape *applies_shape(struct arena *a, const struct editions *e);     /* applies_if of requirements.yaml, see applies.c */

/* ---- declare_read.c ---- */
/* Reports every fault; the sections have their shapes. */
bool declare_check(const struct conf *device, void (*report)(const struct err *e, void *data), void *data);
/* {"ixit": {"edition": "2.1.1"|"", "tables": {"24": {"name": "TelData", "where": "device.yaml:9:3",
 *           "rows": [{"ID": "TD-1", "Description": text, "Personal Data": [id..] | text}]}}},
 *  "ics": {"en303645-v3.1.3": {"5.1-1": {"support", "detail"?, "evidence"?, "where"}}},
 *  "conditions": {"6": {"value": bool, "evidence"?, "detail"?, "where"}}, "features": {..},
 *  "evidence": {"E1": {"file", "sha256", "title"?, "where"}}, "identity": {.. as written},
 *  "places": {"update.version": {"where", "text"?}}: sections and keys of sections that suites read}
 * Absent sections are absent. where: file:line:col of the value, the file as conf names it. New reference. */
json_t *declare_json(const struct conf *device);
/* Is the text nothing but IDs of rows, separated by commas, semicolons or white space? Adds them to ret_ids (may be NULL).
 * rows: an object with the known IDs as keys. */
bool refs_of(const char *text, const json_t *rows, json_t *ret_ids);

/* ---- declaration.c ---- */
/* Does the evidence id lead to something? A row ("IXIT-24/TD-1", "TD-1"), a table that is declared ("IXIT-24"), or a key of
 * `known`: {"E1": ..., "BT6-01": ...}: files that are there with their hash, tests of this run that passed. */
bool evidence_exists(const json_t *declared, const json_t *known, const char *id);
/* What `known` is in all of these: {"E1": true, "BT6-01": true}: files of evidence: that lie beside the device.yaml with the
 * hash they were declared with, and tests that passed. tests: as in verdicts.json, or NULL. New reference. */
json_t *evidence_known(const json_t *declared, const char *device_file, const json_t *tests);
/* The first file of evidence: that is not there or another one; false with its place in *err. */
bool evidence_files(const json_t *declared, const char *device_file, struct err *err) MUST_CHECK;
/* {"en303645-v2.1.1": {"conditions": {"1": {"value": true|false|null, "evidence": id | "", "from": text, "text": {"en","ja"}}},
 *                     "features": {..}, "ics": [{"id","status","support","detail","evidence","condition": true|false|null}]}, ..}
 * for both editions; "ics" is absent where the edition is not declared. What cannot be told is null, and so is a value that
 * is declared one way and evaluated the other. New reference. */
json_t *declaration_build(const json_t *declared, const json_t *known, const struct editions *e);
/* Of one term, in whichever edition has it; NULL when there is none. Borrowed. */
const json_t *declaration_term(const json_t *declaration, const char *id);

/* ---- applies.c ---- */
/* {"G10.1": {"why", "evidence"}}: requirements whose `applies_if` is false in every edition it names, each with evidence
 * that exists. A reason that only says that something never happened is none. New reference. */
json_t *applies_not(const json_t *requirements, const json_t *declared, const json_t *declaration, const json_t *known);
/* "It has never happened" and its like, English and Japanese: the words that say so, or NULL. */
const char *reason_circular(const char *text);

/* ---- contradict.c, contradict_seen.c ---- */
/* What contradicts is a finding on the document, never a FAIL of the device:
 * [{"kind", "text", "where": "device.yaml:31:12" | "", "lines": ["en303645-v3.1.3 5.10-1"], "seen"?: POINTER}] */
struct contradict {
	const json_t *declared, *declaration, *known;
	const struct editions *editions;
	const json_t *requirements;     /* NULL, or requirements.yaml */
	const json_t *tests;            /* as in verdicts.json; NULL: none were run, nothing is said of what the bench saw */
	struct records *records;        /* the journal; NULL = none */
};
json_t *declaration_findings(const struct contradict *c);       /* new reference */
void contradict_seen(const struct contradict *c, json_t *findings);
/* seen: NULL, or a POINTER, taken over; lines: NULL, or an array, taken over. */
void finding_add(json_t *findings, const char *kind, const char *where, json_t *lines, json_t *seen, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
#endif
