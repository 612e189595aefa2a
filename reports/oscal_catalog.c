// SPDX-License-Identifier: Apache-2.0
/* The Code as an OSCAL catalogue: a group for each guideline, a control for each requirement, with the sentence in both
 * languages, its force, who it binds, and how it is assessed. The other two OSCAL documents refer to it. */
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "reports/oscal/doc.h"

#define OSCAL_STANDARD_NS "http://csrc.nist.gov/ns/oscal"       /* for names that OSCAL itself knows */
#define RMF_NS "http://csrc.nist.gov/ns/rmf"

static const struct { const char *letter, *id, *title; } roles[] = {
	{ "D", "device-maker", "Device maker" }, { "S", "service-provider", "Service provider" },
	{ "A", "app-developer", "App developer" }, { "R", "retailer", "Retailer" },
};

struct input { const json_t *v; json_t *tests, *records; };      /* by id */

static void own_prop(json_t *to, const char *name, const char *ns, const char *value)
{
	json_t *p = json_pack("{s:s,s:s}", "name", name, "ns", ns);

	fit_put(p, "value", value);
	if (json_object_get(p, "value"))
		oscal_add(to, "props", p);
	else
		json_decref(p);
}

static json_t *part(const char *control, const char *suffix, const char *name, const char *prose)
{
	json_t *p = json_pack("{s:s}", "name", name);

	if (suffix)
		json_object_set_new(p, "id", json_sprintf("%s%s", control, suffix));
	oscal_prose(p, "prose", prose, NULL);
	return p;
}

/* An assessment method with the tests, or records, that it looks at. */
static void method(json_t *control, const char *name, const json_t *r, const char *key, const json_t *index)
{
	const json_t *ids = json_object_get(r, key);
	json_t *m = part(NULL, NULL, "assessment-method", ""), *objects = part(NULL, NULL, "assessment-objects", "");

	for (size_t i = 0; i < fit_few(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *t = id ? json_object_get(index, id) : NULL;

		oscal_prop(objects, "object", id ? id : "", strcmp(key, "supported_by") ? "decides" : "supports",
			   get_text(json_object_get(t, "title"), "en"));
	}
	if (json_object_get(objects, "props")) {
		own_prop(m, "method", RMF_NS, name);
		oscal_add(m, "parts", objects);
		oscal_add(control, "parts", m);
	} else {
		json_decref(objects);
		json_decref(m);
	}
}

static void responsible(json_t *c, const json_t *r)
{
	for (size_t i = 0; i < fit_few(json_object_get(r, "who")); i++) {
		const char *who = json_string_value(json_array_get(json_object_get(r, "who"), i));

		for (size_t k = 0; who && k < sizeof(roles) / sizeof(roles[0]); k++)
			if (!strcmp(who, roles[k].letter))
				oscal_prop(c, "responsible", roles[k].id, NULL, NULL);
	}
}

static json_t *control(const struct input *in, const json_t *r, size_t place)
{
	const json_t *text = json_object_get(r, "text");
	char id[FIT_TOKEN], class[FIT_TOKEN], sort[32];
	json_t *c = json_object(), *statement, *ja;

	fit_token(get_text(r, "id"), id);
	json_object_set_new(c, "id", json_string(id));
	if (*get_text(r, "class"))
		json_object_set_new(c, "class", json_string(fit_token(get_text(r, "class"), class)));
	oscal_prose(c, "title", get_text(text, "en"), id);
	own_prop(c, "label", OSCAL_STANDARD_NS, *get_text(r, "id") ? get_text(r, "id") : id);
	snprintf(sort, sizeof(sort), "%05zu", place);
	own_prop(c, "sort-id", OSCAL_STANDARD_NS, sort);
	oscal_prop(c, "force", get_text(r, "force"), NULL, NULL);
	responsible(c, r);
	oscal_prop(c, "assessable", get_text(r, "class"), NULL,
		   "a: a bench alone can decide the device's side; b: a service or outside line is needed; c: documents and people decide");
	oscal_prop(c, "phrase", get_text(r, "phrase"), "ja", "words of the Japanese edition that this control stands for");
	statement = part(id, "_smt", "statement", get_text(text, "en"));
	ja = part(id, "_smt.ja", "item", get_text(text, "ja"));
	own_prop(ja, "language", OSCAL_NS, "ja");
	oscal_add(statement, "parts", ja);
	oscal_add(c, "parts", statement);
	oscal_add(c, "parts", part(id, "_obj", "assessment-objective", "The device, with what belongs to it, does what the statement asks."));
	method(c, "TEST", r, "decided_by", in->tests);
	method(c, "TEST", r, "supported_by", in->tests);
	method(c, "EXAMINE", r, "records", in->records);
	return c;
}

/* Guideline by guideline; an id that was there before is not written twice. */
static json_t *group(const struct input *in, const json_t *g, json_t *seen, size_t *place)
{
	const json_t *list = json_object_get(in->v, "requirements");
	char id[FIT_TOKEN];
	json_t *ret = json_pack("{s:s,s:s}", "id", fit_token(get_text(g, "id"), id), "class", "guideline");

	oscal_prose(ret, "title", get_text(json_object_get(g, "title"), "en"), id);
	own_prop(ret, "label", OSCAL_STANDARD_NS, *get_text(g, "id") ? get_text(g, "id") : id);
	oscal_prop(ret, "title", get_text(json_object_get(g, "title"), "ja"), "ja", NULL);
	oscal_prop(ret, "priority", is_on(g, "priority") ? "highest" : "normal", NULL, NULL);
	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *r = json_array_get(list, i);

		if (strcmp(get_text(r, "guideline"), get_text(g, "id")) || json_object_get(seen, fit_token(get_text(r, "id"), id)))
			continue;
		json_object_set_new(seen, id, json_true());
		oscal_add(ret, "controls", control(in, r, ++*place));
	}
	return ret;
}

static json_t *groups(const json_t *v)
{
	CLEANUP(free_json) json_t *tests = fit_index(json_object_get(v, "tests"));
	CLEANUP(free_json) json_t *records = fit_index(json_object_get(v, "records"));
	const struct input in = { v, tests, records };
	CLEANUP(free_json) json_t *seen = json_object();
	const json_t *list = json_object_get(v, "guidelines");
	json_t *ret = json_array();
	size_t place = 0;

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *g = json_array_get(list, i);
		char id[FIT_TOKEN];

		if (json_object_get(seen, fit_token(get_text(g, "id"), id)))
			continue;
		json_object_set_new(seen, id, json_true());
		json_array_append_new(ret, group(&in, g, seen, &place));
	}
	return ret;
}

/* The same Code has the same identifier, whatever the run. */
static json_t *content_uuid(const json_t *content)
{
	CLEANUP(free_ptr) char *text = json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[HASH_HEX], uuid[READ_UUID];

	hash_text(text ? text : "", text ? strlen(text) : 0, hex);
	return json_string(uuid_text(hex, uuid));
}

static json_t *metadata(const struct oscal *o)
{
	json_t *m = oscal_metadata(o, "Code of Practice for Consumer IoT Security: 13 guidelines as numbered requirements", "2018-10");

	json_object_del(m, "props");
	oscal_prop(m, "source", "UK Code of Practice for Consumer IoT Security, October 2018, Japanese edition; sentences in jusan's own words",
		   NULL, NULL);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		oscal_add(m, "roles", json_pack("{s:s,s:s}", "id", roles[i].id, "title", roles[i].title));
	return m;
}

static bool write_catalog(const struct result *r, FILE *out, struct err *err)
{
	struct oscal o;
	json_t *doc = json_object(), *list;
	bool ok;

	oscal_open(&o, r);
	list = groups(r->verdicts);
	json_object_set_new(doc, "uuid", content_uuid(list));
	json_object_set_new(doc, "metadata", metadata(&o));
	if (json_array_size(list))
		json_object_set(doc, "groups", list);
	json_decref(list);
	ok = oscal_write(&o, "catalog", doc, out, err);
	oscal_close(&o);
	return ok;
}

const struct report report_oscal_catalog = {
	.name = "oscal-catalog",
	.file = OSCAL_CATALOG,
	.doc = "the Code as an OSCAL catalogue of controls",
	.write = write_catalog,
};
