/* SPDX-License-Identifier: Apache-2.0
 *
 * seal.h - is this run folder still what was written?
 *
 * MANIFEST.json holds size and SHA-256 of every file that `run` wrote and is never rewritten. What comes later (a resumed
 * run, verdicts, reports) is listed in seals/0001.json, 0002.json ..., each with the SHA-256 of the seal before, so that
 * none can be taken out or exchanged unseen. A seal is signed (NAME.sig, Ed25519) when there is a key.
 *
 *   {"format":"jusan-seal/1","what":"run"|"report","run":id,"prev":{"file","sha256"}|null,
 *    "files":[{"path","size","sha256"}]}
 *
 * A later seal of the same kind replaces the list, but only these may differ from it: journal.jsonl (what was sealed must
 * still be its beginning) and run.json for the run; anything for reports, which can be made again.
 * Bound    SEAL_FILES files. Links and special files are not evidence and count as added.
 * Says nothing of who made the folder unless a signature is checked against a key from elsewhere. */
#ifndef HARNESS_SEAL_H
#define HARNESS_SEAL_H

#include <stddef.h>

#include "harness/base/err.h"

#define SEAL_FILES 100000

/* After a run or its continuation: MANIFEST.json, or the next seal. Signs with $JUSAN_KEY or ~/.config/jusan/key.pem when
 * that file is there (openssl genpkey -algorithm ed25519). */
bool seal_write(const char *dir, struct err *err) MUST_CHECK;
/* After judge and report; nothing is added when nothing changed. */
bool seal_reports(const char *dir, struct err *err) MUST_CHECK;

enum seal_fault { SEAL_ALTERED, SEAL_MISSING, SEAL_ADDED, SEAL_BROKEN, SEAL_SIGNATURE };
struct seal_report {
	size_t files, faults, seals, signatures;        /* checked */
	bool pinned;                    /* every seal is signed by the key that was given */
	char signer[65];                /* SHA-256 of the signing public key, "" = none */
};
/* Calls `fault` for each; true = it could be checked at all. key: PEM file with the public key, or NULL. */
bool seal_verify(const char *dir, const char *key, void (*fault)(enum seal_fault f, const char *what, void *data), void *data,
		 struct seal_report *ret, struct err *err) MUST_CHECK;
#endif
