/* SPDX-License-Identifier: Apache-2.0
 *
 * load.h - the inside of plan_load(), for bench.c bench_import.c catalogue.c declare*.c device.c limit.c mapping.c mapping_files.c
 * refs.c scope.c steps.c suite.c plan.c only.
 *
 * Three outcomes of a check: fine; wrong (an error with a position, counted, loading goes on with the next thing);
 * right but not possible here (this bench lacks the line, this device does not declare it): the test or procedure
 * gets a `skip` reason and the check counts as fine. */
#ifndef HARNESS_LOAD_H
#define HARNESS_LOAD_H

#include "harness/base/shape.h"
#include "harness/plan.h"

struct loader {
	struct arena *a;
	json_t *keep;                           /* owns every JSON value of the plan */
	void (*report)(const struct err *e, void *data);
	void *data;
	struct err first;
	unsigned errors;
	const struct unit *unit;                /* what ${unit} in bench and device stands for */
	const struct bench *bench;              /* NULL: unknown, so nothing is missing from it */
	struct device *device;                  /* as above */
	const struct profile *profile;          /* as above */
	const char *const *requirement, *const *record;         /* known ids, NULL-terminated */
	const char *const *test;                /* as above; NULL: not all were read, so any may be */
	unsigned char *procedure_state;         /* by index in device->procedure: 0 new, 1 being read, 2 read */
};

json_t *load_keep(struct loader *l, json_t *j);         /* takes j over; returns it, borrowed */
void load_fault(struct loader *l, const struct err *e); /* counts and reports */
/* Is it of that shape? Every fault is reported. */
bool load_shape(struct loader *l, const struct conf *c, const struct shape *s, const char *what);

/* ---- catalogue.c ---- */
struct both;
struct mapping;
/* An id of `known` (NULL: any); `where` says in the message what does not have it. */
bool load_id(const struct conf *c, const char *const *known, const char *where, struct err *err) MUST_CHECK;
/* A list of them, each once; absent (c NULL) is empty. Borrowed texts, NULL-terminated. */
bool load_ids(struct loader *l, const struct conf *c, const char *what, const char *const *known, const char *where,
	      const char *const **ret, struct err *err) MUST_CHECK;
/* {en, ja}, both needed; absent (c NULL) leaves *ret as it is. */
bool load_both(const struct conf *c, const char *what, struct both *ret, struct err *err) MUST_CHECK;
void requirements_load(struct loader *l, const char *suites, struct plan *p);
void records_load(struct loader *l, const char *suites, struct plan *p);

/* ---- mapping.c mapping_files.c ---- */
/* One file; false: reported, and nothing of it can be used. */
bool mapping_parse(struct loader *l, const struct conf *c, struct mapping *ret);
/* All of them: basis, and lines that name lines. */
void mappings_link(struct loader *l, struct mapping *m, size_t n);
/* The folder, when there is one. */
void mappings_load(struct loader *l, const char *suites, struct plan *p);

/* ---- scope.c: what can be seen from a place in a test or a procedure ---- */
struct label {
	const char *name;
	struct where at;
	const struct fact *facts;               /* ends with { 0 } */
	const struct label *next;
};
struct scope {
	struct loader *l;
	struct limit *limit; size_t n_limits;   /* none in procedures */
	const struct each *each; size_t n_each;
	const struct label *labels;             /* newest first */
	const char **skip;                      /* where the first reason goes */
};
void scope_skip(struct scope *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* facts NULL: of a step that was refused, or a procedure that is not there: it may have any. */
bool scope_label(struct scope *s, const char *name, struct where at, const struct fact *facts, struct err *err) MUST_CHECK;
/* The fact of a label; with fact NULL, whether there is such a label. NULL = no. */
const struct fact *scope_fact(const struct scope *s, const char *label, const char *fact);
/* A list of claims about the scope's labels; NULL when refused (reported). */
struct claims *expect_parse(struct scope *s, const struct conf *list);

/* ---- args.c ---- */
/* One literal as the descriptor wants it; new reference. */
bool arg_literal(const struct param *p, const struct conf *c, json_t **ret, struct err *err) MUST_CHECK;
/* What kind of literal this reads as: 5 int, 2s time, 99% share, true bool, [..] set, {..} map, else text. */
enum value_type arg_guess(const struct conf *c);
bool arg_in_range(const struct param *p, const json_t *v, struct err *err) MUST_CHECK;

/* ---- refs.c ---- */
/* Is this plain scalar a reference here? limit.X, declared.X, each.X, or LABEL.FACT of a label seen before. */
bool ref_is(const struct scope *s, const struct conf *c);
/* Does it lead somewhere, to a value `p` can take (NULL = any)? */
bool ref_check(struct scope *s, const struct conf *c, const struct param *p, struct err *err) MUST_CHECK;
/* Every reference and ${...} in a tree, types unchecked: claims, maps. `texts`: check ${...} only. */
bool refs_walk(struct scope *s, const struct conf *c, bool texts, struct err *err) MUST_CHECK;
/* Node at a dotted path of device.yaml; NULL when absent. */
const struct conf *declared_conf(const struct device *d, const char *path);
const struct conf *conf_path(const struct conf *root, const char *path);

/* ---- limit.c ---- */
bool limit_parse(struct loader *l, const struct conf *name, const struct conf *c, struct limit *ret);     /* false: reported */
bool each_parse(struct scope *s, const struct conf *name, const struct conf *c, struct each *ret);

/* ---- steps.c ---- */
/* A list of steps. Faults are reported one by one; labels are added to the scope. */
void steps_parse(struct scope *s, const struct conf *list, struct steps *ret);
/* `watch:` of a test: a map label -> step of kind WATCH. */
void watches_parse(struct scope *s, const struct conf *map, struct steps *ret);

/* ---- bench.c device.c suite.c ---- */
bool bench_parse(struct loader *l, const char *path, struct bench *ret);        /* false: reported */
bool bench_read(struct loader *l, const char *path, const struct conf *c, struct bench *ret);  /* read already, ${unit} replaced */
bool bench_has_line(const struct bench *b, const char *name);
bool bench_permits(const struct bench *b, const char *what);
bool device_parse(struct loader *l, const char *path, struct device *ret);
void declaration_check(struct loader *l, const struct plan *p); /* once the mappings are loaded */
/* Reads procedure `name` (once; a procedure that calls itself is refused) and those it calls. NULL when absent. */
const struct procedure *procedure_ready(struct loader *l, const char *name, struct err *err);
/* ---- profile.c ---- */
/* name: one of SUITES/profiles, or a file. What it is like is always one of SUITES/profiles. false: reported. */
bool profile_parse(struct loader *l, const char *suites, const char *name, struct profile *ret);
/* Appends the tests of one file; *n grows. */
void suite_parse(struct loader *l, const struct conf *file, struct test *test, size_t *n);
size_t suite_count(const struct conf *file);

extern const char *const state_words[];         /* what a device can be left in */
extern const char *const permit_words[];
#endif
