// SPDX-License-Identifier: Apache-2.0
#include "harness/base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"

#define DEPTH_MAX 64            /* folders below folders; a run folder has 3 */
#define FILES_MAX 1000000

bool fs_write_all(int fd, const void *p, size_t n, struct err *err)
{
	const char *at = p;

	while (n > 0) {
		ssize_t did = write(fd, at, n);

		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0)
			return err_sys(err, "write");
		at += did;
		n -= (size_t)did;
	}
	return true;
}

bool fs_join(char buf[static FS_PATH], const char *dir, const char *name, struct err *err)
{
	int n = snprintf(buf, FS_PATH, "%s/%s", dir, name);

	if (n < 0 || n >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path longer than %d bytes: %.80s/%.80s...", FS_PATH, dir, name);
	return true;
}

/* O_NONBLOCK: a FIFO in a foreign run folder must not hang us; it is refused as no regular file. */
bool fs_open(const char *path, int *ret_fd, struct stat *ret_st, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return err_sys(err, "%s", path);
	if (!S_ISREG(ret_st->st_mode))
		return err_set(err, ERR_OS, "%s: not a regular file", path);
	*ret_fd = take_fd(&fd);
	return true;
}

bool fs_open_below(const char *dir, const char *rel, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char copy[FS_PATH], *save = NULL;
	struct stat st;

	if (at < 0)
		return err_sys(err, "%s", dir);
	if (rel[0] == '/' || snprintf(copy, sizeof(copy), "%s", rel) >= (int)sizeof(copy))
		return err_set(err, ERR_CONF, "%.80s lies outside the run folder", rel);
	for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		int next;

		if (!strcmp(part, ".."))
			return err_set(err, ERR_CONF, "%.80s lies outside the run folder", rel);
		next = openat(at, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (next < 0)
			return err_set(err, ERR_CONF, "%s: %s", rel, strerror(errno));
		close(at);
		at = next;
	}
	if (fstat(at, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_CONF, "%s is no file of the run folder", rel);
	*ret_fd = take_fd(&at);
	return true;
}

bool fs_read(const char *path, size_t max, char **ret, size_t *ret_n, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *buf = NULL;
	size_t n = 0, room = 0;
	struct stat st;

	if (!fs_open(path, &fd, &st, err))
		return false;
	for (;;) {
		ssize_t got;

		if (n == room) {                /* files in /proc say they are empty, so grow as we read */
			size_t size = st.st_size > 0 && !room ? (size_t)st.st_size + 1 : room * 2 + 4096;
			char *more;

			if (size > max + 1)
				size = max + 1;
			if (size <= n)
				return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path, max);
			more = realloc(buf, size + 1);
			if (!more)
				return err_set(err, ERR_OS, "out of memory");
			buf = more;
			room = size;
		}
		got = read(fd, buf + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "%s", path);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > max)
		return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path, max);
	buf[n] = '\0';
	*ret = buf;
	buf = NULL;
	*ret_n = n;
	return true;
}

/* So that the new name itself survives a power loss of the host. Best effort: not every file system can. */
static void sync_folder_of(const char *path)
{
	char dir[FS_PATH];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	CLEANUP(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)!fsync(fd);
}

static bool open_new(const char *path, mode_t mode, char tmp[static FS_PATH], int *ret_fd, struct err *err)
{
	int n = snprintf(tmp, FS_PATH, "%s.new", path), fd;

	if (n < 0 || n >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path longer than %d bytes: %.80s...", FS_PATH, path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, "%s", tmp);
	*ret_fd = fd;
	return true;
}

static bool into_place(int fd, const char *tmp, const char *path, struct err *err)
{
	if (fsync(fd) < 0 || rename(tmp, path) < 0)
		return err_sys(err, "%s", path);
	sync_folder_of(path);
	return true;
}

bool fs_write(const char *path, const void *p, size_t n, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	char tmp[FS_PATH];

	if (!open_new(path, 0666, tmp, &fd, err))
		return false;
	if (fs_write_all(fd, p, n, err) && into_place(fd, tmp, path, err))
		return true;
	unlink(tmp);
	return err_in(err, "%s", path);
}

/* JSON leaves in small pieces; large values never stand in memory twice. */
struct pieces { int fd; size_t n; char buf[32768]; struct err *err; };

static int add_piece(const char *p, size_t n, void *data)
{
	struct pieces *o = data;

	if (n > sizeof(o->buf) - o->n) {
		if (!fs_write_all(o->fd, o->buf, o->n, o->err))
			return -1;
		o->n = 0;
		if (n > sizeof(o->buf))
			return fs_write_all(o->fd, p, n, o->err) ? 0 : -1;
	}
	memcpy(o->buf + o->n, p, n);
	o->n += n;
	return 0;
}

bool fs_write_json(const char *path, const json_t *j, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct err why = { 0 };
	struct pieces o = { .err = &why };
	char tmp[FS_PATH];

	if (!open_new(path, 0666, tmp, &fd, err))
		return false;
	o.fd = fd;
	if (json_dump_callback(j, add_piece, &o, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENCODE_ANY) == 0 && add_piece("\n", 1, &o) == 0 &&
	    fs_write_all(fd, o.buf, o.n, &why) && into_place(fd, tmp, path, &why))
		return true;
	if (why.kind == ERR_NONE)
		err_set(&why, ERR_OS, "value cannot be written as JSON");
	unlink(tmp);
	*err = why;
	return err_in(err, "%s", path);
}

bool fs_read_json(const char *path, size_t max, json_t **ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	json_error_t why;
	json_t *j;
	size_t n;

	if (!fs_read(path, max, &text, &n, err))
		return false;
	j = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!j)
		return err_set(err, ERR_OS, "%s:%d:%d: %s", path, why.line, why.column, why.text);
	*ret = j;
	return true;
}

bool fs_mkdirs(const char *path, struct err *err)
{
	char buf[FS_PATH];
	struct stat st;
	int n = snprintf(buf, sizeof(buf), "%s", path);

	if (n <= 0 || n >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path empty or longer than %d bytes: %.80s", FS_PATH, path);
	for (char *p = buf + 1; ; p++) {
		char c = *p;

		if (c != '/' && c)
			continue;
		*p = '\0';
		if (mkdir(buf, 0777) < 0 && (errno != EEXIST || stat(buf, &st) < 0 || !S_ISDIR(st.st_mode)))
			return err_sys(err, "%s", buf);
		*p = c;
		if (!c)
			return true;
	}
}

static bool copy_bytes(int from, int to, struct err *err)
{
	char buf[65536];

	for (;;) {
		ssize_t got = read(from, buf, sizeof(buf));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "read");
		if (got == 0)
			return true;
		if (!fs_write_all(to, buf, (size_t)got, err))
			return false;
	}
}

bool fs_copy(const char *from, const char *to, struct err *err)
{
	CLEANUP(close_fd) int in = -1;
	CLEANUP(close_fd) int out = -1;
	char tmp[FS_PATH];
	struct stat st;

	if (!fs_open(from, &in, &st, err) || !open_new(to, st.st_mode & 0777, tmp, &out, err))
		return false;
	if (copy_bytes(in, out, err) && into_place(out, tmp, to, err))
		return true;
	unlink(tmp);
	return err_in(err, "%s to %s", from, to);
}

static bool remove_at(int dir, const char *name, unsigned depth, struct err *err);

static bool remove_inside(int fd, unsigned depth, struct err *err)
{
	DIR *d = fdopendir(fd);                 /* takes fd over */
	struct dirent *e;
	bool ok = true;

	if (!d) {
		close(fd);
		return err_sys(err, "fdopendir");
	}
	while (ok && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			ok = remove_at(dirfd(d), e->d_name, depth + 1, err);
	closedir(d);
	return ok;
}

static bool remove_at(int dir, const char *name, unsigned depth, struct err *err)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "%s", name);
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d folders deep", name, DEPTH_MAX);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", name);
	if (!remove_inside(fd, depth, err))
		return err_in(err, "%s", name);
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0)
		return err_sys(err, "%s", name);
	return true;
}

bool fs_remove(const char *path, struct err *err)
{
	return remove_at(AT_FDCWD, path, 0, err);
}

/* ---- walking ---- */
struct paths { char **path; size_t n, room; bool odd; };        /* odd: what is no regular file instead of what is */

static void paths_free(struct paths *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
}

static bool paths_add(struct paths *l, const char *rel, struct err *err)
{
	if (l->n >= FILES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d files in one folder tree", FILES_MAX);
	if (l->n == l->room) {
		size_t room = l->room * 2 + 64;
		char **more = realloc(l->path, room * sizeof(*more));

		if (!more)
			return err_set(err, ERR_OS, "out of memory");
		l->path = more;
		l->room = room;
	}
	l->path[l->n] = strdup(rel);
	if (!l->path[l->n])
		return err_set(err, ERR_OS, "out of memory");
	l->n++;
	return true;
}

static bool collect(int fd, const char *rel, unsigned depth, struct paths *l, struct err *err);

static bool collect_entry(int dir, const char *rel, const char *name, unsigned depth, struct paths *l, struct err *err)
{
	char path[FS_PATH];
	struct stat st;
	int fd;

	if (!*rel)
		snprintf(path, sizeof(path), "%s", name);
	else if (!fs_join(path, rel, name, err))
		return false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? true : err_sys(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) == l->odd || paths_add(l, path, err);
	if (depth >= DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d folders deep", path, DEPTH_MAX);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", path);
	return collect(fd, path, depth + 1, l, err);
}

static bool collect(int fd, const char *rel, unsigned depth, struct paths *l, struct err *err)
{
	DIR *d = fdopendir(fd);                 /* takes fd over */
	struct dirent *e;
	bool ok = true;

	if (!d) {
		close(fd);
		return err_sys(err, "%s", rel);
	}
	while (ok && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			ok = collect_entry(dirfd(d), rel, e->d_name, depth, l, err);
	closedir(d);
	return ok;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool walk(const char *dir, bool odd, bool (*f)(const char *rel, void *data, struct err *err), void *data, struct err *err)
{
	CLEANUP(paths_free) struct paths l = { .odd = odd };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "%s", dir);
	if (!collect(fd, "", 0, &l, err))
		return false;
	if (l.n)
		qsort(l.path, l.n, sizeof(*l.path), by_text);
	for (size_t i = 0; i < l.n; i++)
		if (!f(l.path[i], data, err))
			return false;
	return true;
}

bool fs_walk(const char *dir, bool (*f)(const char *rel, void *data, struct err *err), void *data, struct err *err)
{
	return walk(dir, false, f, data, err);
}

bool fs_walk_odd(const char *dir, bool (*f)(const char *rel, void *data, struct err *err), void *data, struct err *err)
{
	return walk(dir, true, f, data, err);
}
