/* SPDX-License-Identifier: Apache-2.0
 *
 * webpage.h - what an HTTP answer says of itself: status, where it sends one, whether it asks for a log-in.
 *
 * In      the bytes of one answer, whole or cut off, hostile.
 * Out     head and body as spans into them. A log-in is asked for by 401 with a challenge, by a field for a password in
 *         the page, or by 470, HomeKit's "pair first".
 * Source  RFC 9112 4, RFC 9110 11.6.1, HTML 4.10.5.1.6 (type=password), HomeKit Accessory Protocol R2 6.7. */
#ifndef PORTS_WEBPAGE_H
#define PORTS_WEBPAGE_H

#include <stdbool.h>

#include "harness/base/span.h"

struct webpage {
	unsigned status;
	struct span head, body;
	char location[256];             /* as it stands, "" = none */
	bool basic, digest, bearer;     /* challenges */
	bool other;                     /* a challenge of another scheme, or 401 without any */
	bool form;                      /* a field for a password */
};
/* False when it is no HTTP answer. */
bool webpage_read(struct span answer, struct webpage *ret);
#endif
