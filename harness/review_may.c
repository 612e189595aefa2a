// SPDX-License-Identifier: Apache-2.0
// Before a decision is taken: is there something to decide, and is the folder what was sealed?
#include <stdio.h>
#include <string.h>

#include "harness/review_in.h"
#include "harness/seal.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- may it be decided? ---- */
static const json_t *by_id(const json_t *list, const char *id)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)list, i, e)
		if (!strcmp(text_of(e, "id"), id))
			return e;
	return NULL;
}

static bool may_waive(const json_t *v, const struct review_entry *e, struct err *err)
{
	if (by_id(json_object_get(v, "tests"), e->on) || by_id(json_object_get(v, "requirements"), e->on))
		return true;
	return err_set(err, ERR_CONF, "'%s' is no test or requirement of this run; only those can be waived", e->on);
}

static bool may_decide_test(const json_t *t, struct review_entry *e, struct err *err)
{
	const json_t *decision = json_object_get(t, "decision");
	bool again = json_is_true(json_object_get(decision, "used"));

	if (strcmp(text_of(t, "verdict"), "REVIEW") && !again)
		return err_set(err, ERR_CONF, "%s is %s: a person decides only on tests whose verdict is REVIEW", e->on, text_of(t, "verdict"));
	if (e->decide && !strcmp(e->decide, "not-applicable"))
		return err_set(err, ERR_CONF, "%s was run, so it applied: decide pass, fail or open", e->on);
	e->asked = again ? text_of(decision, "asked") : text_of(t, "why");
	return true;
}

bool review_may(const json_t *v, struct review_entry *e, struct err *err)
{
	const json_t *t = by_id(json_object_get(v, "tests"), e->on), *r = by_id(json_object_get(v, "records"), e->on);

	e->asked = "";
	if (e->what == REVIEW_WAIVER)
		return may_waive(v, e, err);
	if (t)
		return may_decide_test(t, e, err);
	if (!r)
		return err_set(err, ERR_CONF, "'%s' is no evidence record and no test of this run", e->on);
	if (e->decide && (!strcmp(e->decide, "pass") || !strcmp(e->decide, "not-applicable")) && !e->n_files)
		return err_set(err, ERR_CONF, "%s: such a decision rests on documents; name them with --file", e->on);
	e->asked = text_of(json_object_get(r, "decides"), "en");
	return true;
}

/* ---- is the folder what was sealed? ---- */
struct look { const json_t *entries; unsigned next; unsigned faults; char first[300]; };

/* Left by a review that was interrupted: an entry without seal and its documents, or documents without entry. */
static bool is_left(const struct look *l, const char *path)
{
	char number[16], fresh[40];
	const char *slash;
	size_t i, k;
	json_t *e, *f;

	json_array_foreach((json_t *)l->entries, i, e) {
		if (!strcmp(text_of(e, "path"), path))
			return true;
		json_array_foreach(json_object_get(e, "files"), k, f)
			if (!strcmp(text_of(f, "path"), path))
				return true;
	}
	snprintf(number, sizeof(number), "%04u-", l->next);
	snprintf(fresh, sizeof(fresh), "review/%04u.json.new", l->next);
	slash = strrchr(path, '/');
	return !strcmp(path, fresh) || (!strncmp(path, "review/", 7) && slash && !strncmp(slash + 1, number, strlen(number)));
}

static void look(enum seal_fault f, const char *what, void *data)
{
	static const char *const word[] = { "altered", "missing", "added", "broken", "badly signed" };
	struct look *l = data;

	if (f == SEAL_ADDED && is_left(l, what))
		return;
	if (!l->faults++)
		snprintf(l->first, sizeof(l->first), "%s: %.250s", word[f], what);
}

bool review_intact(const char *dir, const json_t *entries, struct err *err)
{
	struct look l = { .entries = entries, .next = (unsigned)json_array_size(entries) + 1 };
	struct seal_report r;

	if (!seal_verify(dir, NULL, look, &l, &r, err))
		return false;
	if (l.faults)
		return err_set(err, ERR_BENCH, "%s is not what was sealed (%s; jusan verify tells all): nobody can decide on it", dir, l.first);
	return true;
}
