// SPDX-License-Identifier: Apache-2.0
#include "probes/power/supply.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "probes/power/trigger.h"

struct supply {
	struct machine_spec spec;
	struct machine m;
	bool on;
	int log;                        /* -1 when blind */
	struct trigger trigger;
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
	spec->interface = *line_text(l, "interface") ? line_text(l, "interface") : NULL;
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

/* from_ns: when it was asked for, 0 = now. */
static bool cut(struct line *l, struct supply *s, const char *why, int64_t from_ns, int64_t *ret_request_ns, int64_t *ret_dead_ns,
		struct err *err)
{
	int64_t now = clock_ns(), request_ns = from_ns ? from_ns : now, dead_ns;

	trigger_disarm(l, &s->trigger);
	if (s->m.pidfd >= 0)
		line_unwatch(l, s->m.pidfd);
	if (s->m.pidfd >= 0 && s->spec.ask_end)
		s->spec.ask_end(l, s->m.pidfd);
	if (!machine_cut(&s->m, s->spec.interface, &dead_ns, err))
		return false;
	*ret_request_ns = request_ns;
	*ret_dead_ns = dead_ns;
	if (!s->on)
		return true;
	s->on = false;
	return (!from_ns || record(s, now, "trigger", now - from_ns, why, err)) && record(s, dead_ns, "off", dead_ns - request_ns, why, err);
}

static bool switch_on(struct line *l, struct supply *s, struct err *err)
{
	int64_t t_ns = clock_ns();
	char who[EVENT_NOTE];

	if (!machine_start(l, &s->spec, &s->m, err))
		return false;
	s->on = true;
	line_guard_pid(l, s->m.pid);
	snprintf(who, sizeof(who), "pid %d %s", s->m.pid, s->spec.argv[0]);
	return line_watch(l, s->m.pidfd, POLLIN, err) && record(s, t_ns, "on", 0, who, err);
}

int supply_control(struct line *l)
{
	struct supply *s = line_priv(l);

	return take_fd(&s->m.control);
}

bool supply_record(struct line *l, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err)
{
	return record(line_priv(l), t_ns, word, value, note, err);
}

void supply_last_words(const char *said, char *ret, size_t room)
{
	CLEANUP(close_file) FILE *f = fopen(said, "re");
	char text[1024];
	size_t n, from, lines = 0;

	ret[0] = '\0';
	if (!f)
		return;
	if (fseek(f, -(long)sizeof(text), SEEK_END) != 0)
		rewind(f);              /* it is shorter */
	n = fread(text, 1, sizeof(text), f);
	while (n && text[n - 1] == '\n')
		n--;
	for (from = n; from && (text[from - 1] != '\n' || lines++ == 0);)
		from--;
	snprintf(ret, room, "%.*s", (int)(n - from), text + from);
	for (char *p = ret; *p; p++)
		*p = *p == '\n' ? '/' : *p >= ' ' && *p <= '~' ? *p : '?';
}

static bool answer(json_t *reply, const char *key, json_t *value)
{
	return json_object_set_new(reply, key, value) == 0;
}

bool supply_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct supply *s = line_priv(l);
	bool was_on = s->on;
	int64_t request_ns, dead_ns, asked_ns = clock_ns();

	answer(reply, "was_on", json_boolean(was_on));
	if (!strcmp(command, "on")) {
		if (s->m.pidfd < 0 && !switch_on(l, s, err))
			return false;
		return answer(reply, "request_ns", json_integer(asked_ns)) && answer(reply, "ack_ns", json_integer(clock_ns()));
	}
	if (!strcmp(command, "off"))
		return cut(l, s, "command", 0, &request_ns, &dead_ns, err) &&
		       answer(reply, "request_ns", json_integer(request_ns)) && answer(reply, "ack_ns", json_integer(dead_ns)) &&
		       answer(reply, "dead_ns", json_integer(dead_ns));
	if (!strcmp(command, "get"))
		return answer(reply, "on", json_boolean(s->on)) && answer(reply, "alive", json_boolean(s->m.pidfd >= 0)) &&
		       answer(reply, "readback", json_string("reported"));
	if (!strcmp(command, "arm"))
		return trigger_arm(l, &s->trigger, args, err) && record(s, clock_ns(), "armed", 0, "-", err) &&
		       answer(reply, "armed_ns", json_integer(clock_ns()));
	if (!strcmp(command, "disarm")) {
		trigger_disarm(l, &s->trigger);
		return true;
	}
	return err_set(err, ERR_BENCH, "%s cannot do '%s': its driver switches a supply and no more", line_name(l), command);
}

static bool ended(struct line *l, struct supply *s, struct err *err)
{
	char words[240] = "";
	int status;

	line_unwatch(l, s->m.pidfd);
	status = machine_reap(&s->m);
	if (s->spec.said)
		supply_last_words(s->spec.said, words, sizeof(words));
	line_note(l, "the machine ended by itself, status %#x%s%s", (unsigned)status, words[0] ? ": " : "", words);
	return record(s, clock_ns(), "ended", status, "-", err);
}

bool supply_event(struct line *l, int fd, short revents, struct err *err)
{
	struct supply *s = line_priv(l);
	int64_t request_ns, dead_ns;
	struct fired f;

	(void)revents;
	if (fd >= 0 && fd == s->m.pidfd)
		return ended(l, s, err);
	return trigger_event(l, &s->trigger, fd, &f, err) && (!f.why || cut(l, s, f.why, f.t_ns, &request_ns, &dead_ns, err));
}

void supply_close(struct line *l)
{
	struct supply *s = line_priv(l);
	struct err err = { 0 };
	int64_t request_ns, dead_ns;

	if (!cut(l, s, "close", 0, &request_ns, &dead_ns, &err))
		line_note(l, "%s", err.text);
	machine_done(&s->m);
	if (s->log >= 0)
		close(s->log);
	arena_free(&supply_arena);
	free(s);
}
