/* SPDX-License-Identifier: Apache-2.0
 * Source  Linux, fs/squashfs/squashfs_fs.h (the super block). */
#include "probes/image/squash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/spawn.h"

enum { SUPER = 96, LIST_MAX = 64 << 20, FILE_MAX = 128 << 20 };
static const char program[] = "/usr/bin/unsquashfs";

static uint64_t le(struct span s, size_t at, unsigned n)
{
	struct span field = { s.p + at, n };
	uint64_t v = 0;

	take_le(&field, n, &v);
	return v;
}

size_t squash_length(struct span s)
{
	uint64_t used;

	if (s.n < SUPER || memcmp(s.p, "hsqs", 4) || le(s, 28, 2) != 4 || le(s, 22, 2) > 20 || le(s, 12, 4) != (uint64_t)1 << le(s, 22, 2))
		return 0;
	used = le(s, 40, 8);
	return used < SUPER || used > s.n ? 0 : (size_t)used;
}

/* ---- the child ---- */
/* false: it could not be started. *ret_status: -1 = it did not come to its end in time. */
static bool run(char *const argv[], const char *out, int64_t until_ns, struct step *st, int *ret_status, struct err *err)
{
	CLEANUP(close_fd) int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct spawn child;

	if (fd < 0)
		return err_sys(err, "%s", out);
	if (!spawn_start(argv, fd, &(struct spawn_options){ .file_max = FILE_MAX }, &child, err))
		return false;
	*ret_status = -1;
	if (step_wait(st, child.pidfd, until_ns))
		*ret_status = spawn_reap(&child);
	else
		spawn_stop(&child, 0);
	return true;
}

/* "-rwxr-xr-x root/root 1234 2024-01-01 00:00 squashfs-root/bin/x": how many files, and how many bytes they would take. */
static bool read_list(char *list, int64_t *ret_files, int64_t *ret_bytes)
{
	char *save = NULL;

	*ret_files = *ret_bytes = 0;
	for (char *line = strtok_r(list, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		long long size = 0;

		++*ret_files;
		if (line[0] == '-' && (sscanf(line, "%*s %*s %lld", &size) != 1 || size < 0))
			return false;
		if (__builtin_add_overflow(*ret_bytes, size, ret_bytes))
			return false;
	}
	return *ret_files > 0;
}

static void folder_of(struct step *st, size_t i, char ret[static FS_PATH])
{
	snprintf(ret, FS_PATH, "%s/squash-%zu", step_work_dir(st), i);
}

/* 2: some files could not be made. Devices never can, for want of rights; what could not be read is missing. */
static void note_losses(struct scan *s, const char *out, int64_t at)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct err unread = { 0 };
	size_t n;

	if (!fs_read(out, LIST_MAX, &text, &n, &unread) || strstr(text, "failed to"))
		snprintf(s->lost, sizeof(s->lost), "the squashfs at 0x%llx could not be read whole", (long long)at);
}

static bool fits(const struct scan *s, const char *out, int64_t *ret_bytes)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct err unread = { 0 };
	int64_t files;
	size_t n;

	if (!fs_read(out, LIST_MAX, &text, &n, &unread))
		return false;
	return read_list(text, &files, ret_bytes) && files <= s->max_members && *ret_bytes <= (int64_t)s->room;
}

static bool unpack_one(struct step *st, struct scan *s, const char *path, size_t i, bool *ret_ok, struct err *err)
{
	char folder[FS_PATH], out[FS_PATH], offset[24];
	char *const list[] = { (char *)(uintptr_t)program, "-lls", "-no-progress", "-o", offset, (char *)(uintptr_t)path, NULL };
	char *const get[] = { (char *)(uintptr_t)program, "-no-progress", "-no-xattrs", "-d", folder, "-o", offset, (char *)(uintptr_t)path,
			      NULL };
	int64_t bytes;
	int status;

	folder_of(st, i, folder);
	snprintf(out, sizeof(out), "%s/squash.txt", step_work_dir(st));
	snprintf(offset, sizeof(offset), "%lld", (long long)s->skip[i].at);
	*ret_ok = false;
	if (!run(list, out, s->until_ns, st, &status, err))
		return false;
	if (status || !fits(s, out, &bytes))
		return true;
	if (!fs_remove(folder, err) || !run(get, out, s->until_ns, st, &status, err))
		return false;
	*ret_ok = (!status || status == 2) && access(folder, X_OK) == 0;
	if (*ret_ok)
		s->room -= (size_t)bytes;
	if (*ret_ok && status)
		note_losses(s, out, s->skip[i].at);
	return *ret_ok || fs_remove(folder, err);
}

bool squash_unpack(struct step *st, struct scan *s, struct span image, const char *path, struct err *err)
{
	const uint8_t *p = image.p, *end = image.p + image.n;

	while (s->n_skip < SQUASH_MAX && p < end && (p = memmem(p, (size_t)(end - p), "hsqs", 4))) {
		size_t n = squash_length((struct span){ p, (size_t)(end - p) });
		bool ok = false;

		if (n) {
			s->skip[s->n_skip] = (struct scan_range){ p - image.p, (int64_t)n };
			if (!unpack_one(st, s, path, s->n_skip, &ok, err))
				return false;
			s->n_skip += ok;        /* else its bytes are looked at as they are, and are opaque */
		}
		p += ok ? n : 4;
	}
	return true;
}

/* ---- what came out ---- */
struct walk { struct step *st; struct scan *s; const char *folder; const struct scan_range *from; };

static bool take_file(const char *rel, void *data, struct err *err)
{
	const struct walk *w = data;
	CLEANUP(free_ptr) char *text = NULL;
	char path[FS_PATH];
	size_t n = 0;
	struct err unread = { 0 };

	(void)err;
	if (!fs_join(path, w->folder, rel, &unread) || !fs_read(path, FILE_MAX, &text, &n, &unread))
		n = 0;
	scan_file(w->s, "squashfs", rel, (struct span){ (const uint8_t *)text, n }, w->from->at, w->from->n < 512 ? w->from->n : 512);
	return true;
}

static bool take_name(const char *rel, void *data, struct err *err)
{
	const struct walk *w = data;

	(void)err;
	scan_file(w->s, "squashfs", rel, (struct span){ NULL, 0 }, w->from->at, 96);
	return true;
}

bool squash_look(struct step *st, struct scan *s, struct err *err)
{
	for (size_t i = 0; i < s->n_skip; i++) {
		char folder[FS_PATH];
		struct walk w = { st, s, folder, &s->skip[i] };

		folder_of(st, i, folder);
		if (!fs_walk(folder, take_file, &w, err) || !fs_walk_odd(folder, take_name, &w, err) || !fs_remove(folder, err))
			return false;
	}
	return true;
}
