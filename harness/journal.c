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

/* ---- reading ---- */
#define LINE_FIRST ((size_t)64 << 10)
#define LINE_MAX ((size_t)64 << 20)
#define MEMBERS_MAX 32

struct link { int64_t n; char prev[HASH_HEX]; };        /* what the next line must say */

/* Number and link of a line. False: not plain, or the link is written in a way that only jansson reads. */
static bool plain_link(const struct journal_line *l, int64_t *ret_n, struct jspan *ret_prev)
{
	bool has_prev = false;

	*ret_n = 0;
	for (size_t i = 0; i < l->n_members; i++) {
		const struct jmember *m = &l->member[i];

		if (m->key.n == 1 && *m->key.p == 'n')
			(void)!jline_int(m->value, ret_n);
		else if (m->key.n == 4 && !memcmp(m->key.p, "prev", 4))
			has_prev = jline_text(m->value, ret_prev);
	}
	return has_prev;
}

static bool check_link(const struct link *link, int64_t n, const char *prev, size_t len, struct err *err)
{
	if (n == link->n && len == HASH_HEX - 1 && !memcmp(prev, link->prev, len))
		return true;
	return err_set(err, ERR_BENCH, "journal.jsonl line %lld: broken link to the line before", (long long)link->n);
}

typedef bool each_fn(const struct journal_line *l, void *data, struct err *err);

/* One line: is it JSON, and does it follow the one before? */
static bool one_line(struct journal_line *l, struct link *link, each_fn *f, void *data, struct err *err)
{
	struct jmember member[MEMBERS_MAX];
	CLEANUP(free_json) json_t *rec = NULL;
	struct jspan prev;
	int64_t n;

	l->n = link->n;
	l->member = member;
	if (jline_plain(l->text, l->len, member, MEMBERS_MAX, &l->n_members) && plain_link(l, &n, &prev)) {
		if (!check_link(link, n, prev.p, prev.n, err))
			return false;
	} else {
		json_error_t bad;
		const char *text;

		rec = json_loadb(l->text, l->len, JSON_REJECT_DUPLICATES, &bad);
		if (!rec)
			return err_set(err, ERR_BENCH, "journal.jsonl line %lld: not JSON: %.100s", (long long)l->n, bad.text);
		text = json_string_value(json_object_get(rec, "prev"));
		if (!check_link(link, json_integer_value(json_object_get(rec, "n")), text ? text : "", text ? strlen(text) : 0, err))
			return false;
		l->n_members = 0;
		l->json = rec;
	}
	hash_text(l->text, l->len, link->prev);
	link->n++;
	return !f || f(l, data, err);
}

/* Every whole line of the file. *ret_good: where the torn rest begins. */
static bool walk(int fd, struct link *link, each_fn *f, void *data, size_t *ret_good, struct err *err)
{
	CLEANUP(free_ptr) char *buf = malloc(LINE_FIRST + 1);
	size_t room = LINE_FIRST, have = 0, good = 0;
	ssize_t got;

	*link = (struct link){ .n = 1 };
	memcpy(link->prev, zeros, HASH_HEX);
	while (buf && (got = read(fd, buf + have, room - have)) != 0) {
		char *line = buf, *end;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "journal.jsonl");
		have += (size_t)got;
		for (; (end = memchr(line, '\n', have - (size_t)(line - buf))); line = end + 1) {
			struct journal_line l = { .off = (int64_t)good, .text = line, .len = (size_t)(end - line) };

			if (!one_line(&l, link, f, data, err))
				return false;
			good += l.len + 1;
		}
		have -= (size_t)(line - buf);
		memmove(buf, line, have);
		if (have == room) {             /* a long line; what no newline ends is not hashed */
			char *more = room < LINE_MAX ? realloc(buf, room * 2 + 1) : NULL;

			if (!more)
				return err_set(err, ERR_LIMIT, "journal.jsonl line %lld: longer than %zu bytes", (long long)link->n, room);
			buf = more;
			room *= 2;
		}
		if (good + have > JOURNAL_MAX)
			return err_set(err, ERR_LIMIT, "journal.jsonl: larger than %zu bytes", JOURNAL_MAX);
	}
	*ret_good = good;
	return buf || err_set(err, ERR_OS, "out of memory");
}

static bool walk_file(const char *dir, struct link *link, each_fn *f, void *data, size_t *ret_good, size_t *ret_size,
		      struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	char path[FS_PATH];
	struct stat st;

	if (!fs_join(path, dir, "journal.jsonl", err) || !fs_open(path, &fd, &st, err))
		return false;
	*ret_size = (size_t)st.st_size;
	return walk(fd, link, f, data, ret_good, err);
}

bool journal_each(const char *dir, bool (*f)(const struct journal_line *l, void *data, struct err *err), void *data, struct err *err)
{
	struct link link;
	size_t good, size;

	return walk_file(dir, &link, f, data, &good, &size, err);
}

static bool keep(const struct journal_line *l, void *data, struct err *err)
{
	(void)err;
	json_array_append_new(data, l->json ? json_deep_copy(l->json) : json_loadb(l->text, l->len, 0, NULL));
	return true;
}

bool journal_read(const char *dir, json_t **ret_records, struct err *err)
{
	json_t *out = json_array();

	if (!journal_each(dir, keep, out, err)) {
		json_decref(out);
		return false;
	}
	*ret_records = out;
	return true;
}

/* ---- writing ---- */
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

bool journal_open(const char *dir, struct journal **ret, struct err *err)
{
	char path[FS_PATH];
	CLEANUP(close_fd) int fd = -1;
	struct link link = { .n = 1 };
	size_t len = 0, good = 0;
	struct journal *j;

	memcpy(link.prev, zeros, HASH_HEX);
	if (!fs_join(path, dir, "journal.jsonl", err))
		return false;
	if (access(path, F_OK) == 0 && !walk_file(dir, &link, NULL, NULL, &good, &len, err))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || (good < len && ftruncate(fd, (off_t)good) < 0))
		return err_sys(err, "%s", path);
	j = calloc(1, sizeof(*j));
	if (!j)
		return err_set(err, ERR_OS, "out of memory");
	j->fd = take_fd(&fd);
	j->n = link.n - 1;
	j->size = (off_t)good;
	memcpy(j->prev, link.prev, HASH_HEX);
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

int64_t journal_count(const struct journal *j)
{
	return j->n;
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
