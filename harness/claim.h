/* SPDX-License-Identifier: Apache-2.0
 *
 * claim.h - one YAML map that reads as a sentence, and its truth in a scene. `run` and `judge` share this
 * evaluator; judge's answer counts.
 *
 *   {QUANTIFIER: LABEL.FACT, COMPARISON: OPERAND, during: WINDOW, else: VERDICT}
 *   quantifier   the | every | some | no | count | share | longest | spread | distinct
 *   comparison   is is_not at_most at_least above below within has has_not   (count/share/longest/spread: numeric ones)
 *   operand      literal with unit | limit.X | declared.X | each.X | LABEL.FACT
 *   during       LABEL (begin to end of that step) | [A, B] (begin of A to end of B); default: the whole repetition
 *   else         verdict when the claim is false: FAIL (default) INCONCLUSIVE REVIEW ERROR
 *   - any: [claim, claim]      one of them holds; nests once
 *
 * the: exactly the last observation of that fact. every/some/no: over all observations in the window; `every` and `no`
 * over none are unknown, `some` over none is unknown. count: how many observations carry the fact (with is: true
 * written as {count: boots.at, is: 0}); share: of the window's time in which a bool fact was true, in ppm; longest:
 * longest stretch (ns) inside the window during which a bool fact stayed false (or a series without observation);
 * spread: max - min of a numeric fact. Over time a value holds until the next observation; a watch that only looks
 * every so often (parameter `every`) leaves the time of each change unknown: share and longest are then ranges, and
 * a range across the limit is unknown. `no: X, above: 0` is true when no observation of X is above 0.
 * distinct: no two units share a value of it; it takes no comparison, and its answer is unknown in a run by itself: what
 * each unit showed is compared when several runs are judged as a campaign (campaign_judge.h).
 * Unknown: missing fact, an observation marked incomplete (unless it is itself the counterexample), operand missing. One that is
 * marked so and carries no fact is about the whole step: a watch that missed something, no matter when.
 * A step whose status is not ok makes claims on its label unknown; the bench's fault is judged before (ERROR).
 * "Itself the counterexample": what was seen already decides, because more could only add to it (a true, a number
 * that can only grow, an element of a set). Of an incomplete time or share nothing is certain.
 *
 * "${...}" text and references are resolved against the scene. */
#ifndef HARNESS_CLAIM_H
#define HARNESS_CLAIM_H

#include "harness/base/conf.h"
#include "harness/records.h"
#include "harness/result.h"

enum truth { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE };  /* zero value: unknown */

struct claim;
struct claims { const struct claim *claim; size_t n; };

/* What a claim can see: all borrowed. */
struct scene {
	const json_t *limits;           /* {"outage": 600000000000, ...} */
	const json_t *each;             /* {"outage": "link_down"} */
	const json_t *declared;         /* device.yaml as JSON */
	struct records *records;        /* where these are from: */
	struct record_list list;        /* records of this repetition and part, in order (step, observe, done) */
	const json_t *peers;            /* {"LABEL.FACT": [{"unit","values":[text],"whole","apart","keyed"}]}: what other units
					   of a campaign showed; NULL = this is the only one */
};

struct finding {
	enum truth truth;
	bool seen;                      /* false, and more evidence could not change it: a counterexample that was seen needs
					   no control (a log-in that worked, a byte that leaked) */
	enum verdict verdict;           /* PASS when true, `else` when false, INCONCLUSIVE when unknown */
	char text[256];                 /* the claim as a sentence, with units */
	char expected[128], actual[256], why[256];
	json_t *at;                     /* array of POINTER, new reference; counterexample first */
	json_t *observers;              /* array of line names, new reference */
	json_t *compared;               /* of `distinct`: {"fact","values","whole"} as this unit showed it; else NULL */
};

bool claims_parse(struct arena *a, const struct conf *list, struct claims *ret, struct err *err) MUST_CHECK;
/* Static check: labels and facts exist among `steps`' descriptors. `fact_of(label, fact)` returns the descriptor or NULL. */
struct fact;
bool claims_check(const struct claims *c, const struct fact *(*fact_of)(const char *label, const char *fact, void *data),
		  void *data, struct err *err) MUST_CHECK;
/* Calls f for everything a claim refers to: "limit.x", "each.x.y", "declared.x.y", "label.fact", inside ${...} too; a
 * label of during: comes as "label" without a dot. Stops at false. */
bool claims_refs(const struct claims *c, bool (*f)(const char *ref, struct where at, void *data, struct err *err),
		 void *data, struct err *err) MUST_CHECK;
void claim_eval(const struct claim *c, const struct scene *s, struct finding *ret);
void finding_done(struct finding *f);
/* For plan and lint: the claim as it reads, without values. */
const char *claim_text(const struct claim *c, char *buf, size_t n);
const struct claim *claim_at(const struct claims *c, size_t i);
struct where claim_where(const struct claim *c);
enum verdict claim_else(const struct claim *c);
/* True of it says that something was NOT there or did not happen: worth nothing unless the test shows it could see it. */
bool claim_absence(const struct claim *c);
/* False of it may say that something came late, or was not seen in time: `is true`, `at_least`, `some`, any bound on a time. */
bool claim_waits(const struct claim *c);

/* {"$":"limit.x"} / "label.fact" reference -> new reference, or NULL. */
json_t *scene_value(const struct scene *s, const char *ref);
#endif
