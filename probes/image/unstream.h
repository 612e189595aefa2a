/* SPDX-License-Identifier: Apache-2.0
 *
 * unstream.h - xz, lzma and zstd streams that something else follows: libarchive takes that for a part of them and gives nothing of
 * the last block, or takes 4 GB for the dictionary that is asked for. These stop at the end of the stream, keep what a broken one
 * gave before it broke, and refuse dictionaries beyond 256 MiB. */
#ifndef IMAGE_UNSTREAM_H
#define IMAGE_UNSTREAM_H

#include <stdbool.h>

#include "harness/base/span.h"

struct unstream { uint8_t *out; size_t n, used; bool cut; };    /* out: malloc'd, NULL when n is 0; used: bytes it took up */

/* alone: the older form, without a container */
void unstream_xz(struct span in, bool alone, size_t room, struct unstream *ret);
void unstream_zstd(struct span in, size_t room, struct unstream *ret);
#endif
