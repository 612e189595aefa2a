/* SPDX-License-Identifier: Apache-2.0
 *
 * bundle_in.h - the parts of a bundle, for bundle_*.c, their tests and their fuzzer only. */
#ifndef HARNESS_BUNDLE_IN_H
#define HARNESS_BUNDLE_IN_H

#include "harness/base/span.h"
#include "harness/bundle.h"

#define BUNDLE_LIST "BUNDLE.json"
#define BUNDLE_LIST_MAX ((size_t)64 << 20)
#define BUNDLE_SIDE 4096                /* bytes of a statement, and of its signature */

/* ---- bundle_list.c ---- */
/* Can it be the name of a file in a bundle, below one of `folders` ([{"folder"}])? */
bool bundle_name_fits(const char *path, const json_t *folders);
/* Nothing of it is believed: one form, sorted, sizes not negative and no more than `total` together, no two names that differ
 * only in case. *ret_total: bytes of all files. */
bool bundle_list_parse(const char *text, size_t n, int64_t total, json_t **ret, int64_t *ret_total, struct err *err) MUST_CHECK;
/* The same for a list that was made here. */
bool bundle_list_fits(const json_t *list, int64_t total, int64_t *ret_total, struct err *err) MUST_CHECK;

/* ---- bundle_read.c ---- */
struct bundle_take {                    /* who takes the files, one after the other */
	bool (*listed)(const json_t *list, int64_t total, void *data, struct err *err);
	bool (*begin)(const char *path, void *data, struct err *err);
	bool (*bytes)(struct span s, void *data, struct err *err);
	bool (*end)(void *data, struct err *err);
	void *data;
};
/* The first `size` bytes of fd are an archive. packed = zstd; else a bare tar (the fuzzer's). */
bool bundle_entries(int fd, int64_t size, bool packed, const struct bundle_limits *l, const struct bundle_take *take,
		    json_t **ret_list, struct err *err) MUST_CHECK;

/* ---- bundle_state.c ---- */
/* Appends the statement of the `size` bytes with that hash to fd; scratch is the name of a file that may be made and removed. */
bool bundle_state(int fd, const char *scratch, int64_t size, const char *sha256, struct bundle_done *ret, struct err *err) MUST_CHECK;
/* Finds it at the end of fd and checks it against all bytes before; *ret_size: how many. work: a folder for two small files. */
bool bundle_stated(int fd, const char *key, const char *work, int64_t *ret_size, struct bundle_seen *ret, struct err *err) MUST_CHECK;
#endif
