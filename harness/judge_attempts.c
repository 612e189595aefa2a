// SPDX-License-Identifier: Apache-2.0
// The attempts of one test: which records of the journal belong to each, and whether some are lost.
#include <stdlib.h>

#include "harness/base/cleanup.h"
#include "harness/judge_in.h"
#include "harness/value.h"

static bool mine(const struct attempt *a, size_t i)
{
	return !strcmp(records_at(a->records, i)->where->test, a->test);
}

/* Those of one place beside each other: counted, then put where they go. */
static void sort(struct attempt *a)
{
	size_t places = records_places(a->records), *next;

	a->start = calloc(places + 2, sizeof(*a->start));
	a->rec = calloc(a->last - a->first + 1, sizeof(*a->rec));
	if (!a->start || !a->rec)
		abort();
	next = a->start + 1;                    /* where the next of a place goes; in the end, where that place ends */
	for (size_t i = a->first; i <= a->last; i++)
		if (mine(a, i))
			next[records_at(a->records, i)->where->id + 1]++;
	for (size_t id = 1; id <= places; id++)
		next[id] += next[id - 1];
	for (size_t i = a->first; i <= a->last; i++) {
		const struct record *rec = records_at(a->records, i);

		if (!mine(a, i))
			continue;
		a->rec[next[rec->where->id]++] = rec;
		if ((rec->kind == RECORD_rep || rec->kind == RECORD_alive) && rec->where->has_rep)
			a->last_rep = rec;
	}
}

static size_t index_of(struct records *r, const struct record *rec)
{
	return (size_t)(rec - records_at(r, 0));
}

static int64_t round_of(const json_t *begin)
{
	json_int_t n = json_integer_value(json_object_get(begin, "round"));

	return n < 1 ? 1 : n > ROUNDS_MAX ? ROUNDS_MAX : n;
}

static struct attempt *add_attempt(struct attempts *as, struct records *r, const struct test *t, const struct record *begin)
{
	CLEANUP(free_json) json_t *rec = records_json(r, begin);
	struct attempt *more = realloc(as->a, (as->n + 1) * sizeof(*more)), *a;
	size_t at = index_of(r, begin);

	if (!more)
		abort();
	as->a = more;
	a = &as->a[as->n++];
	*a = (struct attempt){ .records = r, .test = t->id, .first = at, .last = at, .begin_ns = begin->t_ns,
			       .unit = json_integer_value(json_object_get(rec, "unit")), .round = round_of(rec) };
	if (json_integer_value(json_object_get(rec, "attempt")) != (json_int_t)as->n)
		text_add(a->lost, sizeof(a->lost), "attempt %zu is not in the record", as->n);
	return a;
}

/* Its records, counted when it ended. (Those of runs before this was written down are not missed.) */
static void end_attempt(struct attempt *a, size_t number, struct records *r, const struct record *end)
{
	const json_t *counted;

	a->end = records_json(r, end);
	a->last = index_of(r, end);
	counted = json_object_get(a->end, "records");
	a->busy = json_integer_value(json_object_get(a->end, "busy"));
	if (json_integer_value(json_object_get(a->end, "attempt")) != (json_int_t)number)
		text_add(a->lost, sizeof(a->lost), "attempt %zu has the end of another", number);
	else if (counted && json_integer_value(counted) != (json_int_t)(a->last - a->first + 1))
		text_add(a->lost, sizeof(a->lost), "attempt %zu has %zu of its %lld records", number, a->last - a->first + 1,
			 (long long)json_integer_value(counted));
}

/* A session that goes on says how many records it found. */
static bool resumes(struct attempt *open, struct records *r, const struct record *run)
{
	CLEANUP(free_json) json_t *rec = records_json(r, run);
	const json_t *counted = json_object_get(rec, "records");

	if (!is(rec, "what", "resume"))
		return false;
	if (counted && json_integer_value(counted) != (json_int_t)index_of(r, run))
		text_add(open->lost, sizeof(open->lost), "the run went on after %lld records, of which %zu are there",
			 (long long)json_integer_value(counted), index_of(r, run));
	return true;
}

/* `rest` is where the next attempt begins: what an interrupted one still wrote stands before it. */
static void close_attempt(struct attempt *a, size_t rest)
{
	while (!a->end && rest-- > a->first)
		if (mine(a, rest)) {
			a->last = rest;
			break;
		}
	a->end_ns = records_at(a->records, a->last)->t_ns;
	sort(a);
}

void attempts_split(const struct test *t, struct records *r, struct attempts *as)
{
	struct record_list rare = records_rare(r);
	struct attempt *open = NULL;
	bool resumed = false;

	for (size_t i = 0; i < rare.n; i++) {
		const struct record *rec = rare.rec[i];

		if (rec->kind == RECORD_run && open)
			resumed |= resumes(open, r, rec);
		if ((rec->kind != RECORD_begin && rec->kind != RECORD_end) || strcmp(rec->where->test, t->id) != 0)
			continue;
		if (rec->kind == RECORD_end && open)
			end_attempt(open, as->n, r, rec);
		else if (open && !resumed)      /* only a session that broke off leaves an attempt without end */
			text_add(open->lost, sizeof(open->lost), "attempt %zu has lost its end", as->n);
		if (open)
			close_attempt(open, index_of(r, rec));
		open = rec->kind == RECORD_begin ? add_attempt(as, r, t, rec) : NULL;
		resumed = false;
	}
	if (open)
		close_attempt(open, records_n(r));
}

void attempts_done(struct attempts *as)
{
	for (size_t i = 0; i < as->n; i++) {
		json_decref(as->a[i].end);
		free(as->a[i].rec);
		free(as->a[i].start);
	}
	free(as->a);
}
