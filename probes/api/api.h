/* SPDX-License-Identifier: Apache-2.0
 *
 * api.h - what a device lets itself be asked over HTTP, who may ask, and how one sees that it took effect.
 *
 * In      declared.interface.api:
 *           accounts:  [{right, user, password | token | login: {url, body, find, as}}], from the lowest right to the highest
 *           endpoints: [{name, url, method, body with ${value}, values: [a, b], right, states, shows, effect, ends}]
 *           refusal:   what an answer says that is a refusal although its status is a success
 *         An endpoint is READ (`shows`: what stands in an answer that shows what is protected) or WRITTEN (`effect`: where its
 *         effect is seen, and two values, so that every try would change something).
 * Owns    one HTTP session for each account and one for strangers: nobody rides on another's connection.
 * Fails   ERR_CONF for a malformed row, ERR_BENCH outside the scope, ERR_OS for us. What the device says is never an error. */
#ifndef API_API_H
#define API_API_H

#include <regex.h>

#include "harness/probe.h"
#include "harness/proto/fetch.h"
#include "harness/proto/url.h"

enum { API_ACCOUNTS = 8, API_TEXT = 256 };

struct api_account {
	const char *right, *user, *password, *token;    /* NULL = not that way */
	const json_t *login;            /* a log-in of its own, of which a token comes */
	char header[700];               /* what the token is sent as; "" = not logged in */
	bool proven;                    /* it was let in somewhere: its refusals say something */
	struct fetch *fetch;
};

struct api {
	struct step *st;
	struct api_account account[API_ACCOUNTS];
	size_t accounts;
	struct fetch *strangers;
	bool has_refusal;
	regex_t refusal;
	int64_t timeout_ns, patience_ns;        /* patience: left for waiting out locks */
};

/* One request. `who` NULL = a stranger, who may bring an account's name with a wrong password, or a token of his own. */
struct api_request {
	const char *method, *url, *body, *type, *header;
	const struct url_target *to;    /* its address and whether it is the device */
	const char *user, *password, *token;
};

bool api_open(struct step *st, const json_t *declared, struct api *ret, struct err *err) MUST_CHECK;
void api_close(struct api *a);          /* zeroed is fine */
struct api_account *api_account(struct api *a, const char *right);      /* NULL = nobody has that right */
/* Waits out locks as long as patience lasts; the answer is then still the lock. */
bool api_ask(struct api *a, const struct api_request *q, struct api_account *who, struct fetch_answer *ret, struct err *err) MUST_CHECK;

enum api_says { API_SILENT, API_REFUSED, API_LOCKED, API_BROKEN, API_TAKEN };
enum api_says api_says(const struct api *a, const struct fetch_answer *f);      /* TAKEN: 2xx that is no declared refusal */

/* Rows of a declaration. A missing key gives the fallback; ERR_CONF when it is no text, or missing without a fallback. */
bool api_text(const json_t *row, const char *key, const char *fallback, const char **ret, struct err *err) MUST_CHECK;
bool api_time(const json_t *row, const char *key, int64_t fallback_ns, int64_t *ret_ns, struct err *err) MUST_CHECK;

/* ---- effect.c: what the device does, as a text that changes when it does something else ---- */
struct effect {
	enum effect_kind { EFFECT_NONE, EFFECT_URL, EFFECT_PIN, EFFECT_CONSOLE } kind;
	const char *what;               /* url, pin or pattern */
	const char *line;               /* of the bench; URL: NULL */
	struct url_target to;
	struct api_account *reader;     /* NULL = a stranger */
	struct api_account own;         /* of this effect alone: its user and password */
	regex_t find;                   /* URL, CONSOLE */
	int64_t within_ns;              /* how long it may take */
};
/* {url, find, by: RIGHT | user, password}, {pin, line} or {console, line}; and `within`. NULL row: EFFECT_NONE. */
bool effect_open(struct api *a, const json_t *row, struct effect *ret, struct err *err) MUST_CHECK;
void effect_close(struct effect *e);
/* *ret_known false: it cannot be seen now, and text says why. */
bool effect_read(struct api *a, struct effect *e, char text[static API_TEXT], bool *ret_known, struct err *err) MUST_CHECK;
/* Reads until it differs from `before` or the effect's time is over; `now` is what was read last. */
bool effect_await(struct api *a, struct effect *e, const char *before, char now[static API_TEXT], bool *ret_known, bool *ret_changed,
		  struct err *err) MUST_CHECK;

/* ---- spell.c: other ways of asking for the same, which a careless check does not know ---- */
struct spelling { const char *name, *method; char header[64], url[2400]; };
/* The i-th of all; false: there are no more. url "": this one does not fit the request. header "": none. */
bool spell(unsigned i, const char *method, const char *url, struct spelling *ret);

/* ---- the verbs ---- */
bool api_matrix(struct step *st, struct err *err);      /* matrix.c */
bool api_effect(struct step *st, struct err *err);      /* replay.c */
bool api_send(struct step *st, struct err *err);
bool api_record(struct step *st, struct err *err);
bool api_replay(struct step *st, struct err *err);
bool api_session(struct step *st, struct err *err);     /* session.c */
#endif
