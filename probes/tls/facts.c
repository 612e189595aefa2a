// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/facts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "probes/tls/suite.h"

const struct fact enumerate_facts[] = {
	{ "spoke", VALUE_BOOL, NULL, "it answered with a hello or an alert of TLS" },
	{ "complete", VALUE_BOOL, NULL, "every hello was answered, or refused in a way that a server may, and it still lived at the end" },
	{ "versions", VALUE_SET, NULL, "versions it takes: SSLv2 SSLv3 TLS1.0 TLS1.1 TLS1.2 TLS1.3, or DTLS1.0 DTLS1.2 DTLS1.3" },
	{ "proved", VALUE_SET, NULL, "those of them with which a whole handshake was had" },
	{ "offered", VALUE_SET, NULL, "versions it said hello with, but could not be brought to a whole handshake" },
	{ "suites", VALUE_SET, NULL, "suites it takes in any version, by their registered names" },
	{ "pairs", VALUE_SET, NULL, "the same with their versions: \"TLS1.2 TLS_...\"" },
	{ "traits", VALUE_SET, NULL, "what they do: null export anonymous rc4 rc2 des idea seed gost 3des md5 cbc no_forward_secrecy psk" },
	{ "weakest", VALUE_TEXT, NULL, "the suite with the shortest key" },
	{ "weakest_bits", VALUE_INT, "bits", "its effective length" },
	{ "groups", VALUE_SET, NULL, "groups of its key exchange, by their registered names" },
	{ "signatures", VALUE_SET, NULL, "how it signs its key exchange in TLS 1.2, and the handshake in TLS 1.3" },
	{ "field_bits", VALUE_INT, "bits", "smallest Diffie-Hellman prime or temporary RSA key; 0: none" },
	{ "compression", VALUE_BOOL, NULL, "it compresses when asked to" },
	{ "secure_renegotiation", VALUE_BOOL, NULL, "every hello up to TLS 1.2 knew RFC 5746" },
	{ "extended_master_secret", VALUE_BOOL, NULL, "every hello of TLS 1.0 to 1.2 knew RFC 7627" },
	{ "asks_certificate", VALUE_BOOL, NULL, "it asks the client for a certificate" },
	{ "certificates", VALUE_INT, "chains", "different chains it showed" },
	{ "certificate_broken", VALUE_BOOL, NULL, "something in a chain is no certificate" },
	{ "keys", VALUE_SET, NULL, "the server's keys: RSA 2048, EC prime256v1" },
	{ "rsa_bits", VALUE_INT, "bits", "smallest RSA or DSA key of the chains; 0: none" },
	{ "curve_bits", VALUE_INT, "bits", "smallest key of another kind; 0: none" },
	{ "hashes", VALUE_SET, NULL, "under the signatures of the chains, but for roots: sha256, sha1, md5; none: Ed25519 has its own" },
	{ "valid_now", VALUE_BOOL, NULL, "today lies within the dates of all of them" },
	{ "until", VALUE_TEXT, NULL, "the first day one of the server's certificates ends" },
	{ "self_signed", VALUE_BOOL, NULL, "one of the server's certificates is signed by itself" },
	{ "names", VALUE_SET, NULL, "the first names of the server's certificates" },
	{ "names_count", VALUE_INT, "names", "how many there are" },
	{ "name_fits", VALUE_BOOL, NULL, "the declared host is among the names of every chain" },
	{ "fingerprints", VALUE_SET, NULL, "SHA-256 of the server's certificates" },
	{ "unanswered", VALUE_INT, "hellos", "that stayed without an answer" },
	{ "dropped", VALUE_INT, "hellos", "after which the server ended the connection in silence; in DTLS that it left unanswered" },
	{ "connections", VALUE_INT, "connections", "made in all; conversations of DTLS" },
	{ 0 }
};

void facts_empty(struct step *st)
{
	static const char *const sets[] = { "versions", "proved", "offered", "suites", "pairs", "traits", "groups", "signatures", "keys", "hashes",
					    "names", "fingerprints" };

	fact_bool(st, "spoke", false);
	fact_bool(st, "complete", false);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		fact_set_empty(st, sets[i]);
}

/* ---- versions and suites ---- */
struct weakest { const char *name; unsigned bits; };

static bool could_be_proved(const struct scan_found *f, uint16_t version)
{
	for (size_t i = 0; i < n_suites; i++)
		if (f->taken[version - SSL3][i] && finish_knows(version, suites[i].id))
			return true;
	return false;
}

static bool whole_half(const struct scan_found *f, uint16_t version)
{
	for (size_t i = 0; i < n_suites; i++)
		if (f->taken[version - SSL3][i] == TAKEN_WHOLE)
			return true;
	return false;
}

static bool takes(const struct scan_found *f, const struct finish *proof, uint16_t version)
{
	return proof->established || (version < TLS1_3 && whole_half(f, version) && (f->asks_certificate || !could_be_proved(f, version)));
}

static void put_trait(const char *trait, void *st)
{
	fact_set_add(st, "traits", trait);
}

static void put_suite(struct step *st, const char *version, const char *name, unsigned bits, struct weakest *w)
{
	char pair[96];

	snprintf(pair, sizeof(pair), "%s %s", version, name);
	fact_set_add(st, "pairs", pair);
	fact_set_add(st, "suites", name);
	if (!w->name || bits < w->bits)
		*w = (struct weakest){ name, bits };
}

static void put_suites(struct step *st, const struct scan_found *f, uint16_t version, struct weakest *w)
{
	for (size_t i = 0; i < n_suites; i++)
		if (f->taken[version - SSL3][i] == TAKEN_WHOLE) {
			put_suite(st, version_name(version, f->datagram), suites[i].name, suite_bits(&suites[i]), w);
			suite_traits(&suites[i], put_trait, st);
		}
}

/* The kinds of SSL 2 have numbers and names of their own. */
static void put_ssl2(struct step *st, const struct scan_found *f, struct weakest *w)
{
	static const struct { const char *name, *trait; unsigned bits; } kind[] = {
		{ "SSL_CK_RC4_128_WITH_MD5", "rc4", 128 }, { "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "export", 40 },
		{ "SSL_CK_RC2_128_CBC_WITH_MD5", "rc2", 128 }, { "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "export", 40 },
		{ "SSL_CK_IDEA_128_CBC_WITH_MD5", "idea", 128 }, { "SSL_CK_DES_64_CBC_WITH_MD5", "des", 56 },
		{ "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "3des", 112 }, { "SSL_CK_RC4_64_WITH_MD5", "rc4", 64 },
	};

	fact_set_add(st, f->ssl2 == TAKEN_WHOLE ? "versions" : "offered", "SSLv2");
	for (unsigned i = 0; i < f->ssl2_kinds; i++) {
		unsigned k = f->ssl2_kind[i][0];

		if (k < 1 || k > 8)
			continue;
		put_suite(st, "SSLv2", kind[k - 1].name, kind[k - 1].bits, w);
		put_trait(kind[k - 1].trait, st);
		put_trait("md5", st);
	}
}

static void put_versions(struct step *st, const struct scan_found *f, const struct proofs *p)
{
	struct weakest w = { NULL, 0 };

	if (f->ssl2)
		put_ssl2(st, f, &w);
	for (uint16_t v = SSL3; v <= TLS1_3; v++) {
		const struct finish *proof = &p->of[v - SSL3];

		if (proof->established)
			fact_set_add(st, "proved", version_name(v, f->datagram));
		if (takes(f, proof, v)) {
			fact_set_add(st, "versions", version_name(v, f->datagram));
			put_suites(st, f, v, &w);
		} else if (scan_took(f, v)) {
			fact_set_add(st, "offered", version_name(v, f->datagram));
			step_scope_text(st, "%s was offered, but a handshake ended with: %s", version_name(v, f->datagram), proof->why);
		}
	}
	if (!w.name)
		return;
	fact_text(st, "weakest", w.name);
	fact_int(st, "weakest_bits", w.bits);
}

static void put_details(struct step *st, const struct scan_found *f)
{
	char buf[8];

	for (size_t i = 0; i < f->groups.n; i++)
		fact_set_add(st, "groups", group_name(f->groups.at[i], buf));
	for (size_t i = 0; i < f->signatures.n; i++)
		fact_set_add(st, "signatures", signature_name(f->signatures.at[i], buf));
	fact_int(st, "field_bits", f->field_bits);
	fact_bool(st, "compression", f->compression);
	fact_bool(st, "secure_renegotiation", !f->no_renegotiation_info);
	fact_bool(st, "extended_master_secret", !f->no_master_secret);
	fact_bool(st, "asks_certificate", f->asks_certificate);
}

/* ---- certificates ---- */
struct shown { unsigned chains, rsa, curve, names; bool broken, valid, self, fits; int64_t until_s; };

static void smaller(unsigned *of, unsigned bits)
{
	if (bits && (!*of || bits < *of))
		*of = bits;
}

static void put_chain(struct step *st, const struct chain_facts *c, struct shown *all)
{
	all->chains++;
	all->broken |= c->broken;
	all->valid &= c->valid_now;
	if (!c->count) {
		all->fits = false;
		return;
	}
	all->self |= c->self_signed;
	all->fits &= c->name_fits;
	all->names = c->names > all->names ? c->names : all->names;
	all->until_s = !all->until_s || c->until_s < all->until_s ? c->until_s : all->until_s;
	smaller(&all->rsa, c->rsa_bits);
	smaller(&all->curve, c->curve_bits);
	fact_set_add(st, "keys", c->key);
	fact_set_add(st, "fingerprints", c->fingerprint);
	for (unsigned i = 0; i < c->count; i++)
		if (c->hash[i][0])
			fact_set_add(st, "hashes", c->hash[i]);
	for (unsigned i = 0; i < c->names && i < CHAIN_NAMES; i++)
		if (c->name[i][0])
			fact_set_add(st, "names", c->name[i]);
}

static void put_shown(struct step *st, const struct shown *all, bool named)
{
	time_t until = (time_t)all->until_s;
	char text[32] = "";
	struct tm tm;

	fact_int(st, "certificates", all->chains);
	fact_bool(st, "certificate_broken", all->broken);
	fact_int(st, "rsa_bits", all->rsa);
	fact_int(st, "curve_bits", all->curve);
	fact_bool(st, "valid_now", all->valid);
	fact_bool(st, "self_signed", all->self);
	fact_int(st, "names_count", all->names);
	if (named)
		fact_bool(st, "name_fits", all->chains && all->fits);
	if (all->until_s && gmtime_r(&until, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		fact_text(st, "until", text);
}

static void put_certificates(struct step *st, const struct scan_found *f, const struct proofs *p, const char *name, int64_t now_s)
{
	struct shown all = { .valid = true, .fits = true };
	static struct chain_facts c;

	for (unsigned i = 0; i < SCAN_CHAINS; i++)
		if (f->chain[i].n) {
			chain_read((struct span){ f->chain[i].p, f->chain[i].n }, now_s, name, &c);
			put_chain(st, &c, &all);
		}
	if (p->of[TLS1_3 - SSL3].has_chain) {           /* hidden from raw hellos; mostly the same as before */
		unsigned before = all.chains;

		put_chain(st, &p->of[TLS1_3 - SSL3].chain, &all);
		all.chains = before ? before : 1;
	}
	put_shown(st, &all, name[0]);           /* a server with a shared key shows none, and none of its certificates is weak */
}

/* ---- how far it went ---- */
static const char *how_it_ended(const struct scan_found *f)
{
	static const char *const words[] = {
		[ASK_ENDED] = "the server ended the connections", [ASK_SILENT] = "the server was silent",
		[ASK_CLOSED] = "nothing listens", [ASK_UNREACHED] = "no connection came about",
		[ASK_NOT_OFFERED] = "the server does not go over to TLS", [ASK_LATE] = "the time was up",
	};

	return f->last == ASK_ANSWERED ? f->why : words[f->last];
}

static bool put_coverage(struct step *st, const struct scan_found *f, const struct proofs *p)
{
	bool complete = false;

	if (!f->spoke)
		step_incomplete(st, "no answer in TLS: %s", how_it_ended(f));
	else if (f->unanswered)
		step_incomplete(st, "%u hellos were not answered: %s", f->unanswered, how_it_ended(f));
	else if (f->strange)
		step_incomplete(st, "%u times the server picked what it was not offered", f->strange);
	else if (!f->alive)
		step_incomplete(st, "no hello was good at first and good again at the end");
	else if (p->of[TLS1_3 - SSL3].established && !scan_took(f, TLS1_3))
		step_incomplete(st, "it speaks TLS 1.3, but answers no hello without a key share: its suites are not known");
	else
		complete = true;
	return complete;
}

void facts_report(struct step *st, const struct scan_found *f, const struct proofs *p, const char *name, int64_t now_s)
{
	fact_bool(st, "spoke", f->spoke);
	if (f->spoke) {
		put_versions(st, f, p);
		put_details(st, f);
		put_certificates(st, f, p, name, now_s);
	}
	fact_bool(st, "complete", put_coverage(st, f, p));
	fact_int(st, "unanswered", f->unanswered);
	fact_int(st, "dropped", f->dropped);
	fact_int(st, "connections", f->count.connections);
}
