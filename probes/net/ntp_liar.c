// SPDX-License-Identifier: Apache-2.0
#include "probes/net/ntp_liar.h"

#include <string.h>
#include <sys/socket.h>

#define EPOCH 2208988800u               /* seconds from 1900 to 1970 */

uint64_t ntp_stamp(int64_t wall_ns)
{
	int64_t s = wall_ns / SEC(1), ns = wall_ns % SEC(1);

	if (ns < 0) {
		s--;
		ns += SEC(1);
	}
	return (uint64_t)(uint32_t)(s + EPOCH) << 32 | ((uint64_t)ns << 32) / 1000000000u;
}

static void put_be(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

bool ntp_answer_time(struct span packet, int64_t near_ns, int64_t *ret_wall_ns)
{
	uint64_t head, s, fraction;
	struct span skip;

	if (!take_be(&packet, 1, &head) || (head & 7) != 4 || !take_bytes(&packet, 39, &skip) || !take_be(&packet, 4, &s) ||
	    !take_be(&packet, 4, &fraction))
		return false;
	/* The difference of seconds modulo 2^32, taken as signed, is right in whichever era the answer is. */
	*ret_wall_ns = near_ns / SEC(1) * SEC(1) + SEC((int64_t)(int32_t)((uint32_t)s - (uint32_t)(near_ns / SEC(1) + EPOCH))) +
		       (int64_t)(fraction * 1000000000u >> 32);
	return true;
}

bool ntp_liar_reply(struct span question, int64_t wall_ns, uint8_t ret[static NTP_BYTES])
{
	uint64_t now = ntp_stamp(wall_ns);
	unsigned version;

	if (question.n < NTP_BYTES || (question.p[0] & 7) != 3)
		return false;
	version = question.p[0] >> 3 & 7;
	if (version < 1 || version > 4)
		return false;
	memset(ret, 0, NTP_BYTES);
	ret[0] = (uint8_t)(version << 3 | 4);           /* no leap second, mode server */
	ret[1] = 2;                                     /* stratum */
	ret[2] = question.p[2];
	ret[3] = 0xec;                                  /* precision 2^-20 s */
	ret[7] = 0x10;                                  /* root delay and dispersion, a few hundred us */
	ret[11] = 0x10;
	memcpy(ret + 12, (const uint8_t[]){ 192, 0, 2, 1 }, 4); /* reference: an address for documentation */
	put_be(ret + 16, now - ((uint64_t)16 << 32));   /* last set 16 s ago */
	memcpy(ret + 24, question.p + 40, 8);           /* origin = what the client sent as its transmit time */
	put_be(ret + 32, now);
	put_be(ret + 40, now);
	return true;
}

int ntp_liar_answer(int fd, int64_t offset_ns)
{
	int told = 0;

	for (int i = 0; i < 64; i++) {
		uint8_t in[512], out[NTP_BYTES];
		struct sockaddr_storage from;
		socklen_t from_n = sizeof(from);
		ssize_t n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from, &from_n);

		if (n < 0)
			break;
		if (ntp_liar_reply((struct span){ in, (size_t)n }, clock_wall_ns() + offset_ns, out) &&
		    sendto(fd, out, sizeof(out), 0, (struct sockaddr *)&from, from_n) > 0)
			told++;
	}
	return told;
}
