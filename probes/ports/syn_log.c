/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/syn_log.h"

#include <stddef.h>

#include "probes/ports/syn_wire.h"

#define WORTH_MAX (9 * 16)      /* losses come in bursts: no single silence is worth more than one in 512 */

bool syn_room(const struct syn_log *l)
{
	return l->head - l->tail < SYN_LOG - 1 && l->open - l->judged < SYN_PERIODS - 1;
}

static int64_t *enter(struct syn_log *l, uint16_t port, uint8_t from, bool control, int64_t now_ns)
{
	struct syn_period *p = syn_filling(l);

	if (!p->asked) {
		p->begin_ns = now_ns;
		p->first = l->head;
	}
	p->asked++;
	p->controls += control;
	l->inflight++;
	*syn_at(l, l->head) = (struct syn_sent){ now_ns, port, from, control, false };
	return &syn_at(l, l->head++)->at_ns;
}

int64_t *syn_sent(struct syn_log *l, uint16_t port, uint8_t from, int64_t now_ns)
{
	int64_t *at_ns = enter(l, port, from, false, now_ns);

	l->last[port] = l->head;
	return at_ns;
}

/* Under way: the same port from the same source port would not be told apart. */
static bool under_way(struct syn_log *l, uint32_t number1)
{
	return number1 && (int32_t)(number1 - 1 - l->settled) >= 0 && !syn_at(l, number1 - 1)->answered;
}

int64_t *syn_control(struct syn_log *l, int64_t now_ns, uint16_t *ret_port, uint8_t *ret_from)
{
	unsigned kind = l->controls[1] ? 1 : 0, n = l->controls[kind], turn = l->turn++;
	int64_t *at_ns;
	uint32_t *last;

	if (!n)
		return NULL;
	last = &l->control_last[kind][turn % n][turn / n % SYN_OWN];
	if (under_way(l, *last))
		return NULL;
	*ret_port = l->control[kind][turn % n];
	*ret_from = (uint8_t)(SYN_OWN + turn / n % SYN_OWN);
	at_ns = enter(l, *ret_port, *ret_from, true, now_ns);
	*last = l->head;
	return at_ns;
}

/* The entry this answers, 0 = none that is still there. */
static uint32_t entry_of(const struct syn_log *l, uint16_t port, uint8_t from)
{
	if (from < SYN_OWN)
		return l->last[port];
	for (unsigned kind = 0; kind < 2; kind++)
		for (unsigned i = 0; i < l->controls[kind]; i++)
			if (l->control[kind][i] == port)
				return l->control_last[kind][i][from - SYN_OWN];
	return 0;
}

static void add_control(struct syn_log *l, uint16_t port, bool is_open)
{
	unsigned kind = !is_open;

	for (unsigned i = 0; i < l->controls[kind]; i++)
		if (l->control[kind][i] == port)
			return;
	if (l->controls[kind] < SYN_CONTROLS)
		l->control[kind][l->controls[kind]++] = port;
}

void syn_answered(struct syn_log *l, uint16_t port, uint8_t from, bool is_open, bool may_control, int64_t now_ns, int64_t *ret_rtt_ns)
{
	uint32_t number1 = entry_of(l, port, from), of;
	struct syn_sent *s;
	int64_t at_ns;

	*ret_rtt_ns = -1;
	if (may_control)
		add_control(l, port, is_open);
	if (!number1 || (int32_t)(number1 - 1 - l->tail) < 0)
		return;
	s = syn_at(l, number1 - 1);
	if (s->answered || s->port != port || s->from != from)
		return;
	s->answered = true;
	at_ns = syn_time(&s->at_ns);
	*ret_rtt_ns = at_ns < now_ns ? now_ns - at_ns : -1;     /* the thread that sent it has not written when */
	if ((int32_t)(number1 - 1 - l->settled) >= 0)
		l->inflight--;
	for (of = l->judged; of != l->open && (int32_t)(number1 - 1 - l->period[of % SYN_PERIODS].end) >= 0; of++)
		;
	l->period[of % SYN_PERIODS].answered++;
	l->period[of % SYN_PERIODS].controls_answered += s->control;
}

void syn_expire(struct syn_log *l, int64_t before_ns)
{
	for (; l->settled != l->head; l->settled++) {
		const struct syn_sent *s = syn_at(l, l->settled);

		if (s->answered)
			continue;
		if (syn_time(&s->at_ns) > before_ns)
			return;
		l->inflight--;
	}
}

void syn_end_period(struct syn_log *l)
{
	if (!syn_filling(l)->asked)
		return;
	syn_filling(l)->end = l->head;
	l->open++;
	*syn_filling(l) = (struct syn_period){ 0 };
}

const struct syn_period *syn_settled(struct syn_log *l)
{
	const struct syn_period *p = &l->period[l->judged % SYN_PERIODS];

	return l->judged != l->open && (int32_t)(l->settled - p->end) >= 0 ? p : NULL;
}

void syn_judged(struct syn_log *l, const struct syn_period *p)
{
	unsigned lost = p->controls - p->controls_answered;

	l->asked = l->asked * 0.995 + p->controls;
	l->lost = l->lost * 0.995 + lost;
	l->all_asked += p->controls;
	l->all_lost += lost;
	l->tail = p->end;
	l->judged++;
}

static unsigned sixteenths(double p)            /* of -log2(p), 0 < p < 1 */
{
	unsigned n = 0;

	for (; p < 0.5; p *= 2)
		n += 16;
	for (unsigned bit = 8; bit; bit /= 2) {
		p *= p;
		if (p < 0.5) {
			n += bit;
			p *= 2;
		}
	}
	return n;
}

/* Upper bound of the loss: with n controls and none lost it is about 3/n (95 %), else two deviations above what was seen. */
unsigned syn_worth(const struct syn_log *l)
{
	double p = l->asked > 0 ? (l->lost + 3) / l->asked : 1;
	unsigned n;

	p += l->asked > 0 && l->lost > 4 ? l->lost / l->asked / 4 : 0;
	if (p >= 0.95)
		return 0;
	n = sixteenths(p);
	return n < WORTH_MAX ? n : WORTH_MAX;
}
