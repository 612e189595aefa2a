// SPDX-License-Identifier: Apache-2.0
// A bench line as a process: the driver's event loop, its command socket, and the controller's handle on it.
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/ipc.h"
#include "harness/secret.h"
#include "harness/session.h"

#define WATCH_MAX 16
#define CLIENT_MAX 32
#define CLOSE_NS SEC(5)

struct line {
	const struct session *s;
	const struct bench_line *spec;
	json_t *params;                 /* with ${...} expanded */
	void *priv;
	int control, listener;
	struct pollfd watch[WATCH_MAX];
	size_t n_watch;
	int client[CLIENT_MAX];
	size_t n_client;
	int64_t timer_ns;
};

/* ---- what a driver sees ---- */

const char *line_name(const struct line *l) { return l->spec->name; }
const char *line_run_dir(const struct line *l) { return l->s->dir; }
const char *line_work_dir(const struct line *l) { return l->s->work; }
const json_t *line_bench(const struct line *l) { return l->s->plan->bench.json; }
const json_t *line_device(const struct line *l) { return l->s->plan->device.json; }
bool line_has(const struct line *l, const char *param) { return json_object_get(l->params, param) != NULL; }
void line_set_priv(struct line *l, void *priv) { l->priv = priv; }
void *line_priv(const struct line *l) { return l->priv; }
void line_timer(struct line *l, int64_t at_ns) { l->timer_ns = at_ns; }

const json_t *line_json(const struct line *l, const char *param)
{
	return json_object_get(l->params, param);
}

bool line_flag(const struct line *l, const char *param)
{
	return json_is_true(line_json(l, param));
}

int64_t line_int(const struct line *l, const char *param)
{
	return json_integer_value(line_json(l, param));
}

const char *line_text(const struct line *l, const char *param)
{
	return json_string_value(line_json(l, param));
}

bool line_secret(const struct line *l, const char *param, char *buf, size_t room, struct err *err)
{
	return secret_read(line_json(l, param), buf, room, err) || err_in(err, "%s", param);
}

bool line_watch(struct line *l, int fd, short events, struct err *err)
{
	for (size_t i = 0; i < l->n_watch; i++)
		if (l->watch[i].fd == fd) {
			l->watch[i].events = events;
			return true;
		}
	if (l->n_watch == WATCH_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d descriptors", line_name(l), WATCH_MAX);
	l->watch[l->n_watch++] = (struct pollfd){ fd, events, 0 };
	return true;
}

void line_unwatch(struct line *l, int fd)
{
	for (size_t i = 0; i < l->n_watch; i++)
		if (l->watch[i].fd == fd)
			l->watch[i] = l->watch[--l->n_watch];
}

bool line_blind(const struct line *l)
{
	return l->s->blind && !strcmp(l->s->blind, l->spec->name);
}

bool line_enter(const struct line *l, enum netns ns, struct err *err)
{
	if (ns == NETNS_BENCH && l->s->user_ns >= 0)
		return apart_enter(l->s, err);
	if (l->s->ns[ns] < 0 || setns(l->s->ns[ns], CLONE_NEWNET) == 0)
		return true;
	return err_sys(err, "%s: enter namespace", line_name(l));
}

static void tell(struct line *l, json_t *msg)
{
	struct err err = { 0 };

	secret_mask_json(msg);
	if (l->control >= 0 && !ipc_send(l->control, msg, &err))
		fprintf(stderr, "%s: %s\n", line_name(l), err.text);
}

void line_note(struct line *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(l, json_pack("{s:s}", "note", text));
}

void line_guard_pid(struct line *l, pid_t pid)
{
	tell(l, json_pack("{s:i}", "pid", (int)pid));
}

/* ---- the loop ---- */

static void drop_client(struct line *l, size_t i)
{
	close(l->client[i]);
	l->client[i] = l->client[--l->n_client];
}

static void serve_client(struct line *l, size_t i)
{
	CLEANUP(free_json) json_t *msg = NULL;
	json_t *reply;
	struct err err = { 0 };
	const char *command;
	bool ok;

	if (!ipc_recv(l->client[i], clock_ns() + MS(100), &msg, &err) || !msg) {
		drop_client(l, i);
		return;
	}
	command = json_string_value(json_object_get(msg, "command"));
	reply = json_object();
	ok = command && l->spec->driver->command &&
	     l->spec->driver->command(l, command, json_object_get(msg, "args"), reply, &err);
	if (!ok && !err.text[0])
		err_set(&err, ERR_BENCH, "unknown command '%s'", command ? command : "");
	secret_mask(err.text);
	secret_mask_json(reply);
	if (!ipc_send(l->client[i], json_pack("{s:b,s:s,s:o}", "ok", (int)ok, "text", err.text, "reply", reply), &err))
		drop_client(l, i);
}

static size_t fill(struct line *l, struct pollfd *p)
{
	size_t n = 0;

	p[n++] = (struct pollfd){ l->control, POLLIN, 0 };
	p[n++] = (struct pollfd){ l->n_client < CLIENT_MAX ? l->listener : -1, POLLIN, 0 };
	for (size_t i = 0; i < l->n_client; i++)
		p[n++] = (struct pollfd){ l->client[i], POLLIN, 0 };
	for (size_t i = 0; i < l->n_watch; i++)
		p[n++] = l->watch[i];
	return n;
}

static bool timer_due(struct line *l)
{
	if (!l->timer_ns || clock_ns() < l->timer_ns)
		return false;
	l->timer_ns = 0;
	return true;
}

static int poll_ms(const struct line *l)
{
	int64_t left;

	if (!l->timer_ns)
		return -1;
	left = l->timer_ns - clock_ns();
	return left <= 0 ? 0 : (int)(left / MS(1)) + 1;
}

/* One turn. false = time to close: the controller asked, or it is gone, or the driver says the line is broken. */
static bool turn(struct line *l, struct err *err)
{
	struct pollfd p[2 + CLIENT_MAX + WATCH_MAX];
	size_t clients = l->n_client, n = fill(l, p);

	if (poll(p, (nfds_t)n, poll_ms(l)) < 0)
		return errno == EINTR || err_sys(err, "poll");
	if (p[0].revents)
		return false;
	if (timer_due(l) && !l->spec->driver->event(l, -1, 0, err))
		return false;
	for (size_t i = 2 + clients; i < n; i++)
		if (p[i].revents && !l->spec->driver->event(l, p[i].fd, p[i].revents, err))
			return false;
	for (size_t i = clients; i-- > 0;)
		if (p[2 + i].revents)
			serve_client(l, i);
	if (p[1].revents) {
		int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			l->client[l->n_client++] = fd;
	}
	return true;
}

static bool listen_here(struct line *l, struct err *err)
{
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/line/%s.sock", l->s->work, line_name(l));
	return ipc_listen(path, &l->listener, err);
}

/* On a real bench these live in the device's network; net.* lines go there themselves, when they have what they need of the
 * host's, and all others stay. */
static bool belongs_apart(const struct line *l)
{
	return !strncmp(line_name(l), "capture.", 8) || !strncmp(line_name(l), "service.", 8);
}

static void line_main(struct line *l)
{
	struct err err = { 0 };

	if ((belongs_apart(l) && !apart_enter(l->s, &err)) || !l->spec->driver->open(l, &err) || !listen_here(l, &err)) {
		tell(l, json_pack("{s:b,s:s}", "ready", 0, "text", err.text));
		_exit(1);
	}
	tell(l, json_pack("{s:b}", "ready", 1));
	while (turn(l, &err))
		;
	if (err.kind != ERR_NONE)
		tell(l, json_pack("{s:s}", "broken", err.text));
	if (l->spec->driver->close)
		l->spec->driver->close(l);
	/* exit, not _exit: leak checks and coverage want their say; nothing of the controller's is buffered here */
	json_decref(l->params);
	_exit(err.kind == ERR_NONE ? 0 : 1);
}

/* ---- the controller's side ---- */

json_t *session_expand(const struct session *s, const json_t *j)
{
	static const char *const name[] = { "${work}", "${run}", "${root}" };
	const char *const value[] = { s->work, s->dir, s->root };
	json_t *out, *v;
	const char *key;
	size_t i;

	if (json_is_string(j)) {
		char text[4 * FS_PATH];
		size_t n = 0;

		for (const char *p = json_string_value(j); *p && n < sizeof(text) - FS_PATH - 1;) {
			size_t k;

			for (k = 0; k < 3 && strncmp(p, name[k], strlen(name[k])); k++)
				;
			if (k < 3) {
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", value[k]);
				p += strlen(name[k]);
			} else {
				text[n++] = *p++;
			}
		}
		text[n] = '\0';
		return json_string(text);
	}
	if (json_is_array(j)) {
		out = json_array();
		json_array_foreach(j, i, v)
			json_array_append_new(out, session_expand(s, v));
		return out;
	}
	if (json_is_object(j)) {
		out = json_object();
		json_object_foreach((json_t *)j, key, v)
			json_object_set_new(out, key, session_expand(s, v));
		return out;
	}
	return json_deep_copy(j);
}

void line_make_safe(const struct session *s, const struct bench_line *spec)
{
	struct line l = { .s = s, .spec = spec, .control = -1, .listener = -1 };

	l.params = session_expand(s, spec->params);
	if (spec->driver->safe)
		spec->driver->safe(&l);
}

bool line_start(const struct session *s, const struct bench_line *spec, struct line_handle *ret, struct err *err)
{
	int fd[2];

	if (!ipc_pair(fd, err))
		return false;
	*ret = (struct line_handle){ .spec = spec, .fd = fd[0], .pid = fork() };
	if (ret->pid < 0)
		return err_sys(err, "fork");
	if (ret->pid == 0) {
		struct line l = { .s = s, .spec = spec, .control = fd[1], .listener = -1 };

		setpgid(0, 0);
		child_stdio(s);
		close_other_fds((const int[]){ fd[1], s->ns[0], s->ns[1], s->ns[2], s->user_ns }, 5);
		l.params = session_expand(s, spec->params);
		line_main(&l);
		_exit(1);
	}
	close(fd[1]);
	return true;
}

void line_ask_close(const struct line_handle *h)
{
	shutdown(h->fd, SHUT_WR);       /* the line sees the end and closes; its last notes still come */
}

void line_leave(struct line_handle *h)
{
	int status;

	kill(h->pid, SIGKILL);
	while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(h->fd);
	h->pid = 0;
}

void line_stop(struct line_handle *h)
{
	CLEANUP(close_fd) int fd = (int)syscall(SYS_pidfd_open, h->pid, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	int status;

	line_ask_close(h);
	if (fd < 0 || poll(&p, 1, (int)(CLOSE_NS / MS(1))) != 1)
		kill(h->pid, SIGKILL);
	while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(h->fd);
	h->pid = 0;
}
