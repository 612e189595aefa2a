/* SPDX-License-Identifier: Apache-2.0
 *
 * syn_log.h - what was sent, in order, and what came back: periods of it, loss as the controls show it, and what a silence is worth.
 *
 * The log is a ring; numbers of entries only grow. A PERIOD is a stretch of it that is judged as a whole once each of its entries is
 * answered or too old. A CONTROL is a port that answered before: closed ones where there are any, since limits on resets do not
 * touch SYN-ACKs, else open ones. */
#ifndef PORTS_SYN_LOG_H
#define PORTS_SYN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/ports/pace.h"

enum { SYN_LOG = 1 << 16, SYN_PERIODS = 4096, SYN_CONTROLS = 4, SYN_OWN = 8 };  /* SYN_OWN: source ports for targets, then for controls */

struct syn_sent { int64_t at_ns; uint16_t port; uint8_t from; bool control, answered; };
struct syn_period { int64_t begin_ns; uint32_t first, end; unsigned asked, answered, controls, controls_answered; };

struct syn_log {
	struct syn_sent sent[SYN_LOG];
	struct syn_period period[SYN_PERIODS];
	uint32_t head, settled, tail;           /* next; all before are answered or too old; oldest whose period is not judged */
	uint32_t open, judged;                  /* number of the period being filled, and of the first not judged */
	uint32_t last[65536];                   /* number + 1 of the last entry for this target */
	unsigned inflight;
	uint16_t control[2][SYN_CONTROLS];      /* open, closed */
	uint32_t control_last[2][SYN_CONTROLS][SYN_OWN];
	unsigned controls[2], turn;
	double asked, lost;                     /* of controls, older ones count less */
	uint64_t all_asked, all_lost;
};

static inline struct syn_sent *syn_at(struct syn_log *l, uint32_t number) { return &l->sent[number % SYN_LOG]; }
static inline struct syn_period *syn_filling(struct syn_log *l) { return &l->period[l->open % SYN_PERIODS]; }
static inline bool syn_has_controls(const struct syn_log *l) { return l->controls[0] || l->controls[1]; }
bool syn_room(const struct syn_log *l);
/* Enters a SYN to a target; the time it is sent at may be set later (syn_put()). */
int64_t *syn_sent(struct syn_log *l, uint16_t port, uint8_t from, int64_t now_ns);
/* Chooses a control, enters it; NULL when there is none that is not under way. */
int64_t *syn_control(struct syn_log *l, int64_t now_ns, uint16_t *ret_port, uint8_t *ret_from);
/* An answer of this port; *ret_rtt_ns < 0 when it cannot be told. New ports become controls as long as there is room. */
void syn_answered(struct syn_log *l, uint16_t port, uint8_t from, bool is_open, bool may_control, int64_t now_ns, int64_t *ret_rtt_ns);
void syn_expire(struct syn_log *l, int64_t before_ns);          /* what was sent before then and not answered is lost */
void syn_end_period(struct syn_log *l);
/* The next period that is settled, or NULL. It must be judged before the next call. */
const struct syn_period *syn_settled(struct syn_log *l);
void syn_judged(struct syn_log *l, const struct syn_period *p);
/* What one silence is worth, in sixteenths of a bit: the logarithm of how seldom an answer is lost. */
unsigned syn_worth(const struct syn_log *l);
#endif
