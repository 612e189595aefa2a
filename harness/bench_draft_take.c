// SPDX-License-Identifier: Apache-2.0
// What somebody else's file says, read for a line: values, addresses, udev properties, whole maps by a table.
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "harness/base/units.h"
#include "harness/bench_draft.h"

/* ---- what is read ---- */
const char *draft_text(struct draft *d, const struct conf *map, const char *key, bool need)
{
	const struct conf *c = conf_get(map, key);

	if (c && c->tag)
		draft_lack(d, "%s is %.40s: what it becomes is not said here", key, c->tag);
	else if (c && c->kind != CONF_SCALAR)
		draft_lack(d, "%s is no plain value", key);
	else if (c && *c->text && strcmp(c->text, "null") && strcmp(c->text, "~"))
		return c->text;
	else if (need)
		draft_lack(d, "%s is not said", key);
	return NULL;
}

bool draft_int(struct draft *d, const struct conf *map, const char *key, bool need, int64_t *ret)
{
	const char *text = draft_text(d, map, key, need);

	if (!text)
		return false;
	if (strlen(text) < 10 && units_int(text, ret) && *ret >= 0)
		return true;
	draft_lack(d, strstr(text, "{{") ? "%s is a template: what it becomes is not said here" : "%s is no whole number below 1000000000", key);
	return false;
}

bool draft_bool(struct draft *d, const struct conf *map, const char *key)
{
	static const char *const yes[] = { "true", "yes", "on", NULL }, *const no[] = { "false", "no", "off", NULL };
	const char *text = draft_text(d, map, key, false);

	for (int i = 0; text && yes[i]; i++)
		if (!strcasecmp(text, yes[i]))
			return true;
	for (int i = 0; text && no[i]; i++)
		if (!strcasecmp(text, no[i]))
			return false;
	if (text)
		draft_lack(d, "%s is neither true nor false", key);
	return false;
}

/* "192.0.2.7", "192.0.2.7:8080", "fd77::7", "[fd77::7]:8080" */
void draft_address(struct draft *d, const char *param, const char *text)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	unsigned char ip[16];
	char address[64];
	int64_t port = 0;

	if (*text == '[' && strchr(text, ']')) {
		end = strchr(text, ']');
		colon = end[1] == ':' ? end + 1 : NULL;
		text++;
	} else if (colon && strchr(text, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
	}
	snprintf(address, sizeof(address), "%.*s", end - text < 60 ? (int)(end - text) : 60, text);
	if (strchr(text, '@') || strstr(text, "://")) {         /* it may hold a password: not repeated */
		draft_lack(d, "%s is more than an address", param);
		draft_unknown(d, param);
		return;
	}
	if (inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address, ip) != 1) {
		draft_lack(d, "'%s' is a name, and the bench resolves none: write its address", address);
		draft_unknown(d, param);
		return;
	}
	draft_put(d, "%s: \"%s\"", param, address);
	if (colon && units_int(colon + 1, &port) && port > 0 && port < 65536)
		draft_put(d, "port: %lld", (long long)port);
	else if (colon)
		draft_lack(d, "no port after the colon");
}

/* ---- match: of udev properties ---- */
/* labgrid's "@KEY" is a property of a device above: the adapter, or a hub. */
static const struct { const char *udev, *ours; } property[] = {
	{ "ID_SERIAL_SHORT", "serial" }, { "serial", "serial" }, { "sys_name", "path" }, { "ID_VENDOR_ID", "vendor" }, { "idVendor", "vendor" },
	{ "ID_MODEL_ID", "product" }, { "idProduct", "product" }, { "ID_USB_INTERFACE_NUM", "interface" }, { "bInterfaceNumber", "interface" },
	/* what every such device is anyway */
	{ "SUBSYSTEM", "" }, { "DEVTYPE", "" }, { "ID_BUS", "" }, { "DRIVER", "" },
};

static void match_value(struct draft *d, const char *key, const char *ours, const char *value, char *buf, size_t room)
{
	char text[DRAFT_QUOTED];
	size_t n = strlen(buf);
	bool hex = strspn(value, "0123456789abcdefABCDEF") == strlen(value);

	if (!strcmp(ours, "path"))
		value = strndupa(value, strcspn(value, ":"));   /* "1-1.4:1.0" is an interface of 1-1.4 */
	draft_quoted(value, text, sizeof(text));
	if (strlen(value) > 100 || strstr(value, "${") || strstr(value, "{{"))
		draft_lack(d, "match: %s is nothing that a device says", key);
	else if ((!strcmp(ours, "vendor") || !strcmp(ours, "product")) && (!hex || strlen(value) != 4))
		draft_lack(d, "match: %s is not four hex digits", key);
	else if (!strcmp(ours, "interface") && (!hex || !*value || strlen(value) > 2))
		draft_lack(d, "match: %s is not two hex digits", key);
	else if (!strcmp(ours, "interface"))
		snprintf(buf + n, room - n, "%sinterface: %ld", n ? ", " : "", strtol(value, NULL, 16));
	else
		snprintf(buf + n, room - n, "%s%s: %s", n ? ", " : "", ours, text);
	if (!strcmp(ours, "serial") && strchr(value, '_'))
		draft_note(d, "where the serial holds a blank udev says _");
}

static void match_key(struct draft *d, const char *key, const struct conf *map, char *buf, size_t room)
{
	const char *bare = key + (*key == '@'), *value = draft_text(d, map, key, true);

	if (!value)
		return;
	for (size_t i = 0; i < sizeof(property) / sizeof(*property); i++)
		if (!strcmp(property[i].udev, bare)) {
			if (*property[i].ours)
				match_value(d, bare, property[i].ours, value, buf, room);
			if (*property[i].ours && *key == '@')
				draft_note(d, "%s may be a hub's above the device", key);
			return;
		}
	if (!strcmp(bare, "ID_PATH"))
		draft_lack(d, "ID_PATH does not say the bus: write the path as jusan bench probe shows it, or the serial");
	else
		draft_lack(d, "match: %.60s has no counterpart", key);
}

static void take_match(struct draft *d, const struct conf *map)
{
	char buf[1000] = "";

	if (map->kind != CONF_MAP || map->tag) {
		draft_lack(d, "match is no map");
		draft_unknown(d, "match");
		return;
	}
	for (size_t i = 0; i < map->n; i++)
		match_key(d, map->key[i]->text, map, buf, sizeof(buf));
	draft_put(d, *buf ? "match: {%s}" : "match: {path: ?}%s", buf);
	if (!*buf)
		draft_lack(d, "match says no device");
}

/* ---- a map by its table ---- */
static void take_one(struct draft *d, const struct conf *map, const struct take_key *k)
{
	const struct conf *c = conf_get(map, k->key);
	const char *text;
	int64_t v;

	if (k->as == TAKE_NOT || (!c && !k->need))
		return;
	if (!c) {
		draft_lack(d, "%s is not said", k->key);
		draft_unknown(d, k->param);
	} else if (k->as == TAKE_MATCH) {
		take_match(d, c);
	} else if (k->as == TAKE_BOOL) {
		if (draft_bool(d, map, k->key))
			draft_put(d, "%s: true", k->param);
	} else if (k->as == TAKE_INT) {
		if (draft_int(d, map, k->key, k->need, &v))
			draft_put(d, "%s: %lld", k->param, (long long)v);
		else if (k->need)
			draft_unknown(d, k->param);
	} else if (k->as == TAKE_SECRET) {
		draft_secret(d, k->param, d->name);
	} else if (!(text = draft_text(d, map, k->key, k->need))) {
		if (k->need)
			draft_unknown(d, k->param);
	} else if (k->as == TAKE_ADDRESS) {
		draft_address(d, k->param, text);
	} else if (k->as == TAKE_SERIAL || k->as == TAKE_PATH) {
		char buf[1000] = "";

		match_value(d, k->key, k->as == TAKE_PATH ? "path" : "serial", text, buf, sizeof(buf));
		draft_put(d, *buf ? "match: {%s}" : "match: {path: ?}%s", buf);
	} else {
		draft_quote(d, k->param, text);
	}
}

void draft_take(struct draft *d, const struct conf *map, const struct take_key *keys)
{
	for (const struct take_key *k = keys; k->key; k++)
		take_one(d, map, k);
	for (size_t i = 0; map && map->kind == CONF_MAP && i < map->n; i++) {
		const struct take_key *k = keys;

		while (k->key && strcmp(k->key, map->key[i]->text))
			k++;
		if (!k->key && strcmp(map->key[i]->text, "name") && strcmp(map->key[i]->text, "cls"))
			draft_note(d, "%.40s has no counterpart", map->key[i]->text);
	}
}

