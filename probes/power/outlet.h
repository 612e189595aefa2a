/* SPDX-License-Identifier: Apache-2.0
 *
 * outlet.h - the line process of a real supply: relay, socket, port or bench supply. A driver says how its hardware is
 * switched, asked and measured; what is the same for all of them stands here: wiring, minimum time off, read-back,
 * moments, the record, reopening after the hardware was gone, the safe state.
 *
 * Commands
 *   on      {}                   -> {was_on, wait_ns} while the minimum time off is not over (nothing was done), else
 *                                   {was_on, request_ns, ack_ns, readback}
 *   off     {}                   -> {was_on, request_ns, ack_ns, dead_ns, readback}
 *   get     {}                   -> {on, alive, readback, settle_ns, off_below_ua}; on as last commanded when the hardware
 *                                   cannot be asked, off_below_ua only where it measures
 *   pulse   {for_ns}             -> {request_ns, ack_ns}; off now, on after that time, timed here
 *   set     {mv}                 -> {request_ns, ack_ns}; output voltage
 *   sample  {}                   -> {mv, ua}, what the hardware measures now
 *   arm     trigger.h            -> {armed_ns}
 *   disarm  {}                   -> {}
 * `ack_ns`: the hardware took the command and, where it can be asked, says so itself. `dead_ns`: ack_ns and the time to
 * settle. A request that the hardware does not confirm within `timeout` is refused: the line, not the device, is at fault.
 *
 * Record   RUN/power/NAME.log (event_log.h): on|off <latency ns> <why>, armed, pulse <ns>, set <mV>, lost, opened,
 *          trigger <ns>: from the byte or the frame to the moment at which the hardware was told.
 *          latency is from the request, byte or frame to ack_ns. */
#ifndef PROBES_POWER_OUTLET_H
#define PROBES_POWER_OUTLET_H

#include "harness/probe.h"

/* What an answer of the hardware is worth. */
#define READBACKS(X)                                                            \
	X(none,      "it cannot be asked")                                      \
	X(commanded, "it repeats what it was told last")                        \
	X(reported,  "it says how its switch stands")                           \
	X(measured,  "it measures what it delivers")

enum readback {
#define X(name, doc) READBACK_##name,
	READBACKS(X)
#undef X
};
extern const char *const readback_name[];       /* NULL-terminated */

struct reading { int64_t mv, ua; };             /* millivolts, microamperes */

struct outlet_ops {
	enum readback readback;
	/* Opens what the line's parameters mean. Every call below is bounded by the line's `timeout` and may fail when the
	 * hardware went away; then it is closed and opened once more. Errors are ERR_BENCH in plain words. */
	bool (*open)(struct line *l, void **ret_dev, struct err *err);
	bool (*set)(void *dev, bool energised, struct err *err);
	bool (*get)(void *dev, bool *ret_energised, struct err *err);   /* NULL: none */
	bool (*set_mv)(void *dev, int64_t mv, struct err *err);         /* NULL: not a bench supply */
	bool (*measure)(void *dev, struct reading *ret, struct err *err);       /* NULL: measures nothing */
	void (*close)(void *dev);
};

bool outlet_open(struct line *l, const struct outlet_ops *ops, struct err *err) MUST_CHECK;
bool outlet_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err);
bool outlet_event(struct line *l, int fd, short revents, struct err *err);
void outlet_safe(struct line *l, const struct outlet_ops *ops);
void outlet_close(struct line *l);

/* Parameters that every such driver has, before its own. */
#define OUTLET_PARAMS                                                                                                          \
	{ .name = "console", .type = VALUE_LINE, .doc = "the device's console: its silence confirms a cut, its patterns time one" },    \
	{ .name = "pins", .type = VALUE_TEXT, .doc = "board of the wire line that the supply feeds" },                                 \
	{ .name = "link", .type = VALUE_LINE, .doc = "network line whose carrier falls with the supply" },                             \
	{ .name = "wiring", .type = VALUE_ENUM, .words = outlet_wirings, .fallback = "NO",                                             \
	  .doc = "contact the supply runs through: NO (closed when energised) or NC (open when energised)" },                        \
	{ .name = "invert", .type = VALUE_BOOL, .fallback = "false", .doc = "the output is active low" },                              \
	{ .name = "gang", .type = VALUE_TEXT, .doc = "name of a group of lines that the hardware can only switch together" },          \
	{ .name = "min_off", .type = VALUE_TIME, .max = SEC(600), .fallback = "0s", .doc = "shortest time without supply" },           \
	{ .name = "settle", .type = VALUE_TIME, .max = SEC(60), .fallback = "50ms", .doc = "until the output follows the switch" },    \
	{ .name = "timeout", .type = VALUE_TIME, .min = MS(20), .max = SEC(10), .fallback = "2s", .doc = "longest wait for the hardware" }, \
	{ .name = "off_below", .type = VALUE_INT, .max = 1000000, .unit = "µA", .fallback = "5000",                                     \
	  .doc = "current below which the output counts as off, where it is measured" }
extern const char *const outlet_wirings[];

/* const struct line_driver drv_NAME and what it needs; `against` is line_driver.seen, `ops` a struct outlet_ops, `parameters` its params, `own` an array of struct param. */
#define OUTLET_DRIVER(id, text, against, parameters, ops)                                                                               \
	static bool id##_line_open(struct line *l, struct err *err) { return outlet_open(l, &(ops), err); }                    \
	static void id##_line_safe(struct line *l) { outlet_safe(l, &(ops)); }                                                 \
	const struct line_driver drv_##id = { .name = #id, .doc = text, .seen = against, .params = parameters, .open = id##_line_open,          \
					      .command = outlet_command, .event = outlet_event, .safe = id##_line_safe, .close = outlet_close }
#endif
