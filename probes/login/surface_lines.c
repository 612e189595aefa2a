/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_lines.c - log-ins that are a line or two and a reply: FTP, SMTP, POP3, IMAP. The connection is kept for the next try
 * as long as the server keeps it.
 * Source  FTP: RFC 959 4.2.2 (230, 331, 530), RFC 4217 (534 protection required). SMTP: RFC 4954 4 (235, 535, 454, 538), RFC 4616.
 *         POP3: RFC 1939 7, RFC 2449 8 (LOGIN-DELAY, IN-USE), RFC 3206 (SYS/TEMP). IMAP: RFC 9051 6.2.3, RFC 5530 (UNAVAILABLE,
 *         PRIVACYREQUIRED). */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/login/reply.h"
#include "probes/login/surface.h"

struct talk;
struct protocol {
	enum reply_style style;
	bool (*greet)(struct talk *t, struct answer *ret);      /* after the connection; false: nothing can be offered */
	void (*offer)(struct talk *t, const char *user, const char *secret, struct answer *ret);
};
struct talk {
	struct wire w;
	struct reply r;
	const struct protocol *p;
	int64_t patience_ns;
	unsigned tag;                   /* IMAP: number of the last command */
	bool plain;                     /* SMTP: AUTH PLAIN, else LOGIN */
	bool used;                      /* the connection has already served a try */
	uint8_t in[512];                /* read, not yet looked at */
	size_t in_at, in_n;
};

/* ---- lines out, replies in ---- */
static bool hear(struct talk *t, const char *tag)
{
	int64_t until = clock_ns() + t->patience_ns;
	ssize_t got;

	for (reply_begin(&t->r, t->p->style, tag);;) {
		while (t->in_at < t->in_n)
			if (reply_take(&t->r, t->in[t->in_at++]))
				return t->r.whole;
		got = wire_take(&t->w, t->in, sizeof(t->in), until - clock_ns());
		if (got <= 0)
			return false;
		t->in_at = 0;
		t->in_n = (size_t)got;
	}
}

__attribute__((format(printf, 2, 3))) static bool ask(struct talk *t, const char *format, ...)
{
	char line[900], tag[8] = "";
	va_list ap;
	int n = 0;

	if (t->p->style == REPLY_TAGGED) {
		snprintf(tag, sizeof(tag), "a%u", ++t->tag % 100000);
		n = snprintf(line, sizeof(line), "%s ", tag);
	}
	va_start(ap, format);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 3)
		return false;
	memcpy(line + n, "\r\n", 2);
	return wire_send(&t->w, line, (size_t)n + 2) && hear(t, tag);
}

static void told(struct talk *t, struct answer *ret)
{
	ret->reached = true;
	ret->status = t->r.code;
	ret->head = (uint64_t)t->r.code;
	snprintf(ret->text, sizeof(ret->text), "%.190s", t->r.last);
}

static void not_put(const struct talk *t, struct answer *ret, const char *why)
{
	ret->reached = false;
	snprintf(ret->text, sizeof(ret->text), "%s%s%.150s", why, t->r.whole ? ": " : "", t->r.whole ? t->r.last : "");
}

/* ---- FTP ---- */
static bool ftp_greet(struct talk *t, struct answer *ret)
{
	if (t->r.code == 220)
		return true;
	told(t, ret);
	ret->locked = t->r.code == 421;         /* service not available: too many, or come again later */
	ret->reached = ret->locked;
	return false;
}

static void ftp_offer(struct talk *t, const char *user, const char *secret, struct answer *ret)
{
	if (!ask(t, "USER %s", user)) {
		not_put(t, ret, "no answer to USER");
		return;
	}
	if (t->r.code == 331 && !ask(t, "PASS %s", secret)) {
		not_put(t, ret, "no answer to PASS");
		return;
	}
	told(t, ret);
	if (t->r.code == 230 || t->r.code == 202 || t->r.code == 232 || t->r.code == 332)       /* 332: it held, and an account is asked for */
		ret->says = SAYS_GRANTED;
	else if (t->r.code == 530 || (t->r.code == 503 && !user[0]))    /* 503: nobody has an empty name there */
		ret->says = SAYS_REFUSED;
	ret->locked = t->r.code == 421;
	if (ret->says != SAYS_NOTHING)
		return;
	if (t->r.code == 534 || t->r.code == 533 || t->r.code == 503)
		not_put(t, ret, "not taken here");
}

/* ---- SMTP ---- */
static bool smtp_greet(struct talk *t, struct answer *ret)
{
	if (t->r.code == 421) {
		told(t, ret);
		ret->locked = true;
		return false;
	}
	if (t->r.code != 220 || !ask(t, "EHLO jusan.test") || t->r.code != 250) {
		not_put(t, ret, "no ESMTP");
		return false;
	}
	t->plain = reply_has(&t->r, "PLAIN");
	if (t->plain || reply_has(&t->r, "LOGIN"))
		return true;
	not_put(t, ret, "no AUTH PLAIN or LOGIN is offered");
	return false;
}

static bool base64(const char *text, size_t n, char *ret, size_t room)
{
	return 4 * ((n + 2) / 3) < room && EVP_EncodeBlock((unsigned char *)ret, (const unsigned char *)text, (int)n) >= 0;
}

static bool smtp_auth(struct talk *t, const char *user, const char *secret)
{
	char both[300], a[420], b[420];
	int n;

	if (t->plain) {
		n = snprintf(both, sizeof(both), "%c%s%c%s", 0, user, 0, secret);
		return n < (int)sizeof(both) && base64(both, (size_t)n, a, sizeof(a)) && ask(t, "AUTH PLAIN %s", a);
	}
	if (!base64(user, strlen(user), a, sizeof(a)) || !base64(secret, strlen(secret), b, sizeof(b)) || !ask(t, "AUTH LOGIN"))
		return false;
	if (t->r.code == 334 && !ask(t, "%s", a))
		return false;
	return t->r.code != 334 || ask(t, "%s", b);
}

static void smtp_offer(struct talk *t, const char *user, const char *secret, struct answer *ret)
{
	if (!smtp_auth(t, user, secret)) {
		not_put(t, ret, "no answer to AUTH");
		return;
	}
	told(t, ret);
	if (t->r.code == 235)
		ret->says = SAYS_GRANTED;
	else if (t->r.code == 535)
		ret->says = SAYS_REFUSED;
	ret->locked = t->r.code == 421 || t->r.code == 454;
	if (t->r.code == 538 || t->r.code == 530 || (t->r.code >= 500 && t->r.code <= 504 && t->r.code != 501))
		not_put(t, ret, "not taken here");
}

/* ---- POP3 ---- */
static bool pop3_greet(struct talk *t, struct answer *ret)
{
	if (t->r.code == REPLY_YES)
		return true;
	told(t, ret);
	ret->reached = ret->locked = reply_has(&t->r, "LOGIN-DELAY") || reply_has(&t->r, "SYS/TEMP");
	return false;
}

static void pop3_offer(struct talk *t, const char *user, const char *secret, struct answer *ret)
{
	bool asked = ask(t, "USER %s", user);

	if (asked && t->r.code == REPLY_YES)
		asked = ask(t, "PASS %s", secret);
	if (!asked) {
		not_put(t, ret, "no answer");
		return;
	}
	told(t, ret);
	ret->locked = t->r.code == REPLY_NO && (reply_has(&t->r, "LOGIN-DELAY") || reply_has(&t->r, "SYS/TEMP"));
	if (t->r.code == REPLY_YES || (t->r.code == REPLY_NO && reply_has(&t->r, "IN-USE")))    /* in use: told after the password only */
		ret->says = SAYS_GRANTED;
	else if (t->r.code == REPLY_NO)
		ret->says = SAYS_REFUSED;
}

/* ---- IMAP ---- */
static bool imap_greet(struct talk *t, struct answer *ret)
{
	if (t->r.code == REPLY_YES)
		return true;
	told(t, ret);
	ret->reached = t->r.code == REPLY_PREAUTH;      /* nobody needs to log in */
	if (ret->reached)
		ret->says = SAYS_GRANTED;
	return false;
}

/* A quoted string; false: it cannot be one (line breaks). */
static bool quoted(const char *text, char *ret, size_t room)
{
	size_t n = 0;

	for (ret[n++] = '"'; *text && n + 3 < room; text++) {
		if (*text == '\r' || *text == '\n')
			return false;
		if (*text == '"' || *text == '\\')
			ret[n++] = '\\';
		ret[n++] = *text;
	}
	ret[n++] = '"';
	ret[n] = 0;
	return !*text;
}

static void imap_offer(struct talk *t, const char *user, const char *secret, struct answer *ret)
{
	char u[300], p[300];

	if (!quoted(user, u, sizeof(u)) || !quoted(secret, p, sizeof(p)) || !ask(t, "LOGIN %s %s", u, p)) {
		not_put(t, ret, "no answer to LOGIN");
		return;
	}
	told(t, ret);
	ret->locked = t->r.code == REPLY_BYE || (t->r.code == REPLY_NO && reply_has(&t->r, "UNAVAILABLE"));
	if (t->r.code == REPLY_YES)
		ret->says = SAYS_GRANTED;
	else if (t->r.code == REPLY_BAD || reply_has(&t->r, "PRIVACYREQUIRED") || reply_has(&t->r, "LOGINDISABLED"))
		not_put(t, ret, "LOGIN is not taken here");
	else if (t->r.code == REPLY_NO)
		ret->says = SAYS_REFUSED;
}

/* ---- all of them ---- */
static const struct protocol ftp = { REPLY_NUMBERED, ftp_greet, ftp_offer }, smtp = { REPLY_NUMBERED, smtp_greet, smtp_offer },
	pop3 = { REPLY_SIGNED, pop3_greet, pop3_offer }, imap = { REPLY_TAGGED, imap_greet, imap_offer };

static bool lines_load(struct surface *s, const json_t *row, struct err *err)
{
	struct talk *t = calloc(1, sizeof(*t));

	(void)row;
	if (!t)
		return err_set(err, ERR_OS, "out of memory");
	t->w.fd = -1;
	t->p = s->type == &surface_ftp ? &ftp : s->type == &surface_smtp ? &smtp : s->type == &surface_pop3 ? &pop3 : &imap;
	t->patience_ns = s->timeout_ns;
	s->priv = t;
	return true;
}

static void lines_close(struct surface *s)
{
	struct talk *t = s->priv;

	if (t)
		wire_done(&t->w);
	free(t);
	s->priv = NULL;
}

/* A connection that is greeted and takes log-ins, or ret says why there is none. */
static bool connect_to(struct surface *s, struct talk *t, struct answer *ret, bool *ret_ready, struct err *err)
{
	*ret_ready = t->used = false;
	t->in_at = t->in_n = 0;
	if (!wire_open(&t->w, s->to.address, s->port, s->tls, 4 * s->timeout_ns, err))
		return false;
	ret->closed = t->w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", t->w.why);
	if (t->w.fd < 0)
		return true;
	if (hear(t, "*"))                       /* IMAP greets with an untagged status */
		*ret_ready = t->p->greet(t, ret);
	else
		snprintf(ret->text, sizeof(ret->text), "%s", t->r.alien ? "it speaks another protocol" : "no greeting");
	return true;
}

static bool once(struct surface *s, struct talk *t, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	bool ready = true;

	t->w.until_ns = clock_ns() + 4 * s->timeout_ns;
	if (t->w.fd < 0 && !connect_to(s, t, ret, &ready, err))
		return false;
	if (ready)
		t->p->offer(t, user, secret, ret);
	return true;
}

/* A connection that was kept may be over, or have had as many tries as it gets: then once more on a new one. */
static bool lines_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct answer fresh = *ret;
	struct talk *t = s->priv;

	if (strpbrk(user, "\r\n") || strpbrk(secret, "\r\n"))
		return err_set(err, ERR_CONF, "a line break in user or password");
	if (!once(s, t, user, secret, ret, err))
		return false;
	if (t->used && (!ret->reached || ret->locked)) {
		wire_close(&t->w);
		*ret = fresh;
		if (!once(s, t, user, secret, ret, err))
			return false;
	}
	t->used = true;
	ret->locked |= ret->reached && s->has_locked && !regexec(&s->locked, t->r.words, 0, NULL, 0);
	if (!ret->reached || ret->locked || ret->says != SAYS_REFUSED)
		wire_close(&t->w);
	return true;
}

const struct surface_type surface_ftp = { "ftp", TARGET_PORT, lines_load, lines_attempt, lines_close, false };
const struct surface_type surface_smtp = { "smtp", TARGET_PORT, lines_load, lines_attempt, lines_close, false };
const struct surface_type surface_pop3 = { "pop3", TARGET_PORT, lines_load, lines_attempt, lines_close, false };
const struct surface_type surface_imap = { "imap", TARGET_PORT, lines_load, lines_attempt, lines_close, false };
