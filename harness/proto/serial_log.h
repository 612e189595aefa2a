/* SPDX-License-Identifier: Apache-2.0
 *
 * serial_log.h - what a console said and was told: NAME.raw holds the bytes of both directions in order,
 * NAME.idx one text line per piece or event:
 *
 *   <monotonic ns> <r|t|e|x> <offset in raw> <length> <note>\n
 *
 *   r received   t sent by the bench (note "secret": asterisks stand for the bytes)   e event ("open", "back", ...)
 *   x line error: note is its word (SERIAL_FAULTS), length is how many of them, offset where the first one was
 *
 * A gap is the time from `x gap` (the port vanished) to the next `e back`: what was said meanwhile is lost.
 * The index line is written after its bytes, so what it names can be read. A piece is what one read gave: its
 * time is when the bench read it (late by at most the line's latency), never earlier than the bytes.
 * Bound    a reader holds at most SERIAL_LOG_MAX received bytes; `cut` says that older ones were let go. */
#ifndef PROTO_SERIAL_LOG_H
#define PROTO_SERIAL_LOG_H

#include "harness/proto/tail.h"

#define SERIAL_LOG_MAX ((size_t)16 << 20)

/* Word in the index, what the manual says. Framing, parity and overrun also come of a wrong rate or a bad cable. */
#define SERIAL_FAULTS(X)                                                \
	X(BREAK, "break", "line low for longer than a character")       \
	X(FRAMING, "framing", "no stop bit where one was due")          \
	X(PARITY, "parity", "wrong parity bit")                         \
	X(OVERRUN, "overrun", "bytes lost before the bench read them")  \
	X(GAP, "gap", "the port was not there")
enum serial_fault {
#define X(name, word, doc) SERIAL_##name,
	SERIAL_FAULTS(X)
#undef X
	SERIAL_FAULT_COUNT
};
extern const char *const serial_fault_word[];

struct serial_log_writer { int raw, idx; int64_t off; };        /* off: length of raw */

/* DIR/NAME.raw and .idx; appends to what is there. */
bool serial_log_create(const char *dir, const char *name, struct serial_log_writer *ret, struct err *err) MUST_CHECK;
/* kind 'r', 't' (p, n) or 'e' (n = 0); note: one word or "-". */
bool serial_log_add(struct serial_log_writer *w, int64_t t_ns, char kind, const void *p, size_t n, const char *note,
		    struct err *err) MUST_CHECK;
/* raw_off: of the first byte concerned, already written. */
bool serial_log_fault(struct serial_log_writer *w, int64_t t_ns, enum serial_fault fault, int64_t raw_off, int64_t count,
		      struct err *err) MUST_CHECK;
void serial_log_finish(struct serial_log_writer *w);

struct serial_piece { int64_t t_ns, raw_off; size_t at, n; };   /* at: offset in `text` */
struct serial_log {
	struct tail tail;               /* of the index; wait on tail.notify */
	int raw;
	int64_t from_ns;
	char *text;                     /* received bytes since from_ns, NUL-terminated (NULs inside become '\1') */
	size_t n, room;
	struct serial_piece *piece;
	size_t pieces, piece_room;
	int64_t last_ns;                /* time of the newest received piece, of any age; 0 = none */
	int64_t sent;                   /* bytes the bench sent since from_ns */
	int64_t fault[SERIAL_FAULT_COUNT];      /* since from_ns; a gap that lasted into that time counts */
	bool away;                      /* the port is not there now */
	bool cut;
};

/* PATH without its ending: ".../serial/console". Pieces before from_ns are left out. */
bool serial_log_open(const char *path, int64_t from_ns, bool live, struct serial_log *ret, struct err *err) MUST_CHECK;
/* Takes in what was recorded meanwhile; false only with err. A malformed index is ERR_BENCH. */
bool serial_log_more(struct serial_log *l, struct err *err) MUST_CHECK;
/* When and where in raw the byte text[at] was received. False when `at` is not below n. */
bool serial_log_where(const struct serial_log *l, size_t at, int64_t *ret_t_ns, int64_t *ret_raw_off);
void serial_log_done(struct serial_log *l);
#endif
