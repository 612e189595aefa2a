/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/mud/peers.h"

/* A domain name as YANG's inet:domain-name takes it: it came from the device, and ends in a file that others believe. */
static bool is_name(const char *s)
{
	size_t len = strlen(s), label = 0;

	for (size_t i = 0; i <= len; i++) {
		const bool end = !s[i] || s[i] == '.';

		if (end && (!label || label > 63 || !isalnum((unsigned char)s[i - 1]) || s[i - label] == '-'))
			return false;
		if (!end && !isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
		label = end ? 0 : label + 1;
	}
	return len > 0 && len <= 253;
}

/* An address of a network like the bench's own means nothing elsewhere. */
static bool is_local4(const struct in_addr *a)
{
	const uint32_t n = ntohl(a->s_addr);

	return n >> 24 == 10 || n >> 20 == 0xac1 || n >> 16 == 0xc0a8 || n >> 16 == 0xa9fe || n >> 24 == 127;
}

static bool is_local6(const struct in6_addr *a)
{
	return (a->s6_addr[0] & 0xfe) == 0xfc || (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80);
}

static void place(struct peer *p)
{
	struct in_addr v4;
	struct in6_addr v6;
	bool local = !strcmp(p->host, "router");

	p->kind = PEER_NAME;
	if (inet_pton(AF_INET, p->host, &v4) == 1) {
		p->kind = PEER_IPV4;
		local = is_local4(&v4);
	} else if (inet_pton(AF_INET6, p->host, &v6) == 1) {
		p->kind = PEER_IPV6;
		local = is_local6(&v6);
	}
	if (local) {
		p->kind = PEER_LOCAL;
		p->host[0] = '\0';
	}
}

/* What every network grants: RFC 8520 section 8 (name service, time), and DHCP. */
static bool granted(const char *host, unsigned port)
{
	return (!strcmp(host, "router") && (port == 53 || port == 123)) || port == 67 || port == 547;
}

bool peer_parse(const char *text, struct peer *ret, const char **ret_why)
{
	const char *slash = strrchr(text, '/'), *colon = NULL;
	const bool bracket = text[0] == '[';
	size_t n;
	char *end;

	*ret = (struct peer){ 0 };
	*ret_why = "no host, port and protocol";
	for (const char *c = text; slash && c < slash; c++)
		colon = *c == ':' ? c : colon;
	if (!colon || (strcmp(slash, "/tcp") && strcmp(slash, "/udp")) || !isdigit((unsigned char)colon[1]))
		return false;
	ret->tcp = slash[1] == 't';
	ret->port = (unsigned)strtoul(colon + 1, &end, 10);
	n = (size_t)(colon - text) - (bracket ? 2 : 0);
	if (end != slash || slash - colon > 6 || ret->port > 65535 || (size_t)(colon - text) < 2 || n >= sizeof(ret->host) || (bracket && colon[-1] != ']'))
		return false;
	memcpy(ret->host, text + bracket, n);
	*ret_why = "every network grants this to every device";
	if (!ret->tcp && granted(ret->host, ret->port))
		return false;
	place(ret);
	*ret_why = "no name or address that a MUD file can hold";
	return ret->kind != PEER_NAME || is_name(ret->host);
}
