/* SPDX-License-Identifier: Apache-2.0
 *
 * sign.h - detached Ed25519 signatures of files: FILE.sig = {"public": PEM, "signature": hex}. */
#ifndef HARNESS_SIGN_H
#define HARNESS_SIGN_H

#include "harness/base/err.h"

/* Signs FILE with the private key (PEM); replaces FILE.sig. */
bool sign_file(const char *file, const char *key, struct err *err) MUST_CHECK;
/* *ret_ok: FILE.sig holds a good signature by the key it names. ret_signer: SHA-256 of that key. `key` (PEM with a public
 * key) not NULL: *ret_pinned says whether it is that one. False only when a file cannot be read or is no signature. */
bool sign_check(const char *file, const char *key, bool *ret_ok, bool *ret_pinned, char ret_signer[static 65], struct err *err) MUST_CHECK;
#endif
