// SPDX-License-Identifier: Apache-2.0
#include "harness/base/pick.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

struct picker {
	const char *text, *p, *end;
	char *out;                      /* never longer than the text: what is kept is copied, in order */
	size_t n;
	unsigned depth;
	const char *why;
};

static bool no(struct picker *k, const char *why)
{
	if (!k->why)
		k->why = why;
	return false;
}

static void keep(struct picker *k, const char *from, size_t n)
{
	memcpy(k->out + k->n, from, n);
	k->n += n;
}

static int next(struct picker *k)       /* the character after white space, or -1 */
{
	while (k->p < k->end && (*k->p == ' ' || *k->p == '\n' || *k->p == '\t' || *k->p == '\r'))
		k->p++;
	return k->p < k->end ? (unsigned char)*k->p : -1;
}

/* ---- what stands in a string ---- */
static int hex_at(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static bool unicode(struct picker *k)   /* after "\u" */
{
	int v = k->end - k->p >= 4 ? hex_at(k->p) : -1, low;

	if (v <= 0)
		return no(k, v ? "a wrong escape" : "a NUL");
	k->p += 4;
	if (v < 0xd800 || v > 0xdfff)
		return true;
	low = v < 0xdc00 && k->end - k->p >= 6 && k->p[0] == '\\' && k->p[1] == 'u' ? hex_at(k->p + 2) : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return no(k, "half a character");
	k->p += 6;
	return true;
}

static bool escape(struct picker *k)    /* after "\" */
{
	if (k->p == k->end || !*k->p || !strchr("\"\\/bfnrtu", *k->p))
		return no(k, "a wrong escape");
	return *k->p++ != 'u' || unicode(k);
}

static bool wide(struct picker *k)      /* a character of several bytes */
{
	const uint8_t *p = (const uint8_t *)k->p;
	size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;

	if (!n || (size_t)(k->end - k->p) < n)
		return no(k, "no UTF-8");
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return no(k, "no UTF-8");
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return no(k, "no UTF-8");
	k->p += n;
	return true;
}

/* Past what is neither quote, backslash, control character nor a byte of several: eight at a time. */
static void plain(struct picker *k)
{
	const uint64_t ones = 0x0101010101010101, high = ones * 0x80;
	uint64_t w;

	for (; k->end - k->p >= 8; k->p += 8) {
		uint64_t quote, slash;

		memcpy(&w, k->p, 8);
		quote = w ^ (ones * '"');
		slash = w ^ (ones * '\\');
		if (((w | (quote - ones) | (slash - ones) | (w - ones * 0x20)) & high))
			break;
	}
	while (k->p < k->end && (unsigned char)*k->p >= 0x20 && (unsigned char)*k->p < 0x80 && *k->p != '"' && *k->p != '\\')
		k->p++;
}

static bool string(struct picker *k)    /* at its quote */
{
	for (k->p++;;) {
		plain(k);
		if (k->p == k->end)
			return no(k, "the text ends inside a string");
		if (*k->p == '"') {
			k->p++;
			return true;
		}
		if ((unsigned char)*k->p < 0x20)
			return no(k, "a control character");
		if (*k->p == '\\' ? (k->p++, !escape(k)) : !wide(k))
			return false;
	}
}

/* ---- other values ---- */
static size_t digits(struct picker *k)
{
	const char *from = k->p;

	while (k->p < k->end && *k->p >= '0' && *k->p <= '9')
		k->p++;
	return (size_t)(k->p - from);
}

static bool number(struct picker *k)
{
	const char *first;

	k->p += *k->p == '-';
	first = k->p;
	if (!digits(k) || (*first == '0' && k->p - first > 1))
		return no(k, "a wrong number");
	if (k->p < k->end && *k->p == '.' && (k->p++, !digits(k)))
		return no(k, "a wrong number");
	if (k->p < k->end && (*k->p == 'e' || *k->p == 'E')) {
		k->p++;
		k->p += k->p < k->end && (*k->p == '+' || *k->p == '-');
		if (!digits(k))
			return no(k, "a wrong number");
	}
	return true;
}

static bool word(struct picker *k)
{
	static const char *const words[] = { "true", "false", "null", NULL };

	for (const char *const *w = words; *w; w++) {
		size_t n = strlen(*w);

		if ((size_t)(k->end - k->p) >= n && !memcmp(k->p, *w, n)) {
			k->p += n;
			return true;
		}
	}
	return no(k, k->p == k->end ? "the text ends" : "no value");
}

/* ---- objects and arrays ---- */
/* inside: as in struct pick; kept: does any of it go to out? */
static bool value(struct picker *k, const struct pick *inside, bool kept);

static const struct pick *wanted(const struct pick *want, const char *name, size_t n)
{
	for (; want && want->name; want++)
		if (strlen(want->name) == n && !memcmp(want->name, name, n))
			return want;
	return NULL;
}

/* One member; *any: is one kept already? */
static bool member(struct picker *k, const struct pick *want, bool *any)
{
	const char *name = k->p;
	const struct pick *w;

	if (next(k) != '"')
		return no(k, "no name of a member");
	name = k->p;
	if (!string(k))
		return false;
	w = wanted(want, name + 1, (size_t)(k->p - name) - 2);
	if (w) {
		keep(k, ",", *any);
		keep(k, name, (size_t)(k->p - name));
		keep(k, ":", 1);
		*any = true;
	}
	if (next(k) != ':')
		return no(k, "no colon");
	k->p++;
	return value(k, w ? w->inside : NULL, w != NULL);
}

static bool list(struct picker *k, const struct pick *want, bool picks)
{
	bool object = *k->p == '{', any = false;
	char close = object ? '}' : ']';

	if (++k->depth > PICK_DEPTH)
		return no(k, "too deep");
	keep(k, k->p++, picks);
	if (next(k) == close) {
		k->p++;
	} else {
		do {
			if (!object)
				keep(k, ",", picks && any);
			if (!(object ? member(k, want, &any) : value(k, want, picks)))
				return false;
			any |= !object;
			if (next(k) != ',' && next(k) != close)
				return no(k, k->p == k->end ? "the text ends" : "no comma");
		} while (*k->p++ == ',');
	}
	keep(k, &close, picks);
	k->depth--;
	return true;
}

static bool value(struct picker *k, const struct pick *inside, bool kept)
{
	int c = next(k);
	const char *from = k->p;
	bool nested = c == '{' || c == '[', picks = kept && inside && nested, ok;

	if (nested)
		ok = list(k, inside, picks);
	else
		ok = c == '"' ? string(k) : c == '-' || (c >= '0' && c <= '9') ? number(k) : word(k);
	if (ok && kept && !picks)
		keep(k, from, (size_t)(k->p - from));
	return ok;
}

bool pick_json(const char *text, size_t n, const struct pick *want, json_t **ret, struct err *err)
{
	CLEANUP(free_ptr) char *out = malloc(n + 1);
	struct picker k = { .text = text, .p = text, .end = text + n, .out = out };
	json_error_t why;

	if (!out)
		return err_sys(err, "%zu bytes", n);
	if (!value(&k, want, true) || (next(&k) >= 0 && !no(&k, "more than one value")))
		return err_set(err, ERR_CONF, "no JSON: %s at byte %zu", k.why, (size_t)(k.p - k.text));
	*ret = json_loadb(out, k.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	return *ret || err_set(err, ERR_CONF, "no JSON: %.200s", why.text);
}
