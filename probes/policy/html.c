/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probes/policy/words.h"

struct out { char *p; size_t n; };

static void put(struct out *o, char c)
{
	if (c == '\r' || c == '\t')
		c = ' ';
	if ((unsigned char)c < ' ' && c != '\n')
		return;
	if ((c == ' ' || c == '\n') && o->n && (o->p[o->n - 1] == ' ' || o->p[o->n - 1] == '\n')) {
		if (c == '\n')
			o->p[o->n - 1] = '\n';
		return;
	}
	o->p[o->n++] = c;
}

static bool tag_is(const char *tag, size_t n, const char *name)
{
	size_t k = strlen(name);

	return n >= k && !strncasecmp(tag, name, k) && (n == k || !isalnum((unsigned char)tag[k]));
}

/* Elements that end a sentence whatever stands in them. */
static bool is_block(const char *tag, size_t n)
{
	static const char *const names[] = { "p", "/p", "br", "div", "/div", "li", "/li", "h1", "/h1", "h2", "/h2", "h3", "/h3", "tr",
					     "/tr", "/td", "ul", "/ul", "title", "/title", "section", "/section", "dt", "dd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (tag_is(tag, n, names[i]))
			return true;
	return false;
}

/* href="mailto:..." of a link becomes text: it is where a contact stands. At most as long as the tag it replaces. */
static void put_link(struct out *o, const char *tag, size_t n)
{
	for (size_t i = 0; i + 6 < n; i++) {
		char quote;

		if (strncasecmp(tag + i, "href=", 5))
			continue;
		quote = tag[i + 5];
		if (quote != '"' && quote != '\'')
			return;
		put(o, ' ');
		for (size_t k = i + 6; k < n && tag[k] != quote; k++)
			put(o, tag[k]);
		put(o, ' ');
		return;
	}
}

/* The end of <script> or <style> content, or n. */
static size_t skip_raw(const char *page, size_t n, size_t i, const char *end)
{
	size_t k = strlen(end);

	while (i + k <= n && strncasecmp(page + i, end, k))
		i++;
	return i + k <= n ? i : n;
}

static size_t take_tag(const char *page, size_t n, size_t i, struct out *o)
{
	const char *close = memchr(page + i, '>', n - i), *tag = page + i + 1;
	size_t len;

	if (!close)
		return n;
	len = (size_t)(close - tag);
	i = (size_t)(close - page) + 1;
	if (tag_is(tag, len, "script"))
		return skip_raw(page, n, i, "</script");
	if (tag_is(tag, len, "style"))
		return skip_raw(page, n, i, "</style");
	if (tag_is(tag, len, "a"))
		put_link(o, tag, len);
	else if (is_block(tag, len))
		put(o, '\n');
	return i;
}

static size_t take_entity(const char *page, size_t n, size_t i, struct out *o)
{
	static const struct { const char *name; char c; } table[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&nbsp;", ' ' }, { "&#64;", '@' },
		{ "&#x40;", '@' }, { "&commat;", '@' }, { "&#46;", '.' },
	};

	for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
		size_t len = strlen(table[k].name);

		if (n - i >= len && !strncasecmp(page + i, table[k].name, len)) {
			put(o, table[k].c);
			return i + len;
		}
	}
	put(o, '&');
	return i + 1;
}

size_t policy_text(const char *page, size_t n, char *out)
{
	struct out o = { out, 0 };
	bool html = false;

	for (size_t i = 0; i + 5 < n && !html; i++)
		html = page[i] == '<' && (!strncasecmp(page + i, "<html", 5) || !strncasecmp(page + i, "<!doc", 5) ||
					  !strncasecmp(page + i, "<body", 5) || !strncasecmp(page + i, "<p>", 3));
	for (size_t i = 0; i < n;) {
		if (html && page[i] == '<')
			i = take_tag(page, n, i, &o);
		else if (html && page[i] == '&')
			i = take_entity(page, n, i, &o);
		else
			put(&o, page[i++]);
	}
	out[o.n] = 0;
	return o.n;
}
