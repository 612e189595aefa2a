/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/answers.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

/* Bytes as characters U+0000 to U+00FF: text stays legible, and nothing is lost. */
static json_t *latin1(struct span bytes)
{
	char *text = malloc(2 * bytes.n + 1);
	size_t n = 0;
	json_t *j;

	if (!text)
		return NULL;
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] >= 0x80)
			text[n++] = (char)(0xc0 | bytes.p[i] >> 6);
		text[n++] = (char)(bytes.p[i] < 0x80 ? bytes.p[i] : 0x80 | (bytes.p[i] & 0x3f));
	}
	j = json_stringn(text, n);
	free(text);
	return j;
}

void answers_add(struct answers *a, const char *port, const char *place, const char *asked, struct span bytes)
{
	json_t *j;

	if (!bytes.n)
		return;
	if (a->n == ANSWERS_MAX || a->bytes + bytes.n > ANSWERS_BYTES) {
		a->full = true;
		return;
	}
	a->n++;
	a->bytes += bytes.n;
	j = json_pack("{s:s,s:s,s:s,s:o}", "port", port, "place", place, "asked", asked, "text", latin1(bytes));
	if (!j || json_dumpf(j, a->file, JSON_COMPACT) || fputc('\n', a->file) == EOF)
		a->full = true;
	json_decref(j);
}

/* The other way round; 0 = it is no such text. */
static bool bytes_of(const json_t *text, uint8_t *buf, size_t *ret_n)
{
	const unsigned char *p = (const unsigned char *)json_string_value(text);
	size_t n = json_string_length(text), out = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] >= 0xc4)
			return false;
		buf[out++] = p[i];
		if (p[i] >= 0xc0) {
			buf[out - 1] = (uint8_t)(p[i] << 6 | (p[i + 1] & 0x3f));
			i++;
		}
	}
	*ret_n = out;
	return true;
}

static bool one(const char *line, size_t len, int64_t off, bool (*f)(const struct answer *a, void *data), void *data, bool *ret_go)
{
	CLEANUP(free_json) json_t *j = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	const json_t *text = json_object_get(j, "text");
	CLEANUP(free_ptr) uint8_t *buf = malloc(len + 1);
	struct answer a = { .off = off, .len = (int64_t)len };

	a.port = json_string_value(json_object_get(j, "port"));
	a.place = json_string_value(json_object_get(j, "place"));
	a.asked = json_string_value(json_object_get(j, "asked"));
	if (!buf || !a.port || !a.place || !a.asked || !json_is_string(text) || !bytes_of(text, buf, &a.bytes.n))
		return false;
	a.bytes.p = buf;
	*ret_go = f(&a, data);
	return true;
}

bool answers_read(const char *path, bool (*f)(const struct answer *a, void *data), void *data, struct err *err)
{
	CLEANUP(free_ptr) char *all = NULL;
	size_t n = 0, at = 0;
	bool go = true;

	if (!fs_read(path, 8 * ANSWERS_BYTES, &all, &n, err))
		return false;
	while (go && at < n) {
		const char *end = memchr(all + at, '\n', n - at);
		size_t len = end ? (size_t)(end - (all + at)) : n - at;

		if (len > ANSWER_LINE || !one(all + at, len, (int64_t)at, f, data, &go))
			return err_set(err, ERR_BENCH, "%s: what stands at byte %zu is no answer", path, at);
		at += len + 1;
	}
	return true;
}
