/* SPDX-License-Identifier: Apache-2.0
 *
 * digest.h - challenges of HTTP and RTSP (WWW-Authenticate), and the answer to a digest.
 *
 * In      header values, one a line; a value may hold several challenges ("Basic realm=..., Digest realm=...").
 * Out     which schemes are offered, and the strongest digest among them: SHA-256 before MD5.
 * Bounds  parameters of DIGEST_TEXT bytes; a digest with a longer one, with an unknown algorithm or without realm and nonce is none.
 * Source  RFC 7616 (Digest), RFC 7617 (Basic), RFC 7235 2.1 (syntax); RFC 2617 for peers without qop; RFC 2326 for RTSP. */
#ifndef LOGIN_DIGEST_H
#define LOGIN_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_TEXT = 255 };
enum digest_algorithm { DIGEST_NONE, DIGEST_MD5, DIGEST_MD5_SESS, DIGEST_SHA256, DIGEST_SHA256_SESS };
struct challenge {
	bool basic, other;              /* offered beside: Basic, something else */
	bool md5, sha256;               /* digests offered with them */
	enum digest_algorithm algorithm;        /* of the digest kept below */
	bool qop;                       /* qop=auth is offered */
	bool stale;                     /* only the nonce was too old */
	char realm[DIGEST_TEXT + 1], nonce[DIGEST_TEXT + 1], opaque[DIGEST_TEXT + 1];
};

void challenge_read(const char *text, struct challenge *ret);
/* The value of Authorization. count: how often this nonce was used, from 1. False when there is no digest, or it does not fit. */
bool digest_answer(const struct challenge *c, const char *method, const char *uri, const char *user, const char *secret,
		   unsigned count, uint64_t cnonce, char *ret, size_t room);
bool basic_answer(const char *user, const char *secret, char *ret, size_t room);
#endif
