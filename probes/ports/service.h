/* SPDX-License-Identifier: Apache-2.0
 *
 * service.h - what to say to a port nobody knows, and which service an answer gives away.
 *
 * In      the first bytes that came back, hostile; whether over TCP or UDP.
 * Out     the service's usual name, and how it lets people in: "ssh", "telnet", "http_basic" ... are names of a log-in,
 *         "shell" is a prompt that takes commands from anybody, NULL = this answer asks for none.
 * Source  RFC 4253 4.2 (SSH), 854 (telnet), 959 (FTP), 5321 (SMTP), 1939 (POP3), 9051 (IMAP), 7826 (RTSP), 6143 (VNC),
 *         3261 (SIP), OASIS MQTT 3.1.1 3.2, MS-SMB2 2.2, Modbus application protocol 1.1b3, ASHRAE 135 annex J (BACnet),
 *         RFC 7252 (CoAP), 1157 (SNMP), 6762 (mDNS), 1350 (TFTP), 5905 (NTP), UPnP device architecture 1.3.3 (SSDP). */
#ifndef PORTS_SERVICE_H
#define PORTS_SERVICE_H

#include <stdbool.h>

#include "harness/base/span.h"

struct ask {                            /* one thing to say; the table ends with name NULL */
	const char *name;
	struct span bytes;
	uint16_t port[6];               /* where it is said first; 0 ends */
};
extern const struct ask service_asks[];         /* TCP; the first is an HTTP request */
/* UDP: the i-th datagram for this port, those of the protocol that lives there first; false after the last. ret_elsewhere: its
 * answer may come from another port. */
bool service_datagram(unsigned port, size_t i, struct span *ret, bool *ret_elsewhere);
bool service_lives(unsigned port, size_t i);            /* does the i-th belong to what lives on that port? */

struct service { const char *name, *login; };
bool service_tcp(struct span answer, struct service *ret);
bool service_udp(struct span answer, struct service *ret);
/* A second question where the greeting alone does not tell ("220 ready" is FTP or SMTP); NULL = none. */
const char *service_follow_up(const struct service *s, struct span greeting);
/* Answers to Telnet's options: all refused. Returns how many bytes were written. */
size_t service_telnet_refusals(struct span in, uint8_t *buf, size_t room);
bool service_is_ask(const struct ask *a, unsigned port);        /* said first on this port */
#endif
