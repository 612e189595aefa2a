// SPDX-License-Identifier: Apache-2.0
// Do the verdicts of the copy follow as those of the run did? Two results side by side: what was decided must be equal to the
// word, what only tells of it may differ where something was removed.
#include <stdio.h>
#include <string.h>

#include "harness/redact_in.h"

struct walk { size_t verdicts; char path[256]; };

/* Texts that are decisions, or say which one it is. */
static bool decides(const char *key)
{
	static const char *const keys[] = { "verdict", "should_verdict", "truth", "grade", "id", "test", "part", "support", "force", "class", "priority", "state",
					    "certainty", "decision", NULL };

	for (const char *const *k = keys; *k; k++)
		if (!strcmp(*k, key))
			return true;
	return false;
}

/* How the run is done again names the seed, of which secrets are made; the run's own words are those of run.json. */
static bool may_differ(const char *key)
{
	return !strcmp(key, "reproduce") || !strcmp(key, "run") || !strcmp(key, "seed");
}

static bool differs(const struct walk *w, struct err *err, const json_t *a, const json_t *b)
{
	const char *x = json_string_value(a), *y = json_string_value(b);

	return err_set(err, ERR_CONF, "a verdict would not follow from what is left: %s is '%.60s', and was '%.60s'", w->path, y ? y : "something else", x ? x : "something else");
}

static bool same(struct walk *w, const char *key, const json_t *a, const json_t *b, struct err *err);

static const char *name_of(const json_t *a)
{
	const char *id = json_string_value(json_object_get(a, "id"));

	return id ? id : "";
}

static bool same_members(struct walk *w, const json_t *a, const json_t *b, struct err *err)
{
	size_t used = strlen(w->path);
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)a, key, v) {
		const json_t *other = json_object_get(b, key);

		if (may_differ(key))
			continue;
		snprintf(w->path + used, sizeof(w->path) - used, "%s%s", used ? "." : "", key);
		if (!other)
			return differs(w, err, v, NULL);
		if (!same(w, key, v, other, err))
			return false;
		w->path[used] = '\0';
	}
	return json_object_size(a) == json_object_size(b) || differs(w, err, NULL, NULL);
}

static bool same_items(struct walk *w, const char *key, const json_t *a, const json_t *b, struct err *err)
{
	size_t used = strlen(w->path), i;
	json_t *v;

	if (json_array_size(a) != json_array_size(b))
		return differs(w, err, a, b);
	json_array_foreach((json_t *)(uintptr_t)a, i, v) {
		if (*name_of(v))
			snprintf(w->path + used, sizeof(w->path) - used, "[%s]", name_of(v));
		else
			snprintf(w->path + used, sizeof(w->path) - used, "[%zu]", i);
		if (!same(w, key, v, json_array_get(b, i), err))
			return false;
		w->path[used] = '\0';
	}
	return true;
}

static bool same(struct walk *w, const char *key, const json_t *a, const json_t *b, struct err *err)
{
	if (json_typeof(a) != json_typeof(b))
		return differs(w, err, a, b);
	if (json_is_object(a))
		return same_members(w, a, b, err);
	if (json_is_array(a))
		return same_items(w, key, a, b, err);
	if (!json_is_string(a))
		return json_equal(a, b) || differs(w, err, a, b);
	w->verdicts += !strcmp(key, "verdict") || !strcmp(key, "should_verdict");
	return !decides(key) || json_equal(a, b) || differs(w, err, a, b);
}

bool redact_same(const json_t *before, const json_t *after, size_t *ret_n, struct err *err)
{
	struct walk w = { 0 };
	bool ok = same(&w, "", before, after, err);

	*ret_n = w.verdicts;
	return ok && (w.verdicts || err_set(err, ERR_CONF, "the run holds no verdict: jusan judge makes them"));
}
