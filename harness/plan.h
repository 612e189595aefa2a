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

/* ---- bench.yaml ---- */
struct bench_line {
	const char *name;                       /* "power.main" */
	const struct line_driver *driver;
	json_t *params;                         /* typed, defaults put in */
	struct where at;
};
struct bench {
	const char *file, *name;
	bool is_virtual;                        /* kind: virtual: lives in namespaces of its own */
	json_t *json;                           /* whole file */
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
	const struct verb *verb;                /* STEP_VERB */
	json_t *args;                           /* literals typed; a reference is {"$":"limit.outage"}; text may hold ${...} */
	const char *label;                      /* as: or NULL */
	const struct steps *inner, *beside;     /* STEP_WHILE: `while:` (one step) and `do:` */
};
struct steps { const struct step_spec *step; size_t n; };
struct claims;
struct procedure { const char *name; struct where at; struct steps steps; struct claims *expect; };
struct device {
	const char *file;
	json_t *json;                           /* whole file: declared.X reads here */
	const struct procedure *procedure; size_t n;
};

/* ---- suites/ ---- */
struct limit {
	const char *name;
	struct where at;
	const char *declared, *profile;         /* dotted path in device.yaml, key in the profile; or NULL */
	const struct conf *fallback, *never_above, *never_below;        /* or NULL */
	enum value_type type;                   /* from the default, or from use */
};
struct each { const char *name; struct where at; json_t *values; /* array, or {"$":"declared.egress.tls"}, or
		{"draw": n|ref, "from":.., "to":..} */ };
struct part { struct steps steps; struct claims *expect; const char *leaves; /* state after, NULL = as before */ };
struct test {
	const char *id, *file, *guideline;      /* "BT9-01", suite file, "G9" */
	struct where at;
	const char *title_en, *title_ja;
	const char *const *decides, *const *supports;   /* NULL-terminated requirement ids */
	const char *state;                      /* factory | initialised | any; NULL for not_tested ones */
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
struct profile { const char *file, *name; bool rehearsal; json_t *json; char sha256[65]; };
struct plan {
	struct bench bench;
	struct device device;
	struct profile profile;
	const struct test *test; size_t n;      /* in running order: by state, destructive last */
	json_t *requirements;                   /* requirements.yaml as JSON */
};

struct plan_input {
	const char *bench, *device, *suites;    /* suites: folder with requirements.yaml, G*.yaml, profiles/, lists/ */
	const char *profile;                    /* name ("demo") or path */
	const char *const *only;                /* NULL-terminated test ids or guideline ids; NULL = all */
};
/* Errors are counted, not first-only: each goes to `report` (may be NULL), the first stands in err. */
bool plan_load(struct arena *a, const struct plan_input *in, void (*report)(const struct err *e, void *data), void *data,
	       struct plan *ret, struct err *err) MUST_CHECK;
const struct procedure *device_procedure(const struct device *d, const char *name);     /* NULL when absent */
/* Value at a dotted path ("outage.recover"), borrowed; NULL when absent. */
json_t *declared_get(const struct device *d, const char *path);

/* One limit for this device and profile: value, and where it came from. */
struct limit_value { json_t *value; enum value_type type; const char *origin; const char *source; bool flag; const char *finding; };
/* declaration, then profile, then default; a declaration beyond never_above/below is cut there and is a finding. */
bool limit_resolve(const struct limit *l, const struct device *d, const struct profile *p, struct limit_value *ret,
		   struct err *err) MUST_CHECK;

/* A YAML step list into typed steps; `known` are labels defined before (NULL-terminated, grows inside). */
bool steps_parse(struct arena *a, const struct conf *list, struct steps *ret, struct err *err) MUST_CHECK;
#endif
