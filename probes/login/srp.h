/* SPDX-License-Identifier: Apache-2.0
 *
 * srp.h - the client's half of SRP-6a with the group of 3072 bits and SHA-512, as accessories of HomeKit speak it: proof that a code is
 * known, without sending it.
 * Source  RFC 5054 2.5 to 2.6 and appendix A; RFC 2945 3 (the proof). */
#ifndef LOGIN_SRP_H
#define LOGIN_SRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SRP_GROUP 384           /* bytes */
#define SRP_HASH 64

struct srp_proof { uint8_t a[SRP_GROUP], proof[SRP_HASH], theirs[SRP_HASH]; };  /* our public value; what we send; what the server answers */

/* b: the server's public value, b_n bytes. False: it is none (0 modulo the group), or no memory. */
bool srp_prove(const char *user, const char *secret, const uint8_t *salt, size_t salt_n, const uint8_t *b, size_t b_n,
	       struct srp_proof *ret);
#endif
