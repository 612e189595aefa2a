/* SPDX-License-Identifier: Apache-2.0
 *
 * bundle.h - one file that holds a run folder as it is, or a campaign with its runs, for somebody else to check.
 *
 *   NAME.jusan.tar.zst   a tar archive, zstd, that any tar unpacks, and behind it a skippable zstd frame: the statement
 *   in the archive       BUNDLE.json, then the files it lists in its order: run/... and, of a campaign, runs/1/..., runs/2/...
 *   BUNDLE.json          {"format":"jusan-bundle/1","what":"run"|"campaign","run":id,"redacted":bool,
 *                         "folders":[{"folder":"run"|"runs/N","run":id}],"files":[{"path","size","sha256"}]}
 *   statement            {"format","sha256" of all bytes before it,"size": how many,"signer": SHA-256 of a public key|null}, and
 *                        when there is a key its signature as sign.h writes one
 *
 * So no byte of the file can change unseen: those of the archive are hashed, the statement has one form, the signature covers
 * it. Without a key the file can only be found whole, by a signer unknown: whoever can write it can state anew.
 * Written  the same bytes for the same folder and key (and the same libzstd): sorted, one owner, times of the run, no folders.
 * Read     as if by an enemy: only regular files, only those listed and in that order, names of BUNDLE_PATH bytes below the
 *          listed folders, no "..", nothing twice or differing only in case, sizes as listed, and bounded (bundle_limits).
 * Fails    ERR_OS: the machine. Everything else: this is no bundle, or not as it was written; the text says where. */
#ifndef HARNESS_BUNDLE_H
#define HARNESS_BUNDLE_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/fs.h"

#define BUNDLE_FORMAT "jusan-bundle/1"
#define BUNDLE_END ".jusan.tar.zst"
#define BUNDLE_PATH 512
#define BUNDLE_RUNS 64

/* What may come out of an archive: `total` bytes, and beyond BUNDLE_FREE no more than `ratio` times its own size. 0 = default. */
struct bundle_limits { int64_t total, ratio; };
#define BUNDLE_TOTAL ((int64_t)64 << 30)
#define BUNDLE_FREE ((int64_t)256 << 20)
#define BUNDLE_RATIO 1000

struct bundle_done { size_t files; int64_t bytes, size; bool is_signed; char signer[65]; };
/* Writes OUT (new or replaced, never half) from the run or campaign in DIR; of a campaign the runs are taken from where they were
 * or from runs[n]. Signs with the key of sign_where(). progress (may be NULL) is told how far it is. ERR_CONF: a name that
 * cannot be in a bundle, a run that is not there. Does not look whether the seals hold: the caller does. */
struct bundle_job { const char *dir; const char *const *runs; size_t n_runs; const char *out;
		    void (*progress)(int64_t done, int64_t of, void *data); void *data; };
bool bundle_write(const struct bundle_job *job, struct bundle_done *ret, struct err *err) MUST_CHECK;
/* The folders of DIR's runs, in the order of run.json; the same way as bundle_write() finds them. */
bool bundle_runs(const struct bundle_job *job, char ret[BUNDLE_RUNS][FS_PATH], size_t *ret_n, struct err *err) MUST_CHECK;

/* Does FILE end as a bundle does? Cheap; says nothing of its bytes. */
bool bundle_is(const char *file);
struct bundle_seen { bool is_signed, pinned; char signer[65]; int64_t size; };
/* Reads all of FILE, checks the statement, the signature (key: PEM file of public keys, or NULL) and every file of the archive,
 * which go to the new, empty or missing folder TO. *ret_list is BUNDLE.json, a new reference. */
bool bundle_unpack(const char *file, const char *key, const char *to, const struct bundle_limits *l, struct bundle_seen *ret,
		   json_t **ret_list, struct err *err) MUST_CHECK;

/* Runs f in a child with a private folder below $TMPDIR that is gone afterwards, also when the child dies or this process is
 * told to end (SIGINT, SIGTERM, SIGHUP: *ret_status is 130). *ret_status: what f returned. */
bool private_folder(int (*f)(const char *dir, void *data), void *data, int *ret_status, struct err *err) MUST_CHECK;
#endif
