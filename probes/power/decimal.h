/* SPDX-License-Identifier: Apache-2.0
 *
 * decimal.h - the numbers of instruments, without floats: "5.000", "+1.25000E-01", "12.5V".
 * Source  IEEE 488.2 8.7 (NR1, NR2, NR3); SCPI-99 7.2.1.4: 9.91E37 stands for "not a number" and does not fit. */
#ifndef PROBES_POWER_DECIMAL_H
#define PROBES_POWER_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value times 10^`digits` (0 to 9), rounded half away from zero. Blanks around and a unit of letters behind are passed over.
 * False: no number, something else behind it, more than 40 characters, or it does not fit. */
bool decimal_parse(const char *text, int digits, int64_t *ret);
/* 3300 -> "3.300"; thousandths as instruments take them. Returns buf. */
const char *decimal_milli(int64_t milli, char *buf, size_t n);
#endif
