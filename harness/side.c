// SPDX-License-Identifier: Apache-2.0
// What goes on beside a lane: a process that runs one step, or samples a function until it is told to stop, and
// sends every record it makes to the controller, which alone writes the journal.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/ipc.h"
#include "harness/lane.h"

#define STOP_NS SEC(20)

struct side {
	struct lane *parent;
	char path[64], label[128], verb[64];
	struct worker *worker;          /* a watch verb: it serves the verb itself until it is told to stop */
	pid_t pid;                      /* anything else: a lane of its own */
	int fd;
	int64_t begin_ns;
	bool started, ended, whole, is_watch;   /* whole: it said how it went before it ended */
	char fault[512];
};

/* ---- in the side's own process ---- */

static bool send_up(void *data, const char *kind, json_t *rec, int64_t *ret_n, struct err *err)
{
	if (ret_n)
		*ret_n = 0;
	return ipc_send(*(int *)data, json_pack("{s:s,s:o}", "kind", kind, "rec", rec), err);
}

static bool told_to_stop(void *data, json_t *msg, struct err *err)
{
	(void)err;
	if (!msg)
		_exit(1);
	*(bool *)data = true;
	return true;
}

static bool sample(struct lane *l, const struct step_spec *spec, const struct procedure *p, const char *path, struct err *err)
{
	CLEANUP(free_json) json_t *facts = NULL;
	int64_t begin = clock_ns();
	json_t *rec;

	if (!lane_procedure(l, p, 0, path, spec->label, &facts, err))
		return false;
	json_object_del(facts, "after");
	rec = json_pack("{s:s,s:s,s:s,s:I,s:O,s:[],s:O?}", "step", path, "label", spec->label ? spec->label : "", "verb", spec->name,
			"at_ns", (json_int_t)begin, "facts", facts, "at", "observers", l->cited);
	return lane_record(l, "observe", rec, NULL, err);
}

/* device.function: the declared procedure, again and again, one observation a sample. */
static bool watch_function(struct lane *l, const struct step_spec *spec, const char *path, const bool *stop, struct err *err)
{
	CLEANUP(free_json) json_t *args = NULL;
	const json_t *function = json_object_get(l->s->plan->device.json, "function");
	const struct procedure *p;
	const char *role, *name;
	int64_t every, next = clock_ns();

	if (!lane_args(l, spec, &args, err) || !args)
		return err_set(err, ERR_BENCH, "device.function: %s", err->text);
	role = json_string_value(json_object_get(args, "role"));
	name = json_string_value(json_object_get(json_object_get(function, role), "procedure"));
	p = name ? device_procedure(&l->s->plan->device, name) : NULL;
	every = json_integer_value(json_object_get(args, "every"));
	if (!p)
		return err_set(err, ERR_BENCH, "device.yaml declares no procedure for function '%s'", role ? role : "");
	while (!*stop && !l->bench_fault) {
		if (!sample(l, spec, p, path, err))
			return false;
		next = next + every > clock_ns() ? next + every : clock_ns();
		if (!hub_turn(l->hub, stop, next, err))
			return false;
	}
	return true;
}

static void side_main(const struct lane *parent, const struct step_spec *spec, const char *path, int fd)
{
	struct hub *hub = hub_new();
	struct lane l;
	struct steps one = { spec, 1 };
	struct err err = { 0 };
	bool stop = false, ok;

	setpgid(0, 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	child_stdio(parent->s);
	close_other_fds((const int[]){ fd }, 1);
	lane_init(&l, parent->s, hub, send_up, &fd);
	lane_begin(&l, parent->test, parent->part, parent->rep, parent->limits, parent->each);
	l.since_ns = parent->since_ns;
	snprintf(l.scope[0].path, sizeof(l.scope[0].path), "%s.", path);
	ok = hub_add(hub, fd, told_to_stop, &stop, &err);
	if (ok && !strcmp(spec->name, "device.function")) {
		l.scope[0].path[0] = '\0';      /* its own observations belong to the test's scene */
		ok = watch_function(&l, spec, path, &stop, &err);
	} else if (ok) {
		ok = lane_run(&l, &one, &err);
	}
	ok = lane_finish(&l, &err) && ok;
	lane_done(&l);
	(void)!ipc_send(fd, json_pack("{s:s}", "end", l.bench_fault ? l.fault : ok ? "" : err.text), &err);
	_exit(0);
}

/* ---- in the controller ---- */

static bool heard(void *data, json_t *msg, struct err *err)
{
	struct side *side = data;
	const char *kind;
	json_t *rec;

	if (!msg) {
		side->started = side->ended = true;
		return true;
	}
	if (json_object_get(msg, "end")) {
		snprintf(side->fault, sizeof(side->fault), "%s", json_string_value(json_object_get(msg, "end")));
		side->whole = true;
		return true;
	}
	kind = json_string_value(json_object_get(msg, "kind"));
	rec = json_object_get(msg, "rec");
	if (!strcmp(kind, "observe") || !strcmp(kind, "step"))
		side->started = true;
	return lane_adopt(side->parent, kind, json_incref(rec), err);
}

static bool start_watch(struct side *s, const struct step_spec *spec, struct err *err)
{
	struct lane *l = s->parent;
	json_t *args = NULL;
	bool ok;

	if (!lane_args(l, spec, &args, err) || !args)
		return err_set(err, ERR_BENCH, "%s: %s", spec->name, err->text);
	ok = worker_start(l->s, l->hub, spec->probe, lane_observed, l, &s->worker, err) &&
	     worker_ask(s->worker, lane_request(l, spec, args, s->path, s->begin_ns), err);
	json_decref(args);
	return ok;
}

static bool start_lane(struct side *s, const struct step_spec *spec, struct err *err)
{
	int fd[2];

	if (!ipc_pair(fd, err))
		return false;
	s->pid = fork();
	if (s->pid < 0)
		return err_sys(err, "fork");
	if (s->pid == 0)
		side_main(s->parent, spec, s->path, fd[1]);
	close(fd[1]);
	s->fd = fd[0];
	return hub_add(s->parent->hub, s->fd, heard, s, err) &&
	       hub_turn(s->parent->hub, &s->started, clock_ns() + STOP_NS, err);
}

bool side_start(struct lane *l, const struct step_spec *spec, const char *path, struct side **ret, struct err *err)
{
	struct side *s = calloc(1, sizeof(*s));
	bool watch = spec->kind == STEP_VERB && spec->verb->kind == VERB_WATCH;
	bool function = !strcmp(spec->name, "device.function");

	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	*s = (struct side){ .parent = l, .begin_ns = clock_ns(), .fd = -1, .is_watch = watch || function };
	snprintf(s->path, sizeof(s->path), "%s", path);
	snprintf(s->label, sizeof(s->label), "%s", spec->label ? spec->label : "");
	snprintf(s->verb, sizeof(s->verb), "%s", spec->name);
	*ret = s;
	if (s->is_watch && !lane_begin_step(l, path, s->label, s->verb, "watch", spec->args, err))
		return false;
	return watch ? start_watch(s, spec, err) : start_lane(s, spec, err);
}

static bool join_watch(struct side *s, bool stop, struct err *err)
{
	struct err gone = { 0 };

	if (stop && !s->worker->done && !ipc_send(s->worker->fd, json_pack("{s:b}", "stop", 1), &gone))
		gone.kind = ERR_NONE;   /* it has ended by itself; its status tells */
	return worker_await(s->worker, clock_ns() + STOP_NS, err) &&
	       lane_end_step(s->parent, s->path, s->label, s->verb, s->worker->status, s->worker->text, s->begin_ns, err);
}

/* What went wrong beside the lane goes wrong for the lane: its next steps would meet a device in an unknown condition. */
static bool blame(struct side *s, struct err *err)
{
	struct lane *l = s->parent;
	char path[80];

	if (!s->whole) {                        /* nobody recorded how its step ended */
		snprintf(path, sizeof(path), "%s.1", s->path);
		return lane_end_step(l, path, s->label, s->verb, s->ended ? "crash" : "timeout", s->fault, s->begin_ns, err);
	}
	if (!l->bench_fault)
		snprintf(l->fault, sizeof(l->fault), "%s", s->fault);
	l->bench_fault = true;
	return true;
}

bool side_join(struct side *s, bool stop, struct err *err)
{
	struct err gone = { 0 };

	if (s->worker)
		return join_watch(s, stop, err);
	if (stop && !s->ended && !ipc_send(s->fd, json_pack("{s:b}", "stop", 1), &gone))
		gone.kind = ERR_NONE;
	if (!hub_turn(s->parent->hub, &s->ended, clock_ns() + (stop ? STOP_NS : SEC(3600)), err))
		return false;
	if (!s->whole)
		snprintf(s->fault, sizeof(s->fault), s->ended ? "its process died" : "it did not stop in time");
	if (!s->is_watch)
		return !s->fault[0] || blame(s, err);
	return lane_end_step(s->parent, s->path, s->label, s->verb, s->fault[0] ? "error" : "ok", s->fault, s->begin_ns, err);
}

struct side *side_free(struct side *s)
{
	if (!s)
		return NULL;
	worker_end(s->worker);
	if (s->pid > 0) {
		hub_remove(s->parent->hub, s->fd);
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(s->fd);
	}
	free(s);
	return NULL;
}
