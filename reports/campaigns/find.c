// SPDX-License-Identifier: Apache-2.0
// Which folders are runs. Opens no file and follows no link.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "reports/campaigns/index.h"

void not_read(struct found *f, const char *path, const char *fmt, ...)
{
	char why[600];
	va_list ap;
	json_t *text;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	text = path_json(why);          /* it may quote what is no UTF-8 */
	json_array_append_new(f->not_read, json_pack("{s:o,s:o}", "path", path_json(path), "why", text));
}

/* Opened without following a link in the last part; the parts before were opened so too. */
static int open_folder(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_there(int dir, const char *name, mode_t *ret)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret = st.st_mode & S_IFMT;
	return true;
}

static bool leads_to_folder(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) < 0 || S_ISDIR(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, so that the same folder is always read in the same order. Returns how many; names are malloc'd. */
static size_t names_in(DIR *d, char ***ret)
{
	char **names = NULL, **more;
	size_t n = 0;
	const struct dirent *e;

	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		more = n % 64 ? names : realloc(names, (n + 64) * sizeof(*names));
		if (!more)
			abort();
		names = more;
		names[n] = strdup(e->d_name);
		if (!names[n++])
			abort();
	}
	if (n)
		qsort(names, n, sizeof(*names), by_name);
	*ret = names;
	return n;
}

/* True: nothing below it is looked at. */
static bool is_run(struct found *f, int dir, const char *path)
{
	mode_t mode, other;

	if (is_there(dir, "verdicts.json", &mode)) {
		if (mode != S_IFREG)
			not_read(f, path, "verdicts.json is no regular file");
		else if (json_array_size(f->runs) >= INDEX_RUNS)
			not_read(f, path, "more than %d runs", INDEX_RUNS);
		else
			json_array_append_new(f->runs, json_stringn_nocheck(path, strlen(path)));       /* raw: not always UTF-8 */
		return true;
	}
	if (is_there(dir, "run.json", &other) || is_there(dir, "journal.jsonl", &other)) {
		not_read(f, path, "not judged: there is no verdicts.json (jusan judge writes it)");
		return true;
	}
	return false;
}

static void walk(struct found *f, int at, const char *name, const char *path, unsigned depth);

static void walk_into(struct found *f, int dir, const char *name, const char *path, unsigned depth)
{
	bool top = !strcmp(path, ".");
	char below[FS_PATH];
	mode_t mode;

	if (!is_there(dir, name, &mode) || (mode != S_IFDIR && mode != S_IFLNK))
		return;
	if (snprintf(below, sizeof(below), "%s%s%s", top ? "" : path, top ? "" : "/", name) >= (int)sizeof(below))
		not_read(f, path, "holds a folder whose name is too long");
	else if (mode == S_IFLNK && leads_to_folder(dir, name))
		not_read(f, below, "a link; links are not followed");
	else if (mode == S_IFLNK)
		return;
	else if (depth == INDEX_DEPTH)
		not_read(f, below, "deeper than %d folders", INDEX_DEPTH);
	else if (++f->folders > INDEX_FOLDERS)
		not_read(f, below, "more than %d folders were looked at before", INDEX_FOLDERS);
	else
		walk(f, dir, name, below, depth + 1);
}

static void walk(struct found *f, int at, const char *name, const char *path, unsigned depth)
{
	int fd = open_folder(at, name);
	char **names = NULL;
	size_t n;
	DIR *d;

	if (fd < 0) {
		not_read(f, path, "cannot be opened: %s", strerror(errno));
		return;
	}
	if (is_run(f, fd, path)) {
		close(fd);
		return;
	}
	d = fdopendir(fd);
	if (!d)
		abort();
	n = names_in(d, &names);
	for (size_t i = 0; i < n; i++) {
		walk_into(f, fd, names[i], path, depth);
		free(names[i]);
	}
	free(names);
	closedir(d);
}

void find_runs(struct found *f)
{
	int at = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at < 0) {
		not_read(f, ".", "cannot be opened: %s", strerror(errno));
		return;
	}
	walk(f, at, ".", ".", 0);
	close(at);
}

bool index_is_run(const char *folder)
{
	static const char *const marks[] = { "verdicts.json", "run.json", "MANIFEST.json", "journal.jsonl", NULL };
	CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mode_t mode;

	for (const char *const *m = marks; fd >= 0 && *m; m++)
		if (is_there(fd, *m, &mode))
			return true;
	return false;
}
