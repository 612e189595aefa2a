/* SPDX-License-Identifier: Apache-2.0
 *
 * ssh.c - what an SSH server offers: its lists of algorithms, its keys, the groups it takes. */
#include "probes/ssh/ssh.h"

#include <string.h>

bool ssh_target(struct step *st, char ret_ip[static 64], bool *ret_known, struct err *err)
{
	const char *host = step_text(st, "host");

	*ret_known = true;
	if (!strcmp(host, "dut"))
		*ret_known = step_dut_address(st, ret_ip);
	else if (!step_resolve(st, host, ret_ip, err))
		return false;
	return !*ret_known || step_in_scope(st, ret_ip, err);
}

#define TARGET                                                                                                                        \
	{ "host", VALUE_TEXT, .fallback = "dut", .doc = "the device, or a host of the bench" },                                       \
	{ "port", VALUE_INT, .min = 1, .max = 65535, .fallback = "22", .doc = "TCP port of an SSH server" },                         \
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "of one connection" }

static const struct param enumerate_params[] = {
	TARGET,
	{ "key_bits", VALUE_INT, .min = 1, .max = 65536, .fallback = "2048", .unit = "bits",
	  .doc = "an RSA or DSA key below this is short" },
	{ "group_bits", VALUE_INT, .min = 1, .max = 65536, .fallback = "2048", .unit = "bits",
	  .doc = "a Diffie-Hellman group below this is short" },
	{ 0 }
};
static const struct param handshake_params[] = { TARGET, { 0 } };
static const struct fact enumerate_facts[] = {
	{ "answered", VALUE_BOOL, NULL, "lists of algorithms came" },
	{ "version", VALUE_TEXT, NULL, "the server's version line" },
	{ "protocol1", VALUE_BOOL, NULL, "it speaks the first version of the protocol" },
	{ "kex", VALUE_SET, NULL, "key exchanges, and the markers that stand among them" },
	{ "host_keys", VALUE_SET, NULL, "host key algorithms" },
	{ "ciphers", VALUE_SET, NULL, "ciphers, of either direction" },
	{ "macs", VALUE_SET, NULL, "message authentication codes, of either direction" },
	{ "compression", VALUE_SET, NULL, "compression, of either direction" },
	{ "strict_kex", VALUE_BOOL, NULL, "the marker of strict key exchange is there" },
	{ "keys", VALUE_SET, NULL, "host keys shown: type and bits" },
	{ "fingerprints", VALUE_SET, NULL, "of these keys, as ssh-keygen -l prints them" },
	{ "unusable", VALUE_SET, NULL, "host key algorithms that end every connection: offered, and no key is there" },
	{ "groups", VALUE_SET, NULL, "finite-field key exchanges, with the bits of their group" },
	{ "published_keys", VALUE_INT, "keys", "of these keys, whose private halves anybody can download: suites/lists/known-keys.txt" },
	{ "published", VALUE_SET, NULL, "where these private keys stand" },
	{ "short_keys", VALUE_INT, "keys", "of RSA or DSA below key_bits" },
	{ "short_groups", VALUE_INT, "groups", "below group_bits" },
	{ 0 }
};
static const struct fact handshake_facts[] = {
	{ "done", VALUE_BOOL, NULL, "keys were agreed on, and the server proved that it holds its own" },
	{ "kex", VALUE_TEXT, NULL, "key exchange; libssh does not name every one" },
	{ "cipher", VALUE_TEXT, NULL, "cipher, from the server" },
	{ "mac", VALUE_TEXT, NULL, "message authentication code, from the server" },
	{ "fingerprint", VALUE_TEXT, NULL, "of the host key" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "enumerate", VERB_PROBE, enumerate_params, enumerate_facts, ssh_enumerate, "read what a server offers and which keys it shows" },
	{ "handshake", VERB_PROBE, handshake_params, handshake_facts, ssh_handshake, "agree on keys with libssh, as a client would" },
	{ 0 }
};
const struct probe probe_ssh = { "ssh", "SSH servers of the device", verbs, NULL, RIGHT_SCOPE };
