// SPDX-License-Identifier: Apache-2.0
// A device.yaml with new sections ics and ixit, and not another byte changed.
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf_write.h"
#include "harness/base/fs.h"
#include "harness/declare_csv.h"

static const char *line_start(const char *text, unsigned line)
{
	while (line > 1 && *text) {
		const char *end = strchr(text, '\n');

		if (!end)
			return text + strlen(text);
		text = end + 1;
		line--;
	}
	return text;
}

/* A remark between sections begins its line; an indented one belongs to the section, or is text in a block. */
static bool is_remark(const char *line, const char *end)
{
	if (*line == '#')
		return true;
	while (line < end && (*line == ' ' || *line == '\t' || *line == '\r' || *line == '\n'))
		line++;
	return line == end;
}

/* Where a section's own lines end: remarks and blank lines before the next one belong to that. */
static const char *own_end(const char *from, const char *next)
{
	const char *end = next;

	while (end > from) {
		const char *line = end - 1;

		while (line > from && line[-1] != '\n')
			line--;
		if (!is_remark(line, end))
			break;
		end = line;
	}
	return end;
}

static bool write_section(FILE *out, const char *name, const struct conf *sections, bool *done, struct err *err)
{
	const struct conf *c = conf_get(sections, name), *key[1], *item[1];
	struct conf k = { .kind = CONF_SCALAR, .text = name }, one = { .kind = CONF_MAP, .n = 1, .key = key, .item = item };

	key[0] = &k;
	item[0] = c;
	*done = true;
	return conf_write(out, &one, err);
}

bool declare_replace(FILE *out, const char *path, const struct conf *sections, struct err *err)
{
	static const char *const name[2] = { "ics", "ixit" };
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	const struct conf *file = NULL;
	bool done[2] = { false, false };
	const char *p;
	size_t n;

	if (!fs_read(path, CONF_MAX_BYTES, &text, &n, err) || !conf_parse(&a, path, text, n, &file, err) || !conf_is(file, CONF_MAP, path, err))
		return false;
	p = text;
	for (size_t i = 0; i < file->n; i++) {
		const char *from = line_start(text, file->key[i]->at.line);
		const char *next = i + 1 < file->n ? line_start(text, file->key[i + 1]->at.line) : text + n;
		int which = !strcmp(file->key[i]->text, name[0]) ? 0 : !strcmp(file->key[i]->text, name[1]) ? 1 : -1;

		if (file->key[i]->at.col != 1 || from == next)
			return err_at(err, file->key[i]->at, "each section must begin a line of its own to be replaced");
		fwrite(p, 1, (size_t)(from - p), out);
		p = from;
		if (which < 0 || !conf_get(sections, name[which]))
			continue;
		if (!write_section(out, name[which], sections, &done[which], err))
			return false;
		p = own_end(from, next);
	}
	fwrite(p, 1, (size_t)(text + n - p), out);
	if (n && text[n - 1] != '\n')
		fputc('\n', out);
	for (int i = 0; i < 2; i++)
		if (!done[i] && conf_get(sections, name[i]) && !write_section(out, name[i], sections, &done[i], err))
			return false;
	return true;
}
