/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/pace.h"

#include "harness/base/clock.h"

#define FIRST 16000.0                   /* sixteen in a millisecond: less than any web page asks of a device */
#define FLOOR_MAX 0.6
#define LEAST_KEPT 0.1
#define TOLERATED 0.08                  /* above the floor: the price of finding out what the device can take */

void pace_init(struct pace *p, double most)
{
	*p = (struct pace){ .rate = most < FIRST ? most : FIRST, .least = most < 20 ? most : 20, .most = most, .starting = true };
}

void pace_rtt(struct pace *p, int64_t rtt_ns)
{
	int64_t off = rtt_ns - p->rtt_ns;

	if (!p->rtt_ns) {
		p->rtt_ns = rtt_ns;
		p->var_ns = rtt_ns / 2;
		return;
	}
	p->var_ns += ((off < 0 ? -off : off) - p->var_ns) / 4;
	p->rtt_ns += off / 8;
}

int64_t pace_patience(const struct pace *p, unsigned round)
{
	int64_t ns = p->rtt_ns ? p->rtt_ns + 4 * p->var_ns : MS(300), least = round < 3 ? MS(40) << round : MS(320);

	ns = ns > least ? ns : least;
	return ns < SEC(2) ? ns : SEC(2);
}

static double bounded(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* More than chance makes of the floor: two deviations of a binomial, squared to do without a root. */
static bool too_much(const struct pace *p, unsigned asked, unsigned lost)
{
	double over = lost - asked * (p->floor + TOLERATED);

	return lost >= 2 && over > 0 && over * over > 4 * asked * p->floor * (1 - p->floor);
}

static void lower(struct pace *p, double loss)
{
	double keep;

	if (p->doubt > 0 && loss >= 0.75 * p->doubt) {  /* slower did not help: it is the link */
		p->floor = bounded(loss, 0, FLOOR_MAX);
		p->rate = p->before;
		p->doubt = 0;
		p->starting = p->resume;
		return;
	}
	if (p->doubt <= 0)
		p->resume = p->starting;
	p->starting = false;
	keep = (1 - loss) / (1 - p->floor);
	p->doubt = keep < LEAST_KEPT ? 0 : loss;        /* of a limit far below, one step down tells nothing */
	p->before = p->rate;
	p->rate = bounded(p->rate * bounded(keep, LEAST_KEPT, 0.9), p->least, p->most);
}

static void gone(struct pace *p)
{
	if (!p->away)
		p->before = p->rate;
	p->away = true;
	p->doubt = 0;
	p->rate = bounded(p->rate / 4, p->least, p->most);
}

void pace_period(struct pace *p, unsigned asked, unsigned lost, int64_t begin_ns, int64_t now_ns)
{
	if (!asked || begin_ns < p->changed_ns)
		return;                         /* asked at another rate than the one we have now */
	p->changed_ns = now_ns;
	if (too_much(p, asked, lost))
		p->good = 0;
	if (lost == asked && asked >= 4) {
		gone(p);
	} else if (p->away) {
		p->away = p->starting = false;
		p->rate = bounded(p->before / 2, p->least, p->most);
	} else if (too_much(p, asked, lost)) {
		lower(p, (double)lost / asked);
	} else {
		p->floor += 0.05 * ((double)lost / asked < p->floor ? (double)lost / asked - p->floor : 0);
		p->good++;
		p->rate = bounded(p->rate * (p->starting ? 2 : p->good > 6 ? 1.4 : p->good > 3 ? 1.2 : 1.1), p->least, p->most);
		p->doubt = 0;
	}
}
