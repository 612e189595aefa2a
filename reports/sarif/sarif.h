/* SPDX-License-Identifier: Apache-2.0
 *
 * sarif.h - the parts of report.sarif. Rules are the bench tests and the evidence records; taxonomies are the Code and
 * what verdicts.json maps it to. What SARIF has no member for stands in `properties`, nowhere else. */
#ifndef REPORTS_SARIF_SARIF_H
#define REPORTS_SARIF_SARIF_H

#include "harness/result.h"

#define SARIF_TEXT 2000                 /* bytes of one text */
#define SARIF_ID   200

/* Links of a device stay what they are, characters; in {"text": ..} of a message, braces too. New references. */
json_t *sarif_text(const char *text);
json_t *sarif_message(const char *text);

/* ---- places.c: where evidence stands, and the artifacts that are named on the way ---- */
struct places;
struct places *places_open(const struct result *r);
struct places *places_close(struct places *p);
/* A location for a pointer of verdicts.json, or NULL when it points to nothing that a URI could name. */
json_t *places_of(struct places *p, const json_t *at, const char *said);
json_t *places_suite(struct places *p, const json_t *test);     /* where the test is written, NULL when it is not in the folder */
json_t *places_artifacts(struct places *p);                     /* new reference */

/* ---- rules.c ---- */
struct ids { json_t *rule, *code; };    /* id -> index, in the driver and in the Code's taxonomy */
/* Both new references; *ret_ids is to be freed with ids_free(). */
json_t *sarif_driver(const struct result *r, const struct ids *ids);
json_t *sarif_taxonomies(const struct result *r, const struct ids *ids);
void ids_make(const struct result *r, struct ids *ret);
void ids_free(struct ids *ids);
/* "error", "warning" or "note": the strongest of these requirements. */
const char *sarif_level(const struct result *r, const json_t *requirements);

/* ---- results.c ---- */
json_t *sarif_results(const struct result *r, const struct ids *ids, struct places *p);
/* ERROR says nothing of the device, so it is no result but a notification of the tool. */
json_t *sarif_errors(const struct result *r, const struct ids *ids, struct places *p);
#endif
