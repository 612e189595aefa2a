/* SPDX-License-Identifier: Apache-2.0
 *
 * unstream.h - xz and zstd streams that something else follows: libarchive takes that for a part of them and gives nothing of
 * the last block. These stop at the end of the stream, and what a broken one gave before it broke is kept. */
#ifndef IMAGE_UNSTREAM_H
#define IMAGE_UNSTREAM_H

#include <stdbool.h>

#include "harness/base/span.h"

struct unstream { uint8_t *out; size_t n, used; bool cut; };    /* out: malloc'd, NULL when n is 0; used: bytes it took up */

void unstream_xz(struct span in, size_t room, struct unstream *ret);
void unstream_zstd(struct span in, size_t room, struct unstream *ret);
#endif
