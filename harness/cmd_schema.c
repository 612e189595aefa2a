// SPDX-License-Identifier: Apache-2.0
// jusan schema: a JSON Schema of suite files, made of the descriptors, so that editors complete and check as one types.
// It knows shapes and words; what needs the other files (references, claims' facts, procedures) only `jusan plan` knows.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/claim_in.h"
#include "harness/cmd.h"
#include "harness/load.h"
#include "harness/registry.h"

static const char usage[] =
	"usage: jusan schema\n\n"
	"Prints the JSON Schema of suite files (suites/G*.yaml) for editors. suites/schema/suite.json is this output;\n"
	"an editor takes it from a first line `# yaml-language-server: $schema=schema/suite.json`.\n";

#define TIME_PATTERN  "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)$"
#define SHARE_PATTERN "^[0-9]+(\\.[0-9]+)?%$"
#define WORD_PATTERN  "^[A-Za-z][A-Za-z0-9_]*$"

static json_t *text_like(const char *pattern)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", pattern);
}

static json_t *ref(const char *def)
{
	char path[40];

	snprintf(path, sizeof(path), "#/$defs/%s", def);
	return json_pack("{s:s}", "$ref", path);
}

static json_t *words_of(const char *const *words)
{
	json_t *list = json_array();

	for (; *words; words++)
		json_array_append_new(list, json_string(*words));
	return json_pack("{s:o}", "enum", list);
}

static json_t *list_of(json_t *items)
{
	return json_pack("{s:s,s:o}", "type", "array", "items", items);
}

/* An object of just these properties; takes `properties` over. */
static json_t *object(json_t *properties, const char *const *required)
{
	json_t *j = json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
	json_t *need = json_array();

	for (; required && *required; required++)
		json_array_append_new(need, json_string(*required));
	if (json_array_size(need))
		json_object_set(j, "required", need);
	json_decref(need);
	return j;
}

/* ---- verbs ---- */
static json_t *literal(const struct param *p)
{
	json_t *j;

	switch (p->type) {
	case VALUE_BOOL: return json_pack("{s:s}", "type", "boolean");
	case VALUE_TIME: return text_like(TIME_PATTERN);
	case VALUE_SHARE: return text_like(SHARE_PATTERN);
	case VALUE_ENUM: return words_of(p->words);
	case VALUE_SET: return json_pack("{s:s}", "type", "array");
	case VALUE_MAP: return json_pack("{s:[s,s]}", "type", "object", "array");
	case VALUE_LINE: return text_like("^[a-z0-9_]+\\.[a-z0-9_.-]+$");
	case VALUE_TEXT:
	case VALUE_SECRET: return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
	case VALUE_INT: break;
	}
	j = json_pack("{s:s}", "type", "integer");
	if (p->min || p->max) {
		json_object_set_new(j, "minimum", json_integer(p->min));
		json_object_set_new(j, "maximum", json_integer(p->max));
	}
	return j;
}

static json_t *verb_schema(const struct verb *v)
{
	json_t *properties = json_object(), *j;
	const char *need[65] = { NULL };
	size_t n = 0;

	for (const struct param *p = v->params; p && p->name; p++) {
		json_t *one = p->type == VALUE_TEXT || p->type == VALUE_SECRET ? literal(p) :
			      json_pack("{s:[o,o]}", "anyOf", literal(p), ref("reference"));

		json_object_set_new(one, "description", json_string(p->doc));
		json_object_set_new(properties, p->name, one);
		if (p->need && n < 64)
			need[n++] = p->name;
	}
	j = object(properties, need);
	json_object_set_new(j, "description", json_string(v->doc));
	if (!n)                                 /* `power.on:` without anything is the same as {} */
		j = json_pack("{s:[o,{s:s}]}", "anyOf", j, "type", "null");
	return j;
}

static void add_verbs(json_t *properties, bool watches)
{
	const struct probe *const *const table[] = { builtin_table, probe_table };

	for (size_t t = 0; t < 2; t++)
		for (const struct probe *const *p = table[t]; *p; p++)
			for (const struct verb *v = (*p)->verbs; v && v->name; v++) {
				char name[100];

				if (watches != (v->kind == VERB_WATCH))
					continue;
				snprintf(name, sizeof(name), "%s%s%s", (*p)->name, *(*p)->name ? "." : "", v->name);
				json_object_set_new(properties, name, verb_schema(v));
			}
}

static json_t *step_schema(bool watch)
{
	json_t *verbs = json_object(), *j;

	add_verbs(verbs, watch);
	if (!watch)
		json_object_set_new(verbs, "as", text_like(WORD_PATTERN));
	j = object(verbs, NULL);
	json_object_set_new(j, "minProperties", json_integer(1));
	json_object_set_new(j, "maxProperties", json_integer(watch ? 1 : 2));
	return j;
}

static json_t *while_schema(void)
{
	static const char *const need[] = { "while", "do", NULL };

	return object(json_pack("{s:o,s:o}", "while", ref("verb"), "do", list_of(ref("verb"))), need);
}

/* ---- claims ---- */
static json_t *claim_schema(void)
{
	static const char *const verdicts[] = { "FAIL", "INCONCLUSIVE", "REVIEW", "ERROR", NULL };
	json_t *properties = json_object(), *j;

	for (const char *const *w = quantifier_word; *w; w++)
		json_object_set_new(properties, *w, text_like("^[A-Za-z][A-Za-z0-9_]*\\.[a-z0-9_]+$"));
	for (const char *const *w = comparison_word; *w; w++)
		json_object_set_new(properties, *w, json_pack("{s:[s,s,s,s]}", "type", "string", "number", "boolean", "array"));
	json_object_set_new(properties, "during", json_pack("{s:[o,{s:s,s:i,s:i}]}", "anyOf", text_like(WORD_PATTERN), "type", "array",
							    "minItems", 2, "maxItems", 2));
	json_object_set_new(properties, "else", words_of(verdicts));
	j = object(properties, NULL);
	json_object_set_new(j, "minProperties", json_integer(2));
	return j;
}

static json_t *any_schema(void)
{
	static const char *const need[] = { "any", NULL };
	static const char *const verdicts[] = { "FAIL", "INCONCLUSIVE", "REVIEW", "ERROR", NULL };

	return object(json_pack("{s:o,s:o}", "any", list_of(ref("claim")), "else", words_of(verdicts)), need);
}

/* ---- tests ---- */
static json_t *limit_schema(void)
{
	return object(json_pack("{s:{s:s},s:{s:s},s:{},s:{},s:{}}", "declared", "type", "string", "profile", "type", "string", "default",
				"never_above", "never_below"), NULL);
}

static json_t *each_schema(void)
{
	static const char *const need[] = { "draw", "from", "to", NULL };

	return json_pack("{s:[{s:s},o,o]}", "anyOf", "type", "array", text_like("^(declared|limit)\\."),
			 object(json_pack("{s:{},s:{},s:{}}", "draw", "from", "to"), need));
}

static json_t *control_schema(void)
{
	static const char *const need[] = { "steps", "expect", NULL };

	return object(json_pack("{s:o,s:o,s:o}", "steps", ref("steps"), "expect", ref("expect"), "leaves", words_of(state_words)), need);
}

static json_t *map_of(json_t *values)
{
	return json_pack("{s:s,s:o}", "type", "object", "additionalProperties", values);
}

static json_t *test_schema(void)
{
	static const char *const need[] = { "test", "title", NULL }, *const title[] = { "en", "ja", NULL },
				 *const states[] = { "factory", "initialised", "any", NULL };
	json_t *p = json_object();

	json_object_set_new(p, "test", text_like("^BT[0-9]{1,2}-[0-9]{2}$"));
	json_object_set_new(p, "title", object(json_pack("{s:{s:s},s:{s:s}}", "en", "type", "string", "ja", "type", "string"), title));
	json_object_set_new(p, "decides", list_of(text_like("^G[0-9]+\\.[0-9]+$")));
	json_object_set_new(p, "supports", list_of(text_like("^G[0-9]+\\.[0-9]+$")));
	json_object_set_new(p, "state", words_of(states));
	json_object_set_new(p, "leaves", words_of(state_words));
	json_object_set_new(p, "permit", words_of(permit_words));
	json_object_set_new(p, "not_tested", json_pack("{s:s}", "type", "string"));
	json_object_set_new(p, "limits", map_of(limit_schema()));
	json_object_set_new(p, "each", map_of(each_schema()));
	json_object_set_new(p, "watch", map_of(step_schema(true)));
	json_object_set_new(p, "control", control_schema());
	json_object_set_new(p, "steps", ref("steps"));
	json_object_set_new(p, "expect", ref("expect"));
	return object(p, need);
}

static json_t *suite_schema(void)
{
	json_t *defs = json_object();

	json_object_set_new(defs, "reference", text_like("^[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z0-9_-]+)+$"));
	json_object_set_new(defs, "verb", step_schema(false));
	json_object_set_new(defs, "steps", list_of(json_pack("{s:[o,o]}", "anyOf", ref("verb"), while_schema())));
	json_object_set_new(defs, "claim", claim_schema());
	json_object_set_new(defs, "expect", list_of(json_pack("{s:[o,o]}", "anyOf", ref("claim"), any_schema())));
	json_object_set_new(defs, "test", test_schema());
	return json_pack("{s:s,s:s,s:s,s:o,s:o}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title", "Tests of one guideline",
			 "type", "array", "items", ref("test"), "$defs", defs);
}

int cmd_schema(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	CLEANUP(free_json) json_t *schema = NULL;
	int opt = getopt_long(argc, argv, "h", options, NULL);

	if (opt == 'h')
		return fputs(usage, stdout) < 0;
	if (opt >= 0 || optind < argc) {
		fputs(usage, stderr);
		return 64;
	}
	schema = suite_schema();
	if (!schema || json_dumpf(schema, stdout, JSON_INDENT(1) | JSON_SORT_KEYS) < 0)
		return 3;
	putchar('\n');
	return 0;
}
