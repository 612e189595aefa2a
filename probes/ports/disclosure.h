/* SPDX-License-Identifier: Apache-2.0
 *
 * disclosure.h - what an answer to a stranger gives away: texts that are known beforehand, versions of software, addresses
 * of an inner network, markers of the user's data.
 *
 * Kinds   model version serial mac address "user data"
 * Known   whole words, in either case; a hardware address with ':', '-', '.' or nothing between its bytes, or as bytes.
 * Version NAME/1.2 NAME_1.2 NAME-1.2, in headers and greetings also "NAME 1.2", and fw=1.2 where the name says version.
 *         Versions of protocols (HTTP/1.1, SSH-2.0, UPnP/1.0 ...) are none. Inside pages only NAME/1.2 that stands alone
 *         counts: paths and style sheets are full of numbers.
 * Address private IPv4 (RFC 1918, RFC 3927) in text. The caller says which are no secret.
 * Bounds  DISCLOSURE_KNOWN texts; linear in the bytes.  */
#ifndef PORTS_DISCLOSURE_H
#define PORTS_DISCLOSURE_H

#include <stdbool.h>

#include "harness/proto/marker.h"

#define DISCLOSURE_KNOWN 64
#define DISCLOSURE_TEXT 128

struct disclosure {                     /* zero-initialise */
	struct { const char *kind; char text[DISCLOSURE_TEXT]; } known[DISCLOSURE_KNOWN];
	size_t n;
	const struct markers *markers;  /* NULL = none */
};
/* Texts under 3 bytes are left out: they would be found everywhere. */
void disclosure_know(struct disclosure *d, const char *kind, const char *text);
void disclosure_know_mac(struct disclosure *d, const char *mac);

/* `text` is what was found, terminated and printable; kinds that are known beforehand come without it (""). */
typedef void disclosure_found(const char *kind, const char *text, void *data);
void disclosure_search(const struct disclosure *d, const char *place, struct span bytes, disclosure_found *f, void *data);
#endif
