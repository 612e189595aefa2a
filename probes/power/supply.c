// SPDX-License-Identifier: Apache-2.0
#include "probes/power/supply.h"

#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "harness/proto/serial_log.h"

struct supply {
	struct machine_spec spec;
	struct machine m;
	bool on;
	int log;                        /* -1 when blind */
	regex_t when;
	bool watching;                  /* `when` is compiled and console is open */
	struct serial_log console;
	size_t searched;                /* console text before this holds no match */
};

struct arena supply_arena;      /* a line process serves one line */

static const char *after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

bool supply_spec(const struct line *l, struct machine_spec *spec, struct err *err)
{
	const char *work = line_work_dir(l);
	char *resolv = arena_printf(&supply_arena, "%s/resolv.conf", work);
	int fd;

	spec->console = line_has(l, "console") ? arena_printf(&supply_arena, "%s/%s", work, line_text(l, "console")) : NULL;
	spec->pins = line_has(l, "pins") ? arena_printf(&supply_arena, "%s/%s.sock", work, line_text(l, "pins")) : NULL;
	spec->interface = line_text(l, "interface");
	fd = open(resolv, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, "%s", resolv);
	close(fd);
	spec->resolv = resolv;
	return true;
}

static bool record(struct supply *s, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err)
{
	return s->log < 0 || event_log_add(s->log, t_ns, word, value, note, err);
}

/* Found as execvp would find it; a machine that cannot be started is known before anything is powered. */
static bool executable(const char *program, struct err *err)
{
	const char *path = getenv("PATH");
	CLEANUP(free_ptr) char *copy = strdup(path ? path : "/usr/bin:/bin");
	char whole[FS_PATH], *rest = copy;

	if (strchr(program, '/'))
		return access(program, X_OK) == 0 || err_sys(err, "%s", program);
	for (const char *dir; copy && (dir = strsep(&rest, ":"));) {
		snprintf(whole, sizeof(whole), "%s/%s", dir, program);
		if (access(whole, X_OK) == 0)
			return true;
	}
	return err_set(err, ERR_BENCH, "%s: no such program in PATH", program);
}

bool supply_open(struct line *l, const struct machine_spec *spec, struct err *err)
{
	struct supply *s = calloc(1, sizeof(*s));
	char path[FS_PATH];

	if (!executable(spec->argv[0], err))
		return false;
	if (!s)
		return err_set(err, ERR_LIMIT, "out of memory");
	s->spec = *spec;
	s->log = -1;
	machine_init(&s->m);
	line_set_priv(l, s);
	snprintf(path, sizeof(path), "%s/power", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/power/%s.log", line_run_dir(l), after_dot(line_name(l)));
	if (!event_log_create(path, &s->log, err))
		return false;
	if (line_blind(l)) {
		close(s->log);
		s->log = -1;
	}
	return true;
}

static void disarm(struct line *l, struct supply *s)
{
	line_timer(l, 0);
	if (!s->watching)
		return;
	line_unwatch(l, s->console.tail.notify);
	serial_log_done(&s->console);
	regfree(&s->when);
	s->watching = false;
}

static bool cut(struct line *l, struct supply *s, const char *why, int64_t *ret_request_ns, int64_t *ret_dead_ns,
		struct err *err)
{
	int64_t request_ns = clock_ns(), dead_ns;

	disarm(l, s);
	if (s->m.pidfd >= 0)
		line_unwatch(l, s->m.pidfd);
	if (!machine_cut(&s->m, s->spec.interface, &dead_ns, err))
		return false;
	*ret_request_ns = request_ns;
	*ret_dead_ns = dead_ns;
	if (!s->on)
		return true;
	s->on = false;
	return record(s, dead_ns, "off", dead_ns - request_ns, why, err);
}

static bool switch_on(struct line *l, struct supply *s, struct err *err)
{
	int64_t t_ns = clock_ns();

	if (!machine_start(l, &s->spec, &s->m, err))
		return false;
	s->on = true;
	line_guard_pid(l, s->m.pid);
	return line_watch(l, s->m.pidfd, POLLIN, err) && record(s, t_ns, "on", s->m.pid, s->spec.argv[0], err);
}

static bool arm(struct line *l, struct supply *s, const json_t *args, struct err *err)
{
	const char *when = json_string_value(json_object_get(args, "when"));
	int64_t at_ns = json_integer_value(json_object_get(args, "at_ns")), now = clock_ns();
	char path[FS_PATH];
	int bad;

	disarm(l, s);
	if (at_ns)
		line_timer(l, at_ns);
	if (!when)
		return record(s, now, "armed", at_ns, "time", err);
	if (!line_has(l, "console"))
		return err_set(err, ERR_BENCH, "%s has no console to look for '%s' on", line_name(l), when);
	bad = regcomp(&s->when, when, REG_EXTENDED | REG_NEWLINE);
	if (bad) {
		char why[128];

		regerror(bad, &s->when, why, sizeof(why));
		return err_set(err, ERR_BENCH, "pattern '%s': %s", when, why);
	}
	snprintf(path, sizeof(path), "%s/serial/%s", line_run_dir(l), after_dot(line_text(l, "console")));
	if (!serial_log_open(path, now, true, &s->console, err)) {
		regfree(&s->when);
		return false;
	}
	s->searched = 0;
	s->watching = true;
	return line_watch(l, s->console.tail.notify, POLLIN, err) && record(s, now, "armed", at_ns, when, err);
}

static bool answer(json_t *reply, const char *key, json_t *value)
{
	return json_object_set_new(reply, key, value) == 0;
}

bool supply_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct supply *s = line_priv(l);
	bool was_on = s->on;
	int64_t request_ns, dead_ns;

	answer(reply, "was_on", json_boolean(was_on));
	if (!strcmp(command, "on")) {
		if (s->m.pidfd < 0 && !switch_on(l, s, err))
			return false;
		return answer(reply, "t_ns", json_integer(clock_ns()));
	}
	if (!strcmp(command, "off"))
		return cut(l, s, "command", &request_ns, &dead_ns, err) &&
		       answer(reply, "request_ns", json_integer(request_ns)) && answer(reply, "dead_ns", json_integer(dead_ns));
	if (!strcmp(command, "get"))
		return answer(reply, "on", json_boolean(s->on)) && answer(reply, "alive", json_boolean(s->m.pidfd >= 0));
	if (!strcmp(command, "arm"))
		return arm(l, s, args, err) && answer(reply, "armed_ns", json_integer(clock_ns()));
	if (!strcmp(command, "disarm")) {
		disarm(l, s);
		return true;
	}
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool console_matches(struct supply *s, bool *ret_found, struct err *err)
{
	regmatch_t m;
	const char *line;

	*ret_found = false;
	if (!serial_log_more(&s->console, err) || !s->console.n)
		return s->console.n == 0 && err->kind == ERR_NONE;
	if (s->searched > s->console.n)
		s->searched = 0;
	*ret_found = regexec(&s->when, s->console.text + s->searched, 1, &m, 0) == 0;
	/* Only the unfinished last line can still become a match. */
	line = strrchr(s->console.text, '\n');
	if (line)
		s->searched = (size_t)(line + 1 - s->console.text);
	return true;
}

static bool ended(struct line *l, struct supply *s, struct err *err)
{
	int status;

	line_unwatch(l, s->m.pidfd);
	status = machine_reap(&s->m);
	line_note(l, "the machine ended by itself, status %#x", (unsigned)status);
	return record(s, clock_ns(), "ended", status, "-", err);
}

bool supply_event(struct line *l, int fd, short revents, struct err *err)
{
	struct supply *s = line_priv(l);
	int64_t request_ns, dead_ns;
	bool found;

	(void)revents;
	if (fd < 0)
		return cut(l, s, "timer", &request_ns, &dead_ns, err);
	if (fd == s->m.pidfd)
		return ended(l, s, err);
	if (!s->watching || fd != s->console.tail.notify)
		return true;
	if (!console_matches(s, &found, err))
		return false;
	return !found || cut(l, s, "pattern", &request_ns, &dead_ns, err);
}

void supply_close(struct line *l)
{
	struct supply *s = line_priv(l);
	struct err err = { 0 };
	int64_t request_ns, dead_ns;

	if (!cut(l, s, "close", &request_ns, &dead_ns, &err))
		line_note(l, "%s", err.text);
	machine_done(&s->m);
	if (s->log >= 0)
		close(s->log);
	arena_free(&supply_arena);
	free(s);
}
