// SPDX-License-Identifier: Apache-2.0
#include "harness/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"

#define JOURNAL_MAX ((size_t)1 << 30)

struct journal {
	int fd;
	off_t size;                     /* of what is whole */
	int64_t n;
	char prev[HASH_HEX];
};

static const char zeros[HASH_HEX] = "0000000000000000000000000000000000000000000000000000000000000000";

/* Kinds after which a power loss of the host must find the record on disk; the others are written at once
 * too (so they survive a kill -9) and reach the disk with the next of these. */
static bool must_sync(const char *kind)
{
	static const char *const kinds[] = { "run", "state", "begin", "end", NULL };

	for (const char *const *k = kinds; *k; k++)
		if (!strcmp(*k, kind))
			return true;
	return false;
}

/* One line: parses, and checks number and link. */
static bool check_line(const char *line, size_t len, int64_t n, char prev[static HASH_HEX], json_t **ret,
		       struct err *err)
{
	json_error_t bad;
	json_t *rec = json_loadb(line, len, JSON_REJECT_DUPLICATES, &bad);
	const char *link;

	if (!rec)
		return err_set(err, ERR_BENCH, "journal.jsonl line %lld: not JSON: %.100s", (long long)n, bad.text);
	link = json_string_value(json_object_get(rec, "prev"));
	if (!link || strcmp(link, prev) || json_integer_value(json_object_get(rec, "n")) != n) {
		json_decref(rec);
		return err_set(err, ERR_BENCH, "journal.jsonl line %lld: broken link to the line before", (long long)n);
	}
	hash_text(line, len, prev);
	*ret = rec;
	return true;
}

/* Walks the text; appends to `out` when given. A last line without newline is torn: *ret_good is where it starts. */
static bool walk(const char *text, size_t len, json_t *out, int64_t *ret_n, char prev[static HASH_HEX],
		 size_t *ret_good, struct err *err)
{
	size_t off = 0;

	*ret_n = 0;
	memcpy(prev, zeros, HASH_HEX);
	while (off < len) {
		const char *end = memchr(text + off, '\n', len - off);
		json_t *rec;

		if (!end)
			break;
		if (!check_line(text + off, (size_t)(end - text) - off, *ret_n + 1, prev, &rec, err))
			return false;
		++*ret_n;
		if (out)
			json_array_append_new(out, rec);
		else
			json_decref(rec);
		off = (size_t)(end - text) + 1;
	}
	*ret_good = off;
	return true;
}

bool journal_open(const char *dir, struct journal **ret, struct err *err)
{
	char path[FS_PATH], prev[HASH_HEX];
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(close_fd) int fd = -1;
	size_t len = 0, good = 0;
	int64_t n = 0;
	struct journal *j;

	memcpy(prev, zeros, HASH_HEX);
	if (!fs_join(path, dir, "journal.jsonl", err))
		return false;
	if (access(path, F_OK) == 0) {
		if (!fs_read(path, JOURNAL_MAX, &text, &len, err) || !walk(text, len, NULL, &n, prev, &good, err))
			return false;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || (good < len && ftruncate(fd, (off_t)good) < 0))
		return err_sys(err, "%s", path);
	j = calloc(1, sizeof(*j));
	if (!j)
		return err_set(err, ERR_OS, "out of memory");
	j->fd = take_fd(&fd);
	j->n = n;
	j->size = (off_t)good;
	memcpy(j->prev, prev, HASH_HEX);
	*ret = j;
	if (good < len)
		return journal_append(j, "run", json_pack("{s:s,s:s}", "what", "torn", "text", "a torn last line was cut off"),
				      NULL, err);
	return true;
}

bool journal_append(struct journal *j, const char *kind, json_t *rec, int64_t *ret_n, struct err *err)
{
	CLEANUP(free_ptr) char *line = NULL;
	CLEANUP(free_json) json_t *owned = rec;
	size_t len;

	json_object_set_new(rec, "n", json_integer(j->n + 1));
	json_object_set_new(rec, "t_ns", json_integer(clock_ns()));
	json_object_set_new(rec, "kind", json_string(kind));
	json_object_set_new(rec, "prev", json_string(j->prev));
	line = json_dumps(rec, JSON_COMPACT | JSON_SORT_KEYS);
	if (!line)
		return err_set(err, ERR_OS, "journal: record does not encode");
	len = strlen(line);
	line[len] = '\n';               /* the terminator's place: json_dumps allocated len + 1 */
	if (!fs_write_all(j->fd, line, len + 1, err)) {
		/* A full disk takes half a line. Take it back: the records after it must still be read. */
		if (ftruncate(j->fd, j->size) < 0)
			err_in(err, "and the half line stays");
		return err_in(err, "journal.jsonl");
	}
	j->size += (off_t)len + 1;
	if (must_sync(kind) && fdatasync(j->fd) < 0)
		return err_sys(err, "journal.jsonl");
	hash_text(line, len, j->prev);
	j->n++;
	if (ret_n)
		*ret_n = j->n;
	return true;
}

struct journal *journal_close(struct journal *j)
{
	if (j) {
		fdatasync(j->fd);
		close(j->fd);
		free(j);
	}
	return NULL;
}

bool journal_read(const char *dir, json_t **ret_records, struct err *err)
{
	char path[FS_PATH], prev[HASH_HEX];
	CLEANUP(free_ptr) char *text = NULL;
	json_t *out;
	size_t len, good;
	int64_t n;

	if (!fs_join(path, dir, "journal.jsonl", err) || !fs_read(path, JOURNAL_MAX, &text, &len, err))
		return false;
	out = json_array();
	if (!walk(text, len, out, &n, prev, &good, err)) {
		json_decref(out);
		return false;
	}
	*ret_records = out;
	return true;
}
