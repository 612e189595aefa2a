// SPDX-License-Identifier: Apache-2.0
#include "harness/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/lock.h"

#define ROOM 1024               /* a lock is always so long: one write replaces what stood there */
#define TRIES 20

static const char *folder(void)
{
	const char *own = getenv("JUSAN_LOCK_DIR"), *runtime = getenv("XDG_RUNTIME_DIR");

	if (own && *own)
		return own;
	if (access("/run/lock", W_OK | X_OK) == 0)      /* one for all users of this host */
		return "/run/lock";
	return runtime && access(runtime, W_OK | X_OK) == 0 ? runtime : "/tmp";
}

/* When the process began, in ticks since boot: a pid alone may be another's by now. */
static int64_t start_of(pid_t pid)
{
	char path[64], text[1024];
	CLEANUP(close_file) FILE *f = NULL;
	long long start = 0;
	const char *p;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	p = strrchr(text, ')');
	for (int i = 2; p && i < 22; i++)
		p = strchr(p + 1, ' ');
	return p && sscanf(p, "%lld", &start) == 1 ? start : 0;
}

static bool write_record(struct lock_file *f)
{
	char text[ROOM];
	char *json;
	size_t n;

	json_object_set_new(f->says, "pid", json_integer(getpid()));
	json_object_set_new(f->says, "start", json_integer(start_of(getpid())));
	json_object_set_new(f->says, "beat", json_integer(time(NULL)));
	json_object_set_new(f->says, "until", json_integer(time(NULL) + LOCK_LIFE_NS / SEC(1)));
	json = json_dumps(f->says, JSON_COMPACT | JSON_SORT_KEYS);
	n = json ? strlen(json) : 0;
	if (n && n < ROOM) {
		memset(text, ' ', sizeof(text));
		memcpy(text, json, n);
		text[ROOM - 1] = '\n';
	}
	free(json);
	return n && n < ROOM && pwrite(f->fd, text, sizeof(text), 0) == (ssize_t)sizeof(text);
}

static json_t *read_record(int fd)
{
	char text[ROOM];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	return n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;
}

static bool same_file(const struct lock_file *f)
{
	struct stat a, b;

	return fstat(f->fd, &a) == 0 && lstat(f->path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* "pid 4711 on lab3 since 2026-11-26T11:00:00Z (bench lab)" */
static const char *who(const json_t *r, char *buf, size_t n)
{
	const char *host = json_string_value(json_object_get(r, "host")), *since = json_string_value(json_object_get(r, "since"));
	const char *bench = json_string_value(json_object_get(r, "bench"));

	if (!json_is_object(r))
		snprintf(buf, n, "a process that has not said who it is");
	else
		snprintf(buf, n, "pid %lld on %.60s since %.30s (bench %.60s)", (long long)json_integer_value(json_object_get(r, "pid")),
			 host ? host : "?", since ? since : "?", bench ? bench : "?");
	return buf;
}

static bool held_by_another_user(const struct lock_file *f, const char *line, struct err *err)
{
	struct stat st;
	struct passwd *p = lstat(f->path, &st) == 0 ? getpwuid(st.st_uid) : NULL;

	return err_set(err, ERR_BENCH, "%s: its hardware is locked by user %s (%s)", line, p ? p->pw_name : "?", f->path);
}

/* One look. *ret_again: the file was another one meanwhile. */
static bool look(struct lock_file *f, const char *line, bool *ret_again, char *note, size_t n, struct err *err)
{
	CLEANUP(free_json) json_t *was = NULL;
	char name[256];
	bool free_now;

	*ret_again = false;
	f->fd = open(f->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return errno == EACCES ? held_by_another_user(f, line, err) : err_sys(err, "%s", f->path);
	free_now = flock(f->fd, LOCK_EX | LOCK_NB) == 0;
	was = read_record(f->fd);
	if (!same_file(f)) {
		*ret_again = true;
	} else if (free_now) {
		if (was)
			snprintf(note + strlen(note), n - strlen(note), "%s%s: lock of %s taken over, it is gone", *note ? "; " : "", line,
				 who(was, name, sizeof(name)));
		return true;
	} else if (json_is_integer(json_object_get(was, "until")) && json_integer_value(json_object_get(was, "until")) < time(NULL)) {
		snprintf(note + strlen(note), n - strlen(note), "%s%s: lock of %s taken over, it does not beat any more", *note ? "; " : "", line,
			 who(was, name, sizeof(name)));
		unlink(f->path);
		*ret_again = true;
	}
	close(f->fd);
	f->fd = -1;
	return *ret_again || err_set(err, ERR_BENCH, "%s: its hardware is in use by %s", line, who(was, name, sizeof(name)));
}

bool lock_file_take(const char *key, json_t *says, struct lock_file *ret, char *note, size_t n, struct err *err)
{
	const char *line = json_string_value(json_object_get(says, "line"));
	char hex[HASH_HEX], since[32];
	struct utsname u;
	time_t now = time(NULL);
	struct tm tm;
	bool again = true;

	*ret = (struct lock_file){ .fd = -1, .says = says };
	hash_text(key, strlen(key), hex);
	snprintf(ret->path, sizeof(ret->path), "%.900s/jusan-%.24s.lock", folder(), hex);
	uname(&u);
	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	json_object_set_new(says, "host", json_string(u.nodename));
	json_object_set_new(says, "since", json_string(since));
	for (int i = 0; again && i < TRIES; i++)
		if (!look(ret, line ? line : "", &again, note, n, err))
			return false;
	if (again)
		return err_set(err, ERR_BENCH, "%s: %s changes hands all the time", line, ret->path);
	return write_record(ret) || err_sys(err, "%s", ret->path);
}

bool lock_file_beat(struct lock_file *f)
{
	return same_file(f) && write_record(f);
}

void lock_file_release(struct lock_file *f)
{
	if (f->fd >= 0 && same_file(f))
		unlink(f->path);
	if (f->fd >= 0)
		close(f->fd);
	json_decref(f->says);
	*f = (struct lock_file){ .fd = -1 };
}
