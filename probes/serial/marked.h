/* SPDX-License-Identifier: Apache-2.0
 *
 * marked.h - bytes of a terminal in the PARMRK form, in which line errors stand among them:
 *
 *   377 377    the byte 377 itself        377 0 0    a break        377 0 X    X came with a framing or parity error
 *
 * In any pieces; a mark may be split between two of them. After 377 anything else is kept as it is.
 * Source   POSIX.1-2017 XBD 11.2.2, termios(3) */
#ifndef SERIAL_MARKED_H
#define SERIAL_MARKED_H

#include <stddef.h>
#include <stdint.h>

struct marked { int held; };     /* how much of a mark was seen; zero-initialise */
struct marked_errors { size_t breaks, bad, first; };            /* first: offset in `out` of the first of them */

/* Writes at most n + 2 bytes to out; returns how many. A byte with an error is kept, a break is none. */
size_t marked_take(struct marked *m, const uint8_t *in, size_t n, uint8_t *out, struct marked_errors *ret);
#endif
