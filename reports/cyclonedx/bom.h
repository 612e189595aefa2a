/* SPDX-License-Identifier: Apache-2.0
 *
 * bom.h - the parts of a CycloneDX 1.6 document with attestations. Everything that can be referred to has a bom-ref, and each
 * of them is handed out once. */
#ifndef REPORTS_CYCLONEDX_BOM_H
#define REPORTS_CYCLONEDX_BOM_H

#include <jansson.h>

#include "harness/report.h"
#include "reports/read/cite.h"
#include "reports/read/fit.h"
#include "reports/read/read.h"

#define BOM_EVIDENCE 20000      /* pieces of data in one document */

struct bom {
	const json_t *v, *run;
	json_t *sealed;
	json_t *refs;                   /* every bom-ref there is -> true */
	json_t *test, *record, *requirement, *guideline;        /* id -> bom-ref */
	json_t *said;                   /* bom-ref of a test or record -> its verdict */
	size_t evidence;
};

/* "kind:id", or with a number behind it when it is taken. New reference. */
json_t *bom_ref(struct bom *b, const char *kind, const char *id);
void bom_add(json_t *o, const char *list, json_t *element);
void bom_property(json_t *o, const char *name, const char *value);
void bom_propertyf(json_t *o, const char *value, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* {"name","email"} of a person; NULL for nobody. */
json_t *bom_contact(const char *who);

json_t *bom_standard(struct bom *b);            /* the Code: fills requirement and guideline */
json_t *bom_evidence(struct bom *b);            /* tests and records: fills test and record */
json_t *bom_component(struct bom *b, const char *type, const char *ref);
/* "claims" and the map of the attestation. */
json_t *bom_map(struct bom *b, json_t *claims);
/* Waivers, as notes beside what they are for. */
json_t *bom_waivers(struct bom *b);
/* Every verdict there is, as properties of the document: also of what has no evidence. */
void bom_verdicts(const struct bom *b, json_t *doc);
#endif
