/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_http.h - what the HTTP kinds share: a session of their own, and one exchange read as an answer. */
#ifndef LOGIN_SURFACE_HTTP_H
#define LOGIN_SURFACE_HTTP_H

#include "harness/proto/fetch.h"
#include "probes/login/surface.h"

struct http {
	struct fetch *fetch;
	struct fetch_answer answer;     /* the last one */
	void *more;                     /* of the kind; freed with it */
};
bool http_load(struct surface *s, const json_t *row, struct err *err) MUST_CHECK;
void http_close(struct surface *s);
/* Address, method, certificates and time are the surface's unless ask says others; all of ret but the shapes is filled in. */
bool http_exchange(struct surface *s, struct fetch_ask *ask, struct answer *ret, struct err *err) MUST_CHECK;
#endif
