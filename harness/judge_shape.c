// SPDX-License-Identifier: Apache-2.0
// Was it done as it is asked for now? A run may be judged with another profile. A limit that only a claim names is then
// simply the new one; one that a step names shaped what was done, and nobody has done it with the new value.
#include <stdio.h>

#include "harness/judge_in.h"
#include "harness/value.h"

static bool text_names(const char *text, const char *ref)
{
	size_t n = strlen(ref);

	for (const char *p = text; (p = strstr(p, ref)) != NULL; p += n)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", p[n]) || !p[n])
			return true;
	return false;
}

static bool names(const json_t *j, const char *ref)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_string(j))
		return text_names(json_string_value(j), ref);
	json_array_foreach((json_t *)(uintptr_t)j, i, v)
		if (names(v, ref))
			return true;
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
		if (names(v, ref))
			return true;
	return false;
}

static bool steps_name(const struct steps *s, const char *ref)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (names(s->step[i].args, ref) || steps_name(s->step[i].inner, ref) || steps_name(s->step[i].beside, ref))
			return true;
	return false;
}

static bool shapes(const struct test *t, bool control, const char *limit)
{
	char ref[160];

	snprintf(ref, sizeof(ref), "limit.%s", limit);
	return steps_name(&t->watch, ref) || steps_name(control ? &t->control.steps : &t->body.steps, ref);
}

static void say_value(const json_t *v, enum value_type type, char *buf, size_t n)
{
	buf[0] = '\0';
	if (json_is_string(v))
		text_add(buf, n, "%s", json_string_value(v));
	else if (v)
		value_text(v, type, buf, n);
	else
		text_add(buf, n, "nothing");
}

static bool same_limits(const struct trial *tr, bool control, const json_t *head, char *why, size_t n)
{
	const json_t *then = json_object_get(head, "limits");

	for (size_t i = 0; i < tr->test->n_limits; i++) {
		const struct limit *l = &tr->test->limit[i];
		const json_t *was = json_object_get(then, l->name), *now = json_object_get(tr->limits, l->name);
		char a[96], b[96];

		if (!shapes(tr->test, control, l->name) || (was && now && json_equal(was, now)) || (then && !was && !now))
			continue;
		say_value(was, l->type, a, sizeof(a));
		say_value(now, l->type, b, sizeof(b));
		if (!then)
			text_add(why, n, "the record does not say which limits it was done with");
		else
			text_add(why, n, "it was done with limit %s of %s, and %s is asked for now: run it again with this profile", l->name, a, b);
		return false;
	}
	return true;
}

/* A repetition goes by its name, and a value may stand behind the same name that is another one now. */
static bool same_values(const struct trial *tr, const json_t *head, char *why, size_t n)
{
	const char *name;
	json_t *was;

	json_object_foreach(json_object_get(head, "each"), name, was) {
		const json_t *now = json_object_get(tr->rep->rep->each, name);

		if (now && !json_equal(was, now)) {
			text_add(why, n, "it was done with another value of each.%s than is asked for now", name);
			return false;
		}
	}
	return true;
}

void trial_shape(struct trial *tr, bool control, const json_t *head)
{
	char *why = tr->shape_why;
	size_t n = sizeof(tr->shape_why);

	if (head && !why[0] && same_limits(tr, control, head, why, n))
		(void)same_values(tr, head, why, n);
}
