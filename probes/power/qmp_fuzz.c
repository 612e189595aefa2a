/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the peer sends, in whatever pieces: a command is done or there is a reason, and what broke stays closed. */
#include "probes/power/qmp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"

static void heard(void *arg, const char *event, const json_t *data)
{
	*(size_t *)arg += strlen(event) + json_object_size(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct qmp q;
	struct err err = { 0 };
	size_t sum = 0;
	int fd[2];

	if (!n || n > 32768)            /* what a socket takes without a reader */
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		abort();
	qmp_init(&q, fd[0], heard, &sum);
	/* The first byte says whether something of it is read before anything is asked. */
	if (write(fd[1], data + 1, n - 1) != (ssize_t)(n - 1))
		abort();
	if (data[0] & 1 && !qmp_drain(&q, &err) && err.kind == ERR_NONE)
		__builtin_trap();
	shutdown(fd[1], SHUT_WR);
	err = (struct err){ 0 };
	if (!qmp_do(&q, "stop", clock_ns() + SEC(5), &err) && (err.kind != ERR_BENCH || !err.text[0]))
		__builtin_trap();
	err = (struct err){ 0 };
	while (q.fd >= 0 && qmp_drain(&q, &err))
		;
	if (q.fd >= 0 || qmp_do(&q, "cont", clock_ns() + SEC(5), &err))
		__builtin_trap();
	qmp_close(&q);
	close(fd[1]);
	return 0;
}
