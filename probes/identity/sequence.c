// SPDX-License-Identifier: Apache-2.0
#include "probes/identity/sequence.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "probes/identity/derive.h"

static const struct { unsigned base; size_t most; } bases[] = { { 10, 18 }, { 16, 15 }, { 36, 11 } };  /* digits that fit 64 bits */
#define BASES (sizeof(bases) / sizeof(bases[0]))

static int digit(char c, unsigned base)
{
	int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;

	return v < (int)base ? v : -1;
}

/* The number at the end of p: its first digit, its value, and how many values that many digits have. */
struct number { size_t at, width; uint64_t value, room; };

static struct number number_of(const char *p, unsigned base, size_t most)
{
	size_t n = strlen(p);
	struct number r = { .at = n, .room = 1 };

	while (r.at > 0 && r.width < most && digit(p[r.at - 1], base) >= 0) {
		r.at--;
		r.width++;
		r.room *= base;
	}
	for (size_t i = r.at; i < n; i++)
		r.value = r.value * base + (uint64_t)digit(p[i], base);
	return r;
}

/* p with another number at its end, as text of that base and width. */
static void tell(const char *tag, unsigned base, const char *p, const struct number *n, uint64_t value, sequence_fn *f, void *data)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	char tail[24], text[DERIVE_SECRET + 64];

	value %= n->room;
	tail[n->width] = '\0';
	for (size_t i = n->width; i-- > 0; value /= base)
		tail[i] = digits[value % base];
	snprintf(text, sizeof(text), "%s/%u/%.*s%s", tag, base, (int)n->at, p, tail);
	f(text, data);
}

void sequence_neighbours(const char *secret, sequence_fn *f, void *data)
{
	char text[DERIVE_SECRET + 16];

	snprintf(text, sizeof(text), "itself/%s", secret);
	f(text, data);
	for (size_t b = 0; b < BASES; b++) {
		struct number n = number_of(secret, bases[b].base, bases[b].most);

		for (int k = -SEQUENCE_REACH; n.width >= SEQUENCE_WIDTH && k <= SEQUENCE_REACH; k++)
			tell("beside", bases[b].base, secret, &n, n.value + n.room + (uint64_t)(int64_t)k, f, data);
	}
}

void sequence_rests(const char *secret, const char *const *known, size_t n_known, sequence_fn *f, void *data)
{
	char text[DERIVE_SECRET + 16], plain[DERIVE_TEXT + 1], tag[32];

	snprintf(text, sizeof(text), "itself/%s", secret);
	f(text, data);
	for (size_t i = 0; i < n_known && i < DERIVE_PUBLIC; i++) {
		if (strlen(known[i]) > DERIVE_TEXT || !derive_plain(known[i], strlen(known[i]), plain, sizeof(plain)))
			continue;
		for (size_t b = 0; b < 2; b++) {        /* serials count in decimal, addresses in hex */
			struct number n = number_of(secret, bases[b].base, bases[b].most);
			struct number by = number_of(plain, bases[b].base, 6);

			if (n.width < SEQUENCE_WIDTH || !by.width)
				continue;
			snprintf(tag, sizeof(tag), "rest of %zu", i);
			tell(tag, bases[b].base, secret, &n, n.value + n.room - by.value % n.room, f, data);
		}
	}
}
