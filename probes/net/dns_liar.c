// SPDX-License-Identifier: Apache-2.0
#include "probes/net/dns_liar.h"

#include <string.h>
#include <sys/socket.h>

size_t dns_liar_reply(struct span question, const struct dns_lie *lie, uint8_t ret[static 512])
{
	uint8_t record[] = { 0xc0, 12, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0 };
	const struct addr *a;
	size_t n = 12, len;
	struct dns d;

	if (!dns_decode(question, &d) || d.response || !d.name[0])
		return 0;
	while (n < question.n && question.p[n] && question.p[n] < 0xc0)         /* dns_decode saw that the first name is whole */
		n += (size_t)question.p[n] + 1;
	if (n < question.n && question.p[n])
		return 0;                               /* nothing stands before it that a pointer could mean */
	n += 5;
	if (n > question.n || n + sizeof(record) + 16 > 512)
		return 0;
	memcpy(ret, question.p, n);
	ret[2] = 0x85;                                  /* a response, authoritative, recursion as asked */
	ret[3] = 0x80;
	memset(ret + 4, 0, 8);
	ret[5] = 1;
	a = d.type == DNS_AAAA ? &lie->six : &lie->four;
	if ((d.type != DNS_A && d.type != DNS_AAAA) || !a->family)
		return n;
	len = d.type == DNS_A ? 4 : 16;
	ret[7] = 1;
	record[3] = (uint8_t)d.type;
	record[11] = (uint8_t)len;
	memcpy(ret + n, record, sizeof(record));
	memcpy(ret + n + sizeof(record), a->b, len);
	return n + sizeof(record) + len;
}

int dns_liar_answer(int fd, const struct dns_lie *lie)
{
	int told = 0;

	for (int i = 0; i < 64; i++) {
		uint8_t in[1500], out[512];
		struct sockaddr_storage from;
		socklen_t from_n = sizeof(from);
		ssize_t n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from, &from_n);
		size_t len;

		if (n < 0)
			break;
		len = dns_liar_reply((struct span){ in, (size_t)n }, lie, out);
		if (len && sendto(fd, out, len, 0, (struct sockaddr *)&from, from_n) > 0)
			told++;
	}
	return told;
}
