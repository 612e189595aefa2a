/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp.h - what `jusan bench check` found out about the lines of a bench, with the day until which that counts.
 *
 * {"format":"jusan-stamp-1","bench","lines":{"power.main":{
 *    "made":"2026-11-26T11:00:00Z","valid_until":"2026-12-26T11:00:00Z","tool","host","driver",
 *    "sha256": of all that bench.yaml says of it,"identity"?: what the driver says is there,"ok":bool,"why","repeats":n,
 *    "latency_ns"?:{"median","max"},"uncertainty_ns"?}}}
 *
 * A run on a bench of `kind: real` takes it along as inputs/stamp.json. No PASS rests on a line without a valid stamp; a
 * virtual bench needs none, since its lines are parts of this program and are tested with it. */
#ifndef HARNESS_STAMP_H
#define HARNESS_STAMP_H

#include "harness/base/date.h"
#include "harness/base/fs.h"
#include "harness/plan.h"

#define STAMP_FORMAT "jusan-stamp-1"
#define STAMP_FILE "inputs/stamp.json"          /* in a run folder */
#define STAMP_VALID_NS (30 * INT64_C(86400000000000))   /* without `check: {valid_for: ...}` */

/* "lab/bench.yaml" -> "lab/bench.stamp.json" */
void stamp_path(const char *bench, char ret[static FS_PATH]);
/* New reference; NULL: there is none. ERR_CONF: it is no stamp. */
bool stamp_load(const char *path, json_t **ret, struct err *err) MUST_CHECK;
/* Of a run folder, as judged: NULL also when it is not the one that run.json names. New reference. */
json_t *stamp_of_run(const char *dir, const json_t *run);
/* How long a stamp of this bench counts, ns. */
int64_t stamp_valid_for(const struct bench *b);
/* Does it hold for this line on that day? If not, why says what is wrong with it. stamp NULL: there is none. */
bool stamp_holds(const json_t *stamp, const struct bench *b, const struct bench_line *l, const char *day, char *why, size_t n);
/* For verdicts.json: {"ok","why","made","until","identity","median_ns","max_ns","uncertainty_ns"}; new reference. */
json_t *stamp_shown(const json_t *stamp, const struct bench *b, const struct bench_line *l, const char *day);
/* The first line without a valid stamp among those that the test's steps name, its procedures' and `observers` (sets of texts);
 * false: all hold, or the bench is virtual. */
struct stamp_need { const struct plan *plan; const struct test *test; const json_t *observers; };
bool stamp_lacks(const struct stamp_need *need, char *why, size_t n);
#endif
