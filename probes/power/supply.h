/* SPDX-License-Identifier: Apache-2.0
 *
 * supply.h - the line process of a power line that feeds a virtual machine: what the drivers `process`, `uml` and `qemu`
 * share. They differ only in the command line they start; `qemu` adds what its monitor can.
 *
 * Commands
 *   on      {}                        -> {was_on, request_ns, ack_ns}; starts the machine when none runs
 *   off     {}                        -> {was_on, request_ns, ack_ns, dead_ns}; blocks until the machine is proved gone (ms)
 *   get     {}                        -> {on, alive, readback}
 *   arm     trigger.h                 -> {armed_ns}; cuts at that moment
 *   disarm  {}                        -> {}
 * and of `qemu`, of a machine that runs:
 *   reset   {}                        -> {request_ns, ack_ns}; blocks until the machine was reset
 *   freeze  {for_ns}                  -> {request_ns, ack_ns}; it stands still and goes on by itself after that time
 *
 * Record   RUN/power/NAME.log (event_log.h): on 0 pid N PROGRAM at the request, off <latency ns> <command|timer|pattern|frame>, armed, ended <status>,
 *          trigger <ns>: from the byte or the frame to the moment at which the cut began.
 *          `qemu`: reset <latency ns> command, frozen <ns> command, thawed; of the guest's own doing reset, shutdown, panicked,
 *          watchdog <0> <reason>.
 *          The time of `off` is when the last process was gone; latency is from the request, the byte or the frame to that. */
#ifndef PROBES_POWER_SUPPLY_H
#define PROBES_POWER_SUPPLY_H

#include "harness/base/arena.h"
#include "probes/power/machine.h"

bool supply_open(struct line *l, const struct machine_spec *spec, struct err *err) MUST_CHECK; /* copies the spec's struct only */
bool supply_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err);
bool supply_event(struct line *l, int fd, short revents, struct err *err);
void supply_close(struct line *l);
/* The line's end of the control socket of a machine that was just started; the caller owns it. -1: nothing new. */
int supply_control(struct line *l);
/* A further entry in the record. */
bool supply_record(struct line *l, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err) MUST_CHECK;
/* The last two lines of what the machine's program said on its descriptor 2 (spec.said), '/' between them; "" = nothing.
 * Printable ASCII. */
void supply_last_words(const char *said, char *ret, size_t room);

/* For texts that live as long as the line; emptied by supply_close. */
extern struct arena supply_arena;

/* Parameters that both drivers read: fills console, pins and resolv from `console:` and `pins:`. */
bool supply_spec(const struct line *l, struct machine_spec *spec, struct err *err) MUST_CHECK;
#define SUPPLY_PARAMS                                                                                          \
	{ .name = "console", .type = VALUE_LINE, .doc = "serial line whose terminal becomes its descriptors 0 to 2" }, \
	{ .name = "pins", .type = VALUE_TEXT, .doc = "board of the wire line whose socket becomes descriptor 3" },     \
	{ .name = "interface", .type = VALUE_TEXT, .fallback = "dut0", .doc = "its network interface; empty = none" }
#endif
