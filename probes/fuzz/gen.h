/* SPDX-License-Identifier: Apache-2.0
 *
 * gen.h - the cases of a structure fuzz: requests to one interface, each wrong in one or two ways.
 *
 * In      a sample request that the device accepts, a seed, the case's number. Same three, same bytes.
 * Out     the bytes to send, what was done to them, whether the connection can carry on afterwards.
 * Kinds   of the JSON body: types swapped, long texts, deep nesting, huge and odd numbers, invalid UTF-8, duplicate and
 *         strange keys, truncation, NUL, bad escapes, flipped bytes, active content. Of the HTTP around it: long and many
 *         headers, wrong lengths, odd methods and versions, chunks that make no sense, paths.
 * Bound   GEN_MAX bytes a case. */
#ifndef FUZZ_GEN_H
#define FUZZ_GEN_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/rng.h"

#define GEN_MAX (160u << 10)
#define GEN_VALUES 256

struct gen_value { size_t from, to; bool key; };        /* of a value (or key with its quotes) in the body */
struct gen_sample {
	char method[16], path[2100], host[80], type[80], authorization[600];    /* the last "" = none */
	char body[4096];                /* JSON, compact */
	size_t body_n;
	struct gen_value value[GEN_VALUES];
	unsigned values;
};
struct gen_case {
	uint8_t bytes[GEN_MAX];
	size_t n;
	char kind[64];
	bool alone;                     /* framing is broken: a connection of its own, an answer need not come */
};

/* Finds the values of s->body (set the rest before); ERR_CONF when it is not JSON. */
bool gen_prepare(struct gen_sample *s, struct err *err) MUST_CHECK;
void gen_make(const struct gen_sample *s, uint64_t seed, uint64_t number, struct gen_case *ret);
void gen_honest(const struct gen_sample *s, struct gen_case *ret);      /* the sample itself */
#endif
