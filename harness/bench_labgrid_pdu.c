// SPDX-License-Identifier: Apache-2.0
// NetworkPowerPort: labgrid's models of PDUs as drivers of ours. What each asks is read from labgrid/driver/power/MODEL.py;
// the community that SNMP models have built in there is a secret all the same, and is not written.
#include <string.h>

#include "harness/base/units.h"
#include "harness/bench_draft.h"

static const struct model {
	const char *name, *driver, *kind;
	enum { AS_OUTLET, AS_OUTLET_FROM_1, AS_INDEX, AS_INDEX_0, AS_INDEX_1, AS_SENTRY, AS_CHANNEL, AS_TEMPLATE } index;
	bool url;                       /* host is one, perhaps with user and password */
	const char *more;               /* further parameters */
	const char *why;                /* it is a comment */
} models[] = {
	{ "apc", "snmp", "apc-masterswitch", AS_INDEX, false, "version: \"1\"", NULL },
	{ "eaton", "snmp", "eaton", AS_INDEX_0, false, "version: \"1\"", NULL },
	{ "raritan", "snmp", "raritan", AS_INDEX_1, false, "version: \"1\"", NULL },
	{ "sentry", "snmp", "sentry3", AS_SENTRY, false, "version: \"1\"", NULL },
	{ "poe_mib", "snmp", "poe", AS_INDEX_1, false, "version: \"1\"", NULL },
	{ "netio_json", "http", "netio", AS_OUTLET, false, NULL, NULL },
	{ "gude8225", "http", "gude", AS_OUTLET, false, "get: \"GET /statusjsn.js?components=1\"", NULL },
	{ "gude8031", "http", "gude", AS_OUTLET, false,
	  "on: \"GET /status.json?components=0&cmd=1&p={n}&s=1\", off: \"GET /status.json?components=0&cmd=1&p={n}&s=0\"", NULL },
	{ "shelly_gen1", "http", "shelly1", AS_OUTLET, true, NULL, NULL },
	{ "shelly_gen2", "http", "shelly2", AS_OUTLET, true, NULL, NULL },
	{ "digitalloggers_restapi", "http", "dli", AS_OUTLET_FROM_1, true, NULL, NULL },
	{ "rest", "http", "free", AS_TEMPLATE, true, NULL, NULL },
	{ "simplerest", "http", "free", AS_TEMPLATE, true, NULL, NULL },
	{ "gude", "http", "gude", AS_OUTLET, false, NULL, "an interface older than kind gude knows: say on, off and get" },
	{ "gude24", "http", "gude", AS_OUTLET, false, NULL, "its state is read from a page: say get, says_on and says_off" },
	{ "gude8210", "http", "gude", AS_OUTLET, false, NULL, "compare its requests with those of kind gude" },
	{ "gude8316", "http", "gude", AS_OUTLET, false, NULL, "compare its requests with those of kind gude" },
	{ "netio", "http", "netio", AS_OUTLET, false, NULL, "an interface older than kind netio knows: right if its JSON interface is on" },
	{ "siglent", "scpi", NULL, AS_CHANNEL, false, "model: siglent, max_mv: ?", "VXI-11 there, SCPI over TCP here; max_mv: what the device stands" },
	{ "digitalloggers_http", "http", "dli", AS_OUTLET, true, NULL, "an interface older than kind dli knows: right if its REST interface is on" },
};

static const struct model *model_find(const char *name)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

/* "https://admin:1234@192.0.2.4/path" taken apart in place; false: not of that form. */
struct parts { const char *scheme, *user, *password, *host, *path; };
static bool take_apart(char *url, struct parts *ret)
{
	char *rest = strstr(url, "://"), *path, *at, *colon;

	*ret = (struct parts){ .path = "" };
	if (!rest || (strncmp(url, "http:", 5) && strncmp(url, "https:", 6)))
		return false;
	*rest = '\0';
	ret->scheme = url;
	rest += 3;
	path = strchr(rest, '/');
	if (path) {
		*path = '\0';
		ret->path = path + 1;   /* its slash became the end of the host */
	}
	at = strrchr(rest, '@');
	if (at) {
		*at = '\0';
		ret->user = rest;
		colon = strchr(rest, ':');
		if (colon) {
			*colon = '\0';
			ret->password = colon + 1;
		}
		rest = at + 1;
	}
	ret->host = rest;
	return true;
}

/* Their {index} and {value} in a path. NULL: longer than a value may be, or another brace. */
static const char *filled(struct draft *d, const char *path, int64_t index, const char *value)
{
	char buf[DRAFT_TEXT];
	size_t n = 0;

	while (*path && n < sizeof(buf) - 16) {
		if (!strncmp(path, "{index}", 7)) {
			n += (size_t)snprintf(buf + n, 16, "%lld", (long long)index);
			path += 7;
		} else if (!strncmp(path, "{value}", 7)) {
			n += (size_t)snprintf(buf + n, 16, "%s", value);
			path += 7;
		} else if (strchr("{} ", *path)) {
			return NULL;
		} else {
			buf[n++] = *path++;
		}
	}
	buf[n] = '\0';
	return *path ? NULL : arena_strdup(d->im->a, buf);
}

/* rest: PUT and GET of the same path, "0" or "1". simplerest: GET with the value in the path, or without it. */
static void requests(struct draft *d, bool simple, const char *path, int64_t index)
{
	for (int on = 1; on >= 0; on--) {
		const char *p = filled(d, path, index, on ? "1" : "0");

		if (!p)
			draft_lack(d, "its path holds more than {index} and {value}");
		else
			draft_quote(d, on ? "on" : "off", arena_printf(d->im->a, simple ? "GET /%s" : "PUT /%s %d", p, on));
	}
	path = filled(d, path, index, "");
	if (path) {
		size_t n = strlen(path);

		while (simple && n && path[n - 1] == '/')
			n--;
		draft_quote(d, "get", arena_printf(d->im->a, "GET /%.*s", (int)n, path));
		draft_put(d, "says_on: \"^1$\", says_off: \"^0$\"");
	}
}

static void outlet(struct draft *d, const struct model *m, int64_t n)
{
	switch (m->index) {
	case AS_OUTLET: draft_put(d, "outlet: %lld", (long long)n); break;
	case AS_OUTLET_FROM_1: draft_put(d, "outlet: %lld", (long long)n + 1); break;   /* counted from 0 there */
	case AS_INDEX: draft_put(d, "index: \"%lld\"", (long long)n); break;
	case AS_INDEX_0: draft_put(d, "index: \"0.%lld\"", (long long)n); break;
	case AS_INDEX_1: draft_put(d, "index: \"1.%lld\"", (long long)n); break;
	case AS_SENTRY:         /* numbered through there: six infeeds of eight outlets */
		if (n < 1 || n > 48)
			draft_lack(d, "index of a sentry is 1 to 48");
		else
			draft_put(d, "index: \"1.%lld.%lld\"", (long long)(n - 1) / 8 + 1, (long long)(n - 1) % 8 + 1);
		break;
	case AS_CHANNEL: draft_put(d, "channel: %lld", (long long)n); break;
	case AS_TEMPLATE: break;
	}
}

static void by_url(struct draft *d, const struct model *m, const char *host, int64_t index)
{
	struct parts p;

	if (!take_apart(arena_strdup(d->im->a, host), &p)) {
		draft_lack(d, "host is no http or https address");
		return;
	}
	draft_address(d, "address", p.host);
	if (!strcmp(p.scheme, "https"))
		draft_put(d, strchr(p.host, ':') ? "tls: true, self_signed: true" : "port: 443, tls: true, self_signed: true");  /* as there */
	if (p.user)
		draft_quote(d, "user", p.user);
	if (p.password)
		draft_secret(d, "password", p.host);
	if (m->index == AS_TEMPLATE)
		requests(d, !strcmp(m->name, "simplerest"), p.path, index);
	else if (*p.path)
		draft_note(d, "the path of host is not used");
}

void labgrid_pdu(struct draft *d, const struct conf *port)
{
	const char *name = draft_text(d, port, "model", true), *host = draft_text(d, port, "host", true);
	const struct model *m = name ? model_find(name) : NULL;
	int64_t index = 0;
	bool numbered = draft_int(d, port, "index", !m || m->index != AS_TEMPLATE, &index);

	if (!m) {
		draft_lack(d, "model %.40s: no driver here; a program of yours can switch it through {driver: exec, on: [...], off: [...]}",
			   name ? name : "");
		d->driver = NULL;
		return;
	}
	d->driver = m->driver;
	if (m->why)
		draft_lack(d, "%s", m->why);
	if (m->kind)
		draft_put(d, "kind: %s", m->kind);
	if (host && m->url)
		by_url(d, m, host, index);
	else if (host)
		draft_address(d, "address", host);
	if (numbered)
		outlet(d, m, index);
	if (m->more)
		draft_put(d, "%s", m->more);
	if (!strcmp(m->driver, "snmp"))
		draft_secret(d, "secret", host ? host : d->name);
}
