/* SPDX-License-Identifier: Apache-2.0
 *
 * probe.h - all that a probe may see of the harness, and all that the harness knows of a probe.
 *
 * A probe is a folder probes/NAME with `const struct probe probe_NAME` in NAME.c: a namespace of VERBS
 * ("power.cut"). Verbs report facts, suites judge them: no probe decides a verdict, and no suite knows a
 * protocol. Each verb runs in a WORKER: a process of its own per probe, attempt and lane, with a deadline
 * and a sandbox, so a probe may block and keep sessions in statics across the steps of one attempt.
 *
 * A probe that serves bench lines ("power.main": probe power) also has DRIVERS, one drv_NAME.c each. Every
 * line of the bench is one LINE PROCESS for the whole run: an event loop that records what the line shows
 * into the run folder and takes short, non-blocking commands. Observing verbs read what was recorded
 * (tail.h), they never ask the recorder: what a verdict rests on is what stands in the evidence. */
#ifndef HARNESS_PROBE_H
#define HARNESS_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/clock.h"
#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/base/units.h"

/* ---- descriptors: what `jusan verbs`, the plan check, the schema and the manual are made of ---- */

struct param {                          /* of a verb or of a driver; tables end with { 0 }. SECRET of a driver: see line_secret() */
	const char *name;
	enum value_type type;
	bool need;                      /* no default: the suite must say it */
	int64_t min, max;               /* INT, TIME (ns), SHARE (ppm); both 0 = no bound */
	const char *unit;               /* INT: "ports", "m°C" ...; NULL = none */
	const char *const *words;       /* ENUM: NULL-terminated */
	const char *fallback;           /* default, as a suite would write it; NULL = absent */
	const char *doc;
};

struct fact {                           /* tables end with { 0 } */
	const char *name;
	enum value_type type;           /* BOOL INT TIME SHARE TEXT ENUM SET SECRET */
	const char *unit;
	const char *doc;
};

enum verb_kind {
	VERB_STIMULUS,                  /* changes the device's world; names its own confirmation */
	VERB_PROBE,                     /* asks the device or looks at the record, now */
	VERB_WATCH,                     /* runs beside the steps until step_stopped(); emits observations */
	VERB_EXAMINE,                   /* pure function of recorded evidence and parameters */
};

struct step;
struct verb {                           /* tables end with { 0 } */
	const char *name;
	enum verb_kind kind;
	const struct param *params;
	const struct fact *facts;
	bool (*run)(struct step *st, struct err *err);  /* false = bench ERROR, never "device is bad" */
	const char *doc;
};

enum { RIGHT_SCOPE = 1,                 /* sockets to addresses of the bench's scope */
       RIGHT_LINES = 2,                 /* may command bench lines */
       RIGHT_ADMIN = 4,                 /* nft, links, raw sockets */
       RIGHT_SPAWN = 8,                 /* may start programs */
       RIGHT_RAW = 16 };                /* raw and packet sockets, and no other privilege */

struct line_driver;
struct probe {
	const char *name, *doc;
	const struct verb *verbs;
	const struct line_driver *const *drivers;       /* NULL-terminated; NULL = serves no lines */
	unsigned rights;
};

/* ---- inside a verb: what it was asked ---- */
/* Parameters are already checked against the descriptor, references resolved, ${...} expanded, defaults put in.
 * Asking for an undeclared or absent one of the wrong type is a bug and stops the worker. */
bool step_has(const struct step *st, const char *param);
bool step_bool(const struct step *st, const char *param);
int64_t step_int(const struct step *st, const char *param);             /* also TIME in ns, SHARE in ppm */
const char *step_text(const struct step *st, const char *param);        /* TEXT, ENUM, LINE, SECRET; borrowed */
const json_t *step_json(const struct step *st, const char *param);      /* SET, MAP; borrowed */

const char *step_run_dir(const struct step *st);        /* the run folder; evidence goes below it */
const char *step_work_dir(const struct step *st);       /* scratch of this run, short path, gone afterwards */
const json_t *step_device(const struct step *st);       /* device.yaml as JSON, e.g. "interface"."allow_tcp" */
const json_t *step_bench(const struct step *st);        /* bench.yaml as JSON */
const char *step_suite_dir(const struct step *st);      /* where lists/ stands */
struct rng *step_rng(struct step *st);                  /* keyed by seed, unit, test, repetition, step */
/* Random marker of this run for a declared field ("psk"): 32 hex digits, same in every worker of the run. */
void step_canary(const struct step *st, const char *field, char ret[static 33]);
int64_t step_wall_offset_ns(const struct step *st);     /* wall = monotonic + this; packet stamps are wall */

/* ---- inside a verb: time ---- */
int64_t step_begin_ns(const struct step *st);           /* when this step began */
int64_t step_deadline_ns(const struct step *st);        /* the bench's own; past it the worker is killed (ERROR) */
/* Start of the last stimulus of this attempt (or of the attempt): observers look from here, never from "now".
 * A parameter `since` (TEXT, label of an earlier step) overrides it when the verb declares that parameter. */
int64_t step_since_ns(const struct step *st);
bool step_stopped(const struct step *st);               /* watches: finish now */
/* Sleeps until `until_ns`, the step is stopped, or fd (-1 = none) is readable; true when fd is readable. */
bool step_wait(struct step *st, int fd, int64_t until_ns);

/* ---- inside a verb: what it saw ---- */
/* Facts collect into the current observation; step_observe() sends it (time = now or at_ns). The return of
 * run() sends what is pending. Names and types must be declared. */
void fact_bool(struct step *st, const char *name, bool v);
void fact_int(struct step *st, const char *name, int64_t v);            /* also TIME ns, SHARE ppm */
void fact_text(struct step *st, const char *name, const char *v);       /* bounded to 4 KiB, made valid UTF-8 */
void fact_bytes(struct step *st, const char *name, const void *p, size_t n);    /* as text, escaped */
void fact_set_add(struct step *st, const char *name, const char *v);    /* creates the set */
void fact_set_empty(struct step *st, const char *name);                 /* known to be empty */
/* What must not be read in a journal: a keyed hash stands there, comparable inside the run and, when they were run with
 * one campaign key, between units (factkey.h). _add: a set of them. */
void fact_secret(struct step *st, const char *name, const void *p, size_t n);
void fact_secret_add(struct step *st, const char *name, const void *p, size_t n);
/* Everything in this observation rests on less than was asked: claims on it become unknown unless it holds a
 * counterexample. `why` is shown. */
void step_incomplete(struct step *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One line of scope for the report: "65535 TCP ports of 192.168.77.23 in 1.2s". */
void step_scope_text(struct step *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Pointers for the current observation. `file` is relative to the run folder. */
void step_at_bytes(struct step *st, const char *file, int64_t off, int64_t len);
void step_at_frame(struct step *st, const char *capture, int64_t frame);        /* 1-based, as Wireshark counts */
/* The observer this observation rests on ("capture.lan", "serial.console", "wire.relay", "flash.main", "net"). */
void step_observer(struct step *st, const char *line);
void step_observe(struct step *st);
void step_observe_at(struct step *st, int64_t at_ns);
/* Called when the attempt's steps (or its control) are over, before claims are judged: send last facts of what
 * was started (an impostor's counters), stop it. Last registered, first called. Facts go to that step's label. */
void step_at_finish(struct step *st, void (*fn)(struct step *st, void *data), void *data);

/* ---- inside a verb: the world ---- */
/* The device's address as leased or declared; false and ERR_NONE kept when it has none (an observation). */
bool step_dut_address(struct step *st, char ret[static 64]);
/* Every target passes here first: ERR_BENCH when `ip` is outside the bench's declared scope. */
bool step_in_scope(struct step *st, const char *ip, struct err *err) MUST_CHECK;
/* Address for a host name of the bench (bench.yaml hosts:) or a literal; "dut" is the device. */
bool step_resolve(struct step *st, const char *host, char ret[static 64], struct err *err) MUST_CHECK;
/* A command to a bench line; the reply (may be NULL) is a new reference. ERR_BENCH when the line refuses. */
bool step_line(struct step *st, const char *line, const char *command, const json_t *args, json_t **ret_reply,
	       struct err *err) MUST_CHECK;
/* Returns when what happened up to now stands in this recorder's file: kernels hand frames over in blocks, a few
 * milliseconds late. */
bool step_recorded(struct step *st, const char *line, struct err *err) MUST_CHECK;

/* ---- drivers: one line, one process ---- */
struct line;
struct line_driver {
	const char *name, *doc;
	const char *seen;               /* what it was run against: hardware, the real program of others, or a model of ours */
	const struct param *params;     /* what bench.yaml may say besides driver and safe_state */
	/* Must be ready to record when it returns: lines open before power goes on. */
	bool (*open)(struct line *l, struct err *err);
	/* Short and non-blocking; fills reply (an object, never NULL). false = the line refuses (bench ERROR). */
	bool (*command)(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err);
	/* fd given to line_watch is ready, or (fd = -1) the time given to line_timer has come. false = line broken. */
	bool (*event)(struct line *l, int fd, short revents, struct err *err);
	/* Into its safe state; also called in a fresh process by the guard after everything died, so only the
	 * parameters and the work folder may be used. Must be idempotent and quick (< 5 s). */
	void (*safe)(struct line *l);
	void (*close)(struct line *l);
};

enum netns { NETNS_BENCH, NETNS_DUT, NETNS_WORLD, NETNS_COUNT };

const char *line_name(const struct line *l);            /* "serial.console" */
const char *line_run_dir(const struct line *l);
const char *line_work_dir(const struct line *l);
const json_t *line_bench(const struct line *l);         /* whole bench.yaml as JSON */
const json_t *line_device(const struct line *l);
bool line_has(const struct line *l, const char *param);
bool line_flag(const struct line *l, const char *param);
int64_t line_int(const struct line *l, const char *param);
const char *line_text(const struct line *l, const char *param);
const json_t *line_json(const struct line *l, const char *param);
/* The value of a VALUE_SECRET parameter, of which bench.yaml holds {file: PATH} or {env: NAME} only: read here, in the line's
 * own process (also in safe()), masked in all that the line says. ERR_BENCH when it is not there or does not fit. */
bool line_secret(const struct line *l, const char *param, char *buf, size_t room, struct err *err) MUST_CHECK;
void line_set_priv(struct line *l, void *priv);         /* the driver's own state */
void *line_priv(const struct line *l);
bool line_watch(struct line *l, int fd, short events, struct err *err) MUST_CHECK;      /* at most 16 */
void line_unwatch(struct line *l, int fd);
void line_timer(struct line *l, int64_t at_ns);         /* one-shot; 0 = off */
bool line_blind(const struct line *l);                  /* test hook: record nothing (jusan run --blind LINE) */
/* Enters this namespace of a virtual bench; on a real one with a net.* line NETNS_BENCH is the run's own, of which the user is
 * root, and the others are where the caller is already. */
bool line_enter(const struct line *l, enum netns ns, struct err *err) MUST_CHECK;
/* A bench fact for the journal ("dnsmasq exited", "dropped 3 frames"). */
void line_note(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The guard kills this process when the run ends in any way; start time guards against pid reuse. */
void line_guard_pid(struct line *l, pid_t pid);
#endif
