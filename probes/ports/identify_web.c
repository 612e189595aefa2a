/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_web.c - a web server: its usual pages, those of the declared log-ins, and two errors. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/clock.h"
#include "probes/ports/identify.h"
#include "probes/ports/target.h"
#include "probes/ports/webpage.h"

enum { REDIRECTS = 3 };

/* Where devices keep what only the maker or the owner is to see. Each is asked for once, nothing is tried there. */
static const char *const usual[] = {
	"/", "/login", "/login.html", "/index.html", "/admin", "/admin/", "/setup", "/config", "/service", "/maintenance", "/manage",
	"/system", "/status", "/debug", "/console", "/api", "/cgi-bin/", "/cgi-bin/luci", "/HNAP1/", "/goform/login", "/webdav/",
	"/onvif/device_service", "/accessories", "/rootDesc.xml", "/description.xml", "/.well-known/security.txt",
};

/* As it stands in a URL: without the interface, which means nothing to the other side (RFC 9110 4.2). */
static const char *host(const struct identify *x, char buf[static 72])
{
	bool v6 = strchr(x->ip, ':') != NULL;

	snprintf(buf, 72, "%s%.*s%s", v6 ? "[" : "", target_bare(x->ip), x->ip, v6 ? "]" : "");
	return buf;
}

static bool get(struct identify *x, const char *path, struct webpage *w, bool *ret_got, struct err *err)
{
	char request[1024], where[72];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s:%u\r\nUser-Agent: jusan\r\nAccept: */*\r\n"
			 "Connection: close\r\n\r\n", path, host(x, where), x->f->port);

	*ret_got = false;
	if (n < 0 || n >= (int)sizeof(request) || clock_ns() > x->d.until_ns) {
		x->f->cut = true;
		return true;
	}
	if (!dialog_open(&x->d, x->ip, x->f->port, x->tls, err))
		return false;
	if (x->d.connected && dialog_send(&x->d, (struct span){ (const uint8_t *)request, (size_t)n }) && dialog_read(&x->d))
		*ret_got = webpage_read((struct span){ x->d.answer, x->d.n }, w);
	x->f->endless |= x->d.endless;
	dialog_close(&x->d);
	return true;
}

static void keep(struct identify *x, const char *asked, const struct webpage *w)
{
	answers_add(x->answers, x->port, "header", asked, w->head);
	answers_add(x->answers, x->port, w->status >= 400 ? "error" : "page", asked, w->body);
}

static void logins(struct identify *x, const struct webpage *w)
{
	static const struct { size_t at; const char *login; } kinds[] = {
		{ offsetof(struct webpage, basic), "http_basic" }, { offsetof(struct webpage, digest), "http_digest" },
		{ offsetof(struct webpage, bearer), "http_bearer" }, { offsetof(struct webpage, other), "http_other" },
		{ offsetof(struct webpage, form), "http_form" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (*(const bool *)((const char *)w + kinds[i].at))
			identify_login(x, kinds[i].login);
	if (w->status == 470)
		identify_login(x, "hap");
}

/* Where a redirect leads on this very server; NULL = elsewhere, or nowhere. */
static const char *here(const struct identify *x, const char *location)
{
	char mine[128], where[72];
	size_t n;

	if (location[0] == '/' && location[1] != '/')
		return location;
	snprintf(mine, sizeof(mine), "http%s://%s", x->tls ? "s" : "", host(x, where));
	n = strlen(mine);
	if (strncasecmp(location, mine, n))
		return NULL;
	if (location[n] == ':') {
		snprintf(mine, sizeof(mine), ":%u", x->f->port);
		if (strncmp(location + n, mine, strlen(mine)))
			return NULL;
		n += strlen(mine);
	} else if (x->f->port != (x->tls ? 443 : 80)) {
		return NULL;
	}
	return location[n] == '/' ? location + n : NULL;
}

static bool page(struct identify *x, const char *path, struct err *err)
{
	struct webpage w;
	char next[256];
	bool got;

	for (int i = 0; i <= REDIRECTS && path; i++) {
		if (!get(x, path, &w, &got, err))
			return false;
		if (!got) {
			x->f->unanswered += !x->d.connected || !x->d.ended;
			return true;
		}
		x->pages += w.status != 400;
		keep(x, path, &w);
		logins(x, &w);
		snprintf(next, sizeof(next), "%s", w.location);
		path = w.status / 100 == 3 ? here(x, next) : NULL;
	}
	return true;
}

/* No request at all: the answer comes from the server itself, not from what it serves. */
static bool malformed(struct identify *x, struct err *err)
{
	static const char request[] = "JUSAN\r\n\r\n";
	struct webpage w;
	bool said;

	if (!identify_exchange(x, request, (struct span){ (const uint8_t *)request, sizeof(request) - 1 }, &said, err))
		return false;
	if (said && webpage_read((struct span){ x->d.answer, x->d.n }, &w))
		keep(x, "(no request)", &w);
	dialog_close(&x->d);
	return true;
}

bool identify_web(struct identify *x, struct err *err)
{
	for (size_t i = 0; i < (x->few_pages ? 1 : sizeof(usual) / sizeof(usual[0])); i++) {
		if (!page(x, usual[i], err))
			return false;
		if (!x->pages)          /* it takes no request of ours: perhaps it wants TLS */
			return true;
	}
	for (size_t i = 0; i < x->surfaces; i++)
		if (!x->surface[i].udp && x->surface[i].port == x->f->port && x->surface[i].path[0] && !page(x, x->surface[i].path, err))
			return false;
	return x->few_pages || (page(x, "/jusan-is-not-here", err) && malformed(x, err));
}
