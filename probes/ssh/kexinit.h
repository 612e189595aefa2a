/* SPDX-License-Identifier: Apache-2.0
 *
 * kexinit.h - what an SSH server says before anything is secret: its version line, packets, and the ten lists of
 * algorithms in SSH_MSG_KEXINIT. Own readers, for a library refuses what we look for.
 * Bounds   a version within SSH_HEAD bytes, packets of at most SSH_PACKET bytes, SSH_NAMES names a list.
 * Source   RFC 4253 4.2 (version), 6 (packets), 7.1 (KEXINIT); RFC 4251 6 (names). */
#ifndef SSH_KEXINIT_H
#define SSH_KEXINIT_H

#include <stdbool.h>

#include "harness/base/span.h"

enum {
	SSH_HEAD = 16384,               /* a server may greet before its version; this much is read of it */
	SSH_VERSION = 256,              /* RFC 4253 4.2: 255 characters with CR LF */
	SSH_PACKET = 65536,             /* RFC 4253 6.1: 35000 have to be taken */
	SSH_NAME = 64,
	SSH_NAMES = 256,
};
enum ssh_message { MSG_DISCONNECT = 1, MSG_IGNORE = 2, MSG_UNIMPLEMENTED = 3, MSG_DEBUG = 4, MSG_EXT_INFO = 7, MSG_KEXINIT = 20,
		   MSG_KEX_INIT = 30, MSG_KEX_REPLY = 31, MSG_GEX_INIT = 32, MSG_GEX_REPLY = 33, MSG_GEX_REQUEST = 34 };
enum ssh_list { LIST_KEX, LIST_HOST_KEY, LIST_CIPHER_IN, LIST_CIPHER_OUT, LIST_MAC_IN, LIST_MAC_OUT, LIST_COMPRESSION_IN,
		LIST_COMPRESSION_OUT, LIST_LANGUAGE_IN, LIST_LANGUAGE_OUT, LISTS };
enum ssh_read { READ_MORE, READ_DONE, READ_BROKEN };    /* BROKEN: why says it */

struct ssh_names { struct span name[SSH_NAMES]; size_t n; };
struct kexinit { struct ssh_names list[LISTS]; };       /* borrows from the payload */

/* Skips greeting lines; on DONE *in begins behind the version line, which stands in ret without CR LF. */
enum ssh_read ssh_version_take(struct span *in, char ret[static SSH_VERSION], const char **why);
/* "1.99" and "1.5" speak the first version of the protocol. */
bool ssh_version_old(const char *version);
/* One packet before keys are agreed on: *ret is its payload, never empty. */
enum ssh_read ssh_packet_take(struct span *in, struct span *ret, const char **why);
/* The payload of a KEXINIT; false: malformed, why says how. What was read before the fault stands in ret. */
bool ssh_kexinit_read(struct span payload, struct kexinit *ret, const char **why);
bool ssh_names_have(const struct ssh_names *names, const char *name);
/* string (uint32 length, bytes) and mpint (its bits; false when negative) of RFC 4251 5 */
bool ssh_take_string(struct span *in, struct span *ret);
bool ssh_take_mpint(struct span *in, unsigned *ret_bits);
#endif
