/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq.h - the configuration of the device's network services: what dnsmasq is told.
 *
 * DHCP gives router, name server and an address of the range, at once (authoritative, no ping first). DNS answers the
 * bench's hosts and nothing else: no upstream, no files of this machine; other names do not exist. Router
 * advertisements name an IPv6 prefix.
 * Fails   ERR_CONF when a host's name or address has a form that dnsmasq would read as something else. */
#ifndef SERVICE_DNSMASQ_H
#define SERVICE_DNSMASQ_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"

struct lan {
	const char *interface;
	const char *first, *last;       /* of the DHCP range */
	const char *router;             /* router and name server */
	const char *prefix;             /* /64; NULL = no router advertisements */
	int64_t lease_ns;               /* dnsmasq makes less than 2 min two minutes */
	const char *leases;             /* file */
};

/* hosts: map name -> IPv4 or IPv6 address (or NULL). malloc'd text of a configuration file. */
bool dnsmasq_config(const struct lan *lan, const json_t *hosts, char **ret, struct err *err) MUST_CHECK;
#endif
