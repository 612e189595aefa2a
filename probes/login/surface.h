/* SPDX-License-Identifier: Apache-2.0
 *
 * surface.h - one place where the device lets itself be logged into, and one try at it.
 *
 * In      a row of declared.auth.surface:
 *           {name, kind: http_basic, url}
 *           {name, kind: http_form|http_json, url, user_field: user, password_field: password, method: POST}
 *           {name, kind: http_digest, url}
 *           {name, kind: http_page, url}                                    a page with a form, which is found by itself
 *           {name, kind: ssh|telnet|mqtt|ftp|smtp|pop3|imap, port, tls: bool (not ssh)}      (`type` is understood too)
 *           {name, kind: ftp|smtp|pop3|imap, port, starttls: true}          TLS is begun on the connection, and then they log in
 *           {name, kind: rtsp, port, path: /stream}
 *           {name, kind: snmp, port: 161, version: 1|2c|3, auth: md5|sha}   a password is a community, or that of a user (3)
 *           {name, kind: coap, port: 5684}                                  DTLS with a pre-shared key: user is its identity
 *           {name, kind: hap, port: 51826}                                  pair setup of a HomeKit accessory; secret: 123-45-679
 *           {name, kind: serial, line: serial.console}                      a log-in prompt on a line of the bench
 *         and for any of them `user` (the only account the surface knows), `locked` (an extended regular expression:
 *         answers that mean "locked"), `timeout` (for one answer, "2s"), `ca`. `secret` of the row, where one is
 *         declared, is the control of kinds that refuse by silence (snmp).
 * Out     an answer: what the device said, reduced to a shape that can be compared. No judgement here except where
 *         the protocol itself says granted or refused (SSH, MQTT, HTTP 401): see offer.h.
 * Fails   ERR_CONF for a malformed row, ERR_BENCH outside the scope, ERR_OS for us. */
#ifndef LOGIN_SURFACE_H
#define LOGIN_SURFACE_H

#include <jansson.h>
#include <regex.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/proto/url.h"

struct answer {
	bool reached;                   /* the log-in was put and answered */
	bool closed;                    /* not reached: nothing listens there */
	bool locked;                    /* it says so itself: 429, 423, Retry-After, or the row's pattern */
	int64_t retry_ns;               /* wait asked for; -1 = not said */
	enum { SAYS_NOTHING, SAYS_REFUSED, SAYS_GRANTED } says;         /* by the protocol's own rules */
	bool broken;                    /* the device failed inside (5xx): neither refused nor granted */
	int status;                     /* HTTP status, MQTT return code; 0 = none */
	uint64_t head, body;            /* shapes: equal = the same kind of answer */
	uint64_t raw;                   /* the body's, with what was offered left in: the page may hold that word anyway */
	int64_t begin_ns, end_ns;
	char text[200];                 /* for people */
};

struct surface;
enum surface_target { TARGET_URL, TARGET_PORT, TARGET_LINE };
struct surface_type {
	const char *type;
	enum surface_target target;
	bool (*load)(struct surface *s, const json_t *row, struct err *err);
	bool (*attempt)(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err);
	void (*close)(struct surface *s);
	bool alone;                     /* never two at once: one line, or a library that keeps state */
};

struct surface {
	char name[64];
	const struct surface_type *type;
	struct url_target to;           /* HTTP: all; others: address only */
	int port;
	struct step *st;                /* of the verb that opened it: for those that use a line of the bench */
	bool tls, starttls;
	char user[128];                 /* "" = any */
	char method[16], user_field[64], password_field[64], ca[512];
	bool has_locked;
	regex_t locked;
	int64_t timeout_ns;
	void *priv;                     /* of the type: a session */
};

extern const struct surface_type surface_http_basic, surface_http_form, surface_http_json, surface_http_digest, surface_http_page,
	surface_ssh, surface_telnet, surface_mqtt, surface_ftp, surface_smtp, surface_pop3, surface_imap, surface_rtsp, surface_snmp,
	surface_serial, surface_coap, surface_hap;

struct step;
bool surface_open(struct step *st, const struct url_rules *rules, const json_t *row, struct surface **ret,
		  struct err *err) MUST_CHECK;
struct surface *surface_close(struct surface *s);       /* NULL is fine; returns NULL */
/* One try. A surface with a fixed account uses that one. */
bool surface_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err) MUST_CHECK;

/* For the types: a shape of text that changes with nothing but its kind. `out` (what was offered) is cut away, runs
 * of digits and of hex count as one. */
uint64_t surface_shape(const char *text, size_t n, const char *const out[2]);
/* The row's `key` as text into buf, or the fallback; ERR_CONF when it is something else or too long. */
bool surface_text(const json_t *row, const char *key, const char *fallback, char *buf, size_t n, struct err *err) MUST_CHECK;
#endif
