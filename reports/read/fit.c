/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/fit.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/date.h"
#include "harness/base/escape.h"
#include "reports/read/read.h"

/* ---- lines ---- */

static bool is_blank(uint32_t c)
{
	return c == 0x20 || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Controls, marks that turn the direction of a text, what is never a character, unassigned tags. */
static bool is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x061c || c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static size_t put_code(char *to, size_t room, uint32_t c, bool is_char)
{
	int n = c == '\n' || c == '\r' || c == '\t' ? snprintf(to, room, " ") :
		snprintf(to, room, c < 0x100 && (!is_char || c < 0x80) ? "\\x%02x" : "\\u{%x}", (unsigned)c);

	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

const char *fit_line(const char *text, char buf[static FIT_LINE])
{
	static const char more[] = "\xe2\x80\xa6";
	size_t n = 0, last = 0;         /* last: behind the last character that is no blank */

	while (*text && n < FIT_LINE - 16) {
		const char *from = text;
		uint32_t c;
		bool is_char = escape_next(&text, &c), blank = is_char && is_blank(c);

		if (blank && !n)
			continue;
		if (!is_char || is_hostile(c)) {
			n += put_code(buf + n, FIT_LINE - n, c, is_char);
		} else {
			memcpy(buf + n, from, (size_t)(text - from));
			n += (size_t)(text - from);
		}
		last = blank ? last : n;
	}
	memcpy(buf + last, more, *text ? sizeof(more) : 0);
	if (!*text)
		buf[last] = '\0';
	return buf;
}

void fit_put(json_t *o, const char *key, const char *text)
{
	char line[FIT_LINE];

	if (*fit_line(text, line))
		json_object_set_new(o, key, json_string(line));
}

void fit_putf(json_t *o, const char *key, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fit_put(o, key, text);
}

/* ---- tokens, paths, hashes, people ---- */

static bool is_token(const char *id)
{
	size_t n = strlen(id);

	if (!isascii((unsigned char)*id) || !isalpha((unsigned char)*id) || n > FIT_TOKEN - 20)
		return false;
	for (; *id; id++)
		if (!isascii((unsigned char)*id) || (!isalnum((unsigned char)*id) && !strchr("._-", *id)))
			return false;
	return true;
}

const char *fit_token(const char *id, char ret[static FIT_TOKEN])
{
	char uuid[READ_UUID];

	if (is_token(id))
		snprintf(ret, FIT_TOKEN, "%s", id);
	else
		snprintf(ret, FIT_TOKEN, "_%s", uuid_text(id, uuid));
	return ret;
}

bool fit_path(const char *path, char *ret, size_t size)
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		if (n + 4 > size)
			return false;
		if (*p < 0x80 && (isalnum(*p) || strchr("-._~/", *p)))
			ret[n++] = (char)*p;
		else
			n += (size_t)snprintf(ret + n, size - n, "%%%02X", *p);
	}
	if (!size)
		return false;
	ret[n] = '\0';
	return n > 0;
}

bool fit_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

static bool is_mail(const char *m)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+";
	size_t local = strspn(m, plain);
	const char *host = m + local + 1;

	return local && local < 65 && m[local] == '@' && *host && *host != '.' && !strchr(host, '+') && !strchr(host, '_') &&
	       strlen(host) < 200 && strspn(host, plain) == strlen(host) && host[strlen(host) - 1] != '.' && *m != '.' && m[local - 1] != '.' &&
	       !strstr(m, "..") && *host != '-';
}

void fit_person(const char *text, char name[static FIT_LINE], char mail[static FIT_LINE])
{
	char *at;

	mail[0] = '\0';
	fit_line(text, name);
	at = strrchr(name, '<');
	if (!at || at == name || name[strlen(name) - 1] != '>')
		return;
	snprintf(mail, FIT_LINE, "%.*s", (int)strlen(at) - 2, at + 1);
	if (!is_mail(mail)) {
		mail[0] = '\0';
		return;
	}
	while (at > name && at[-1] == ' ')
		at--;
	*at = '\0';
	if (!*name)
		snprintf(name, FIT_LINE, "%.1000s", mail);
}

/* ---- times ---- */

static bool digits(const char **p, int n)
{
	for (; n; n--, ++*p)
		if (**p < '0' || **p > '9')
			return false;
	return true;
}

/* "T01:56:43", a fraction of at most nine digits, "Z", and no more. */
static bool is_clock(const char *p)
{
	const char *from = p;
	int n = 0;

	if (*p++ != 'T' || !digits(&p, 2) || *p++ != ':' || !digits(&p, 2) || *p++ != ':' || !digits(&p, 2))
		return false;
	if (strncmp(from + 1, "23", 2) > 0 || from[4] > '5' || from[7] > '5')
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && n < 9; p++)
			n++;
	return (p[-1] != '.') && !strcmp(p, "Z");
}

const char *fit_time(const char *text, char ret[static FIT_TIME])
{
	char day[DATE_TEXT];

	ret[0] = '\0';
	snprintf(day, sizeof(day), "%.10s", text);
	if (!date_valid(day) || day[0] > '2')           /* schemas know no year above 2999 */
		return ret;
	if (!text[10])
		snprintf(ret, FIT_TIME, "%sT00:00:00Z", day);
	else if (is_clock(text + 10))
		snprintf(ret, FIT_TIME, "%s", text);
	return ret;
}

const char *fit_run_time(const json_t *run, const char *key, char ret[static FIT_TIME])
{
	if (!*fit_time(get_text(run, key), ret) && !*fit_time(get_text(run, "ended"), ret) && !*fit_time(get_text(run, "started"), ret))
		snprintf(ret, FIT_TIME, "1970-01-01T00:00:00Z");
	return ret;
}

/* ---- lists ---- */

size_t fit_count(const json_t *list)
{
	return json_array_size(list) < FIT_LIST ? json_array_size(list) : FIT_LIST;
}

size_t fit_few(const json_t *list)
{
	return json_array_size(list) < FIT_FEW ? json_array_size(list) : FIT_FEW;
}

const json_t *fit_find(const json_t *list, const char *id)
{
	for (size_t i = 0; i < fit_count(list); i++)
		if (!strcmp(get_text(json_array_get(list, i), "id"), id))
			return json_array_get(list, i);
	return NULL;
}

json_t *fit_index(const json_t *list)
{
	json_t *ret = json_object();

	for (size_t i = 0; i < fit_count(list); i++) {
		json_t *one = json_array_get(list, i);

		if (!json_object_get(ret, get_text(one, "id")))
			json_object_set(ret, get_text(one, "id"), one);
	}
	return ret;
}

bool fit_holds(const json_t *list, const char *text)
{
	for (size_t i = 0; i < fit_count(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (one && !strcmp(one, text))
			return true;
	}
	return false;
}
