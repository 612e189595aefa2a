/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_folder.h - a run folder that never was, with as many journal lines as are asked for: what figures are taken of.
 * Run from the project's root. Include it in one file. */
#ifndef HARNESS_FAKE_FOLDER_H
#define HARNESS_FAKE_FOLDER_H

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/fake_run.h"

#define FAKE_BENCH "fixtures/benches/process.yaml"
#define FAKE_DEVICE "fixtures/device/device.yaml"
#define FAKE_PROFILE "suites/profiles/uk.yaml"
#define FAKE_OFFSET INT64_C(1790000000000000000)        /* of the wall clock */

static inline bool fake_copy_suite(const char *rel, void *data, struct err *err)
{
	char from[FS_PATH], to[FS_PATH], parent[FS_PATH];

	if (!fs_join(from, "suites", rel, err) || !fs_join(to, data, rel, err))
		return false;
	snprintf(parent, sizeof(parent), "%s", to);
	*strrchr(parent, '/') = '\0';
	return fs_mkdirs(parent, err) && fs_copy(from, to, err);
}

/* The profile uk with so many power cuts: a tenth of the lines are repetitions, most of the rest is what watches see. */
static inline bool fake_profile(const char *path, int64_t cuts, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *more = NULL;
	size_t n;
	char *at;

	if (!fs_read(FAKE_PROFILE, (size_t)1 << 20, &text, &n, err))
		return false;
	at = strstr(text, "  power.cuts:");
	if (!at)
		return err_set(err, ERR_CONF, FAKE_PROFILE ": power.cuts is gone");
	*at = '\0';
	if (asprintf(&more, "%s  power.cuts: %lld%s", text, (long long)cuts, at + strcspn(at + 1, "\n") + 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return fs_write(path, more, strlen(more), err);
}

static inline bool fake_inputs(const char *dir, int64_t lines, char profile[static FS_PATH], struct err *err)
{
	char path[FS_PATH];

	return fs_join(path, dir, "inputs/suites", err) && fs_walk("suites", fake_copy_suite, path, err) &&
	       fs_join(path, dir, "inputs/bench.yaml", err) && fs_copy(FAKE_BENCH, path, err) &&
	       fs_join(path, dir, "inputs/device.yaml", err) && fs_copy(FAKE_DEVICE, path, err) &&
	       fs_join(profile, dir, "inputs/profile.yaml", err) && fake_profile(profile, lines / 2000 + 10, err) &&
	       fs_join(path, dir, "run.json", err) &&
	       fs_write_json(path, json_pack("{s:s,s:i,s:i,s:I}", "id", "bench", "seed", FAKE_SEED, "unit", 1, "wall_offset_ns",
					(json_int_t)FAKE_OFFSET), err);
}

struct fake_out { FILE *f; char prev[HASH_HEX]; int64_t lines, bytes, t_ns; int frames; };

static inline void fake_line(void *data, json_t *rec)
{
	struct fake_out *o = data;
	char *text;
	size_t n;

	o->lines++;
	if (o->f) {
		json_object_set_new(rec, "prev", json_string(o->prev));
		text = json_dumps(rec, JSON_COMPACT | JSON_SORT_KEYS);
		n = strlen(text);
		hash_text(text, n, o->prev);
		text[n] = '\n';
		fwrite(text, 1, n + 1, o->f);
		o->bytes += (int64_t)n + 1;
		free(text);
	}
	json_decref(rec);
}

/* How many lines that makes; written when there is a file. */
static inline int64_t fake_lines(const struct plan *p, int looks, struct fake_out *o)
{
	struct fake_run f = { .plan = p, .put = fake_line, .data = o, .looks = looks, .inner = 5, .frames = o->frames };

	rng_init(&f.rng, 1, "bench");
	o->lines = 0;
	fake_open(&f);
	for (size_t i = 0; i < p->n; i++)
		if (!p->test[i].skip && !p->test[i].not_tested)
			fake_test(&f, &p->test[i]);
	fake_close(&f);
	o->t_ns = f.t_ns;
	return o->lines;
}

static inline bool fake_folder(const char *dir, int64_t lines, struct fake_out *o, struct err *err)
{
	char path[FS_PATH], profile[FS_PATH];
	struct plan_input in = { .bench = FAKE_BENCH, .device = FAKE_DEVICE, .suites = "suites", .profile = profile };
	struct arena a = { 0 };
	struct plan p = { 0 };
	int64_t none, one;

	if (!fake_inputs(dir, lines, profile, err) || !fs_join(path, dir, "journal.jsonl", err) || !plan_load(&a, &in, NULL, NULL, &p, err))
		return false;
	none = fake_lines(&p, 0, o);
	one = fake_lines(&p, 1, o);
	memset(o->prev, '0', sizeof(o->prev) - 1);
	o->f = fopen(path, "w");
	if (!o->f)
		return err_sys(err, "%s", path);
	fake_lines(&p, lines > none ? (int)((lines - none + one - none - 1) / (one - none)) : 0, o);
	plan_done(&p);
	arena_free(&a);
	return fclose(o->f) == 0 || err_sys(err, "%s", path);
}

/* ---- the figure ---- */
struct fake_figure { int64_t ns, cpu_us; long kib; int status; };

/* `jusan COMMAND DIR [MORE]`, silent. */
static inline struct fake_figure fake_measure(const char *jusan, const char *command, const char *dir, const char *more)
{
	struct fake_figure r = { .ns = clock_ns() };
	struct rusage used = { 0 };
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		execl(jusan, jusan, command, dir, more, (char *)NULL);
		_exit(127);
	}
	(void)!wait4(pid, &status, 0, &used);
	r.ns = clock_ns() - r.ns;
	r.cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	r.kib = used.ru_maxrss;
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return r;
}

static inline bool fake_broke(const struct fake_figure *f)
{
	return f->status == 3 || f->status < 0 || f->status >= 64;
}

static inline int fake_by_time(const void *a, const void *b)
{
	const struct fake_figure *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/* jusan of the same build */
static inline bool fake_jusan(char path[static FS_PATH], struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", path, FS_PATH - 16);
	char *end;

	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2 && (end = strrchr(path, '/')); i++)
		*end = '\0';
	strcat(path, "/jusan");
	return access(path, X_OK) == 0 || err_sys(err, "%s", path);
}
#endif
