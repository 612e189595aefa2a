// SPDX-License-Identifier: Apache-2.0
// Documents that a decision rests on, copied into the run folder under names that lead nobody astray.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/review_in.h"

#define NAME_MAX_KEPT 80                /* bytes of a document's own name that its copy keeps */

/* Letters, digits, dot, dash of the name, so that no path, shell or report can be led astray by it. */
static void safe_name(const char *path, char *buf, size_t n)
{
	const char *slash = strrchr(path, '/'), *p = slash ? slash + 1 : path;
	size_t len = strlen(p), k = 0;

	if (len > NAME_MAX_KEPT)
		p += len - NAME_MAX_KEPT;       /* the end tells its kind */
	for (; *p && k + 1 < n; p++, k++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '.' || *p == '-';

		buf[k] = plain && !(*p == '.' && k == 0) ? *p : '_';
	}
	buf[k] = '\0';
}

/* The name as people know it, made fit for JSON. */
static json_t *own_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	json_t *name = json_string(slash ? slash + 1 : path);
	char safe[NAME_MAX_KEPT + 8];

	if (name && json_string_length(name) <= 255)
		return name;
	json_decref(name);
	safe_name(path, safe, sizeof(safe));
	return json_string(safe);
}

static bool copy_bounded(int from, int to, const char *name, int64_t *ret_size, struct err *err)
{
	char buf[65536];
	int64_t size = 0;

	for (;;) {
		ssize_t n = read(from, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s", name);
		if (n == 0)
			break;
		size += n;
		if (size > (int64_t)REVIEW_FILE_MAX)
			return err_set(err, ERR_LIMIT, "%s: larger than %zu MiB", name, REVIEW_FILE_MAX >> 20);
		if (!fs_write_all(to, buf, (size_t)n, err))
			return err_in(err, "%s", name);
	}
	*ret_size = size;
	return fsync(to) == 0 || err_sys(err, "%s", name);
}

static bool open_document(const char *path, int *ret, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? err_set(err, ERR_CONF, "%s is a link: name the file itself", path) : err_sys(err, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_CONF, "%s is no regular file", path);
	if (st.st_size == 0)
		return err_set(err, ERR_CONF, "%s is empty", path);
	if (st.st_size > (off_t)REVIEW_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%s: larger than %zu MiB", path, REVIEW_FILE_MAX >> 20);
	*ret = take_fd(&fd);
	return true;
}

/* Copies one document to review/ID/NNNN-K-NAME; `to` is the folder of the id. */
static bool take_document(int to, const char *path, const char *id, unsigned entry, size_t k, json_t *files, struct err *err)
{
	CLEANUP(close_fd) int in = -1;
	CLEANUP(close_fd) int out = -1;
	char name[NAME_MAX_KEPT + 32], safe[NAME_MAX_KEPT + 8], rel[160], hex[HASH_HEX];
	int64_t size;

	if (!open_document(path, &in, err))
		return false;
	safe_name(path, safe, sizeof(safe));
	snprintf(name, sizeof(name), "%04u-%zu-%s", entry, k + 1, safe);
	snprintf(rel, sizeof(rel), "review/%s/%s", id, name);
	out = openat(to, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (out < 0)
		return err_sys(err, "%s", rel);
	json_array_append_new(files, json_pack("{s:s,s:o,s:i,s:s}", "path", rel, "name", own_name(path), "size", 0, "sha256", ""));
	if (!copy_bounded(in, out, path, &size, err))
		return false;
	if (lseek(out, 0, SEEK_SET) < 0 || !hash_fd(out, rel, hex, err))
		return err_in(err, "%s", rel);
	json_object_set_new(json_array_get(files, json_array_size(files) - 1), "size", json_integer(size));
	json_object_set_new(json_array_get(files, json_array_size(files) - 1), "sha256", json_string(hex));
	return true;
}

static bool folder_at(int at, const char *name, int *ret, struct err *err)
{
	int fd;

	if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
		return err_sys(err, "%s", name);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", name);
	*ret = fd;
	return true;
}

/* Documents of an interrupted review: of the entry that is about to be written, whatever they were called. */
struct sweep { const char *dir; char number[16]; };

static bool sweep(const char *rel, void *data, struct err *err)
{
	const struct sweep *s = data;
	const char *slash = strrchr(rel, '/');
	char path[FS_PATH];

	if (!slash || strncmp(slash + 1, s->number, strlen(s->number)))
		return true;
	if (!fs_join(path, s->dir, rel, err))
		return false;
	return unlink(path) == 0 || err_sys(err, "%s", path);
}

bool review_documents(const char *dir, const struct review_entry *e, unsigned n, json_t *files, struct err *err)
{
	CLEANUP(close_fd) int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_fd) int review = -1;
	CLEANUP(close_fd) int to = -1;
	char path[FS_PATH];
	struct sweep s = { path, "" };
	bool ok;

	snprintf(s.number, sizeof(s.number), "%04u-", n);
	ok = at >= 0 || err_sys(err, "%s", dir);
	ok = ok && folder_at(at, "review", &review, err) && fs_join(path, dir, "review", err) && fs_walk(path, sweep, &s, err) &&
	     (!e->n_files || folder_at(review, e->on, &to, err));
	for (size_t i = 0; ok && i < e->n_files; i++)
		ok = take_document(to, e->files[i], e->on, n, i, files, err);
	for (size_t i = 0; !ok && to >= 0 && i < json_array_size(files); i++)
		(void)!unlinkat(to, strrchr(json_string_value(json_object_get(json_array_get(files, i), "path")), '/') + 1, 0);
	return ok;
}
