// SPDX-License-Identifier: Apache-2.0
#include "probes/capture/mud.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MUD_ANSWERS = 256 };              /* no protocol has this number */

static const json_t *at(const json_t *j, const char *key)
{
	return json_object_get(j, key);
}

static void not_read(struct mud *m, const char *acl, const char *entry)
{
	if (m->n_unread < MUD_UNREAD)
		snprintf(m->unread[m->n_unread++], sizeof(m->unread[0]), "%.30s/%.30s", acl, entry ? entry : "?");
}

static bool take_text(const json_t *j, char *buf, size_t room, bool lower)
{
	const char *s = json_string_value(j);

	if (!s || !s[0] || strlen(s) >= room)
		return false;
	for (; *s && (!lower || s[0] != '.' || s[1]); s++)      /* a name may end with the root's dot */
		*buf++ = lower ? (char)tolower((unsigned char)*s) : *s;
	*buf = 0;
	return true;
}

static bool take_ip_match(const char *key, const json_t *v, struct mud_rule *r)
{
	if (!strcmp(key, "ietf-acldns:dst-dnsname"))
		return take_text(v, r->name, sizeof(r->name), true);
	if (!strcmp(key, "destination-ipv4-network") || !strcmp(key, "destination-ipv6-network"))
		return take_text(v, r->net, sizeof(r->net), false);
	if (strcmp(key, "protocol") || !json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > 255)
		return false;
	r->proto = (unsigned)json_integer_value(v);
	return true;
}

static bool take_ip(const json_t *ip, struct mud_rule *r)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)ip, key, v)
		if (!take_ip_match(key, v, r))
			return false;
	return true;
}

static bool take_port(const json_t *j, unsigned *ret)
{
	json_int_t v = json_integer_value(j);

	*ret = (unsigned)v;
	return json_is_integer(j) && v >= 0 && v <= 65535;
}

static bool take_ports(const json_t *p, struct mud_rule *r)
{
	const char *operator = json_string_value(at(p, "operator"));

	if (at(p, "port")) {
		if ((operator && strcmp(operator, "eq")) || !take_port(at(p, "port"), &r->from))
			return false;
		r->to = r->from;
		return true;
	}
	return take_port(at(p, "lower-port"), &r->from) && take_port(at(p, "upper-port"), &r->to) && r->from <= r->to;
}

static bool take_transport(const json_t *t, unsigned proto, struct mud_rule *r)
{
	const char *key;
	json_t *v;

	if (r->proto && r->proto != proto)
		return false;
	r->proto = proto;
	json_object_foreach((json_t *)t, key, v) {
		const char *by = strcmp(key, "ietf-mud:direction-initiated") ? NULL : json_string_value(v);

		if (by && !strcmp(by, "to-device"))
			r->proto = MUD_ANSWERS;         /* only answers: no call of the device is allowed by it */
		else if (!by && (strcmp(key, "destination-port") || !take_ports(v, r)))
			return false;
	}
	return true;
}

static bool take_mud(const json_t *m, struct mud_rule *r)
{
	r->local = at(m, "local-networks") != NULL;
	return r->local && json_object_size(m) == 1;
}

static bool take_match(const char *key, const json_t *v, struct mud_rule *r)
{
	if (!strcmp(key, "ipv4") || !strcmp(key, "ipv6"))
		return take_ip(v, r);
	if (!strcmp(key, "tcp") || !strcmp(key, "udp"))
		return take_transport(v, key[0] == 't' ? IP_TCP : IP_UDP, r);
	return !strcmp(key, "ietf-mud:mud") && take_mud(v, r);
}

/* False: something in it means nothing here. */
static bool take_matches(const json_t *matches, struct mud_rule *r)
{
	const char *key;
	json_t *v;

	*r = (struct mud_rule){ .to = 65535 };
	json_object_foreach((json_t *)matches, key, v)
		if (!take_match(key, v, r))
			return false;
	return json_is_object(matches);
}

static bool take_entries(struct mud *m, const char *acl, const json_t *entries, struct err *err)
{
	const json_t *e;
	size_t i;

	json_array_foreach((json_t *)entries, i, e) {
		const char *forwarding = json_string_value(at(at(e, "actions"), "forwarding"));

		if (!forwarding || (strcmp(forwarding, "accept") && strcmp(forwarding, "ietf-access-control-list:accept")))
			continue;
		if (m->n == MUD_RULES)
			return err_set(err, ERR_LIMIT, "MUD: more than %d entries", MUD_RULES);
		if (take_matches(at(e, "matches"), &m->rule[m->n]))
			m->n++;
		else
			not_read(m, acl, json_string_value(at(e, "name")));
	}
	return true;
}

/* The access list of this name; NULL = there is none. */
static const json_t *list_named(const json_t *file, const char *name)
{
	const json_t *acls = at(at(file, "ietf-access-control-list:acls"), "acl"), *a;
	size_t i;

	json_array_foreach((json_t *)acls, i, a) {
		const char *n = json_string_value(at(a, "name"));

		if (n && !strcmp(n, name))
			return a;
	}
	return NULL;
}

bool mud_read(const json_t *file, struct mud *ret, struct err *err)
{
	const json_t *lists = at(at(at(at(file, "ietf-mud:mud"), "from-device-policy"), "access-lists"), "access-list"), *l;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	if (!json_is_array(lists))
		return err_set(err, ERR_CONF, "no MUD file: it has no ietf-mud:mud with a from-device-policy");
	json_array_foreach((json_t *)lists, i, l) {
		const char *name = json_string_value(at(l, "name"));
		const json_t *acl = name ? list_named(file, name) : NULL;

		if (!acl)
			return err_set(err, ERR_CONF, "MUD: the access list '%.60s' is not in the file", name ? name : "?");
		if (!take_entries(ret, name, at(at(acl, "aces"), "ace"), err))
			return false;
	}
	return true;
}

bool mud_allows(const struct mud *m, const struct mud_call *c)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct mud_rule *r = &m->rule[i];

		if ((r->proto && r->proto != c->proto) || c->port < r->from || c->port > r->to || (r->local && !c->local))
			continue;
		if (r->name[0] && (!c->name || strcasecmp(r->name, c->name)))
			continue;
		if (!r->net[0] || addr_within(c->to, r->net))
			return true;
	}
	return false;
}

bool mud_names(const struct mud *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->rule[i].name[0] && !strcasecmp(m->rule[i].name, name))
			return true;
	return false;
}
