/* SPDX-License-Identifier: Apache-2.0
 *
 * claim_see.h - one evaluation of one claim, for claim_scene.c (what was seen), claim_eval.c (what that makes true),
 * claim_time.c (how long it was so) and claim_units.c (is it so in one unit only) alone. */
#ifndef HARNESS_CLAIM_SEE_H
#define HARNESS_CLAIM_SEE_H

#include "harness/claim_in.h"

#define EVAL_POINTERS 16                /* of one finding */

struct seen {
	const struct record *rec;
	json_t *value;                  /* owned */
	int64_t at_ns;
	bool whole;                     /* rests on all that was asked for */
};

struct view {
	struct seen *item; size_t n, room;      /* as recorded, inside the window */
	json_t *before;                 /* value of the last observation before the window, or NULL; owned */
	bool windowed;
	int64_t from_ns, to_ns;
	int64_t origin_ns;              /* begin of the scene, for relative times */
	bool ok, covers;                /* the labelled step ran and ended well; and ran all through the window, missing nothing */
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
	const struct record *kept[EVAL_POINTERS];       /* the observations that matter, counterexamples first */
	size_t n_kept;
};

/* The last observation with the fact LABEL.FACT and, new reference, its value; NULL when there is none. */
const struct record *scene_last(const struct scene *s, const char *ref, json_t **ret_value);
/* The last finished step of a label; NULL when there is none. */
const struct record *scene_done(const struct scene *s, const char *label);
/* An operand that is no reference, ${...} put in; new reference, NULL when a value is missing. */
json_t *scene_literal(const struct scene *s, const struct conf *c);
/* Everything observed of the claim's fact in its window. False: the window is unknown, v->why says it. */
bool scene_look(const struct claim *c, const struct scene *s, struct view *v);
void view_done(struct view *v);

/* This observation matters; why nothing is known (the first reason stays). */
void eval_keep(struct eval *e, const struct record *rec);
void eval_say(struct eval *e, const char *why);
/* A number known to lie in [low, high]: unknown unless the answer is the same for both. */
enum truth eval_settle(struct eval *e, int64_t low, int64_t high);
enum truth eval_time(struct eval *e);   /* share and longest */
void eval_distinct(const struct claim *c, const struct scene *s, struct finding *f);    /* claim_units.c: the whole of it */
/* Evidence and observers of what was kept; verdict and reason of a finding whose truth is known. */
void eval_point(struct eval *e);
void eval_conclude(const struct claim *c, struct finding *f, bool seen, const char *why);
#endif
