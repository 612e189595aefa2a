/* SPDX-License-Identifier: Apache-2.0
 *
 * flashrom_says.h - flashrom's words (seen of 1.3.0), which hold text that came from a chip: bounded and made printable. */
#ifndef FLASH_FLASHROM_SAYS_H
#define FLASH_FLASHROM_SAYS_H

#include <stdbool.h>
#include <stdint.h>

#define FLASHROM_SAID 16384
#define FLASHROM_NAME 128

/* The one chip it found: name, size in bytes. false: it named none, or several. */
bool flashrom_found(const char *said, char ret_name[static FLASHROM_NAME], int64_t *ret_size);
/* Why it failed, in plain words with flashrom's own behind them. how: "was killed by signal 9", NULL when it ended itself. */
const char *flashrom_why(const char *said, const char *how, char ret[static 300]);
#endif
