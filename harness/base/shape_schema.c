// SPDX-License-Identifier: Apache-2.0
// A shape as JSON Schema 2020-12.
#include <string.h>

#include "harness/base/shape.h"

static json_t *typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *like(const char *pattern)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", pattern);
}

static json_t *words_of(const char *const *words)
{
	json_t *list = json_array();

	for (; *words; words++)
		json_array_append_new(list, json_string(*words));
	return json_pack("{s:o}", "enum", list);
}

/* A number or true counts as text, where it can be like the pattern: the loader takes it by its letters. */
static json_t *text_schema(const struct shape *s)
{
	json_t *types = json_pack("[s]", "string"), *j = json_pack("{s:o}", "type", types);

	if (!s->pattern || shape_like("1", s->pattern) || shape_like("1.5", s->pattern))
		json_array_append_new(types, json_string("number"));
	if (!s->pattern || shape_like("true", s->pattern))
		json_array_append_new(types, json_string("boolean"));
	if (s->pattern)
		json_object_set_new(j, "pattern", json_string(s->pattern));
	return j;
}

static json_t *int_schema(const struct shape *s)
{
	json_t *j = typed("integer");

	if (s->min || s->max)
		json_object_set_new(j, "minimum", json_integer(s->min));
	if (s->max && s->max != INT64_MAX)
		json_object_set_new(j, "maximum", json_integer(s->max));
	return j;
}

static json_t *list_schema(const struct shape *s, json_t *defs)
{
	json_t *j = json_pack("{s:s,s:o}", "type", "array", "items", shape_schema(s->of, defs));

	if (s->at_least)
		json_object_set_new(j, "minItems", json_integer(s->at_least));
	return j;
}

/* ---- maps ---- */
static json_t *need(const char *key)
{
	return json_pack("{s:[s]}", "required", key);
}

static json_t *keys_from(const struct shape_rule *r, size_t from, json_t *(*make)(const char *))
{
	json_t *list = json_array();

	for (size_t i = from; i < 9 && r->keys[i]; i++)
		json_array_append_new(list, make ? make(r->keys[i]) : json_string(r->keys[i]));
	return list;
}

static json_t *rule_schema(const struct shape_rule *r)
{
	switch (r->bond) {
	case BOND_WITH:
		return json_pack("{s:{s:o}}", "dependentRequired", r->keys[0], keys_from(r, 1, NULL));
	case BOND_WITHOUT:
		return json_pack("{s:[o,{s:o}]}", "anyOf", need(r->keys[0]), "required", keys_from(r, 1, NULL));
	case BOND_APART:
		return json_pack("{s:o,s:{s:{s:o}}}", "if", need(r->keys[0]), "then", "not", "anyOf", keys_from(r, 1, need));
	case BOND_SOME:
		return json_pack("{s:o}", "anyOf", keys_from(r, 0, need));
	case BOND_SAYS:
		return json_pack("{s:{s:{s:o},s:[s]},s:{s:o}}", "if", "properties", r->keys[0], words_of(r->words), "required", r->keys[0],
				 "then", "required", keys_from(r, 1, NULL));
	case BOND_ONE:
		break;
	}
	return json_pack("{s:o}", "oneOf", keys_from(r, 0, need));
}

static void add_rules(json_t *j, const struct shape *s)
{
	json_t *all = json_array();

	for (const struct shape_rule *r = s->rules; r && r->keys[0]; r++)
		json_array_append_new(all, rule_schema(r));
	if (json_array_size(all))
		json_object_set(j, "allOf", all);
	json_decref(all);
}

static void add_others(json_t *j, const struct shape *s, json_t *defs)
{
	if (s->of && s->pattern)
		json_object_set_new(j, "patternProperties", json_pack("{s:o}", s->pattern, shape_schema(s->of, defs)));
	if (s->of && !s->pattern)
		json_object_set_new(j, "additionalProperties", shape_schema(s->of, defs));
	else
		json_object_set_new(j, "additionalProperties", json_false());
}

static json_t *map_schema(const struct shape *s, json_t *defs)
{
	json_t *properties = json_object(), *required = json_array(), *j = typed("object");

	for (const struct shape_key *k = s->keys; k && k->name; k++) {
		json_t *one = shape_schema(k->shape, defs);

		if (k->doc)
			json_object_set_new(one, "description", json_string(k->doc));
		json_object_set_new(properties, k->name, one);
		if (k->need)
			json_array_append_new(required, json_string(k->name));
	}
	json_object_set_new(j, "properties", properties);
	if (json_array_size(required))
		json_object_set(j, "required", required);
	json_decref(required);
	if (s->at_least)
		json_object_set_new(j, "minProperties", json_integer(s->at_least));
	add_others(j, s, defs);
	add_rules(j, s);
	return j;
}

static json_t *either_schema(const struct shape *s, json_t *defs)
{
	json_t *list = json_array();

	for (const struct shape *const *e = s->either; *e; e++)
		json_array_append_new(list, shape_schema(*e, defs));
	return json_pack("{s:o}", "anyOf", list);
}

static json_t *plain_schema(const struct shape *s, json_t *defs)
{
	switch (s->kind) {
	case SHAPE_TEXT: return text_schema(s);
	case SHAPE_WORD: return words_of(s->words);
	case SHAPE_BOOL: return typed("boolean");
	case SHAPE_INT: return int_schema(s);
	case SHAPE_TIME: return like(SHAPE_TIME_PATTERN);
	case SHAPE_SHARE: return like(SHAPE_SHARE_PATTERN);
	case SHAPE_LIST: return list_schema(s, defs);
	case SHAPE_MAP: return map_schema(s, defs);
	case SHAPE_EITHER: return either_schema(s, defs);
	case SHAPE_ELSEWHERE: return json_pack("{s:s+}", "$ref", "#/$defs/", s->form);
	case SHAPE_ANY: break;
	}
	return json_object();
}

static json_t *described(const struct shape *s, json_t *defs)
{
	json_t *j = plain_schema(s, defs);

	if (s->null)
		j = json_pack("{s:[o,o]}", "anyOf", j, typed("null"));
	if (s->doc)
		json_object_set_new(j, "description", json_string(s->doc));
	return j;
}

json_t *shape_schema(const struct shape *s, json_t *defs)
{
	if (!s->name)
		return described(s, defs);
	if (!json_object_get(defs, s->name))
		json_object_set_new(defs, s->name, described(s, defs));
	return json_pack("{s:s+}", "$ref", "#/$defs/", s->name);
}
