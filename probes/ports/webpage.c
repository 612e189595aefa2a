/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/webpage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool starts(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && !strncasecmp((const char *)s.p, text, n);
}

/* The next line of a head, without its end; false = there is none. */
static bool take_line(struct span *s, struct span *ret)
{
	const uint8_t *end = memchr(s->p, '\n', s->n);
	size_t n = end ? (size_t)(end - s->p) : s->n;

	if (!s->n || !take_bytes(s, n, ret))
		return false;
	if (end) {
		s->p++;
		s->n--;
	}
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

static void value_of(struct span line, size_t name_n, char *buf, size_t room)
{
	size_t n;

	line.p += name_n;
	line.n -= name_n;
	while (line.n && (*line.p == ' ' || *line.p == '\t')) {
		line.p++;
		line.n--;
	}
	n = line.n < room - 1 ? line.n : room - 1;
	memcpy(buf, line.p, n);
	buf[n] = 0;
	if (strlen(buf) != n || line.n > n)     /* a NUL in it, or too long: nowhere to go */
		buf[0] = 0;
}

/* One line may hold several challenges; the first names of schemes are what counts. */
static void challenge(struct webpage *w, struct span line)
{
	char value[512];

	value_of(line, strlen("www-authenticate:"), value, sizeof(value));
	w->basic |= strcasestr(value, "basic") != NULL;
	w->digest |= strcasestr(value, "digest") != NULL;
	w->bearer |= strcasestr(value, "bearer") != NULL;
	w->other |= !strcasestr(value, "basic") && !strcasestr(value, "digest") && !strcasestr(value, "bearer");
}

/* <input ... type="password" ...>, in any order, case and quoting. */
static bool has_password_field(struct span body)
{
	const char *p = (const char *)body.p, *end = p + body.n;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		const char *tag = ++p, *close = memchr(tag, '>', (size_t)(end - tag));

		if (!close)
			return false;
		if (close - tag < 6 || strncasecmp(tag, "input", 5))
			continue;
		for (p = tag + 5; p + 4 < close; p++) {
			const char *v = p + 5;

			if (strncasecmp(p, "type", 4) || !isspace((unsigned char)p[-1]))
				continue;
			for (v = p + 4; v < close && (isspace((unsigned char)*v) || *v == '=' || *v == '"' || *v == '\''); v++)
				;
			if (close - v >= 8 && !strncasecmp(v, "password", 8))
				return true;
		}
	}
	return false;
}

static bool take_status(struct span *s, unsigned *ret)
{
	struct span line;

	if (!starts(*s, "HTTP/") || !take_line(s, &line) || line.n < 12)
		return false;
	if (line.p[8] != ' ' || !isdigit(line.p[9]) || !isdigit(line.p[10]) || !isdigit(line.p[11]))
		return false;
	*ret = (unsigned)(line.p[9] - '0') * 100 + (unsigned)(line.p[10] - '0') * 10 + (unsigned)(line.p[11] - '0');
	return true;
}

bool webpage_read(struct span answer, struct webpage *ret)
{
	struct webpage w = { 0 };
	struct span rest = answer, line;

	if (!take_status(&rest, &w.status))
		return false;
	while (take_line(&rest, &line) && line.n) {
		if (starts(line, "location:"))
			value_of(line, strlen("location:"), w.location, sizeof(w.location));
		if (starts(line, "www-authenticate:"))
			challenge(&w, line);
	}
	w.head = (struct span){ answer.p, answer.n - rest.n };
	w.body = rest;
	w.form = has_password_field(rest);
	if (w.status != 401)
		w.basic = w.digest = w.bearer = w.other = false;
	else if (!w.basic && !w.digest && !w.bearer)
		w.other = true;
	*ret = w;
	return true;
}
