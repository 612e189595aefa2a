/* SPDX-License-Identifier: Apache-2.0
 *
 * openocd_says.h - the log of one run of OpenOCD 0.12 at debug level 3, with the marks that our script puts into it. It
 * holds text that came from adapters and targets: nothing in it is believed beyond these few forms. */
#ifndef DEBUG_OPENOCD_SAYS_H
#define DEBUG_OPENOCD_SAYS_H

#include <stdbool.h>
#include <stdint.h>

struct openocd_seen {
	bool adapter;           /* it was opened and set up: what follows is said of the target */
	bool answered;          /* a valid IDCODE (IEEE 1149.1: bit 0 is 1, the maker is not 0x7f) or DPIDR came */
	bool noise;             /* the chain answers, but with nothing that could be an IDCODE */
	uint32_t idcode;        /* JTAG IDCODE or SWD DPIDR; the first of the chain */
	bool target;            /* the configuration has a target, so reading and halting were tried */
	bool halted, readable;
	bool finished;          /* the script came to its end */
	char error[160];        /* the first error line, printable; "" = none */
};

/* log is NUL-terminated. */
void openocd_see(const char *log, struct openocd_seen *ret);
#endif
