// SPDX-License-Identifier: Apache-2.0
// A debug adapter (SWD or JTAG) through the program OpenOCD: a child for every look at the port. It gets its whole task
// as a script and opens no port of its own, so nobody else can speak to it and benches do not collide.
//
// Commands   look {of, address} -> {job}: of: "device" or "control"; result {job} -> {busy: true} or {log, end}: the
//            file below the run folder with what OpenOCD said, and how it ended; get {} -> {busy}
// Record     RUN/debug/NAME.log (event_log.h): look <number> <of>, done <number> <file>; RUN/debug/NAME-<number>.txt
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/spawn.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"

#define LOG_MAX ((int64_t)4 << 20)

struct port {
	int log;                /* event log */
	bool blind, late;
	json_int_t number;
	char file[96];          /* of the last look, relative to the run folder */
	char end[64];           /* how the last child ended; "" = it was never started */
	struct spawn child;
};

static const char *after_dot(const struct line *l)
{
	const char *dot = strchr(line_name(l), '.');

	return dot ? dot + 1 : line_name(l);
}

static bool texts(const struct line *l, const char *param, struct err *err)
{
	const json_t *set = line_json(l, param), *v;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)set, i, v)
		if (!json_is_string(v) || !json_string_value(v)[0])
			return err_set(err, ERR_CONF, "%s: item %zu is no text", param, i + 1);
	return json_array_size(set) <= 16 || err_set(err, ERR_LIMIT, "%s: more than 16", param);
}

static bool port_open(struct line *l, struct err *err)
{
	struct port *p = calloc(1, sizeof(*p));
	char path[FS_PATH];

	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	*p = (struct port){ .log = -1, .blind = line_blind(l), .child = { 0, -1 } };
	line_set_priv(l, p);
	if (!texts(l, "config", err) || !texts(l, "control", err) || !texts(l, "commands", err))
		return false;
	if (access(line_text(l, "program"), X_OK) < 0)
		return err_sys(err, "openocd: %s", line_text(l, "program"));
	snprintf(path, sizeof(path), "%s/debug", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/debug/%s.log", line_run_dir(l), after_dot(l));
	return event_log_create(path, &p->log, err);
}

/* Memory is read first, because that works on a running processor too; one that was halted is let go again. The marks are
 * printed at debug level 2, where commands are not repeated in the log. */
static const char task[] =
	"debug_level 3\n"
	"set failed [catch {init} why]\n"
	"debug_level 2\n"
	"if {!$failed} {\n"
	"	set t [lindex [target names] 0]\n"
	"	if {$t ne {}} {\n"
	"		echo {JUSAN target}\n"
	"		targets $t\n"
	"		if {![catch {$t read_memory 0x%llx 32 4}]} { echo {JUSAN read} }\n"
	"		if {![catch {halt 1000}] && [$t curstate] eq {halted}} { echo {JUSAN halted}; catch {resume} }\n"
	"	}\n"
	"}\n"
	"echo {JUSAN end}\n"
	"shutdown\n";

static bool write_task(const struct line *l, const json_t *args, char path[static FS_PATH], struct err *err)
{
	char text[sizeof(task) + 32], name[96];
	int n = snprintf(text, sizeof(text), task, (unsigned long long)json_integer_value(json_object_get(args, "address")));

	snprintf(name, sizeof(name), "%s.tcl", line_name(l));
	return fs_join(path, line_work_dir(l), name, err) && fs_write(path, text, (size_t)n, err);
}

static size_t add(const char **argv, size_t n, const char *option, const json_t *set)
{
	size_t i;
	const json_t *v;

	json_array_foreach((json_t *)(uintptr_t)set, i, v) {
		argv[n++] = option;
		argv[n++] = json_string_value(v);
	}
	return n;
}

static bool start(struct line *l, struct port *p, const char *config, const char *script, struct err *err)
{
	static const char quiet[] = "gdb_port disabled; tcl_port disabled; telnet_port disabled";
	struct spawn_options o = { .file_max = LOG_MAX };
	const char *argv[3 + 4 * 16 + 2 + 1] = { line_text(l, "program"), "-c", quiet };
	CLEANUP(close_fd) int out = -1;
	char path[FS_PATH];
	size_t n = add(argv, 3, "-f", line_json(l, config));

	n = add(argv, n, "-c", line_json(l, "commands"));
	argv[n++] = "-f";
	argv[n++] = script;
	argv[n] = NULL;
	if (!fs_join(path, p->blind ? line_work_dir(l) : line_run_dir(l), p->blind ? "debug.txt" : p->file, err))
		return false;
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (out < 0)
		return err_sys(err, "%s", path);
	if (!spawn_start((char *const *)(uintptr_t)argv, out, &o, &p->child, err))
		return false;
	line_guard_pid(l, p->child.pid);
	line_timer(l, clock_ns() + line_int(l, "limit"));
	return line_watch(l, p->child.pidfd, POLLIN, err);
}

static bool look(struct line *l, struct port *p, const json_t *args, json_t *reply, struct err *err)
{
	const char *of = json_string_value(json_object_get(args, "of"));
	bool control = of && !strcmp(of, "control");
	char script[FS_PATH];

	if (p->child.pid > 0)
		return err_set(err, ERR_BENCH, "%s is busy", line_name(l));
	if (control && !line_has(l, "control"))
		return err_set(err, ERR_BENCH, "%s has no control: nothing is declared that is known to answer this adapter", line_name(l));
	p->number++;
	p->late = false;
	p->end[0] = '\0';
	snprintf(p->file, sizeof(p->file), "debug/%.40s-%lld.txt", after_dot(l), (long long)p->number);
	if (!write_task(l, args, script, err) || !start(l, p, control ? "control" : "config", script, err))
		return false;
	json_object_set_new(reply, "job", json_integer(p->number));
	return p->blind || event_log_add(p->log, clock_ns(), "look", p->number, control ? "control" : "device", err);
}

static bool result(const struct port *p, const json_t *args, json_t *reply, struct err *err)
{
	if (!p->number || json_integer_value(json_object_get(args, "job")) != p->number)
		return err_set(err, ERR_BENCH, "no such job");
	if (p->child.pid > 0)
		return json_object_set_new(reply, "busy", json_true()) == 0;
	if (p->late)
		return err_set(err, ERR_TIME, "openocd was not done within limit: and was stopped");
	json_object_set_new(reply, "end", json_string(p->end));
	return p->blind || json_object_set_new(reply, "log", json_string(p->file)) == 0;
}

static bool port_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct port *p = line_priv(l);

	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "busy", json_boolean(p->child.pid > 0)) == 0;
	if (!strcmp(command, "look"))
		return look(l, p, args, reply, err);
	if (!strcmp(command, "result"))
		return result(p, args, reply, err);
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool port_event(struct line *l, int fd, short revents, struct err *err)
{
	struct port *p = line_priv(l);

	(void)revents;
	if (p->child.pid <= 0)
		return true;
	if (fd < 0) {
		p->late = true;
		kill(-p->child.pid, SIGKILL);
		return true;
	}
	line_unwatch(l, p->child.pidfd);
	line_timer(l, 0);
	spawn_how(&p->child, p->end, sizeof(p->end));
	spawn_reap(&p->child);
	return p->blind || event_log_add(p->log, clock_ns(), "done", p->number, p->file, err);
}

static void port_close(struct line *l)
{
	struct port *p = line_priv(l);

	spawn_stop(&p->child, MS(100));
	close(p->log);
	free(p);
}

static const struct param port_params[] = {
	{ .name = "config", .type = VALUE_SET, .need = true,
	  .doc = "configuration files of adapter and target, as openocd -f takes them: [interface/ftdi/um232h.cfg, target/stm32f4x.cfg]" },
	{ .name = "control", .type = VALUE_SET,
	  .doc = "the same for something that is known to answer this adapter over the same cable: it proves that silence is the device's own" },
	{ .name = "commands", .type = VALUE_SET, .doc = "further settings, as openocd -c takes them: [\"transport select swd\", \"adapter speed 1000\"]" },
	{ .name = "limit", .type = VALUE_TIME, .min = MS(100), .max = SEC(600), .fallback = "30s", .doc = "longest time of one look" },
	{ .name = "program", .type = VALUE_TEXT, .fallback = "/usr/bin/openocd", .doc = "the program" },
	{ 0 }
};

const struct line_driver drv_openocd = {
	.name = "openocd", .doc = "a debug adapter (SWD, JTAG) through OpenOCD; untouched until a step asks",
	.seen = "OpenOCD itself, on a model of a JTAG port (remote_bitbang); no SWD, no real adapter",
	.params = port_params, .open = port_open, .command = port_command, .event = port_event, .close = port_close,
};
