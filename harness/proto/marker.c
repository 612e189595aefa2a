/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/marker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/automaton.h"

struct field { char name[64]; uint8_t text[MARKER_TEXT]; size_t n; };
struct pattern { unsigned field; const char *how; uint8_t first; bool xor; };

struct markers {
	struct field field[MARKER_FIELDS];
	unsigned fields;
	struct pattern pattern[AUTOMATON_PATTERNS];
	unsigned patterns;
	struct automaton *plain, *diff;
};

const char *const marker_forms[] = { "plain", "base64", "hex", "HEX", "utf16le", "utf16be", "reversed", "xor", "bytes", NULL };

bool markers_new(struct markers **ret, struct err *err)
{
	struct markers *m = calloc(1, sizeof(*m));

	if (!m || !(m->plain = automaton_new()) || !(m->diff = automaton_new())) {
		markers_free(m);
		return err_set(err, ERR_OS, "out of memory");
	}
	*ret = m;
	return true;
}

struct markers *markers_free(struct markers *m)
{
	if (!m)
		return NULL;
	automaton_free(m->plain);
	automaton_free(m->diff);
	free(m);
	return NULL;
}

static bool add(struct markers *m, const char *how, const uint8_t *p, size_t n, bool xor, struct err *err)
{
	if (m->patterns == AUTOMATON_PATTERNS)
		return err_set(err, ERR_LIMIT, "too many markers");
	m->pattern[m->patterns] = (struct pattern){ m->fields, how, m->field[m->fields].text[0], xor };
	/* the same bytes twice (hex of digits only has one case) count once */
	if (automaton_add(xor ? m->diff : m->plain, p, n, m->patterns))
		m->patterns++;
	return true;
}

/* ---- forms ---- */
static const char std64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The characters that are the same whatever stands around `p`, when `skip` bytes come before it in its group of 3. */
static size_t base64_core(const uint8_t *p, size_t n, unsigned skip, const char *alphabet, uint8_t *out)
{
	size_t first = (8 * skip + 5) / 6, end = 8 * (skip + n) / 6, k = 0;

	for (size_t i = first; i < end; i++) {
		unsigned v = 0;

		for (unsigned b = 0; b < 6; b++) {
			size_t bit = 6 * i + b - 8 * skip;

			v = v << 1 | (p[bit / 8] >> (7 - bit % 8) & 1);
		}
		out[k++] = (uint8_t)alphabet[v];
	}
	return k;
}

static size_t hex(const uint8_t *p, size_t n, bool upper, uint8_t *out)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)digits[p[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[p[i] & 15];
	}
	return 2 * n;
}

static size_t utf16(const uint8_t *p, size_t n, bool big, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i + big] = p[i];
		out[2 * i + !big] = 0;
	}
	return 2 * n;
}

static size_t reversed(const uint8_t *p, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = p[n - 1 - i];
	return n;
}

/* The bytes that hex digits stand for; 0 when the text is something else. */
static size_t unhex(const uint8_t *p, size_t n, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";

	if (n % 2 || n < 16)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const char *d = p[i] ? strchr(digits, p[i] | (p[i] >= 'A' ? 0x20 : 0)) : NULL;

		if (!d)
			return 0;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (uint8_t)(d - digits));
	}
	return n / 2;
}

static size_t upper_case(const uint8_t *p, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = p[i] >= 'a' && p[i] <= 'z' ? (uint8_t)(p[i] - 32) : p[i];
	return n;
}

static bool add_base64(struct markers *m, const char *how, const uint8_t *p, size_t n, struct err *err)
{
	uint8_t out[2 * MARKER_TEXT + 8];

	for (unsigned skip = 0; skip < 3; skip++) {
		size_t k = base64_core(p, n, skip, std64, out);

		if (k < MARKER_SHORT)
			continue;
		if (!add(m, how, out, k, false, err))
			return false;
		k = base64_core(p, n, skip, url64, out);
		if (!add(m, how, out, k, false, err))
			return false;
	}
	return true;
}

static bool add_xor(struct markers *m, const uint8_t *p, size_t n, struct err *err)
{
	uint8_t diff[MARKER_TEXT];
	unsigned different = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		diff[i] = p[i] ^ p[i + 1];
		different += diff[i] && !memchr(diff, diff[i], i);
	}
	return n < 8 || different < 4 || add(m, "xor", diff, n - 1, true, err);
}

bool marker_add(struct markers *m, const char *field, const char *text, struct err *err)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8_t out[2 * MARKER_TEXT + 8], raw[MARKER_TEXT] = { 0 };
	size_t n = strlen(text), k;
	struct field *f = &m->field[m->fields];

	if (n < MARKER_SHORT || n > MARKER_TEXT)
		return err_set(err, ERR_CONF, "%s: a text to search for has %d to %d bytes", field, MARKER_SHORT, MARKER_TEXT);
	if (m->fields == MARKER_FIELDS)
		return err_set(err, ERR_LIMIT, "more than %d texts to search for", MARKER_FIELDS);
	snprintf(f->name, sizeof(f->name), "%.63s", field);
	memcpy(f->text, text, n);
	f->n = n;
	if (!add(m, "plain", p, n, false, err) || !add(m, "upper", out, upper_case(p, n, out), false, err) ||
	    !add_base64(m, "base64", p, n, err) || !add(m, "hex", out, hex(p, n, false, out), false, err) ||
	    !add(m, "HEX", out, hex(p, n, true, out), false, err) ||
	    !add(m, "utf16le", out, utf16(p, n, false, out), false, err) ||
	    !add(m, "utf16be", out, utf16(p, n, true, out), false, err) ||
	    !add(m, "reversed", out, reversed(p, n, out), false, err) || !add_xor(m, p, n, err))
		return false;
	k = unhex(p, n, raw);
	if (k && (!add(m, "bytes", raw, k, false, err) || !add_base64(m, "base64 of bytes", raw, k, err)))
		return false;
	m->fields++;
	return true;
}

bool markers_ready(struct markers *m, struct err *err)
{
	return automaton_ready(m->plain, err) && automaton_ready(m->diff, err);
}

/* ---- scanning ---- */
struct scan {
	const struct markers *m;
	const struct marker_state *s;
	int64_t end;                    /* offset after the last byte of the hit */
	bool (*f)(const struct marker_hit *hit, void *data);
	void *data;
};

static bool on_hit(unsigned id, size_t n, void *data)
{
	const struct scan *c = data;
	const struct pattern *p = &c->m->pattern[id];
	struct marker_hit hit = { c->m->field[p->field].name, p->how, c->end - (int64_t)n, n };

	if (p->xor) {
		hit.off--;
		hit.n++;
		if (c->s->ring[hit.off & 511] == p->first)
			return true;            /* key 0: the plain form, found by the other automaton */
	}
	return c->f(&hit, c->data);
}

bool marker_scan(const struct markers *m, struct marker_state *s, struct span bytes,
		 bool (*f)(const struct marker_hit *hit, void *data), void *data)
{
	struct scan c = { m, s, 0, f, data };

	for (size_t i = 0; i < bytes.n; i++) {
		uint8_t b = bytes.p[i];

		s->ring[s->off & 511] = b;
		s->off++;
		c.end = s->off;
		s->at = automaton_step(m->plain, s->at, b);
		if (s->off > 1)
			s->diff_at = automaton_step(m->diff, s->diff_at, b ^ s->last);
		s->last = b;
		if ((automaton_final(m->plain, s->at) && !automaton_hits(m->plain, s->at, on_hit, &c)) ||
		    (automaton_final(m->diff, s->diff_at) && !automaton_hits(m->diff, s->diff_at, on_hit, &c)))
			return false;
	}
	return true;
}

bool marker_dress(const char *text, const char *how, uint8_t *buf, size_t *ret_n)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = strlen(text);

	if (n > MARKER_TEXT)
		return false;
	memset(buf, 0, MARKER_TEXT);
	if (!strcmp(how, "plain") || !strcmp(how, "xor"))
		for (*ret_n = n; n--;)
			buf[n] = p[n] ^ (how[0] == 'x' ? 0xa5 : 0);
	else if (!strcmp(how, "base64"))
		*ret_n = base64_core(p, n, 0, std64, buf);      /* without the last group's rest: it is cut into other data */
	else if (!strcmp(how, "hex") || !strcmp(how, "HEX"))
		*ret_n = hex(p, n, how[0] == 'H', buf);
	else if (!strcmp(how, "utf16le") || !strcmp(how, "utf16be"))
		*ret_n = utf16(p, n, how[5] == 'b', buf);
	else if (!strcmp(how, "reversed"))
		*ret_n = reversed(p, n, buf);
	else if (!strcmp(how, "bytes"))
		*ret_n = unhex(p, n, buf);
	else
		return false;
	return *ret_n > 0;
}
