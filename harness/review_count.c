// SPDX-License-Identifier: Apache-2.0
// What decisions and waivers do to verdicts. Pure: entries, requirements and a day.
#include <stdio.h>
#include <string.h>

#include "harness/grade.h"
#include "harness/review.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

void review_day(const json_t *run, const char *as_of, char ret[static DATE_TEXT])
{
	if (as_of && date_valid(as_of))
		memcpy(ret, as_of, DATE_TEXT);
	else if (!date_of(text_of(run, "ended"), ret) && !date_of(text_of(run, "started"), ret))
		memcpy(ret, "9999-12-31", DATE_TEXT);
}

const json_t *review_last(const json_t *entries, enum review_what what, const char *on)
{
	const char *word = what == REVIEW_WAIVER ? "waiver" : "decision";

	for (size_t i = json_array_size(entries); i-- > 0;) {
		const json_t *e = json_array_get(entries, i);

		if (is(e, "what", word) && is(e, "on", on))
			return e;
	}
	return NULL;
}

static bool expired(const json_t *entry, const char *as_of)
{
	return *text_of(entry, "expires") && strcmp(text_of(entry, "expires"), as_of) < 0;
}

enum verdict review_says(const json_t *e, const char *as_of, char *why, size_t n)
{
	const char *decide = text_of(e, "decide");

	if (!e)
		text_add(why, n, "waits for a decision");
	else if (*text_of(e, "trouble"))
		text_add(why, n, "the decision %s cannot count: %s", text_of(e, "path"), text_of(e, "trouble"));
	else if (!*text_of(e, "seal"))
		text_add(why, n, "the decision %s is not sealed", text_of(e, "path"));
	else if (!strcmp(decide, "open"))
		text_add(why, n, "kept open by %s on %s: %s", text_of(e, "reviewer"), text_of(e, "date"), text_of(e, "reason"));
	else if (expired(e, as_of))
		text_add(why, n, "the decision of %s by %s held until %s", text_of(e, "date"), text_of(e, "reviewer"), text_of(e, "expires"));
	else
		text_add(why, n, "%s on %s: %s", text_of(e, "reviewer"), text_of(e, "date"), text_of(e, "reason"));
	if (!e || *text_of(e, "trouble") || !*text_of(e, "seal") || expired(e, as_of))
		return VERDICT_REVIEW;
	return !strcmp(decide, "pass") ? VERDICT_PASS : !strcmp(decide, "fail") ? VERDICT_FAIL :
	       !strcmp(decide, "not-applicable") ? VERDICT_NOT_APPLICABLE : VERDICT_REVIEW;
}

json_t *review_shown(const json_t *e, const char *as_of)
{
	json_t *files = json_array(), *f;
	size_t i;

	if (!e) {
		json_decref(files);
		return json_null();
	}
	json_array_foreach(json_object_get(e, "files"), i, f)
		json_array_append_new(files, json_pack("{s:s,s:s,s:s}", "path", text_of(f, "path"), "name", text_of(f, "name"), "sha256",
						       text_of(f, "sha256")));
	return json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:s,s:o,s:s,s:s,s:s}", "decide", text_of(e, "decide"), "reviewer", text_of(e, "reviewer"),
			 "date", text_of(e, "date"), "expires", text_of(e, "expires"), "expired", expired(e, as_of), "reason",
			 text_of(e, "reason"), "asked", text_of(e, "asked"), "files", files, "entry", text_of(e, "path"), "seal",
			 text_of(e, "seal"), "signer", text_of(e, "signer"));
}

/* ---- tests ---- */
static void settle_test(json_t *t, const json_t *e, const char *as_of)
{
	json_t *shown = review_shown(e, as_of);
	const char *unused = NULL;
	char why[REVIEW_TEXT + 400] = "";
	enum verdict v = review_says(e, as_of, why, sizeof(why));

	if (!is(t, "verdict", "REVIEW"))
		unused = "no person is asked: the test itself decides";
	else if (strcmp(text_of(e, "asked"), text_of(t, "why")))
		unused = "the test asks something else than what was decided then";
	else if (v == VERDICT_NOT_APPLICABLE)
		unused = "the test was run, so it applied";
	json_object_set_new(shown, "used", json_boolean(!unused));
	json_object_set_new(shown, "unused", json_string(unused ? unused : ""));
	if (!unused && v != VERDICT_REVIEW) {
		json_object_set_new(t, "verdict", json_string(verdict_name(v)));
		json_object_set_new(t, "why", json_string(why));
		grade_decided(t, e);
	}
	json_object_set_new(t, "decision", shown);
}

void review_tests(json_t *tests, const json_t *entries, const char *as_of)
{
	size_t i;
	json_t *t;

	json_array_foreach(tests, i, t) {
		const json_t *e = review_last(entries, REVIEW_DECISION, text_of(t, "id"));

		if (e)
			settle_test(t, e, as_of);
	}
}

/* ---- records ---- */
static const json_t *title_of(const json_t *titles, const char *id)
{
	size_t i;
	json_t *r;

	json_array_foreach(json_object_get(titles, "records"), i, r)
		if (is(r, "id", id))
			return r;
	return NULL;
}

/* {en, ja} of records.yaml; without that file the id stands for itself. */
static json_t *both(const json_t *from, const char *key, const char *otherwise)
{
	const json_t *v = json_object_get(from, key);
	const char *en = json_string_value(json_object_get(v, "en")), *ja = json_string_value(json_object_get(v, "ja"));

	return json_pack("{s:s,s:s}", "en", en ? en : otherwise, "ja", ja ? ja : otherwise);
}

static json_t *earlier(const json_t *entries, const char *id, const json_t *last, const char *as_of)
{
	json_t *out = json_array(), *e;
	size_t i;

	json_array_foreach((json_t *)entries, i, e)
		if (e != last && is(e, "what", "decision") && is(e, "on", id))
			json_array_append_new(out, review_shown(e, as_of));
	return out;
}

static json_t *record(const json_t *titles, const json_t *entries, const char *id, const char *as_of)
{
	const json_t *e = review_last(entries, REVIEW_DECISION, id), *title = title_of(titles, id), *ixit = json_object_get(title, "ixit");
	char why[REVIEW_TEXT + 400] = "";
	enum verdict v = review_says(e, as_of, why, sizeof(why));
	json_t *out = json_pack("{s:s,s:o,s:[],s:o,s:o,s:o,s:s,s:s,s:o,s:o}", "id", id, "title", both(title, "title", id), "serves", "ixit",
				json_is_array(ixit) ? json_deep_copy(ixit) : json_array(), "stored", both(title, "stored", ""), "decides",
				both(title, "decides", ""), "verdict", verdict_name(v), "why", why, "decision", review_shown(e, as_of),
				"earlier", earlier(entries, id, e, as_of));

	grade_record(out, e);
	return out;
}

static int by_id(const void *a, const void *b)
{
	return strverscmp(text_of(*(json_t *const *)a, "id"), text_of(*(json_t *const *)b, "id"));
}

static json_t *sorted(const json_t *by_name)
{
	size_t n = json_object_size(by_name), k = 0;
	json_t **list = calloc(n + 1, sizeof(json_t *)), *out = json_array(), *r;
	const char *id;

	if (!list)
		abort();
	json_object_foreach((json_t *)by_name, id, r)
		list[k++] = r;
	qsort(list, n, sizeof(json_t *), by_id);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, list[i]);
	free(list);
	return out;
}

json_t *review_records(const json_t *requirements, const json_t *titles, const json_t *entries, const char *as_of)
{
	json_t *found = json_object(), *req, *id, *out;
	size_t i, k;

	json_array_foreach(json_object_get(requirements, "requirements"), i, req)
		json_array_foreach(json_object_get(req, "records"), k, id) {
			const char *name = json_string_value(id);

			if (!name)
				continue;
			if (!json_object_get(found, name))
				json_object_set_new(found, name, record(titles, entries, name, as_of));
			json_array_append(json_object_get(json_object_get(found, name), "serves"), json_object_get(req, "id"));
		}
	out = sorted(found);
	json_decref(found);
	return out;
}

/* ---- waivers ---- */
json_t *review_waivers(const json_t *entries, const char *as_of)
{
	json_t *out = json_array(), *e;
	size_t i;

	json_array_foreach((json_t *)entries, i, e)
		if (is(e, "what", "waiver") && e == review_last(entries, REVIEW_WAIVER, text_of(e, "on")))
			json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:s}", "id", text_of(e, "on"), "who", text_of(e, "reviewer"),
				"why", text_of(e, "reason"), "until", text_of(e, "expires"), "date", text_of(e, "date"), "expired",
				expired(e, as_of), "entry", text_of(e, "path"), "seal", text_of(e, "seal")));
	return out;
}
