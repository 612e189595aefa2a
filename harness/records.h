/* SPDX-License-Identifier: Apache-2.0
 *
 * records.h - all records of a journal, small enough to hold a million: what judging asks of every one stands in place, the
 * rest is read again from the file when it is asked for.
 *
 *   records_read()   from a run folder: one pass, the chain checked on the way
 *   records_of()     from records in memory, as the run itself and tests have them
 *
 * Records that say the same of where they belong share one address, so `a->where == b->where` asks whether two belong to the
 * same part of the same repetition. Texts are never NULL: what a record does not say is "". */
#ifndef HARNESS_RECORDS_H
#define HARNESS_RECORDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

/* kinds of journal.h; `other` has no kind, or one that is not known */
#define RECORD_KINDS(X) \
	X(other) X(run) X(state) X(begin) X(rep) X(step) X(observe) X(done) X(alive) X(end) X(line) X(mark)
enum record_kind {
#define X(name) RECORD_##name,
	RECORD_KINDS(X)
#undef X
};

struct record_where { const char *test, *part, *rep; size_t id; bool has_rep; };        /* id: 0.. below records_places() */
struct record_spot {
	const char *step, *label, *verb;
	bool inner;                             /* a step inside a procedure: its label has a '/' */
	json_t *observers;                      /* array of line names, NULL = the record has none */
};

struct record {
	const struct record_where *where;
	const struct record_spot *spot;
	int64_t n, t_ns;                        /* 0 when it does not say */
	int64_t begin_ns, end_ns;               /* done: of the step; observe: begin_ns is when it was seen (at_ns) */
	union { int64_t off; json_t *json; } at;        /* len > 0: the line in the journal; else in memory, owned by records */
	uint32_t len, facts;                    /* facts: their offset in a plain line, 0 = there are none */
	uint8_t kind;                           /* enum record_kind */
	bool begins, ends;                      /* begin_ns, end_ns are known */
	bool ok;                                /* done: "status" is "ok"; else "ok" is true */
	bool hole;                              /* "incomplete" */
	bool scoped;                            /* "scope" is not empty */
	bool texted;                            /* "text" is not empty */
	bool plain;                             /* the line is plain (jline.h) */
};

struct record_list { const struct record *const *rec; size_t n; };     /* borrowed, in the order of the journal */

struct records;
bool records_read(const char *dir, struct records **ret, struct err *err) MUST_CHECK;
struct records *records_of(const json_t *array);        /* takes references; what is no object is skipped */
struct records *records_free(struct records *r);        /* NULL is fine; returns NULL */

size_t records_n(const struct records *r);
const struct record *records_at(const struct records *r, size_t i);     /* i below records_n() */
struct record_list records_all(struct records *r);
/* Those of the run rather than of a step: run, state, begin, end, line, mark, other. */
struct record_list records_rare(const struct records *r);
size_t records_places(const struct records *r);
/* The place, NULL when no record is there. rep NULL: of records that name no repetition. */
const struct record_where *records_where(const struct records *r, const char *test, const char *part, const char *rep);

/* The whole record; new reference, an empty object when the file cannot be read any more. */
json_t *records_json(struct records *r, const struct record *rec);
/* Its fact of that name; new reference, NULL when it has none. Quick for a whole number, true and false. */
json_t *records_fact(struct records *r, const struct record *rec, const char *name);
#endif
