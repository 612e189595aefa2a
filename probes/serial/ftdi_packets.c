// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/ftdi_packets.h"

#include <string.h>

#define STATUS_N 2

static const struct { uint8_t bit; enum serial_fault fault; } told[] = {
	{ 0x02, SERIAL_OVERRUN }, { 0x04, SERIAL_PARITY }, { 0x08, SERIAL_FRAMING }, { 0x10, SERIAL_BREAK },
};

/* A break is no stop bit either: it counts as a break only. */
static void note(uint8_t status, size_t at, struct ftdi_errors *e)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		enum serial_fault f = told[i].fault;

		if (!(status & told[i].bit) || (f == SERIAL_FRAMING && status & 0x10))
			continue;
		if (e->count[f]++ == 0)
			e->first[f] = at;
	}
}

size_t ftdi_packets(const uint8_t *p, size_t n, size_t packet, uint8_t *out, struct ftdi_errors *ret)
{
	size_t done = 0;

	*ret = (struct ftdi_errors){ .count = { 0 } };
	for (size_t at = 0; at < n && packet > STATUS_N; at += packet) {
		size_t here = n - at < packet ? n - at : packet;

		if (here < STATUS_N)
			break;
		note(p[at + 1], done, ret);
		memcpy(out + done, p + at + STATUS_N, here - STATUS_N);
		done += here - STATUS_N;
	}
	return done;
}
