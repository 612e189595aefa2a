/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_surface.c - declared log-ins, as the ports and kinds they are found by. */
#include <stdio.h>
#include <string.h>

#include "harness/proto/url.h"
#include "probes/ports/identify.h"

static bool of_url(const json_t *row, struct surface_known *s, struct err *err)
{
	const char *text = json_string_value(json_object_get(row, "url"));
	struct url u;

	if (!text)
		return true;
	if (!url_split(text, &u))
		return err_set(err, ERR_CONF, "surface '%s': '%s' is no address", s->name, text);
	if (strcmp(u.host, "dut"))
		return true;            /* not on the device */
	s->port = (unsigned)u.port;
	snprintf(s->path, sizeof(s->path), "%.255s", u.path);
	return true;
}

bool identify_surface(struct identify *x, const json_t *row, struct err *err)
{
	const char *kind = json_string_value(json_object_get(row, json_object_get(row, "type") ? "type" : "kind"));
	const char *name = json_string_value(json_object_get(row, "name"));
	struct surface_known *s = &x->surface[x->surfaces];

	if (!json_is_object(row) || !kind)
		return err_set(err, ERR_CONF, "surface: a map with type and url or port is needed");
	if (x->surfaces == IDENTIFY_SURFACES)
		return err_set(err, ERR_LIMIT, "more than %d surfaces", IDENTIFY_SURFACES);
	*s = (struct surface_known){ .port = (unsigned)json_integer_value(json_object_get(row, "port")) };
	snprintf(s->kind, sizeof(s->kind), "%s", kind);
	snprintf(s->name, sizeof(s->name), "%s", name ? name : kind);
	s->udp = !strncmp(kind, "snmp", 4) || !strncmp(kind, "coap", 4);
	if (s->udp && !s->port)
		s->port = kind[0] == 's' ? 161 : 5683;
	if (!strcmp(kind, "rtsp") && json_string_value(json_object_get(row, "path")))
		snprintf(s->path, sizeof(s->path), "%s", json_string_value(json_object_get(row, "path")));
	if (!of_url(row, s, err))
		return false;
	x->surfaces += s->port != 0;
	return true;
}

/* Forms are declared as what the page sends, and found as a field for a password. */
static bool same_kind(const char *declared, const char *found)
{
	if (!strcmp(declared, found))
		return true;
	if (!strcmp(found, "http_form"))
		return !strcmp(declared, "http_page") || !strcmp(declared, "http_json");
	if (!strcmp(found, "http_bearer"))      /* whoever has the token got it at such a log-in */
		return !strcmp(declared, "http_json");
	return !strncmp(declared, found, strlen(found)) && (!strcmp(found, "snmp") || !strcmp(found, "coap"));
}

bool identify_declared(struct identify *x, const struct port_found *f, const char *login)
{
	bool any = false;

	for (size_t i = 0; i < x->surfaces; i++) {
		struct surface_known *s = &x->surface[i];

		if (s->udp != f->udp || s->port != f->port || !same_kind(s->kind, login))
			continue;
		s->recognised = any = true;
	}
	return any;
}
