/* SPDX-License-Identifier: Apache-2.0
 *
 * claim_see.h - one evaluation of one claim, for claim_scene.c (what was seen), claim_eval.c (what that makes true) and
 * claim_time.c (how long it was so) only. */
#ifndef HARNESS_CLAIM_SEE_H
#define HARNESS_CLAIM_SEE_H

#include "harness/claim_in.h"

#define EVAL_POINTERS 16                /* of one finding */

struct seen {
	const json_t *rec, *value;
	int64_t at_ns;
	size_t order;                   /* as recorded */
	bool whole;                     /* rests on all that was asked for */
};

struct view {
	struct seen *item; size_t n;    /* as recorded, inside the window */
	const json_t *before;           /* value of the last observation before the window, or NULL */
	bool windowed;
	int64_t from_ns, to_ns;
	int64_t origin_ns;              /* begin of the scene, for relative times */
	bool ok, covers;                /* the labelled step ran and ended well, and ran all through the window */
	int64_t begin_ns, end_ns;       /* of the labelled step; 0 when it did not finish */
	int64_t every_ns;               /* it looks only so often; 0 = it sees every change */
	char why[192];                  /* what is missing */
};

struct eval {
	const struct claim *c;
	const struct scene *s;
	json_t *operand;                /* owned; NULL when missing */
	bool operand_whole;             /* false: the operand is a fact that itself rests on less than was asked */
	struct view v;
	struct finding *f;
	bool seen;                      /* false whatever else there was to see */
	const json_t *kept[EVAL_POINTERS];       /* the observations that matter, counterexamples first */
	size_t n_kept;
};

static inline const char *record_text(const json_t *rec, const char *key)
{
	const char *s = json_string_value(json_object_get(rec, key));

	return s ? s : "";
}

static inline int64_t record_ns(const json_t *rec, const char *key, int64_t fallback)
{
	const json_t *v = json_object_get(rec, key);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

/* The last observation with the fact LABEL.FACT, the last finished step of a label; borrowed, NULL when there is none. */
const json_t *scene_last(const struct scene *s, const char *ref);
const json_t *scene_done(const struct scene *s, const char *label);
/* An operand that is no reference, ${...} put in; new reference, NULL when a value is missing. */
json_t *scene_literal(const struct scene *s, const struct conf *c);
/* Everything observed of the claim's fact in its window. False: the window is unknown, v->why says it. Free v->item. */
bool scene_look(const struct claim *c, const struct scene *s, struct view *v);

/* This observation matters; why nothing is known (the first reason stays). */
void eval_keep(struct eval *e, const json_t *rec);
void eval_say(struct eval *e, const char *why);
/* A number known to lie in [low, high]: unknown unless the answer is the same for both. */
enum truth eval_settle(struct eval *e, int64_t low, int64_t high);
enum truth eval_time(struct eval *e);   /* share and longest */
#endif
