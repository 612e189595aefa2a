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
 *  "decided": n, "open": n, "of": 118, "as_of": day on which expiry was judged, "on_default": how many tests rest on a default,
 *  "run": run.json as a whole (id, started, ended, maker, product, model, hardware, firmware, firmware_sha256, unit, bench,
 *         bench_kind, machine, profile, profile_sha256, seed, suites: [{file,sha256}], host, wall_offset_ns, begin_ns, end_ns,
 *         state: "complete"|"partial", notes: [text], repeat?: n, campaign?: id of its key,
 *         runs?: [{unit,serial,run,folder,seal:{file,sha256},..}]: a campaign, its evidence lies in those),
 *  "counts": {"PASS": n, ...per verdict, over tests},
 *  "gate": {"verdict": "MET"|"NOT MET"|"OPEN", "why": text, "rehearsal": bool},
 *  "guidelines": [{"id":"G1","title":{"en","ja"},"priority":bool,"verdict","should_verdict",
 *         "score":{"low":ppm,"high":ppm}, "coverage":{"all":{"evaluated":n,"applicable":n},"a":{..},"b":{..},"c":{..}},
 *         "requirements":["G1.1",..],"tests":["BT1-01",..]}],
 *  "requirements": [{"id","guideline","text":{"en","ja"},"phrase","force":"shall|should|may|info","who":["D",..],"class":"a|b|c",
 *         "verdict","why","decided_by":["BT1-01"],"supported_by":[..],"records":["ER2-01"],"grade":"L1".."L5"|null,"grade_why",
 *         "on_default":bool,"not_applicable"?: {"why","evidence"} as declared}],
 *  "records": [{"id","title":{en,ja},"serves":["G2.3"],"ixit":[3],"stored":{en,ja},"decides":{en,ja},"verdict","why","grade","grade_why",
 *         "decision": DECISION|null,"earlier":[DECISION]}],
 *  "marks": [{"pattern":1..6,"on":id,"mapping"?: id,"text":{en,ja},"was": verdict,"now": verdict}],     misjudge.h
 *  "tests": [{"id","title":{"en","ja"},"guideline":"G1","decides":[..],"supports":[..],"state","verdict","why","unit":1,
 *         "attempts":n,"begin_ns","end_ns",
 *         "limits":[{"name","value":int|text|bool|list,"type","text":"10 min","origin":"declared|profile|default","source","flag":bool,
 *                    "profile_sha256"? of the profile it comes from}],
 *         "profile_sha256","on_default":[names of its limits that are defaults],"grade":"L1".."L5"|null,"grade_why",
 *         "decision"?: DECISION and "used":bool,"unused": why not,
 *         "claims":[{"part":"control|expect|alive","rep":"outage=link_down","text","expected","actual","truth":"true|false|unknown",
 *                    "verdict","why","at":[POINTER..],"observers":[line..],"compared"?: {"fact","values","whole"}}],
 *         "steps":[{"n":journal number,"rep","part","label","verb","begin_ns","end_ns","status","text"}],
 *         "rounds"?: n, "flaky"?: ppm, "round_verdicts"?: [word..]       (run --repeat: of each round; the worst is the verdict),
 *         "units"?: [{"unit","serial","run","verdict","why",..rounds}]   (campaign: of each unit; the worst is the verdict),
 *         "scope":[text..], "observers":["capture.lan",..], "reproduce":"jusan run ... --only BT9-01", "file":"suites/G09-outages.yaml","line":12}],
 *  "mappings"?: what the requirements' verdicts mean for other schemes, never the other way round (mapping.h):
 *         [{"id":"en303645-v2.1.1","title":{"en","ja"},"edition","source","note"?:{"en","ja"},"basis"?:"id of another one",
 *         "counts":{"PASS":n, ...per verdict, over lines},"mandatory":{as counts, lines with force M},"unverified":n lines,
 *         "conditions":[{"name":"1","text":{"en","ja"},"value":true|false|null,"evidence"}],"features":[as conditions],
 *         "lines":[{"id":"5.1-1","topic":{"en","ja"},"force"?:"M|R","status"?:"M C(1)","kind"?:"conceptual|functional|combined",
 *                   "verdict","why","from":["G1.1","BT1-02","ER2-01","5.5-1"..],"nearest"?:[requirements that carry nothing],
 *                   "related"?:[lines of the basis],"ixit"?:[table numbers],"remark"?:{"en","ja"},"certainty":"verified|unverified"}]}],
 *  "declaration"?: {"en303645-v3.1.3": {"conditions":{"3":{"value":true|false|null,"evidence":"IXIT-7/UM-1"|"","from":text,
 *         "text":{"en","ja"},"contradicted"?:true}}, "features":{"w":as conditions},
 *         "ics"?:[{"id":"5.1-1","topic":{"en","ja"},"status":"M F(a)","support":"Y|N|N/A|","detail","evidence","where":"device.yaml:9:5",
 *                  "condition"?:true|false|null}]}}: what is declared and what of it is true (declare.h),
 *  "findings"?: on the document, never on the device: [{"kind","text","where":"device.yaml:31:12"|"","lines":["en303645-v3.1.3 5.10-1"],
 *         "seen"?:POINTER, "path"?,"with"?: the two places of device.yaml that differ}],
 *  "timeline": {"begin_ns","end_ns","lanes":[{"name":"power.main","kind":"level|span|event|rate","cut"?: true when there was more,
 *         "items":[{"t_ns","end_ns"(span),"value"(level, rate),"text","at":POINTER}]}]},
 *  "bench": {"lines":[{"name","driver","notes":[..],"stamp"?: on a real bench {"ok":bool,"why","made","until","identity",
 *         "median_ns"?,"max_ns"?,"uncertainty_ns"?}}],"drops":n},
 *  "declared": chosen identity fields of device.yaml,
 *  "waivers": [{"id","who","why","until","date","expired":bool,"entry","seal"}]    beside verdicts, never part of them
 * }
 * DECISION: {"decide":"pass|fail|not-applicable|open","reviewer","date","expires","expired":bool,"reason","asked",
 *            "files":[{"path","name","sha256"}],"entry":"review/0001.json","seal":"seals/0002.json"|"","signer": SHA-256 of its key|""}
 * POINTER: {"file":"serial/console.raw","off":n,"len":n} | {"capture":"capture/lan.pcapng","frame":n} | {"journal":n}
 *          of a campaign: {"file":"unit2/serial/console.raw",..} | {"capture":"unit2/capture/..",..} | {"journal":n,"unit":2} */
#define RESULT_FORMAT "jusan-verdicts/1"

/* Kinds of findings, and how reports head them. */
#define FINDING_KINDS(X)                                                                                       \
	X("condition-contradicted", "A condition is declared one way and shown the other way by IXIT",         \
	  "条件の宣言が IXIT の記載と矛盾する")                                                                \
	X("conditions-opposed", "Two declared conditions exclude each other", "互いに排他的な条件が同時に宣言されている") \
	X("na-condition-true", "N/A on a line whose condition is true", "条件が成立する項目が N/A とされている") \
	X("na-unproved", "N/A on a line whose condition nothing shows to be false", "条件の不成立が示されないまま N/A とされている") \
	X("reason-circular", "A reason that only says that something never happened", "「起きていない」というだけの理由") \
	X("answer-condition-false", "Answered although its condition is false", "条件が成立しない項目に回答がある") \
	X("support-without-ixit", "Answered Y, but the IXIT table has no rows", "Y と回答したが IXIT に記載がない") \
	X("ics-unanswered", "Lines without an answer", "未回答の項目")                                          \
	X("ics-missing", "The claimed edition has no ICS", "主張する版の ICS がない")                           \
	X("ixit-missing", "There are no IXIT tables", "IXIT がない")                                            \
	X("evidence-missing", "Evidence that is not there", "証拠が存在しない")                                 \
	X("versions-differ", "Two places declare different versions", "宣言されたバージョンが一致しない")       \
	X("bench-version", "The bench read another version", "試験設備が読み取ったバージョンと異なる")          \
	X("bench-undeclared", "The bench saw what is not declared", "宣言にないものが観測された")               \
	X("bench-condition", "The bench found what a condition says does not exist", "存在しないと宣言されたものが試験で確認された")

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
