/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/identify.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/ports/mdns_types.h"

static struct span said(const struct identify *x)
{
	return (struct span){ x->d.answer, x->d.n };
}

static struct span text(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

void identify_login(struct identify *x, const char *login)
{
	struct port_found *f = x->f;

	for (size_t i = 0; i < f->logins; i++)
		if (!strcmp(f->login[i], login))
			return;
	if (login && f->logins < IDENTIFY_LOGINS)
		f->login[f->logins++] = login;
}

static void take(struct identify *x, const struct service *s)
{
	x->f->service = s->name;
	if (s->login)
		identify_login(x, s->login);
}

static bool is_web(struct span answer)
{
	return answer.n > 7 && !memcmp(answer.p, "HTTP/1.", 7);
}

static bool time_left(struct identify *x)
{
	if (clock_ns() < x->d.until_ns)
		return true;
	x->f->cut = true;
	return false;
}

/* What the connection itself showed. */
static void note(struct identify *x)
{
	x->f->endless |= x->d.endless;
	x->f->tls |= x->d.tls_seen;
	if (x->d.wants_certificate && (!x->d.inside || (x->d.ended && !x->d.n)))
		identify_login(x, "certificate");
}

bool identify_exchange(struct identify *x, const char *asked, struct span bytes, bool *ret_said, struct err *err)
{
	*ret_said = false;
	if (!time_left(x))
		return true;
	if (!dialog_open(&x->d, x->ip, x->f->port, x->tls, err))
		return false;
	if (x->d.connected && (!x->tls || x->d.inside) && (!bytes.n || dialog_send(&x->d, bytes)))
		*ret_said = dialog_read(&x->d);
	note(x);
	if (*ret_said && !is_web(said(x)))      /* of a web server head and body are kept apart (identify_web.c) */
		answers_add(x->answers, x->port, bytes.n ? "answer" : "greeting", asked, said(x));
	return true;
}

/* Says more on a connection that stands. */
static bool go_on(struct identify *x, struct span bytes, const char *asked)
{
	bool got = time_left(x) && bytes.n && dialog_send(&x->d, bytes) && dialog_read(&x->d);

	if (got)
		answers_add(x->answers, x->port, "answer", asked, said(x));
	note(x);
	return got;
}

/* "220 ready": FTP asks for a user, a mail server says what it can do. */
static void mail_or_files(struct identify *x, const char *question)
{
	bool ehlo = question[0] == 'E';
	char code[4] = "";
	struct service s = { "smtp", NULL };

	if (!go_on(x, text(question), question)) {
		x->f->service = ehlo ? "smtp" : "ftp";  /* after its greeting it fell silent */
		x->f->cut = true;
		return;
	}
	memcpy(code, x->d.answer, x->d.n < 3 ? x->d.n : 3);
	if (ehlo && strstr((const char *)x->d.answer, "AUTH"))
		s.login = "smtp";
	if (!ehlo && (!strcmp(code, "331") || !strcmp(code, "332") || !strcmp(code, "230") || !strcmp(code, "530") || !strcmp(code, "421")))
		s = (struct service){ "ftp", "ftp" };
	take(x, &s);
}

/* Options first, then the prompt: every option is refused, for a few rounds. */
static void telnet(struct identify *x)
{
	struct service s;
	uint8_t back[512];

	for (int round = 0; round < 4 && !x->f->logins; round++) {
		size_t n = service_telnet_refusals(said(x), back, sizeof(back));
		bool got = n && go_on(x, (struct span){ back, n }, "(options refused)");

		if (!got && !go_on(x, text("\r\n"), "(return)"))
			break;
		if (service_tcp(said(x), &s) && s.login)
			identify_login(x, s.login);
	}
}

/* An answer that was recognised leads on: a second question, more pages. The connection ends here. */
static bool recognised(struct identify *x, const struct service *s, struct err *err)
{
	const char *question = service_follow_up(s, said(x));

	if (question) {
		mail_or_files(x, question);
	} else {
		take(x, s);
		if (!strcmp(s->name, "telnet") && !s->login)
			telnet(x);
	}
	dialog_close(&x->d);
	if (!strcmp(s->name, "rtsp") && !s->login)
		return identify_streams(x, err);
	return strcmp(s->name, "http") || identify_web(x, err);
}

static bool ask(struct identify *x, const char *name, struct span bytes, struct err *err)
{
	struct service s;
	bool got;

	if (!identify_exchange(x, name, bytes, &got, err))
		return false;
	if (got && service_tcp(said(x), &s))
		return recognised(x, &s, err);
	dialog_close(&x->d);
	return true;
}

static bool greeting(struct identify *x, struct err *err)
{
	if (!ask(x, "", (struct span){ NULL, 0 }, err))
		return false;
	x->f->gone |= !x->d.connected && !x->f->service && !x->f->cut;
	return true;
}

static bool done(const struct identify *x)
{
	return x->f->service || x->f->gone || x->f->cut;
}

/* Of the questions those that are (not) at home on this port. */
static bool ask_all(struct identify *x, bool at_home, struct err *err)
{
	for (const struct ask *a = service_asks; a->name && !done(x); a++)
		if (service_is_ask(a, x->f->port) == at_home && !ask(x, a->name, a->bytes, err))
			return false;
	return true;
}

static void certificate(struct identify *x)
{
	uint8_t *der;
	size_t n = dialog_certificate(&x->d, &der);

	answers_add(x->answers, x->port, "certificate", "TLS", (struct span){ der, n < DIALOG_KEEP ? n : DIALOG_KEEP });
	OPENSSL_free(der);
}

/* Is there TLS, and what is inside? x->tls stays set when a handshake was done. */
static bool inside(struct identify *x, struct err *err)
{
	const char *in_clear = x->f->service;
	bool in;

	if (!time_left(x))
		return true;
	if (!dialog_open(&x->d, x->ip, x->f->port, true, err))
		return false;
	note(x);
	in = x->d.inside;
	if (in)
		certificate(x);
	dialog_close(&x->d);
	if (!in)
		return true;
	x->tls = true;
	x->f->service = NULL;
	if (!greeting(x, err) || !ask_all(x, true, err) || !ask_all(x, false, err))
		return false;
	if (!x->f->service)
		x->f->service = in_clear;
	return true;
}

static bool identify_tcp(struct identify *x, struct err *err)
{
	struct port_found *f = x->f;

	if (!greeting(x, err) || (!done(x) && !ask_all(x, true, err)))
		return false;
	/* a web server that only speaks TLS may say so in clear */
	if ((!done(x) || (f->service && !strcmp(f->service, "http") && x->pages == 0)) && !inside(x, err))
		return false;
	if (!f->tls && !ask_all(x, false, err))
		return false;
	if (f->tls && !f->service && f->logins)
		f->service = "tls";             /* nobody gets in without a certificate */
	return true;
}

/* A responder that lists its services is asked for each of them. */
static bool announced(struct identify *x, struct span list, struct err *err)
{
	struct mdns_type type[MDNS_TYPES];
	size_t n = mdns_types(list, type);
	bool got;

	for (size_t i = 0; i < n && time_left(x); i++) {
		if (!dialog_datagram(&x->d, x->ip, x->f->port, (struct span){ type[i].question, type[i].n }, false, &got, err))
			return false;
		if (got)
			answers_add(x->answers, x->port, "mdns", type[i].name, said(x));
	}
	return true;
}

static bool identify_udp(struct identify *x, struct err *err)
{
	struct service s;
	struct span bytes;
	bool got, elsewhere;

	for (size_t i = 0; service_datagram(x->f->port, i, &bytes, &elsewhere) && time_left(x); i++) {
		if (!dialog_datagram(&x->d, x->ip, x->f->port, bytes, elsewhere, &got, err))
			return false;
		if (!got)
			continue;
		if (!service_udp(said(x), &s)) {
			answers_add(x->answers, x->port, "datagram", "", said(x));
			continue;
		}
		answers_add(x->answers, x->port, s.name, "", said(x));
		take(x, &s);
		if (!strcmp(s.name, "mdns") && !announced(x, said(x), err))
			return false;
		/* what is at home here is asked everything that lives here: each question tells something else */
		if (!service_lives(x->f->port, i + 1))
			break;
	}
	return true;
}

bool identify_port(struct identify *x, bool udp, unsigned port, struct port_found *ret, struct err *err)
{
	int64_t until = clock_ns() + x->within_ns;

	*ret = (struct port_found){ .udp = udp, .port = port };
	x->f = ret;
	x->tls = false;
	x->pages = 0;
	x->d = (struct dialog){ .fd = -1, .quiet_ns = x->quiet_ns };
	x->d.until_ns = until < x->deadline_ns ? until : x->deadline_ns;
	snprintf(x->port, sizeof(x->port), "%s/%u", udp ? "udp" : "tcp", port);
	return udp ? identify_udp(x, err) : identify_tcp(x, err);
}
