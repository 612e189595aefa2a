/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_ssh.c - SSH password log-in (libssh): a connection of its own for each try, so that a server's limit of
 * tries per connection does not count.
 * Source  RFC 4252 8 (password), RFC 4256 (keyboard-interactive). */
#include <libssh/libssh.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/login/surface.h"

static void free_session(ssh_session *s)
{
	if (*s) {
		ssh_disconnect(*s);
		ssh_free(*s);
	}
}

static bool ssh_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)s, (void)row, (void)err;
	return true;
}

static void ssh_close(struct surface *s) { (void)s; }

static int keyboard(ssh_session session, const char *user, const char *secret)
{
	int rc = ssh_userauth_kbdint(session, user, NULL);

	for (int round = 0; rc == SSH_AUTH_INFO && round < 8; round++) {
		int n = ssh_userauth_kbdint_getnprompts(session);

		for (int i = 0; i < n && i < 8; i++)
			if (ssh_userauth_kbdint_setanswer(session, (unsigned)i, secret) < 0)
				return SSH_AUTH_ERROR;
		rc = ssh_userauth_kbdint(session, user, NULL);
	}
	return rc;
}

static int authenticate(ssh_session session, const char *user, const char *secret)
{
	int rc = ssh_userauth_none(session, user);
	unsigned methods;

	if (rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_ERROR)
		return rc;
	methods = (unsigned)ssh_userauth_list(session, user);
	if (!methods || methods & SSH_AUTH_METHOD_PASSWORD)
		rc = ssh_userauth_password(session, user, secret);
	else if (methods & SSH_AUTH_METHOD_INTERACTIVE)
		rc = keyboard(session, user, secret);
	return rc;
}

/* The account is named again with every authentication; libssh only refuses an empty one here. */
static bool configure(ssh_session session, const struct surface *s, int fd, const char *user)
{
	long seconds = (long)(s->timeout_ns / SEC(1));
	int none = SSH_LOG_NOLOG;
	bool off = false;

	return !ssh_options_set(session, SSH_OPTIONS_HOST, s->to.address) &&
	       !ssh_options_set(session, SSH_OPTIONS_FD, &fd) && !ssh_options_set(session, SSH_OPTIONS_USER, user[0] ? user : "nobody") &&
	       !ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds) &&
	       !ssh_options_set(session, SSH_OPTIONS_LOG_VERBOSITY, &none) &&
	       !ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") &&
	       !ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") &&
	       !ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &off);
}

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
	CLEANUP(free_session) ssh_session session = ssh_new();
	struct wire w = { .fd = -1 };
	int rc;

	if (!session)
		return err_set(err, ERR_OS, "libssh: out of memory");
	if (!wire_open(&w, s->to.address, s->port, false, s->timeout_ns, err))
		return false;
	ret->closed = w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", w.why);
	if (w.fd < 0)
		return true;
	if (!configure(session, s, w.fd, user)) {
		wire_close(&w);
		return err_set(err, ERR_OS, "libssh: %s", ssh_get_error(session));
	}
	if (ssh_connect(session) != SSH_OK) {   /* from here on the session closes the descriptor */
		snprintf(ret->text, sizeof(ret->text), "no SSH: %.180s", ssh_get_error(session));
		return true;
	}
	rc = authenticate(session, user, secret);
	if (rc == SSH_AUTH_ERROR)               /* cut off in the middle: not an answer */
		snprintf(ret->text, sizeof(ret->text), "SSH ended: %.180s", ssh_get_error(session));
	else
		note_answer(ret, rc);
	return true;
}

const struct surface_type surface_ssh = { "ssh", TARGET_PORT, ssh_load, ssh_attempt, ssh_close };
