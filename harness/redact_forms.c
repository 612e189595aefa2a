// SPDX-License-Identifier: Apache-2.0
// Each word in the forms that JSON, URLs and HTML give it, besides those that marker.h knows.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/redact_in.h"

#define WRITTEN (6 * 1024 + 1)

static void put(char *out, size_t *n, const char *text)
{
	size_t len = strlen(text);

	if (*n + len < WRITTEN) {
		memcpy(out + *n, text, len + 1);
		*n += len;
	}
}

typedef void write_fn(unsigned char c, char out[8]);

static void as_json(unsigned char c, char out[8])
{
	static const char odd[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *at = c ? strchr(odd, c) : NULL;

	if (at)
		snprintf(out, 8, "\\%c", letter[at - odd]);
	else
		snprintf(out, 8, c < 0x20 ? "\\u%04x" : "%c", c);
}

static bool is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c));
}

static void as_url(unsigned char c, char out[8])
{
	snprintf(out, 8, is_unreserved(c) ? "%c" : "%%%02X", c);
}

static void as_url_lower(unsigned char c, char out[8])
{
	snprintf(out, 8, is_unreserved(c) ? "%c" : "%%%02x", c);
}

static void as_form(unsigned char c, char out[8])
{
	snprintf(out, 8, c == ' ' ? "+" : is_unreserved(c) ? "%c" : "%%%02X", c);
}

static void as_html(unsigned char c, char out[8])
{
	snprintf(out, 8, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : "%c", c);
}

/* "\u00fc" for what is not ASCII: how many libraries write JSON. */
static bool as_json_ascii(const char *text, char *out)
{
	CLEANUP(free_json) json_t *j = json_string(text);
	CLEANUP(free_ptr) char *dump = j ? json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
	size_t n = dump ? strlen(dump) : 0;

	if (n < 2 || n - 2 >= WRITTEN)
		return false;
	memcpy(out, dump + 1, n - 2);
	out[n - 2] = '\0';
	return true;
}

/* A text longer than a marker goes in pieces, the last of them as long as the others: all of them found is all of it found. */
static bool add(struct markers *m, unsigned word, const char *text, struct err *err)
{
	size_t n = strlen(text);
	char field[16], piece[MARKER_TEXT + 1];

	snprintf(field, sizeof(field), "%u", word);
	if (n <= MARKER_TEXT)
		return marker_add(m, field, text, err);
	for (size_t at = 0; at < n; at += MARKER_TEXT) {
		snprintf(piece, sizeof(piece), "%s", text + (at + MARKER_TEXT > n ? n - MARKER_TEXT : at));
		if (!marker_add(m, field, piece, err))
			return false;
	}
	return true;
}

#define FORMS 7
static bool add_all(struct markers *m, unsigned word, const char *value, struct err *err)
{
	static write_fn *const writers[] = { as_json, as_url, as_url_lower, as_form, as_html };
	CLEANUP(free_ptr) char *made = calloc(FORMS, WRITTEN);
	size_t n_made = 1;

	if (!made)
		return err_set(err, ERR_OS, "out of memory");
	snprintf(made, WRITTEN, "%s", value);
	for (size_t i = 0; i <= sizeof(writers) / sizeof(writers[0]); i++) {
		char *out = made + n_made * WRITTEN, one[8];
		size_t n = 0;
		bool twice = false;

		if (i == sizeof(writers) / sizeof(writers[0])) {
			if (!as_json_ascii(value, out))
				break;
		} else {
			out[0] = '\0';
			for (const char *p = value; *p; p++) {
				writers[i]((unsigned char)*p, one);
				put(out, &n, one);
			}
		}
		for (size_t k = 0; k < n_made; k++)
			twice |= !strcmp(made + k * WRITTEN, out);
		n_made += !twice;
	}
	for (size_t i = 0; i < n_made; i++)
		if (!add(m, word, made + i * WRITTEN, err))
			return false;
	return true;
}

/* ---- the control: what is put there is found ---- */
static bool on_hit(const struct marker_hit *hit, void *data)
{
	(void)hit;                      /* two words can have one form: whichever has its name, it is found */
	*(bool *)data = true;
	return false;
}

static bool is_found(const struct redact_words *w, unsigned word, const char *form, const uint8_t *p, size_t n, struct err *err)
{
	struct marker_state s = { 0 };
	bool seen = false;
	uint8_t around[4] = { 1, 2, 3, 4 };

	marker_scan(w->markers, &s, (struct span){ around, 4 }, on_hit, &seen);
	marker_scan(w->markers, &s, (struct span){ p, n }, on_hit, &seen);
	return seen || err_set(err, ERR_BENCH, "control: '%s' as %s was put before the search, and it did not find it", w->word[word].name, form);
}

/* What marker.h leaves out of such a text: XOR of few different neighbours, the bytes of what is no hex. */
static bool may_be_left(const char *text, const char *form)
{
	return !strcmp(form, "bytes") || (!strcmp(form, "xor") && strlen(text) < 16);
}

static bool control(const struct redact_words *w, unsigned word, struct err *err)
{
	char text[MARKER_TEXT + 1];
	uint8_t buf[2 * MARKER_TEXT + 8];
	size_t n;

	snprintf(text, sizeof(text), "%.*s", MARKER_TEXT, w->word[word].value);
	for (const char *const *form = marker_forms; *form; form++) {
		struct err missed = { 0 };

		if (marker_dress(text, *form, buf, &n) && n >= MARKER_SHORT && !is_found(w, word, *form, buf, n, &missed) && !may_be_left(text, *form)) {
			*err = missed;
			return false;
		}
	}
	return true;
}

bool redact_markers(struct redact_words *w, struct err *err)
{
	if (!markers_new(&w->markers, err))
		return false;
	for (unsigned i = 0; i < w->n; i++)
		if (!add_all(w->markers, i, w->word[i].value, err))
			return err_in(err, "%s", w->word[i].name);
	if (!markers_ready(w->markers, err))
		return false;
	for (unsigned i = 0; i < w->n; i++)
		if (!control(w, i, err))
			return false;
	return true;
}
