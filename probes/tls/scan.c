// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/scan.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "probes/tls/suite.h"

enum line_kind { LINE_SUITES, LINE_GROUPS, LINE_SIGNATURES, LINE_COMPRESSION, LINE_SSL2, LINE_AGAIN };

/* One list that gets shorter with every answer; at most one question of it is open. */
struct line {
	enum line_kind kind;
	struct hello hello;
	struct numbers suites, groups, signatures;
	struct line *next;
};

struct scan {
	struct asker *asker;
	struct scan_found *found;
	const char *name;
	size_t most;                    /* suites in one hello */
	struct line *lines;
	struct line first;              /* the first question that was answered well */
	bool have_first;
	struct err *err;
	bool failed;
};

static void ask_line(struct scan *s, struct line *l)
{
	uint8_t bytes[HELLO_MAX];
	size_t n;

	l->hello.suites = &l->suites;
	l->hello.groups = l->groups.n ? &l->groups : NULL;
	l->hello.signatures = l->signatures.n ? &l->signatures : NULL;
	l->hello.name = s->name;
	l->hello.datagram = s->found->datagram;
	RAND_bytes(l->hello.random, sizeof(l->hello.random));
	n = l->kind == LINE_SSL2 ? hello_ssl2(bytes) : hello_write(&l->hello, bytes);
	s->failed |= !ask_put(s->asker, bytes, n, l, s->err);
}

static struct line *new_line(struct scan *s, enum line_kind kind, uint16_t version)
{
	struct line *l = calloc(1, sizeof(*l));

	if (!l) {
		s->failed = true;
		err_set(s->err, ERR_OS, "TLS: out of memory");
		return &s->first;               /* never asked: the scan has failed */
	}
	l->kind = kind;
	l->hello.version = version;
	l->next = s->lines;
	s->lines = l;
	return l;
}

/* ---- answers ---- */
static void keep_chain(struct scan_found *f, struct span message, uint16_t port)
{
	for (unsigned i = 0; message.n && i < SCAN_CHAINS; i++) {
		if (f->chain[i].n == message.n && !memcmp(f->chain[i].p, message.p, message.n))
			return;
		if (f->chain[i].n)
			continue;
		f->chain_port[i] = port;
		f->chain[i].p = malloc(message.n);
		if (f->chain[i].p) {
			memcpy(f->chain[i].p, message.p, message.n);
			f->chain[i].n = message.n;
		}
		return;
	}
}

static void keep_hello(struct scan *s, const struct line *l, const struct reply *r)
{
	struct scan_found *f = s->found;

	f->asks_certificate |= r->asks_certificate;
	if (r->version < TLS1_3) {
		f->no_renegotiation_info |= !r->renegotiation;
		f->no_master_secret |= r->version > SSL3 && !r->master_secret;
	}
	if (r->field_bits && (!f->field_bits || r->field_bits < f->field_bits)) {
		f->field_bits = r->field_bits;
		f->field_port = ask_port(s->asker);
	}
	if (r->group)
		numbers_add(&f->groups, r->group);
	if (r->signature)
		numbers_add(&f->signatures, r->signature);
	if (l->hello.compress && r->compression == 1) {
		f->compression = true;
		f->compression_port = ask_port(s->asker);
	}
	keep_chain(f, r->certificates, ask_port(s->asker));
	if (!s->have_first && r->whole && l->kind == LINE_SUITES) {
		s->have_first = true;
		s->first = *l;
		s->first.kind = LINE_AGAIN;
	}
}

/* True when what it picked was in the list, and something is left to offer. */
static bool shorten(struct scan *s, struct line *l, const struct reply *r)
{
	struct numbers *list = l->kind == LINE_GROUPS ? &l->groups : l->kind == LINE_SIGNATURES ? &l->signatures : &l->suites;
	uint16_t picked = l->kind == LINE_GROUPS ? r->group : l->kind == LINE_SIGNATURES ? r->signature : r->suite;

	if (!picked && l->kind != LINE_SUITES)
		return false;                   /* a key exchange without one */
	if (!numbers_remove(list, picked)) {    /* with groups and signatures that is how some servers fall back */
		s->found->strange += l->kind == LINE_SUITES || l->kind == LINE_COMPRESSION;
		return false;
	}
	return list->n && l->kind != LINE_COMPRESSION;
}

static void take_suite(struct scan *s, const struct line *l, const struct reply *r)
{
	const struct suite *suite = suite_find(r->suite);
	uint8_t *taken = suite ? &s->found->taken[l->hello.version - SSL3][suite - suites] : NULL;
	uint8_t now = r->whole ? TAKEN_WHOLE : TAKEN_HELLO;

	if (!taken || !numbers_has(&l->suites, r->suite) || *taken >= now)
		return;
	*taken = now;
	s->found->port[l->hello.version - SSL3][suite - suites] = ask_port(s->asker);
}

static void took_ssl2(struct scan *s, const struct reply *r)
{
	s->found->ssl2_port = ask_port(s->asker);
	s->found->ssl2 = r->ssl2_ciphers ? TAKEN_WHOLE : TAKEN_HELLO;
	s->found->ssl2_kinds = r->ssl2_ciphers < 8 ? r->ssl2_ciphers : 8;
	memcpy(s->found->ssl2_kind, r->ssl2_kind, sizeof(r->ssl2_kind));
}

static void took(struct scan *s, struct line *l, const struct reply *r)
{
	if (l->kind == LINE_SSL2) {
		if (r->ssl2)
			took_ssl2(s, r);
		return;
	}
	if (r->version != l->hello.version)     /* another version is how many servers refuse this one */
		return;
	if (l->kind == LINE_AGAIN) {
		s->found->alive = true;
		return;
	}
	keep_hello(s, l, r);
	if (l->kind == LINE_SUITES)
		take_suite(s, l, r);
	if (shorten(s, l, r))
		ask_line(s, l);
}

/* Does this refusal say that nothing of the list is wanted? 40 handshake_failure, 70 protocol_version, 71 insufficient_security. */
static bool clear_refusal(int alert)
{
	return alert == 40 || alert == 70 || alert == 71;
}

static void halve(struct scan *s, struct line *l)
{
	struct line *other = new_line(s, LINE_SUITES, l->hello.version);
	size_t half = l->suites.n / 2;

	if (s->failed)
		return;
	other->groups = l->groups;
	other->suites.n = l->suites.n - half;
	memcpy(other->suites.at, l->suites.at + half, other->suites.n * sizeof(l->suites.at[0]));
	l->suites.n = half;
	ask_line(s, l);
	ask_line(s, other);
}

/* Silence tells not which suite it was that broke the conversation (GnuTLS gives up at the first for which it has no key), so those
 * of different credentials are asked apart. */
static void split(struct scan *s, const struct line *l)
{
	struct line *of[SUITE_FAMILIES] = { NULL };
	unsigned families = 0;

	for (size_t i = 0; i < l->suites.n; i++) {
		const struct suite *suite = suite_find(l->suites.at[i]);
		unsigned family = suite ? suite_family(suite) : SUITE_FAMILIES - 1;

		if (!of[family]) {
			of[family] = new_line(s, LINE_SUITES, l->hello.version);
			of[family]->groups = l->groups;
			families++;
		}
		if (s->failed)
			return;
		numbers_add(&of[family]->suites, l->suites.at[i]);
	}
	for (unsigned i = 0; families > 1 && i < SUITE_FAMILIES; i++)
		if (of[i])
			ask_line(s, of[i]);
}

static void no_answer(struct scan *s, enum ask_end how, const struct reply *r, const struct line *l)
{
	struct scan_found *f = s->found;

	f->spoke |= ask_counted(s->asker).answered;
	if (how == ASK_ENDED || (f->datagram && how == ASK_SILENT)) {   /* many servers of DTLS refuse by silence */
		f->dropped++;
		if (!f->unanswered)
			f->last = how;
		if (f->datagram && f->spoke && l->kind == LINE_SUITES)
			split(s, l);
		return;
	}
	if (how == ASK_ANSWERED) {
		f->garbage++;
		f->why = r->why;
	}
	if (l->kind == LINE_SSL2 && f->spoke && how != ASK_LATE)
		return;                         /* a newer server may well be lost with this one */
	f->unanswered++;
	f->last = how;
}

static void answered(void *owner, enum ask_end how, const struct reply *r, void *data)
{
	struct scan *s = data;
	struct line *l = owner;

	if (how != ASK_ANSWERED || (r->garbage && !r->hello)) {
		no_answer(s, how, r, l);
		return;
	}
	s->found->spoke = true;
	if (r->hello)
		took(s, l, r);
	else if (l->kind == LINE_SUITES && l->suites.n > 1 && !clear_refusal(r->alert))
		halve(s, l);
}

/* ---- questions ---- */
static bool fits(const struct suite *s, uint16_t version)
{
	return suite_tls13(s) == (version == TLS1_3);
}

/* The registry, dealt out into lists of at most s->most; of these the ones from `from` on, at most `most`. */
static void ask_suites(struct scan *s, uint16_t version, size_t from, size_t most)
{
	size_t all = 0, lists;

	for (size_t i = 0; i < n_suites; i++)
		all += fits(&suites[i], version);
	lists = (all + s->most - 1) / s->most;
	for (size_t part = from; part < lists && most-- && !s->failed; part++) {
		struct line *l = new_line(s, LINE_SUITES, version);

		for (size_t i = 0, k = 0; i < n_suites; i++)
			if (fits(&suites[i], version) && k++ % lists == part)
				numbers_add(&l->suites, suites[i].id);
		ask_line(s, l);
	}
}

/* Servers whose only curve is one of the odd ones. */
static void ask_odd_curves(struct scan *s, uint16_t version)
{
	struct line *l = NULL;

	for (size_t i = 0; i < n_suites && !s->failed; i++) {
		if (suite_exchange(&suites[i]) != EXCHANGE_ECDHE)
			continue;
		if (!l || l->suites.n == s->most) {
			if (l)
				ask_line(s, l);
			l = new_line(s, LINE_SUITES, version);
			l->groups = groups_odd;
		}
		numbers_add(&l->suites, suites[i].id);
	}
	if (l && !s->failed)
		ask_line(s, l);
}

/* Suites of this version that were taken, and which `with` likes, at most HELLO_SUITES. */
static struct numbers taken_suites(const struct scan_found *f, uint16_t version, bool (*with)(const struct suite *))
{
	struct numbers ret = { .n = 0 };

	for (size_t i = 0; i < n_suites && ret.n < HELLO_SUITES; i++)
		if (f->taken[version - SSL3][i] && (!with || with(&suites[i])))
			numbers_add(&ret, suites[i].id);
	return ret;
}

static bool elliptic(const struct suite *s)
{
	return suite_exchange(s) == EXCHANGE_ECDHE;
}

static void ask_list(struct scan *s, enum line_kind kind, uint16_t version, bool (*with)(const struct suite *),
		     const struct numbers *groups)
{
	struct numbers list = taken_suites(s->found, version, with);
	struct line *l = list.n ? new_line(s, kind, version) : NULL;

	if (!l || s->failed)
		return;
	l->suites = list;
	if (groups)
		l->groups = *groups;
	if (kind == LINE_SIGNATURES)
		l->signatures = signatures_usual;
	l->hello.compress = kind == LINE_COMPRESSION;
	ask_line(s, l);
}

static void ask_details(struct scan *s)
{
	ask_list(s, LINE_GROUPS, TLS1_3, NULL, &groups_field);
	for (uint16_t v = TLS1_2; v >= SSL3; v--) {
		if (v > SSL3) {
			ask_list(s, LINE_GROUPS, v, elliptic, &groups_usual);
			ask_list(s, LINE_GROUPS, v, elliptic, &groups_odd);
		}
		ask_list(s, LINE_COMPRESSION, v, NULL, NULL);
	}
	ask_list(s, LINE_SIGNATURES, TLS1_2, suite_signed, NULL);
}

static bool run(struct scan *s, struct err *err)
{
	return !s->failed && ask_run(s->asker, err) && !s->failed;
}

/* Every suite of every version. What answers neither a hello of TLS 1.3 nor one of TLS 1.2 in any way is asked no more. */
static bool scan_suites(struct scan *s, struct err *err)
{
	ask_suites(s, TLS1_3, 0, SIZE_MAX);
	ask_suites(s, TLS1_2, 0, 1);
	if (!run(s, err))
		return false;
	if (!s->found->spoke && !s->found->dropped)
		return true;
	ask_suites(s, TLS1_2, 1, SIZE_MAX);
	ask_odd_curves(s, TLS1_2);
	for (uint16_t v = SSL3; v < TLS1_2; v++) {
		ask_suites(s, v, 0, SIZE_MAX);
		if (v > SSL3)
			ask_odd_curves(s, v);
	}
	ask_line(s, new_line(s, LINE_SSL2, SSL2));
	return run(s, err);
}

/* What most servers of DTLS have one of: CoAP's two (RFC 7252 9.1.3), and the usual ones of each key. */
static void ask_usual(struct scan *s, uint16_t version)
{
	static const uint16_t usual[] = { 0xc0a8, 0xc0ae, 0xc02b, 0xc02f, 0x00a8, 0x00ae, 0x008c, 0xc009, 0xc013, 0x0033, 0x002f };
	struct line *l = new_line(s, LINE_SUITES, version);

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		numbers_add(&l->suites, usual[i]);
	if (!s->failed)
		ask_line(s, l);
}

/* DTLS has 1.0, 1.2 and 1.3. A server that says nothing to a short hello of the first two is asked no more. */
static bool scan_suites_datagram(struct scan *s, struct err *err)
{
	for (uint16_t v = TLS1_2; v >= TLS1_1 && !s->found->spoke; v--) {
		ask_usual(s, v);
		if (!run(s, err))
			return false;
	}
	if (!s->found->spoke)
		return true;
	for (uint16_t v = TLS1_1; v <= TLS1_3; v++)
		ask_suites(s, v, 0, SIZE_MAX);
	ask_odd_curves(s, TLS1_2);
	ask_odd_curves(s, TLS1_1);
	return run(s, err);
}

static bool scan_all(struct scan *s, struct err *err)
{
	if (s->found->datagram ? !scan_suites_datagram(s, err) : !scan_suites(s, err))
		return false;
	ask_details(s);
	if (!run(s, err))
		return false;
	if (s->have_first)
		ask_line(s, &s->first);
	return run(s, err);
}

static bool scan_greeting(struct scan *s, struct err *err)
{
	for (uint16_t v = TLS1_2; v >= (s->found->datagram ? TLS1_1 : SSL3); v--)
		ask_suites(s, v, 0, 1);
	if (!s->found->datagram)
		ask_line(s, new_line(s, LINE_SSL2, SSL2));
	return run(s, err);
}

static bool scan(const struct ask_where *where, const char *name, bool (*all)(struct scan *, struct err *), struct scan_found *ret,
		 struct err *err)
{
	struct scan s = { .found = ret, .name = name, .err = err, .most = where->datagram ? HELLO_SUITES_DATAGRAM : HELLO_SUITES };
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ret->datagram = where->datagram;
	ok = ask_open(where, answered, &s, &s.asker, err) && all(&s, err);
	if (s.asker)
		ret->count = ask_counted(s.asker);
	ask_close(s.asker);
	while (s.lines) {
		struct line *l = s.lines;

		s.lines = l->next;
		free(l);
	}
	return ok;
}

bool scan_server(const struct ask_where *where, const char *name, struct scan_found *ret, struct err *err)
{
	return scan(where, name, scan_all, ret, err);
}

bool scan_hello(const struct ask_where *where, const char *name, struct scan_found *ret, struct err *err)
{
	return scan(where, name, scan_greeting, ret, err);
}

bool scan_took(const struct scan_found *f, uint16_t version)
{
	for (size_t i = 0; version >= SSL3 && i < n_suites; i++)
		if (f->taken[version - SSL3][i])
			return true;
	return version == SSL2 && f->ssl2;
}

void scan_done(struct scan_found *f)
{
	for (unsigned i = 0; i < SCAN_CHAINS; i++)
		free(f->chain[i].p);
}
