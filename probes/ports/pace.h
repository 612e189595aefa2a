/* SPDX-License-Identifier: Apache-2.0
 *
 * pace.h - how fast a device may be asked, learnt from how much of what is asked in one PERIOD gets an answer.
 *
 * Loss that comes with the rate (a full queue, a limit on resets) slows the asking down to what was answered; loss that stays when
 * the rate falls (a bad link) becomes the FLOOR, which is put up with. The rate doubles until the first loss above the floor; after
 * it, it grows by a tenth, faster after several good periods. A period in which nothing at all came says that the device is away,
 * not that it is slow: the rate waits at its least, and goes on with half of what it was. */
#ifndef PORTS_PACE_H
#define PORTS_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	double rate, least, most;       /* segments a second */
	double floor;                   /* share of loss that does not depend on the rate, 0 to 0.6 */
	int64_t rtt_ns, var_ns;         /* smoothed, RFC 6298; 0 = none seen */
	bool starting, away, resume;    /* resume: it was starting when the rate was lowered */
	unsigned good;                  /* periods in a row without too much loss */
	double doubt, before;           /* loss and rate before the rate was lowered; doubt 0 = not lowered of late */
	int64_t changed_ns;
};

void pace_init(struct pace *p, double most);
void pace_rtt(struct pace *p, int64_t rtt_ns);
/* How long an answer may take, in the n-th round (0 = first). */
int64_t pace_patience(const struct pace *p, unsigned round);
/* `lost` of `asked` that should have been answered were not, in a period that began at begin_ns and ends now. */
void pace_period(struct pace *p, unsigned asked, unsigned lost, int64_t begin_ns, int64_t now_ns);
#endif
