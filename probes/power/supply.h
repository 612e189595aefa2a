/* SPDX-License-Identifier: Apache-2.0
 *
 * supply.h - the line process of a power line that feeds a virtual machine: what the drivers `process` and `uml`
 * share. They differ only in the command line they start.
 *
 * Commands
 *   on      {}                        -> {was_on, t_ns}; starts the machine when none runs
 *   off     {}                        -> {was_on, request_ns, dead_ns}; blocks until the machine is proved gone (ms)
 *   get     {}                        -> {on, alive}
 *   arm     {at_ns?} or {when?}       -> {armed_ns}; cuts at that monotonic time, or when the pattern (POSIX ERE) is
 *                                        received on the console after now
 *   disarm  {}                        -> {}
 *
 * Record   RUN/power/NAME.log (event_log.h): on <pid>, off <latency ns> <command|timer|pattern>, armed, ended <status>.
 *          The time of `off` is when the last process was gone; latency is from the request to that. */
#ifndef PROBES_POWER_SUPPLY_H
#define PROBES_POWER_SUPPLY_H

#include "harness/base/arena.h"
#include "probes/power/machine.h"

bool supply_open(struct line *l, const struct machine_spec *spec, struct err *err) MUST_CHECK; /* copies the spec's struct only */
bool supply_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err);
bool supply_event(struct line *l, int fd, short revents, struct err *err);
void supply_close(struct line *l);

/* For texts that live as long as the line; emptied by supply_close. */
extern struct arena supply_arena;

/* Parameters that both drivers read: fills console, pins and resolv from `console:` and `pins:`. */
bool supply_spec(const struct line *l, struct machine_spec *spec, struct err *err) MUST_CHECK;
#define SUPPLY_PARAMS                                                                                          \
	{ .name = "console", .type = VALUE_LINE, .doc = "serial line whose terminal becomes its descriptors 0 to 2" }, \
	{ .name = "pins", .type = VALUE_TEXT, .doc = "board of the wire line whose socket becomes descriptor 3" },     \
	{ .name = "interface", .type = VALUE_TEXT, .fallback = "dut0", .doc = "its network interface" }
#endif
