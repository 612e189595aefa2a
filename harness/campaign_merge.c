// SPDX-License-Identifier: Apache-2.0
// What the units of a campaign show together: what each has to be compared with, and one verdict a test.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/campaign_judge.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static const json_t *test_of(const json_t *verdict, const char *id)
{
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(verdict, "tests"), i, t)
		if (!strcmp(text_of(t, "id"), id))
			return t;
	return NULL;
}

/* ---- what each has to be compared with ---- */
/* The same claim in another unit; NULL when it was not judged there. */
static const json_t *same_claim(const json_t *test, const json_t *claim)
{
	const json_t *fact = json_object_get(json_object_get(claim, "compared"), "fact");
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(test, "claims"), i, c)
		if (json_equal(json_object_get(json_object_get(c, "compared"), "fact"), fact) &&
		    !strcmp(text_of(c, "part"), text_of(claim, "part")) && !strcmp(text_of(c, "rep"), text_of(claim, "rep")))
			return c;
	return NULL;
}

/* Do two runs show two devices? Their serials must differ (the maker's word), and their MACs, where they are declared: by
 * its MAC the device got its address. */
static bool apart(const json_t *a, const json_t *b)
{
	const json_t *serial[] = { json_object_get(a, "serial"), json_object_get(b, "serial") };
	const json_t *mac[] = { json_object_get(a, "mac"), json_object_get(b, "mac") };
	bool serials = serial[0] && serial[1] && !json_equal(serial[0], serial[1]), macs = mac[0] && mac[1] && !json_equal(mac[0], mac[1]);

	if (mac[0] && mac[1] && !macs)
		return false;
	return serials || macs;
}

static bool one_key(const json_t *a, const json_t *b)
{
	return text_of(a, "campaign")[0] && !strcmp(text_of(a, "campaign"), text_of(b, "campaign"));
}

/* A unit that has no such claim is a peer that showed nothing. */
static json_t *peer_json(const json_t *mine, const json_t *other, const char *test, const json_t *claim)
{
	const json_t *a = json_object_get(mine, "run"), *b = json_object_get(other, "run");
	const json_t *compared = json_object_get(same_claim(test_of(other, test), claim), "compared");
	const json_t *values = json_object_get(compared, "values");

	return json_pack("{s:I,s:b,s:b,s:b,s:o}", "unit", json_integer_value(json_object_get(b, "unit")), "whole",
			 json_is_true(json_object_get(compared, "whole")), "apart", apart(a, b), "keyed", one_key(a, b), "values",
			 json_is_array(values) ? json_deep_copy(values) : json_array());
}

static void add_peers(json_t *out, json_t *const *verdict, size_t n, size_t me, const char *test, const json_t *claim)
{
	const char *fact = text_of(json_object_get(claim, "compared"), "fact");
	char place[800];
	json_t *facts, *list = json_array();

	judge_place(place, sizeof(place), test, text_of(claim, "part"), text_of(claim, "rep"));
	for (size_t k = 0; k < n; k++)
		if (k != me && verdict[k])
			json_array_append_new(list, peer_json(verdict[me], verdict[k], test, claim));
	facts = json_object_get(out, place);
	if (!facts) {
		facts = json_object();
		json_object_set_new(out, place, facts);
	}
	json_object_set_new(facts, fact, list);
}

json_t *campaign_peers(json_t *const *verdict, size_t n, size_t me)
{
	json_t *out = json_object(), *t, *c;
	size_t i, k;

	json_array_foreach(json_object_get(verdict[me], "tests"), i, t)
		json_array_foreach(json_object_get(t, "claims"), k, c)
			if (json_object_get(c, "compared"))
				add_peers(out, verdict, n, me, text_of(t, "id"), c);
	return out;
}

/* ---- one verdict a test ---- */
static enum verdict verdict_of(const json_t *o)
{
	enum verdict v = VERDICT_NOT_TESTED;

	return verdict_parse(text_of(o, "verdict"), &v) ? v : VERDICT_NOT_TESTED;
}

static void add_unique(json_t *to, const json_t *from)
{
	size_t i, k;
	json_t *e, *have;

	json_array_foreach((json_t *)(uintptr_t)from, i, e) {
		bool known = false;

		json_array_foreach(to, k, have)
			known |= json_equal(have, e) != 0;
		if (!known)
			json_array_append(to, e);
	}
}

/* Evidence lies in the run of that unit. */
static json_t *pointers_of(const json_t *at, json_int_t unit)
{
	json_t *out = json_array(), *p;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)at, i, p) {
		static const char *const file[] = { "file", "capture" };
		json_t *copy = json_deep_copy(p);

		for (int k = 0; k < 2; k++)
			if (json_is_string(json_object_get(p, file[k])))
				json_object_set_new(copy, file[k], json_sprintf("unit%lld/%s", (long long)unit, text_of(p, file[k])));
		if (json_object_get(p, "journal"))
			json_object_set_new(copy, "unit", json_integer(unit));
		json_array_append_new(out, copy);
	}
	return out;
}

/* What contradicts the declaration, whichever unit showed it; each once, at the first unit. */
json_t *campaign_findings(json_t *const *verdict, size_t n)
{
	CLEANUP(free_json) json_t *known = json_object();
	json_t *out = json_array(), *f;
	size_t k;

	for (size_t i = 0; i < n; i++)
		json_array_foreach(json_object_get(verdict[i], "findings"), k, f) {
			CLEANUP(free_json) json_t *key = json_sprintf("%s %s", text_of(f, "where"), text_of(f, "text"));
			json_t *copy = json_deep_copy(f), *seen = json_object_get(f, "seen");

			if (seen) {
				json_t *one = json_pack("[O]", seen), *moved = pointers_of(one, json_integer_value(json_object_get(json_object_get(verdict[i], "run"), "unit")));

				json_object_set(copy, "seen", json_array_get(moved, 0));
				json_decref(moved);
				json_decref(one);
			}
			if (!json_object_get(known, json_string_value(key)))
				json_array_append(out, copy);
			json_object_set_new(known, json_string_value(key), json_true());
			json_decref(copy);
		}
	return out;
}

static void add_claims(json_t *to, const json_t *test, json_int_t unit)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(test, "claims"), i, c) {
		json_t *copy = json_deep_copy(c);
		const char *rep = text_of(c, "rep");

		json_object_set_new(copy, "rep", json_sprintf("unit=%lld%s%s", (long long)unit, rep[0] ? "," : "", rep));
		json_object_set_new(copy, "at", pointers_of(json_object_get(c, "at"), unit));
		json_array_append_new(to, copy);
	}
}

static json_t *unit_json(const json_t *run, const json_t *test)
{
	static const char *const copied[] = { "rounds", "flaky", "round_verdicts", "grade", "grade_why", NULL };
	json_t *out = json_pack("{s:O*,s:O*,s:O*,s:s,s:s}", "unit", json_object_get(run, "unit"), "serial", json_object_get(run, "serial"), "run",
				json_object_get(run, "run"), "verdict", verdict_name(verdict_of(test)), "why", text_of(test, "why"));

	for (const char *const *k = copied; *k; k++)
		if (json_object_get(test, *k))
			json_object_set(out, *k, json_object_get(test, *k));
	return out;
}

/* One reason for all: a test that no probe serves, a run limited to other tests. */
static bool all_say(const json_t *units)
{
	const json_t *first = json_array_get(units, 0);
	size_t i;
	json_t *u;

	json_array_foreach((json_t *)(uintptr_t)units, i, u)
		if (!json_equal(json_object_get(u, "why"), json_object_get(first, "why")) ||
		    !json_equal(json_object_get(u, "verdict"), json_object_get(first, "verdict")))
			return false;
	return true;
}

static json_t *why_of(const json_t *run, const json_t *test, const json_t *units, const json_t *scope)
{
	char why[512] = "";
	size_t i;
	json_t *s;

	if (verdict_of(test) != VERDICT_PASS && all_say(units))
		return json_string(text_of(test, "why"));
	if (verdict_of(test) != VERDICT_PASS) {
		text_add(why, sizeof(why), "unit %lld: %s", (long long)json_integer_value(json_object_get(run, "unit")),
			 text_of(test, "why"));
		return json_string(why);
	}
	text_add(why, sizeof(why), "no indication of a fault in %zu units", json_array_size(units));
	json_array_foreach((json_t *)(uintptr_t)scope, i, s)
		text_add(why, sizeof(why), "%s %s", i ? ";" : ", scope:", json_string_value(s));
	return json_string(why);
}

static bool shares(const json_t *test)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(test, "claims"), i, c)
		if (json_object_get(c, "compared") && !strcmp(text_of(c, "truth"), "false"))
			return true;
	return false;
}

/* What one unit did wrong shows in its run alone; what two share takes both and a campaign. */
static json_t *reproduce(const json_t *runs, json_t *const *verdict, size_t n, const json_t *worst)
{
	json_t *out;

	if (!shares(worst))
		return json_string(text_of(worst, "reproduce"));
	out = json_string("");
	for (size_t i = 0; i <= n; i++) {
		const json_t *t = i < n ? test_of(verdict[i], text_of(worst, "id")) : NULL;
		long long unit = json_integer_value(json_object_get(json_array_get(runs, i), "unit"));
		const char *so_far = json_string_value(out);
		json_t *longer = i == n ? json_sprintf("%sjusan campaign again/all again/unit*", so_far) :
				 json_sprintf("%s%s --campaign again/key --out again/unit%lld && ", so_far, text_of(t, "reproduce"), unit);

		json_decref(out);
		out = longer;
	}
	return out;
}

static json_t *merge(const json_t *runs, json_t *const *verdict, size_t n, const char *id)
{
	json_t *claims = json_array(), *units = json_array(), *scope = json_array(), *observers = json_array(), *out;
	const json_t *worst = NULL, *of = NULL;
	json_int_t attempts = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *run = json_array_get(runs, i), *t = test_of(verdict[i], id);

		json_array_append_new(units, unit_json(run, t));
		if (!worst || verdict_severity(verdict_of(t)) > verdict_severity(verdict_of(worst))) {
			worst = t;
			of = run;
		}
		add_claims(claims, t, json_integer_value(json_object_get(run, "unit")));
		add_unique(scope, json_object_get(t, "scope"));
		add_unique(observers, json_object_get(t, "observers"));
		attempts += json_integer_value(json_object_get(t, "attempts"));
	}
	out = json_deep_copy(worst);
	json_object_set_new(out, "verdict", json_string(verdict_name(verdict_of(worst))));
	json_object_set_new(out, "why", why_of(of, worst, units, scope));
	json_object_set_new(out, "claims", claims);
	json_object_set_new(out, "units", units);
	json_object_set_new(out, "scope", scope);
	json_object_set_new(out, "observers", observers);
	json_object_set_new(out, "attempts", json_integer(attempts));
	json_object_set_new(out, "reproduce", reproduce(runs, verdict, n, worst));
	json_object_set_new(out, "steps", json_array());
	for (const char *const *k = (const char *const[]){ "decision", "used", "unused", NULL }; *k; k++)
		json_object_del(out, *k);       /* people decided on a unit; on the campaign they decide anew */
	for (const char *const *k = (const char *const[]){ "unit", "begin_ns", "end_ns", NULL }; *k; k++)
		json_object_set_new(out, *k, json_integer(0));
	return out;
}

json_t *campaign_tests(const json_t *run, json_t *const *verdict, size_t n)
{
	json_t *out = json_array(), *t;
	size_t i;

	json_array_foreach(json_object_get(verdict[0], "tests"), i, t)
		json_array_append_new(out, merge(json_object_get(run, "runs"), verdict, n, text_of(t, "id")));
	return out;
}
