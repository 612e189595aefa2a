// SPDX-License-Identifier: Apache-2.0
// Who a unit says it is, and the secrets it was given in the factory. Where to look stands in device.yaml (channel.h); what
// may be compared between units leaves this process as a fact, secrets as keyed hashes.
#include <stdio.h>
#include <string.h>

#include "harness/probe.h"
#include "probes/identity/channel.h"
#include "probes/identity/derive.h"
#include "probes/identity/sequence.h"

#define CHANNELS_MAX 16

/* ---- public texts ---- */
struct known { const char *text[DERIVE_PUBLIC]; size_t n; bool all; };

static struct known known_of(const struct step *st)
{
	const json_t *list = step_json(st, "public");
	struct known k = { .all = json_array_size(list) <= DERIVE_PUBLIC };
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)(uintptr_t)list, i, v)
		if (json_is_string(v) && k.n < DERIVE_PUBLIC)
			k.text[k.n++] = json_string_value(v);
	return k;
}

/* ---- identifiers ---- */
static bool read_one(struct step *st, const json_t *from, int64_t *answered, bool *agree, char first[static CHANNEL_TEXT + 1],
		     struct err *err)
{
	struct channel_value v;

	if (!json_is_object(from))
		return err_set(err, ERR_CONF, "from: a channel is a map");
	if (!channel_read(st, from, &v, err))
		return false;
	if (!v.answered) {
		step_incomplete(st, "%.40s: %.200s", channel_name(from), v.why);
		return true;
	}
	if (!(*answered)++)
		snprintf(first, CHANNEL_TEXT + 1, "%s", v.text);
	*agree &= !strcmp(first, v.text);
	fact_set_add(st, "values", v.text);
	return true;
}

static bool read_identifier(struct step *st, struct err *err)
{
	const json_t *from = step_json(st, "from");
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	char first[CHANNEL_TEXT + 1] = "", names[256] = "";
	int64_t answered = 0;
	bool agree = true;

	if (n > CHANNELS_MAX)
		return err_set(err, ERR_CONF, "from: more than %d channels", CHANNELS_MAX);
	fact_set_empty(st, "values");
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(from) ? json_array_get(from, i) : from;
		size_t used = strlen(names);

		if (!read_one(st, one, &answered, &agree, first, err))
			return false;
		snprintf(names + used, sizeof(names) - used, "%s%.40s", i ? ", " : "", channel_name(one));
	}
	fact_int(st, "answered", answered);
	fact_bool(st, "agree", answered > 0 && agree);
	if (first[0])
		fact_text(st, "value", first);
	step_scope_text(st, "the identifier over %zu channels: %s", n, names);
	return true;
}

/* ---- factory secrets ---- */
struct hashing { struct step *st; const char *fact; };

static void add_hash(const char *text, void *data)
{
	const struct hashing *h = data;

	fact_secret_add(h->st, h->fact, text, strlen(text));
}

static void tell_secret(struct step *st, const struct channel_value *v, const struct known *k)
{
	struct derived d;
	char plain[DERIVE_SECRET];

	derive_plain(v->text, v->n, plain, sizeof(plain));
	fact_secret(st, "value", v->text, v->n);
	sequence_neighbours(plain, add_hash, &(struct hashing){ st, "neighbours" });
	sequence_rests(plain, k->text, k->n, add_hash, &(struct hashing){ st, "rests" });
	derive_find(v->text, v->n, k->text, k->n, &d);
	fact_bool(st, "derived", d.found);
	fact_text(st, "rule", d.rule);
	fact_int(st, "tried", (int64_t)d.tried);
	fact_int(st, "length", (int64_t)v->n);
	if (!d.found && !(d.complete && k->all))
		step_incomplete(st, "a secret this short, or of this many public texts, was only compared with the texts themselves");
}

static bool read_secret(struct step *st, struct err *err)
{
	const json_t *from = step_json(st, "from");
	struct known k = known_of(st);
	struct channel_value v;

	if (!json_is_object(from))
		return err_set(err, ERR_CONF, "from: one channel belongs here");
	if (!channel_read(st, from, &v, err))
		return false;
	fact_bool(st, "answered", v.answered);
	if (v.answered)
		tell_secret(st, &v, &k);
	else
		step_incomplete(st, "%.40s: %.200s", channel_name(from), v.why);
	step_scope_text(st, "%.60s; compared with what follows from %zu public texts", channel_name(from), k.n);
	explicit_bzero(&v, sizeof(v));
	return true;
}

static bool plant(struct step *st, struct err *err)
{
	struct known k = known_of(st);
	char made[DERIVE_SECRET];
	struct derived d = { .rule = "" };

	(void)err;
	if (derive_make(step_rng(st), k.text, k.n, made))
		derive_find(made, strlen(made), k.text, k.n, &d);
	else
		step_incomplete(st, "no public text is long enough to make a secret of");
	fact_bool(st, "found", d.found);
	fact_text(st, "rule", d.rule);
	return true;
}

/* ---- keys ---- */
static bool read_certificate(struct step *st, struct err *err)
{
	struct tls_identity id;

	if (!tls_identity(st, step_text(st, "host"), (int)step_int(st, "port"), step_int(st, "timeout"), &id, err))
		return false;
	fact_bool(st, "answered", id.answered);
	if (id.answered) {
		fact_text(st, "key", id.key);
		fact_text(st, "name", id.name);
	} else {
		step_incomplete(st, "no certificate: %s", id.why);
	}
	step_scope_text(st, "the certificate of port %lld", (long long)step_int(st, "port"));
	return true;
}

/* ---- descriptors ---- */
#define FROM(d) { "from", VALUE_MAP, .need = true, .doc = d }
#define PUBLIC { "public", VALUE_SET, .need = true, .doc = "what everybody can know of this unit: serial, MAC, network name, model, maker" }
static const struct param read_params[] = {
	FROM("a channel or a list of them: url, console, file, certificate or flash, and find"), { 0 }
};
static const struct param secret_params[] = { FROM("one channel: url, console, file, certificate or flash, and find"), PUBLIC, { 0 } };
static const struct param plant_params[] = { PUBLIC, { 0 } };
static const struct param certificate_params[] = {
	{ "host", VALUE_TEXT, .fallback = "dut", .doc = "the device, or a host of the bench" },
	{ "port", VALUE_INT, .min = 1, .max = 65535, .fallback = "443", .doc = "TCP port of a TLS server" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "whole handshake" },
	{ 0 }
};
static const struct fact read_facts[] = {
	{ "answered", VALUE_INT, "channels", "that told it" },
	{ "agree", VALUE_BOOL, NULL, "all of them told the same" },
	{ "values", VALUE_SET, NULL, "what they told" },
	{ "value", VALUE_TEXT, NULL, "what the first of them told" },
	{ 0 }
};
static const struct fact secret_facts[] = {
	{ "answered", VALUE_BOOL, NULL, "the secret was read" },
	{ "value", VALUE_SECRET, NULL, "the secret, as a keyed hash" },
	{ "neighbours", VALUE_SET, NULL, "keyed hashes of it and of the 16 values on either side: two units that share one have "
					 "secrets that count" },
	{ "rests", VALUE_SET, NULL, "keyed hashes of it less the number at the end of each public text: two units that share one "
				    "have secrets that move in step with it" },
	{ "derived", VALUE_BOOL, NULL, "it follows from a public text" },
	{ "rule", VALUE_TEXT, NULL, "how; empty when it does not" },
	{ "tried", VALUE_INT, "comparisons", "made" },
	{ "length", VALUE_INT, "bytes", "of the secret" },
	{ 0 }
};
static const struct fact plant_facts[] = {
	{ "found", VALUE_BOOL, NULL, "the search recognised it" }, { "rule", VALUE_TEXT, NULL, "what the search said" }, { 0 }
};
static const struct fact certificate_facts[] = {
	{ "answered", VALUE_BOOL, NULL, "a TLS server showed a certificate" },
	{ "key", VALUE_TEXT, NULL, "SHA-256 of its public key: equal ones mean one private key" },
	{ "name", VALUE_TEXT, NULL, "common name in it" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "read", VERB_PROBE, read_params, read_facts, read_identifier, "read the identifier over every declared channel" },
	{ "secret", VERB_PROBE, secret_params, secret_facts, read_secret, "read a factory secret and look whether it follows from public texts" },
	{ "plant", VERB_PROBE, plant_params, plant_facts, plant, "make a secret of a public text as a careless maker would, and look for it" },
	{ "certificate", VERB_PROBE, certificate_params, certificate_facts, read_certificate, "read whose key a TLS server has" },
	{ 0 }
};
const struct probe probe_identity = { "identity", "who a unit says it is, and its factory secrets", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
