/* SPDX-License-Identifier: Apache-2.0
 *
 * spell.c - the same function asked for in other words. Each is a way in which the check for rights and the function itself
 * have been known to read one request differently.
 * Source  RFC 3986 6.2.2 (case, percent-encoding and dots are equivalences that a server may or may not know), RFC 9110 9. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "probes/api/api.h"

static const struct { const char *name, *instead, *of, *path, *header; } spellings[] = {
	/* path: %P the path up to its last part, %L the last part, %U it in the other case, %E its first character encoded, %Q the query */
	{ "slash at the end", NULL, NULL, "%P%L/%Q", NULL },
	{ "other case", NULL, NULL, "%P%U%Q", NULL },
	{ "two slashes", NULL, NULL, "/%P%L%Q", NULL },
	{ "dot", NULL, NULL, "%P./%L%Q", NULL },
	{ "encoded", NULL, NULL, "%P%E%Q", NULL },
	{ "named as a style sheet", NULL, NULL, "%P%L?login.css", NULL },
	{ "POST", "POST", "PUT GET DELETE PATCH", NULL, NULL },
	{ "PUT", "PUT", "POST PATCH", NULL, NULL },
	{ "PATCH", "PATCH", "PUT POST", NULL, NULL },
	{ "method in a header", "POST", "PUT DELETE PATCH", NULL, "X-HTTP-Method-Override: " },
	{ "from itself", NULL, NULL, NULL, "X-Forwarded-For: 127.0.0.1" },
};

static bool is_among(const char *method, const char *list)
{
	const char *at = strstr(list, method);

	return at && (at == list || at[-1] == ' ') && strchr(" ", at[strlen(method)]);
}

struct path { const char *head, *last, *query; int head_n, last_n; };

static struct path take_apart(const char *path)
{
	struct path p = { .head = path, .query = path + strcspn(path, "?") };
	const char *slash = p.query;

	while (slash > path && slash[-1] != '/')
		slash--;
	p.last = slash;
	p.head_n = (int)(slash - path);
	p.last_n = (int)(p.query - slash);
	return p;
}

static int put_part(char what, const struct path *p, char *out, size_t room)
{
	int n = 0;

	if (what == 'P')
		return snprintf(out, room, "%.*s", p->head_n, p->head);
	if (what == 'L')
		return snprintf(out, room, "%.*s", p->last_n, p->last);
	if (what == 'Q')
		return snprintf(out, room, "%s", p->query);
	if (what == 'E')
		return snprintf(out, room, "%%%02X%.*s", (unsigned char)p->last[0], p->last_n - 1, p->last + 1);
	for (; n < p->last_n && n < (int)room - 1; n++) {
		unsigned char c = (unsigned char)p->last[n];

		out[n] = (char)(isupper(c) ? tolower(c) : toupper(c));
	}
	out[n] = 0;
	return n;
}

static bool put_path(const char *form, const struct path *p, char *out, size_t room)
{
	size_t n = 0;

	for (; *form && n + 2 < room; form++) {
		int k = *form == '%' ? put_part(*++form, p, out + n, room - n) : snprintf(out + n, room - n, "%c", *form);

		if (k < 0 || (size_t)k >= room - n)
			return false;
		n += (size_t)k;
	}
	return !*form;
}

/* The declared address with another path. */
static bool with_path(const char *form, const char *url, char *out, size_t room)
{
	size_t head = (size_t)(strstr(url, "://") + 3 - url);
	struct path p;
	int n;

	head += strcspn(url + head, "/?");
	p = take_apart(url[head] ? url + head : "/");
	n = snprintf(out, room, "%.*s", (int)head, url);
	return p.last_n > 0 && n > 0 && (size_t)n < room && put_path(form, &p, out + n, room - (size_t)n);
}

bool spell(unsigned i, const char *method, const char *url, struct spelling *ret)
{
	if (i >= sizeof(spellings) / sizeof(spellings[0]))
		return false;
	*ret = (struct spelling){ .name = spellings[i].name, .method = spellings[i].instead ? spellings[i].instead : method };
	if (spellings[i].header)
		snprintf(ret->header, sizeof(ret->header), "%s%s", spellings[i].header,
			 spellings[i].instead ? method : "");
	if (spellings[i].of && !is_among(method, spellings[i].of))
		return true;                    /* url stays "": not for this one */
	if (!spellings[i].path)
		snprintf(ret->url, sizeof(ret->url), "%s", url);
	else if (!with_path(spellings[i].path, url, ret->url, sizeof(ret->url)) || !strcmp(ret->url, url))
		ret->url[0] = 0;
	return true;
}
