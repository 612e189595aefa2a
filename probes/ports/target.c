/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/target.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/base/cleanup.h"

bool target_parse(const char *text, unsigned port, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a;

	if (getaddrinfo(text, NULL, &hint, &a))         /* knows fe80::1%lan0, which inet_pton does not */
		return false;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret, a->ai_addr, a->ai_addrlen);
	*ret_n = a->ai_addrlen;
	freeaddrinfo(a);
	((struct sockaddr_in *)ret)->sin_port = htons((uint16_t)port);          /* sin6_port lies at the same place */
	return true;
}

int target_bare(const char *text)
{
	return (int)strcspn(text, "%");
}

bool target_routed(const char *text)
{
	struct sockaddr_storage to;
	socklen_t n;
	CLEANUP(close_fd) int fd = -1;

	if (!target_parse(text, 9, &to, &n))
		return false;
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && !connect(fd, (struct sockaddr *)&to, n);
}
