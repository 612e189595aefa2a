/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.h - what the four kinds of input say, typed, and the ordered list of tests that comes of them.
 * Loading is pure: nothing is opened but the files. All memory is in the arena. Every refusal is ERR_CONF with
 * file:line:column. See docs/suites.md for the grammar. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "harness/base/conf.h"
#include "harness/claim.h"
#include "harness/probe.h"
#include "harness/unit.h"

/* ---- bench.yaml ---- */
struct bench_line {
	const char *name;                       /* "power.main" */
	const struct line_driver *driver;
	json_t *params;                         /* typed, defaults put in; ${work} ${run} ${root} stay */
	const struct bench_line *fallback;      /* used when this one cannot start; NULL = none */
	struct where at;
};
struct bench {
	const char *file, *name;
	bool is_virtual;                        /* kind: virtual: lives in namespaces of its own */
	json_t *json;                           /* whole file */
	const struct conf *conf;                /* the same, with positions */
	const struct bench_line *line; size_t n;
	const char *fallback_note;              /* set by run when a line took its fallback driver; else NULL */
};

/* ---- device.yaml ---- */
enum step_kind { STEP_VERB, STEP_PROCEDURE, STEP_WHILE, STEP_ASK, STEP_WAIT };
struct steps;
struct step_spec {
	struct where at;
	enum step_kind kind;
	const char *name;                       /* "power.cut", "device.do", "device.function", "wait" ... */
	const struct probe *probe;              /* STEP_VERB */
	const struct verb *verb;                /* NULL only for STEP_WHILE; the engine's own verbs are in builtin_table */
	json_t *args;                           /* literals typed, defaults put in; a reference is {"$":"limit.outage"}, inside
						   maps and sets too; text may hold ${...}. See args_resolve() */
	const char *label;                      /* as: or NULL */
	const struct steps *inner, *beside;     /* STEP_WHILE: `while:` (one step) and `do:` */
};
struct steps { const struct step_spec *step; size_t n; };
struct claims;
struct returned { const char *name, *label, *fact; };   /* return: {name: LABEL.FACT} */
struct procedure {
	const char *name;
	struct where at;
	struct steps steps;
	struct claims *expect;                  /* NULL = none: it is enough that no step failed */
	const struct returned *returns; size_t n_returns;
	const struct fact *facts;               /* ok, after and what it returns; ends with { 0 } */
	const char *skip;                       /* why it cannot run on this bench and device; else NULL */
};
struct device {
	const char *file;
	json_t *json;                           /* whole file: declared.X reads here */
	const struct conf *conf;                /* the same, with positions */
	bool whole;                             /* every section has its shape; ICS and conditions are looked at last */
	const struct procedure *procedure; size_t n;
};

/* ---- suites/ ---- */
struct limit_value {                            /* all borrowed from the plan */
	json_t *value;                          /* typed: ns, ppm, ... */
	enum value_type type;
	const char *origin;                     /* "declared" | "profile" | "default" */
	const char *source;                     /* "device.yaml:31:12" */
	bool flag;                              /* a default, or a declaration that was cut */
	const char *finding;                    /* the declaration lies beyond never_above/below; else NULL */
};
struct limit {
	const char *name;
	struct where at;
	const char *declared, *profile;         /* dotted path in device.yaml, key in the profile; or NULL */
	const struct conf *fallback, *never_above, *never_below;        /* or NULL */
	enum value_type type;                   /* from the default, else the profile's value, else the declared one */
	struct limit_value now;                 /* for this device and profile; value NULL = none has one */
	const struct conf *conf;                /* where that value stands; NULL = none */
	bool used;                              /* something in the test names it */
};
struct each {                                   /* see each_values() */
	const char *name;
	struct where at;
	json_t *values;                         /* array of untyped values ("2s" is text), or {"draw":n,"from":n,"to":n} */
	enum value_type type;                   /* of a draw: TIME or INT */
	const struct conf *const *conf; size_t n;       /* the values with their positions; n = 0 for a draw */
};
struct part { struct steps steps; struct claims *expect; const char *leaves; /* state after, NULL = as before */ };
struct test {
	const char *id, *file, *guideline;      /* "BT9-01", suite file, "G9" */
	struct where at;
	const char *title_en, *title_ja;
	const char *const *decides, *const *supports;   /* NULL-terminated requirement ids */
	const char *state;                      /* factory | initialised | updated | any | each.NAME; NULL for not_tested ones */
	const char *state_each;                 /* the NAME; else NULL */
	const char *leaves;                     /* state after; NULL = as before */
	const char *permit;                     /* brick | flood | radio | outside | NULL */
	const char *not_tested;                 /* reason, when no probe serves it yet; else NULL */
	const struct limit *limit; size_t n_limits;
	const struct each *each; size_t n_each;
	struct steps watch;                     /* labels = map keys */
	struct part control;                    /* n = 0: none */
	struct part body;
	bool once;                              /* control does not depend on each: run it once */
	const char *skip;                       /* plan: why it cannot run on this bench and device; else NULL */
};
struct mapping;
struct profile {
	const char *file, *name;
	bool rehearsal;                         /* or the one it is like is */
	const struct conf *limits, *own;        /* all of them, and those of its own file; NULL: none */
	const char *like;                       /* the profile that fills in what it leaves out, or NULL */
	char sha256[65];                        /* of its file; with `like`: of both files' hashes, in hex, one after the other */
};
struct plan {
	struct bench bench;
	struct device device;
	struct unit unit;                       /* the one that ${unit} stands for in both */
	struct profile profile;
	const struct test *test; size_t n;      /* in running order: by state, destructive last */
	json_t *requirements;                   /* requirements.yaml as JSON */
	json_t *records;                        /* records.yaml as JSON; NULL = there is none */
	const struct conf *requirements_at, *records_at;        /* the same, with positions */
	const struct mapping *mapping; size_t n_mappings;       /* suites/mappings/, by file name; see mapping.h */
	const char *const *files;               /* suite files read, NULL-terminated, sorted */
	json_t *keep;                           /* owns every json_t above */
	const struct review *review;            /* judging: what people decided (weigh.h); NULL = nothing; borrowed */
	const json_t *stamp;                    /* judging: of the bench (stamp.h); NULL = there is none; borrowed */
	char stamp_day[11];                     /* the day on which it must hold */
	const json_t *peers;                    /* campaign_judge.c only: what other units showed (judge.h); else NULL */
};

struct plan_input {
	const char *bench, *device, *suites;    /* suites: folder with requirements.yaml, records.yaml, G*.yaml, mappings/, profiles/, lists/ */
	const char *profile;                    /* name ("demo") or path */
	const char *const *only;                /* NULL-terminated test ids or guideline ids; NULL = all */
	int unit;                               /* which unit of the device, 1..; 0 = 1 */
};
/* Errors are counted, not first-only: each goes to `report` (may be NULL), the first stands in err. bench, device and
 * profile may be NULL (lint): then nothing is said about what they would have to offer. */
bool plan_load(struct arena *a, const struct plan_input *in, void (*report)(const struct err *e, void *data), void *data,
	       struct plan *ret, struct err *err) MUST_CHECK;
/* Bench and, where it is given, device alone: no suites, no tests. */
bool plan_load_bench(struct arena *a, const struct plan_input *in, void (*report)(const struct err *e, void *data), void *data,
		     struct plan *ret, struct err *err) MUST_CHECK;
/* A list of steps on that bench, and claims about them (expect may be NULL), from texts of this program's own. Something that
 * the bench lacks is ERR_CONF, too. */
bool plan_steps(struct arena *a, const struct plan *p, const char *steps, const char *expect, struct steps *ret, const struct claims **ret_claims,
		struct err *err) MUST_CHECK;
/* What a catalogue must keep besides: requirements and tests, requirements and records name each other both ways, every
 * requirement is whole. All tests must have been loaded (`only` NULL). Each fault goes to `report`. */
void plan_agree(const struct plan *p, void (*report)(const struct err *e, void *data), void *data);
/* lint: every declared.X of the tests names a place that device.yaml can have. */
void declared_paths(const struct plan *p, void (*report)(const struct err *e, void *data), void *data);
const struct procedure *device_procedure(const struct device *d, const char *name);     /* NULL when absent */
/* What a report says of the device: the plain fields of `identity` and the serials; not how they are read. New reference. */
json_t *device_identity(const struct device *d);
/* Value at a dotted path ("outage.recover"), borrowed; NULL when absent. */
json_t *declared_get(const struct device *d, const char *path);

/* Frees the JSON; the rest goes with the arena. A zeroed or half-loaded plan is fine. */
void plan_done(struct plan *p);
const struct test *plan_test(const struct plan *p, const char *id);     /* NULL when absent */

/* One limit for this device and profile: value, and where it came from: declaration, then profile, then default; a
 * declaration beyond never_above/below is cut there and is a finding. False when none of them has a value. */
bool limit_resolve(const struct limit *l, const struct device *d, const struct profile *p, struct limit_value *ret,
		   struct err *err) MUST_CHECK;

/* {"outage": 600000000000}: what each limit of the test is now; new reference. */
json_t *limits_now(const struct test *t);

/* The values one `each` name takes, as untyped JSON (new reference to an array). Draws depend on seed and key only. */
json_t *each_values(const struct each *e, uint64_t seed, const char *key);

/* ---- resolve.c: a step's arguments when it is about to run ---- */
struct values {                                 /* where references find their value; all borrowed, any may be NULL */
	const json_t *limits;                   /* {"outage": 600000000000} */
	const json_t *each;                     /* {"outage": "link_down"} */
	const json_t *declared;                 /* device.yaml */
	const json_t *facts;                    /* {"LABEL": {"fact": value}}, the last observation of each */
	/* ${canary.psk} ${secret.user} ${work} ${run} ${root} ${dut}: the text in buf, or NULL when there is none */
	const char *(*word)(const char *name, char *buf, size_t n, void *data);
	void *data;
};
/* References replaced, ${...} expanded, values typed by the verb's descriptors. What the device said (LABEL.FACT) is
 * put in as it is and never expanded again. *ret is a new reference, or NULL when something it needs was never
 * observed (then err->text says what): no error, the step cannot be done. A ${name} without dot that is none of the
 * above stays as it is: verbs have templates of their own. "$${" stands for "${". */
bool args_resolve(const struct verb *v, const json_t *args, const struct values *from, json_t **ret, struct err *err) MUST_CHECK;

/* ---- verbs that the engine itself serves: wait, device.*, operator.ask ---- */
extern const struct probe *const builtin_table[];       /* NULL-terminated; "wait" is a verb of the probe "" */
/* Any verb by its name in suites; *ret_probe is the built-in probe for built-in verbs. */
const struct verb *any_verb_find(const char *name, const struct probe **ret_probe);
#endif
