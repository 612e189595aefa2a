/* SPDX-License-Identifier: Apache-2.0
 *
 * handshake.c - a whole handshake by software that is not ours: what was agreed on has to stand in the lists we read. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/proto/ssh_client.h"
#include "harness/proto/wire.h"
#include "probes/ssh/ssh.h"

static void free_key(ssh_key *k) { ssh_key_free(*k); }

static void tell_key(struct step *st, ssh_session session)
{
	CLEANUP(free_key) ssh_key key = NULL;
	unsigned char *hash = NULL;
	char *text;
	size_t n = 0;

	if (ssh_get_server_publickey(session, &key) != SSH_OK || ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) < 0)
		return;
	text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	if (text)
		fact_text(st, "fingerprint", text);
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
}

/* An AEAD cipher has no code of its own: libssh calls it so. */
static void tell_agreed(struct step *st, ssh_session session)
{
	const char *kex = ssh_get_kex_algo(session), *cipher = ssh_get_cipher_in(session), *mac = ssh_get_hmac_in(session);

	if (kex)
		fact_text(st, "kex", kex);
	if (cipher)
		fact_text(st, "cipher", cipher);
	if (mac && strncmp(mac, "aead-", 5))
		fact_text(st, "mac", mac);
	tell_key(st, session);
}

static void not_done(struct step *st, const char *why)
{
	fact_bool(st, "done", false);
	step_incomplete(st, "no handshake: %.200s", why);
}

bool ssh_handshake(struct step *st, struct err *err)
{
	CLEANUP(ssh_client_free) ssh_session session = NULL;
	struct wire w = { .fd = -1 };
	char ip[64] = "";
	bool known;

	step_observer(st, "net.lan");
	if (!ssh_target(st, ip, &known, err))
		return false;
	if (!known)
		return not_done(st, "the device has no address"), true;
	if (!wire_open(&w, ip, (int)step_int(st, "port"), false, step_int(st, "timeout"), err))
		return false;
	if (w.fd < 0)
		return not_done(st, w.why), true;
	session = ssh_client_new(w.fd, ip, step_int(st, "timeout"), err);
	if (!session)
		return false;
	if (ssh_connect(session) != SSH_OK)
		return not_done(st, ssh_get_error(session)), true;
	fact_bool(st, "done", true);
	tell_agreed(st, session);
	step_scope_text(st, "one handshake with port %lld of %s", (long long)step_int(st, "port"), ip);
	return true;
}
