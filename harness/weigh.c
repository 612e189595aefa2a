// SPDX-License-Identifier: Apache-2.0
#include "harness/weigh.h"

#include <string.h>

#include "harness/grade.h"
#include "harness/misjudge.h"
#include "harness/plan.h"
#include "harness/review.h"
#include "harness/score.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- what people added ---- */
bool review_load(const char *dir, const json_t *run, const char *as_of, struct review *ret, struct err *err)
{
	struct review r = { 0 };

	if (as_of && !date_valid(as_of))
		return err_set(err, ERR_CONF, "as of: '%.40s' is not a day such as 2026-11-26", as_of);
	if (!review_read(dir, &r.entries, err))
		return false;
	review_day(run, as_of, r.day);
	*ret = r;
	return true;
}

void review_free(struct review *r)
{
	json_decref(r->entries);
	*r = (struct review){ 0 };
}

/* ---- on which limits ---- */
/* The profile's hash stands beside each verdict, and with each limit that is the profile's. */
static json_t *name_limits(json_t *t, const char *sha256)
{
	json_t *defaults = json_array(), *l;
	size_t i;

	json_object_set_new(t, "profile_sha256", json_string(sha256));
	json_array_foreach(json_object_get(t, "limits"), i, l) {
		if (!strcmp(text_of(l, "origin"), "profile"))
			json_object_set_new(l, "profile_sha256", json_string(sha256));
		if (!strcmp(text_of(l, "origin"), "default"))
			json_array_append(defaults, json_object_get(l, "name"));
	}
	return defaults;
}

static json_int_t name_all_limits(json_t *tests, const char *sha256)
{
	json_int_t n = 0;
	size_t i;
	json_t *t;

	json_array_foreach(tests, i, t) {
		json_t *defaults = name_limits(t, sha256);

		if (!json_integer_value(json_object_get(t, "attempts")) || !strcmp(text_of(t, "verdict"), "NOT_TESTED"))
			json_array_clear(defaults);     /* its limits were never used */
		n += json_array_size(defaults) > 0;
		json_object_set_new(t, "on_default", defaults);
	}
	return n;
}

void weigh_tests(const struct plan *p, json_t *out, struct score_in *in)
{
	const struct review *r = p->review;
	json_t *tests = json_object_get(out, "tests");
	char day[DATE_TEXT];

	review_day(json_object_get(out, "run"), r ? r->day : NULL, day);
	in->marks = json_array();
	json_object_set_new(out, "marks", in->marks);
	json_object_set_new(out, "as_of", json_string(day));
	json_object_set_new(out, "on_default", json_integer(name_all_limits(tests, p->profile.sha256)));
	grade_tests(tests);
	misjudge_tests(tests, json_object_get(out, "findings"), in->marks);
	review_tests(tests, r ? r->entries : NULL, day);
	in->records = review_records(p->requirements, p->records, r ? r->entries : NULL, day);
	misjudge_records((json_t *)(uintptr_t)in->records, in->marks);
	json_object_set_new(out, "records", (json_t *)(uintptr_t)in->records);
	json_object_set_new(out, "waivers", review_waivers(r ? r->entries : NULL, day));
}
