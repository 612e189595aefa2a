/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '#' || *s == '\\')
			return false;
	return true;
}

/* "host", "host:port", "[v6]", "[v6]:port" in s[n]. */
static bool authority(const char *s, size_t n, struct url *ret)
{
	const char *end = s + n, *host = s, *stop, *colon;

	if (memchr(s, '@', n))
		return false;
	if (n && *s == '[') {
		host = s + 1;
		stop = memchr(host, ']', (size_t)(end - host));
		if (!stop)
			return false;
		colon = stop + 1;
	} else {
		stop = memchr(s, ':', n);
		stop = stop ? stop : end;
		colon = stop;
	}
	if (stop == host || (size_t)(stop - host) >= sizeof(ret->host))
		return false;
	memcpy(ret->host, host, (size_t)(stop - host));
	ret->host[stop - host] = 0;
	ret->port = ret->tls ? 443 : 80;
	if (colon == end)
		return true;
	if (*colon++ != ':' || colon == end || end - colon > 5)
		return false;
	for (ret->port = 0; colon < end; colon++) {
		if (*colon < '0' || *colon > '9')
			return false;
		ret->port = ret->port * 10 + (*colon - '0');
	}
	return ret->port > 0 && ret->port < 65536;
}

bool url_split(const char *text, struct url *ret)
{
	struct url u = { 0 };
	const char *rest;
	size_t n;

	if (!clean(text))
		return false;
	if (!strncasecmp(text, "https://", 8))
		u.tls = true;
	else if (strncasecmp(text, "http://", 7))
		return false;
	rest = text + (u.tls ? 8 : 7);
	n = strcspn(rest, "/?");
	if (!authority(rest, n, &u))
		return false;
	if (snprintf(u.path, sizeof(u.path), "%s%s", rest[n] == '/' ? "" : "/", rest + n) >= (int)sizeof(u.path))
		return false;
	*ret = u;
	return true;
}

bool url_with_host(const struct url *u, const char *host, char *buf, size_t n)
{
	bool six = strchr(host, ':') != NULL;
	char port[8] = "";
	int len;

	if (u->port != (u->tls ? 443 : 80))
		snprintf(port, sizeof(port), ":%d", u->port);
	len = snprintf(buf, n, "%s://%s%s%s%s%s", u->tls ? "https" : "http", six ? "[" : "", host, six ? "]" : "",
		       port, u->path);
	return len > 0 && (size_t)len < n;
}

bool url_target(struct step *st, const struct url_rules *rules, const char *text, struct url_target *ret,
		struct err *err)
{
	struct url_target t = { .dut = false };
	struct url u;

	if (!url_split(text, &u))
		return err_set(err, ERR_CONF, "'%s' is not an http or https address", text);
	t.dut = !strcasecmp(u.host, "dut");
	if (t.dut && !rules->dut_address(st, t.address))
		t.address[0] = 0;
	if (!t.dut && !rules->resolve(st, u.host, t.address, err))
		return err_in(err, "%s", text);
	if (t.address[0] && !rules->in_scope(st, t.address, err))
		return err_in(err, "%s", text);
	if (!url_with_host(&u, t.dut && t.address[0] ? t.address : u.host, t.url, sizeof(t.url)))
		return err_set(err, ERR_LIMIT, "address too long: %.100s", text);
	*ret = t;
	return true;
}
