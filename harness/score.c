// SPDX-License-Identifier: Apache-2.0
#include "harness/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/grade.h"
#include "harness/misjudge.h"
#include "harness/result.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static enum verdict verdict_of(const json_t *o)
{
	enum verdict v = VERDICT_NOT_TESTED;

	return verdict_parse(text_of(o, "verdict"), &v) ? v : VERDICT_NOT_TESTED;
}

static bool names(const json_t *list, const char *id)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)list, i, e)
		if (json_is_string(e) && !strcmp(json_string_value(e), id))
			return true;
	return false;
}

static json_t *list_of(const json_t *o, const char *key)
{
	const json_t *list = json_object_get(o, key);

	return json_is_array(list) ? json_deep_copy(list) : json_array();
}

static const json_t *find(const json_t *list, const char *id)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)list, i, e)
		if (!strcmp(text_of(e, "id"), id))
			return e;
	return NULL;
}

/* ---- one requirement ---- */
static json_t *tests_that(const struct score_in *in, const char *role, const char *id)
{
	json_t *ids = json_array(), *t;
	size_t i;

	json_array_foreach((json_t *)in->tests, i, t)
		if (names(json_object_get(t, role), id))
			json_array_append(ids, json_object_get(t, "id"));
	return ids;
}

static const json_t *failed_test(const struct score_in *in, const char *id)
{
	size_t i;
	json_t *t;

	json_array_foreach((json_t *)in->tests, i, t)
		if ((names(json_object_get(t, "decides"), id) || names(json_object_get(t, "supports"), id)) &&
		    verdict_of(t) == VERDICT_FAIL)
			return t;
	return NULL;
}

/* A test of it that was to be run and gave no good answer: it might have shown that the requirement applies. */
static const json_t *unheard_test(const struct score_in *in, const char *id)
{
	size_t i;
	json_t *t;

	json_array_foreach((json_t *)in->tests, i, t)
		if ((names(json_object_get(t, "decides"), id) || names(json_object_get(t, "supports"), id)) &&
		    json_object_get(in->planned, text_of(t, "id")) && verdict_of(t) != VERDICT_PASS &&
		    verdict_of(t) != VERDICT_NOT_APPLICABLE)
			return t;
	return NULL;
}

static enum verdict worst_deciding(const struct score_in *in, const char *id, char *why, size_t n)
{
	enum verdict worst = VERDICT_NOT_APPLICABLE;
	const json_t *first = NULL;
	size_t i;
	json_t *t;

	json_array_foreach((json_t *)in->tests, i, t) {
		if (!names(json_object_get(t, "decides"), id))
			continue;
		if (first && verdict_severity(verdict_of(t)) <= verdict_severity(worst))
			continue;
		worst = verdict_of(t);
		first = t;
	}
	if (!first)
		return VERDICT_NOT_TESTED;
	text_add(why, n, "%s: %s", text_of(first, "id"),
		 text_of(first, "why")[0] ? text_of(first, "why") : verdict_doc(worst));
	return worst;
}

/* A record that a reviewer decided against the device: it counts wherever it serves, like a test that only supports. */
static const json_t *failed_record(const struct score_in *in, const json_t *req)
{
	size_t i;
	json_t *id;

	json_array_foreach(json_object_get(req, "records"), i, id) {
		const json_t *r = find(in->records, json_is_string(id) ? json_string_value(id) : "");

		if (verdict_of(r) == VERDICT_FAIL)
			return r;
	}
	return NULL;
}

/* A decision against the device that cannot count any more (expired, without seal, its document gone): it is not forgotten. */
static const json_t *doubtful_record(const struct score_in *in, const json_t *req)
{
	size_t i;
	json_t *id;

	json_array_foreach(json_object_get(req, "records"), i, id) {
		const json_t *r = find(in->records, json_is_string(id) ? json_string_value(id) : "");

		if (verdict_of(r) == VERDICT_REVIEW && !strcmp(text_of(json_object_get(r, "decision"), "decide"), "fail"))
			return r;
	}
	return NULL;
}

/* Documents and people decide: the worst of the records, and of the tests that decide it as well. */
static enum verdict worst_record(const struct score_in *in, const json_t *req, char *why, size_t n)
{
	enum verdict worst = VERDICT_NOT_APPLICABLE, test;
	char says[400] = "";
	size_t i;
	json_t *id;

	if (!json_array_size(json_object_get(req, "records"))) {
		text_add(why, n, "documents and people decide this; no record is named");
		return VERDICT_NOT_TESTED;
	}
	json_array_foreach(json_object_get(req, "records"), i, id) {
		const char *name = json_is_string(id) ? json_string_value(id) : "?";
		const json_t *r = find(in->records, name);
		enum verdict v = r ? verdict_of(r) : VERDICT_REVIEW;

		if (i && verdict_severity(v) <= verdict_severity(worst))
			continue;
		worst = v;
		why[0] = '\0';
		text_add(why, n, "record %s: %s", name, r ? text_of(r, "why") : "waits for a decision");
	}
	test = worst_deciding(in, text_of(req, "id"), says, sizeof(says));
	if (says[0] && verdict_severity(test) > verdict_severity(worst)) {
		worst = test;
		why[0] = '\0';
		text_add(why, n, "%s", says);
	}
	return worst;
}

static const json_t *not_applicable(const struct score_in *in, const char *id)
{
	const json_t *na = json_object_get(in->not_applicable, id);

	return text_of(na, "why")[0] && text_of(na, "evidence")[0] ? na : NULL;
}

static enum verdict by_tests(const struct score_in *in, const char *id, char *why, size_t n)
{
	enum verdict v = worst_deciding(in, id, why, n);
	json_t *supported;

	if (v == VERDICT_NOT_TESTED && !why[0]) {
		supported = tests_that(in, "supports", id);
		text_add(why, n, json_array_size(supported) ? "tests support it, none decides it" : "no test decides it");
		json_decref(supported);
	}
	return v;
}

static enum verdict judge_one(const struct score_in *in, const json_t *req, char *why, size_t n)
{
	const char *id = text_of(req, "id");
	const json_t *na = not_applicable(in, id), *t = failed_test(in, id), *r = failed_record(in, req), *doubt = doubtful_record(in, req);
	const json_t *unheard = na ? unheard_test(in, id) : NULL;
	enum verdict v = VERDICT_NOT_APPLICABLE;

	if (t || r) {
		text_add(why, n, t ? "%s: %s" : "record %s: %s", text_of(t ? t : r, "id"), text_of(t ? t : r, "why"));
		return VERDICT_FAIL;
	}
	if (unheard) {
		v = verdict_of(unheard);
		text_add(why, n, "declared not applicable, but %s might have told otherwise: %s", text_of(unheard, "id"), text_of(unheard, "why"));
	} else if (na)
		text_add(why, n, "%s (evidence: %s)", text_of(na, "why"), text_of(na, "evidence"));
	else
		v = !strcmp(text_of(req, "class"), "c") ? worst_record(in, req, why, n) : by_tests(in, id, why, n);
	if (doubt && verdict_severity(v) < verdict_severity(VERDICT_REVIEW)) {
		v = VERDICT_REVIEW;
		why[0] = '\0';
		text_add(why, n, "record %s was decided against it: %s", text_of(doubt, "id"), text_of(doubt, "why"));
	}
	return v;
}

/* Does the verdict rest on a test with a limit that nobody chose? */
static bool on_default(const struct score_in *in, const json_t *req)
{
	size_t i;
	json_t *id;

	json_array_foreach(json_object_get(req, "decided_by"), i, id)
		if (json_array_size(json_object_get(find(in->tests, json_is_string(id) ? json_string_value(id) : ""), "on_default")))
			return true;
	return false;
}

/* What stands beside the verdict: the declared condition, marks of known misjudgements (they may make it worse), the grade. */
static void weigh(const struct score_in *in, json_t *out, const char *id)
{
	const json_t *na = not_applicable(in, id);
	json_t *marks = in->marks ? json_incref(in->marks) : json_array();

	if (na)
		json_object_set_new(out, "not_applicable", json_pack("{s:s,s:s}", "why", text_of(na, "why"), "evidence", text_of(na, "evidence")));
	json_object_set_new(out, "on_default", json_boolean(on_default(in, out)));
	misjudge_requirement(out, marks);
	grade_requirement(out, in->tests, in->records);
	json_decref(marks);
}

static json_t *requirement(const struct score_in *in, const json_t *req)
{
	static const char *const copied[] = { "id", "guideline", "text", "phrase", "force", "class", "alias", NULL };
	char why[400] = "";
	const char *alias = text_of(req, "alias");
	const json_t *target = alias[0] ? find(json_object_get(in->requirements, "requirements"), alias) : NULL;
	enum verdict v = judge_one(in, target ? target : req, why, sizeof(why));
	json_t *out = json_object();

	for (const char *const *k = copied; *k; k++)
		if (json_object_get(req, *k))
			json_object_set(out, *k, json_object_get(req, *k));
	json_object_set_new(out, "who", list_of(req, "who"));
	json_object_set_new(out, "records", list_of(req, "records"));
	json_object_set_new(out, "decided_by", tests_that(in, "decides", target ? alias : text_of(req, "id")));
	json_object_set_new(out, "supported_by", tests_that(in, "supports", target ? alias : text_of(req, "id")));
	json_object_set_new(out, "verdict", json_string(verdict_name(v)));
	if (target) {
		char same[480] = "";

		text_add(same, sizeof(same), "the same as %s: %s", alias, why);
		json_object_set_new(out, "why", json_string(same));
	} else {
		json_object_set_new(out, "why", json_string(why));
	}
	weigh(in, out, target ? alias : text_of(req, "id"));
	return out;
}

/* ---- a guideline ---- */
struct sums { int64_t met, unknown, all; };
struct cover { int evaluated, applicable; };

static int weight_of(const json_t *req)
{
	const char *force = text_of(req, "force");

	return json_object_get(req, "alias") ? 0 : !strcmp(force, "shall") ? 3 : !strcmp(force, "should") ? 2 : 0;
}

static void add_sums(struct sums *s, const json_t *req)
{
	enum verdict v = verdict_of(req);
	int w = weight_of(req);

	if (v == VERDICT_NOT_APPLICABLE)
		return;
	s->all += w;
	s->met += v == VERDICT_PASS ? w : 0;
	s->unknown += v != VERDICT_PASS && v != VERDICT_FAIL ? w : 0;
}

static void add_cover(struct cover c[4], const json_t *req)
{
	const char *cls = text_of(req, "class");
	enum verdict v = verdict_of(req);
	int at = cls[0] >= 'a' && cls[0] <= 'c' ? cls[0] - 'a' + 1 : 0;

	for (int i = 0; i <= at; i += at ? at : 1) {
		c[i].applicable += v != VERDICT_NOT_APPLICABLE;
		c[i].evaluated += v == VERDICT_PASS || v == VERDICT_FAIL;
	}
}

static json_t *cover_json(const struct cover c[4])
{
	static const char *const name[] = { "all", "a", "b", "c" };
	json_t *out = json_object();

	for (int i = 0; i < 4; i++)
		json_object_set_new(out, name[i], json_pack("{s:i,s:i}", "evaluated", c[i].evaluated, "applicable", c[i].applicable));
	return out;
}

/* The worst of those with that force; NOT_APPLICABLE when there is none. */
static enum verdict worst_of(const json_t *reqs, const char *guideline, const char *force)
{
	enum verdict worst = VERDICT_NOT_APPLICABLE;
	size_t i;
	json_t *r;

	json_array_foreach((json_t *)reqs, i, r)
		if (!strcmp(text_of(r, "guideline"), guideline) && !strcmp(text_of(r, "force"), force) &&
		    verdict_severity(verdict_of(r)) > verdict_severity(worst))
			worst = verdict_of(r);
	return worst;
}

static json_t *score_json(const struct sums *s)
{
	json_int_t low = s->all ? s->met * 1000000 / s->all : 0;
	json_int_t high = s->all ? ((s->met + s->unknown) * 1000000 + s->all - 1) / s->all : 1000000;

	return json_pack("{s:I,s:I}", "low", low, "high", high);
}

static json_t *guideline(const struct score_in *in, const json_t *g, const json_t *reqs)
{
	const char *id = text_of(g, "id");
	const json_t *title = json_object_get(g, "title"), *priority = json_object_get(g, "priority");
	struct cover cover[4] = { 0 };
	struct sums sums = { 0 };
	json_t *ids = json_array(), *tests = json_array(), *e;
	size_t i;

	json_array_foreach((json_t *)reqs, i, e)
		if (!strcmp(text_of(e, "guideline"), id)) {
			json_array_append(ids, json_object_get(e, "id"));
			add_sums(&sums, e);
			add_cover(cover, e);
		}
	json_array_foreach((json_t *)in->tests, i, e)
		if (!strcmp(text_of(e, "guideline"), id))
			json_array_append(tests, json_object_get(e, "id"));
	return json_pack("{s:s,s:{s:s,s:s},s:b,s:s,s:s,s:o,s:o,s:o,s:o}", "id", id, "title", "en", text_of(title, "en"), "ja",
			 text_of(title, "ja"), "priority", json_is_true(priority) || !strcmp(text_of(g, "priority"), "highest"),
			 "verdict", verdict_name(worst_of(reqs, id, "shall")), "should_verdict",
			 verdict_name(worst_of(reqs, id, "should")), "score", score_json(&sums), "coverage", cover_json(cover),
			 "requirements", ids, "tests", tests);
}

/* ---- the whole ---- */
static json_t *gate(const struct score_in *in, const json_t *reqs)
{
	char why[400] = "";
	int failed = 0, open = 0, met = 0;
	const char *verdict, *first = "";
	size_t i;
	json_t *r;

	json_array_foreach((json_t *)reqs, i, r) {
		enum verdict v = verdict_of(r);

		if (strcmp(text_of(r, "force"), "shall") || v == VERDICT_NOT_APPLICABLE)
			continue;
		if (v == VERDICT_FAIL && !failed++)
			first = text_of(r, "id");
		open += v != VERDICT_FAIL && v != VERDICT_PASS;
		met += v == VERDICT_PASS;
	}
	verdict = failed ? "NOT MET" : open || !met || in->rehearsal ? "OPEN" : "MET";
	if (failed)
		text_add(why, sizeof(why), "%d shall requirement%s failed, first %s", failed, failed == 1 ? "" : "s", first);
	else if (open)
		text_add(why, sizeof(why), "%d shall requirement%s without an answer", open, open == 1 ? "" : "s");
	else
		text_add(why, sizeof(why), met ? "every applicable shall requirement passed" : "there is nothing to meet");
	if (in->rehearsal)
		text_add(why, sizeof(why), "; profile %s is a rehearsal and never meets the gate", in->profile ? in->profile : "?");
	return json_pack("{s:s,s:s,s:b}", "verdict", verdict, "why", why, "rehearsal", in->rehearsal);
}

static json_t *counts(const json_t *tests)
{
	int n[VERDICT_COUNT] = { 0 };
	json_t *out = json_object(), *t;
	size_t i;

	json_array_foreach((json_t *)tests, i, t)
		n[verdict_of(t)]++;
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(out, verdict_name((enum verdict)v), json_integer(n[v]));
	return out;
}

void score(const struct score_in *in, json_t *verdicts)
{
	json_t *reqs = json_array(), *guidelines = json_array(), *e;
	int decided = 0;
	size_t i;

	json_array_foreach(json_object_get(in->requirements, "requirements"), i, e)
		json_array_append_new(reqs, requirement(in, e));
	json_array_foreach(json_object_get(in->requirements, "guidelines"), i, e)
		json_array_append_new(guidelines, guideline(in, e, reqs));
	json_array_foreach(reqs, i, e) {
		enum verdict v = verdict_of(e);

		decided += v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_NOT_APPLICABLE;
	}
	json_object_set_new(verdicts, "decided", json_integer(decided));
	json_object_set_new(verdicts, "open", json_integer((json_int_t)json_array_size(reqs) - decided));
	json_object_set_new(verdicts, "of", json_integer((json_int_t)json_array_size(reqs)));
	json_object_set_new(verdicts, "counts", counts(in->tests));
	json_object_set_new(verdicts, "gate", gate(in, reqs));
	json_object_set_new(verdicts, "guidelines", guidelines);
	json_object_set_new(verdicts, "requirements", reqs);
}
