/* SPDX-License-Identifier: Apache-2.0
 *
 * sign.h - detached Ed25519 signatures of files: FILE.sig = {"public": PEM, "signature": hex}. */
#ifndef HARNESS_SIGN_H
#define HARNESS_SIGN_H

#include "harness/base/err.h"
#include "harness/base/fs.h"

#define SIGN_DEFAULT "/.config/jusan/key.pem"   /* below $HOME */

/* The key that seals are signed with: $JUSAN_KEY (file or URI, see sign_key.h), else the default when it is there. False:
 * there is none, and nothing is signed. */
bool sign_where(char ret[static FS_PATH]);
/* False when there is such a key and it does not open; true also when there is none. */
bool sign_ready(struct err *err) MUST_CHECK;
/* Signs FILE with a private key (file or URI); replaces FILE.sig. */
bool sign_file(const char *file, const char *key, struct err *err) MUST_CHECK;
struct sign_key;
bool sign_with(const char *file, struct sign_key *k, struct err *err) MUST_CHECK;       /* the same with a key that is open */
/* *ret_ok: FILE.sig holds a good signature by the key it names. ret_signer: SHA-256 of that key. `key` (PEM with one or
 * more public keys: of the bench, of reviewers) not NULL: *ret_pinned says whether it is one of them. False only when a file cannot be read or
 * is no signature, to the byte as sign_file() would have written it. */
bool sign_check(const char *file, const char *key, bool *ret_ok, bool *ret_pinned, char ret_signer[static 65], struct err *err) MUST_CHECK;
#endif
