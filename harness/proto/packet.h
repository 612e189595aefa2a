/* SPDX-License-Identifier: Apache-2.0
 *
 * packet.h - one Ethernet frame down to the transport payload, and the answers of a DNS message.
 *
 * In      bytes as captured; anything may be cut off, padded or wrong.
 * Out     the deepest layer that was whole; spans point into the frame. IPv4 length trims Ethernet padding.
 * Bound   two VLAN tags, eight IPv6 extension headers, DNS names of 255 characters, 64 records.
 * Source  IEEE 802.1Q, RFC 791, 8200, 9293, 768, 1035. */
#ifndef PROTO_PACKET_H
#define PROTO_PACKET_H

#include "harness/base/span.h"

#define ADDR_TEXT 46                    /* INET6_ADDRSTRLEN */

struct addr { uint8_t family; uint8_t b[16]; }; /* family 4 or 6, 0 = none; unused bytes are zero */

bool addr_parse(const char *text, struct addr *ret);            /* "203.0.113.1", "fd77::1" */
const char *addr_text(const struct addr *a, char buf[static ADDR_TEXT]);        /* returns buf */
bool addr_same(const struct addr *a, const struct addr *b);
/* Is `a` in "203.0.113.0/24" (or a single address)? False for malformed text too. */
bool addr_within(const struct addr *a, const char *cidr);
bool addr_is_group(const struct addr *a);               /* multicast, or 255.255.255.255 */

enum packet_layer { PACKET_NONE, PACKET_ETHER, PACKET_IP, PACKET_TRANSPORT };
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58 };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct packet {
	enum packet_layer layer;
	uint8_t mac_to[6], mac_from[6];
	uint16_t ethertype;             /* after VLAN tags */
	uint16_t vlan;                  /* outer tag, 0 = none */
	struct addr from, to;           /* PACKET_IP; for ARP the two protocol addresses */
	uint16_t arp_op;                /* 1 asks, 2 answers */
	uint8_t proto, hops;            /* IP_*; TTL */
	bool fragment;                  /* later fragment: no ports */
	uint16_t sport, dport;          /* PACKET_TRANSPORT, TCP and UDP */
	uint32_t seq, ack;
	uint8_t flags;
	uint8_t icmp_type, icmp_code;   /* PACKET_TRANSPORT, ICMP and ICMPv6 */
	struct span payload;            /* of the deepest whole layer */
};

/* False when there is not even an Ethernet header. */
bool packet_decode(struct span frame, struct packet *ret);

/* ---- DNS ---- */
#define DNS_NAME 256
#define DNS_RECORDS 64
enum { DNS_A = 1, DNS_CNAME = 5, DNS_PTR = 12, DNS_TXT = 16, DNS_AAAA = 28, DNS_SRV = 33 };

struct dns_record { char name[DNS_NAME]; uint16_t type; uint32_t ttl; struct addr addr; struct span data; };
struct dns {
	uint16_t id;
	bool response;
	uint8_t rcode;
	char name[DNS_NAME];            /* first question, lower case, no final dot; "" = none */
	uint16_t type;
	unsigned n;                     /* answers that could be read */
	struct dns_record answer[DNS_RECORDS];
	bool cut;                       /* there was more than could be read or kept */
};
/* False when the header or the question is not whole. Odd characters in names become '?'. */
bool dns_decode(struct span message, struct dns *ret);
#endif
