// SPDX-License-Identifier: Apache-2.0
#include "probes/net/dns_liar.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

bool dns_liar_open(const char *interface, int *ret_fd, int *ret_port, struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return err_sys(err, "socket for wrong DNS answers");
	*ret_port = ntohs(a.sin_port);
	*ret_fd = take_fd(&fd);
	return true;
}

size_t dns_liar_reply(struct span question, const struct addr *wrong, uint8_t ret[static 512])
{
	static const uint8_t answer[] = { 0xc0, 12, 0, DNS_A, 0, 1, 0, 0, 0, 30, 0, 4 };
	size_t n = 12;
	struct dns d;

	if (!dns_decode(question, &d) || d.response || !d.name[0])
		return 0;
	while (n < question.n && question.p[n])         /* dns_decode saw that the first name is whole; no pointers here */
		n += (size_t)question.p[n] + 1;
	n += 5;
	if (n > question.n || n + sizeof(answer) + 4 > 512)
		return 0;
	memcpy(ret, question.p, n);
	ret[2] = 0x85;                                  /* a response, authoritative, recursion as asked */
	ret[3] = 0x80;
	memset(ret + 4, 0, 8);
	ret[5] = 1;
	if (d.type != DNS_A || wrong->family != 4)
		return n;
	ret[7] = 1;
	memcpy(ret + n, answer, sizeof(answer));
	memcpy(ret + n + sizeof(answer), wrong->b, 4);
	return n + sizeof(answer) + 4;
}

int dns_liar_answer(int fd, const struct addr *wrong)
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
		len = dns_liar_reply((struct span){ in, (size_t)n }, wrong, out);
		if (len && sendto(fd, out, len, 0, (struct sockaddr *)&from, from_n) > 0)
			told++;
	}
	return told;
}
