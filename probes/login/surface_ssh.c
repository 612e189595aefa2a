/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_ssh.c - SSH password log-in (libssh). The connection is kept for the same account's next try as long as the server keeps
 * it: who has had as many tries on one as it gives is disconnected (RFC 4252 4), and goes on with a new one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/ssh_client.h"
#include "harness/proto/wire.h"
#include "probes/login/surface.h"

enum { TRIES = 5 };                     /* on one connection: OpenSSH gives six, and the question which ways there are is one */
struct kept { ssh_session session; char user[128]; int tries; };       /* session NULL: none */

static bool ssh_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)row;
	s->priv = calloc(1, sizeof(struct kept));
	return s->priv || err_set(err, ERR_OS, "out of memory");
}

static void hang_up(struct kept *k)
{
	ssh_client_free(&k->session);
	k->session = NULL;
	k->tries = 0;
}

static void ssh_close(struct surface *s)
{
	if (s->priv)
		hang_up(s->priv);
	free(s->priv);
	s->priv = NULL;
}

static void note_answer(struct answer *ret, int rc)
{
	ret->reached = true;
	ret->says = rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_PARTIAL ? SAYS_GRANTED : SAYS_REFUSED;
	ret->head = (uint64_t)ret->says;
	snprintf(ret->text, sizeof(ret->text), "%s", rc == SSH_AUTH_PARTIAL ? "password accepted, one more factor asked for" :
		 ret->says == SAYS_GRANTED ? "session granted" : "refused");
}

/* A session that takes log-ins, or none and ret says why. */
static bool connect_to(struct surface *s, struct kept *k, struct answer *ret, struct err *err)
{
	struct wire w = { .fd = -1 };

	if (!wire_open(&w, s->to.address, s->port, false, s->timeout_ns, err))
		return false;
	ret->closed = w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", w.why);
	if (w.fd < 0)
		return true;
	k->session = ssh_client_new(w.fd, s->to.address, s->timeout_ns, err);
	if (!k->session)
		return false;
	if (ssh_connect(k->session) != SSH_OK) {
		snprintf(ret->text, sizeof(ret->text), "no SSH: %.180s", ssh_get_error(k->session));
		hang_up(k);
	}
	return true;
}

static bool once(struct surface *s, struct kept *k, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	int rc;

	if (!k->session && !connect_to(s, k, ret, err))
		return false;
	if (!k->session)
		return true;
	k->tries++;
	rc = ssh_client_login(k->session, user, secret);
	if (rc == SSH_AUTH_ERROR)               /* cut off in the middle: not an answer */
		snprintf(ret->text, sizeof(ret->text), "SSH ended: %.180s", ssh_get_error(k->session));
	else
		note_answer(ret, rc);
	if (ret->says != SAYS_REFUSED)
		hang_up(k);
	return true;
}

static bool ssh_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct answer fresh = *ret;
	struct kept *k = s->priv;
	bool used;

	if (strcmp(k->user, user) || k->tries == TRIES)
		hang_up(k);
	snprintf(k->user, sizeof(k->user), "%s", user);
	used = k->session != NULL;
	if (!once(s, k, user, secret, ret, err))
		return false;
	if (!used || ret->reached)
		return true;
	*ret = fresh;
	return once(s, k, user, secret, ret, err);
}

const struct surface_type surface_ssh = { "ssh", TARGET_PORT, ssh_load, ssh_attempt, ssh_close, false };
