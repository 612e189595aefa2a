/* SPDX-License-Identifier: Apache-2.0
 *
 * cpio.h - the archives that Linux starts from, form newc, read in place: libarchive would take 4 GB for a name that is said to
 * be as long.
 * Source  Linux, Documentation/driver-api/early-userspace/buffer-format.rst. */
#ifndef IMAGE_CPIO_H
#define IMAGE_CPIO_H

#include <stdbool.h>

#include "harness/base/span.h"

enum { CPIO_HEADER = 110, CPIO_NAME = 4096 };

struct cpio_member { char name[CPIO_NAME]; struct span content; bool folder, last; };

/* Is this a header, with a name that can be? */
bool cpio_header(struct span s);
/* The member at the begin of *in; false: there is none that is whole. Behind the last one stands whatever it is. */
bool cpio_take(struct span *in, struct cpio_member *ret);
#endif
