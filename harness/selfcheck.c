// SPDX-License-Identifier: Apache-2.0
#include "harness/selfcheck.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/load.h"
#include "harness/registry.h"

struct check { void (*bad)(const char *what, const char *fault, void *data); void *data; unsigned n; };

static void bad(struct check *c, const char *what, const char *fault)
{
	c->n++;
	if (c->bad)
		c->bad(what, fault, c->data);
}

static bool is_name(const char *s)
{
	return s && *s >= 'a' && *s <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s);
}

static bool is_doc(const char *s)
{
	return s && strlen(s) > 3;
}

/* Would a suite be allowed to write the default? */
static bool default_holds(const struct param *p)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *j = NULL;
	const struct conf *c;
	struct err err = { 0 };

	if (p->type == VALUE_TEXT || p->type == VALUE_LINE || p->type == VALUE_SECRET)
		return true;
	return conf_parse(&a, "default", p->fallback, strlen(p->fallback), &c, &err) && arg_literal(p, c, &j, &err);
}

static void check_params(struct check *c, const char *of, const struct param *params)
{
	char what[200];

	for (const struct param *p = params; p && p->name; p++) {
		snprintf(what, sizeof(what), "%s, parameter %s", of, p->name);
		if (!is_name(p->name))
			bad(c, what, "a name is lower case letters, digits and '_'");
		if (!is_doc(p->doc))
			bad(c, what, "no doc");
		if (p->min > p->max)
			bad(c, what, "min above max");
		if (p->need && p->fallback)
			bad(c, what, "needed, yet with a default");
		if ((p->type == VALUE_ENUM) != (p->words != NULL))
			bad(c, what, "an enum has words, and nothing else has");
		if (p->fallback && (p->type != VALUE_ENUM || p->words) && !default_holds(p))
			bad(c, what, "its default is not one a suite could write");
		for (const struct param *o = params; o != p; o++)
			if (!strcmp(o->name, p->name))
				bad(c, what, "named twice");
	}
}

static void check_facts(struct check *c, const char *of, const struct fact *facts)
{
	char what[200];

	for (const struct fact *f = facts; f && f->name; f++) {
		snprintf(what, sizeof(what), "%s, fact %s", of, f->name);
		if (!is_name(f->name))
			bad(c, what, "a name is lower case letters, digits and '_'");
		if (!is_doc(f->doc))
			bad(c, what, "no doc");
		if (f->type == VALUE_LINE || f->type == VALUE_MAP)
			bad(c, what, "facts are bool, int, time, share, text, enum, set or secret");
	}
}

static void check_probe(struct check *c, const struct probe *p, bool builtin)
{
	char what[120];

	if (!builtin && !is_name(p->name))
		bad(c, p->name ? p->name : "?", "a name is lower case letters, digits and '_'");
	if (!is_doc(p->doc))
		bad(c, p->name, "no doc");
	for (const struct verb *v = p->verbs; v && v->name; v++) {
		snprintf(what, sizeof(what), "%s.%s", p->name, v->name);
		if (!is_name(v->name) || !strcmp(v->name, "as") || !strcmp(v->name, "while"))
			bad(c, what, "not a name for a verb");
		if (!is_doc(v->doc))
			bad(c, what, "no doc");
		if (!builtin && !v->run)
			bad(c, what, "nothing to run");
		check_params(c, what, v->params);
		check_facts(c, what, v->facts);
	}
	for (const struct line_driver *const *d = p->drivers; d && *d; d++) {
		snprintf(what, sizeof(what), "driver %s of %s", (*d)->name, p->name);
		if (!is_doc((*d)->doc))
			bad(c, what, "no doc");
		if (!is_doc((*d)->seen))
			bad(c, what, "does not say what it was run against");
		if (!(*d)->open)
			bad(c, what, "nothing to open");
		check_params(c, what, (*d)->params);
	}
}

unsigned selfcheck(void (*fault)(const char *what, const char *fault, void *data), void *data)
{
	struct check c = { fault, data, 0 };

	for (const struct probe *const *p = builtin_table; *p; p++)
		check_probe(&c, *p, true);
	for (const struct probe *const *p = probe_table; *p; p++)
		check_probe(&c, *p, false);
	for (const struct report *const *r = report_table; *r; r++)
		if (!is_doc((*r)->doc) || !(*r)->write)
			bad(&c, (*r)->name, "a report needs doc and write");
	return c.n;
}
