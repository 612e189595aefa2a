/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

static bool push(struct pairs *p, const char *user, const char *secret, struct err *err)
{
	struct pair one = { "", "" };

	if (strlen(user) >= sizeof(one.user) || strlen(secret) >= sizeof(one.secret))
		return err_set(err, ERR_LIMIT, "a user or password of more than %zu bytes", sizeof(one.user) - 1);
	strcpy(one.user, user);
	strcpy(one.secret, secret);
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->pair[i].user, user) && !strcmp(p->pair[i].secret, secret))
			return true;
	if (p->n == PAIRS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d pairs", PAIRS_MAX);
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 128;
		struct pair *more = realloc(p->pair, room * sizeof(*more));

		if (!more)
			return err_set(err, ERR_OS, "out of memory");
		p->pair = more;
		p->room = room;
	}
	p->pair[p->n++] = one;
	return true;
}

static bool push_words(struct pairs *p, const char *user, const char *secret, const json_t *words, struct err *err)
{
	bool in_user = !strcmp(user, "{word}"), in_secret = !strcmp(secret, "{word}");
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word) {
		const char *w = json_string_value(word);

		if (w && !push(p, in_user ? w : user, in_secret || (in_user && !strcmp(secret, "{user}")) ? w : secret, err))
			return false;
	}
	return true;
}

static bool take_line(struct pairs *p, char *line, const json_t *words, struct err *err)
{
	char *colon = strchr(line, ':'), *secret;

	if (line[0] == '#' || !line[0])
		return true;
	if (!colon)
		return err_set(err, ERR_CONF, "'%.60s' has no colon; write user:password", line);
	*colon = 0;
	secret = colon + 1;
	if (!strcmp(line, "{word}") || !strcmp(secret, "{word}"))
		return push_words(p, line, secret, words, err);
	return push(p, line, !strcmp(secret, "{user}") ? line : secret, err);
}

bool pairs_parse(const char *name, const char *text, const json_t *words, struct pairs *ret, struct err *err)
{
	CLEANUP(free_ptr) char *copy = strdup(text);
	struct pairs p = { NULL, 0, 0 };
	unsigned n = 0;

	if (!copy)
		return err_set(err, ERR_OS, "out of memory");
	for (char *line = copy, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line[strcspn(line, "\r")] = 0;
		n++;
		if (!take_line(&p, line, words, err)) {
			pairs_done(&p);
			return err_in(err, "%s:%u", name, n);
		}
	}
	*ret = p;
	return true;
}

bool pairs_read(const char *path, const json_t *words, struct pairs *ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	return fs_read(path, 1 << 20, &text, &n, err) && pairs_parse(path, text, words, ret, err);
}

void pairs_done(struct pairs *p)
{
	free(p->pair);
	memset(p, 0, sizeof(*p));
}
