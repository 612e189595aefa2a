/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/oscal/doc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/version.h"

#define WAIVERS_OF_ONE 8

void oscal_open(struct oscal *o, const struct result *r)
{
	*o = (struct oscal){ .r = r, .v = r->verdicts, .run = json_object_get(r->verdicts, "run") };
	o->sealed = sealed_files(r->dir);
	o->resource = json_object();
	o->resources = json_array();
	o->party = json_object();
	o->parties = json_array();
}

void oscal_close(struct oscal *o)
{
	json_decref(o->sealed);
	json_decref(o->resource);
	json_decref(o->resources);
	json_decref(o->party);
	json_decref(o->parties);
	*o = (struct oscal){ 0 };
}

const char *oscal_uuid(const struct oscal *o, const char *kind, size_t i, const char *id, char ret[static READ_UUID])
{
	CLEANUP(free_json) json_t *name = json_sprintf("oscal\n%s\n%s\n%zu\n%s", get_text(o->run, "id"), kind, i, id);

	return uuid_text(name ? json_string_value(name) : kind, ret);
}

void oscal_set_uuid(const struct oscal *o, json_t *to, const char *kind, size_t i, const char *id)
{
	char uuid[READ_UUID];

	json_object_set_new(to, "uuid", json_string(oscal_uuid(o, kind, i, id, uuid)));
}

/* ---- texts ---- */

/* What Markdown and OSCAL's own {{ insertions }} give a meaning to. */
static void quote(const char *line, char *buf, size_t size)
{
	size_t n = 0;

	for (; *line && n + 3 < size; line++) {
		if (strchr("\\`*_<>[]{}~^&\"$#|!", *line))
			buf[n++] = '\\';
		buf[n++] = *line;
	}
	buf[n] = '\0';
}

void oscal_prose(json_t *o, const char *key, const char *text, const char *otherwise)
{
	char line[FIT_LINE], quoted[FIT_LINE * 2];

	quote(fit_line(text, line), quoted, sizeof(quoted));
	if (*quoted)
		json_object_set_new(o, key, json_string(quoted));
	else if (otherwise)
		json_object_set_new(o, key, json_string(otherwise));
}

void oscal_prosef(json_t *o, const char *key, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	oscal_prose(o, key, text, NULL);
}

void oscal_add(json_t *o, const char *list, json_t *element)
{
	json_t *l = json_object_get(o, list);

	if (!l) {
		l = json_array();
		json_object_set_new(o, list, l);
	}
	json_array_append_new(l, element);
}

void oscal_prop(json_t *o, const char *name, const char *value, const char *class, const char *remarks)
{
	json_t *p = json_object();
	char token[FIT_TOKEN];

	fit_put(p, "value", value);
	if (!json_object_get(p, "value")) {
		json_decref(p);
		return;
	}
	json_object_set_new(p, "name", json_string(name));
	json_object_set_new(p, "ns", json_string(OSCAL_NS));
	if (class && *class)
		json_object_set_new(p, "class", json_string(fit_token(class, token)));
	if (remarks)
		oscal_prose(p, "remarks", remarks, NULL);
	oscal_add(o, "props", p);
}

void oscal_prop_int(json_t *o, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	oscal_prop(o, name, text, NULL, NULL);
}

/* ---- people, files ---- */

const char *oscal_person(struct oscal *o, const char *who)
{
	char name[FIT_LINE], mail[FIT_LINE], uuid[READ_UUID];
	json_t *p;

	fit_person(who, name, mail);
	if (!*name)
		return "";
	if (json_object_get(o->party, who))
		return get_text(o->party, who);
	json_object_set_new(o->party, who, json_string(oscal_uuid(o, "person", 0, who, uuid)));
	p = json_pack("{s:s,s:s,s:s}", "uuid", uuid, "type", "person", "name", name);
	if (*mail)
		oscal_add(p, "email-addresses", json_string(mail));
	json_array_append_new(o->parties, p);
	return get_text(o->party, who);
}

const char *oscal_resource(struct oscal *o, const struct cite *c, char ret[static READ_UUID + 1])
{
	const char *known = get_text(o->resource, c->path);
	char uuid[READ_UUID];
	json_t *link, *res;

	ret[0] = '\0';
	if (!*known && json_array_size(o->resources) < OSCAL_RESOURCES) {
		json_object_set_new(o->resource, c->path, json_string(oscal_uuid(o, "resource", 0, c->path, uuid)));
		known = get_text(o->resource, c->path);
		link = json_pack("{s:s}", "href", c->href);
		if (*c->sha256)
			oscal_add(link, "hashes", json_pack("{s:s,s:s}", "algorithm", "SHA-256", "value", c->sha256));
		res = json_pack("{s:s,s:[o]}", "uuid", known, "rlinks", link);
		oscal_prose(res, "title", c->path, "evidence");
		if (!*c->sha256)
			json_object_set_new(res, "remarks", json_string("No seal of the run folder lists this file."));
		json_array_append_new(o->resources, res);
	}
	if (*known)
		snprintf(ret, READ_UUID + 1, "#%s", known);
	return ret;
}

/* ---- the document ---- */

void oscal_waivers(const struct oscal *o, json_t *to, const char *id)
{
	const json_t *list = json_object_get(o->v, "waivers");
	char why[FIT_LINE * 2 + 60], who[FIT_LINE], text[FIT_LINE];

	for (size_t i = 0, n = 0; i < fit_count(list) && n < WAIVERS_OF_ONE; i++) {
		const json_t *w = json_array_get(list, i);

		if (!*id || strcmp(get_text(w, "id"), id))
			continue;
		n++;
		snprintf(why, sizeof(why), "Waived by %s: %s. The verdict stays as it is.", fit_line(get_text(w, "who"), who),
			 fit_line(get_text(w, "why"), text));
		oscal_prop(to, "waiver", *fit_line(get_text(w, "until"), text) ? text : "?", is_on(w, "expired") ? "expired" : "in-force", why);
	}
}

json_t *oscal_metadata(const struct oscal *o, const char *title, const char *version)
{
	static const char *const known[] = { "id", "maker", "product", "model", "hardware", "firmware", "firmware_sha256", "bench", "bench_kind",
					     "profile", "state", NULL };
	json_t *m = json_object();
	char time[FIT_TIME];

	oscal_prose(m, "title", title, NULL);
	json_object_set_new(m, "last-modified", json_string(fit_run_time(o->run, "ended", time)));
	fit_put(m, "version", *version ? version : JUSAN_VERSION);
	if (!json_object_get(m, "version"))
		json_object_set_new(m, "version", json_string(JUSAN_VERSION));
	json_object_set_new(m, "oscal-version", json_string(OSCAL_VERSION));
	oscal_prop(m, "tool", "jusan " JUSAN_VERSION, NULL, NULL);
	for (const char *const *k = known; *k; k++) {
		char name[40];

		snprintf(name, sizeof(name), "run-%s", *k);
		for (char *p = name; *p; p++)
			*p = *p == '_' ? '-' : *p;
		oscal_prop(m, name, get_text(o->run, *k), NULL, NULL);
	}
	return m;
}

bool oscal_write(struct oscal *o, const char *root, json_t *doc, FILE *out, struct err *err)
{
	CLEANUP(free_json) json_t *whole = json_object();

	if (json_array_size(o->parties))
		json_object_set(json_object_get(doc, "metadata"), "parties", o->parties);
	if (json_array_size(o->resources))
		json_object_set_new(doc, "back-matter", json_pack("{s:O}", "resources", o->resources));
	json_object_set_new(whole, root, doc);
	json_dumpf(whole, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
	fputc('\n', out);
	return !ferror(out) || err_sys(err, "%s", root);
}
