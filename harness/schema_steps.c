// SPDX-License-Identifier: Apache-2.0
// Steps and claims as JSON Schema, from the descriptors of all verbs.
#include <stdio.h>
#include <string.h>

#include "harness/base/shape.h"
#include "harness/claim_in.h"
#include "harness/registry.h"
#include "harness/schema.h"

#define LABEL     "^[A-Za-z][A-Za-z0-9_]{0,59}$"
#define FACT      "^[A-Za-z_][A-Za-z0-9_]*[.][A-Za-z_][A-Za-z0-9_]*$"
#define REFERENCE "[A-Za-z][A-Za-z0-9_-]*([.][A-Za-z0-9_-]+)+$"
#define TEMPLATE  "^([^$]|[$][^{]|[$][{][^}]+[}])*[$]?$"      /* every ${ has its } */

static json_t *text_like(const char *pattern)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", pattern);
}

static json_t *ref(const char *def)
{
	return json_pack("{s:s+}", "$ref", "#/$defs/", def);
}

static json_t *words_of(const char *const *words)
{
	json_t *list = json_array();

	for (; words && *words; words++)
		json_array_append_new(list, json_string(*words));
	return json_pack("{s:o}", "enum", list);
}

static json_t *list_of(json_t *items)
{
	return json_pack("{s:s,s:o}", "type", "array", "items", items);
}

/* ---- parameters ---- */
/* KIND.NAME of any kind of line there is. */
static json_t *line_schema(void)
{
	char pattern[400] = "^(";

	for (const struct probe *const *p = probe_table; *p; p++)
		if ((*p)->drivers)
			snprintf(pattern + strlen(pattern), sizeof(pattern) - strlen(pattern), "%s%s", pattern[2] ? "|" : "", (*p)->name);
	snprintf(pattern + strlen(pattern), sizeof(pattern) - strlen(pattern), ")[.][a-z0-9_.-]+$");
	return text_like(pattern);
}

json_t *schema_param(const struct param *p)
{
	json_t *j;

	switch (p->type) {
	case VALUE_BOOL: return json_pack("{s:s}", "type", "boolean");
	case VALUE_TIME: return text_like(SHAPE_TIME_PATTERN);
	case VALUE_SHARE: return text_like(SHAPE_SHARE_PATTERN);
	case VALUE_ENUM: return words_of(p->words);
	case VALUE_SET: return list_of(json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean"));
	case VALUE_MAP: return json_pack("{s:[{s:s},o]}", "anyOf", "type", "object", list_of(json_pack("{s:s}", "type", "object")));
	case VALUE_LINE: return line_schema();
	case VALUE_TEXT:
	case VALUE_SECRET: return json_pack("{s:[s,s,s],s:s}", "type", "string", "number", "boolean", "pattern", TEMPLATE);
	case VALUE_INT: break;
	}
	j = json_pack("{s:s}", "type", "integer");
	if (p->min || p->max) {
		json_object_set_new(j, "minimum", json_integer(p->min));
		json_object_set_new(j, "maximum", json_integer(p->max));
	}
	return j;
}

/* ---- verbs ---- */
static json_t *verb_schema(const struct verb *v)
{
	json_t *properties = json_object(), *need = json_array(), *j;

	for (const struct param *p = v->params; p && p->name; p++) {
		json_t *one = p->type == VALUE_TEXT || p->type == VALUE_SECRET ? schema_param(p) :
			      json_pack("{s:[o,o]}", "anyOf", schema_param(p), ref("reference"));

		json_object_set_new(one, "description", json_string(p->doc));
		json_object_set_new(properties, p->name, one);
		if (p->need)
			json_array_append_new(need, json_string(p->name));
	}
	j = json_pack("{s:s,s:o,s:b,s:s}", "type", "object", "properties", properties, "additionalProperties", 0, "description", v->doc);
	if (json_array_size(need))
		json_object_set(j, "required", need);
	else                                    /* `power.on:` without anything is the same as {} */
		j = json_pack("{s:[o,{s:s}]}", "anyOf", j, "type", "null");
	json_decref(need);
	return j;
}

static json_t *verbs_of(bool watches)
{
	const struct probe *const *const table[] = { builtin_table, probe_table };
	json_t *properties = json_object();

	for (size_t t = 0; t < 2; t++)
		for (const struct probe *const *p = table[t]; *p; p++)
			for (const struct verb *v = (*p)->verbs; v && v->name; v++) {
				char name[100];

				if (watches != (v->kind == VERB_WATCH))
					continue;
				snprintf(name, sizeof(name), "%s%s%s", (*p)->name, *(*p)->name ? "." : "", v->name);
				json_object_set_new(properties, name, verb_schema(v));
			}
	return properties;
}

static json_t *label_schema(void)
{
	return json_pack("{s:s,s:s,s:{s:[s,s,s,s,s]}}", "type", "string", "pattern", LABEL, "not", "enum", "limit", "each", "declared", "canary",
			 "secret");
}

/* One verb, and beside it nothing but `as`. */
static json_t *step_schema(void)
{
	json_t *properties = verbs_of(false);

	json_object_set_new(properties, "as", label_schema());
	return json_pack("{s:s,s:o,s:b,s:{s:[s]},s:{s:i,s:i},s:{s:i,s:i}}", "type", "object", "properties", properties, "additionalProperties", 0,
			 "if", "required", "as", "then", "minProperties", 2, "maxProperties", 2, "else", "minProperties", 1, "maxProperties", 1);
}

json_t *schema_watch(void)
{
	json_t *one = json_pack("{s:s,s:o,s:b,s:i,s:i}", "type", "object", "properties", verbs_of(true), "additionalProperties", 0,
				"minProperties", 1, "maxProperties", 1);

	return json_pack("{s:s,s:o,s:o}", "type", "object", "propertyNames", label_schema(), "additionalProperties", one);
}

static json_t *while_schema(void)
{
	return json_pack("{s:s,s:{s:o,s:o},s:[s,s],s:b}", "type", "object", "properties", "while", ref("verb"), "do", list_of(ref("verb")), "required",
			 "while", "do", "additionalProperties", 0);
}

/* ---- claims ---- */
static json_t *one_of(const char *const *words)
{
	json_t *list = json_array();

	for (; *words; words++)
		json_array_append_new(list, json_pack("{s:[s]}", "required", *words));
	return json_pack("{s:o}", "oneOf", list);
}

static json_t *verdicts(void)
{
	static const char *const words[] = { "FAIL", "INCONCLUSIVE", "REVIEW", "ERROR", NULL };

	return words_of(words);
}

/* distinct: compares units and takes no comparison. */
static json_t *distinct_schema(void)
{
	const char *word = quantifier_word[QUANTIFIER_distinct];

	return json_pack("{s:s,s:{s:o,s:o},s:[s],s:b}", "type", "object", "properties", word, text_like(FACT), "else", verdicts(),
			 "required", word, "additionalProperties", 0);
}

static json_t *compared_schema(void)
{
	const char *words[16] = { NULL };
	json_t *properties = json_object();
	size_t n = 0;

	for (unsigned q = 0; quantifier_word[q] && n < 15; q++)
		if (q != QUANTIFIER_distinct)
			words[n++] = quantifier_word[q];
	for (const char *const *w = words; *w; w++)
		json_object_set_new(properties, *w, text_like(FACT));
	for (const char *const *w = comparison_word; *w; w++)
		json_object_set_new(properties, *w, json_pack("{s:[s,s,s,s]}", "type", "string", "number", "boolean", "array"));
	json_object_set_new(properties, "during", json_pack("{s:[o,{s:s,s:o,s:i,s:i}]}", "anyOf", text_like(LABEL), "type", "array", "items",
							    text_like(LABEL), "minItems", 2, "maxItems", 2));
	json_object_set_new(properties, "else", verdicts());
	return json_pack("{s:s,s:o,s:b,s:[o,o]}", "type", "object", "properties", properties, "additionalProperties", 0, "allOf",
			 one_of(words), one_of(comparison_word));
}

static json_t *claim_schema(void)
{
	return json_pack("{s:[o,o]}", "anyOf", ref("compared"), distinct_schema());
}

static json_t *any_schema(void)
{
	json_t *claims = list_of(ref("compared"));

	json_object_set_new(claims, "minItems", json_integer(2));
	return json_pack("{s:s,s:{s:o,s:o},s:[s],s:b}", "type", "object", "properties", "any", claims, "else", verdicts(), "required", "any",
			 "additionalProperties", 0);
}

void schema_add_steps(json_t *defs, bool in_device)
{
	json_object_set_new(defs, "reference", text_like(in_device ? "^(?!(limit|each)[.])" REFERENCE : "^" REFERENCE));
	json_object_set_new(defs, "verb", step_schema());
	json_object_set_new(defs, "steps", list_of(json_pack("{s:[o,o]}", "anyOf", ref("verb"), while_schema())));
	json_object_set_new(defs, "compared", compared_schema());
	json_object_set_new(defs, "claim", claim_schema());
	json_object_set_new(defs, "expect", list_of(json_pack("{s:[o,o]}", "anyOf", ref("claim"), any_schema())));
}
