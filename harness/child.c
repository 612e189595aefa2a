// SPDX-License-Identifier: Apache-2.0
// What every forked child of a run does first.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/session.h"

void close_other_fds(const int *keep, size_t n)
{
	unsigned from = 3;

	/* Walk upwards from gap to gap: each round finds the smallest kept descriptor not yet passed. */
	for (;;) {
		unsigned next = ~0U;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from)
			syscall(SYS_close_range, from, next == ~0U ? ~0U : next - 1, 0);
		if (next == ~0U)
			return;
		from = next + 1;
	}
}

void child_stdio(const struct session *s)
{
	char path[FS_PATH];
	struct err err = { 0 };
	int in = open("/dev/null", O_RDONLY), out = -1;

	if (fs_join(path, s->dir, "log.txt", &err))
		out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (in >= 0 && in != 0) {
		dup2(in, 0);
		close(in);
	}
	if (out < 0)
		out = open("/dev/null", O_WRONLY);
	if (out >= 0) {
		dup2(out, 1);
		dup2(out, 2);
		if (out > 2)
			close(out);
	}
}
