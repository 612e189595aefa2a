// SPDX-License-Identifier: Apache-2.0
// The pairing code of a HomeKit accessory: the first four messages of pair setup, which prove the code by SRP. The pairing itself is
// never made: the connection ends after the accessory's proof, and with it the attempt. There is no account.
// Source  HomeKit Accessory Protocol Specification, non-commercial R2, 5.6 (read in open implementations of it).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/proto/fetch.h"
#include "probes/login/srp.h"
#include "probes/login/surface.h"
#include "probes/login/tlv8.h"

enum { TLV_METHOD = 0, TLV_SALT = 2, TLV_PUBLIC_KEY = 3, TLV_PROOF = 4, TLV_STATE = 6, TLV_ERROR = 7, TLV_RETRY_DELAY = 8 };
enum { BACKOFF = 3, WRONG_CODE = 2, MAX_TRIES = 5, UNAVAILABLE = 6, BUSY = 7 };
#define USER "Pair-Setup"

static bool hap_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)s, (void)row, (void)err;
	return true;
}

static void hap_close(struct surface *s)
{
	s->priv = fetch_free(s->priv);
}

/* One message and its answer; *ret is what came, never longer than fetch's bound. */
static bool say(struct surface *s, const struct tlv8 *t, struct fetch_answer *ret, struct err *err)
{
	char url[200];
	const struct fetch_ask ask = { .method = "POST", .url = url, .address = s->to.address, .body = (const char *)t->bytes, .body_n = t->n,
				       .type = "application/pairing+tlv8", .no_verify = true, .timeout_ns = s->timeout_ns };

	snprintf(url, sizeof(url), "%s://dut:%d/pair-setup", s->tls ? "https" : "http", s->port);
	return fetch_do(s->priv, &ask, ret, err);
}

/* What an accessory says instead of going on. */
static void refused(const struct fetch_answer *a, int code, struct answer *ret)
{
	uint8_t delay[8] = { 0 };
	long n = tlv8_get(a->body, a->body_n, TLV_RETRY_DELAY, delay, sizeof(delay));

	ret->reached = code != UNAVAILABLE;
	ret->locked = code == BACKOFF || code == MAX_TRIES;
	ret->broken = code == BUSY;
	if (code == WRONG_CODE)
		ret->says = SAYS_REFUSED;
	if (code == BACKOFF && n > 0)
		ret->retry_ns = SEC((int64_t)(delay[0] | delay[1] << 8));
	snprintf(ret->text, sizeof(ret->text), "%s", code == WRONG_CODE ? "the code is wrong" : code == BACKOFF ? "wait before the next try" :
		 code == MAX_TRIES ? "no more tries: it is locked until it is reset" : code == UNAVAILABLE ? "it is paired already, and takes no code" :
		 code == BUSY ? "busy with another pairing" : "an error without a name");
}

/* The answer to message `state`; false: it ended here, and ret says how. */
static bool goes_on(const struct fetch_answer *a, uint8_t state, struct answer *ret)
{
	uint8_t said = 0, code = 0;

	ret->status = a->status;
	ret->closed = a->closed;
	if (!a->reached) {
		snprintf(ret->text, sizeof(ret->text), "%.190s", a->why);
	} else if (a->status == 429 || a->status == 470) {      /* HAP 6.7.1: too many, or not here */
		snprintf(ret->text, sizeof(ret->text), "status %d", a->status);
		ret->locked = ret->reached = a->status == 429;
	} else if (tlv8_get(a->body, a->body_n, TLV_STATE, &said, 1) != 1) {
		snprintf(ret->text, sizeof(ret->text), "no pair setup there: status %d", a->status);
	} else if (tlv8_get(a->body, a->body_n, TLV_ERROR, &code, 1) == 1) {
		refused(a, code, ret);
	} else if (said != state) {
		snprintf(ret->text, sizeof(ret->text), "message %u where %u was due", said, state);
	} else {
		return true;
	}
	return false;
}

static bool begin(struct surface *s, struct fetch_answer *ret, struct err *err)
{
	struct tlv8 t = { .n = 0 };
	struct fetch *f = NULL;

	hap_close(s);
	if (!fetch_new(&f, err))
		return false;
	s->priv = f;                    /* all messages go over one connection, and the next try over another */
	return ((tlv8_add(&t, TLV_STATE, "\1", 1) && tlv8_add(&t, TLV_METHOD, "\0", 1)) || err_set(err, ERR_LIMIT, "pair setup")) &&
	       say(s, &t, ret, err);
}

static bool prove(struct surface *s, const struct srp_proof *p, struct fetch_answer *ret, struct err *err)
{
	struct tlv8 t = { .n = 0 };

	return ((tlv8_add(&t, TLV_STATE, "\3", 1) && tlv8_add(&t, TLV_PUBLIC_KEY, p->a, sizeof(p->a)) &&
		 tlv8_add(&t, TLV_PROOF, p->proof, sizeof(p->proof))) || err_set(err, ERR_LIMIT, "pair setup")) &&
	       say(s, &t, ret, err);
}

static bool hap_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	uint8_t salt[64], b[SRP_GROUP], theirs[SRP_HASH];
	struct fetch_answer a;
	struct srp_proof p;
	long salt_n, b_n;

	(void)user;
	if (!begin(s, &a, err))
		return false;
	if (!goes_on(&a, 2, ret))
		return true;
	salt_n = tlv8_get(a.body, a.body_n, TLV_SALT, salt, sizeof(salt));
	b_n = tlv8_get(a.body, a.body_n, TLV_PUBLIC_KEY, b, sizeof(b));
	if (salt_n <= 0 || b_n <= 0 || !srp_prove(USER, secret, salt, (size_t)salt_n, b, (size_t)b_n, &p)) {
		snprintf(ret->text, sizeof(ret->text), "no salt, or no public key");
		return true;
	}
	if (!prove(s, &p, &a, err))
		return false;
	if (!goes_on(&a, 4, ret))
		return true;
	ret->reached = true;
	if (tlv8_get(a.body, a.body_n, TLV_PROOF, theirs, sizeof(theirs)) == SRP_HASH && !memcmp(theirs, p.theirs, SRP_HASH))
		ret->says = SAYS_GRANTED;
	snprintf(ret->text, sizeof(ret->text), "%s", ret->says == SAYS_GRANTED ? "it proves that it knows the code, too" : "no proof, and no refusal");
	return true;
}

const struct surface_type surface_hap = { "hap", TARGET_PORT, hap_load, hap_attempt, hap_close, true };
