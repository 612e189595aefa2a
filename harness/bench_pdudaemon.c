// SPDX-License-Identifier: Apache-2.0
// pdudaemon's configuration: PDUs by host name. Which port of one the device hangs on stands in `aliases` only.
// Source: pdudaemon/drivers, pdudaemon/listener.py, share/pdudaemon.conf.
#include <fnmatch.h>
#include <string.h>

#include "harness/bench_draft.h"

struct pdu {
	struct import *im;
	const char *host;
	struct where at;
	const struct conf *map;
	const char *driver;
	const char *alias;              /* NULL: no alias names it */
	int64_t port;                   /* of the alias; -1: not said */
};

#define KEPT(key) { key, NULL, TAKE_NOT, false }
/* What pdudaemon itself reads of any PDU. */
#define COMMON KEPT("driver"), KEPT("retries"), KEPT("handle_delay")

struct kind {
	const char *pattern;            /* of driver names */
	const char *driver, *params;    /* ours; params: literal */
	const char *port;               /* what the port of a request is called here; quoted: as text */
	bool quoted;
	bool by_host;                   /* its host name is where it is, unless `ip` says so */
	struct take_key take[16];
	void (*more)(struct draft *d, const struct pdu *p);
	const char *why;
};

/* ---- drivers that need more than a table ---- */
/* Objects of MIBs that are known here as a kind, with the numbers that are then written. */
static const struct { const char *mib, *object, *kind, *on, *off; } objects[] = {
	{ "PowerNet-MIB", "sPDUOutletCtl", "apc-masterswitch", "1", "2" },
	{ "PowerNet-MIB", "rPDUOutletControlOutletCommand", "apc-rpdu", "1", "2" },
	{ "PowerNet-MIB", "rPDU2OutletSwitchedControlCommand", "apc-rpdu2", "1", "2" },
};

static void snmp_object(struct draft *d, const struct conf *map)
{
	const char *mib = draft_text(d, map, "mib", true), *object = draft_text(d, map, "controlpoint", true);
	const char *on = draft_text(d, map, "onsetting", true), *off = draft_text(d, map, "offsetting", true);

	for (size_t i = 0; mib && object && on && off && i < sizeof(objects) / sizeof(*objects); i++)
		if (!strcmp(objects[i].mib, mib) && !strcmp(objects[i].object, object)) {
			if (strcmp(objects[i].on, on) || strcmp(objects[i].off, off))
				draft_lack(d, "onsetting and offsetting are not those of kind %s", objects[i].kind);
			draft_put(d, "kind: %s", objects[i].kind);
			return;
		}
	if (draft_bool(d, map, "inside_number"))
		draft_lack(d, "inside_number: say index as the MIB has it");
	draft_lack(d, "%.60s of %.40s as kind free: object in numbers (snmptranslate -On), value_on, value_off", object ? object : "?", mib ? mib : "?");
	draft_put(d, "kind: free, object: ?");
}

static void snmp(struct draft *d, const struct pdu *p)
{
	snmp_object(d, p->map);
	if (strcmp(p->driver, "snmpv3")) {
		draft_put(d, "version: \"1\"");
		if (draft_text(d, p->map, "community", true))
			draft_secret(d, "secret", p->host);
		return;
	}
	draft_put(d, "version: \"3\"");
	if (draft_text(d, p->map, "username", true))
		draft_quote(d, "user", draft_text(d, p->map, "username", true));
	/* pysnmp's own choice where nothing is said: MD5 and DES */
	if (draft_text(d, p->map, "authpassphrase", false)) {
		const char *hash = draft_text(d, p->map, "auth_protocol", false);

		draft_secret(d, "secret", arena_printf(p->im->a, "%s_auth", p->host));
		draft_put(d, "auth: %s", hash && !strcmp(hash, "usmHMACSHAAuthProtocol") ? "sha" : "md5");
		if (hash && strcmp(hash, "usmHMACSHAAuthProtocol") && strcmp(hash, "usmHMACMD5AuthProtocol"))
			draft_lack(d, "auth_protocol %.60s: driver snmp has sha and md5", hash);
	}
	if (draft_text(d, p->map, "privpassphrase", false)) {
		const char *cipher = draft_text(d, p->map, "priv_protocol", false);

		draft_secret(d, "privacy_secret", arena_printf(p->im->a, "%s_privacy", p->host));
		draft_put(d, "privacy: %s", cipher && !strcmp(cipher, "usmAesCfb128Protocol") ? "aes" : "des");
		if (cipher && strcmp(cipher, "usmAesCfb128Protocol") && strcmp(cipher, "usmDESPrivProtocol"))
			draft_lack(d, "priv_protocol %.60s: driver snmp has aes and des", cipher);
	}
}

/* "echo '%s on'" with the port in place of its one %s or %d; NULL: of another form. */
static const char *with_port(const struct pdu *p, const char *text)
{
	const char *at = strchr(text, '%');

	if (!at || (at[1] != 's' && at[1] != 'd') || strchr(at + 2, '%') || p->port < 0)
		return NULL;
	return arena_printf(p->im->a, "%.*s%lld%s", (int)(at - text), text, (long long)p->port, at + 2);
}

static void shell(struct draft *d, const struct pdu *p, const char *key, const char *param)
{
	const char *text = draft_text(d, p->map, key, true), *words[] = { "/bin/sh", "-c", NULL, NULL };

	if (text && draft_seems_secret(text))
		draft_lack(d, "%s seems to hold a secret: put it into a program of yours", key);
	else if (text && !(words[2] = with_port(p, text)) && p->port >= 0)
		draft_lack(d, "%s: one %%s, for the port, was expected", key);
	if (words[2])
		draft_words(d, param, words);
	else
		draft_unknown(d, param);
}

static void commands(struct draft *d, const struct pdu *p)
{
	shell(d, p, "cmd_on", "on");
	shell(d, p, "cmd_off", "off");
}

static void web_password(struct draft *d, const struct pdu *p)
{
	if (draft_text(d, p->map, "password", false))
		draft_lack(d, "its web password would be in every request: kind free");
}

static void log_in(struct draft *d, const struct pdu *p)
{
	const char *user = draft_text(d, p->map, "username", false);

	draft_quote(d, "user", user ? user : "admin");          /* pdudaemon's own */
	draft_secret(d, "password", p->host);
}

static void relay_id(struct draft *d, const struct pdu *p)
{
	const char *id = draft_text(d, p->map, "serial", true);

	if (id && strlen(id) != 5)
		draft_lack(d, "serial: the board's own id has 5 characters");
	else if (id)
		draft_quote(d, "id", id);
}

/* ---- the drivers ---- */
#define WEB KEPT("ip"), KEPT("username"), KEPT("password"), { "port", "port", TAKE_INT, false }
/* Without a driver of ours: the daemon may go on serving it. */
static const char telnet[] = "by telnet there; by SNMP with driver snmp, or through pdudaemon: at which address does it listen?";
static const struct kind kinds[] = {
	{ "snmpv[13]", "snmp", NULL, "index", true, true, { COMMON, KEPT("community"), KEPT("username"), KEPT("authpassphrase"), KEPT("privpassphrase"),
	  KEPT("mib"), KEPT("controlpoint"), KEPT("onsetting"), KEPT("offsetting"), KEPT("inside_number"), KEPT("static_ending"), KEPT("auth_protocol"),
	  KEPT("priv_protocol") }, snmp, NULL },
	{ "cyberpower[48]1001", "snmp", "kind: cyberpower, version: \"1\"", "index", true, true, { COMMON, { "community", "secret", TAKE_SECRET, true } },
	  NULL, NULL },
	{ "modbustcp", "modbus", NULL, "coil", false, true,
	  { COMMON, { "port", "port", TAKE_INT, false }, { "unit", "unit", TAKE_INT, false }, { "slave", "unit", TAKE_INT, false } }, NULL, NULL },
	{ "shelly_gen2", "http", "kind: shelly2", "outlet", false, true, { COMMON }, NULL, NULL },
	{ "*_tasmota", "http", "kind: tasmota", "outlet", false, true, { COMMON, KEPT("username"), KEPT("password") }, web_password, NULL },
	{ "netiojson", "http", "kind: netio", "outlet", false, true, { COMMON, WEB, KEPT("number_of_outputs") }, log_in, NULL },
	{ "intellinet", "http", "kind: free, on: \"GET /control_outlet.htm?outlet{n}=1&op=0&submit=Anwenden\", "
	  "off: \"GET /control_outlet.htm?outlet{n}=1&op=1&submit=Anwenden\", auth: basic", "outlet", false, true, { COMMON, WEB }, log_in, NULL },
	{ "vusbhid", "dcttech", NULL, "relay", false, false, { COMMON, KEPT("serial"), { "invert", "invert", TAKE_BOOL, false } }, relay_id, NULL },
	{ "YKUSH*", "ykush", NULL, "port", false, false, { COMMON, { "serial", NULL, TAKE_SERIAL, false } }, NULL, NULL },
	{ "uhubctl", "hub", NULL, "port", false, false, { COMMON, { "location", NULL, TAKE_PATH, true } }, NULL, NULL },
	{ "EG-PM[S2]", "energenie", "match: {path: ?}", "socket", false, false, { COMMON, KEPT("device") }, NULL,
	  "its device is an id that driver energenie does not read: match by path, or by nothing if there is one strip" },
	{ "localcmdline", "exec", NULL, NULL, false, false, { COMMON, KEPT("cmd_on"), KEPT("cmd_off") }, commands, NULL },
	{ "apc*", NULL, NULL, NULL, false, false, { { 0 } }, NULL, telnet },
	{ "gude1202", NULL, NULL, NULL, false, false, { { 0 } }, NULL, "by telnet there; with kind gude, or through pdudaemon: at which address does it listen?" },
	{ "netio4", NULL, NULL, NULL, false, false, { { 0 } }, NULL, "by telnet there; with kind netio, or through pdudaemon: at which address does it listen?" },
	{ "*", NULL, NULL, NULL, false, false, { { 0 } }, NULL, "no driver here; through pdudaemon: at which address does it listen?" },
};

static const struct kind *kind_find(const char *driver)
{
	const struct kind *k = kinds;

	while (fnmatch(k->pattern, driver, 0))
		k++;
	return k;
}

static void fill(struct draft *d, const struct pdu *p, const struct kind *k)
{
	const char *ip = draft_text(d, p->map, "ip", false);

	if (k->params)
		draft_put(d, "%s", k->params);
	if (k->by_host)
		draft_address(d, "address", ip ? ip : p->host);
	if (k->more)
		k->more(d, p);
	draft_take(d, p->map, k->take);
	if (p->port < 0)
		draft_lack(d, "no alias names it: which of its ports?");
	if (k->port && p->port < 0)
		draft_unknown(d, k->port);
	else if (k->port)
		draft_put(d, k->quoted ? "%s: \"%lld\"" : "%s: %lld", k->port, (long long)p->port);
}

static void through_daemon(struct draft *d, const struct pdu *p)
{
	d->driver = "http";
	draft_put(d, "kind: pdudaemon, address: ?, port: 16421");
	draft_quote(d, "pdu", p->host);
	if (p->port < 0)
		draft_unknown(d, "outlet");
	else
		draft_put(d, "outlet: %lld", (long long)p->port);
	draft_put(d, "timeout: 10s");
}

static void one(struct pdu *p, const char *name)
{
	const struct kind *k;
	struct draft d;

	draft_begin(&d, p->im, p->at, p->host, "power", name, NULL);
	p->driver = draft_text(&d, p->map, "driver", true);
	if (p->driver) {
		k = kind_find(p->driver);
		d.driver = k->driver;
		d.what = arena_printf(p->im->a, "%s (%s)", p->host, p->driver);
		if (k->why)
			draft_lack(&d, "%s", k->why);
		if (k->driver)
			fill(&d, p, k);
		else
			through_daemon(&d, p);
	}
	draft_end(&d);
}

/* ---- the file ---- */
static bool enough(const struct import *im, struct where at, struct err *err)
{
	return im->drafts < IMPORT_DRAFTS || err_at(err, at, "more than %d PDUs and aliases: name those that are the device's", IMPORT_DRAFTS);
}

static bool alias(struct import *im, const struct conf *pdus, const struct conf *key, const struct conf *map, json_t *named, struct err *err)
{
	const struct conf *host = NULL, *port = NULL;
	struct pdu p = { .im = im, .at = key->at, .alias = key->text };

	if (!conf_is(map, CONF_MAP, "an alias", err) || !conf_need(map, "hostname", &host, err) || !conf_need(map, "port", &port, err) ||
	    !conf_text(host, &p.host, err) || !conf_int(port, 0, 65535, &p.port, err))
		return false;
	p.map = conf_get(pdus, p.host);
	if (!p.map)
		return err_at(err, host->at, "there is no PDU of that name");
	json_object_set_new(named, p.host, json_true());
	if (!import_wants(im, p.alias) && !import_wants(im, p.host))
		return true;
	if (!enough(im, key->at, err))
		return false;
	one(&p, p.alias);
	return true;
}

bool pdudaemon_config(struct import *im, const struct conf *file, struct err *err)
{
	const struct conf *pdus = conf_get(file, "pdus"), *aliases = conf_get(file, "aliases");
	json_t *named = json_object();
	bool ok = conf_is(pdus, CONF_MAP, "pdus", err) && (!aliases || conf_is(aliases, CONF_MAP, "aliases", err));

	for (size_t i = 0; ok && i < pdus->n; i++)
		ok = conf_is(pdus->item[i], CONF_MAP, "a PDU", err);
	for (size_t i = 0; ok && aliases && i < aliases->n; i++)
		ok = alias(im, pdus, aliases->key[i], aliases->item[i], named, err);
	for (size_t i = 0; ok && i < pdus->n; i++) {
		struct pdu p = { .im = im, .host = pdus->key[i]->text, .at = pdus->key[i]->at, .map = pdus->item[i], .port = -1 };

		if (json_object_get(named, p.host) || !import_wants(im, p.host))
			continue;
		ok = enough(im, p.at, err);
		if (ok)
			one(&p, p.host);
	}
	json_decref(named);
	return ok;
}
