// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/gpio_find.h"

#include <stdlib.h>
#include <string.h>

static struct gpiod_line *by_number(struct gpiod_chip *chip, const char *text, struct err *err)
{
	unsigned long n = strtoul(text, NULL, 10);
	unsigned lines = gpiod_chip_num_lines(chip);
	struct gpiod_line *found = n < lines ? gpiod_chip_get_line(chip, (unsigned)n) : NULL;

	if (!found)
		err_set(err, ERR_BENCH, "the chip has %u lines, none has number %.20s", lines, text);
	return found;
}

struct gpiod_line *gpio_find(struct gpiod_chip *chip, const char *text, struct err *err)
{
	struct gpiod_line *found = NULL;

	if (*text && strspn(text, "0123456789") == strlen(text))
		return by_number(chip, text, err);
	for (unsigned i = 0; i < gpiod_chip_num_lines(chip); i++) {
		struct gpiod_line *one = gpiod_chip_get_line(chip, i);

		if (!one || !gpiod_line_name(one) || strcmp(gpiod_line_name(one), text))
			continue;
		if (found) {
			err_set(err, ERR_BENCH, "two lines of the chip are named '%.40s': say its number", text);
			return NULL;
		}
		found = one;
	}
	if (!found)
		err_set(err, ERR_BENCH, "no line of the chip is named '%.40s'", text);
	return found;
}
