/* SPDX-License-Identifier: Apache-2.0
 *
 * unpack.h - archives and compressed streams anywhere in bytes, known by their first bytes, read with libarchive, liblzma and libzstd:
 * gzip, bzip2, xz, lzma, zstd, lz4; cpio, tar, zip. No format or filter that runs a program is used. */
#ifndef IMAGE_UNPACK_H
#define IMAGE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/span.h"

struct unpack_member {
	const char *kind;               /* "gzip" */
	const char *name;               /* path in an archive; "" of a stream */
	struct span content;
	bool cut;                       /* there is more than could be taken */
};
/* false: no more is wanted. */
typedef bool unpack_fn(void *data, const struct unpack_member *m);

/* The next place from `at` on that looks like the begin of one; bytes.n: none. */
size_t unpack_find(struct span bytes, size_t at);
/* Unpacks what begins at `at`: calls fn for each member. At most *room bytes come out of it, which is lowered. Result: how many bytes it
 * took up, 0 when it was none. */
size_t unpack_at(struct span bytes, size_t at, size_t *room, unpack_fn *fn, void *data);
#endif
