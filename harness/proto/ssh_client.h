/* SPDX-License-Identifier: Apache-2.0
 *
 * ssh_client.h - a libssh session on a connection of ours, for probes that want a whole handshake or a log-in. It reads no
 * file of the user's, and speaks the old algorithms too: how good a server's are is another test's question. */
#ifndef PROTO_SSH_CLIENT_H
#define PROTO_SSH_CLIENT_H

#include <libssh/libssh.h>
#include <stdint.h>

#include "harness/base/err.h"

/* Takes fd over, also on failure: NULL, ERR_OS. The account is named with each authentication. */
ssh_session ssh_client_new(int fd, const char *address, int64_t timeout_ns, struct err *err) MUST_CHECK;
/* Password, or keyboard-interactive where that is all there is: SSH_AUTH_*. After a refusal it may be called again, for the same user. */
int ssh_client_login(ssh_session session, const char *user, const char *secret);
void ssh_client_free(ssh_session *session);             /* for CLEANUP() */
#endif
