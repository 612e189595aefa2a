// SPDX-License-Identifier: Apache-2.0
#include "harness/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/ipc.h"

static void set_status(struct worker *w, const char *status, const char *text)
{
	snprintf(w->status, sizeof(w->status), "%s", status);
	snprintf(w->text, sizeof(w->text), "%s", text);
	w->done = true;
}

/* The process is gone: say how. */
static void reap(struct worker *w)
{
	int status = 0;
	char why[128] = "the worker ended without an answer";

	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "the worker of probe %s died: %s", w->probe->name, strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		snprintf(why, sizeof(why), "the worker of probe %s ended with status %d", w->probe->name, WEXITSTATUS(status));
	w->dead = true;
	if (!w->done)
		set_status(w, "crash", why);
}

static bool heard(void *data, json_t *msg, struct err *err)
{
	struct worker *w = data;
	json_t *o;

	if (!msg) {
		reap(w);
		return true;
	}
	o = json_object_get(msg, "observe");
	if (o)
		return w->observe(w->data, json_string_value(json_object_get(msg, "step")), o, err);
	if (json_object_get(msg, "done"))
		set_status(w, json_string_value(json_object_get(msg, "done")),
			   json_string_value(json_object_get(msg, "text")));
	w->waited_ns = json_integer_value(json_object_get(msg, "waited_ns"));
	return true;
}

static void child(const struct session *s, const struct probe *p, int fd)
{
	const int keep[] = { fd };
	struct err err = { 0 };

	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	child_stdio(s);
	/* What may reach the device lives in its network, where the rules of the bench's scope stand. */
	if ((p->rights & RIGHT_SCOPE) && !apart_enter(s, &err)) {
		fprintf(stderr, "worker %s: %s\n", p->name, err.text);
		_exit(1);
	}
	close_other_fds(keep, 1);
	if (!sandbox_enter(s, p->rights, &err)) {
		fprintf(stderr, "worker %s: %s\n", p->name, err.text);
		_exit(1);
	}
	worker_main(s, p, fd);
}

bool worker_start(const struct session *s, struct hub *hub, const struct probe *p, worker_observe_fn *observe, void *data,
		  struct worker **ret, struct err *err)
{
	struct worker *w = calloc(1, sizeof(*w));
	int fd[2];

	if (!w)
		return err_set(err, ERR_OS, "out of memory");
	*w = (struct worker){ .probe = p, .hub = hub, .observe = observe, .data = data, .done = true };
	if (!ipc_pair(fd, err)) {
		free(w);
		return false;
	}
	w->fd = fd[0];
	w->pid = fork();
	if (w->pid == 0)
		child(s, p, fd[1]);
	close(fd[1]);
	if (w->pid < 0 || !hub_add(hub, w->fd, heard, w, err)) {
		close(fd[0]);
		free(w);
		return err->kind != ERR_NONE ? false : err_sys(err, "fork");
	}
	*ret = w;
	return true;
}

bool worker_ask(struct worker *w, json_t *request, struct err *err)
{
	struct err gone = { 0 };

	(void)err;
	w->done = false;
	w->status[0] = w->text[0] = '\0';
	w->waited_ns = 0;
	if (w->dead) {
		json_decref(request);
		set_status(w, "crash", "the worker had died in an earlier step");
		return true;
	}
	if (!ipc_send(w->fd, request, &gone) && !w->done)
		set_status(w, gone.kind == ERR_LIMIT ? "error" : "crash", gone.text);
	return true;
}

bool worker_await(struct worker *w, int64_t deadline_ns, struct err *err)
{
	if (!hub_turn(w->hub, &w->done, deadline_ns, err))
		return false;
	if (!w->done) {
		kill(w->pid, SIGKILL);
		set_status(w, "timeout", "the bench's own deadline for this step passed");
	}
	return true;
}

struct worker *worker_end(struct worker *w)
{
	if (!w)
		return NULL;
	if (!w->dead) {
		hub_remove(w->hub, w->fd);
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(w->fd);
	free(w);
	return NULL;
}
