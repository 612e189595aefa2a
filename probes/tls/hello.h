/* SPDX-License-Identifier: Apache-2.0
 *
 * hello.h - writes ClientHellos that no library would: any version, any list of suites.
 *
 * SSL 2        its own hello with every cipher it had (Hickman, "The SSL Protocol").
 * SSL 3        no extensions.
 * to TLS 1.2   supported_groups, ec_point_formats, extended_master_secret; TLS 1.2 also signature_algorithms.
 * TLS 1.3      supported_versions with that one version, and an empty key_share: the server answers with a HelloRetryRequest
 *              that names suite and group and costs it no arithmetic (RFC 8446 4.1.4).
 * DTLS         the same in its own records (RFC 6347, 9147), not in pieces, with room for a cookie. In all of this folder DTLS goes by
 *              the number of the TLS it was made from: 1.0 by TLS 1.1, 1.2 by TLS 1.2, 1.3 by TLS 1.3.
 * Every hello to TLS 1.2 says that secure renegotiation is known (RFC 5746, the SCSV). No ALPN.
 * Length       HELLO_SUITES suites and HELLO_GROUPS groups keep it below 256 bytes, for some old servers lose longer ones (RFC 7685 1).
 *              In a datagram the whole registry keeps it below 1200 bytes, and so below the MTU of IPv6.
 * Source       RFC 6101, 2246, 4346, 5246, 8446, 8422. */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSL2   0x0002
#define SSL3   0x0300
#define TLS1_0 0x0301
#define TLS1_1 0x0302
#define TLS1_2 0x0303
#define TLS1_3 0x0304

enum { HELLO_SUITES = 44, HELLO_SUITES_DATAGRAM = 400, HELLO_GROUPS = 16, HELLO_SIGNATURES = 24, HELLO_MAX = 1400 };

struct numbers { uint16_t at[HELLO_SUITES_DATAGRAM]; size_t n; };          /* of suites, groups, signatures */
struct hello {
	uint16_t version;
	const struct numbers *suites, *groups, *signatures;     /* groups, signatures: NULL = the usual ones */
	bool compress;                  /* DEFLATE is offered first */
	bool datagram;                  /* DTLS; version TLS1_1 to TLS1_3 */
	const char *name;               /* for SNI; NULL or "" = none */
	uint8_t random[32];
};

/* Returns its length; room is HELLO_MAX. */
size_t hello_write(const struct hello *h, uint8_t out[static HELLO_MAX]);
size_t hello_ssl2(uint8_t out[static HELLO_MAX]);

extern const struct numbers groups_usual, groups_odd, groups_field, signatures_usual;
/* "x25519", "secp256r1", "ffdhe2048"; "0x1234" (in buf) for others. */
const char *group_name(uint16_t id, char buf[static 8]);
/* "rsa_pkcs1_sha256", "ecdsa_secp256r1_sha256", "rsa_pkcs1_sha1" */
const char *signature_name(uint16_t id, char buf[static 8]);
const char *version_name(uint16_t version, bool datagram);      /* "SSLv3", "TLS1.2", "DTLS1.0"; "?" */
uint16_t version_read(uint64_t on_the_wire);            /* 0xfefd of DTLS is TLS1_2; others are themselves */
uint16_t version_wire(uint16_t version, bool datagram); /* and back */
bool numbers_has(const struct numbers *s, uint16_t v);
void numbers_add(struct numbers *s, uint16_t v);         /* once; what does not fit is lost */
bool numbers_remove(struct numbers *s, uint16_t v);
#endif
