// SPDX-License-Identifier: Apache-2.0
#include "harness/base/jline.h"

#include <string.h>

#include "harness/base/escape.h"

/* Every function below takes the place where something should begin and returns the place after it, NULL when it is not
 * plain. None can run over the end: a newline or NUL stands there, and neither is part of anything. */
static const char *value(const char *p, int depth);

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/* After the backslash. Of \u only what stands for one byte and is not NUL. */
static const char *escaped(const char *p)
{
	if (*p && strchr("\"\\/bfnrt", *p))
		return p + 1;
	return p[0] == 'u' && p[1] == '0' && p[2] == '0' && is_hex(p[3]) && is_hex(p[4]) && (p[3] != '0' || p[4] != '0') ? p + 5 : NULL;
}

/* Letters of a text that mean themselves. */
static const char *ordinary(const char *p)
{
	while ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* After the opening quote. */
static const char *text_end(const char *p)
{
	while (p) {
		uint32_t c;

		p = ordinary(p);
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p = escaped(p + 1);
		else if ((unsigned char)*p < 0x80 || !escape_next(&p, &c))
			return NULL;
	}
	return NULL;
}

static const char *number(const char *p)
{
	const char *first = p + (*p == '-');

	for (p = first; is_digit(*p); p++)
		;
	return p > first && p - first <= 18 && (*first != '0' || p == first + 1) ? p : NULL;
}

static const char *array(const char *p, int depth)
{
	if (p[1] == ']')
		return p + 2;
	do
		p = value(p + 1, depth);
	while (p && *p == ',');
	return p && *p == ']' ? p + 1 : NULL;
}

static bool ascends(struct jspan a, struct jspan b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c < 0 || (c == 0 && a.n < b.n);
}

/* Where a member begins: its key with the quotes, then a colon. */
static const char *member_key(const char *p, struct jspan *ret)
{
	const char *end;

	if (*p != '"')
		return NULL;
	end = ordinary(p + 1);
	*ret = (struct jspan){ p + 1, (size_t)(end - p) - 1 };
	return end[0] == '"' && end[1] == ':' ? end + 2 : NULL;
}

static const char *object(const char *p, int depth, struct jmember *ret, size_t max, size_t *ret_n)
{
	struct jspan last = { "", 0 };
	size_t n = 0;

	*ret_n = 0;
	if (p[1] == '}')
		return p + 2;
	do {
		struct jmember m;
		const char *begin = member_key(p + 1, &m.key);

		if (!begin || (n > 0 && !ascends(last, m.key)))
			return NULL;
		p = value(begin, depth);
		if (!p || (ret && n == max))
			return NULL;
		m.value = (struct jspan){ begin, (size_t)(p - begin) };
		if (ret)
			ret[n] = m;
		last = m.key;
		*ret_n = ++n;
	} while (*p == ',');
	return *p == '}' ? p + 1 : NULL;
}

static const char *value(const char *p, int depth)
{
	size_t n;

	switch (*p) {
	case '"': return text_end(p + 1);
	case '{': return depth > 0 ? object(p, depth - 1, NULL, 0, &n) : NULL;
	case '[': return depth > 0 ? array(p, depth - 1) : NULL;
	case 't': return strncmp(p, "true", 4) ? NULL : p + 4;
	case 'f': return strncmp(p, "false", 5) ? NULL : p + 5;
	case 'n': return strncmp(p, "null", 4) ? NULL : p + 4;
	default: return number(p);
	}
}

bool jline_plain(const char *text, size_t n, struct jmember *ret, size_t max, size_t *ret_n)
{
	return n > 0 && *text == '{' && object(text, JLINE_DEPTH - 1, ret, max, ret_n) == text + n;
}

bool jline_find(struct jspan in, const char *key, struct jspan *ret)
{
	const char *p = in.p, *begin;
	size_t n = strlen(key);
	struct jspan k;

	if (!in.n || *p != '{' || p[1] == '}')
		return false;
	do {
		begin = member_key(p + 1, &k);
		p = begin ? value(begin, JLINE_DEPTH) : NULL;
		if (p && k.n == n && !memcmp(k.p, key, n)) {
			*ret = (struct jspan){ begin, (size_t)(p - begin) };
			return true;
		}
	} while (p && *p == ',');
	return false;
}

bool jline_int(struct jspan v, int64_t *ret)
{
	size_t i = v.n && *v.p == '-';
	int64_t sum = 0;

	if (i == v.n || !is_digit(v.p[i]))
		return false;
	for (; i < v.n; i++)
		sum = sum * 10 + (v.p[i] - '0');
	*ret = *v.p == '-' ? -sum : sum;
	return true;
}

bool jline_text(struct jspan v, struct jspan *ret)
{
	if (v.n < 2 || *v.p != '"' || memchr(v.p, '\\', v.n))
		return false;
	*ret = (struct jspan){ v.p + 1, v.n - 2 };
	return true;
}
