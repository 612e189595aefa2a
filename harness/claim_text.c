// SPDX-License-Identifier: Apache-2.0
// A claim as it reads, and everything it refers to.
#include <stdio.h>
#include <string.h>

#include "harness/claim_in.h"

/* ---- what it refers to ---- */
struct visit { bool (*f)(const char *ref, struct where at, void *data, struct err *err); void *data; };

static bool visit_text(const struct conf *c, const struct visit *v, struct err *err)
{
	char ref[128];

	for (const char *p = c->text; (p = strstr(p, "${")); p += 2) {
		snprintf(ref, sizeof(ref), "%.*s", (int)strcspn(p + 2, "}"), p + 2);
		if (!v->f(ref, c->at, v->data, err))
			return false;
	}
	return true;
}

static bool visit_one(const struct claim *c, const struct visit *v, struct err *err)
{
	const struct conf *o = c->operand;

	if (!o)
		return true;
	if (c->ref && !v->f(c->ref, o->at, v->data, err))
		return false;
	if (o->kind == CONF_SCALAR && !c->ref && !visit_text(o, v, err))
		return false;
	for (size_t i = 0; o->kind == CONF_LIST && i < o->n; i++)
		if (!visit_text(o->item[i], v, err))
			return false;
	return !c->from || (v->f(c->from, c->at, v->data, err) && v->f(c->to, c->at, v->data, err));
}

bool claims_refs(const struct claims *cs, bool (*f)(const char *ref, struct where at, void *data, struct err *err),
		 void *data, struct err *err)
{
	const struct visit v = { f, data };

	for (size_t i = 0; i < cs->n; i++)
		if (!(cs->claim[i].any.n ? claims_refs(&cs->claim[i].any, f, data, err) : visit_one(&cs->claim[i], &v, err)))
			return false;
	return true;
}

/* ---- as it reads ---- */
static void add_operand(const struct claim *c, char *buf, size_t n)
{
	const struct conf *o = c->operand;

	if (o->kind == CONF_SCALAR) {
		text_add(buf, n, o->quoted ? "\"%s\"" : "%s", o->text);
		return;
	}
	text_add(buf, n, "[");
	for (size_t i = 0; i < o->n; i++)
		text_add(buf, n, i ? ", %s" : "%s", o->item[i]->text);
	text_add(buf, n, "]");
}

static void add_claim(const struct claim *c, char *buf, size_t n)
{
	for (size_t i = 0; i < c->any.n; i++) {
		text_add(buf, n, i ? " or " : "");
		add_claim(&c->any.claim[i], buf, n);
	}
	if (c->any.n)
		return;
	if (!c->operand) {
		text_add(buf, n, "no two units share %s.%s", c->label, c->fact);
		return;
	}
	text_add(buf, n, "%s %s.%s %s ", quantifier_word[c->quantifier], c->label, c->fact, comparison_words[c->comparison]);
	add_operand(c, buf, n);
	if (c->from && !strcmp(c->from, c->to))
		text_add(buf, n, " during %s", c->from);
	else if (c->from)
		text_add(buf, n, " from %s to %s", c->from, c->to);
}

const char *claim_text(const struct claim *c, char *buf, size_t n)
{
	buf[0] = '\0';
	add_claim(c, buf, n);
	return buf;
}
