// SPDX-License-Identifier: Apache-2.0
#include "harness/schema.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/load.h"
#include "harness/proto/usb_match.h"
#include "harness/registry.h"
#include "harness/shapes.h"
#include "harness/standard.h"

const char *const schema_kinds[] = { "bench", "device", "profile", "suite", NULL };

static json_t *ref(const char *def)
{
	return json_pack("{s:s+}", "$ref", "#/$defs/", def);
}

static json_t *texts(const char *pattern)
{
	return json_pack("{s:[s,s,s],s:s}", "type", "string", "number", "boolean", "pattern", pattern);
}

static json_t *whole(const char *title, json_t *root, json_t *defs)
{
	json_object_set_new(root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(root, "title", json_string(title));
	if (json_object_size(defs))
		json_object_set(root, "$defs", defs);
	json_decref(defs);
	return root;
}

/* ---- suites ---- */
static json_t *requirement_ids(const struct plan *suites)
{
	json_t *ids = json_array(), *r;
	size_t i;

	json_array_foreach(json_object_get(suites->requirements, "requirements"), i, r)
		json_array_append(ids, json_object_get(r, "id"));
	return json_pack("{s:o}", "enum", ids);
}

static json_t *map_of(json_t *values)
{
	return json_pack("{s:s,s:o}", "type", "object", "additionalProperties", values);
}

static json_t *each_schema(json_t *defs)
{
	return json_pack("{s:[{s:s,s:i},{s:s,s:s},o]}", "anyOf", "type", "array", "minItems", 1, "type", "string", "pattern", "^(declared|limit)[.]",
			 shape_schema(&shape_draw, defs));
}

static json_t *suite_schema(const struct plan *suites)
{
	json_t *defs = json_object();

	schema_add_steps(defs, false);
	json_object_set_new(defs, "requirement", requirement_ids(suites));
	json_object_set_new(defs, "limits", map_of(shape_schema(&shape_limit, defs)));
	json_object_set_new(defs, "each", map_of(each_schema(defs)));
	json_object_set_new(defs, "watch", schema_watch());
	json_object_set_new(defs, "control", shape_schema(&shape_control, defs));
	json_object_set_new(defs, "test", shape_schema(&shape_test, defs));
	json_object_set_new(defs, "tests", json_pack("{s:s,s:o}", "type", "array", "items", ref("test")));
	return whole("Tests of one guideline", json_pack("{s:[o,o]}", "anyOf", ref("tests"), shape_schema(&shape_suite_map, defs)), defs);
}

/* ---- bench ---- */
/* As usb_match_read() takes it: something has to be said besides the interface. */
static json_t *match_schema(void)
{
	static const char *const text[] = { "serial", "path", "name", NULL }, *const id[] = { "vendor", "product", NULL };
	json_t *properties = json_object(), *one_of = json_array();

	for (const char *const *t = text; *t; t++)
		json_object_set_new(properties, *t, json_pack("{s:s,s:i,s:i}", "type", "string", "minLength", 1, "maxLength", USB_TEXT - 1));
	for (const char *const *t = id; *t; t++)
		json_object_set_new(properties, *t, json_pack("{s:s,s:s}", "type", "string", "pattern", "^[0-9a-fA-F]{4}$"));
	for (const char *const *t = text; *t; t++)
		json_array_append_new(one_of, json_pack("{s:[s]}", "required", *t));
	for (const char *const *t = id; *t; t++)
		json_array_append_new(one_of, json_pack("{s:[s]}", "required", *t));
	json_object_set_new(properties, "interface", json_pack("{s:s,s:i,s:i}", "type", "integer", "minimum", 0, "maximum", 31));
	return json_pack("{s:s,s:o,s:b,s:o}", "type", "object", "properties", properties, "additionalProperties", 0, "anyOf", one_of);
}

/* A text of a line knows the run's folders only. */
static json_t *line_param(const struct param *p)
{
	if (p->type == VALUE_TEXT)
		return texts(SHAPE_RUN_TEXT);
	if (p->type == VALUE_SECRET)
		return json_pack("{s:s,s:{s:o,s:{s:s,s:s}},s:b,s:i,s:i}", "type", "object", "properties", "file", texts(SHAPE_RUN_TEXT), "env",
				 "type", "string", "pattern", "^[A-Za-z0-9_]+$", "additionalProperties", 0, "minProperties", 1, "maxProperties", 1);
	if (p->type == VALUE_MAP && !strcmp(p->name, "match"))
		return match_schema();
	if (p->type == VALUE_SET)
		return json_pack("{s:s,s:o}", "type", "array", "items", texts(SHAPE_RUN_TEXT));
	return schema_param(p);
}

static json_t *driver_schema(const struct line_driver *d, const char *fallback)
{
	json_t *properties = json_object(), *need = json_pack("[s]", "driver"), *one;

	json_object_set_new(properties, "driver", json_pack("{s:s,s:s}", "const", d->name, "description", d->doc));
	json_object_set_new(properties, "safe_state", texts(SHAPE_RUN_TEXT));
	for (const struct param *p = d->params; p && p->name; p++) {
		one = line_param(p);
		json_object_set_new(one, "description", json_string(p->doc));
		json_object_set_new(properties, p->name, one);
		if (p->need)
			json_array_append_new(need, json_string(p->name));
	}
	if (fallback)
		json_object_set_new(properties, "fallback", ref(fallback));
	return json_pack("{s:s,s:o,s:o,s:b}", "type", "object", "properties", properties, "required", need, "additionalProperties", 0);
}

static json_t *drivers_schema(const struct probe *p, const char *fallback)
{
	json_t *list = json_array();

	for (const struct line_driver *const *d = p->drivers; *d; d++)
		json_array_append_new(list, driver_schema(*d, fallback));
	return json_pack("{s:o}", "anyOf", list);
}

static json_t *bench_schema(void)
{
	json_t *defs = json_object(), *kinds = json_object();
	char name[80];

	for (const struct probe *const *p = probe_table; *p; p++) {
		if (!(*p)->drivers)
			continue;
		snprintf(name, sizeof(name), "fallback_%s", (*p)->name);
		json_object_set_new(defs, name, drivers_schema(*p, NULL));
		json_object_set_new(defs, (*p)->name, drivers_schema(*p, name));
		snprintf(name, sizeof(name), "^%s[.][a-z0-9_.-]+$", (*p)->name);
		json_object_set_new(kinds, name, ref((*p)->name));
	}
	/* not every line may be another kind than power */
	json_object_set_new(defs, "lines", json_pack("{s:s,s:o,s:b,s:{s:i},s:i,s:{s:{s:{s:s}}}}", "type", "object", "patternProperties", kinds,
						     "additionalProperties", 0, "propertyNames", "maxLength", 40, "maxProperties", 64, "not",
						     "propertyNames", "not", "pattern", "^power[.]"));
	return whole("A bench: lines and their drivers", shape_schema(&shape_bench, defs), defs);
}

/* ---- device ---- */
static json_t *return_schema(void)
{
	return json_pack("{s:s,s:{s:{s:[s,s]}},s:{s:s,s:s}}", "type", "object", "propertyNames", "not", "enum", "ok", "after", "additionalProperties",
			 "type", "string", "pattern", "^[A-Za-z_][A-Za-z0-9_]*[.][A-Za-z0-9_]+$");
}

static json_t *device_schema(const struct plan *suites)
{
	const struct editions e = editions_of(suites->mapping, suites->n_mappings);
	CLEANUP(arena_free) struct arena a = { 0 };
	json_t *defs = json_object();

	schema_add_steps(defs, true);
	json_object_set_new(defs, "return", return_schema());
	json_object_set_new(defs, "procedures", map_of(shape_schema(&shape_procedure, defs)));
	return whole("What a maker declares of a product", shape_schema(device_shape(&a, &e), defs), defs);
}

/* ---- profile ---- */
static json_t *value_of_type(enum value_type type)
{
	const struct param p = { .type = type };

	return type == VALUE_TEXT ? json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean") : schema_param(&p);
}

/* A value, or one with bounds. */
static json_t *entry_schema(const struct limit *l)
{
	bool number = l->type == VALUE_INT || l->type == VALUE_TIME || l->type == VALUE_SHARE;
	json_t *properties = json_pack("{s:o}", "value", value_of_type(l->type));

	if (number) {
		json_object_set_new(properties, "never_above", value_of_type(l->type));
		json_object_set_new(properties, "never_below", value_of_type(l->type));
	}
	return json_pack("{s:[o,{s:s,s:o,s:[s],s:b}]}", "anyOf", value_of_type(l->type), "type", "object", "properties", properties, "required", "value",
			 "additionalProperties", 0);
}

static json_t *profile_schema(const struct plan *suites)
{
	json_t *keys = json_object(), *defs;

	for (size_t t = 0; t < suites->n; t++)
		for (size_t i = 0; i < suites->test[t].n_limits; i++) {
			const struct limit *l = &suites->test[t].limit[i];

			if (l->profile && !json_object_get(keys, l->profile))
				json_object_set_new(keys, l->profile, l->fallback ? entry_schema(l) : json_object());
		}
	defs = json_pack("{s:{s:s,s:o,s:b}}", "limits", "type", "object", "properties", keys, "additionalProperties", 0);
	return whole("A profile: numbers for the limits of the suites", shape_schema(&shape_profile, defs), defs);
}

json_t *schema_make(const char *kind, const struct plan *suites)
{
	if (!strcmp(kind, "bench"))
		return bench_schema();
	if (!strcmp(kind, "device"))
		return device_schema(suites);
	if (!strcmp(kind, "profile"))
		return profile_schema(suites);
	return !strcmp(kind, "suite") ? suite_schema(suites) : NULL;
}
