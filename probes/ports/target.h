/* SPDX-License-Identifier: Apache-2.0
 *
 * target.h - an address of the device for a socket: "192.168.77.23", "fd77::23", "fe80::1%lan0". */
#ifndef PORTS_TARGET_H
#define PORTS_TARGET_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for what is no such address. */
bool target_parse(const char *text, unsigned port, struct sockaddr_storage *ret, socklen_t *ret_n);
/* How many characters of it are the address itself, without its interface. */
int target_bare(const char *text);
/* Does this host know a way there? */
bool target_routed(const char *text);
#endif
