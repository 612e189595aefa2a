/* SPDX-License-Identifier: Apache-2.0
 *
 * url.h - http and https addresses of a suite or a declaration, taken apart once.
 *
 * In      "https://dut:8443/api/state", "http://[fd77::23]/", "https://www.example/security?a=1".
 * Out     host without brackets, the port said or the scheme's own, the path with its query ("/" when absent).
 * Fails   false: another scheme, user info, a fragment, control characters, spaces, or longer than the bounds.
 * Owns    nothing.   Source RFC 3986, the part a test bench needs. */
#ifndef PROTO_URL_H
#define PROTO_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/err.h"

struct url {
	bool tls;
	char host[256];
	int port;
	char path[2048];
};

bool url_split(const char *text, struct url *ret) MUST_CHECK;
/* The same address with another host (a literal address gets its brackets); false when it does not fit. */
bool url_with_host(const struct url *u, const char *host, char *buf, size_t n) MUST_CHECK;

struct step;
/* Where a URL leads on this bench. The two functions are the probe interface's own step_dut_address and so on,
 * handed in because this folder knows nothing of steps. */
struct url_rules {
	bool (*dut_address)(struct step *st, char ret[static 64]);
	bool (*resolve)(struct step *st, const char *host, char ret[static 64], struct err *err);
	bool (*in_scope)(struct step *st, const char *ip, struct err *err);
};
struct url_target {
	char url[2400];                 /* to ask; host "dut" already replaced by the address */
	char address[64];               /* to connect to; "" = the device has none (an observation) */
	bool dut;                       /* it is the device itself */
};
/* ERR_CONF for a malformed address, ERR_BENCH for one outside the bench's scope. */
bool url_target(struct step *st, const struct url_rules *rules, const char *text, struct url_target *ret,
		struct err *err) MUST_CHECK;
/* The rules every probe hands in (a macro, so that the layers stay apart). */
#define URL_RULES (&(const struct url_rules){ step_dut_address, step_resolve, step_in_scope })
#endif
