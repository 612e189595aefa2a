/* SPDX-License-Identifier: Apache-2.0
 *
 * result.h - verdicts, and verdicts.json as judge writes it and reports read it. */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <jansson.h>

#include "harness/base/err.h"

/* name, severity (a parent takes the highest that any child has), meaning in reports */
#define VERDICTS(X)                                                              \
	X(NOT_TESTED,     2, "nothing was tested")              /* zero value */ \
	X(PASS,           1, "no indication of a fault in the stated scope")     \
	X(FAIL,           6, "the device did what it must not")                  \
	X(ERROR,          5, "the bench failed; says nothing of the device")     \
	X(INCONCLUSIVE,   4, "the test could not have told")                     \
	X(REVIEW,         3, "a person must read the evidence")                  \
	X(NOT_APPLICABLE, 0, "its condition is false, evidence attached")

enum verdict {
#define X(name, severity, doc) VERDICT_##name,
	VERDICTS(X)
#undef X
	VERDICT_COUNT
};

const char *verdict_name(enum verdict v);               /* "PASS" */
const char *verdict_doc(enum verdict v);
bool verdict_parse(const char *name, enum verdict *ret);
int verdict_severity(enum verdict v);
enum verdict verdict_worst(const enum verdict *v, unsigned n);  /* n = 0: NOT_TESTED */
/* A test that supports a requirement never makes it PASS; one that decides does. See score.c. */

/* verdicts.json (format "jusan-verdicts/1"). Integers only; times are monotonic ns; shares are ppm.
 * {
 *  "format", "tool": {"name","version"},
 *  "decided": n, "open": n, "of": 118,
 *  "run": run.json as a whole (id, started, ended, maker, product, model, hardware, firmware, firmware_sha256, unit, bench,
 *         bench_kind, machine, profile, profile_sha256, seed, suites: [{file,sha256}], host, wall_offset_ns, begin_ns, end_ns,
 *         state: "complete"|"partial", notes: [text]),
 *  "counts": {"PASS": n, ...per verdict, over tests},
 *  "gate": {"verdict": "MET"|"NOT MET"|"OPEN", "why": text, "rehearsal": bool},
 *  "guidelines": [{"id":"G1","title":{"en","ja"},"priority":bool,"verdict","should_verdict",
 *         "score":{"low":ppm,"high":ppm}, "coverage":{"all":{"evaluated":n,"applicable":n},"a":{..},"b":{..},"c":{..}},
 *         "requirements":["G1.1",..],"tests":["BT1-01",..]}],
 *  "requirements": [{"id","guideline","text":{"en","ja"},"phrase","force":"shall|should|may|info","who":["D",..],"class":"a|b|c",
 *         "verdict","why","decided_by":["BT1-01"],"supported_by":[..],"records":["ER2-01"]}],
 *  "tests": [{"id","title":{"en","ja"},"guideline":"G1","decides":[..],"supports":[..],"state","verdict","why","unit":1,
 *         "attempts":n,"begin_ns","end_ns",
 *         "limits":[{"name","value":int|text|bool|list,"type","text":"10 min","origin":"declared|profile|default","source","flag":bool}],
 *         "claims":[{"part":"control|expect|alive","rep":"outage=link_down","text","expected","actual","truth":"true|false|unknown",
 *                    "verdict","why","at":[POINTER..],"observers":[line..]}],
 *         "steps":[{"n":journal number,"rep","part","label","verb","begin_ns","end_ns","status","text"}],
 *         "scope":[text..], "observers":["capture.lan",..], "reproduce":"jusan run ... --only BT9-01", "file":"suites/G09-outages.yaml","line":12}],
 *  "timeline": {"begin_ns","end_ns","lanes":[{"name":"power.main","kind":"level|span|event|rate","cut"?: true when there was more,
 *         "items":[{"t_ns","end_ns"(span),"value"(level, rate),"text","at":POINTER}]}]},
 *  "bench": {"lines":[{"name","driver","notes":[..]}],"drops":n},
 *  "declared": chosen identity fields of device.yaml, "waivers": []
 * }
 * POINTER: {"file":"serial/console.raw","off":n,"len":n} | {"capture":"capture/lan.pcapng","frame":n} | {"journal":n} */
#define RESULT_FORMAT "jusan-verdicts/1"

struct result {
	const char *dir;                /* the run folder */
	json_t *verdicts;               /* owned */
};

/* Loads DIR/verdicts.json and checks its outline (format, arrays, known verdict words). */
bool result_load(const char *dir, struct result *ret, struct err *err) MUST_CHECK;
bool result_check(const json_t *verdicts, struct err *err) MUST_CHECK;  /* only the outline */
void result_free(struct result *r);
/* The exit status of section "exit codes": 0, 1, 2 or 3. A run with no test judged is 2, with ERROR and no FAIL 3. */
int result_status(const struct result *r);
#endif
