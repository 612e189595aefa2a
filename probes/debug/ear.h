/* SPDX-License-Identifier: Apache-2.0
 *
 * ear.h - a console that is typed on and listened to. What is heard is read from the bench's record, from the moment of ear_open on. */
#ifndef DEBUG_EAR_H
#define DEBUG_EAR_H

#include "harness/probe.h"
#include "harness/proto/serial_log.h"

struct ear {
	struct step *st;
	const char *line;               /* "serial.console" */
	struct serial_log log;
	size_t mark;                    /* in log.text: what stands behind it came after the last ear_type */
	int64_t typed;                  /* bytes */
	bool restless;                  /* it once went on talking for longer than any answer takes */
};

bool ear_open(struct step *st, const char *line, struct ear *ret, struct err *err) MUST_CHECK;
void ear_close(struct ear *e);
/* Queues text; what is heard from here on is its answer. */
bool ear_type(struct ear *e, const char *text, struct err *err) MUST_CHECK;
/* Waits for an answer: until it pauses, or for `patience` when none comes. One that does not pause is left after EAR_LONGEST more,
 * and on a console that once did so after `patience`. */
#define EAR_LONGEST SEC(2)
bool ear_hear(struct ear *e, int64_t patience_ns, struct err *err) MUST_CHECK;
size_t ear_heard(const struct ear *e, const char **ret_text);   /* since the mark; valid until the next call */
/* Evidence: all that was received since from_ns, or since the mark. */
void ear_cite(const struct ear *e, bool answer_only);
#endif
