/* SPDX-License-Identifier: Apache-2.0
 *
 * ipc.h - JSON messages over SEQPACKET sockets between the processes of one run. One message, one packet;
 * at most IPC_MAX bytes. */
#ifndef HARNESS_IPC_H
#define HARNESS_IPC_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"

#define IPC_MAX ((size_t)160 << 10)     /* below the default socket buffer */

bool ipc_pair(int fd[2], struct err *err) MUST_CHECK;           /* CLOEXEC */
/* Takes ownership of msg. Blocks while the peer is slow; ERR_OS when it is gone. */
bool ipc_send(int fd, json_t *msg, struct err *err) MUST_CHECK;
/* Waits until deadline_ns (monotonic; -1 = for ever). *ret NULL = the peer closed. ERR_TIME when nothing came. */
bool ipc_recv(int fd, int64_t deadline_ns, json_t **ret, struct err *err) MUST_CHECK;
bool ipc_listen(const char *path, int *ret_fd, struct err *err) MUST_CHECK;
bool ipc_connect(const char *path, int *ret_fd, struct err *err) MUST_CHECK;
#endif
