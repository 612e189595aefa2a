// SPDX-License-Identifier: Apache-2.0
#include "harness/diff.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/units.h"
#include "harness/diff_in.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *one(const json_t *v)
{
	return v ? json_incref((json_t *)(uintptr_t)v) : json_null();
}

static bool same(const json_t *a, const json_t *b)
{
	return (!a && !b) || (a && b && json_equal(a, b));
}

static json_t *pair(const json_t *a, const json_t *b)
{
	return json_pack("{s:o,s:o}", "a", one(a), "b", one(b));
}

/* Sets out[as] when the values under `key` differ; returns whether they do. */
static bool put_pair(json_t *out, const char *as, const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	if (same(x, y))
		return false;
	json_object_set_new(out, as, pair(x, y));
	return true;
}

static const json_t *find(const json_t *list, const char *key, const char *value)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)(uintptr_t)list, i, e)
		if (!strcmp(text_of(e, key), value))
			return e;
	return NULL;
}

/* id -> entry, borrowed inside; new reference. */
static json_t *by_id(const json_t *list)
{
	json_t *out = json_object(), *e;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, e)
		json_object_set(out, text_of(e, "id"), e);
	return out;
}

/* ---- what else the runs differ in ---- */
static json_t *run_diff(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "maker", "product", "model", "hardware", "firmware", "firmware_sha256", "serial", "unit",
					    "bench", "machine", "profile", "profile_sha256", "device_sha256", "bench_sha256", "seed", "repeat",
					    "tool", "only", "suites", "state", NULL };
	const json_t *x = json_object_get(a, "run"), *y = json_object_get(b, "run");
	json_t *out = json_array();

	for (const char *const *k = keys; *k; k++)
		if (!same(json_object_get(x, *k), json_object_get(y, *k)))
			json_array_append_new(out, json_pack("{s:s,s:s,s:o,s:o}", "what", *k, "class", diff_class(*k), "a",
							     one(json_object_get(x, *k)), "b", one(json_object_get(y, *k))));
	return out;
}

/* ---- guidelines and requirements ---- */
static void guideline_diff(json_t *out, const json_t *was, const json_t *is)
{
	json_t *d = json_pack("{s:s}", "id", text_of(is ? is : was, "id"));
	bool differs = put_pair(d, "verdict", was, is, "verdict");

	differs |= put_pair(d, "should", was, is, "should_verdict");
	differs |= put_pair(d, "score", was, is, "score");
	if (differs)
		json_array_append(out, d);
	json_decref(d);
}

static void requirement_diff(json_t *out, const json_t *was, const json_t *is)
{
	json_t *d = json_pack("{s:s}", "id", text_of(is ? is : was, "id"));

	if (put_pair(d, "verdict", was, is, "verdict")) {
		json_object_set_new(d, "why", pair(json_object_get(was, "why"), json_object_get(is, "why")));
		json_array_append(out, d);
	}
	json_decref(d);
}

/* Those of b beside their like in a, then those that only a has. */
static json_t *list_diff(const json_t *a, const json_t *b, void (*one_diff)(json_t *out, const json_t *was, const json_t *is))
{
	json_t *x = by_id(a), *y = by_id(b), *out = json_array(), *e;
	const char *id;

	json_object_foreach(y, id, e)
		one_diff(out, json_object_get(x, id), e);
	json_object_foreach(x, id, e)
		if (!json_object_get(y, id))
			one_diff(out, e, NULL);
	json_decref(x);
	json_decref(y);
	return out;
}

/* ---- limits ---- */
static json_t *limit_text(const json_t *l)
{
	char text[400] = "";

	if (!l)
		return json_null();
	text_add(text, sizeof(text), "%.200s (%.40s%s)", text_of(l, "text"), text_of(l, "origin"),
		 json_is_true(json_object_get(l, "flag")) ? ", flagged" : "");
	return json_string(text);
}

static void limit_diff(json_t *out, const char *name, const json_t *was, const json_t *is)
{
	json_t *a = limit_text(was), *b = limit_text(is);

	if (!json_equal(a, b))
		json_array_append_new(out, json_pack("{s:s,s:O,s:O}", "name", name, "a", a, "b", b));
	json_decref(a);
	json_decref(b);
}

static json_t *limits_diff(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(a, "limits"), *y = json_object_get(b, "limits");
	json_t *out = json_array(), *l;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)y, i, l)
		limit_diff(out, text_of(l, "name"), find(x, "name", text_of(l, "name")), l);
	json_array_foreach((json_t *)(uintptr_t)x, i, l)
		if (!find(y, "name", text_of(l, "name")))
			limit_diff(out, text_of(l, "name"), l, NULL);
	return out;
}

/* ---- claims ---- */
/* "the back.after at most 60s" -> "the back.after": its operand may be another one now. Without LABEL.FACT: all of it. */
static void subject_of(const char *text, char *buf, size_t n)
{
	const char *p = text, *word = NULL;
	size_t first = strcspn(text, " "), len = 0;

	while (*p && !word) {
		len = strcspn(p, " ");
		if (memchr(p, '.', len))
			word = p;
		p += len + (p[len] == ' ');
	}
	buf[0] = '\0';
	if (word)
		text_add(buf, n, "%.*s %.*s", (int)(first < 64 ? first : 64), text, (int)(len < 200 ? len : 200), word);
	else
		text_add(buf, n, "%.255s", text);
}

/* key -> claim, in their order; the same question twice gets a number. */
static json_t *by_question(const json_t *claims)
{
	json_t *out = json_object(), *seen = json_object(), *c;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)claims, i, c) {
		char subject[300], key[1400];
		json_int_t n;

		subject_of(text_of(c, "text"), subject, sizeof(subject));
		key[0] = '\0';
		text_add(key, sizeof(key), "%.40s|%.800s|%s", text_of(c, "part"), text_of(c, "rep"), subject);
		n = json_integer_value(json_object_get(seen, key));
		json_object_set_new(seen, key, json_integer(n + 1));
		text_add(key, sizeof(key), "|%lld", (long long)n);
		json_object_set(out, key, c);
	}
	json_decref(seen);
	return out;
}

static json_t *claim_head(const json_t *c)
{
	return json_pack("{s:s,s:s,s:s}", "rep", text_of(c, "rep"), "part", text_of(c, "part"), "text", text_of(c, "text"));
}

static void claim_diff(json_t *out, const json_t *was, const json_t *is, json_int_t *measured)
{
	json_t *d = claim_head(is);

	if (put_pair(d, "truth", was, is, "truth")) {
		json_object_set_new(d, "expected", pair(json_object_get(was, "expected"), json_object_get(is, "expected")));
		json_object_set_new(d, "actual", pair(json_object_get(was, "actual"), json_object_get(is, "actual")));
		json_object_set_new(d, "at", pair(json_object_get(was, "at"), json_object_get(is, "at")));
		json_array_append(out, d);
	} else {
		*measured += !same(json_object_get(was, "actual"), json_object_get(is, "actual"));
	}
	json_decref(d);
}

static void only(json_t *out, const json_t *claim, const char *side)
{
	static const char *const told[] = { "truth", "expected", "actual", "at", NULL };
	json_t *d = claim_head(claim);
	bool first = side[0] == 'a';

	json_object_set_new(d, "only", json_string(side));
	for (const char *const *k = told; *k; k++)
		json_object_set_new(d, *k, pair(first ? json_object_get(claim, *k) : NULL, first ? NULL : json_object_get(claim, *k)));
	json_array_append_new(out, d);
}

static json_t *claims_diff(const json_t *a, const json_t *b, json_int_t *measured)
{
	json_t *x = by_question(json_object_get(a, "claims")), *y = by_question(json_object_get(b, "claims")), *out = json_array(), *c;
	const char *key;

	json_object_foreach(y, key, c) {
		const json_t *was = json_object_get(x, key);

		if (was)
			claim_diff(out, was, c, measured);
		else
			only(out, c, "b");
	}
	json_object_foreach(x, key, c)
		if (!json_object_get(y, key))
			only(out, c, "a");
	json_decref(x);
	json_decref(y);
	return out;
}

/* ---- tests ---- */
static json_t *test_head(const json_t *t)
{
	return json_pack("{s:s,s:s}", "id", text_of(t, "id"), "title", text_of(json_object_get(t, "title"), "en"));
}

static void test_diff(json_t *out, const json_t *run, const json_t *was, const json_t *is, json_int_t *measured)
{
	json_t *d = test_head(is), *limits = limits_diff(was, is), *claims = claims_diff(was, is, measured);
	bool differs = put_pair(d, "verdict", was, is, "verdict");

	if (differs)
		json_object_set_new(d, "why", pair(json_object_get(was, "why"), json_object_get(is, "why")));
	differs |= put_pair(d, "rounds", was, is, "round_verdicts");
	json_object_set_new(d, "reasons", diff_reasons(run, limits, was, is));
	json_object_set_new(d, "limits", limits);
	json_object_set_new(d, "claims", claims);
	if (differs || json_array_size(limits) || json_array_size(claims))
		json_array_append(out, d);
	json_decref(d);
}

static json_t *tests_diff(const json_t *a, const json_t *b, const json_t *run, json_int_t *measured)
{
	json_t *x = by_id(json_object_get(a, "tests")), *y = by_id(json_object_get(b, "tests")), *out = json_array(), *t;
	const char *id;

	for (int side = 0; side < 2; side++)
		json_object_foreach(side ? x : y, id, t) {
			const json_t *other = json_object_get(side ? y : x, id);
			json_t *d;

			if (other && !side)
				test_diff(out, run, other, t, measured);
			if (other)
				continue;
			d = test_head(t);
			json_object_set_new(d, "only", json_string(side ? "a" : "b"));
			json_object_set_new(d, "verdict", pair(side ? json_object_get(t, "verdict") : NULL,
							       side ? NULL : json_object_get(t, "verdict")));
			json_array_append_new(out, d);
		}
	json_decref(x);
	json_decref(y);
	return out;
}

json_t *diff_results(const json_t *a, const json_t *b)
{
	json_int_t measured = 0;
	json_t *run = run_diff(a, b), *tests = tests_diff(a, b, run, &measured);
	json_t *requirements = list_diff(json_object_get(a, "requirements"), json_object_get(b, "requirements"), requirement_diff);
	json_t *guidelines = list_diff(json_object_get(a, "guidelines"), json_object_get(b, "guidelines"), guideline_diff);
	json_t *out = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:I}", "format", "jusan-diff/1", "a", one(json_object_get(a, "run")), "b",
				one(json_object_get(b, "run")), "run", run, "guidelines", guidelines, "requirements",
				requirements, "tests", tests, "measured", measured);
	bool gate = put_pair(out, "gate", json_object_get(a, "gate"), json_object_get(b, "gate"), "verdict");

	json_object_set_new(out, "differences", json_integer((json_int_t)(json_array_size(tests) + json_array_size(requirements) +
									   json_array_size(guidelines) + (gate ? 1 : 0))));
	return out;
}
