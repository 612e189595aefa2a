// SPDX-License-Identifier: Apache-2.0
// device.yaml: what the maker declares, and the procedures that only this product has.
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/declare.h"
#include "harness/load.h"
#include "harness/shapes.h"

const struct procedure *device_procedure(const struct device *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->procedure[i].name, name))
			return &d->procedure[i];
	return NULL;
}

json_t *declared_get(const struct device *d, const char *path)
{
	json_t *j = d->json;
	char part[128];

	while (j && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(part))
			return NULL;
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		j = json_object_get(j, part);
		path += n + (path[n] == '.');
	}
	return j;
}

json_t *device_identity(const struct device *d)
{
	json_t *out = json_object(), *v;
	const char *key;

	json_object_foreach(json_object_get(d->json, "identity"), key, v)
		if ((!json_is_object(v) && !json_is_array(v)) || !strcmp(key, "units"))
			json_object_set(out, key, v);
	return out;
}

/* ---- procedures ---- */
static bool parse_return(struct scope *s, const struct conf *name, const struct conf *c, struct returned *ret,
			 struct fact *ret_fact, struct err *err)
{
	const char *text, *dot;
	const struct fact *f;

	if (!conf_text(c, &text, err))
		return false;
	dot = strchr(text, '.');
	if (!dot || c->quoted)
		return err_at(err, c->at, "return: %s: LABEL.FACT belongs here", name->text);
	if (!strcmp(name->text, "ok") || !strcmp(name->text, "after"))
		return err_at(err, name->at, "every procedure returns '%s' by itself", name->text);
	ret->name = name->text;
	ret->label = arena_printf(s->l->a, "%.*s", (int)(dot - text), text);
	ret->fact = dot + 1;
	f = scope_fact(s, ret->label, ret->fact);
	if (!f)
		return err_at(err, c->at, "no step is labelled '%s' with a fact '%s'", ret->label, ret->fact);
	*ret_fact = (struct fact){ name->text, f->type, f->unit, "returned by the procedure" };
	return true;
}

static void parse_returns(struct scope *s, const struct conf *map, struct procedure *p)
{
	size_t n = map ? map->n : 0;
	struct returned *r = arena_alloc(s->l->a, n + 1, sizeof(*r));
	struct fact *f = arena_alloc(s->l->a, n + 3, sizeof(*f));
	struct err err = { 0 };

	f[0] = (struct fact){ "ok", VALUE_BOOL, NULL, "every step ran and every claim of the procedure held" };
	f[1] = (struct fact){ "after", VALUE_TIME, NULL, "how long it took" };
	p->facts = f;
	p->returns = r;
	if (map && !conf_is(map, CONF_MAP, "return", &err)) {
		load_fault(s->l, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct err one = { 0 };

		if (parse_return(s, map->key[i], map->item[i], &r[p->n_returns], &f[2 + p->n_returns], &one))
			p->n_returns++;
		else
			load_fault(s->l, &one);
	}
}

static void parse_procedure(struct loader *l, const struct conf *c, struct procedure *p)
{
	struct scope s = { .l = l, .skip = &p->skip };
	const struct conf *expect = conf_get(c, "expect");
	unsigned before = l->errors;

	if (!load_shape(l, c, &shape_procedure, p->name))
		return;
	steps_parse(&s, conf_get(c, "steps"), &p->steps);
	if (expect && l->errors == before)
		p->expect = expect_parse(&s, expect);
	parse_returns(&s, conf_get(c, "return"), p);
}

const struct procedure *procedure_ready(struct loader *l, const char *name, struct err *err)
{
	struct device *d = l->device;
	const struct conf *all = conf_get(d->conf, "procedures");
	struct procedure *p = (struct procedure *)(size_t)device_procedure(d, name);
	size_t i = p ? (size_t)(p - d->procedure) : 0;

	if (!p)
		return NULL;
	if (l->procedure_state[i] == 1) {
		err_at(err, p->at, "procedure %s comes to call itself", name);
		return NULL;
	}
	if (l->procedure_state[i] == 0) {
		l->procedure_state[i] = 1;
		parse_procedure(l, all->item[i], p);
		l->procedure_state[i] = 2;
	}
	return p;
}

/* ---- the whole file ---- */
static void procedures_parse(struct loader *l, struct device *d)
{
	const struct conf *all = conf_get(d->conf, "procedures");
	struct procedure *p;
	struct err err = { 0 };

	if (!all)
		return;
	if (!conf_is(all, CONF_MAP, "procedures", &err)) {
		load_fault(l, &err);
		return;
	}
	p = arena_alloc(l->a, all->n + 1, sizeof(*p));
	l->procedure_state = arena_alloc(l->a, all->n + 1, 1);
	for (size_t i = 0; i < all->n; i++)
		p[i] = (struct procedure){ .name = all->key[i]->text, .at = all->key[i]->at };
	d->procedure = p;
	d->n = all->n;
	for (size_t i = 0; i < all->n; i++) {
		struct err one = { 0 };

		if (!procedure_ready(l, p[i].name, &one))
			load_fault(l, &one);
	}
}

static void declare_fault(const struct err *e, void *data)
{
	load_fault(data, e);
}

/* What needs the lines of the standard, which are mappings and loaded last. */
void declaration_check(struct loader *l, const struct plan *p)
{
	const struct editions e = editions_of(p->mapping, p->n_mappings);
	const struct conf *c = p->device.conf, *section;
	const struct { const char *name; const struct shape *shape; } part[] = {
		{ "conditions", conditions_shape(l->a, &e) }, { "features", features_shape(l->a, &e) }, { "ics", ics_shape(l->a, &e) }
	};
	bool ok = p->device.whole;

	for (size_t i = 0; i < 3; i++) {
		section = conf_get(c, part[i].name);
		ok &= !section || load_shape(l, section, part[i].shape, part[i].name);
	}
	if (ok)
		(void)declare_check(c, declare_fault, l);        /* reports */
}

bool device_parse(struct loader *l, const char *path, struct device *ret)
{
	const struct conf *c = NULL;
	struct err err = { 0 };
	unsigned before = l->errors;

	if (!conf_load(l->a, path, &c, &err) || !conf_is(c, CONF_MAP, "device.yaml", &err) || !unit_apply(l->a, l->unit, c, &c, &err)) {
		load_fault(l, &err);
		return false;
	}
	*ret = (struct device){ .file = path, .conf = c, .json = load_keep(l, conf_json(c)) };
	l->device = ret;
	if (load_shape(l, c, device_shape(l->a, NULL), "device.yaml"))
		ret->whole = true;
	procedures_parse(l, ret);
	return l->errors == before;
}
