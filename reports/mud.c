/* SPDX-License-Identifier: Apache-2.0
 *
 * A draft of a MUD file (RFC 8520) out of what the device was seen to call: one access list a direction and address family. What was not
 * seen is not in it, and it says so where every reader looks first (systeminfo). What was seen and is not declared is dropped by
 * name, so that nobody grants it by accident; the particulars stand in an extension of our own, x-jusan-observed. */
#include <stdio.h>
#include <string.h>

#include "harness/report.h"
#include "reports/mud/peers.h"
#include "reports/read/read.h"

/* RFC 8520 asks for at most 60 characters. */
#define SAYS "DRAFT of what one run saw; what it did not see is not here"
#define TEXT_MAX 200
#define UNSET "https://to-be-completed.invalid/mud.json"

/* ---- entries ---- */
static json_t *l3(const struct peer *p, bool v6, bool from)
{
	const char *name = from ? "ietf-acldns:dst-dnsname" : "ietf-acldns:src-dnsname";
	const char *net = v6 ? (from ? "destination-ipv6-network" : "source-ipv6-network") : from ? "destination-ipv4-network" : "source-ipv4-network";
	json_t *ret = json_pack("{s:i}", "protocol", p->tcp ? 6 : 17);
	char prefix[300];

	if (p->kind == PEER_NAME) {
		json_object_set_new(ret, name, json_string(p->host));
	} else if (p->kind != PEER_LOCAL) {
		snprintf(prefix, sizeof(prefix), "%s/%d", p->host, v6 ? 128 : 32);
		json_object_set_new(ret, net, json_string(prefix));
	}
	return ret;
}

static json_t *entry(const struct peer *p, size_t number, bool v6, bool from)
{
	json_t *l4 = json_pack("{s:{s:s,s:i}}", from ? "destination-port" : "source-port", "operator", "eq", "port", (int)p->port);
	json_t *matches = json_pack("{s:o}", v6 ? "ipv6" : "ipv4", l3(p, v6, from));
	char name[40];

	if (p->tcp)
		json_object_set_new(l4, "ietf-mud:direction-initiated", json_string("from-device"));
	json_object_set_new(matches, p->tcp ? "tcp" : "udp", l4);
	if (p->kind == PEER_LOCAL)
		json_object_set_new(matches, "ietf-mud:mud", json_pack("{s:[n]}", "local-networks"));
	snprintf(name, sizeof(name), "%s%zu-%s", p->undeclared ? "undeclared" : "seen", number, from ? "from" : "to");
	return json_pack("{s:s,s:o,s:{s:s}}", "name", name, "matches", matches, "actions", "forwarding", p->undeclared ? "drop" : "accept");
}

/* The record holds names, not families: a name stands in both lists. */
static json_t *list(const struct peers *p, const char *name, bool v6, bool from)
{
	json_t *aces = json_array();

	for (size_t i = 0; i < p->n; i++)
		if (p->peer[i].kind != (v6 ? PEER_IPV4 : PEER_IPV6))
			json_array_append_new(aces, entry(&p->peer[i], i + 1, v6, from));
	return json_pack("{s:s,s:s,s:{s:o}}", "name", name, "type", v6 ? "ietf-access-control-list:ipv6-acl-type" : "ietf-access-control-list:ipv4-acl-type",
			 "aces", "ace", aces);
}

/* ---- the whole ---- */

/* A text of the run, bounded; never cut inside a character. */
static json_t *bounded(const json_t *o, const char *key)
{
	const char *s = get_text(o, key);
	size_t n = strnlen(s, TEXT_MAX);

	while (n == TEXT_MAX && n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return json_stringn(s, n);
}

static const char *updated(const json_t *run, char stamp[static READ_STAMP])
{
	const char *ended = get_text(run, "ended");
	int y, mo, d, h, mi, s;
	char z, more;

	if (sscanf(ended, "%4d-%2d-%2dT%2d:%2d:%2d%c%c", &y, &mo, &d, &h, &mi, &s, &z, &more) == 7 && z == 'Z' && strlen(ended) == 20 &&
	    mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h >= 0 && h < 24 && mi >= 0 && mi < 60 && s >= 0 && s < 60)
		return ended;
	stamp_text(run, get_ns(run, "end_ns", 0), stamp);
	return *stamp ? stamp : "1970-01-01T00:00:00Z";
}

static const char some[] = "Made from observation in one run, for a person to complete. What the device calls at other times, in other states or on other "
			   "networks was not seen and is not in this file: do not put it into force as it is.";
static const char nothing[] = "Nothing was observed: this file would cut the device off. Do not put it into force.";

static json_t *observed(const struct peers *p, const json_t *v)
{
	const json_t *run = json_object_get(v, "run");

	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:[s,s,s]}", "statement", p->n ? some : nothing, "run", bounded(run, "id"), "firmware",
			 bounded(run, "firmware"), "from", json_incref(p->from), "scope", json_incref(p->scope), "left-out", json_incref(p->left_out),
			 "declared-not-seen", json_incref(p->unseen), "names", json_incref(p->names), "to-be-completed", "mud-url", "is-supported",
			 "addresses: a name stands for IPv4 and IPv6, since only the name was recorded");
}

static json_t *policy(const char *v4, const char *v6)
{
	return json_pack("{s:{s:[{s:s},{s:s}]}}", "access-lists", "access-list", "name", v4, "name", v6);
}

static json_t *mud(const struct peers *p, const json_t *v)
{
	const json_t *run = json_object_get(v, "run");
	char stamp[READ_STAMP];
	json_t *m = json_pack("{s:i,s:s,s:s,s:i,s:b,s:s,s:[s]}", "mud-version", 1, "mud-url", UNSET, "last-update", updated(run, stamp), "cache-validity", 48,
			      "is-supported", 1, "systeminfo", SAYS, "extensions", "x-jusan-observed");

	if (*get_text(run, "maker"))
		json_object_set_new(m, "mfg-name", bounded(run, "maker"));
	if (*get_text(run, "model"))
		json_object_set_new(m, "model-name", bounded(run, "model"));
	json_object_set_new(m, "from-device-policy", policy("draft-from-ipv4", "draft-from-ipv6"));
	json_object_set_new(m, "to-device-policy", policy("draft-to-ipv4", "draft-to-ipv6"));
	json_object_set_new(m, "x-jusan-observed:observation", observed(p, v));
	return json_pack("{s:o,s:{s:[o,o,o,o]}}", "ietf-mud:mud", m, "ietf-access-control-list:acls", "acl", list(p, "draft-from-ipv4", false, true),
			 list(p, "draft-from-ipv6", true, true), list(p, "draft-to-ipv4", false, false), list(p, "draft-to-ipv6", true, false));
}

static bool write_mud(const struct result *r, FILE *out, struct err *err)
{
	static struct peers p;
	json_t *file;
	bool ok;

	peers_read(r, &p);
	file = mud(&p, r->verdicts);
	ok = file && json_dumpf(file, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII) == 0 && fputc('\n', out) != EOF;
	json_decref(file);
	peers_free(&p);
	return ok || err_sys(err, "mud.json");
}

const struct report report_mud = {
	.name = "mud",
	.file = "mud.json",
	.doc = "draft of a MUD file (RFC 8520) from the egress that was observed",
	.write = write_mud,
};
