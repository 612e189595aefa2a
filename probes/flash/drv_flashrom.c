// SPDX-License-Identifier: Apache-2.0
// A flash chip on a programmer's clip, through the program flashrom: a child for every access, bounded in time, in what
// it may write and in what it may say. flashrom is GPL, so it is run and never linked.
//
// Commands   those of flash.h; all that touch the chip are answered with {job}
// Record     RUN/flash/NAME.log (event_log.h): job <number> <what>, done <number> <what>, failed <number> <why>
//            RUN/flash/NAME.txt: what flashrom said, at most SAID_MAX bytes
//            RUN/flash/NAME.before.bin: the chip before its first change, when no factory image is declared
// Way back   before the first write a mark stands in the scratch folder. As long as it is there, close and the guard
//            write the image from before. flashrom is not stopped in the middle of that: what takes longer than they
//            may wait goes on alone.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/spawn.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"
#include "probes/flash/flash.h"
#include "probes/flash/flashrom_says.h"
#include "probes/flash/image.h"

#define SAID_MAX ((int64_t)1 << 20)     /* kept of flashrom's words in one run */
#define NOTE_NS SEC(30)                 /* a slow access is told this often */
#define BACK_NS SEC(4)                  /* close and the guard wait so long for the way back */

enum what { IDENTIFY, READ, LOAD, STORE, RESTORE };
static const char *const what_name[] = { "identify", "read", "load", "store", "restore" };

struct job {
	enum what what;
	bool saving;            /* the image from before is being read first */
	int64_t number, begin_ns, at, length;
	char to[FS_PATH];       /* READ: relative to the run folder */
};

struct chip {
	struct line *line;
	char before[FS_PATH], saving[FS_PATH], shadow[FS_PATH], mark[FS_PATH], layout[FS_PATH];
	bool blind;
	int log, text;
	int64_t texted;
	struct job job;
	struct spawn child;
	int pipe;                       /* the child's words; -1 = idle */
	char said[FLASHROM_SAID];       /* their end */
	size_t said_n;
	int64_t limit_ns, note_ns;
	bool late;
	int64_t loaded_at, loaded_n;    /* range of the shadow that is valid; n 0 = none */
	json_t *reply;                  /* of the last job */
	struct err fault;
};

static const char *const programmers[] = {      /* none that reaches the bench's own computer: internal, linux_mtd, network cards */
	"dummy", "ft2232_spi", "serprog", "buspirate_spi", "dediprog", "developerbox", "raiden_debug_spi", "linux_spi", "usbblaster_spi",
	"pickit2_spi", "ch341a_spi", "digilent_spi", "jlink_spi", "stlinkv3_spi", "dirtyjtag_spi", NULL
};

static bool programmer_ok(const char *text, struct err *err)
{
	size_t n = strcspn(text, ":");

	for (const char *p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return err_set(err, ERR_CONF, "programmer: '%.80s' holds a blank or a character that cannot be shown", text);
	for (size_t i = 0; programmers[i]; i++)
		if (strlen(programmers[i]) == n && !strncmp(programmers[i], text, n))
			return true;
	return err_set(err, ERR_CONF, "programmer: '%.*s' is none that reaches a chip on a clip; write NAME or NAME:OPTIONS as flashrom -p takes "
		       "them, such as ft2232_spi:type=2232H", (int)(n < 80 ? n : 80), text);
}

static bool record(struct chip *c, const char *word, const char *note, struct err *err)
{
	return c->blind || event_log_add(c->log, clock_ns(), word, c->job.number, note, err);
}

/* ---- the child ---- */

/* One region "part": flashrom keeps what else stands in the blocks that it must erase. */
static bool write_layout(const struct chip *c, struct err *err)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%08llx:%08llx part\n", (unsigned long long)c->job.at,
			 (unsigned long long)(c->job.at + c->job.length - 1));

	return fs_write(c->layout, text, (size_t)n, err);
}

#define ARG_MAX_OURS 16
static void arguments(const struct line *l, const char *access, const char *file, const char *layout, const char *ret[static ARG_MAX_OURS])
{
	size_t n = 0;

	ret[n++] = line_text(l, "program");
	ret[n++] = "-p";
	ret[n++] = line_text(l, "programmer");
	if (line_has(l, "chip")) {
		ret[n++] = "-c";
		ret[n++] = line_text(l, "chip");
	}
	if (layout) {
		ret[n++] = "-l";
		ret[n++] = layout;
		ret[n++] = "-i";
		ret[n++] = "part";
		ret[n++] = "-N";
	}
	if (access) {
		ret[n++] = access;
		ret[n++] = file;
	}
	ret[n] = NULL;
}

static bool run(struct chip *c, const char *access, const char *file, bool part, struct err *err)
{
	struct spawn_options o = { .file_max = line_int(c->line, "max") };
	const char *argv[ARG_MAX_OURS];
	CLEANUP(close_fd) int out = -1;
	int fd[2];

	if (part && !write_layout(c, err))
		return false;
	arguments(c->line, access, file, part ? c->layout : NULL, argv);
	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	c->pipe = fd[0];
	out = fd[1];
	fcntl(c->pipe, F_SETFL, O_NONBLOCK);
	c->said_n = 0;
	c->late = false;
	if (!spawn_start((char *const *)(uintptr_t)argv, out, &o, &c->child, err)) {
		close(c->pipe);
		c->pipe = -1;
		return false;
	}
	line_guard_pid(c->line, c->child.pid);
	c->limit_ns = clock_ns() + line_int(c->line, "limit");
	c->note_ns = clock_ns() + NOTE_NS;
	line_timer(c->line, c->limit_ns < c->note_ns ? c->limit_ns : c->note_ns);
	return line_watch(c->line, c->pipe, POLLIN, err) && line_watch(c->line, c->child.pidfd, POLLIN, err);
}

static void keep_text(struct chip *c, const char *b, size_t n)
{
	size_t room = sizeof(c->said) - 1;
	struct err err = { 0 };

	if (n > room) {
		b += n - room;
		n = room;
	}
	if (c->said_n + n > room) {
		memmove(c->said, c->said + (c->said_n + n - room), room - n);
		c->said_n = room - n;
	}
	memcpy(c->said + c->said_n, b, n);
	c->said_n += n;
	c->said[c->said_n] = '\0';
	if (!c->blind && c->texted < SAID_MAX && !fs_write_all(c->text, b, n, &err))
		line_note(c->line, "%s: flashrom's words: %s", line_name(c->line), err.text);
	c->texted += (int64_t)n;
}

/* false at its end */
static bool hear(struct chip *c)
{
	char b[4096];
	ssize_t n;

	while ((n = read(c->pipe, b, sizeof(b))) > 0)
		keep_text(c, b, (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* ---- jobs ---- */

static bool mark(const struct chip *c, struct err *err)
{
	CLEANUP(close_fd) int fd = open(c->mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 || err_sys(err, "%s", c->mark);
}

static const char *image_before(const struct line *l, const struct chip *c)
{
	return line_has(l, "factory") ? line_text(l, "factory") : c->before;
}

static bool step_of_job(struct chip *c, struct err *err)
{
	struct job *j = &c->job;

	j->saving = j->what >= STORE && access(image_before(c->line, c), F_OK) != 0;
	if (j->saving)
		return run(c, "-r", c->saving, false, err);
	if (j->what >= STORE && !mark(c, err))
		return false;
	switch (j->what) {
	case IDENTIFY: return run(c, NULL, NULL, false, err);
	case READ:     return run(c, "-r", c->shadow, j->length > 0, err);
	case LOAD:     return run(c, "-r", c->shadow, j->length > 0, err);
	case STORE:    return run(c, "-w", c->shadow, j->length > 0, err);
	case RESTORE:  break;
	}
	return run(c, "-w", image_before(c->line, c), false, err);
}

static bool begin(struct chip *c, enum what what, const json_t *args, json_t *reply, struct err *err)
{
	struct job j = { .what = what, .number = c->job.number + 1, .begin_ns = clock_ns(), .at = json_integer_value(json_object_get(args, "at")),
			 .length = json_integer_value(json_object_get(args, "length")) };
	const char *to = json_string_value(json_object_get(args, "to"));

	if (j.at < 0 || j.length < 0 || j.at > line_int(c->line, "max") || j.length > line_int(c->line, "max") - j.at)
		return err_set(err, ERR_BENCH, "%s: %lld bytes at %lld lie outside of what max: allows", what_name[what], (long long)j.length,
			       (long long)j.at);
	if (what == READ && (!to || (size_t)snprintf(j.to, sizeof(j.to), "%s", to) >= sizeof(j.to)))
		return err_set(err, ERR_BENCH, "read: to what file?");
	if (what == STORE && !(c->loaded_n && j.at >= c->loaded_at && j.at + j.length <= c->loaded_at + c->loaded_n))
		return err_set(err, ERR_BENCH, "store: that range was not loaded");
	c->job = j;
	if (what == READ || what == LOAD)
		c->loaded_n = 0;        /* the shadow is written anew */
	json_decref(c->reply);
	c->reply = json_object();
	c->fault = (struct err){ 0 };
	return record(c, "job", what_name[what], err) && step_of_job(c, err) &&
	       json_object_set_new(reply, "job", json_integer(j.number)) == 0;
}

static bool identified(struct chip *c, struct err *err)
{
	char name[FLASHROM_NAME];
	int64_t size;

	if (!flashrom_found(c->said, name, &size))
		return err_set(err, ERR_BENCH, "flashrom named no chip");
	json_object_set_new(c->reply, "chip", json_string(name));
	return json_object_set_new(c->reply, "size", json_integer(size)) == 0;
}

static bool collect(struct chip *c, struct err *err)
{
	struct job *j = &c->job;
	char path[FS_PATH], hash[HASH_HEX];
	CLEANUP(free_json) json_t *args = json_pack("{s:s}", "to", j->to);
	int64_t size = 0;

	switch (j->what) {
	case IDENTIFY:
		return identified(c, err);
	case READ:
		return c->blind || (image_place(line_run_dir(c->line), args, path, err) && image_cut(c->shadow, j->at, j->length, path, err) &&
				    image_tell(path, c->reply, hash, err));
	case LOAD:
		if (!image_size(c->shadow, &size, err))
			return false;
		c->loaded_at = j->length ? j->at : 0;
		c->loaded_n = j->length ? j->length : size;
		return true;
	case STORE:
		return true;
	case RESTORE:
		break;
	}
	if (unlink(c->mark) < 0)        /* as it was found: nothing to put back any more */
		return err_sys(err, "%s", c->mark);
	return image_tell(image_before(c->line, c), c->reply, hash, err);
}

static bool saved(struct chip *c, struct err *err)
{
	if (rename(c->saving, c->before) < 0)
		return err_sys(err, "%s", c->before);
	return step_of_job(c, err);
}

/* The child has ended, well or not. */
static bool next(struct chip *c, struct err *err)
{
	char how[64], why[300];
	int status;

	hear(c);
	line_unwatch(c->line, c->pipe);
	line_unwatch(c->line, c->child.pidfd);
	line_timer(c->line, 0);
	spawn_how(&c->child, how, sizeof(how));
	status = spawn_reap(&c->child);
	close(c->pipe);
	c->pipe = -1;
	if (c->late)
		err_set(&c->fault, ERR_TIME, "flashrom was not done within limit: and was stopped");
	else if (status != 0)
		err_set(&c->fault, ERR_BENCH, "%s", flashrom_why(c->said, status < 0 ? how : NULL, why));
	else if (!c->job.saving && collect(c, &c->fault))
		return record(c, "done", what_name[c->job.what], err);
	else if (c->job.saving && saved(c, &c->fault))
		return true;            /* goes on with the access that was asked for */
	return record(c, "failed", c->fault.text, err);
}

static bool result(struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	if (json_integer_value(json_object_get(args, "job")) != c->job.number)
		return err_set(err, ERR_BENCH, "no such job");
	if (c->pipe >= 0)
		return json_object_set_new(reply, "busy", json_true()) == 0;
	if (c->fault.kind != ERR_NONE) {
		*err = c->fault;
		return err_in(err, "%s", what_name[c->job.what]);
	}
	return json_object_update(reply, c->reply) == 0;
}

/* ---- what the line is asked ---- */

static bool covered(const struct chip *c, const json_t *args, int64_t n, struct err *err)
{
	int64_t at = json_integer_value(json_object_get(args, "at"));

	return (c->loaded_n && at >= c->loaded_at && n <= c->loaded_n && at - c->loaded_at <= c->loaded_n - n) ||
	       err_set(err, ERR_BENCH, "%lld bytes at %lld were not loaded", (long long)n, (long long)at);
}

static bool alter(struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	const char *hex = json_string_value(json_object_get(args, "data"));
	int64_t at, n, changed;

	if (!covered(c, args, hex ? (int64_t)strlen(hex) / 2 : 0, err) || !image_alter(c->shadow, args, &at, &n, &changed, err))
		return false;
	return c->blind || json_object_set_new(reply, "changed", json_integer(changed)) == 0;
}

static bool chip_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct chip *c = line_priv(l);
	const char *power = line_text(l, "power");

	if (!strcmp(command, "get"))
		return flash_tell(reply, power, power, line_json(l, "regions"), c->pipe >= 0 ? what_name[c->job.what] : NULL);
	if (!strcmp(command, "result"))
		return result(c, args, reply, err);
	if (c->pipe >= 0)
		return err_set(err, ERR_BENCH, "%s is busy: %s has run for %lld s", line_name(l), what_name[c->job.what],
			       (long long)((clock_ns() - c->job.begin_ns) / SEC(1)));
	if (!strcmp(command, "alter"))
		return alter(c, args, reply, err);
	if (!strcmp(command, "peek"))
		return covered(c, args, json_integer_value(json_object_get(args, "length")), err) && image_peek(c->shadow, args, reply, err);
	for (size_t i = 0; i < sizeof(what_name) / sizeof(what_name[0]); i++)
		if (!strcmp(command, what_name[i]))
			return begin(c, (enum what)i, args, reply, err);
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool chip_event(struct line *l, int fd, short revents, struct err *err)
{
	struct chip *c = line_priv(l);

	(void)revents;
	if (c->pipe < 0)
		return true;
	if (fd == c->pipe && !hear(c))
		line_unwatch(l, c->pipe);       /* it closed its output; its end is told by the pidfd */
	if (fd == c->child.pidfd)
		return next(c, err);
	if (fd >= 0)
		return true;
	if (clock_ns() >= c->limit_ns) {
		c->late = true;
		kill(-c->child.pid, SIGKILL);
		return true;
	}
	line_note(l, "%s: %s has run for %lld s", line_name(l), what_name[c->job.what], (long long)((clock_ns() - c->job.begin_ns) / SEC(1)));
	c->note_ns = clock_ns() + NOTE_NS;
	line_timer(l, c->limit_ns < c->note_ns ? c->limit_ns : c->note_ns);
	return true;
}

/* ---- open, close, the way back ---- */

static bool paths(struct line *l, struct chip *c, struct err *err)
{
	char name[160], dir[FS_PATH];
	const char *dot = strchr(line_name(l), '.');

	dot = dot ? dot + 1 : line_name(l);
	snprintf(name, sizeof(name), "%s.before.bin", dot);
	if (!fs_join(dir, line_run_dir(l), "flash", err) || !fs_join(c->before, dir, name, err))
		return false;
	snprintf(name, sizeof(name), "%s.before.new", dot);
	if (!fs_join(c->saving, dir, name, err))
		return false;
	snprintf(name, sizeof(name), "%s.shadow", line_name(l));
	if (!fs_join(c->shadow, line_work_dir(l), name, err))
		return false;
	snprintf(name, sizeof(name), "%s.layout", line_name(l));
	if (!fs_join(c->layout, line_work_dir(l), name, err))
		return false;
	snprintf(name, sizeof(name), "%s.altered", line_name(l));
	return fs_join(c->mark, line_work_dir(l), name, err);
}

static bool chip_open(struct line *l, struct err *err)
{
	struct chip *c = calloc(1, sizeof(*c));
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	if (!c)
		return err_set(err, ERR_LIMIT, "out of memory");
	*c = (struct chip){ .line = l, .blind = line_blind(l), .pipe = -1, .log = -1, .text = -1, .child = { 0, -1 } };
	line_set_priv(l, c);
	if (!programmer_ok(line_text(l, "programmer"), err) || !flash_regions_ok(line_json(l, "regions"), err) || !paths(l, c, err))
		return false;
	if (access(line_text(l, "program"), X_OK) < 0)
		return err_sys(err, "flashrom: %s", line_text(l, "program"));
	if (line_has(l, "factory") && access(line_text(l, "factory"), R_OK) < 0)
		return err_sys(err, "factory image: %s", line_text(l, "factory"));
	snprintf(path, sizeof(path), "%s/flash", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/flash/%s.txt", line_run_dir(l), dot ? dot + 1 : line_name(l));
	c->text = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (c->text < 0)
		return err_sys(err, "%s", path);
	snprintf(path, sizeof(path), "%s/flash/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return event_log_create(path, &c->log, err);
}

/* In a process of its own: it holds the mark's lock until flashrom is done, and takes the mark away when all is as before. */
static void write_back(struct line *l, const struct chip *c, int lock)
{
	CLEANUP(close_fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct spawn_options o = { .outlives = true, .keep = lock };
	const char *argv[ARG_MAX_OURS];
	struct spawn s;
	struct err err = { 0 };

	setsid();
	arguments(l, "-w", image_before(l, c), NULL, argv);
	if (!spawn_start((char *const *)(uintptr_t)argv, null, &o, &s, &err) ||
	    poll(&(struct pollfd){ s.pidfd, POLLIN, 0 }, 1, -1) < 1 || spawn_reap(&s) != 0 || unlink(c->mark) < 0)
		_exit(1);
	_exit(0);
}

/* true when nothing is left to do; else why[] says what is. */
static bool put_back(struct line *l, const struct chip *c, char why[static 200])
{
	CLEANUP(close_fd) int lock = open(c->mark, O_RDWR | O_CLOEXEC);
	int64_t until = clock_ns() + BACK_NS;
	pid_t pid;

	if (lock < 0)
		return true;            /* never altered, or put back already */
	if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
		pid = fork();
		if (pid == 0)
			write_back(l, c, lock);
	}
	close(lock);                    /* the lock now lasts as long as the other process */
	lock = open(c->mark, O_RDWR | O_CLOEXEC);
	while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && clock_ns() < until)
		poll(NULL, 0, 10);      /* a lock of another process has no descriptor to wait for */
	if (access(c->mark, F_OK) < 0)
		return true;
	snprintf(why, 200, clock_ns() < until ? "flashrom could not put the image from before back; it is %s"
					      : "the image from before is still being written back; it is %s", image_before(l, c));
	return false;
}

static void chip_safe(struct line *l)
{
	struct chip c = { .line = l };
	struct err err = { 0 };
	char why[200];

	if (paths(l, &c, &err))
		put_back(l, &c, why);
}

static void chip_close(struct line *l)
{
	struct chip *c = line_priv(l);
	char why[200];

	if (c->pipe >= 0) {
		spawn_stop(&c->child, MS(100));
		close(c->pipe);
	}
	if (!put_back(l, c, why))
		line_note(l, "%s: %s", line_name(l), why);
	json_decref(c->reply);
	close(c->log);
	close(c->text);
	free(c);
}

static const char *const power_words[] = { "off", "on", "any", NULL };

static const struct param chip_params[] = {
	{ .name = "programmer", .type = VALUE_TEXT, .need = true,
	  .doc = "as flashrom -p takes it: NAME:OPTIONS, such as ft2232_spi:type=2232H or serprog:dev=/dev/ttyACM0:115200" },
	{ .name = "chip", .type = VALUE_TEXT, .doc = "flashrom's name of the chip (-c), where several match" },
	{ .name = "power", .type = VALUE_ENUM, .words = power_words, .fallback = "off",
	  .doc = "state of the device's supply in which the clip may be used: off when the programmer feeds the chip" },
	{ .name = "factory", .type = VALUE_TEXT, .doc = "image that restore writes; else what was read before the first change" },
	{ .name = "max", .type = VALUE_INT, .min = 1, .max = (int64_t)1 << 30, .unit = "bytes", .fallback = "67108864",
	  .doc = "largest image accepted" },
	{ .name = "limit", .type = VALUE_TIME, .min = MS(100), .max = SEC(7200), .fallback = "10min", .doc = "longest time of one access" },
	{ .name = "program", .type = VALUE_TEXT, .fallback = "/usr/sbin/flashrom", .doc = "the program" },
	FLASH_REGIONS,
	{ 0 }
};

const struct line_driver drv_flashrom = {
	.name = "flashrom", .doc = "a flash chip on the clip of a programmer, through flashrom; untouched until a step asks",
	.seen = "flashrom itself, on its dummy chip; no real programmer",
	.params = chip_params, .open = chip_open, .command = chip_command, .event = chip_event, .safe = chip_safe, .close = chip_close,
};
