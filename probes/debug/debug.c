// SPDX-License-Identifier: Apache-2.0
// Verbs of a debug port (SWD, JTAG). An adapter that cannot be opened is a fault of the bench; an adapter that works while
// nothing answers is a fact of the device, which means something once the same adapter has been seen to reach a control.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/tail.h"
#include "probes/debug/openocd_says.h"

#define LOG_MAX ((size_t)8 << 20)
#define LOOK_NS SEC(1)          /* a job is asked for when the line's log grew, and this often */

/* Starts a look and waits for its end; the reply is a new reference. */
static bool look(struct step *st, json_t **reply, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	CLEANUP(free_json) json_t *args = json_pack("{s:s,s:I}", "of", step_text(st, "of"), "address", (json_int_t)step_int(st, "address"));
	CLEANUP(free_json) json_t *job = NULL;
	CLEANUP(tail_close) struct tail log = { .fd = -1, .notify = -1 };
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/debug/%s.log", step_run_dir(st), dot ? dot + 1 : line);
	if (!tail_open(path, true, &log, err) || !step_line(st, line, "look", args, &job, err))
		return false;
	for (;;) {
		int64_t until = step_begin_ns(st) + step_int(st, "within"), now = clock_ns();
		bool got = true;

		json_decref(*reply);
		*reply = NULL;
		if (!step_line(st, line, "result", job, reply, err))
			return false;
		if (!json_is_true(json_object_get(*reply, "busy")))
			return true;
		if (now >= until)
			return err_set(err, ERR_TIME, "%s was not done within the time given", line);
		step_wait(st, log.notify, now + LOOK_NS < until ? now + LOOK_NS : until);
		while (got) {
			tail_take(&log, tail_look(&log).n);
			if (!tail_more(&log, &got, err))
				return false;
		}
	}
}

static bool tell(struct step *st, const struct openocd_seen *s, const char *end, struct err *err)
{
	char text[16];

	if (!s->adapter || !s->finished)
		return err_set(err, ERR_BENCH, "%s: %s%s%s", step_text(st, "line"),
			       s->adapter ? "openocd did not come to its end: it " : "the adapter does not work: ",
			       s->adapter || !s->error[0] ? end : s->error, s->adapter && s->error[0] ? s->error : "");
	if (!s->answered && s->noise) {
		step_incomplete(st, "the chain answers with noise, no identity: %s", s->error);
		return true;
	}
	fact_bool(st, "connected", s->answered);
	if (s->answered) {
		snprintf(text, sizeof(text), "0x%08x", (unsigned)s->idcode);
		fact_text(st, "idcode", text);
	}
	if (!s->answered || s->target) {
		fact_bool(st, "halted", s->answered && s->halted);
		fact_bool(st, "readable", s->answered && s->readable);
	}
	return true;
}

static bool port(struct step *st, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	CLEANUP(free_ptr) char *log = NULL;
	struct openocd_seen seen;
	const char *file;
	char path[FS_PATH];
	size_t n;

	if (!look(st, &reply, err))
		return false;
	step_observer(st, step_text(st, "line"));
	file = json_string_value(json_object_get(reply, "log"));
	if (!file) {
		step_incomplete(st, "what the adapter said was not recorded");
		return true;
	}
	if (!fs_join(path, step_run_dir(st), file, err) || !fs_read(path, LOG_MAX, &log, &n, err))
		return false;
	openocd_see(log, &seen);
	fact_text(st, "log", file);
	step_at_bytes(st, file, 0, (int64_t)n);
	return tell(st, &seen, json_string_value(json_object_get(reply, "end")), err);
}

static const char *const of_words[] = { "device", "control", NULL };

static const struct param port_params[] = {
	{ .name = "line", .type = VALUE_LINE, .fallback = "debug.main", .doc = "which adapter" },
	{ .name = "of", .type = VALUE_ENUM, .words = of_words, .fallback = "device", .doc = "the device, or what the line declares as its control" },
	{ .name = "address", .type = VALUE_INT, .max = (int64_t)1 << 40, .fallback = "0", .unit = "bytes", .doc = "where 16 bytes of memory are read" },
	{ .name = "within", .type = VALUE_TIME, .fallback = "60s", .min = MS(100), .max = SEC(600), .doc = "the adapter's time for all of it" },
	{ 0 }
};
static const struct fact port_facts[] = {
	{ "connected", VALUE_BOOL, NULL, "something answered the working adapter with an IDCODE or DPIDR" },
	{ "idcode", VALUE_TEXT, NULL, "of the first that answered; 0x and eight hex digits" },
	{ "halted", VALUE_BOOL, NULL, "its processor obeyed a halt; it was let go again" },
	{ "readable", VALUE_BOOL, NULL, "its memory could be read" },
	{ "log", VALUE_TEXT, NULL, "what the adapter's program said, relative to the run folder" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "port", VERB_PROBE, port_params, port_facts, port, "try to attach to the debug port: identity, memory, halt" },
	{ 0 }
};

#define DRIVER_debug(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_debug(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_debug = {
	.name = "debug", .doc = "debug ports of the device's processor", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
