// SPDX-License-Identifier: Apache-2.0
// A YAML list into typed steps.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/load.h"
#include "harness/registry.h"

#define STEPS_MAX 1000                  /* in one list */

/* ---- what a step needs of bench and device ---- */
static bool check_line(struct scope *s, const struct param *p, const char *name, struct where at, struct err *err)
{
	char first[64];
	const struct probe *probe;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(name, "."), name);
	probe = probe_find(first);
	if (!strchr(name, '.') || !probe || !probe->drivers)
		return err_at(err, at, "%s: '%.60s' is no name of a line; write %s", p->name, name, value_type_form[VALUE_LINE]);
	if (s->l->bench && !bench_has_line(s->l->bench, name))
		scope_skip(s, "the bench has no line %s", name);
	return true;
}

/* A verb that names lines needs those; one that names none needs any of its probe. */
static void check_probe_lines(struct scope *s, const struct probe *p, const struct verb *v)
{
	size_t n = strlen(p->name);

	if (!p->drivers || !s->l->bench)
		return;
	for (const struct param *param = v->params; param->name; param++)
		if (param->type == VALUE_LINE)
			return;
	for (size_t i = 0; i < s->l->bench->n; i++)
		if (!strncmp(s->l->bench->line[i].name, p->name, n) && s->l->bench->line[i].name[n] == '.')
			return;
	scope_skip(s, "the bench has no line %s.*", p->name);
}

/* The procedure must be there and able to run; its facts become those of the step. */
static bool use_procedure(struct scope *s, const char *name, const struct fact **ret_facts, struct err *err)
{
	const struct procedure *p;
	struct err why = { 0 };

	p = s->l->device ? procedure_ready(s->l, name, &why) : NULL;
	if (!p && why.kind != ERR_NONE) {
		*err = why;
		return false;
	}
	if (ret_facts)
		*ret_facts = p ? p->facts : NULL;       /* NULL: it may return anything */
	if (!s->l->device)
		return true;
	if (!p)
		scope_skip(s, "device.yaml has no procedure %s", name);
	else if (p->skip)
		scope_skip(s, "procedure %s: %s", name, p->skip);
	return true;
}

static bool use_each_procedure(struct scope *s, const char *ref, const struct fact **ret_facts, struct err *err)
{
	const char *name = ref + strlen("each."), *dot = strchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : strlen(name);

	for (size_t i = 0; i < s->n_each; i++) {
		const struct each *e = &s->each[i];

		if (strlen(e->name) != len || strncmp(e->name, name, len))
			continue;
		for (size_t k = e->n; k-- > 0;) {       /* backwards: the facts of the first one stay */
			const struct conf *node = conf_path(e->conf[k], dot ? dot + 1 : "");
			const char *text;

			if (node && (!conf_text(node, &text, err) || !use_procedure(s, text, ret_facts, err)))
				return false;
		}
	}
	return true;
}

static bool check_procedure(struct scope *s, const struct conf *args, const struct fact **ret_facts, struct err *err)
{
	const struct conf *c = conf_get(args, "procedure"), *node;
	const char *text;

	if (!c)
		return true;                    /* already refused as missing */
	if (!ref_is(s, c))
		return conf_text(c, &text, err) && use_procedure(s, text, ret_facts, err);
	if (!strncmp(c->text, "each.", 5))
		return use_each_procedure(s, c->text, ret_facts, err);
	if (strncmp(c->text, "declared.", 9))
		return err_at(err, c->at, "procedure: a name, each.X or declared.X belongs here");
	node = s->l->device ? declared_conf(s->l->device, c->text + 9) : NULL;
	return !node || (conf_text(node, &text, err) && use_procedure(s, text, ret_facts, err));
}

static bool check_function(struct scope *s, const struct conf *args, struct err *err)
{
	const struct conf *role = conf_get(args, "role"), *node;
	const char *name = role && role->kind == CONF_SCALAR ? role->text : "essential", *text;
	char path[200];

	if (!s->l->device || (role && ref_is(s, role)))
		return true;
	snprintf(path, sizeof(path), "function.%s.procedure", name);
	node = declared_conf(s->l->device, path);
	if (!node) {
		scope_skip(s, "device.yaml declares no %s", path);
		return true;
	}
	return conf_text(node, &text, err) && use_procedure(s, text, NULL, err);
}

static bool check_builtin(struct scope *s, const char *name, const struct conf *args, const struct fact **ret_facts, struct err *err)
{
	if (!strcmp(name, "device.do"))
		return check_procedure(s, args, ret_facts, err);
	if (!strcmp(name, "device.connected"))
		return use_procedure(s, "connected", NULL, err);
	if (!strcmp(name, "device.alive"))
		return use_procedure(s, "alive", NULL, err);
	if (!strcmp(name, "device.function"))
		return check_function(s, args, err);
	return true;
}

/* ---- arguments ---- */
/* `since:` names an earlier step: observers look from its begin. */
static bool check_since(const struct scope *s, const struct param *p, const struct conf *c, struct err *err)
{
	if (strcmp(p->name, "since") || p->type != VALUE_TEXT || scope_fact(s, c->text, NULL))
		return true;
	return err_at(err, c->at, "since: no step before this one is labelled '%.60s'", c->text);
}

/* As conf_json(), with references as {"$": ...}. */
static json_t *tree_json(const struct scope *s, const struct conf *c)
{
	json_t *j;

	if (ref_is(s, c))
		return json_pack("{s:s}", "$", c->text);
	if (c->kind == CONF_SCALAR)
		return conf_json(c);
	j = c->kind == CONF_LIST ? json_array() : json_object();
	for (size_t i = 0; i < c->n; i++)
		if (c->kind == CONF_LIST)
			json_array_append_new(j, tree_json(s, c->item[i]));
		else
			json_object_set_new(j, c->key[i]->text, tree_json(s, c->item[i]));
	return j;
}

static bool parse_arg(struct scope *s, const struct param *p, const struct conf *c, json_t **ret, struct err *err)
{
	json_t *j = NULL;

	if (ref_is(s, c)) {
		if (!ref_check(s, c, p, err))
			return false;
		*ret = json_pack("{s:s}", "$", c->text);
		return true;
	}
	if (!arg_literal(p, c, &j, err))
		return err_in(err, "%s", p->name);
	if (!refs_walk(s, c, p->type != VALUE_MAP && p->type != VALUE_SET, err) || !check_since(s, p, c, err) ||
	    (p->type == VALUE_LINE && !strstr(c->text, "${") && !check_line(s, p, c->text, c->at, err))) {
		json_decref(j);
		return false;
	}
	if (p->type == VALUE_MAP) {             /* SET stays as arg_literal made it: texts, unless one is a reference */
		json_decref(j);
		j = tree_json(s, c);
	}
	for (size_t i = 0; p->type == VALUE_SET && i < c->n; i++)
		if (ref_is(s, c->item[i]))
			json_array_set_new(j, i, json_pack("{s:s}", "$", c->item[i]->text));
	*ret = j;
	return true;
}

static bool default_arg(struct scope *s, const struct param *p, struct where at, json_t **ret, struct err *err)
{
	const struct conf *c;

	if (p->type == VALUE_TEXT || p->type == VALUE_LINE || p->type == VALUE_SECRET) {
		if (p->type == VALUE_LINE && !check_line(s, p, p->fallback, at, err))
			return false;
		*ret = json_string(p->fallback);
		return true;
	}
	return (conf_parse(s->l->a, "default", p->fallback, strlen(p->fallback), &c, err) && arg_literal(p, c, ret, err)) ||
	       err_in(err, "default of %s", p->name);
}

static bool parse_args(struct scope *s, const struct step_spec *spec, const struct conf *c, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_object();
	const char *known[65] = { NULL };
	size_t n = 0;

	for (const struct param *p = spec->verb->params; p && p->name && n < 64; p++)
		known[n++] = p->name;
	if (c->kind == CONF_MAP && !conf_known(c, known, err))
		return err_in(err, "%s", spec->name);
	for (const struct param *p = spec->verb->params; p && p->name; p++) {
		const struct conf *v = conf_get(c, p->name);
		json_t *j = NULL;

		if (!v && p->need)
			return err_at(err, spec->at, "%s needs '%s': %s", spec->name, p->name, p->doc ? p->doc : "");
		if (!v && !p->fallback)
			continue;
		if (v ? !parse_arg(s, p, v, &j, err) : !default_arg(s, p, spec->at, &j, err))
			return false;
		json_object_set_new(args, p->name, j);
	}
	*ret = json_incref(args);
	return true;
}

/* ---- one step ---- */
static bool unknown_verb(struct scope *s, const struct conf *key, struct err *err)
{
	const char **names = arena_alloc(s->l->a, 1024, sizeof(*names));
	const struct probe *const *const table[] = { builtin_table, probe_table };
	char shown[CONF_SHOWN];
	const char *near;
	size_t n = 0;

	for (size_t t = 0; t < 2; t++)
		for (const struct probe *const *p = table[t]; *p; p++)
			for (const struct verb *v = (*p)->verbs; v && v->name && n < 1023; v++)
				names[n++] = *(*p)->name ? arena_printf(s->l->a, "%s.%s", (*p)->name, v->name) : v->name;
	near = conf_nearest(key->text, names);
	return err_at(err, key->at, "unknown verb %s; %s%s%s", conf_show(key, shown, sizeof(shown)),
		      near ? "did you mean '" : "`jusan verbs` lists them", near ? near : "", near ? "'?" : "");
}

static enum step_kind kind_of(const char *name)
{
	return !strcmp(name, "wait") ? STEP_WAIT : !strcmp(name, "operator.ask") ? STEP_ASK :
	       !strncmp(name, "device.", 7) ? STEP_PROCEDURE : STEP_VERB;
}

/* The one key of a step besides `as`. */
static bool step_key(const struct conf *map, size_t *ret, struct err *err)
{
	size_t found = map->n;

	for (size_t i = 0; i < map->n; i++) {
		if (!strcmp(map->key[i]->text, "as"))
			continue;
		if (found < map->n)
			return err_at(err, map->key[i]->at, "a step has one verb; '%.40s' and '%.40s' stand here", map->key[found]->text,
				      map->key[i]->text);
		found = i;
	}
	if (found == map->n)
		return err_at(err, map->at, "a step needs a verb: {power.cut: {for: 2s}}");
	*ret = found;
	return true;
}

static bool parse_verb(struct scope *s, const struct conf *key, const struct conf *args, bool watch, struct step_spec *ret,
		       const struct fact **ret_facts, struct err *err)
{
	ret->name = key->text;
	ret->at = key->at;
	ret->kind = kind_of(key->text);
	ret->verb = any_verb_find(key->text, &ret->probe);
	if (!ret->verb)
		return unknown_verb(s, key, err);
	*ret_facts = ret->verb->facts;
	if (watch != (ret->verb->kind == VERB_WATCH))
		return err_at(err, key->at, watch ? "%s does not watch; it belongs among the steps" :
				    "%s watches; it belongs under watch:, beside the steps", key->text);
	if (args->kind != CONF_MAP && (args->kind != CONF_SCALAR || *args->text))
		return conf_is(args, CONF_MAP, key->text, err);
	if (!parse_args(s, ret, args, &ret->args, err))
		return false;
	load_keep(s->l, ret->args);
	check_probe_lines(s, ret->probe, ret->verb);
	return check_builtin(s, key->text, args, ret_facts, err);
}

static bool parse_step(struct scope *s, const struct conf *map, struct step_spec *ret, struct err *err);

static bool parse_while(struct scope *s, const struct conf *map, struct step_spec *ret, struct err *err)
{
	static const char *const known[] = { "while", "do", NULL };
	struct steps *inner = arena_new(s->l->a, struct steps), *beside = arena_new(s->l->a, struct steps);
	struct step_spec *one = arena_new(s->l->a, struct step_spec);
	const struct conf *list = NULL, *step = conf_get(map, "while");

	*ret = (struct step_spec){ .at = map->at, .kind = STEP_WHILE, .name = "while" };
	if (!conf_known(map, known, err) || !conf_need(map, "do", &list, err) || !conf_is(step, CONF_MAP, "while", err) ||
	    !parse_step(s, step, one, err))
		return false;
	if (one->kind == STEP_WHILE)
		return err_at(err, step->at, "while: does not nest");
	*inner = (struct steps){ one, 1 };
	steps_parse(s, list, beside);
	for (size_t i = 0; i < beside->n; i++)
		if (beside->step[i].kind == STEP_WHILE)
			return err_at(err, beside->step[i].at, "while: does not nest");
	ret->inner = inner;
	ret->beside = beside;
	return true;
}

static bool parse_step(struct scope *s, const struct conf *map, struct step_spec *ret, struct err *err)
{
	const struct fact *facts = NULL;
	const struct conf *as;
	struct err label_err = { 0 };
	bool ok;
	size_t key = 0;

	if (!conf_is(map, CONF_MAP, "step", err))
		return false;
	if (conf_get(map, "while"))
		return parse_while(s, map, ret, err);
	if (!step_key(map, &key, err))
		return false;
	as = conf_get(map, "as");
	if (as && !conf_text(as, &ret->label, err))
		return err_in(err, "as");
	ok = parse_verb(s, map->key[key], map->item[key], false, ret, &facts, err);
	/* also of a refused step, so that what names it later is not refused for nothing */
	if (as && !scope_label(s, ret->label, as->at, ok ? facts : NULL, &label_err)) {
		if (ok)
			*err = label_err;
		return false;
	}
	return ok;
}

void steps_parse(struct scope *s, const struct conf *list, struct steps *ret)
{
	struct step_spec *step;
	struct err err = { 0 };

	*ret = (struct steps){ 0 };
	if (!conf_is(list, CONF_LIST, "steps", &err)) {
		load_fault(s->l, &err);
		return;
	}
	if (list->n > STEPS_MAX) {
		err_at(&err, list->at, "more than %d steps", STEPS_MAX);
		load_fault(s->l, &err);
		return;
	}
	step = arena_alloc(s->l->a, list->n + 1, sizeof(*step));
	for (size_t i = 0; i < list->n; i++) {
		struct err one = { 0 };

		if (!parse_step(s, list->item[i], &step[i], &one))
			load_fault(s->l, &one);
	}
	*ret = (struct steps){ step, list->n };
}

void watches_parse(struct scope *s, const struct conf *map, struct steps *ret)
{
	struct step_spec *step;
	struct err err = { 0 };

	*ret = (struct steps){ 0 };
	if (!conf_is(map, CONF_MAP, "watch", &err)) {
		load_fault(s->l, &err);
		return;
	}
	step = arena_alloc(s->l->a, map->n + 1, sizeof(*step));
	for (size_t i = 0; i < map->n; i++) {
		const struct fact *facts = NULL;
		struct err one = { 0 };
		size_t key = 0;
		bool ok = conf_is(map->item[i], CONF_MAP, map->key[i]->text, &one) && step_key(map->item[i], &key, &one) &&
			  parse_verb(s, map->item[i]->key[key], map->item[i]->item[key], true, &step[i], &facts, &one);

		step[i].label = map->key[i]->text;
		if (!ok)
			load_fault(s->l, &one);
		one = (struct err){ 0 };
		if (!scope_label(s, map->key[i]->text, map->key[i]->at, ok ? facts : NULL, &one))
			load_fault(s->l, &one);
	}
	*ret = (struct steps){ step, map->n };
}
