// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/cleanup.h"
#include "harness/judge_in.h"
#include "harness/value.h"

/* ---- as JSON ---- */
const char *judge_short_path(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (!strncmp(path, dir, n) && path[n] == '/')
		path += n + 1;
	return strncmp(path, "inputs/", 7) ? path : path + 7;
}

/* Takes every "DIR/inputs/" out of a message of the loader: verdicts do not depend on where the folder stands. */
void judge_forget_dir(const char *dir, char *text)
{
	char prefix[1100];
	size_t n;

	snprintf(prefix, sizeof(prefix), "%.1024s/inputs/", dir);
	n = strlen(prefix);
	for (char *p = text; (p = strstr(p, prefix));)
		memmove(p, p + n, strlen(p + n) + 1);
}

static json_t *id_list(const char *const *ids)
{
	json_t *out = json_array();

	for (; ids && *ids; ids++)
		json_array_append_new(out, json_string(*ids));
	return out;
}

static json_t *limits_json(const struct test *t, const char *dir)
{
	json_t *out = json_array();

	for (size_t i = 0; i < t->n_limits; i++) {
		const struct limit_value *v = &t->limit[i].now;
		char text[256] = "";

		if (!v->value)
			continue;
		if (json_is_string(v->value))
			text_add(text, sizeof(text), "%s", json_string_value(v->value));
		else
			value_text(v->value, v->type, text, sizeof(text));
		json_array_append_new(out, json_pack("{s:s,s:O,s:s,s:s,s:s,s:s,s:b}", "name", t->limit[i].name, "value", v->value,
			"type", value_type_name[v->type], "text", text, "origin", v->origin ? v->origin : "", "source",
			judge_short_path(dir, v->source ? v->source : ""), "flag", v->flag));
	}
	return out;
}

/* Each text once, in the order in which they came; `known` remembers them. */
static void add_texts(json_t *to, json_t *known, const json_t *from)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)(uintptr_t)from, i, e) {
		if (!json_is_string(e) || json_object_get(known, json_string_value(e)))
			continue;
		json_object_set_new(known, json_string_value(e), json_true());
		json_array_append(to, e);
	}
}

/* Steps of the test itself, not those inside procedures. open: "PART|REP|STEP" -> number of the record with which it began. */
static void add_step(json_t *steps, json_t *open, struct records *r, const struct record *rec)
{
	CLEANUP(free_json) json_t *whole = NULL;
	char key[800];

	snprintf(key, sizeof(key), "%s|%s|%s", rec->where->part, rec->where->rep, rec->spot->step);
	if (rec->kind == RECORD_step) {
		json_object_set_new(open, key, json_integer(rec->n));
		return;
	}
	whole = rec->ok && !rec->texted ? NULL : records_json(r, rec);
	json_array_append_new(steps, json_pack("{s:I,s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s}", "n",
		json_integer_value(json_object_get(open, key)), "rep", rec->where->rep, "part", rec->where->part, "label", rec->spot->label,
		"verb", rec->spot->verb, "begin_ns", (json_int_t)rec->begin_ns, "end_ns", (json_int_t)rec->end_ns, "status",
		rec->ok ? "ok" : text_of(whole, "status"), "text", text_of(whole, "text")));
}

static void add_scope(json_t *scope, json_t *known, struct records *r, const struct record *rec)
{
	json_t *whole = records_json(r, rec);

	add_texts(scope, known, json_object_get(whole, "scope"));
	json_decref(whole);
}

static void add_records(json_t *out, const struct attempts *as)
{
	json_t *steps = json_array(), *scope = json_array(), *known = json_object();

	for (size_t k = 0; k < as->n; k++) {
		const struct attempt *a = &as->a[k];
		json_t *open = json_object();

		for (size_t i = a->first; i <= a->last; i++) {
			const struct record *rec = records_at(a->records, i);

			if (rec->spot->inner || strcmp(rec->where->test, a->test) != 0)
				continue;
			if (rec->kind == RECORD_step || rec->kind == RECORD_done)
				add_step(steps, open, a->records, rec);
			if (rec->kind == RECORD_observe && rec->scoped && !strcmp(rec->where->part, "expect"))
				add_scope(scope, known, a->records, rec);
		}
		json_decref(open);
	}
	json_decref(known);
	json_object_set_new(out, "steps", steps);
	json_object_set_new(out, "scope", scope);
}

/* What the verdict rests on: the observers that its claims cite, not every line that was touched on the way. */
static json_t *cited(const json_t *claims)
{
	json_t *out = json_array(), *known = json_object(), *c;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)claims, i, c)
		add_texts(out, known, json_object_get(c, "observers"));
	json_decref(known);
	return out;
}

/* Beyond never_above: a finding on the document, beside the verdict on the device. */
static void add_limit_findings(const struct test *t, const char *dir, json_t *claims)
{
	for (size_t i = 0; i < t->n_limits; i++) {
		const struct limit_value *v = &t->limit[i].now;
		char text[128] = "", source[96] = "", bound[96] = "";

		if (!v->finding)
			continue;
		text_add(text, sizeof(text), "limit %s lies within its bounds", t->limit[i].name);
		text_add(source, sizeof(source), "declared beyond it at %s", judge_short_path(dir, v->source ? v->source : "?"));
		value_text(v->value, v->type, bound, sizeof(bound));
		json_array_append_new(claims, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[]}", "part", "limit", "rep", "", "text", text,
			"expected", bound, "actual", source, "truth", "false", "verdict", "REVIEW", "why",
			"the declaration claims more than the profile lets it", "at"));
	}
}

static json_t *claims_json(const struct test *t, const struct answer *best, size_t n, const char *dir)
{
	json_t *out = json_array();
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		any |= best[i].claims != NULL;
		if (best[i].claims)
			json_array_extend(out, best[i].claims);
	}
	if (any)
		add_limit_findings(t, dir, out);
	return out;
}

static json_t *reproduce(const struct test *t, const json_t *run)
{
	char text[512] = "";
	const char *id = text_of(run, "id");

	text_add(text, sizeof(text), "jusan run --bench runs/%s/inputs/bench.yaml --device runs/%s/inputs/device.yaml "
		 "--suites runs/%s/inputs/suites --profile runs/%s/inputs/profile.yaml --only %s --seed %lld", id, id, id, id, t->id,
		 (long long)json_integer_value(json_object_get(run, "seed")));
	if (json_integer_value(json_object_get(run, "repeat")) > 1)
		text_add(text, sizeof(text), " --repeat %lld", (long long)json_integer_value(json_object_get(run, "repeat")));
	if (json_integer_value(json_object_get(run, "unit")) > 1)
		text_add(text, sizeof(text), " --unit %lld", (long long)json_integer_value(json_object_get(run, "unit")));
	return json_string(text);
}

/* The state it needs, or all of them. */
static json_t *state_json(const struct test *t)
{
	char text[64] = "";
	const json_t *v;
	size_t i;

	for (size_t k = 0; t->state_each && k < t->n_each; k++)
		if (!strcmp(t->each[k].name, t->state_each))
			json_array_foreach(t->each[k].values, i, v)
				text_add(text, sizeof(text), "%s%s", i ? ", " : "", json_is_string(v) ? json_string_value(v) : "");
	return json_string(t->state_each ? text : t->state ? t->state : "");
}

static json_t *test_json(const struct test *t, const struct outcome *o, const json_t *run, const char *dir)
{
	return json_pack("{s:s,s:{s:s,s:s},s:s,s:o,s:o,s:o,s:s,s:s,s:o,s:o,s:s,s:I}", "id", t->id, "title", "en",
			 t->title_en ? t->title_en : "", "ja", t->title_ja ? t->title_ja : "", "guideline", t->guideline, "decides",
			 id_list(t->decides), "supports", id_list(t->supports), "state", state_json(t), "verdict",
			 verdict_name(o->verdict), "why", o->why, "limits", limits_json(t, dir), "reproduce", reproduce(t, run),
			 "file", judge_short_path(dir, t->file ? t->file : ""), "line", (json_int_t)t->at.line);
}

static void add_times(json_t *out, const struct attempts *as)
{
	const struct attempt *last = as->n ? &as->a[as->n - 1] : NULL;

	json_object_set_new(out, "unit", json_integer(last ? last->unit : 0));
	json_object_set_new(out, "attempts", json_integer((json_int_t)as->n));
	json_object_set_new(out, "begin_ns", json_integer(last ? as->a[0].begin_ns : 0));
	json_object_set_new(out, "end_ns", json_integer(last ? last->end_ns : 0));
}

/* PASS is never more than this: nothing found where it looked. */
static void say_scope(json_t *out, size_t reps)
{
	char why[512] = "no indication of a fault";
	size_t i;
	json_t *s;

	if (reps > 1)
		text_add(why, sizeof(why), " in %zu repetitions", reps);
	json_array_foreach(json_object_get(out, "scope"), i, s)
		text_add(why, sizeof(why), "%s %s", i ? ";" : ", scope:", json_string_value(s));
	json_object_set_new(out, "why", json_string(why));
}

json_t *judge_test_json(const struct test *t, const struct outcome *o, const struct attempts *as, const struct answer *best, size_t n,
			const json_t *run, const char *dir)
{
	json_t *out = test_json(t, o, run, dir);

	add_times(out, as);
	json_object_set_new(out, "claims", claims_json(t, best, n, dir));
	json_object_set_new(out, "observers", cited(json_object_get(out, "claims")));
	add_records(out, as);
	if (o->verdict == VERDICT_PASS)
		say_scope(out, n);
	return out;
}
