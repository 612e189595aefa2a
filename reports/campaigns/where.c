// SPDX-License-Identifier: Apache-2.0
// Where a page may be written, and how it leads from there to a run folder.
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "reports/campaigns/index.h"
#include "reports/campaigns/page.h"

/* The folder of a file that need not be there, as a real path; "" when there is no such folder. */
static void folder_of(const char *path, char ret[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (!realpath(dir, ret))
		ret[0] = '\0';
}

/* A page of ours says so near its begin. */
static bool is_ours(const char *path, const char *kind)
{
	CLEANUP(close_fd) int fd = -1;
	char head[4096], mark[64];
	struct stat st;
	struct err none = { 0 };
	ssize_t n;

	if (!fs_open(path, &fd, &st, &none))
		return false;
	n = read(fd, head, sizeof(head) - 1);
	if (n < 0)
		return false;
	head[n] = '\0';
	snprintf(mark, sizeof(mark), "name=\"generator\" content=\"jusan %s ", kind);
	return strstr(head, mark) != NULL || !n;
}

bool page_may_write(const char *path, const char *kind, struct err *err)
{
	char dir[PATH_MAX], *slash;
	struct stat st;

	folder_of(path, dir);
	if (!dir[0])
		return err_set(err, ERR_CONF, "%s: there is no such folder", path);
	do {
		if (index_is_run(dir))
			return err_set(err, ERR_CONF, "%s lies in the run folder %s, which holds what is sealed: choose another place with -o", path, dir);
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
	} while (slash && dir[0]);
	if (!lstat(path, &st) && !is_ours(path, kind))
		return err_set(err, ERR_CONF, "%s is there and is no page of `jusan %s`: not written over; choose another name with -o", path, kind);
	return true;
}

static void close_with_slash(char path[static PATH_MAX])
{
	size_t n = strlen(path);

	if (n && n < PATH_MAX - 1 && path[n - 1] != '/')
		memcpy(path + n, "/", 2);
}

char *page_way(const char *page, const char *folder)
{
	char from[PATH_MAX], to[PATH_MAX], *way = NULL;
	size_t n = 0, at = 0, i;
	CLEANUP(free_json) json_t *rest = NULL;
	FILE *f = open_memstream(&way, &n);

	if (!f)
		abort();
	folder_of(page, from);
	if (from[0] && realpath(folder, to)) {
		close_with_slash(from);
		close_with_slash(to);
		for (i = 0; from[i] && from[i] == to[i]; i++)
			at = from[i] == '/' ? i + 1 : at;
		for (i = at; from[i]; i++)
			fputs(from[i] == '/' ? "../" : "", f);
		rest = path_href(to + at);
		fputs(json_string_value(rest), f);
	}
	fclose(f);
	return way;
}
