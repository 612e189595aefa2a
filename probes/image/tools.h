/* SPDX-License-Identifier: Apache-2.0
 *
 * tools.h - programs of a workshop that a product has no use for: servers without encryption, sniffers, debuggers, compilers. */
#ifndef IMAGE_TOOLS_H
#define IMAGE_TOOLS_H

#include "harness/base/span.h"

/* The tool that a file of this path is, NULL = none. Only the last part of the path counts. */
const char *tools_file(const char *path);
/* The next place from *at on where a tool's name stands as a word of its own, as in a list of busybox's applets or a start
 * script; *at is moved behind it. Names that are words of other things too ("cc", "as") are not looked for. NULL = no more. */
const char *tools_word(struct span bytes, size_t *at, size_t *ret_at);
#endif
