/* SPDX-License-Identifier: Apache-2.0
 *
 * matrix.h - every function with every right: matrix.c has who may, others.c who must not. */
#ifndef API_MATRIX_H
#define API_MATRIX_H

#include "probes/api/cells.h"
#include "probes/api/endpoint.h"

enum { SILENT_MAX = 3 };

struct matrix {
	struct api api;
	struct step *st;
	const char *state;
	int64_t until_ns;
	struct cells cells;
	struct endpoint *endpoint;
	size_t n;
	bool account_here[API_ACCOUNTS];
	int64_t controls, effects, revealed, accepted, full_refused, unsure;
	bool breached;                  /* by the request that is told next */
	bool liar;                      /* what does not exist is answered with success */
	bool over;                      /* the state is gone, the time is up, or nothing answers: go no further */
	unsigned silent;                /* in a row */
};

/* Something rests on less than was asked. */
void matrix_unsure(struct matrix *m, const char *where, const char *by, const char *why);
void matrix_breach(struct matrix *m, const struct endpoint *e, const char *by, const char *spelled, const char *did);
void matrix_tell(struct matrix *m, const struct cell *c);       /* a line of evidence; a breach points to its own */
/* The account that has the right here; NULL: anybody, or (*ret_somebody false) nobody. */
struct api_account *matrix_full(struct matrix *m, const struct endpoint *e, bool *ret_somebody);
void matrix_random(struct matrix *m, char ret[static 33]);
bool matrix_others(struct matrix *m, struct endpoint *e, struct err *err) MUST_CHECK;    /* everybody who has not */
#endif
