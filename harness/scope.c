// SPDX-License-Identifier: Apache-2.0
// What can be seen from a place in a test or a procedure: labels and their facts; claims about them.
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/load.h"

void scope_skip(struct scope *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!s->skip || *s->skip)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	*s->skip = arena_strdup(s->l->a, text);
}

/* ---- labels ---- */
static bool label_word(const char *s)
{
	if (!isalpha((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

bool scope_label(struct scope *s, const char *name, struct where at, const struct fact *facts, struct err *err)
{
	static const char *const taken[] = { "limit", "each", "declared", "canary", "secret" };
	struct label *l;

	if (!label_word(name) || strlen(name) > 60)
		return err_at(err, at, "label '%.60s': letters, digits and '_', beginning with a letter", name);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (!strcmp(name, taken[i]))
			return err_at(err, at, "'%s' cannot be a label", name);
	for (const struct label *o = s->labels; o; o = o->next)
		if (!strcmp(o->name, name))
			return err_at(err, at, "label '%s' is given twice; first at %u:%u", name, o->at.line, o->at.col);
	l = arena_new(s->l->a, struct label);
	*l = (struct label){ name, at, facts, s->labels };
	s->labels = l;
	return true;
}

const struct fact *scope_fact(const struct scope *s, const char *label, const char *fact)
{
	static const struct fact any = { "any", VALUE_TEXT, NULL, "" };

	for (const struct label *l = s->labels; l; l = l->next) {
		if (strcmp(l->name, label))
			continue;
		if (!fact || !l->facts)
			return &any;
		for (const struct fact *f = l->facts; f->name; f++)
			if (!strcmp(f->name, fact))
				return f;
	}
	return NULL;
}

/* ---- claims ---- */
static const struct fact *fact_of(const char *label, const char *fact, void *data)
{
	return scope_fact(data, label, fact);
}

static bool check_during(struct scope *s, const struct conf *claim, struct err *err)
{
	const struct conf *d = conf_get(claim, "during"), *any = conf_get(claim, "any");

	for (size_t i = 0; any && i < any->n; i++)
		if (!check_during(s, any->item[i], err))
			return false;
	for (size_t i = 0; d && i < (d->kind == CONF_LIST ? d->n : 1); i++) {
		const struct conf *c = d->kind == CONF_LIST ? d->item[i] : d;

		if (c->kind == CONF_SCALAR && !scope_fact(s, c->text, NULL))
			return err_at(err, c->at, "during: no step is labelled '%.60s'", c->text);
	}
	return true;
}

/* Is it known of every label what its facts are? Not of a procedure that this device does not have. */
static bool facts_known(const struct scope *s)
{
	for (const struct label *l = s->labels; l; l = l->next)
		if (!l->facts)
			return false;
	return true;
}

struct claims *expect_parse(struct scope *s, const struct conf *list)
{
	struct claims *ret = arena_new(s->l->a, struct claims);
	struct err err = { 0 };
	bool ok;

	ok = claims_parse(s->l->a, list, ret, &err) && (!facts_known(s) || claims_check(ret, fact_of, s, &err)) &&
	     refs_walk(s, list, false, &err);
	for (size_t i = 0; ok && i < list->n; i++)
		ok = check_during(s, list->item[i], &err);
	if (ok)
		return ret;
	load_fault(s->l, &err);
	return NULL;
}
