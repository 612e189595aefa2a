// SPDX-License-Identifier: Apache-2.0
/* How long does `jusan judge` take for a long journal, and how much memory? A run of all tests that never was, its watches
 * long enough for that many lines. usage: judge_bench [LINES [FOLDER]] (a FOLDER is kept) */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/fake_run.h"

#define ROUNDS 3
#define BENCH "fixtures/benches/process.yaml"
#define DEVICE "fixtures/device/device.yaml"
#define PROFILE "suites/profiles/uk.yaml"

/* ---- the folder ---- */
static bool copy_suite(const char *rel, void *data, struct err *err)
{
	char from[FS_PATH], to[FS_PATH], parent[FS_PATH];

	if (!fs_join(from, "suites", rel, err) || !fs_join(to, data, rel, err))
		return false;
	snprintf(parent, sizeof(parent), "%s", to);
	*strrchr(parent, '/') = '\0';
	return fs_mkdirs(parent, err) && fs_copy(from, to, err);
}

/* The profile uk with so many power cuts: a tenth of the lines are repetitions, most of the rest is what watches see. */
static bool write_profile(const char *path, int64_t cuts, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *more = NULL;
	size_t n;
	char *at;

	if (!fs_read(PROFILE, (size_t)1 << 20, &text, &n, err))
		return false;
	at = strstr(text, "  power.cuts:");
	if (!at)
		return err_set(err, ERR_CONF, PROFILE ": power.cuts is gone");
	*at = '\0';
	if (asprintf(&more, "%s  power.cuts: %lld%s", text, (long long)cuts, at + strcspn(at + 1, "\n") + 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return fs_write(path, more, strlen(more), err);
}

static bool copy_inputs(const char *dir, int64_t lines, char profile[static FS_PATH], struct err *err)
{
	char path[FS_PATH];

	return fs_join(path, dir, "inputs/suites", err) && fs_walk("suites", copy_suite, path, err) &&
	       fs_join(path, dir, "inputs/bench.yaml", err) && fs_copy(BENCH, path, err) &&
	       fs_join(path, dir, "inputs/device.yaml", err) && fs_copy(DEVICE, path, err) &&
	       fs_join(profile, dir, "inputs/profile.yaml", err) && write_profile(profile, lines / 2000 + 10, err) &&
	       fs_join(path, dir, "run.json", err) &&
	       fs_write_json(path, json_pack("{s:s,s:i,s:i}", "id", "bench", "seed", FAKE_SEED, "unit", 1), err);
}

struct out { FILE *f; char prev[HASH_HEX]; int64_t lines, bytes; };

static void write_line(void *data, json_t *rec)
{
	struct out *o = data;
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
static int64_t make(const struct plan *p, int looks, struct out *o)
{
	struct fake_run f = { .plan = p, .put = write_line, .data = o, .looks = looks, .inner = 5 };

	rng_init(&f.rng, 1, "bench");
	o->lines = 0;
	fake_open(&f);
	for (size_t i = 0; i < p->n; i++)
		if (!p->test[i].skip && !p->test[i].not_tested)
			fake_test(&f, &p->test[i]);
	fake_close(&f);
	return o->lines;
}

static bool write_run(const char *dir, int64_t lines, struct out *o, struct err *err)
{
	char path[FS_PATH], profile[FS_PATH];
	struct plan_input in = { .bench = BENCH, .device = DEVICE, .suites = "suites", .profile = profile };
	struct arena a = { 0 };
	struct plan p = { 0 };
	int64_t none, one;

	if (!copy_inputs(dir, lines, profile, err) || !fs_join(path, dir, "journal.jsonl", err) || !plan_load(&a, &in, NULL, NULL, &p, err))
		return false;
	none = make(&p, 0, o);
	one = make(&p, 1, o);
	memset(o->prev, '0', sizeof(o->prev) - 1);
	o->f = fopen(path, "w");
	if (!o->f)
		return err_sys(err, "%s", path);
	make(&p, lines > none ? (int)((lines - none + one - none - 1) / (one - none)) : 0, o);
	plan_done(&p);
	arena_free(&a);
	return fclose(o->f) == 0 || err_sys(err, "%s", path);
}

/* ---- the figure ---- */
struct figure { int64_t ns; long kib; int status; };

static int by_time(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static struct figure judge(const char *jusan, const char *dir)
{
	struct figure r = { .ns = clock_ns() };
	struct rusage used;
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		execl(jusan, jusan, "judge", dir, (char *)NULL);
		_exit(127);
	}
	(void)!wait4(pid, &status, 0, &used);
	r.ns = clock_ns() - r.ns;
	r.kib = used.ru_maxrss;
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return r;
}

/* jusan of the same build */
static bool find_jusan(char path[static FS_PATH], struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", path, FS_PATH - 16);
	char *end;

	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2 && (end = strrchr(path, '/')); i++)
		*end = '\0';
	strcat(path, "/jusan");
	return access(path, X_OK) == 0 || err_sys(err, "%s", path);
}

int main(int argc, char **argv)
{
	char made[] = "/tmp/judge-bench-XXXXXX", jusan[FS_PATH];
	int64_t lines = argc > 1 ? atoll(argv[1]) : 1000000;
	const char *dir = argc > 2 ? argv[2] : mkdtemp(made);
	struct figure f[ROUNDS];
	struct err err = { 0 };
	struct out o = { 0 };

	if (!dir || !find_jusan(jusan, &err) || !write_run(dir, lines, &o, &err)) {
		fprintf(stderr, "judge_bench: %s\n", err.text);
		return 3;
	}
	for (int i = 0; i < ROUNDS; i++)
		f[i] = judge(jusan, dir);
	qsort(f, ROUNDS, sizeof(f[0]), by_time);
	printf("judge: %lld records (%lld MB) in %.2f s, at most %ld MiB resident (median of %d; it is to take 3 s and 200 MiB per million)\n",
	       (long long)o.lines, (long long)o.bytes / 1000000, (double)f[ROUNDS / 2].ns / 1e9, f[ROUNDS / 2].kib / 1024, ROUNDS);
	if (argc <= 2 && !fs_remove(dir, &err))
		return 3;
	return f[0].status == 3 || f[0].status < 0 || f[0].status >= 64 ? 3 : 0;
}
