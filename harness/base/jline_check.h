/* SPDX-License-Identifier: Apache-2.0
 *
 * jline_check.h - jline.h held against jansson, for its test and its fuzzer. Include it in one file. */
#ifndef BASE_JLINE_CHECK_H
#define BASE_JLINE_CHECK_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/jline.h"

#define CHECK_MEMBERS 24

static bool same_value(const json_t *want, struct jspan text)
{
	json_t *got = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	struct jspan inside;
	bool same = got && json_equal(got, want);
	int64_t n;

	if (json_is_integer(want))
		same &= jline_int(text, &n) && n == json_integer_value(want);
	else
		same &= !jline_int(text, &n);
	if (json_is_string(want) && jline_text(text, &inside))
		same &= inside.n == json_string_length(want) && !memcmp(inside.p, json_string_value(want), inside.n);
	else if (!json_is_string(want))
		same &= !jline_text(text, &inside);
	json_decref(got);
	return same;
}

static bool same_members(const json_t *want, const char *text, size_t n, const struct jmember *m, size_t members)
{
	bool same = json_object_size(want) == members;

	for (size_t i = 0; same && i < members; i++) {
		char *key = strndup(m[i].key.p, m[i].key.n);
		struct jspan found;

		same = same_value(json_object_get(want, key), m[i].value) && jline_find((struct jspan){ text, n }, key, &found) &&
		       found.p == m[i].value.p && found.n == m[i].value.n;
		free(key);
	}
	return same;
}

/* False: the two disagree. *ret_plain: jline.h took it. */
static bool jline_agrees(const char *data, size_t n, bool *ret_plain)
{
	char *text = malloc(n + 1);
	struct jmember m[CHECK_MEMBERS];
	size_t members;
	json_t *want;
	bool same = true;

	if (!text)
		abort();
	memcpy(text, data, n);
	text[n] = '\n';
	*ret_plain = jline_plain(text, n, m, CHECK_MEMBERS, &members);
	if (*ret_plain) {
		want = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
		same = want && same_members(want, text, n, m, members);
		json_decref(want);
	}
	free(text);
	return same;
}
#endif
