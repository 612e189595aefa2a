/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_ssh.c - SSH password log-in (libssh): a connection of its own for each try, so that a server's limit of
 * tries per connection does not count. */
#include <stdio.h>

#include "harness/base/cleanup.h"
#include "harness/proto/ssh_client.h"
#include "harness/proto/wire.h"
#include "probes/login/surface.h"

static bool ssh_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)s, (void)row, (void)err;
	return true;
}

static void ssh_close(struct surface *s) { (void)s; }

static void note_answer(struct answer *ret, int rc)
{
	ret->reached = true;
	ret->says = rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_PARTIAL ? SAYS_GRANTED : SAYS_REFUSED;
	ret->head = (uint64_t)ret->says;
	snprintf(ret->text, sizeof(ret->text), "%s", rc == SSH_AUTH_PARTIAL ? "password accepted, one more factor asked for" :
		 ret->says == SAYS_GRANTED ? "session granted" : "refused");
}

static bool ssh_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	CLEANUP(ssh_client_free) ssh_session session = NULL;
	struct wire w = { .fd = -1 };
	int rc;

	if (!wire_open(&w, s->to.address, s->port, false, s->timeout_ns, err))
		return false;
	ret->closed = w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", w.why);
	if (w.fd < 0)
		return true;
	session = ssh_client_new(w.fd, s->to.address, s->timeout_ns, err);
	if (!session)
		return false;
	if (ssh_connect(session) != SSH_OK) {
		snprintf(ret->text, sizeof(ret->text), "no SSH: %.180s", ssh_get_error(session));
		return true;
	}
	rc = ssh_client_login(session, user, secret);
	if (rc == SSH_AUTH_ERROR)               /* cut off in the middle: not an answer */
		snprintf(ret->text, sizeof(ret->text), "SSH ended: %.180s", ssh_get_error(session));
	else
		note_answer(ret, rc);
	return true;
}

const struct surface_type surface_ssh = { "ssh", TARGET_PORT, ssh_load, ssh_attempt, ssh_close, false };
