// SPDX-License-Identifier: Apache-2.0
// A socket or PDU with a web interface. Only its address is contacted: no redirect is followed, no proxy and no DNS is used.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/proto/fetch.h"
#include "probes/power/http_plugs.h"
#include "probes/power/outlet.h"

#define SECRET_MAX 256
#define REQUEST_MAX 1024
#define TRIES_FIRST 3
#define TRIES_KNOWN 8

struct http {
	struct line *line;
	struct fetch *fetch;
	struct http_plug plug;
	char password[SECRET_MAX];
	bool let_in;                    /* these credentials were right once */
};

static void http_close(void *dev)
{
	struct http *h = dev;

	fetch_free(h->fetch);
	explicit_bzero(h->password, sizeof(h->password));
	free(h);
}

/* Servers exist that give two clients of one millisecond the same nonce and then refuse one of them, as if its password were
 * wrong (libmicrohttpd 0.9): it is tried again, a little apart from the others. A few times only while it was never let in:
 * wrong passwords lock an account. */
static bool do_it(struct http *h, const struct fetch_ask *ask, struct fetch_answer *ret, struct err *err)
{
	int tries = !ask->user || !ask->digest ? 1 : h->let_in ? TRIES_KNOWN : TRIES_FIRST;

	for (int i = 1; fetch_do(h->fetch, ask, ret, err); i++) {
		h->let_in |= ret->reached && ret->status != 401;
		if (!ret->reached || ret->status != 401 || i == tries)
			return true;
		poll(NULL, 0, 1 + (int)((clock_ns() / 1000 + getpid()) % (40 * i)));
	}
	return false;
}

static const char *text_or(const struct line *l, const char *param, const char *otherwise)
{
	return line_has(l, param) ? line_text(l, param) : otherwise;
}

/* "METHOD PATH BODY" to that address; status 200 to 299. ret NULL: the answer's text does not matter. */
static bool request(struct http *h, const char *pattern, struct fetch_answer *ret, struct err *err)
{
	struct line *l = h->line;
	const char *address = line_text(l, "address");
	struct fetch_ask ask = { .address = address, .header = h->plug.header, .type = h->plug.type, .digest = h->plug.digest,
				 .timeout_ns = line_int(l, "timeout"), .no_verify = line_flag(l, "self_signed"), .no_name = true };
	char text[REQUEST_MAX], url[REQUEST_MAX + 200], *path, *body;
	bool six = strchr(address, ':') != NULL;

	if (!http_fill(pattern, (int)line_int(l, "outlet"), text_or(l, "pdu", ""), text, sizeof(text), err))
		return false;
	path = strchr(text, ' ');
	if (!path || path[1] != '/')
		return err_set(err, ERR_CONF, "a request is METHOD, a path that begins with /, and perhaps a body: '%.100s'", text);
	*path++ = '\0';
	body = strchr(path, ' ');
	if (body)
		*body++ = '\0';
	snprintf(url, sizeof(url), "%s://%s%s%s:%d%s", line_flag(l, "tls") ? "https" : "http", six ? "[" : "", address, six ? "]" : "",
		 (int)line_int(l, "port"), path);
	ask.method = text;
	ask.url = url;
	ask.body = body;
	if (line_has(l, "ca"))
		ask.ca = line_text(l, "ca");
	if (line_has(l, "user")) {
		ask.user = line_text(l, "user");
		ask.password = h->password;
	}
	if (!do_it(h, &ask, ret, err)) {
		if (err->kind == ERR_OS)
			err->kind = ERR_BENCH;
		return false;
	}
	if (!ret->reached)
		return err_set(err, ERR_BENCH, "%s port %d: %s", address, (int)line_int(l, "port"), ret->why);
	return (ret->status >= 200 && ret->status < 300 && !ret->cut) || err_set(err, ERR_BENCH, "%s %s: status %d", text, path, ret->status);
}

static bool http_set(void *dev, bool energised, struct err *err)
{
	struct http *h = dev;
	struct fetch_answer a;

	return request(h, energised ? h->plug.on : h->plug.off, &a, err);
}

static bool http_get(void *dev, bool *ret, struct err *err)
{
	struct http *h = dev;
	struct fetch_answer a;
	char json[256] = "";

	return request(h, h->plug.get, &a, err) &&
	       (!h->plug.json || http_fill(h->plug.json, (int)line_int(h->line, "outlet"), "", json, sizeof(json), err)) &&
	       http_state(&h->plug, json, a.body, ret, err);
}

static const struct http_plug *kind_of(const struct line *l)
{
	const struct http_plug *p = http_plugs;

	while (p->name && strcmp(p->name, line_text(l, "kind")))
		p++;
	return p;
}

/* Said when the line is opened, not when it is to switch. */
static bool fits(const struct line *l, const char *pattern, struct err *err)
{
	char text[REQUEST_MAX];

	return http_fill(pattern, (int)line_int(l, "outlet"), text_or(l, "pdu", ""), text, sizeof(text), err);
}

/* What the line says goes before what the kind says. */
static bool choose(struct http *h, struct err *err)
{
	const struct line *l = h->line;
	const struct http_plug *p = kind_of(l);

	h->plug = *p;
	h->plug.on = text_or(l, "on", p->on);
	h->plug.off = text_or(l, "off", p->off);
	h->plug.get = text_or(l, "get", p->get);
	h->plug.json = text_or(l, "json", p->json);
	h->plug.says_on = text_or(l, "says_on", p->says_on);
	h->plug.says_off = text_or(l, "says_off", p->says_off);
	h->plug.type = text_or(l, "type", p->type);
	h->plug.header = text_or(l, "header", p->header);
	if (line_has(l, "auth"))
		h->plug.digest = !strcmp(line_text(l, "auth"), "digest");
	if (!h->plug.on || !h->plug.off)
		return err_set(err, ERR_CONF, "kind free: on and off have to be said");
	if (!fits(l, h->plug.on, err) || !fits(l, h->plug.off, err) || (h->plug.get && !fits(l, h->plug.get, err)))
		return false;
	return !h->plug.get || (h->plug.says_on && h->plug.says_off) ||
	       err_set(err, ERR_CONF, "get: says_on and says_off have to be said, so that neither is never an answer");
}

static bool http_open(struct line *l, void **ret_dev, struct err *err)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(err, ERR_LIMIT, "out of memory");
	h->line = l;
	if (!choose(h, err) || (line_has(l, "password") && !line_secret(l, "password", h->password, sizeof(h->password), err)) ||
	    !fetch_new(&h->fetch, err)) {
		http_close(h);
		return false;
	}
	*ret_dev = h;
	return true;
}

static const char *const auths[] = { "basic", "digest", NULL };
static const struct param http_params[] = {
	{ .name = "kind", .type = VALUE_ENUM, .words = http_plug_names, .need = true, .doc = "whose requests; free: as said below" },
	{ .name = "address", .type = VALUE_TEXT, .need = true, .doc = "IP address; only there this line connects to" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .fallback = "80", .doc = "TCP port; pdudaemon has 16421" },
	{ .name = "outlet", .type = VALUE_INT, .max = 255, .fallback = "1", .doc = "which socket, as the device counts (Shelly from 0)" },
	{ .name = "pdu", .type = VALUE_TEXT, .doc = "what the daemon calls the PDU: {pdu}; pdudaemon needs it" },
	{ .name = "tls", .type = VALUE_BOOL, .fallback = "false", .doc = "https; the name in its certificate is not looked at" },
	{ .name = "ca", .type = VALUE_TEXT, .doc = "PEM file of who signed its certificate" },
	{ .name = "self_signed", .type = VALUE_BOOL, .fallback = "false", .doc = "take any certificate" },
	{ .name = "user", .type = VALUE_TEXT, .doc = "user name" },
	{ .name = "password", .type = VALUE_SECRET, .doc = "its password" },
	{ .name = "auth", .type = VALUE_ENUM, .words = auths, .doc = "how they are sent; else as the kind does" },
	{ .name = "on", .type = VALUE_TEXT, .doc = "request that energises: METHOD /path body; {n} is the outlet, {i} one less, {pdu} see there" },
	{ .name = "off", .type = VALUE_TEXT, .doc = "request that releases" },
	{ .name = "get", .type = VALUE_TEXT, .doc = "request that asks" },
	{ .name = "json", .type = VALUE_TEXT, .doc = "where the answer holds the state: Outputs/ID={n}/State; without, says_* are patterns" },
	{ .name = "says_on", .type = VALUE_TEXT, .doc = "value that means energised; without `json` a POSIX ERE on the answer" },
	{ .name = "says_off", .type = VALUE_TEXT, .doc = "value that means released, likewise" },
	{ .name = "type", .type = VALUE_TEXT, .doc = "media type of a body" },
	{ .name = "header", .type = VALUE_TEXT, .doc = "one more header of every request" },
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops told = { READBACK_none, http_open, http_set, NULL, NULL, NULL, http_close };
static const struct outlet_ops asked = { READBACK_reported, http_open, http_set, http_get, NULL, NULL, http_close };

static const struct outlet_ops *http_ops(const struct line *l)
{
	return kind_of(l)->get || line_has(l, "get") ? &asked : &told;
}
static bool http_line_open(struct line *l, struct err *err) { return outlet_open(l, http_ops(l), err); }
static void http_line_safe(struct line *l) { outlet_safe(l, http_ops(l)); }

const struct line_driver drv_http = {
	.name = "http", .doc = "socket with a web interface, its requests as data",
	.seen = "a simulator of each kind's documented answers; digest log-in on libmicrohttpd; Debian's pdudaemon, whose driver wrote files",
	.params = http_params,
	.open = http_line_open, .command = outlet_command, .event = outlet_event, .safe = http_line_safe, .close = outlet_close,
};
