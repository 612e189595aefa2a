/* SPDX-License-Identifier: Apache-2.0
 *
 * trigger.h - the moment at which a supply is to be cut, watched for inside the line's own process: a time, a pattern that
 * the console receives, or a frame that passes an interface.
 *
 *   arm  {at_ns} or {when} or {frame, interface}     when: POSIX ERE on lines of `console`; frame: a libpcap filter
 *
 * A frame is seen by a packet socket of its own in immediate mode; what the recorder writes comes a block later. */
#ifndef PROBES_POWER_TRIGGER_H
#define PROBES_POWER_TRIGGER_H

#include <regex.h>

#include "harness/probe.h"
#include "harness/proto/serial_log.h"

struct trigger {                        /* zero-initialise */
	regex_t when;
	bool watching;                  /* `when` is compiled and console is open */
	struct serial_log console;
	size_t searched;                /* console text before this holds no match */
	struct pcap *pcap;
	int pcap_fd;
};

struct fired {
	const char *why;                /* "timer", "pattern", "frame"; NULL: not yet */
	int64_t t_ns;                   /* monotonic: when the byte was read or the frame passed, or the time asked for */
};

/* Replaces what was armed. ERR_BENCH: no console, no such interface, no pattern or filter. */
bool trigger_arm(struct line *l, struct trigger *t, const json_t *args, struct err *err) MUST_CHECK;
void trigger_disarm(struct line *l, struct trigger *t);
/* For every event of the line that is not the driver's own; fd -1: the timer. */
bool trigger_event(struct line *l, struct trigger *t, int fd, struct fired *ret, struct err *err) MUST_CHECK;
#endif
