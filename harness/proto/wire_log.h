/* SPDX-License-Identifier: Apache-2.0
 *
 * wire_log.h - levels on the board's pins as text lines:
 *
 *   <monotonic ns> <in|out|e> <pin> <value>\n      in: driven by the device; out: by the bench; e: "- powered" | "- unpowered"
 *
 * Values are whole numbers (0 and 1 for a digital pin). A pin that was never named has the value 0. */
#ifndef PROTO_WIRE_LOG_H
#define PROTO_WIRE_LOG_H

#include "harness/proto/tail.h"

#define WIRE_PIN 32                     /* pin name with its end */

enum wire_kind { WIRE_IN, WIRE_OUT, WIRE_EVENT };
struct wire_entry { int64_t t_ns; enum wire_kind kind; char pin[WIRE_PIN]; int64_t value; bool powered; int64_t off, len; };

struct wire_log_writer { int fd; };
bool wire_log_create(const char *path, struct wire_log_writer *ret, struct err *err) MUST_CHECK;
bool wire_log_level(struct wire_log_writer *w, int64_t t_ns, enum wire_kind kind, const char *pin, int64_t value,
		    struct err *err) MUST_CHECK;
bool wire_log_power(struct wire_log_writer *w, int64_t t_ns, bool powered, struct err *err) MUST_CHECK;

bool wire_name_ok(const char *pin);     /* letters, digits, '_' and '.', 1 to WIRE_PIN - 1 of them */

/* Readers follow the file with a tail. False: no further whole line now (err stays ERR_NONE), or ERR_BENCH/ERR_OS. */
bool wire_log_next(struct tail *t, struct wire_entry *ret, struct err *err);
#endif
