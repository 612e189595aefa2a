// SPDX-License-Identifier: Apache-2.0
#include "probes/power/lcus.h"

#include <string.h>

const char *const lcus_asks[] = { "none", "FF", "0F", NULL };

void lcus_frame(unsigned channel, unsigned state, uint8_t ret[static LCUS_FRAME])
{
	ret[0] = 0xA0;
	ret[1] = (uint8_t)channel;
	ret[2] = (uint8_t)state;
	ret[3] = (uint8_t)(0xA0 + channel + state);
}

size_t lcus_question(const char *asks, uint8_t ret[static LCUS_FRAME])
{
	lcus_frame(0x0F, 2, ret);
	if (!strcmp(asks, "FF"))
		ret[0] = 0xFF;
	return !strcmp(asks, "none") ? 0 : !strcmp(asks, "FF") ? 1 : LCUS_FRAME;
}

void lcus_add(struct lcus_text *t, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!p[i])
			continue;
		if (t->n == sizeof(t->text))
			memmove(t->text, t->text + 1, --t->n);
		t->text[t->n++] = (char)p[i];
	}
}

/* "CH1: ON" or "CH1:OFF" at p */
static bool word_at(const char *p, size_t n, unsigned channel, bool *ret_on)
{
	size_t i = 4;
	bool on;

	if (n < 5 || memcmp(p, "CH", 2) || p[2] != (char)('0' + channel) || p[3] != ':')
		return false;
	while (i < n && p[i] == ' ')
		i++;
	on = n - i >= 2 && !memcmp(p + i, "ON", 2);
	if (!on && (n - i < 3 || memcmp(p + i, "OFF", 3)))
		return false;
	*ret_on = on;
	return true;
}

bool lcus_says(const struct lcus_text *t, unsigned channel, bool *ret_on)
{
	for (size_t i = t->n; i-- > 0;)
		if (word_at(t->text + i, t->n - i, channel, ret_on))
			return true;
	return false;
}
