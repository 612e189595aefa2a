// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/judge_in.h"
#include "harness/value.h"

/* ---- one repetition of one attempt ---- */
struct record_list trial_records(const struct attempt *a, const char *part, const char *rep)
{
	const struct record_where *w = records_where(a->records, a->test, part, rep);

	return w ? (struct record_list){ a->rec + a->start[w->id], a->start[w->id + 1] - a->start[w->id] } : (struct record_list){ NULL, 0 };
}

const struct record *trial_head(struct record_list list)
{
	for (size_t i = 0; i < list.n; i++)
		if (list.rec[i]->kind == RECORD_rep)
			return list.rec[i];
	return NULL;
}

static void add_claim(const struct trial *tr, const char *part, const struct finding *f)
{
	static const char *const truth[] = { "unknown", "false", "true" };

	json_array_append_new(tr->rep->claims,
		json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O,s:O*,s:O*}", "part", part, "rep", tr->rep->rep->name, "text", f->text, "expected",
			  f->expected, "actual", f->actual, "truth", truth[f->truth], "verdict", verdict_name(f->verdict), "why",
			  f->why, "at", f->at, "observers", f->observers, "compared", f->compared));
}

void judge_place(char *buf, size_t n, const char *test, const char *part, const char *rep)
{
	snprintf(buf, n, "%s|%s|%s", test, part, rep);
}

/* whole: the `rep` record; it must stay until the scene is not needed any more. */
static struct scene scene_of(const struct trial *tr, const char *part, struct record_list list, const json_t *whole)
{
	char place[700];

	judge_place(place, sizeof(place), tr->test->id, part, tr->rep->rep->name);
	return (struct scene){ .limits = tr->limits, .each = json_object_get(whole, "each"), .declared = tr->plan->device.json,
			       .records = tr->attempt->records, .list = list, .peers = json_object_get(tr->plan->peers, place) };
}

bool trial_fault(struct records *r, struct record_list list, char *why, size_t n)
{
	for (size_t i = 0; i < list.n; i++) {
		CLEANUP(free_json) json_t *rec = NULL;

		if (list.rec[i]->kind != RECORD_done || list.rec[i]->ok)
			continue;
		rec = records_json(r, list.rec[i]);
		why[0] = '\0';
		text_add(why, n, "step %s %s: %s%s%s", text_of(rec, "step"), text_of(rec, "verb"), text_of(rec, "status"),
			 text_of(rec, "text")[0] ? ": " : "", text_of(rec, "text"));
		return true;
	}
	return false;
}

/* Step 2 of a part has the path "2"; what runs beside step 2 has "2w" in front. */
static bool step_done(struct record_list list, size_t number)
{
	char path[32], side[32];

	snprintf(path, sizeof(path), "%zu", number);
	snprintf(side, sizeof(side), "%zuw", number);
	for (size_t i = 0; i < list.n; i++)
		if (list.rec[i]->kind == RECORD_done &&
		    (!strcmp(list.rec[i]->spot->step, path) || !strncmp(list.rec[i]->spot->step, side, strlen(side))))
			return true;
	return false;
}

/* Did every step leave its `done`? A record that breaks off proves nothing. */
static bool all_done(struct record_list list, const struct steps *steps, char *why, size_t n)
{
	size_t open = 0;

	for (size_t i = 0; i < list.n; i++) {
		open += list.rec[i]->kind == RECORD_step;
		open -= list.rec[i]->kind == RECORD_done && open > 0;
	}
	for (size_t k = 1; !open && k <= steps->n; k++)
		if (!step_done(list, k)) {
			text_add(why, n, "step %zu was not run", k);
			return false;
		}
	if (open)
		text_add(why, n, "a step did not finish");
	return !open;
}

/* The `rep` record as JSON: it says what each.X was. */
static json_t *head_json(const struct trial *tr, struct record_list list)
{
	const struct record *head = trial_head(list);

	return head ? records_json(tr->attempt->records, head) : NULL;
}

static bool judge_control(struct trial *tr, char *fault, size_t n)
{
	const struct part *c = &tr->test->control;
	struct record_list list = trial_records(tr->attempt, "control", tr->control);
	CLEANUP(free_json) json_t *head = head_json(tr, list);
	struct scene scene = scene_of(tr, "control", list, head);
	bool faulty = trial_fault(tr->attempt->records, list, fault, n);
	char hole[128] = "";

	trial_shape(tr, true, head);
	tr->held = true;
	if (c->steps.n && !head) {
		tr->held = false;
		text_add(tr->control_why, sizeof(tr->control_why), "control: was not run");
	}
	for (size_t i = 0; c->expect && head && i < c->expect->n; i++) {
		struct finding f;

		claim_eval(claim_at(c->expect, i), &scene, &f);
		if (f.truth != TRUTH_TRUE) {
			f.verdict = VERDICT_INCONCLUSIVE;       /* a control accuses nobody */
			if (tr->held)
				text_add(tr->control_why, sizeof(tr->control_why), "control: %s: %s", f.text, f.why);
			tr->held = false;
		} else {
			tr->shown = true;
		}
		add_claim(tr, "control", &f);
		finding_done(&f);
	}
	if (tr->held && head && !all_done(list, &c->steps, hole, sizeof(hole))) {
		tr->held = false;
		text_add(tr->control_why, sizeof(tr->control_why), "control: %s", hole);
	}
	tr->shown &= tr->held;
	return faulty;
}

/* before: true = alive; -1 when nobody looked. A record of another repetition says nothing. */
int trial_alive(const struct trial *tr, const char *when)
{
	const char *const rep[] = { NULL, "", tr->rep->rep->name };
	int found = -1;

	for (size_t k = 0; k < (tr->rep->rep->name[0] ? 3 : 2); k++) {
		struct record_list list = trial_records(tr->attempt, when, rep[k]);

		for (size_t i = 0; i < list.n; i++) {
			if (list.rec[i]->kind != RECORD_alive)
				continue;
			if (!list.rec[i]->ok)
				return 0;
			found = 1;
		}
	}
	return found;
}

static void say_alive(const struct trial *tr, const char *when, int state)
{
	struct finding f = { .truth = state < 0 ? TRUTH_UNKNOWN : state ? TRUTH_TRUE : TRUTH_FALSE, .at = json_array() };

	f.verdict = state == 1 ? VERDICT_PASS : VERDICT_INCONCLUSIVE;
	text_add(f.text, sizeof(f.text), "the device is alive %s the test", when);
	text_add(f.expected, sizeof(f.expected), "alive");
	text_add(f.actual, sizeof(f.actual), state < 0 ? "nobody looked" : state ? "alive" : "no sign of life");
	if (state != 1)
		text_add(f.why, sizeof(f.why), "without it, what is absent proves nothing");
	add_claim(tr, "alive", &f);
	json_decref(f.at);
}

struct main_result { enum verdict worst; char why[512]; bool seen, bench; char seen_why[512], bench_why[512]; bool absence; };

static void take(struct main_result *m, const struct claim *c, const struct finding *f)
{
	if (f->seen && claim_else(c) == VERDICT_FAIL && !m->seen) {
		m->seen = true;
		text_add(m->seen_why, sizeof(m->seen_why), "%s: %s", f->text, f->why);
	}
	if (f->truth == TRUTH_FALSE && claim_else(c) == VERDICT_ERROR && !m->bench) {
		m->bench = true;
		text_add(m->bench_why, sizeof(m->bench_why), "%s: %s", f->text, f->why);
	}
	if (verdict_severity(f->verdict) > verdict_severity(m->worst)) {
		m->worst = f->verdict;
		m->why[0] = '\0';
		text_add(m->why, sizeof(m->why), "%s: %s", f->text, f->why);
	}
}

/* A virtual device shares this machine. Where so many wait for each processor, what did not come, or came late, may be the
 * machine's doing; what came and must not have stands. */
#define STARVED 2000                    /* percent: twenty for each */

static void excuse(const struct trial *tr, const struct claim *c, struct finding *f)
{
	char why[sizeof(f->why)];

	if (tr->attempt->busy < STARVED || !tr->plan->bench.is_virtual || f->verdict != VERDICT_FAIL || !claim_waits(c))
		return;
	f->verdict = VERDICT_INCONCLUSIVE;
	f->seen = false;
	memcpy(why, f->why, sizeof(why));
	f->why[0] = '\0';
	text_add(f->why, sizeof(f->why), "%s; the machine had %lld tasks to run for each processor", why, (long long)tr->attempt->busy / 100);
}

static bool judge_main(struct trial *tr, struct main_result *m, char *fault, size_t n)
{
	const struct claims *expect = tr->test->body.expect;
	struct record_list list = trial_records(tr->attempt, "expect", tr->rep->rep->name);
	CLEANUP(free_json) json_t *head = head_json(tr, list);
	struct scene scene = scene_of(tr, "expect", list, head);
	bool faulty = trial_fault(tr->attempt->records, list, fault, n), ran = head != NULL;

	trial_shape(tr, false, head);
	*m = (struct main_result){ .worst = VERDICT_NOT_APPLICABLE };
	for (size_t i = 0; expect && ran && i < expect->n; i++) {
		const struct claim *c = claim_at(expect, i);
		struct finding f;

		claim_eval(c, &scene, &f);
		excuse(tr, c, &f);
		tr->n_claims++;
		tr->shown |= f.truth == TRUTH_TRUE && claim_else(c) == VERDICT_INCONCLUSIVE;
		m->absence |= f.truth == TRUTH_TRUE && claim_absence(c);
		take(m, c, &f);
		add_claim(tr, "expect", &f);
		finding_done(&f);
	}
	if (!tr->n_claims) {
		m->worst = VERDICT_NOT_TESTED;
		text_add(m->why, sizeof(m->why), ran ? "the test claims nothing" : "its steps were not run");
	}
	return faulty;
}

static void settle(struct answer *r, enum verdict v, const char *why)
{
	r->verdict = v;
	text_add(r->why, sizeof(r->why), "%s", why);
}

/* The order of the questions is the order in which they can make the others meaningless. */
void trial_judge(struct trial *tr)
{
	char fault[512] = "", hole[128] = "";
	struct main_result m;
	bool faulty = judge_control(tr, fault, sizeof(fault));
	int before = trial_alive(tr, "before"), after = trial_alive(tr, "after");

	faulty |= judge_main(tr, &m, fault, sizeof(fault));
	say_alive(tr, "before", before);
	say_alive(tr, "after", after);
	if (m.seen)
		settle(tr->rep, VERDICT_FAIL, m.seen_why);
	else if (faulty)
		settle(tr->rep, VERDICT_ERROR, fault);
	else if (m.bench)
		settle(tr->rep, VERDICT_ERROR, m.bench_why);
	else if (before == 0)
		settle(tr->rep, VERDICT_INCONCLUSIVE, "the device was not alive before the test");
	else if (!tr->held)
		settle(tr->rep, VERDICT_INCONCLUSIVE, tr->control_why);
	else if (tr->shape_why[0])
		settle(tr->rep, VERDICT_INCONCLUSIVE, tr->shape_why);
	else if (m.worst != VERDICT_PASS)
		settle(tr->rep, m.worst, m.why);
	else if (!all_done(trial_records(tr->attempt, "expect", tr->rep->rep->name), &tr->test->body.steps, hole, sizeof(hole)))
		settle(tr->rep, VERDICT_INCONCLUSIVE, hole);
	else if (before < 0 || after != 1)
		settle(tr->rep, VERDICT_INCONCLUSIVE, after == 0 ? "the device was not alive after the test" :
			"nobody looked whether the device was alive");
	else if (m.absence && !tr->shown)
		settle(tr->rep, VERDICT_INCONCLUSIVE, "nothing shows that this test could have seen the opposite");
	else
		settle(tr->rep, VERDICT_PASS, "");
}
