// SPDX-License-Identifier: Apache-2.0
// A device that is a whole Linux of its own: user-mode-linux, with its own kernel, stack and /proc.
//
// Its flash and fuses are files that it reaches by hostfs, not block devices (ubd0=). The kernel's ubd driver loses requests on
// a busy host: the answer of its I/O thread is one edge of an epoll, several edges are fetched into one static array, and an
// interrupt that nests while they are worked off overwrites the array. The request then never ends, its writer stays in state D
// and cannot even be killed by the product's watchdog. hostfs has no interrupt: each write is a pwrite of this process before
// write() returns, so a power cut leaves what the last completed write left.
#include "probes/power/supply.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fs.h"

#define KERNEL_NS SEC(5)

static bool add(struct machine_spec *s, size_t *n, struct err *err, const char *fmt, const char *a, const char *b)
{
	if (*n + 1 >= MACHINE_ARGS)
		return err_set(err, ERR_LIMIT, "too long a command line");
	s->argv[(*n)++] = arena_printf(&supply_arena, fmt, a, b);
	return true;
}

static bool add_if(const struct line *l, struct machine_spec *s, size_t *n, struct err *err, const char *param, const char *fmt)
{
	return !line_has(l, param) || add(s, n, err, fmt, line_text(l, param), "");
}

/* Words of `cmdline:`, split at blanks. */
static bool add_words(struct machine_spec *s, size_t *n, const char *words, struct err *err)
{
	char *copy = strdup(words), *rest = copy;
	bool ok = copy != NULL;

	for (char *w; ok && (w = strsep(&rest, " "));)
		ok = !*w || add(s, n, err, "%s", w, "");
	free(copy);
	return ok || err_set(err, ERR_LIMIT, "too long a command line");
}

/* The last of its own checks is for memory that can hold code. */
static bool checks_passed(const char *said)
{
	const char *last = strstr(said, "Checking PROT_EXEC");

	return last && strstr(last, "OK");
}

/* Does this kernel run here at all? Before it starts it tries ptrace and its memory file, and says what came of it. */
static bool kernel_runs(const char *kernel, struct err *err)
{
	char said[4096] = "";
	size_t n = 0;
	int64_t until = clock_ns() + KERNEL_NS;
	int out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execlp(kernel, kernel, "mem=32M", "con=null", "ssl=null", (char *)NULL);
		printf("%s: %s\n", kernel, strerror(errno));
		fflush(stdout);
		_exit(127);
	}
	close(out[1]);
	while (pid > 0 && !checks_passed(said) && n < sizeof(said) - 1) {
		struct pollfd p = { out[0], POLLIN, 0 };
		ssize_t got = 0;

		if (poll(&p, 1, (int)((until - clock_ns()) / MS(1)) + 1) > 0)
			got = read(out[0], said + n, sizeof(said) - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		said[n] = 0;
	}
	close(out[0]);
	if (pid > 0) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	while (n > 0 && said[n - 1] == '\n')
		said[--n] = 0;
	return checks_passed(said) ||
	       err_set(err, ERR_BENCH, "user-mode-linux does not run here: %.200s", strrchr(said, '\n') ? strrchr(said, '\n') + 1 : said);
}

static bool uml_open(struct line *l, struct err *err)
{
	struct machine_spec s = { .owns_ip = false };
	const char *work = line_work_dir(l);
	size_t n = 0;
	bool ok;

	/* UML keeps its memory in an unlinked file below TMPDIR and its control socket below uml_dir; both are ours. */
	setenv("TMPDIR", work, 1);
	ok = add(&s, &n, err, "%s", line_text(l, "kernel"), "") &&
	     add(&s, &n, err, "mem=%s", line_text(l, "mem"), "") &&
	     add_if(l, &s, &n, err, "initrd", "initrd=%s") &&
	     add_if(l, &s, &n, err, "flash", "flash=%s") &&
	     add_if(l, &s, &n, err, "fuse", "fuse=%s") &&
	     add(&s, &n, err, "con=null", "", "") && add(&s, &n, err, "ssl=null", "", "") &&
	     add(&s, &n, err, "con0=fd:0,fd:1", "", "") &&
	     (!line_has(l, "pins") || add(&s, &n, err, "con1=fd:3", "", "")) &&
	     (line_has(l, "mac") ?
	      add(&s, &n, err, "vec0:transport=raw,ifname=%s,depth=128,gro=0,mac=%s", line_text(l, "interface"), line_text(l, "mac")) :
	      add(&s, &n, err, "vec0:transport=raw,ifname=%s,depth=128,gro=0", line_text(l, "interface"), "")) &&
	     add(&s, &n, err, "uml_dir=%s/", work, "") &&
	     add(&s, &n, err, "quiet", "", "") &&
	     (!line_has(l, "cmdline") || add_words(&s, &n, line_text(l, "cmdline"), err));
	return ok && supply_spec(l, &s, err) && kernel_runs(line_text(l, "kernel"), err) && supply_open(l, &s, err);
}

static const struct param uml_params[] = {
	{ .name = "kernel", .type = VALUE_TEXT, .fallback = "linux.uml", .doc = "user-mode-linux program" },
	{ .name = "mem", .type = VALUE_TEXT, .fallback = "96M", .doc = "memory of the machine" },
	{ .name = "initrd", .type = VALUE_TEXT, .doc = "initial file system" },
	{ .name = "flash", .type = VALUE_TEXT, .doc = "file that is its flash; /init finds the path in its environment and mounts the folder by hostfs" },
	{ .name = "fuse", .type = VALUE_TEXT, .doc = "file that is its fuses, likewise" },
	{ .name = "mac", .type = VALUE_TEXT, .doc = "its hardware address" },
	{ .name = "cmdline", .type = VALUE_TEXT, .doc = "further words of the kernel's command line" },
	SUPPLY_PARAMS,
	{ 0 }
};

const struct line_driver drv_uml = {
	.name = "uml", .doc = "supply of a device that is a user-mode-linux machine",
	.seen = "user-mode-linux of Debian, in every make check",
	.params = uml_params,
	.open = uml_open, .command = supply_command, .event = supply_event, .close = supply_close,
};
