/* SPDX-License-Identifier: Apache-2.0
 *
 * diff.h - what changed between two results, in verdict, limit and evidence. A pure function of two verdicts.json.
 *
 * In       two results that passed result_check; nothing else of them is trusted. They may come of other suites, profiles
 *          or firmware: tests are matched by id, claims by part, repetition and the fact they are about, limits by name.
 * Out      {"format":"jusan-diff/1", "a": RUN, "b": RUN,
 *           "run": [{"what","class","a","b"}],                        what else the runs differ in: not counted
 *           "gate": {"a","b"},                                        absent when the same
 *           "guidelines": [{"id","verdict":{"a","b"},"should":{..},"score":{..}}],
 *           "requirements": [{"id","verdict":{"a","b"},"why":{"a","b"}}],
 *           "tests": [{"id","title","only":"a"|"b"} | {"id","title","verdict":{..},"why":{..},"rounds":{..},
 *                     "reasons":[{"class","what":[..]}],
 *                     "limits":[{"name","a","b"}],
 *                     "claims":[{"rep","part","text","only":"a"|"b",..} | {..,"truth":{..},"expected":{..},"actual":{..},"at":{..}}]}],
 *           "measured": n,                                            claims that say the same of another measurement
 *           "differences": n}
 * A member of {"a","b"} is null where one side has none. Lists hold only what differs.
 * Reasons  what differs beside the test, by class: "device", "declaration", "measure" (suite, profile, limit, seed), "bench",
 *          "people" (a decision on the test); "unsteady" alone when nothing does. Of the suites only the test's own file counts. Nothing says which of them did it.
 * Differences  gate, guidelines, requirements, tests. That a time was 72 ms and is 73 ms now is none. */
#ifndef HARNESS_DIFF_H
#define HARNESS_DIFF_H

#include <jansson.h>

json_t *diff_results(const json_t *a, const json_t *b);         /* new reference, never NULL */
const char *diff_class(const char *what);                       /* "firmware" -> "device" */
#endif
