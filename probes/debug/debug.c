// SPDX-License-Identifier: Apache-2.0
// Verb of a debug port: SWD or JTAG by an adapter, or a console (break_in.h). An adapter that cannot be opened is a fault of the
// bench; an adapter that works while nothing answers is a fact of the device, which means something once the same adapter has been
// seen to reach a control.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/tail.h"
#include "probes/debug/break_in.h"
#include "probes/debug/openocd_says.h"

#define LOG_MAX ((size_t)8 << 20)
#define LOOK_NS SEC(1)          /* a job is asked for when the line's log grew, and this often */

/* Starts a look and waits for its end; the reply is a new reference. */
static bool look(struct step *st, const char *line, json_t **reply, struct err *err)
{
	const char *dot = strchr(line, '.');
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

static bool tell(struct step *st, const char *line, const struct openocd_seen *s, const char *end, struct err *err)
{
	char text[16];

	if (!s->adapter || !s->finished)
		return err_set(err, ERR_BENCH, "%s: %s%s%s", line,
			       s->adapter ? "openocd did not come to its end: it " : "the adapter does not work: ",
			       s->adapter || !s->error[0] ? end : s->error, s->adapter && s->error[0] ? s->error : "");
	if (!s->answered && s->noise) {
		step_incomplete(st, "the chain answers with noise, no identity: %s", s->error);
		return true;
	}
	fact_bool(st, "answered", s->answered);
	fact_bool(st, "complete", true);
	fact_bool(st, "login", false);
	if (s->answered) {
		snprintf(text, sizeof(text), "0x%08x", (unsigned)s->idcode);
		fact_text(st, "idcode", text);
	}
	if (!s->answered || s->target) {
		fact_bool(st, "halted", s->answered && s->halted);
		fact_bool(st, "readable", s->answered && s->readable);
		fact_bool(st, "open", s->answered && (s->halted || s->readable));
		fact_text(st, "how", !s->answered ? "nothing answers the adapter" : s->readable ? "its memory can be read" :
			  s->halted ? "its processor obeys a halt" : "it tells its identity and no more");
	}
	return true;
}

static bool adapter(struct step *st, const char *line, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	CLEANUP(free_ptr) char *log = NULL;
	struct openocd_seen seen;
	const char *file;
	char path[FS_PATH];
	size_t n;

	if (!look(st, line, &reply, err))
		return false;
	step_observer(st, line);
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
	return tell(st, line, &seen, json_string_value(json_object_get(reply, "end")), err);
}

/* A port that this bench cannot reach is no fault of the device's, and none of the bench's either: it was not looked at. */
static bool attempt(struct step *st, struct err *err)
{
	const json_t *port = step_json(st, "port");
	const char *line = json_string_value(json_object_get(port, "line"));
	bool control = !strcmp(step_text(st, "of"), "control");

	if (!line || (strncmp(line, "serial.", 7) && strncmp(line, "debug.", 6)) || strchr(line, '/'))
		return err_set(err, ERR_CONF, "port: line: a serial or a debug line of the bench");
	if (!json_object_get(json_object_get(step_bench(st), "lines"), line)) {
		step_incomplete(st, "the bench has no %s", line);
		return true;
	}
	if (!strncmp(line, "debug.", 6))
		return adapter(st, line, err);
	return control ? break_in_control(st, line, err) : break_in(st, line, json_is_true(json_object_get(port, "login")), err);
}

static const char *const of_words[] = { "device", "control", NULL };

static const struct param attempt_params[] = {
	{ .name = "port", .type = VALUE_MAP, .need = true, .doc = "line: a console, or an adapter for SWD or JTAG; login: true where a console has a declared log-in" },
	{ .name = "of", .type = VALUE_ENUM, .words = of_words, .fallback = "device",
	  .doc = "the device; or control: does a console answer at all, or what an adapter declares as its control" },
	{ .name = "address", .type = VALUE_INT, .max = (int64_t)1 << 40, .fallback = "0", .unit = "bytes", .doc = "where an adapter reads 16 bytes of memory" },
	{ .name = "power", .type = VALUE_LINE, .fallback = "power.main", .doc = "supply that is switched for each boot" },
	{ .name = "boots", .type = VALUE_INT, .fallback = "1", .min = 1, .max = 1000, .doc = "so often a console's start is broken into" },
	{ .name = "off", .type = VALUE_TIME, .fallback = "1s", .min = MS(1), .max = SEC(600), .doc = "without supply before each" },
	{ .name = "window", .type = VALUE_TIME, .fallback = "5s", .min = MS(10), .max = SEC(600), .doc = "keys are typed for so long from power on" },
	{ .name = "boot", .type = VALUE_TIME, .fallback = "60s", .min = MS(10), .max = SEC(3600), .doc = "after the keys it has so long until its console answers" },
	{ .name = "patience", .type = VALUE_TIME, .fallback = "500ms", .min = MS(10), .max = SEC(60), .doc = "longest wait for an answer to what is typed" },
	{ .name = "within", .type = VALUE_TIME, .fallback = "60s", .min = MS(100), .max = SEC(86400), .doc = "time for all of it" },
	{ 0 }
};
static const struct fact attempt_facts[] = {
	{ "open", VALUE_BOOL, NULL, "a command was obeyed, memory could be read, or the processor obeyed a halt" },
	{ "answered", VALUE_BOOL, NULL, "something answered: an IDCODE or DPIDR; or what was typed, each time" },
	{ "login", VALUE_BOOL, NULL, "a console asks who logs in, and that is not declared" },
	{ "complete", VALUE_BOOL, NULL, "every boot was gone through, and its console answered before and after each" },
	{ "how", VALUE_TEXT, NULL, "what was obeyed, and the answer; or what else there is to say" },
	{ "boots", VALUE_INT, NULL, "that a console's start was broken into" },
	{ "typed", VALUE_INT, "bytes", "on a console" },
	{ "idcode", VALUE_TEXT, NULL, "of the first that answered an adapter; 0x and eight hex digits" },
	{ "halted", VALUE_BOOL, NULL, "its processor obeyed a halt; it was let go again" },
	{ "readable", VALUE_BOOL, NULL, "its memory could be read" },
	{ "log", VALUE_TEXT, NULL, "what the adapter's program said, relative to the run folder" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "attempt", VERB_STIMULUS, attempt_params, attempt_facts, attempt,
	  "try to get into a debug port: by an adapter identity, memory, halt; by a console boot loader and commands" },
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
