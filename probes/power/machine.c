// SPDX-License-Identifier: Apache-2.0
#include "probes/power/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "probes/power/tap.h"

#define DEAD_NS SEC(5)

void machine_init(struct machine *m)
{
	*m = (struct machine){ .pidfd = -1, .control = -1, .net = { -1, -1, -1, -1 } };
}

static bool connect_pins(const char *path, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path))
		return err_set(err, ERR_BENCH, "%s: socket path too long", path);
	strcpy(a.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(err, "pins %s", path);
	*ret_fd = take_fd(&fd);
	return true;
}

/* ---- in the child, which is init of the machine's PID namespace ---- */

static void say(const char *what)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "machine: %s: %s\n", what, strerror(errno));

	(void)!write(STDERR_FILENO, text, (size_t)n);
	_exit(127);
}

static void private_mounts(const struct machine_spec *spec)
{
	char real[PATH_MAX];

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		say("private mounts");
	if (!spec->resolv)
		return;
	/* What is bound over is the file at the end of the link, which is where resolvers look. A machine without
	 * that file has nothing to hide either. */
	if (realpath("/etc/resolv.conf", real) && mount(spec->resolv, real, NULL, MS_BIND, NULL) < 0)
		say("bind resolv.conf");
}

enum { PINS, CONTROL, TAP, EXTRAS, FIRST_EXTRA = 3 };

static int open_or_say(const char *path, int flags)
{
	int fd = open(path, flags | O_NOCTTY | O_CLOEXEC, 0644);

	if (fd < 0)
		say(path);
	return fd;
}

/* Descriptors 0 to 2 (2 is already `said`, if there is one), and from FIRST_EXTRA on those of `extra` that are not -1. */
static void wire_up(const struct machine_spec *spec, const int extra[EXTRAS])
{
	int tty = open_or_say(spec->console ? spec->console : "/dev/null", O_RDWR);
	int high[EXTRAS];

	/* dup2 to itself would keep close-on-exec, so all are first moved out of the way. */
	tty = fcntl(tty, F_DUPFD, 10);
	for (int i = 0; i < EXTRAS; i++)
		high[i] = extra[i] >= 0 ? fcntl(extra[i], F_DUPFD, 10) : -1;
	for (int fd = 0; fd < (spec->said ? 2 : 3); fd++)
		dup2(tty, fd);
	close_range(FIRST_EXTRA, 9, 0);
	for (int i = 0; i < EXTRAS; i++)
		if (high[i] >= 0)
			dup2(high[i], FIRST_EXTRA + i);
	close_range(FIRST_EXTRA + EXTRAS, ~0u, 0);
}

static void child(const struct line *l, const struct machine_spec *spec, int extra[EXTRAS])
{
	struct err err = { 0 };
	sigset_t none;
	pid_t pid;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (spec->said)
		dup2(open_or_say(spec->said, O_WRONLY | O_CREAT | O_TRUNC), STDERR_FILENO);
	if (!line_enter(l, NETNS_DUT, &err) || (spec->tap && !tap_wire(spec->interface, &extra[TAP], &err))) {
		fprintf(stderr, "machine: %s\n", err.text);
		_exit(127);
	}
	private_mounts(spec);
	wire_up(spec, extra);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	/* The device itself is not init: signals would mean something else to it. */
	pid = fork();
	if (pid == 0) {
		setsid();
		execvp(spec->argv[0], (char *const *)spec->argv);
		say(spec->argv[0]);
	}
	close_range(0, ~0u, 0);         /* only the device holds its console, pins and network */
	while (pid > 0) {
		pid_t gone = waitpid(-1, &status, 0);

		if (gone == pid)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		if (gone < 0 && errno != EINTR)
			break;
	}
	_exit(127);
}

/* ---- in the line ---- */

/* Like fork, into new PID and mount namespaces, with a pidfd. */
static pid_t fork_machine(int *ret_pidfd)
{
	struct clone_args a = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
				.exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &a, sizeof(a));
}

static void drop_control(struct machine *m)
{
	if (m->control >= 0)
		close(m->control);
	m->control = -1;
}

bool machine_start(const struct line *l, const struct machine_spec *spec, struct machine *m, struct err *err)
{
	CLEANUP(close_fd) int pins = -1;
	CLEANUP(close_fd) int there = -1;
	int control[2] = { -1, -1 };

	if (m->pidfd >= 0)
		return err_set(err, ERR_BENCH, "%s: already on", line_name(l));
	if (spec->interface && m->net.route < 0 && !plug_net_open(l, &m->net, err))
		return false;
	if (spec->interface && !plug_net_ready(&m->net, spec->interface, spec->owns_ip, err))
		return false;
	if (spec->pins && !connect_pins(spec->pins, &pins, err))
		return false;
	if (spec->control && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0)
		return err_sys(err, "%s: control socket", line_name(l));
	m->control = control[0];
	there = control[1];
	m->pid = fork_machine(&m->pidfd);
	if (m->pid < 0) {
		m->pidfd = -1;
		drop_control(m);
		return err_sys(err, "%s: new process with namespaces", line_name(l));
	}
	if (m->pid == 0)
		child(l, spec, (int[EXTRAS]){ pins, there, -1 });
	return true;
}

static bool await_death(struct machine *m, struct err *err)
{
	struct pollfd p = { .fd = m->pidfd, .events = POLLIN };
	int64_t until = clock_ns() + DEAD_NS, left;

	while ((left = until - clock_ns()) > 0)
		if (poll(&p, 1, (int)(left / MS(1)) + 1) == 1)
			return true;
	return err_set(err, ERR_TIME, "the machine is not dead after %d s", (int)(DEAD_NS / SEC(1)));
}

int machine_reap(struct machine *m)
{
	int status = 0;

	if (m->pidfd < 0)
		return 0;
	while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(m->pidfd);
	m->pidfd = -1;
	drop_control(m);
	return status;
}

bool machine_cut(struct machine *m, const char *interface, int64_t *ret_dead_ns, struct err *err)
{
	bool dead = true;

	if (interface && m->net.route >= 0 && !plug_net_link(&m->net, interface, false, err))
		return false;
	if (m->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, m->pidfd, SIGKILL, NULL, 0);
		dead = await_death(m, err);
	}
	*ret_dead_ns = clock_ns();
	if (!dead)
		return false;
	machine_reap(m);
	return !interface || m->net.route < 0 || plug_net_forget(&m->net, interface, err);
}

void machine_done(struct machine *m)
{
	struct err err = { 0 };
	int64_t dead;

	if (m->pidfd >= 0 && !machine_cut(m, NULL, &dead, &err))
		fprintf(stderr, "%s\n", err.text);
	plug_net_close(&m->net);
	machine_init(m);
}
