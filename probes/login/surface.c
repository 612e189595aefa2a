/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/surface.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/units.h"

static const struct surface_type *const types[] = {
	&surface_http_basic, &surface_http_form, &surface_http_json, &surface_http_digest, &surface_http_page, &surface_ssh, &surface_telnet,
	&surface_mqtt, &surface_ftp, &surface_smtp, &surface_pop3, &surface_imap, &surface_rtsp, &surface_snmp, &surface_serial, &surface_coap,
	&surface_hap,
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

bool surface_text(const json_t *row, const char *key, const char *fallback, char *buf, size_t n, struct err *err)
{
	const json_t *j = json_object_get(row, key);
	const char *text = j ? json_string_value(j) : fallback;

	if (!text)
		return err_set(err, ERR_CONF, "surface: '%s' must be %s", key, j ? "text" : "given");
	if (strlen(text) >= n)
		return err_set(err, ERR_LIMIT, "surface: '%s' is longer than %zu bytes", key, n - 1);
	strcpy(buf, text);
	return true;
}

/* How many bytes at p are one of the texts in `out` (the longer first); 0 = none. Texts under 3 bytes stay. */
static size_t offered(const char *p, size_t left, const char *const out[2])
{
	size_t best = 0;

	for (int i = 0; i < 2; i++) {
		size_t n = out[i] ? strlen(out[i]) : 0;

		if (n >= 3 && n <= left && n > best && !memcmp(p, out[i], n))
			best = n;
	}
	return best;
}

static uint64_t fnv(uint64_t h, unsigned char c)
{
	return (h ^ c) * UINT64_C(0x100000001b3);
}

/* Length of a run of hex digits that holds a decimal one and is long enough to be an identifier, or of digits. */
static size_t changing(const char *p, size_t left)
{
	size_t hex = 0, digits = 0;
	bool decimal = false;

	while (hex < left && isxdigit((unsigned char)p[hex]))
		decimal |= isdigit((unsigned char)p[hex++]) != 0;
	while (digits < left && isdigit((unsigned char)p[digits]))
		digits++;
	return hex >= 8 && decimal ? hex : digits;
}

uint64_t surface_shape(const char *text, size_t n, const char *const out[2])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n;) {
		size_t skip = offered(text + i, n - i, out);

		if (skip) {
			i += skip;
			h = fnv(h, 1);
		} else if ((skip = changing(text + i, n - i))) {
			i += skip;
			h = fnv(h, '0');
		} else {
			h = fnv(h, (unsigned char)text[i++]);
		}
	}
	return h;
}

static bool find_type(struct surface *s, const char *type, struct err *err)
{
	char all[256] = "";

	for (size_t i = 0; i < TYPES; i++) {
		if (!strcmp(types[i]->type, type)) {
			s->type = types[i];
			return true;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", types[i]->type);
	}
	return err_set(err, ERR_CONF, "surface '%s': kind '%s' is not one of %s", s->name, type, all);
}

static bool load_common(struct surface *s, const json_t *row, struct err *err)
{
	char type[32], locked[512], timeout[32];

	if (!json_is_object(row))
		return err_set(err, ERR_CONF, "surface: a map with kind and url or port is needed");
	if (!surface_text(row, json_object_get(row, "type") ? "type" : "kind", NULL, type, sizeof(type), err) ||
	    !surface_text(row, "name", type, s->name, sizeof(s->name), err) ||
	    !surface_text(row, "user", "", s->user, sizeof(s->user), err) ||
	    !surface_text(row, "ca", "", s->ca, sizeof(s->ca), err) || !surface_text(row, "timeout", "5s", timeout, sizeof(timeout), err) ||
	    !surface_text(row, "locked", "", locked, sizeof(locked), err))
		return false;
	if (!units_time(timeout, &s->timeout_ns) || s->timeout_ns < MS(10) || s->timeout_ns > SEC(600))
		return err_set(err, ERR_CONF, "surface '%s': timeout: a time from 10ms to 10min", s->name);
	if (!find_type(s, type, err))
		return false;
	if (locked[0] && regcomp(&s->locked, locked, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return err_set(err, ERR_CONF, "surface '%s': locked: not an extended regular expression", s->name);
	s->has_locked = locked[0] != 0;
	return true;
}

/* A URL for the HTTP types, a line of the bench, or a port of the device. */
static bool load_target(struct step *st, const struct url_rules *rules, struct surface *s, const json_t *row,
			struct err *err)
{
	const json_t *url = json_object_get(row, "url"), *port = json_object_get(row, "port");
	char made[64];

	if (s->type->target == TARGET_LINE)
		return true;
	if (json_is_string(url) && s->type->target == TARGET_URL)
		return url_target(st, rules, json_string_value(url), &s->to, err);
	if (s->type->target == TARGET_URL)
		return err_set(err, ERR_CONF, "surface '%s': url is needed", s->name);
	if (!json_is_integer(port) || json_integer_value(port) < 1 || json_integer_value(port) > 65535)
		return err_set(err, ERR_CONF, "surface '%s': port must be 1 to 65535", s->name);
	s->port = (int)json_integer_value(port);
	s->tls = json_is_true(json_object_get(row, "tls"));
	s->starttls = json_is_true(json_object_get(row, "starttls"));
	snprintf(made, sizeof(made), "http://dut:%d/", s->port);
	return url_target(st, rules, made, &s->to, err);
}

bool surface_open(struct step *st, const struct url_rules *rules, const json_t *row, struct surface **ret,
		  struct err *err)
{
	struct surface *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	s->st = st;
	if (!load_common(s, row, err) || !load_target(st, rules, s, row, err) || !s->type->load(s, row, err)) {
		surface_close(s);
		return false;
	}
	*ret = s;
	return true;
}

struct surface *surface_close(struct surface *s)
{
	if (!s)
		return NULL;
	if (s->type)
		s->type->close(s);
	if (s->has_locked)
		regfree(&s->locked);
	free(s);
	return NULL;
}

bool surface_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct answer a = { .retry_ns = -1, .begin_ns = clock_ns() };

	if (!s->to.address[0] && s->type->target != TARGET_LINE) {
		snprintf(a.text, sizeof(a.text), "the device has no address");
		a.end_ns = a.begin_ns;
	} else if (!s->type->attempt(s, s->user[0] ? s->user : user, secret, &a, err)) {
		return err_in(err, "surface '%s'", s->name);
	}
	if (!a.end_ns)
		a.end_ns = clock_ns();
	*ret = a;
	return true;
}
