/* SPDX-License-Identifier: Apache-2.0
 *
 * enumerate.c - one connection for the lists, one for each type of host key, one for each kind of group exchange. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/proto/known_keys.h"
#include "probes/ssh/exchange.h"
#include "probes/ssh/ssh.h"

enum { KEY_TYPES = 12, GEX = 2 };

/* What one verb works with. */
struct survey {
	struct step *st;
	const char *ip;
	int port;
	int64_t timeout_ns;
	struct session s;
	char algorithm[KEY_TYPES][SSH_NAME + 1], gex[GEX][SSH_NAME + 1];       /* still to be asked for */
	size_t algorithms, n_gex;
	int64_t short_keys, short_groups, published;
	struct known_keys known;
};

static void name_text(struct span name, char ret[static SSH_NAME + 1])
{
	snprintf(ret, SSH_NAME + 1, "%.*s", (int)name.n, (const char *)name.p);
}

static void tell_names(struct step *st, const char *fact, const struct ssh_names *names)
{
	char text[SSH_NAME + 1];

	for (size_t i = 0; i < names->n; i++) {
		name_text(names->name[i], text);
		fact_set_add(st, fact, text);
	}
}

static void tell_lists(struct step *st, const struct kexinit *k)
{
	static const char *const fact[LISTS] = { "kex", "host_keys", "ciphers", "ciphers", "macs", "macs", "compression", "compression" };
	static const char *const once[] = { "kex", "host_keys", "ciphers", "macs", "compression" };

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		fact_set_empty(st, once[i]);
	for (int i = 0; i < LISTS && fact[i]; i++)
		tell_names(st, fact[i], &k->list[i]);
	fact_bool(st, "strict_kex", ssh_names_have(&k->list[LIST_KEX], "kex-strict-s-v00@openssh.com"));
}

static void tell_group(struct survey *v, const char *name, unsigned bits)
{
	char text[SSH_NAME + 16];

	snprintf(text, sizeof(text), "%s %u", name, bits);
	fact_set_add(v->st, "groups", text);
	v->short_groups += bits < step_int(v->st, "group_bits");
}

static void tell_key(struct survey *v, const struct hostkey *k)
{
	char text[SSH_NAME + 16];

	snprintf(text, sizeof(text), "%s %u", k->type, k->bits);
	fact_set_add(v->st, "keys", text);
	fact_set_add(v->st, "fingerprints", k->fingerprint);
	if (k->has_spki && known_keys_find(&v->known, k->spki)) {
		v->published++;
		fact_set_add(v->st, "published", known_keys_find(&v->known, k->spki));
	}
	v->short_keys += k->factored && k->bits < step_int(v->st, "key_bits");
}

/* The key that an algorithm is used with: three of them share ssh-rsa. Certificates wrap keys that are shown without them. */
static const char *key_of(const char *algorithm)
{
	if (!strcmp(algorithm, "rsa-sha2-256") || !strcmp(algorithm, "rsa-sha2-512"))
		return "ssh-rsa";
	return strstr(algorithm, "-cert-v0") ? NULL : algorithm;
}

static void plan_keys(struct survey *v, const struct ssh_names *offered)
{
	for (size_t i = 0; i < offered->n; i++) {
		char name[SSH_NAME + 1];
		bool known = false;

		name_text(offered->name[i], name);
		if (!key_of(name))
			continue;
		for (size_t k = 0; k < v->algorithms; k++)
			known |= !strcmp(key_of(v->algorithm[k]), key_of(name));
		if (known)
			continue;
		if (v->algorithms == KEY_TYPES) {
			step_incomplete(v->st, "only %d types of host keys were asked for", KEY_TYPES);
			return;
		}
		strcpy(v->algorithm[v->algorithms++], name);
	}
}

static void plan_groups(struct survey *v, const struct ssh_names *offered)
{
	fact_set_empty(v->st, "groups");
	for (size_t i = 0; i < offered->n; i++) {
		unsigned bits = exchange_fixed_bits(offered->name[i]);
		char name[SSH_NAME + 1];

		name_text(offered->name[i], name);
		if (bits)
			tell_group(v, name, bits);
		else if (exchange_is_gex(offered->name[i]) && v->n_gex < GEX)
			strcpy(v->gex[v->n_gex++], name);
	}
}

/* The bench's patience with this step ends some time, and what was seen until then is worth more than a killed worker. */
static bool late(struct survey *v)
{
	if (clock_ns() < step_deadline_ns(v->st) - 2 * v->timeout_ns)
		return false;
	step_incomplete(v->st, "no time was left for the rest of the keys and groups");
	return true;
}

static bool show_key(struct survey *v, const char *algorithm, struct hostkey *ret, bool *ret_shown, struct err *err)
{
	bool ok = exchange_hostkey(&v->s, v->ip, v->port, v->timeout_ns, algorithm, ret, err);

	session_close(&v->s);
	*ret_shown = ok && !v->s.why[0];
	return ok;
}

/* An algorithm that is offered without a key to it (dropbear does so): the server ends the connection each time, and shows
 * another key right afterwards. No client can use it, so nothing is missing. */
static bool retry(struct survey *v, const char *algorithm, const char *good, struct err *err)
{
	bool shown = false, serves = false, ended;
	struct hostkey k;

	if (!show_key(v, algorithm, &k, &shown, err))
		return false;
	if (shown)
		return tell_key(v, &k), true;
	ended = v->s.ended;
	if (good && ended && !show_key(v, good, &k, &serves, err))
		return false;
	if (serves)
		fact_set_add(v->st, "unusable", algorithm);
	else
		step_incomplete(v->st, "the key of %s was not shown: %.160s", algorithm, v->s.why);
	return true;
}

static bool ask_keys(struct survey *v, struct err *err)
{
	bool shown[KEY_TYPES] = { false };
	const char *good = NULL;
	struct hostkey k;

	for (size_t i = 0; i < v->algorithms && !late(v); i++) {
		if (!show_key(v, v->algorithm[i], &k, &shown[i], err))
			return false;
		if (shown[i])
			tell_key(v, &k);
		good = shown[i] ? v->algorithm[i] : good;
	}
	for (size_t i = 0; i < v->algorithms && !late(v); i++)
		if (!shown[i] && !retry(v, v->algorithm[i], good, err))
			return false;
	return true;
}

static bool ask_groups(struct survey *v, struct err *err)
{
	for (size_t i = 0; i < v->n_gex && !late(v); i++) {
		unsigned bits = 0;
		bool ok = exchange_group(&v->s, v->ip, v->port, v->timeout_ns, v->gex[i], &bits, err);

		session_close(&v->s);
		if (!ok)
			return false;
		if (v->s.why[0])
			step_incomplete(v->st, "the group of %s was not shown: %.160s", v->gex[i], v->s.why);
		else
			tell_group(v, v->gex[i], bits);
	}
	return true;
}

/* Whatever stands in the version line has been said, even when no list followed. */
static void tell_start(struct survey *v)
{
	const struct session *s = &v->s;

	fact_bool(v->st, "answered", s->said == SAID_KEXINIT);
	if (s->said >= SAID_VERSION) {
		fact_text(v->st, "version", s->version);
		fact_bool(v->st, "protocol1", ssh_version_old(s->version));
	}
	if (s->said < SAID_KEXINIT)
		step_incomplete(v->st, "port %d: %.200s", v->port, s->why);
}

static bool survey(struct survey *v, struct err *err)
{
	if (!session_open(&v->s, v->ip, v->port, v->timeout_ns, err))
		return false;
	tell_start(v);
	if (v->s.said == SAID_KEXINIT) {
		tell_lists(v->st, &v->s.kexinit);
		plan_keys(v, &v->s.kexinit.list[LIST_HOST_KEY]);
		plan_groups(v, &v->s.kexinit.list[LIST_KEX]);
	}
	session_close(&v->s);
	if (v->s.said < SAID_KEXINIT)
		return true;
	fact_set_empty(v->st, "keys");
	fact_set_empty(v->st, "fingerprints");
	fact_set_empty(v->st, "unusable");
	fact_set_empty(v->st, "published");
	if (!ask_keys(v, err) || !ask_groups(v, err))
		return false;
	fact_int(v->st, "short_keys", v->short_keys);
	fact_int(v->st, "short_groups", v->short_groups);
	fact_int(v->st, "published_keys", v->published);
	step_scope_text(v->st, "SSH on port %d of %s: its lists, %zu types of host keys, %zu group exchanges", v->port,
			v->ip, v->algorithms, v->n_gex);
	return true;
}

bool ssh_enumerate(struct step *st, struct err *err)
{
	char ip[64] = "";
	CLEANUP(free_ptr) struct survey *v = calloc(1, sizeof(*v));
	bool known;

	if (!v)
		return err_set(err, ERR_OS, "out of memory");
	step_observer(st, "net.lan");
	if (!ssh_target(st, ip, &known, err))
		return false;
	if (!known) {
		fact_bool(st, "answered", false);
		step_incomplete(st, "the device has no address");
		return true;
	}
	*v = (struct survey){ .st = st, .ip = ip, .port = (int)step_int(st, "port"), .timeout_ns = step_int(st, "timeout"), .s.w.fd = -1 };
	known = known_keys_read(step_suite_dir(st), &v->known, err) && survey(v, err);
	known_keys_free(&v->known);
	return known;
}
