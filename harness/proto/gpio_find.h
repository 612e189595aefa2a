/* SPDX-License-Identifier: Apache-2.0
 *
 * gpio_find.h - the line of a GPIO chip that a bench file means: its number ("17"), or a name that one line of the chip has
 * ("GPIO17", as gpioinfo shows). NULL and ERR_BENCH in plain words when there is none, or two of that name. */
#ifndef PROTO_GPIO_FIND_H
#define PROTO_GPIO_FIND_H

#include <gpiod.h>

#include "harness/base/err.h"

struct gpiod_line *gpio_find(struct gpiod_chip *chip, const char *text, struct err *err) MUST_CHECK;
#endif
