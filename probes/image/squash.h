/* SPDX-License-Identifier: Apache-2.0
 *
 * squash.h - squashfs file systems in an image, unpacked by unsquashfs as a child (its licence does not let us link it).
 * Bounds  SQUASH_MAX of them; the list of files is read first, and what would give more than the room that is left, or more files,
 *         is not unpacked. Links and devices are names only. */
#ifndef IMAGE_SQUASH_H
#define IMAGE_SQUASH_H

#include "probes/image/image.h"
#include "probes/image/scan.h"

/* Unpacks every one in the image, which lies at `path`, into the scratch folder; what became of them goes to s->skip. */
bool squash_unpack(struct step *st, struct scan *s, struct span image, const char *path, struct err *err) MUST_CHECK;
/* Looks at what was unpacked, and removes it. */
bool squash_look(struct step *st, struct scan *s, struct err *err) MUST_CHECK;
/* The length of a file system at the begin of these bytes; 0: there is none that is whole. */
size_t squash_length(struct span s);
#endif
