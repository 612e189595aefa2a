// SPDX-License-Identifier: Apache-2.0
// {distinct: LABEL.FACT}: no two units share a value of it. Only a campaign knows other units (campaign_judge.c); in a
// run by itself the answer is unknown, and what this unit showed is kept for the campaign.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/claim_see.h"

#define VALUES_MAX 4096                 /* of one fact in one unit */
#define HASHED "hmac:"                  /* a secret; comparable under one key only */

/* A value as it is compared: the text, "hmac:" and the keyed hash, the digits. NULL: of a kind that is not. */
static const char *comparable(const json_t *v, char buf[static 96])
{
	const char *hmac = json_string_value(json_object_get(v, "hmac"));

	if (json_is_integer(v))
		snprintf(buf, 96, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (hmac)
		snprintf(buf, 96, HASHED "%.80s", hmac);
	else
		return json_string_value(v);
	return buf;
}

/* True: every part of it is in `set`, an object used as a set. */
static bool take(json_t *set, const json_t *v)
{
	char buf[96];
	const char *text;
	size_t i;
	json_t *e;
	bool whole = true;

	if (json_is_array(v)) {
		json_array_foreach((json_t *)v, i, e)
			whole &= take(set, e);
		return whole;
	}
	text = comparable(v, buf);
	if (!text || json_object_size(set) >= VALUES_MAX)
		return false;
	json_object_set_new(set, text, json_true());
	return true;
}

/* What this unit showed: every value ever observed of it, and whether that is all of them. */
static json_t *shown(struct eval *e, bool *ret_whole)
{
	json_t *set = json_object();

	*ret_whole = e->v.n > 0 && e->v.ok && e->v.covers;
	for (size_t i = 0; i < e->v.n; i++) {
		*ret_whole &= take(set, e->v.item[i].value) && e->v.item[i].whole;
		eval_keep(e, e->v.item[i].rec);
	}
	return set;
}

static json_t *names_of(const json_t *set)
{
	json_t *out = json_array(), *v;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)set, name, v)
		json_array_append_new(out, json_string(name));
	return out;
}

static bool shares(const json_t *set, const json_t *peer)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(peer, "values"), i, v)
		if (json_is_string(v) && json_object_get(set, json_string_value(v)))
			return true;
	return false;
}

static bool has_hashed(const json_t *set)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)set, name, v)
		if (!strncmp(name, HASHED, strlen(HASHED)))
			return true;
	return false;
}

/* One peer after the other; equality that was seen outweighs what is missing elsewhere. */
static enum truth compare(struct eval *e, const json_t *set, bool whole, const json_t *peers)
{
	bool shared = false, open = !whole, hashed = has_hashed(set);
	size_t i;
	json_t *p;

	json_array_foreach((json_t *)(uintptr_t)peers, i, p) {
		long long unit = json_integer_value(json_object_get(p, "unit"));
		char why[128];

		if (shares(set, p) && json_is_true(json_object_get(p, "apart"))) {
			text_add(e->f->actual, sizeof(e->f->actual), shared ? ", %lld" : "unit %lld has it too", unit);
			shared = true;
		} else if (shares(set, p)) {
			open = true;
			snprintf(why, sizeof(why), "unit %lld has it too, but nothing shows that it is another device: same serial or same MAC",
				 unit);
			eval_say(e, why);
		} else if (!json_is_true(json_object_get(p, "whole"))) {
			open = true;
			snprintf(why, sizeof(why), "it was not observed in unit %lld", unit);
			eval_say(e, why);
		} else if (hashed && !json_is_true(json_object_get(p, "keyed"))) {
			open = true;
			snprintf(why, sizeof(why), "unit %lld was run without the campaign key of this one (--campaign), so secrets do not compare",
				 unit);
			eval_say(e, why);
		}
	}
	if (shared)
		return TRUTH_FALSE;
	if (!open)
		text_add(e->f->actual, sizeof(e->f->actual), "different in %zu units", json_array_size(peers) + 1);
	return open ? TRUTH_UNKNOWN : TRUTH_TRUE;
}

/* What another unit showed under another label counts as well: a key that one had before and the other has after is
 * shared. That proves sharing only; what makes the difference whole is the label of the claim itself. */
static bool shared_elsewhere(struct eval *e, const json_t *set, const char *own)
{
	const char *name, *dot;
	json_t *list, *p;
	bool shared = false;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)e->s->peers, name, list) {
		dot = strchr(name, '.');
		if (!dot || strcmp(dot + 1, e->c->fact) || !strcmp(name, own))
			continue;
		json_array_foreach(list, i, p)
			if (shares(set, p) && json_is_true(json_object_get(p, "apart"))) {
				text_add(e->f->actual, sizeof(e->f->actual), "%sunit %" JSON_INTEGER_FORMAT " has it too (%s)", shared ? ", " : "",
					 json_integer_value(json_object_get(p, "unit")), name);
				shared = true;
			}
	}
	return shared;
}

void eval_distinct(const struct claim *c, const struct scene *s, struct finding *f)
{
	struct eval e = { .c = c, .s = s, .f = f, .operand_whole = true };
	char fact[192];
	const json_t *peers;
	json_t *set;
	bool whole;

	snprintf(fact, sizeof(fact), "%s.%s", c->label, c->fact);
	peers = json_object_get(s->peers, fact);
	(void)scene_look(c, s, &e.v);           /* no window: it always is known */
	set = shown(&e, &whole);
	f->compared = json_pack("{s:s,s:o,s:b}", "fact", fact, "values", names_of(set), "whole", (int)whole);
	text_add(f->text, sizeof(f->text), "no two units share %s", fact);
	text_add(f->expected, sizeof(f->expected), "different in every unit");
	if (!json_array_size(peers))
		eval_say(&e, "one unit: nothing to compare");
	else
		f->truth = shared_elsewhere(&e, set, fact) ? TRUTH_FALSE : compare(&e, set, whole, peers);
	if (!f->actual[0])
		text_add(f->actual, sizeof(f->actual), e.v.n ? "observed in this unit" : "nothing observed");
	if (!e.v.why[0])
		text_add(e.v.why, sizeof(e.v.why), "no observation of %s", fact);
	e.seen = f->truth == TRUTH_FALSE;
	eval_point(&e);
	eval_conclude(c, f, e.seen, e.v.why);
	json_decref(set);
	view_done(&e.v);
}
