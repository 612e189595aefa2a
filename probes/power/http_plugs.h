/* SPDX-License-Identifier: Apache-2.0
 *
 * http_plugs.h - what sockets with a web interface are asked, as data. A request is "METHOD PATH" and perhaps " BODY";
 * {n} is the outlet as the line counts it, {i} one less, {pdu} the name of what it belongs to. */
#ifndef PROBES_POWER_HTTP_PLUGS_H
#define PROBES_POWER_HTTP_PLUGS_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/err.h"

struct http_plug {
	const char *name;
	const char *on, *off, *get;             /* get NULL: it cannot be asked */
	/* Where the answer to `get` holds the state: keys and indices with '/' between, "ID=3" the element of a list that has it,
	 * "" the whole answer; several with '|' between, the first that is there counts. NULL: says_* are POSIX EREs on the text. */
	const char *json;
	const char *says_on, *says_off;         /* the value there as text, in any case */
	const char *type, *header;              /* of requests with a body; NULL = JSON, none */
	bool digest;
};
extern const struct http_plug http_plugs[];     /* ends with a NULL name */
extern const char *const http_plug_names[];     /* and "free" */

#define HTTP_NAME_MAX 63
#define HTTP_NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* Pattern with {n}, {i} and {pdu} filled in. ERR_CONF when it does not fit, or {pdu} is asked for and pdu is "". */
bool http_fill(const char *pattern, int n, const char *pdu, char *buf, size_t room, struct err *err) MUST_CHECK;
/* What the answer says. ERR_BENCH: nothing clear. `json` filled in; p->says_*. */
bool http_state(const struct http_plug *p, const char *json, const char *body, bool *ret_on, struct err *err) MUST_CHECK;
#endif
