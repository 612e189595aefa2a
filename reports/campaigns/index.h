/* SPDX-License-Identifier: Apache-2.0
 *
 * index.h - many run folders at once: what each came to, how tests went over time, which of them are steady.
 *
 * In      a folder. Every folder below it that holds verdicts.json is a run; none is looked for inside a run. No link is
 *         followed. Whatever cannot be read as a run is listed with the reason, never left out. Seals are not checked.
 * Out     one JSON value, format "jusan-index/1", from which the page and the texts are written:
 *         {"format", "runs": [RUN, newest first], "not_read": [{"path","why"}], "titles": {"BT1-01": text},
 *          "products": [{"maker","product","model","hardware", "trend": [index of a run, oldest first],
 *                        "firmwares": [{"firmware","firmware_sha256","runs":[index..]}]}],         newest first
 *          "sets": [{"product": index, "firmware","profile", "runs": [index, oldest first], "differ": [what else..],
 *                    "tests": [{"id", "counts": {"PASS": n..}, "said": n, "not_tested": n, "most": n, "state": STATE}]}]}
 *         RUN: {"path", "href": the path as a link, "report": bool, "run": {members of run.json; suites as one SHA-256},
 *               "decided","open","of", "counts", "gate", "rehearsal": bool, "guidelines": {"G1":{"verdict","should"}},
 *               "tests": {"BT1-01": verdict}, "rounds"?: {"BT1-01":[verdict..]}, "flaky"?: {"BT1-01": ppm},
 *               "copy_of"?: index of a run that says the very same,
 *               "units"?: {"BT1-01":[{"unit","serial","verdict","why","round_verdicts"?}]}}
 * Sets    runs of one product, hardware, firmware, profile and suites, and single runs with several rounds: what was repeated.
 *         Of each test: what every round said. NOT_TESTED is no answer and does not count.
 * STATE   "unsteady": two answers differ; "steady": STEADY_LEAST or more and all the same; "too few": anything else.
 * Bound   INDEX_DEPTH folders deep, INDEX_RUNS runs, INDEX_FOLDERS folders; what lies beyond is in not_read.
 *
 * Pure: the same folder gives the same bytes. */
#ifndef REPORTS_CAMPAIGNS_INDEX_H
#define REPORTS_CAMPAIGNS_INDEX_H

#include <jansson.h>
#include <stdio.h>

#include "harness/base/err.h"

#define INDEX_DEPTH 8
#define INDEX_RUNS 20000
#define INDEX_FOLDERS 200000
#define STEADY_LEAST 3

/* New reference. Fails only when the folder itself cannot be read. */
bool index_read(const char *folder, json_t **ret, struct err *err) MUST_CHECK;
/* Is this a run folder itself? Nothing may be written into one. */
bool index_is_run(const char *folder);

/* below: what leads from the page to the folder, as a link ("" or "../../runs/"); NULL: no links. */
void index_page(const json_t *index, const char *below, FILE *out);
void index_text(const json_t *index, FILE *out);        /* for a terminal */
void index_flakes(const json_t *index, bool all, FILE *out);     /* all: the steady ones too */

/* ---- parts; private to reports/campaigns ---- */
/* find.c: calls found() for every run folder below `folder` and lists what is odd. */
struct found { const char *folder; json_t *runs, *not_read; size_t folders; };
void find_runs(struct found *f);
void not_read(struct found *f, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* brief.c: one run, with "titles" of its tests; NULL with err. raw: its path below folder, any bytes. */
json_t *brief_read(const char *folder, const char *raw, struct err *err);
/* A path as JSON text: what is not UTF-8 becomes \xff. As a link: percent-encoded. New references. */
json_t *path_json(const char *raw);
json_t *path_href(const char *raw);
/* sets.c: fills products and sets. */
void sets_add(json_t *index);

/* What people read of an entry of "runs". */
const json_t *run_at(const json_t *index, const json_t *at);
/* "MET" only where it counts: a rehearsal's never does. */
bool gate_met(const json_t *run);
#endif
