/* SPDX-License-Identifier: Apache-2.0
 * References, properties, the product, the standard. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "reports/cyclonedx/bom.h"

json_t *bom_ref(struct bom *b, const char *kind, const char *id)
{
	char token[FIT_TOKEN], ref[FIT_TOKEN + 60];

	snprintf(ref, sizeof(ref), "%s%s%s", kind, *id ? ":" : "", *id ? fit_token(id, token) : "");
	for (size_t n = 2; json_object_get(b->refs, ref); n++)
		snprintf(ref, sizeof(ref), "%s:%s:%zu", kind, fit_token(id, token), json_object_size(b->refs) + n);
	json_object_set_new(b->refs, ref, json_true());
	return json_string(ref);
}

void bom_add(json_t *o, const char *list, json_t *element)
{
	json_t *l = json_object_get(o, list);

	if (!l) {
		l = json_array();
		json_object_set_new(o, list, l);
	}
	json_array_append_new(l, element);
}

void bom_property(json_t *o, const char *name, const char *value)
{
	json_t *p = json_object();

	fit_put(p, "value", value);
	fit_put(p, "name", name);
	if (json_object_get(p, "value"))
		bom_add(o, "properties", p);
	else
		json_decref(p);
}

void bom_propertyf(json_t *o, const char *value, const char *fmt, ...)
{
	char name[FIT_LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	bom_property(o, name, value);
}

json_t *bom_contact(const char *who)
{
	char name[FIT_LINE], mail[FIT_LINE];
	json_t *c;

	fit_person(who, name, mail);
	if (!*name)
		return NULL;
	c = json_pack("{s:s}", "name", name);
	if (*mail)
		json_object_set_new(c, "email", json_string(mail));
	return c;
}

/* The firmware is known by its hash; the device by what its maker calls it. */
json_t *bom_component(struct bom *b, const char *type, const char *ref)
{
	bool firmware = !strcmp(type, "firmware");
	json_t *c = json_pack("{s:s,s:o}", "type", type, "bom-ref", bom_ref(b, ref, "")), *maker = json_object();
	const char *sha256 = get_text(b->run, "firmware_sha256");

	fit_putf(c, "name", "%.300s%s", *get_text(b->run, "model") ? get_text(b->run, "model") : "device", firmware ? " firmware" : "");
	if (!json_object_get(c, "name"))
		json_object_set_new(c, "name", json_string(type));
	fit_put(c, "description", get_text(b->run, "product"));
	fit_put(c, "version", get_text(b->run, firmware ? "firmware" : "hardware"));
	fit_put(maker, "name", get_text(b->run, "maker"));
	if (json_object_size(maker))
		json_object_set(c, "manufacturer", maker);
	json_decref(maker);
	if (firmware && fit_sha256(sha256))
		bom_add(c, "hashes", json_pack("{s:s,s:s}", "alg", "SHA-256", "content", sha256));
	return c;
}

/* ---- the standard ---- */

static json_t *guideline(struct bom *b, const json_t *g)
{
	json_t *r = json_pack("{s:o}", "bom-ref", bom_ref(b, "guideline", get_text(g, "id")));

	if (!json_object_get(b->guideline, get_text(g, "id")))
		json_object_set(b->guideline, get_text(g, "id"), json_object_get(r, "bom-ref"));
	fit_put(r, "identifier", get_text(g, "id"));
	fit_put(r, "title", get_text(json_object_get(g, "title"), "en"));
	bom_property(r, "jusan:title:ja", get_text(json_object_get(g, "title"), "ja"));
	bom_property(r, "jusan:priority", is_on(g, "priority") ? "highest" : "normal");
	return r;
}

static json_t *requirement(struct bom *b, const json_t *q)
{
	const json_t *text = json_object_get(q, "text"), *parent = json_object_get(b->guideline, get_text(q, "guideline"));
	const json_t *who = json_object_get(q, "who");
	json_t *r = json_pack("{s:o}", "bom-ref", bom_ref(b, "requirement", get_text(q, "id")));

	if (!json_object_get(b->requirement, get_text(q, "id")))
		json_object_set(b->requirement, get_text(q, "id"), json_object_get(r, "bom-ref"));
	fit_put(r, "identifier", get_text(q, "id"));
	fit_put(r, "text", get_text(text, "en"));
	if (parent)
		json_object_set(r, "parent", (json_t *)parent);
	bom_property(r, "jusan:text:ja", get_text(text, "ja"));
	bom_property(r, "jusan:phrase:ja", get_text(q, "phrase"));
	bom_property(r, "jusan:force", get_text(q, "force"));
	bom_property(r, "jusan:class", get_text(q, "class"));
	for (size_t i = 0; i < fit_few(who); i++)
		bom_property(r, "jusan:responsible", json_string_value(json_array_get(who, i)) ? json_string_value(json_array_get(who, i)) : "");
	return r;
}

json_t *bom_standard(struct bom *b)
{
	const json_t *guidelines = json_object_get(b->v, "guidelines"), *requirements = json_object_get(b->v, "requirements");
	json_t *s = json_pack("{s:o,s:s,s:s,s:s,s:s,s:[]}", "bom-ref", bom_ref(b, "standard", ""), "name", "Code of Practice for Consumer IoT Security",
			      "version", "2018-10", "owner", "UK Department for Digital, Culture, Media and Sport", "description",
			      "13 guidelines as numbered requirements; sentences in jusan's own words", "requirements");
	json_t *list = json_object_get(s, "requirements");

	for (size_t i = 0; i < fit_count(guidelines); i++)
		json_array_append_new(list, guideline(b, json_array_get(guidelines, i)));
	for (size_t i = 0; i < fit_count(requirements); i++)
		json_array_append_new(list, requirement(b, json_array_get(requirements, i)));
	return s;
}
