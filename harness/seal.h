/* SPDX-License-Identifier: Apache-2.0
 *
 * seal.h - is this run folder still what was written?
 *
 * MANIFEST.json holds size and SHA-256 of every file that `run` wrote and is never rewritten. What comes later (a resumed
 * run, verdicts, reports) is listed in seals/0001.json, 0002.json ..., each with the SHA-256 of the seal before, so that
 * none can be taken out or exchanged unseen. A seal is signed (NAME.sig, Ed25519) when there is a key.
 *
 *   {"format":"jusan-seal/2","what":"run"|"report"|"review","run":id,"prev":{"file","sha256"}|null,
 *    "signer": SHA-256 of the public key that signed it|null,"files":[{"path","size","sha256"}]}
 *
 * Seals and signatures have one form, to the byte: a blank more, an escape, a letter in upper case is a change like any other.
 *
 * A later seal of the same kind replaces the list, but only these may differ from it: journal.jsonl (what was sealed must
 * still be its beginning) and run.json for the run; nothing for reviews, which only grow; anything for reports, which
 * can be made again.
 * Bound    SEAL_FILES files. Links and special files are not evidence and count as added.
 * Says nothing of who made the folder unless a signature is checked against a key from elsewhere. */
#ifndef HARNESS_SEAL_H
#define HARNESS_SEAL_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/err.h"

#define SEAL_FILES 100000

/* After a run or its continuation: MANIFEST.json, or the next seal. Signs with the key of sign_where(). */
bool seal_write(const char *dir, struct err *err) MUST_CHECK;
/* After judge and report; nothing is added when nothing changed. */
bool seal_reports(const char *dir, struct err *err) MUST_CHECK;

/* After a decision of a reviewer. ERR_CONF when the run itself was never sealed. */
bool seal_review(const char *dir, struct err *err) MUST_CHECK;
/* The seals of one kind, oldest first: [{"seal": "seals/0002.json", "signer": SHA-256 of the public key or "", "files": [..]}];
 * new reference. ERR_BENCH when a number is missing; the chain between them is seal_verify's. */
bool seal_list(const char *dir, const char *what, json_t **ret, struct err *err) MUST_CHECK;
/* The newest seal: its name below DIR and the SHA-256 (65 bytes) of it. ERR_CONF when the folder was never sealed. */
bool seal_last(const char *dir, char ret_file[static 32], char ret_sha256[static 65], struct err *err) MUST_CHECK;

enum seal_fault { SEAL_ALTERED, SEAL_MISSING, SEAL_ADDED, SEAL_BROKEN, SEAL_SIGNATURE };
struct seal_report {
	size_t files, faults, seals, signatures;        /* checked */
	bool pinned;                    /* every seal is signed by a key that was given */
	char signer[65];                /* SHA-256 of the signing public key, "" = none */
};
/* Calls `fault` for each; true = it could be checked at all. key: PEM file with public keys, or NULL. */
bool seal_verify(const char *dir, const char *key, void (*fault)(enum seal_fault f, const char *what, void *data), void *data,
		 struct seal_report *ret, struct err *err) MUST_CHECK;
#endif
