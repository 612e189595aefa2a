/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch.h - one bounded HTTP exchange after another, over kept-alive connections (libcurl).
 *
 * Bounds  body FETCH_BODY_MAX bytes unless more is asked for (the rest is left unread), header values, time as asked.
 * Owns    the answer's body stays the session's: valid until its next exchange.
 * Never   follows redirects, uses a proxy, asks DNS (the address is given), speaks anything but http and https.
 * Fails   only for us: no memory, no descriptors, a malformed request. No answer, a refused connection, a TLS
 *         alert are observations: reached = false and why says what happened. */
#ifndef PROTO_FETCH_H
#define PROTO_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define FETCH_BODY_MAX 65536
#define FETCH_BODY_MOST (16u << 20)

struct fetch_ask {                      /* all borrowed; zero-initialise */
	const char *method;             /* NULL = GET */
	const char *url;
	const char *address;            /* connect there, whatever the URL's host says */
	const char *user, *password;    /* HTTP Basic, sent at once; NULL = none */
	bool digest;                    /* HTTP Digest instead, when asked for it */
	const char *header;             /* one more, "Name: value"; NULL = none */
	const char *token;              /* Authorization: Bearer */
	const char *body, *type;        /* NULL = none; type NULL = application/json */
	size_t body_n;                  /* 0 = strlen(body) */
	const char *ca;                 /* PEM file; NULL = the system's */
	bool no_verify;                 /* the device's own certificate */
	bool no_name;                   /* the certificate need not hold the host name */
	bool fresh;                     /* a new connection */
	enum { FETCH_NO_COOKIES, FETCH_COOKIES, FETCH_COOKIES_NEW } cookies;    /* kept from one exchange to the next; NEW: forgets them first */
	size_t body_max;                /* 0 = FETCH_BODY_MAX; at most FETCH_BODY_MOST */
	int64_t timeout_ns;             /* 0 = 5 s */
};

struct fetch_answer {
	bool reached;                   /* an HTTP answer came */
	int status;
	const char *body;               /* borrowed, terminated, never NULL; may hold NUL bytes before */
	size_t body_n;
	bool cut;                       /* more came than fits */
	bool verified;                  /* https, and the certificate was checked and accepted */
	bool closed;                    /* not reached: the connection was refused, nothing listens there */
	bool bad_certificate;           /* not reached, because the certificate was refused */
	bool cookie;                    /* the answer sets a cookie */
	char location[512];
	char challenge[1024];           /* values of WWW-Authenticate, each ended by a line feed */
	int64_t retry_after_ns;         /* -1 = not said */
	int64_t begin_ns, end_ns;       /* monotonic */
	char why[256];                  /* reached = false: what happened */
};

struct fetch;
/* What the libraries set up once in a process; done by the first fetch_new() otherwise. A process that will fork many
 * others does it for all of them. */
bool fetch_start(struct err *err) MUST_CHECK;
bool fetch_new(struct fetch **ret, struct err *err) MUST_CHECK;
struct fetch *fetch_free(struct fetch *f);      /* NULL is fine; returns NULL */
bool fetch_do(struct fetch *f, const struct fetch_ask *ask, struct fetch_answer *ret, struct err *err) MUST_CHECK;

/* "120" or an HTTP date -> ns to wait from `wall_now_s` on; -1 when it is neither. Bounded to a day. */
int64_t fetch_retry_after(const char *value, int64_t wall_now_s);
#endif
