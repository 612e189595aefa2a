/* SPDX-License-Identifier: Apache-2.0
 * Source  RFC 4252 8 (password), RFC 4256 (keyboard-interactive). */
#include "harness/proto/ssh_client.h"

#include <unistd.h>

#include "harness/base/clock.h"

/* All that libssh has, the better ones first; what this build of it lacks it leaves out by itself. */
#define KEX "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521," \
	    "diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256,"       \
	    "diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1"
#define HOST_KEYS "ssh-ed25519,ecdsa-sha2-nistp521,ecdsa-sha2-nistp384,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss"
#define CIPHERS "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr," \
		"aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc"
#define MACS "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1-etm@openssh.com,hmac-sha1"
static const struct { enum ssh_options_e option; const char *names; } algorithms[] = {
	{ SSH_OPTIONS_KEY_EXCHANGE, KEX }, { SSH_OPTIONS_HOSTKEYS, HOST_KEYS },
	{ SSH_OPTIONS_CIPHERS_C_S, CIPHERS }, { SSH_OPTIONS_CIPHERS_S_C, CIPHERS },
	{ SSH_OPTIONS_HMAC_C_S, MACS }, { SSH_OPTIONS_HMAC_S_C, MACS },
};

static bool configure(ssh_session session, int fd, const char *address, int64_t timeout_ns)
{
	long seconds = (long)((timeout_ns + SEC(1) - 1) / SEC(1));
	int none = SSH_LOG_NOLOG, smallest = 768;
	bool off = false, ok = true;

	/* the account is named with every authentication; here libssh would refuse some names, which a device need not */
	ok = !ssh_options_set(session, SSH_OPTIONS_HOST, address) && !ssh_options_set(session, SSH_OPTIONS_FD, &fd) &&
	     !ssh_options_set(session, SSH_OPTIONS_USER, "nobody") &&
	     !ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds) && !ssh_options_set(session, SSH_OPTIONS_LOG_VERBOSITY, &none) &&
	     !ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") &&
	     !ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") &&
	     !ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &off) && !ssh_options_set(session, SSH_OPTIONS_RSA_MIN_SIZE, &smallest);
	for (size_t i = 0; ok && i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		ok = !ssh_options_set(session, algorithms[i].option, algorithms[i].names);
	return ok;
}

ssh_session ssh_client_new(int fd, const char *address, int64_t timeout_ns, struct err *err)
{
	ssh_session session = ssh_new();

	if (session && configure(session, fd, address, timeout_ns))
		return session;
	(void)!err_set(err, ERR_OS, "libssh: %s", session ? ssh_get_error(session) : "out of memory");
	close(fd);
	ssh_free(session);
	return NULL;
}

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

int ssh_client_login(ssh_session session, const char *user, const char *secret)
{
	unsigned methods = (unsigned)ssh_userauth_list(session, user);
	int rc = SSH_AUTH_DENIED;

	if (!methods) {                         /* nothing was offered yet */
		rc = ssh_userauth_none(session, user);
		if (rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_ERROR)
			return rc;
		methods = (unsigned)ssh_userauth_list(session, user);
	}
	if (!methods || methods & SSH_AUTH_METHOD_PASSWORD)
		rc = ssh_userauth_password(session, user, secret);
	else if (methods & SSH_AUTH_METHOD_INTERACTIVE)
		rc = keyboard(session, user, secret);
	return rc;
}

void ssh_client_free(ssh_session *session)
{
	if (*session) {
		ssh_disconnect(*session);
		ssh_free(*session);
	}
}
