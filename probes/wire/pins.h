/* SPDX-License-Identifier: Apache-2.0
 *
 * pins.h - single wires of a line: what drivers share, whatever moves their pins.
 *
 * Commands   set {pin, value} -> {t_ns}; press {pin, value, for_ns} -> {t_ns}: value now, what was before afterwards, of presses
 *            that overlap what was before the first; get {pin} -> {value}. Levels are logical: 1 is pressed, and lit.
 * Record     RUN/wire/NAME.log (wire_log.h); nothing on a blind line
 * Timer      the line's timer ends presses; a driver that looks at its inputs from time to time says when in look_ns. */
#ifndef WIRE_PINS_H
#define WIRE_PINS_H

#include "harness/probe.h"
#include "harness/proto/wire_log.h"

#define PINS_MAX 32

struct pin { char name[WIRE_PIN]; bool out; int64_t value, back, until_ns; };   /* until_ns: end of a press; 0 = none */
struct pins {                           /* first member of a driver's state; pin i is the driver's own i */
	struct pin pin[PINS_MAX];
	size_t n, max;                  /* max: at most PINS_MAX */
	bool digital;                   /* levels are 0 and 1 only */
	/* Moves an output. pins.c keeps its value and records it. */
	bool (*drive)(struct pins *p, const struct pin *pin, int64_t value, struct err *err);
	int64_t look_ns;                /* next look at inputs; 0 = none */
	struct wire_log_writer log;     /* log.fd -1 before pins_begin */
	bool blind;
};

/* Creates the record. */
bool pins_begin(const struct line *l, struct pins *p, struct err *err) MUST_CHECK;
void pins_end(struct pins *p);          /* idempotent */
struct pin *pins_find(struct pins *p, const char *name);        /* NULL: none, or no name */
/* NULL: no good name (letters, digits, '_' and '.'), listed twice, or one too many. */
struct pin *pins_add(struct pins *p, const char *name, bool out, struct err *err);
/* The value it has now is recorded as that of t_ns. */
bool pins_record(struct pins *p, const struct pin *pin, int64_t t_ns, struct err *err) MUST_CHECK;
bool pins_drive(struct pins *p, struct pin *pin, int64_t value, struct err *err) MUST_CHECK;
/* Sets the line's timer anew; pins_release ends the presses that are due and does not. */
void pins_timer(struct line *l, const struct pins *p);
bool pins_release(struct pins *p, struct err *err) MUST_CHECK;
bool pins_command(struct line *l, struct pins *p, const char *command, const json_t *args, json_t *reply, struct err *err);
#endif
