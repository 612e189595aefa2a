/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536

struct file { char name[256]; int64_t size; uint32_t *before; };       /* LFs before each block */

struct lines {
	struct evidence *e;
	struct file file[LINES_FILES]; size_t n;
	uint8_t buf[BLOCK];
};

struct lines *lines_open(struct evidence *e)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->e = e;
	return l;
}

struct lines *lines_close(struct lines *l)
{
	for (size_t i = 0; l && i < l->n; i++)
		free(l->file[i].before);
	free(l);
	return NULL;
}

static uint32_t count(const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	uint32_t found = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		found++;
		p++;
	}
	return found;
}

/* Reads the file once. Without memory or beyond the bound it has no lines. */
static void survey(struct lines *l, struct file *f)
{
	uint32_t sum = 0;

	f->size = evidence_use(l->e, f->name);
	if (f->size <= 0 || f->size > LINES_BYTES)
		return;
	f->before = calloc((size_t)(f->size / BLOCK) + 1, sizeof(*f->before));
	for (int64_t b = 0; f->before && b * BLOCK < f->size; b++) {
		f->before[b] = sum;
		sum += count(l->buf, evidence_read(l->e, b * BLOCK, (b + 1) * BLOCK, l->buf));
	}
}

int64_t lines_at(struct lines *l, const char *file, int64_t off)
{
	int64_t block = off / BLOCK;
	size_t i = 0, n;

	while (i < l->n && strcmp(l->file[i].name, file))
		i++;
	if (i == l->n) {
		if (i == LINES_FILES || strlen(file) >= sizeof(l->file[i].name))
			return 0;
		snprintf(l->file[i].name, sizeof(l->file[i].name), "%s", file);
		l->n++;
		survey(l, &l->file[i]);
	}
	if (off < 0 || off >= l->file[i].size || !l->file[i].before || evidence_use(l->e, file) < 0)
		return 0;
	n = evidence_read(l->e, block * BLOCK, off, l->buf);
	return 1 + l->file[i].before[block] + count(l->buf, n);
}
