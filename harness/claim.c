// SPDX-License-Identifier: Apache-2.0
#include "harness/claim.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/claim_in.h"
#include "harness/probe.h"

const char *const quantifier_word[] = {
#define X(name, words) #name,
	QUANTIFIERS(X)
#undef X
	NULL
};

const char *const comparison_word[] = {
#define X(name, words) #name,
	COMPARISONS(X)
#undef X
	NULL
};

const char *const comparison_words[] = {
#define X(name, words) words,
	COMPARISONS(X)
#undef X
	NULL
};

static const char *const known_keys[] = {
#define X(name, words) #name,
	QUANTIFIERS(X) COMPARISONS(X)
#undef X
	"during", "else", NULL
};

/* ---- reading ---- */
static bool is_word(const char *s, size_t n)
{
	if (!n || (!isalpha((unsigned char)s[0]) && s[0] != '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return true;
}

/* LABEL.FACT, limit.X, each.X(.Y), declared.X.Y: words joined by dots; only the last two may be longer than two. */
static bool is_reference(const char *text)
{
	const char *dot = strchr(text, '.');
	bool deep = !strncmp(text, "declared.", 9) || !strncmp(text, "each.", 5);
	unsigned dots = 0;

	if (!dot)
		return false;
	for (const char *p = text;; p = dot + 1, dots++) {
		dot = strchr(p, '.');
		if (!is_word(p, dot ? (size_t)(dot - p) : strlen(p)))
			return false;
		if (!dot)
			return deep || dots == 1;
	}
}

static bool parse_subject(struct arena *a, const struct conf *c, struct claim *ret, struct err *err)
{
	const char *text, *dot;

	if (!conf_text(c, &text, err))
		return false;
	dot = strchr(text, '.');
	if (!dot || !is_word(text, (size_t)(dot - text)) || !is_word(dot + 1, strlen(dot + 1)))
		return err_at(err, c->at, "'%.64s' is not LABEL.FACT, such as back.after", text);
	ret->label = arena_printf(a, "%.*s", (int)(dot - text), text);
	ret->fact = dot + 1;
	return true;
}

static bool parse_during(const struct conf *c, struct claim *ret, struct err *err)
{
	if (c->kind == CONF_SCALAR) {
		if (!conf_text(c, &ret->from, err))
			return false;
		ret->to = ret->from;
	} else if (c->kind == CONF_LIST && c->n == 2) {
		if (!conf_text(c->item[0], &ret->from, err) || !conf_text(c->item[1], &ret->to, err))
			return false;
	} else {
		return err_at(err, c->at, "during: takes a label, or a list of two labels");
	}
	if (!is_word(ret->from, strlen(ret->from)) || !is_word(ret->to, strlen(ret->to)))
		return err_at(err, c->at, "during: takes labels of steps, such as cut");
	return true;
}

static bool parse_else(const struct conf *c, struct claim *ret, struct err *err)
{
	static const char *const words[] = { "FAIL", "INCONCLUSIVE", "REVIEW", "ERROR", NULL };
	static const enum verdict verdict[] = { VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_ERROR };
	unsigned i = 0;

	if (!c)
		return true;
	if (!conf_enum(c, words, &i, err))
		return false;
	ret->otherwise = verdict[i];
	return true;
}

/* Exactly one key of `words` must stand in the map. */
static bool one_of(const struct conf *map, const char *const *words, const char *what, unsigned *ret,
		   const struct conf **ret_value, struct err *err)
{
	const struct conf *v;

	*ret_value = NULL;
	for (unsigned i = 0; words[i]; i++) {
		v = conf_get(map, words[i]);
		if (!v)
			continue;
		if (*ret_value)
			return err_at(err, v->at, "a claim has one %s; '%s' and '%s' stand here", what, words[*ret],
				      words[i]);
		*ret = i;
		*ret_value = v;
	}
	if (!*ret_value)
		return err_at(err, map->at, "a claim needs a %s, such as %s", what,
			      words == quantifier_word ? "the: LABEL.FACT" : "is: true");
	return true;
}

static bool parse_operand(const struct conf *c, struct claim *ret, struct err *err)
{
	if (c->kind == CONF_MAP)
		return err_at(err, c->at, "'%s:' takes a value, a reference or a list", comparison_word[ret->comparison]);
	for (size_t i = 0; c->kind == CONF_LIST && i < c->n; i++)
		if (c->item[i]->kind != CONF_SCALAR)
			return err_at(err, c->item[i]->at, "the list of '%s:' holds plain values",
				      comparison_word[ret->comparison]);
	if (c->kind == CONF_SCALAR && (strstr(c->text, "${secret.") || strstr(c->text, "${canary.")))
		return err_at(err, c->at, "a claim cannot name a secret; let a verb compare and claim what it says");
	if (c->kind == CONF_SCALAR && !c->quoted && is_reference(c->text))
		ret->ref = c->text;
	ret->operand = c;
	return true;
}

static void guess_type(struct claim *c)
{
	const struct conf *o = c->operand;
	int64_t v;

	c->type = VALUE_TEXT;
	if (o->kind == CONF_LIST)
		c->type = VALUE_SET;
	else if (c->ref || o->quoted)
		return;
	else if (!strcmp(o->text, "true") || !strcmp(o->text, "false"))
		c->type = VALUE_BOOL;
	else if (units_int(o->text, &v))
		c->type = VALUE_INT;
	else if (units_time(o->text, &v))
		c->type = VALUE_TIME;
	else if (units_share(o->text, &v))
		c->type = VALUE_SHARE;
}

/* distinct: compares units, so there is nothing else to compare with. */
static bool parse_distinct(struct arena *a, const struct conf *map, const struct conf *subject, struct claim *ret, struct err *err)
{
	const struct conf *other = conf_get(map, "during");

	for (const char *const *w = comparison_word; *w && !other; w++)
		other = conf_get(map, *w);
	if (other)
		return err_at(err, other->at, "distinct: compares the units of a campaign and takes no comparison and no during:");
	ret->type = VALUE_TEXT;
	return parse_subject(a, subject, ret, err) && parse_else(conf_get(map, "else"), ret, err);
}

static bool parse_one(struct arena *a, const struct conf *map, struct claim *ret, struct err *err)
{
	const struct conf *subject, *operand, *during = conf_get(map, "during");
	unsigned q = 0, cmp = 0;

	if (!conf_known(map, known_keys, err) ||
	    !one_of(map, quantifier_word, "quantifier", &q, &subject, err))
		return false;
	ret->quantifier = (enum quantifier)q;
	if (ret->quantifier == QUANTIFIER_distinct)
		return parse_distinct(a, map, subject, ret, err);
	if (!one_of(map, comparison_word, "comparison", &cmp, &operand, err))
		return false;
	ret->comparison = (enum comparison)cmp;
	if (!parse_subject(a, subject, ret, err) || !parse_operand(operand, ret, err) ||
	    (during && !parse_during(during, ret, err)) || !parse_else(conf_get(map, "else"), ret, err))
		return false;
	if (q >= QUANTIFIER_count && cmp > COMPARE_below)
		return err_at(err, operand->at, "'%s:' makes a number; '%s' does not compare numbers", quantifier_word[q],
			      comparison_word[cmp]);
	guess_type(ret);
	return true;
}

static bool parse_list(struct arena *a, const struct conf *list, bool nested, struct claims *ret, struct err *err);

static bool parse_any(struct arena *a, const struct conf *map, struct claim *ret, struct err *err)
{
	static const char *const known[] = { "any", "else", NULL };

	return conf_known(map, known, err) && parse_else(conf_get(map, "else"), ret, err) &&
	       parse_list(a, conf_get(map, "any"), true, &ret->any, err);
}

static bool parse_list(struct arena *a, const struct conf *list, bool nested, struct claims *ret, struct err *err)
{
	struct claim *c;

	if (!conf_is(list, CONF_LIST, "a list of claims", err))
		return false;
	if (nested && list->n < 2)
		return err_at(err, list->at, "any: takes at least two claims");
	c = list->n ? arena_alloc(a, list->n, sizeof(*c)) : NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct conf *map = list->item[i];
		bool any;

		if (!conf_is(map, CONF_MAP, "a claim", err))
			return false;
		any = conf_get(map, "any") != NULL;
		if (any && nested)
			return err_at(err, map->at, "any: nests once");
		if (nested && conf_get(map, quantifier_word[QUANTIFIER_distinct]))
			return err_at(err, map->at, "distinct: stands by itself, not in any:");
		c[i].at = map->at;
		c[i].otherwise = VERDICT_FAIL;
		if (!(any ? parse_any(a, map, &c[i], err) : parse_one(a, map, &c[i], err)))
			return false;
	}
	*ret = (struct claims){ c, list->n };
	return true;
}

bool claims_parse(struct arena *a, const struct conf *list, struct claims *ret, struct err *err)
{
	return parse_list(a, list, false, ret, err);
}

/* ---- the static check ---- */
enum value_type claim_value_type(const struct claim *c)
{
	switch (c->quantifier) {
	case QUANTIFIER_count: return VALUE_INT;
	case QUANTIFIER_share: return VALUE_SHARE;
	case QUANTIFIER_longest: return VALUE_TIME;
	default: return c->type;
	}
}

static bool is_number(enum value_type t)
{
	return t == VALUE_INT || t == VALUE_TIME || t == VALUE_SHARE;
}

static bool check_comparison(const struct claim *c, enum value_type t, struct err *err)
{
	const char *word = comparison_word[c->comparison];

	if (c->comparison >= COMPARE_at_most && c->comparison <= COMPARE_below && !is_number(t))
		return err_at(err, c->at, "'%s' compares numbers; %s.%s is of type %s", word, c->label, c->fact,
			      value_type_name[t]);
	if ((c->comparison == COMPARE_has || c->comparison == COMPARE_has_not) && t != VALUE_SET && t != VALUE_TEXT)
		return err_at(err, c->at, "'%s' looks into a set or a text; %s.%s is of type %s", word, c->label, c->fact,
			      value_type_name[t]);
	return true;
}

static bool check_operand(const struct claim *c, enum value_type t, struct err *err)
{
	const struct conf *o = c->operand;
	bool want_list = c->comparison == COMPARE_within || (t == VALUE_SET && c->comparison <= COMPARE_is_not), ok = true;
	int64_t v;

	if (c->ref)
		return true;
	if (want_list)
		return conf_is(o, CONF_LIST, "a list", err);
	if (c->comparison == COMPARE_has || c->comparison == COMPARE_has_not)
		return true;
	if (o->kind != CONF_SCALAR)
		return err_at(err, o->at, "%s.%s is of type %s and takes no list here", c->label, c->fact, value_type_name[t]);
	switch (t) {
	case VALUE_BOOL: ok = !o->quoted && (!strcmp(o->text, "true") || !strcmp(o->text, "false")); break;
	case VALUE_INT: ok = units_int(o->text, &v); break;
	case VALUE_TIME: ok = units_time(o->text, &v) || !strcmp(o->text, "0"); break;
	case VALUE_SHARE: ok = units_share(o->text, &v) || !strcmp(o->text, "0"); break;
	default: break;
	}
	if (!ok)
		return err_at(err, o->at, "'%.64s' does not compare with %s.%s; write %s", o->text, c->label, c->fact,
			      value_type_form[t]);
	return true;
}

/* An operand LABEL.FACT must exist and be of the same kind. */
static bool check_reference(const struct claim *c, enum value_type t,
			    const struct fact *(*fact_of)(const char *, const char *, void *), void *data, struct err *err)
{
	char label[64];
	const char *dot = c->ref ? strchr(c->ref, '.') : NULL;
	const struct fact *f;

	if (!dot || !strncmp(c->ref, "limit.", 6) || !strncmp(c->ref, "each.", 5) || !strncmp(c->ref, "declared.", 9))
		return true;
	snprintf(label, sizeof(label), "%.*s", (int)(dot - c->ref), c->ref);
	f = fact_of(label, dot + 1, data);
	if (!f)
		return err_at(err, c->operand->at, "no step '%s' with a fact '%s' stands here; put text in quotes", label,
			      dot + 1);
	if (c->quantifier < QUANTIFIER_count && c->comparison <= COMPARE_below && f->type != t &&
	    (is_number(f->type) || is_number(t) || f->type == VALUE_BOOL || t == VALUE_BOOL))
		return err_at(err, c->operand->at, "%s is of type %s and %s.%s of type %s", c->ref,
			      value_type_name[f->type], c->label, c->fact, value_type_name[t]);
	return true;
}

/* Times and shares are measured, true and false are shared by chance: only what names or identifies can be compared. */
static bool check_distinct(const struct claim *c, struct err *err)
{
	bool ok = c->type == VALUE_TEXT || c->type == VALUE_SECRET || c->type == VALUE_SET || c->type == VALUE_INT;

	return ok || err_at(err, c->at, "'distinct' needs a fact of type text, secret, set or int; %s.%s is of type %s", c->label, c->fact,
			    value_type_name[c->type]);
}

static bool check_one(struct claim *c, const struct fact *(*fact_of)(const char *, const char *, void *), void *data,
		      struct err *err)
{
	const struct fact *f = fact_of(c->label, c->fact, data);
	enum value_type t;

	if (!f)
		return err_at(err, c->at, "no step is labelled '%s' with a fact '%s'", c->label, c->fact);
	c->type = f->type;
	c->typed = true;
	if ((c->quantifier == QUANTIFIER_share && f->type != VALUE_BOOL) ||
	    (c->quantifier == QUANTIFIER_spread && !is_number(f->type)))
		return err_at(err, c->at, "'%s' needs a fact of type %s; %s.%s is of type %s", quantifier_word[c->quantifier],
			      c->quantifier == QUANTIFIER_share ? "bool" : "int, time or share", c->label, c->fact,
			      value_type_name[f->type]);
	if (c->quantifier == QUANTIFIER_distinct)
		return check_distinct(c, err);
	t = claim_value_type(c);
	return check_comparison(c, t, err) && check_operand(c, t, err) && check_reference(c, t, fact_of, data, err);
}

bool claims_check(const struct claims *cs, const struct fact *(*fact_of)(const char *label, const char *fact, void *data),
		  void *data, struct err *err)
{
	for (size_t i = 0; i < cs->n; i++) {
		struct claim *c = (struct claim *)&cs->claim[i];        /* made by claims_parse; takes its fact's type */

		if (!(c->any.n ? claims_check(&c->any, fact_of, data, err) : check_one(c, fact_of, data, err)))
			return false;
	}
	return true;
}

/* ---- what the rest may ask of it ---- */
const struct claim *claim_at(const struct claims *c, size_t i)
{
	return &c->claim[i];
}

struct where claim_where(const struct claim *c)
{
	return c->at;
}

enum verdict claim_else(const struct claim *c)
{
	return c->otherwise;
}

static bool is_nothing(const struct conf *c)
{
	return c->kind == CONF_LIST ? c->n == 0 : !c->quoted && (!strcmp(c->text, "0") || !strcmp(c->text, "false"));
}

bool claim_absence(const struct claim *c)
{
	for (size_t i = 0; i < c->any.n; i++)
		if (claim_absence(&c->any.claim[i]))
			return true;
	if (c->any.n)
		return false;
	if (c->quantifier == QUANTIFIER_no || c->quantifier == QUANTIFIER_distinct || c->comparison == COMPARE_has_not)
		return true;
	if (c->comparison == COMPARE_within)
		return c->type == VALUE_SET;
	return (c->comparison == COMPARE_is || c->comparison == COMPARE_at_most) && is_nothing(c->operand);
}

bool claim_waits(const struct claim *c)
{
	bool is_true = c->comparison == COMPARE_is && c->operand && c->operand->text && !strcmp(c->operand->text, "true");

	for (size_t i = 0; i < c->any.n; i++)
		if (claim_waits(&c->any.claim[i]))
			return true;
	return !c->any.n && (is_true || c->quantifier == QUANTIFIER_some || c->comparison == COMPARE_at_least ||
			     claim_value_type(c) == VALUE_TIME);
}
