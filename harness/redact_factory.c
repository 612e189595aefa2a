// SPDX-License-Identifier: Apache-2.0
// Factory secrets (identity.secrets): a run holds only their keyed hashes on purpose, but whatever else it recorded may hold them.
// Their values are where device.yaml says: in a file here, on a console that was recorded, or in traffic that anybody could read.
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/pcapng.h"
#include "harness/redact_in.h"

#define FILE_MAX ((size_t)1 << 20)
#define CONSOLE_MAX ((size_t)256 << 20)
#define FINDS 32                        /* different values that one pattern may have */

struct look { const char *name; regex_t re; struct redact_words *w; unsigned found; };

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* Every place where the pattern fits, and of it the group, or all where there is none. */
static bool look(struct look *l, char *text, struct err *err)
{
	regmatch_t m[2];

	for (char *at = text; l->found < FINDS && *at && regexec(&l->re, at, 2, m, 0) == 0; at += m[0].rm_eo > 0 ? m[0].rm_eo : 1) {
		const regmatch_t *g = m[1].rm_so >= 0 ? &m[1] : &m[0];
		size_t n = (size_t)(g->rm_eo - g->rm_so);
		char value[1024];

		if (n < MARKER_SHORT || n >= sizeof(value))
			continue;
		memcpy(value, at + g->rm_so, n);
		value[n] = '\0';
		l->found++;
		if (!redact_word_add(l->w, l->name, "factory secret", value, err))
			return false;
	}
	return true;
}

/* Bytes as one text: a NUL ends a line, not the text. */
static bool look_bytes(struct look *l, const void *p, size_t n, struct err *err)
{
	CLEANUP(free_ptr) char *text = malloc(n + 1);

	if (!text)
		return err_set(err, ERR_OS, "out of memory");
	for (size_t i = 0; i < n; i++)
		text[i] = ((const char *)p)[i] ? ((const char *)p)[i] : '\n';
	text[n] = '\0';
	return look(l, text, err);
}

/* ---- where to look ---- */
/* ${root} is the folder that `jusan run` was started in: the one we are in, if anything of it is here. */
static bool in_file(struct look *l, const char *file, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	char root[FS_PATH], path[FS_PATH];
	struct err none = { 0 };
	size_t n;

	if (!strncmp(file, "${root}/", 8) && getcwd(root, sizeof(root)) ? snprintf(path, sizeof(path), "%s/%s", root, file + 8) >= FS_PATH :
									   snprintf(path, sizeof(path), "%s", file) >= FS_PATH)
		return true;
	return !fs_read(path, FILE_MAX, &text, &n, &none) || look_bytes(l, text, n, err);
}

static bool in_console(struct look *l, const char *dir, const char *line, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	const char *dot = strchr(line, '.');
	char path[FS_PATH];
	struct err none = { 0 };
	size_t n;

	if (!dot || strchr(line, '/') || snprintf(path, sizeof(path), "%s/serial/%s.raw", dir, dot + 1) >= FS_PATH)
		return true;
	return !fs_read(path, CONSOLE_MAX, &text, &n, &none) || look_bytes(l, text, n, err);
}

static bool in_capture(const char *rel, void *data, struct err *err)
{
	void **both = data;
	struct look *l = both[1];
	char path[FS_PATH];
	struct pcapng_reader r;
	struct pcapng_frame f;
	bool ok = true;

	if (!fs_join(path, both[0], rel, err) || !redact_is_capture(path))
		return !err->kind;
	if (!pcapng_open(path, false, &r, err))
		return false;
	while (ok && l->found < FINDS && pcapng_next(&r, &f, err))
		ok = look_bytes(l, f.data.p, f.data.n, err);
	pcapng_done(&r);
	return ok && !err->kind;
}

static bool one(const char *dir, const json_t *channel, struct look *l, struct err *err)
{
	const char *find = text_of(channel, "find"), *both[2] = { dir, (const char *)l };
	bool ok;

	if (regcomp(&l->re, *find ? find : ".+", REG_EXTENDED | REG_NEWLINE))
		return err_set(err, ERR_CONF, "identity.secrets '%.60s': find is no extended regular expression", l->name);
	ok = in_file(l, text_of(channel, "file"), err) && in_console(l, dir, text_of(channel, "console"), err);
	if (ok && *find && *text_of(channel, "url"))
		ok = fs_walk(dir, in_capture, both, err);
	regfree(&l->re);
	return ok && (l->found || redact_word_add(l->w, l->name, "factory secret", NULL, err));
}

bool redact_factory(const char *dir, const json_t *device, struct redact_words *w, struct err *err)
{
	size_t i;
	json_t *channel;

	json_array_foreach(json_object_get(json_object_get(device, "identity"), "secrets"), i, channel) {
		char name[32];
		struct look l = { .name = *text_of(channel, "name") ? text_of(channel, "name") : name, .w = w };

		snprintf(name, sizeof(name), "identity.secrets[%zu]", i);
		if (!one(dir, channel, &l, err))
			return false;
	}
	return true;
}
