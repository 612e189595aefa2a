// SPDX-License-Identifier: Apache-2.0
#include "harness/identity.h"

#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/proto/usb_match.h"

/* Parameters that say which device and which port of it; all others say how it is used. */
static const char *const naming[] = { "match", "path", "device", "tty", "host", "address", "url", "port", "outlet", "channel", "relay", "socket",
				      "chip", "line", "offset", "pin", "plug", "node", "pdu", "coil", "index", "oid", "object", "id", "unit", "dut",
				      "programmer", "on", NULL };

static const json_t *said(const struct bench *b, const char *line)
{
	return json_object_get(json_object_get(b->json, "lines"), line);
}

json_t *identity_of(const struct bench *b, const struct bench_line *l)
{
	const json_t *map = said(b, l->name);
	json_t *out = json_object();

	for (const char *const *n = naming; *n; n++)
		if (json_object_get(map, *n) && (!json_is_string(json_object_get(map, *n)) || json_string_length(json_object_get(map, *n))))
			json_object_set(out, *n, json_object_get(map, *n));
	if (!json_object_size(out) || !l->driver) {
		json_decref(out);
		return NULL;
	}
	json_object_set_new(out, "driver", json_string(l->driver->name));
	json_object_set_new(out, "kind", json_stringn(l->name, strcspn(l->name, ".")));
	return out;
}

void identity_hash(const struct bench *b, const char *line, char ret[static HASH_HEX])
{
	char *text = json_dumps(said(b, line), JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);

	hash_text(text ? text : "", text ? strlen(text) : 0, ret);
	free(text);
}

/* ---- match: ---- */
/* Of what may be a hex id only quotes tell that it is text: 0403 is a number to YAML, and 5131 to any reader. */
static bool ids_quoted(const struct conf *match, struct err *err)
{
	static const char *const id[] = { "vendor", "product" };

	for (size_t i = 0; i < 2; i++) {
		const struct conf *v = conf_get(match, id[i]);

		if (v && (v->kind != CONF_SCALAR || !v->quoted || strlen(v->text) != 4 || strspn(v->text, "0123456789abcdefABCDEF") != 4))
			return err_at(err, v->at, "%s: four hex digits in quotes, such as %s: \"0403\"%s", id[i], id[i],
				      v->kind == CONF_SCALAR && !v->quoted ? "; without quotes it is a number, and 0403 another one" : "");
	}
	return true;
}

static const struct conf *conf_of(const struct bench *b, const char *line)
{
	return conf_get(conf_get(b->conf, "lines"), line);
}

static const struct conf *match_of(const struct bench *b, const struct bench_line *l)
{
	const struct conf *match = conf_get(conf_of(b, l->name), "match");

	return match && match->kind == CONF_MAP ? match : NULL;
}

static bool match_reads(const struct conf *match, struct usb_match *ret, struct err *err)
{
	CLEANUP(free_json) json_t *j = conf_json(match);
	struct where at = match->at;

	if (!ids_quoted(match, err))
		return false;
	if (usb_match_read(j, ret, err))
		return true;
	err->at = at;
	return false;
}

/* It names a kind of device, not one. */
static bool by_kind(const struct usb_match *m)
{
	return !m->serial[0] && !m->path[0];
}

/* Could what `wide` says also be said of the device that `m` means? */
static bool could_mean(const struct usb_match *wide, const struct usb_match *m)
{
	return (wide->vendor < 0 || m->vendor < 0 || wide->vendor == m->vendor) && (wide->product < 0 || m->product < 0 || wide->product == m->product) &&
	       (!wide->name[0] || !m->name[0] || !strcmp(wide->name, m->name)) &&
	       (wide->interface < 0 || m->interface < 0 || wide->interface == m->interface);
}

static bool same_match(const struct usb_match *a, const struct usb_match *b)
{
	return a->vendor == b->vendor && a->product == b->product && a->interface == b->interface && !strcmp(a->serial, b->serial) &&
	       !strcmp(a->path, b->path) && !strcmp(a->name, b->name);
}

static bool apart(const struct bench *b, const struct bench_line *l, const struct bench_line *other, struct err *err)
{
	CLEANUP(free_json) json_t *mine = identity_of(b, l);
	CLEANUP(free_json) json_t *theirs = identity_of(b, other);
	const struct conf *match = match_of(b, l), *second = match_of(b, other);
	struct usb_match m = { 0 }, o = { 0 };
	struct err other_fault = { 0 };

	if (mine && theirs && json_equal(mine, theirs))
		return err_at(err, l->at, "%s and %s (line %u) mean the same port of the same device", l->name, other->name, other->at.line);
	if (!match || !second || !match_reads(match, &m, err) || !match_reads(second, &o, &other_fault))
		return err->kind == ERR_NONE;
	if (!same_match(&m, &o) && (by_kind(&m) || by_kind(&o)) && could_mean(&m, &o))
		return err_at(err, match->at, "the match of %s could mean the device of %s (line %u); say its serial, or its path", by_kind(&m) ? l->name :
			      other->name, by_kind(&m) ? other->name : l->name, by_kind(&m) ? other->at.line : l->at.line);
	return true;
}

bool identity_check(const struct bench *b, const struct bench_line *l, struct err *err)
{
	const struct conf *match = match_of(b, l);
	struct usb_match m;

	if (match && !match_reads(match, &m, err))
		return false;
	for (const struct bench_line *o = b->line; o < l; o++)
		if (o->driver && l->driver && !apart(b, l, o, err))
			return false;
	return true;
}
