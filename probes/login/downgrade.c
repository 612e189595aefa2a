/* SPDX-License-Identifier: Apache-2.0
 *
 * downgrade.c - is the right secret also taken in a weaker way than the declared one: without TLS, or Basic where a digest is
 * asked for? What a way refuses it must refuse while the declared one still lets in, or the device was just not there.
 * Source  ports without TLS: IANA service names (ftp, telnet, smtp, submission, http, pop3, imap, rtsp, mqtt). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/login/login.h"
#include "probes/login/trylog.h"

enum { WAYS = 4 };
struct ways { json_t *row[WAYS]; char name[WAYS][48]; size_t n; };

static void free_ways(struct ways *w)
{
	for (size_t i = 0; i < w->n; i++)
		json_decref(w->row[i]);
}

/* A copy of the row with one thing changed; `value` is taken over. */
static void add(struct ways *w, const json_t *row, const char *key, json_t *value, const char *name)
{
	if (w->n == WAYS) {
		json_decref(value);
		return;
	}
	w->row[w->n] = json_deep_copy(row);
	json_object_set_new(w->row[w->n], key, value);
	json_object_del(w->row[w->n], "ca");
	json_object_del(w->row[w->n], "starttls");
	if (!strcmp(key, "port"))
		json_object_del(w->row[w->n], "tls");
	snprintf(w->name[w->n++], sizeof(w->name[0]), "%s", name);
}

/* https://host:port/path -> http, on the port of plain HTTP and on the very same one. */
static bool without_https(struct ways *w, const json_t *row, const char *text, struct err *err)
{
	char other[2400], name[48];
	struct url u;

	if (strncmp(text, "https:", 6))
		return true;
	if (!url_split(text, &u))
		return err_set(err, ERR_CONF, "surface: '%.200s' is not an address", text);
	snprintf(other, sizeof(other), strchr(u.host, ':') ? "http://[%s]%s" : "http://%s%s", u.host, u.path);
	add(w, row, "url", json_string(other), "http");
	snprintf(other, sizeof(other), strchr(u.host, ':') ? "http://[%s]:%d%s" : "http://%s:%d%s", u.host, u.port, u.path);
	snprintf(name, sizeof(name), "http on port %d", u.port);
	add(w, row, "url", json_string(other), name);
	return true;
}

static void without_tls(struct ways *w, const json_t *row, const char *type)
{
	static const struct { const char *type; int port[2]; } plain[] = {
		{ "ftp", { 21, 0 } }, { "telnet", { 23, 0 } }, { "smtp", { 25, 587 } }, { "pop3", { 110, 0 } }, { "imap", { 143, 0 } },
		{ "rtsp", { 554, 0 } }, { "mqtt", { 1883, 0 } },
	};
	int64_t declared = json_integer_value(json_object_get(row, "port"));
	char name[48];

	if (!json_is_true(json_object_get(row, "tls")) && !json_is_true(json_object_get(row, "starttls")))
		return;
	snprintf(name, sizeof(name), "%.20s on port %" PRId64 " without TLS", type, declared);
	add(w, row, "tls", json_false(), name);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		for (int k = 0; k < 2; k++)
			if (!strcmp(plain[i].type, type) && plain[i].port[k] && plain[i].port[k] != declared) {
				snprintf(name, sizeof(name), "%.20s on port %d without TLS", type, plain[i].port[k]);
				add(w, row, "port", json_integer(plain[i].port[k]), name);
			}
}

static bool find_ways(struct step *st, struct ways *w, struct err *err)
{
	const json_t *row = step_json(st, "surface");
	const char *type = json_string_value(json_object_get(row, json_object_get(row, "type") ? "type" : "kind"));
	const char *url = json_string_value(json_object_get(row, "url"));

	if (!type)
		return err_set(err, ERR_CONF, "surface: a map with kind and url or port is needed");
	if (!strcmp(type, "http_digest"))
		add(w, row, json_object_get(row, "type") ? "type" : "kind", json_string("http_basic"), "basic");
	if (url && !without_https(w, row, url, err))
		return false;
	without_tls(w, row, type);
	return true;
}

enum way { WAY_CLOSED, WAY_REFUSES, WAY_TAKES, WAY_SILENT, WAY_LOCKED };

static bool walk(struct step *st, const json_t *row, const char *name, struct trylog *log, enum way *ret, struct err *err)
{
	struct refusal r = { .learned = false };
	struct surface *s = NULL;
	enum outcome o = OFFER_SILENT;
	bool ok = surface_open(st, URL_RULES, row, &s, err) && offer_learn(s, step_rng(st), &r, err);

	if (ok && r.learned && !r.open)
		ok = offer(s, step_rng(st), &r, step_text(st, "user"), step_text(st, "secret"), &o, err);
	if (ok) {
		*ret = r.last.closed ? WAY_CLOSED : r.open || o == OFFER_GRANTED ? WAY_TAKES : o == OFFER_REFUSED ? WAY_REFUSES :
		       o == OFFER_LOCKED || r.last.locked ? WAY_LOCKED : WAY_SILENT;
		trylog_add(log, name, step_text(st, "user"), "(right)", &r.last, o);
	}
	surface_close(s);
	return ok;
}

static bool walk_all(struct step *st, const struct ways *w, struct trylog *log, struct err *err)
{
	bool silent = false, locked = false;
	int64_t accepted = 0;
	enum way way = WAY_SILENT;

	for (size_t i = 0; i < w->n; i++) {
		if (!walk(st, w->row[i], w->name[i], log, &way, err))
			return false;
		fact_set_add(st, way == WAY_CLOSED ? "closed" : "tried", w->name[i]);
		silent |= way == WAY_SILENT;
		locked |= way == WAY_LOCKED;
		if (way == WAY_TAKES) {
			accepted++;
			fact_set_add(st, "which", w->name[i]);
		}
	}
	if (w->n && !walk(st, step_json(st, "surface"), "as declared", log, &way, err))
		return false;
	fact_int(st, "accepted", accepted);
	fact_bool(st, "complete", !locked && (!w->n || way == WAY_TAKES));
	if (locked || (w->n && way != WAY_TAKES))
		step_incomplete(st, "%s", locked ? "the account is locked" : silent ? "nothing answered, and the declared way does not let in either" :
				"the declared way does not let in");
	return true;
}

bool login_downgrade(struct step *st, struct err *err)
{
	CLEANUP(free_ways) struct ways w = { .n = 0 };
	struct trylog log = { .f = NULL };
	bool ok;

	fact_set_empty(st, "tried");
	fact_set_empty(st, "closed");
	fact_set_empty(st, "which");
	ok = trylog_open(st, "downgrade", &log, err) && find_ways(st, &w, err) && walk_all(st, &w, &log, err);
	trylog_close(st, &log);
	if (!ok)
		return false;
	step_observer(st, "net.lan");
	step_scope_text(st, "%zu weaker ways", w.n);
	return true;
}
