/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.h - one function of a declared interface, and one try at it. See api.h for the row it is read from. */
#ifndef API_ENDPOINT_H
#define API_ENDPOINT_H

#include "probes/api/api.h"

struct endpoint {
	const char *name, *method, *url, *body, *type, *right, *shows;
	const json_t *states;           /* in which somebody has the right; NULL = all */
	char value[2][API_TEXT];
	int next;                       /* the value that is not there now */
	bool writes;                    /* has an effect; else it shows something */
	bool ends;                      /* with its effect this state of the device is over: tried last */
	bool held;                      /* who has the right was seen to have it */
	int status;                     /* what he was answered */
	regex_t re;                     /* of shows */
	struct url_target to;
	struct effect effect;
	char now[API_TEXT];             /* what its effect shows now */
	bool known;
};

/* What one try did. */
struct outcome { enum api_says says; bool shown, changed; int status; int64_t begin_ns, end_ns; };

bool endpoint_open(struct api *a, const json_t *row, struct endpoint *ret, struct err *err) MUST_CHECK;
void endpoint_close(struct endpoint *e);
bool endpoint_in(const json_t *states, const char *state);      /* both may be absent: then yes */
bool endpoint_look(struct api *a, struct endpoint *e, struct err *err) MUST_CHECK;      /* into now and known */
/* `with` says what differs from the plain request. Effects are not looked at: see endpoint_watch(). */
bool endpoint_try(struct api *a, struct endpoint *e, const struct api_request *with, struct api_account *who, struct outcome *ret,
		  struct err *err) MUST_CHECK;
/* Awaits a change; when there was one, the other value is the next. */
bool endpoint_watch(struct api *a, struct endpoint *e, bool *ret_changed, struct err *err) MUST_CHECK;
#endif
