// SPDX-License-Identifier: Apache-2.0
#include "harness/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/declare.h"
#include "harness/stamp.h"
#include "harness/version.h"

#define SPACE_NEEDED ((uint64_t)64 << 20)       /* bytes free before anything is powered */
#define ONLY_MAX 128
#define SCRATCH_ROOM ((uint64_t)1 << 30)        /* bytes free in /dev/shm before scratch goes there */
#define RESERVE ((off_t)8 << 20)                /* given back when the disk is full, for the partial report */

static bool path_in(char buf[static FS_PATH], const struct session *s, const char *name, struct err *err)
{
	return fs_join(buf, s->run_dir, name, err);
}

static void utc_text(char *buf, size_t n, const char *form)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(buf, n, form, &tm);
}

void folder_utc(char *buf, size_t n)
{
	utc_text(buf, n, "%Y-%m-%dT%H:%M:%SZ");
}

static bool choose_dir(const struct run_options *o, const struct plan *p, struct session *s, struct err *err)
{
	char stamp[32], name[FS_PATH];

	if (o->out) {
		if (!fs_join(s->run_dir, o->out[0] == '/' ? "" : s->root, o->out, err) ||
		    !fs_join(name, s->run_dir, "journal.jsonl", err))
			return false;
		return access(name, F_OK) < 0 ||
		       err_set(err, ERR_CONF, "%s holds a run already; go on with --resume, or name another folder", o->out);
	}
	utc_text(stamp, sizeof(stamp), "%Y%m%d-%H%M%S");
	for (int i = 0; i < 100; i++) {         /* two campaigns may start in one second */
		if (i == 0)
			snprintf(name, sizeof(name), "runs/%s-%.100s", stamp, p->bench.name);
		else
			snprintf(name, sizeof(name), "runs/%s-%.100s.%d", stamp, p->bench.name, i);
		if (!fs_mkdirs("runs", err) || !fs_join(s->run_dir, s->root, name, err))
			return false;
		if (mkdir(s->run_dir, 0755) == 0)
			return true;
		if (errno != EEXIST)
			return err_sys(err, "%s", s->run_dir);
	}
	return err_set(err, ERR_OS, "no free name below runs/");
}

static bool enough_space(const char *dir, struct err *err)
{
	struct statvfs v;

	if (statvfs(dir, &v) < 0)
		return err_sys(err, "%s", dir);
	if ((uint64_t)v.f_bavail * v.f_frsize < SPACE_NEEDED)
		return err_set(err, ERR_OS, "%s: less than %" PRIu64 " MiB free; a run that cannot write its evidence is not started",
			       dir, SPACE_NEEDED >> 20);
	return true;
}

static void hold_reserve(const struct session *s)
{
	char path[FS_PATH];
	struct err err = { 0 };
	int fd;

	if (!path_in(path, s, ".reserve", &err))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		if (posix_fallocate(fd, 0, RESERVE) != 0)
			unlink(path);
		close(fd);
	}
}

void folder_release_reserve(const struct session *s)
{
	char path[FS_PATH];
	struct err err = { 0 };

	if (path_in(path, s, ".reserve", &err))
		unlink(path);
}

/* ---- inputs ---- */

struct copy { const char *from, *to; };

static bool copy_one(const char *rel, void *data, struct err *err)
{
	const struct copy *c = data;
	char from[FS_PATH], to[FS_PATH], parent[FS_PATH];

	if (!fs_join(from, c->from, rel, err) || !fs_join(to, c->to, rel, err))
		return false;
	memcpy(parent, to, sizeof(parent));
	*strrchr(parent, '/') = '\0';
	return fs_mkdirs(parent, err) && fs_copy(from, to, err);
}

/* What the declaration rests on lies beside it in the run folder, too. */
static bool copy_evidence(const struct run_options *o, const struct plan *p, const char *inputs, struct err *err)
{
	CLEANUP(free_json) json_t *declared = declare_json(p->device.conf);
	const char *slash = strrchr(o->input.device, '/'), *id;
	char dir[FS_PATH];
	struct copy c = { dir, inputs };
	json_t *e;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - o->input.device) : 1, slash ? o->input.device : ".");
	if (!evidence_files(declared, o->input.device, err))
		return false;
	json_object_foreach(json_object_get(declared, "evidence"), id, e)
		if (!copy_one(json_string_value(json_object_get(e, "file")), &c, err))
			return false;
	return true;
}

/* What was found out about the bench, when somebody did; the run is judged by it. */
static bool copy_stamp(const struct run_options *o, const struct plan *p, const struct session *s, struct err *err)
{
	CLEANUP(free_json) json_t *stamp = NULL;
	char from[FS_PATH], to[FS_PATH];

	if (p->bench.is_virtual)
		return true;
	stamp_path(o->input.bench, from);
	if (!stamp_load(o->stamp ? o->stamp : from, &stamp, err) || !stamp)
		return err->kind == ERR_NONE;
	return path_in(to, s, STAMP_FILE, err) && fs_write_json(to, stamp, err);
}

static bool copy_inputs(const struct run_options *o, const struct plan *p, const struct session *s, struct err *err)
{
	static const char *const name[] = { "inputs/bench.yaml", "inputs/device.yaml", "inputs/profile.yaml" };
	const char *const from[] = { o->input.bench, o->input.device, p->profile.file };
	char to[FS_PATH];
	struct copy c = { o->input.suites, to };

	if (!path_in(to, s, "inputs", err) || !fs_mkdirs(to, err) || !copy_evidence(o, p, to, err))
		return false;
	for (int i = 0; i < 3; i++)
		if (!path_in(to, s, name[i], err) || !fs_copy(from[i], to, err))
			return false;
	return copy_stamp(o, p, s, err) && path_in(to, s, "inputs/suites", err) && fs_walk(o->input.suites, copy_one, &c, err);
}

/* The selection of the run that is resumed, unless the user makes another one. */
static const char *const *only_again(const char *dir, const char *const *chosen)
{
	static const char *only[ONLY_MAX + 1];
	static json_t *run;             /* keeps the words */
	char path[FS_PATH];
	struct err err = { 0 };
	const json_t *list;
	size_t n;

	if (chosen || !fs_join(path, dir, "run.json", &err) || !fs_read_json(path, (size_t)4 << 20, &run, &err))
		return chosen;
	list = json_object_get(run, "only");
	n = json_array_size(list) < ONLY_MAX ? json_array_size(list) : ONLY_MAX;
	for (size_t i = 0; i < n; i++)
		only[i] = json_string_value(json_array_get(list, i));
	only[n] = NULL;
	return n ? only : NULL;
}

static int unit_again(const char *dir)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];
	struct err err = { 0 };

	if (!fs_join(path, dir, "run.json", &err) || !fs_read_json(path, (size_t)4 << 20, &run, &err))
		return 0;
	return (int)json_integer_value(json_object_get(run, "unit"));
}

void folder_inputs(const char *dir, struct plan_input *ret)
{
	static char path[4][FS_PATH];
	static const char *const name[] = { "inputs/bench.yaml", "inputs/device.yaml", "inputs/suites", "inputs/profile.yaml" };
	struct err err = { 0 };

	for (int i = 0; i < 4; i++)
		if (!fs_join(path[i], dir, name[i], &err))
			path[i][0] = '\0';      /* the loader then says which file it misses */
	*ret = (struct plan_input){ .bench = path[0], .device = path[1], .suites = path[2], .profile = path[3],
				    .only = only_again(dir, ret->only), .unit = unit_again(dir) };
}

/* ---- run.json ---- */

static json_t *input_hashes(const struct session *s, const struct plan *p)
{
	json_t *out = json_array();

	for (const char *const *f = p->files; f && *f; f++) {
		char hex[HASH_HEX];
		struct err err = { 0 };
		const char *base = strrchr(*f, '/');

		if (hash_file(*f, hex, &err))
			json_array_append_new(out, json_pack("{s:s,s:s}", "file", base ? base + 1 : *f, "sha256", hex));
	}
	(void)s;
	return out;
}

static void put_hash(json_t *run, const char *key, const char *file)
{
	char hex[HASH_HEX];
	struct err err = { 0 };

	if (hash_file(file, hex, &err))
		json_object_set_new(run, key, json_string(hex));
}

static json_t *only_list(const char *const *only)
{
	json_t *out = json_array();

	for (; only && *only; only++)
		json_array_append_new(out, json_string(*only));
	return out;
}

/* Which unit this is, and what lets its run be judged together with those of others. */
static void put_unit(json_t *run, const struct plan *p, const struct session *s)
{
	const json_t *mac = json_object_get(json_object_get(p->device.json, "dut"), "mac");

	if (p->unit.serial)
		json_object_set_new(run, "serial", json_string(p->unit.serial));
	if (json_is_string(mac))
		json_object_set(run, "mac", (json_t *)(uintptr_t)mac);
	if (s->facts.id[0])
		json_object_set_new(run, "campaign", json_string(s->facts.id));
	if (s->repeat > 1)
		json_object_set_new(run, "repeat", json_integer(s->repeat));
}

static json_t *identity(const struct run_options *o, const struct plan *p, const struct session *s)
{
	CLEANUP(free_json) json_t *id = device_identity(&p->device);
	struct utsname u;
	struct err none = { 0 };
	char started[32], stamp[FS_PATH];
	json_t *run;

	uname(&u);
	folder_utc(started, sizeof(started));
	run = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:i,s:s,s:I,s:I,s:s,s:o,s:o,s:o}",
			"id", strrchr(s->run_dir, '/') + 1, "started", started, "tool", JUSAN_VERSION,
			"bench", p->bench.name, "bench_kind", p->bench.is_virtual ? "virtual" : "real",
			"profile", p->profile.name, "rehearsal", (int)p->profile.rehearsal,
			"seed", (json_int_t)s->seed, "unit", s->unit, "host", u.nodename,
			"wall_offset_ns", (json_int_t)s->wall_offset_ns, "begin_ns", (json_int_t)clock_ns(),
			"state", "partial", "suites", input_hashes(s, p), "notes", json_array(), "only", only_list(o->input.only));
	json_object_set_new(run, "profile_sha256", json_string(p->profile.sha256));
	put_unit(run, p, s);
	put_hash(run, "bench_sha256", o->input.bench);
	put_hash(run, "device_sha256", o->input.device);
	if (path_in(stamp, s, STAMP_FILE, &none))
		put_hash(run, "stamp_sha256", stamp);
	json_object_update_missing(run, id);
	return run;
}

bool folder_note(const struct session *s, json_t *patch, struct err *err)
{
	CLEANUP(free_json) json_t *owned = patch;
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];

	if (!path_in(path, s, "run.json", err))
		return false;
	if (access(path, F_OK) < 0)
		run = json_object();
	else if (!fs_read_json(path, (size_t)4 << 20, &run, err))
		return false;
	json_object_update(run, owned);
	return fs_write_json(path, run, err);
}

/* ---- new, or again ---- */

/* In memory where there is room: a virtual device's flash and RAM lie here, and its fsync is not the bench's disk.
 * Short, because socket paths below it are bounded. */
static const char *scratch_parent(void)
{
	const char *tmp = getenv("TMPDIR");
	struct statvfs v;

	if (tmp && tmp[0] == '/' && strlen(tmp) < 40)
		return tmp;
	if (access("/dev/shm", W_OK | X_OK) == 0 && statvfs("/dev/shm", &v) == 0 &&
	    (uint64_t)v.f_bavail * v.f_frsize > SCRATCH_ROOM)
		return "/dev/shm";
	return "/tmp";
}

static bool scratch(struct session *s, struct err *err)
{
	char line[FS_PATH];

	snprintf(s->work, sizeof(s->work), "%s/jusan-XXXXXX", scratch_parent());
	if (!mkdtemp(s->work))
		return err_sys(err, "%s", s->work);
	return fs_join(line, s->work, "line", err) && fs_mkdirs(line, err);
}

static bool evidence_folders(const struct session *s, struct err *err)
{
	static const char *const name[] = { "capture", "serial", "wire", "evidence" };
	char path[FS_PATH];

	for (int i = 0; i < 4; i++)
		if (!fs_join(path, s->dir, name[i], err) || !fs_mkdirs(path, err))
			return false;
	return true;
}

static bool common(const struct run_options *o, struct session *s, struct err *err)
{
	if (!getcwd(s->root, sizeof(s->root)))
		return err_sys(err, "working folder");
	s->blind = o->blind;
	s->wall_offset_ns = clock_wall_offset_ns();
	for (int i = 0; i < NETNS_COUNT; i++)
		s->ns[i] = -1;
	s->user_ns = -1;
	return true;
}

bool folder_new(const struct run_options *o, const struct plan *p, struct session *s, struct err *err)
{
	if (!common(o, s, err))
		return false;
	s->unit = o->unit ? o->unit : 1;
	s->repeat = o->repeat ? o->repeat : 1;
	s->seed = o->seed;
	/* JSON integers of other readers are doubles: 53 bits are enough to draw from */
	while (!s->seed && getrandom(&s->seed, sizeof(s->seed), 0) == sizeof(s->seed))
		s->seed >>= 11;
	if (!factkey_load(o->campaign, &s->facts, err) || !choose_dir(o, p, s, err) || !fs_mkdirs(s->run_dir, err) || !enough_space(s->run_dir, err))
		return false;
	s->made = true;
	snprintf(s->dir, sizeof(s->dir), "%s", s->run_dir);
	hold_reserve(s);
	return copy_inputs(o, p, s, err) && path_in(s->suites, s, "inputs/suites", err) && evidence_folders(s, err) &&
	       folder_note(s, identity(o, p, s), err) && scratch(s, err);
}

/* Its secrets must stay comparable with those of the other units. */
static bool same_campaign(const struct run_options *o, const json_t *run, struct session *s, struct err *err)
{
	const char *was = json_string_value(json_object_get(run, "campaign"));

	if (!factkey_load(o->campaign, &s->facts, err))
		return false;
	if (!was && s->facts.id[0])
		return err_set(err, ERR_CONF, "%s belongs to no campaign: leave --campaign out", o->resume);
	return !was || !strcmp(was, s->facts.id) ||
	       err_set(err, ERR_CONF, "%s belongs to campaign %.16s: give its key with --campaign", o->resume, was);
}

bool folder_resume(const struct run_options *o, struct session *s, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];
	int n = 1;

	if (!common(o, s, err) || !realpath(o->resume, s->run_dir))
		return err->kind != ERR_NONE ? false : err_sys(err, "%s", o->resume);
	if (!path_in(path, s, "run.json", err) || !fs_read_json(path, (size_t)4 << 20, &run, err))
		return err_in(err, "%s is no run folder", o->resume);
	s->seed = (uint64_t)json_integer_value(json_object_get(run, "seed"));
	s->unit = (int)json_integer_value(json_object_get(run, "unit"));
	s->repeat = (int)json_integer_value(json_object_get(run, "repeat"));
	if (s->repeat < 1 || s->repeat > RUN_ROUNDS)
		s->repeat = 1;
	if (!same_campaign(o, run, s, err))
		return false;
	do {
		snprintf(s->prefix, sizeof(s->prefix), "resume%u/", (unsigned)n % 1000);
		snprintf(s->dir, sizeof(s->dir), "%.1000s/resume%d", s->run_dir, n);
	} while (access(s->dir, F_OK) == 0 && ++n < 1000);
	hold_reserve(s);
	return enough_space(s->run_dir, err) && path_in(s->suites, s, "inputs/suites", err) && evidence_folders(s, err) &&
	       folder_note(s, json_pack("{s:s}", "state", "partial"), err) && scratch(s, err);
}

bool folder_by_hand(const char *dir, struct session *s, struct err *err)
{
	const struct run_options none = { 0 };
	char temporary[] = "/tmp/jusan-hand-XXXXXX";

	if (!common(&none, s, err) || !factkey_load(NULL, &s->facts, err))
		return false;
	s->unit = s->repeat = 1;
	if (getrandom(&s->seed, sizeof(s->seed), 0) != sizeof(s->seed))
		return err_sys(err, "random seed");
	if (!dir && !mkdtemp(temporary))
		return err_sys(err, "%s", temporary);
	if (dir && !fs_mkdirs(dir, err))
		return false;
	if (!realpath(dir ? dir : temporary, s->run_dir))
		return err_sys(err, "%s", dir ? dir : temporary);
	snprintf(s->dir, sizeof(s->dir), "%s", s->run_dir);
	snprintf(s->suites, sizeof(s->suites), "%s", s->run_dir);
	return evidence_folders(s, err) && scratch(s, err);
}
