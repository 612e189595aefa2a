// SPDX-License-Identifier: Apache-2.0
// Verbs of a console. They read the record (serial_log.h) from the last stimulus on, never from "now", so what the
// device said while nobody asked is not missed. Patterns are POSIX extended regular expressions, matched line by line.
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/serial_log.h"

#define GRACE_NS MS(30)         /* a match at the very end of what came may still grow */

struct hit { size_t at, n; int64_t t_ns, raw_off; char text[512], group[512]; bool has_group; };

struct console {
	struct serial_log log;
	regex_t re;
	bool has_re;
	size_t searched;                /* lines before this were searched */
	char file[FS_PATH];             /* of the raw bytes, relative to the run folder */
};

static const char *after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

static bool open_console(struct step *st, int64_t from_ns, const char *pattern, struct console *ret, struct err *err)
{
	const char *line = step_text(st, "line");
	struct console c = { .searched = 0 };
	char path[FS_PATH], why[160];
	int bad;

	if (pattern) {
		bad = regcomp(&c.re, pattern, REG_EXTENDED | REG_NEWLINE);
		if (bad) {
			regerror(bad, &c.re, why, sizeof(why));
			return err_set(err, ERR_CONF, "pattern '%s': %s", pattern, why);
		}
		c.has_re = true;
	}
	snprintf(c.file, sizeof(c.file), "serial/%s.raw", after_dot(line));
	snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(st), after_dot(line));
	if (!serial_log_open(path, from_ns, true, &c.log, err)) {
		if (c.has_re)
			regfree(&c.re);
		return false;
	}
	step_observer(st, line);
	*ret = c;
	return true;
}

static void close_console(struct console *c)
{
	if (c->has_re)
		regfree(&c->re);
	serial_log_done(&c->log);
}

static void take(const struct console *c, const regmatch_t *m, size_t base, char *buf, size_t room)
{
	size_t n = (size_t)(m->rm_eo - m->rm_so);

	n = n < room - 1 ? n : room - 1;
	memcpy(buf, c->log.text + base + (size_t)m->rm_so, n);
	buf[n] = '\0';
}

/* The next match at or after `from`; *ret_open: it ends where the record ends, in the middle of a line. */
static bool next(const struct console *c, size_t from, struct hit *ret, bool *ret_open)
{
	regmatch_t m[2];
	bool line_start = from == 0 || (c->log.n && from <= c->log.n && c->log.text[from - 1] == '\n');

	if (!c->log.n || from > c->log.n || regexec(&c->re, c->log.text + from, 2, m, line_start ? 0 : REG_NOTBOL))
		return false;
	*ret = (struct hit){ .at = from + (size_t)m[0].rm_so, .n = (size_t)(m[0].rm_eo - m[0].rm_so) };
	take(c, &m[0], from, ret->text, sizeof(ret->text));
	ret->has_group = c->re.re_nsub > 0 && m[1].rm_so >= 0;
	if (ret->has_group)
		take(c, &m[1], from, ret->group, sizeof(ret->group));
	*ret_open = ret->at + ret->n == c->log.n;
	return serial_log_where(&c->log, ret->at < c->log.n ? ret->at : c->log.n - 1, &ret->t_ns, &ret->raw_off);
}

/* Only a last line without its end can still become a match. */
static void searched(struct console *c)
{
	const char *line = c->log.n ? strrchr(c->log.text, '\n') : NULL;

	c->searched = line ? (size_t)(line + 1 - c->log.text) : 0;
}

static bool await(struct step *st, struct console *c, int64_t until, struct hit *ret, bool *ret_found, struct err *err)
{
	bool open = false, more = true;

	*ret_found = false;
	while (more) {
		*ret_found = next(c, c->searched, ret, &open);
		if (*ret_found && !open)
			return true;
		if (!*ret_found)
			searched(c);
		more = step_wait(st, c->log.tail.notify, *ret_found ? clock_ns() + GRACE_NS : until);
		if (more && !serial_log_more(&c->log, err))
			return false;
	}
	return true;
}

static void note_gaps(struct step *st, const struct console *c, bool found)
{
	if (c->log.cut)
		step_incomplete(st, "the console said more than %zu bytes, the oldest were not looked at", SERIAL_LOG_MAX);
	if (!found && !c->log.last_ns)
		step_incomplete(st, "nothing was ever received on this console");
}

static void hit_facts(struct step *st, const struct console *c, const struct hit *h)
{
	fact_bytes(st, "text", h->text, strlen(h->text));
	if (h->has_group)
		fact_text(st, "group", h->group);
	step_at_bytes(st, c->file, h->raw_off, (int64_t)h->n);
}

static bool expect(struct step *st, struct err *err)
{
	int64_t since = step_since_ns(st);
	struct console c;
	struct hit h;
	bool found;

	if (!open_console(st, since, step_text(st, "pattern"), &c, err))
		return false;
	/* A record that already holds the match needs no waiting, however late we ask. */
	if (!await(st, &c, step_begin_ns(st) + step_int(st, "within"), &h, &found, err)) {
		close_console(&c);
		return false;
	}
	fact_bool(st, "matched", found);
	if (found) {
		fact_int(st, "after", h.t_ns > since ? h.t_ns - since : 0);
		fact_int(st, "at", h.t_ns);
		hit_facts(st, &c, &h);
	}
	note_gaps(st, &c, found);
	close_console(&c);
	return true;
}

static bool find(struct step *st, struct err *err)
{
	struct console c;
	struct hit h, last = { 0 };
	int64_t count = 0;
	size_t at = 0;
	bool open;

	if (!open_console(st, step_since_ns(st), step_text(st, "pattern"), &c, err))
		return false;
	while (next(&c, at, &h, &open)) {
		count++;
		last = h;
		at = h.at + (h.n ? h.n : 1);
	}
	fact_bool(st, "found", count > 0);
	fact_int(st, "count", count);
	if (count)
		hit_facts(st, &c, &last);
	step_scope_text(st, "%zu bytes of %s", c.log.n, step_text(st, "line"));
	note_gaps(st, &c, count > 0);
	close_console(&c);
	return true;
}

static bool send_text(struct step *st, struct err *err)
{
	json_t *args = json_pack("{s:s}", "text", step_text(st, "text")), *reply = NULL;
	bool ok = step_line(st, step_text(st, "line"), "write", args, &reply, err);

	json_decref(args);
	if (ok)
		fact_int(st, "sent", json_integer_value(json_object_get(reply, "sent")));
	json_decref(reply);
	return ok;
}

static bool boots(struct step *st, struct err *err)
{
	struct console c;
	struct hit h;
	bool ok, found, open = false;
	size_t done = 0;
	int64_t seen = 0, first = 0;    /* offsets in raw: end of the last match; oldest byte still held */

	if (!open_console(st, step_begin_ns(st), step_text(st, "pattern"), &c, err))
		return false;
	for (ok = true; ok;) {
		while ((found = next(&c, done, &h, &open)) && !open) {
			done = h.at + (h.n ? h.n : 1);
			if (h.raw_off < seen)
				continue;
			seen = h.raw_off + (int64_t)h.n;
			fact_int(st, "at", h.t_ns);
			fact_bytes(st, "text", h.text, strlen(h.text));
			step_at_bytes(st, c.file, h.raw_off, (int64_t)h.n);
			step_observer(st, step_text(st, "line"));
			step_observe_at(st, h.t_ns);
		}
		if (step_stopped(st))
			break;
		if (!step_wait(st, c.log.tail.notify, step_deadline_ns(st)) && !step_stopped(st))
			break;
		/* The last look is after the stop, so that nothing said before it is missed. */
		first = c.log.n ? c.log.piece[0].raw_off : 0;
		ok = serial_log_more(&c.log, err);
		if (ok && c.log.n && c.log.piece[0].raw_off != first)
			done = 0;               /* old bytes were let go: offsets moved */
	}
	if (!c.log.last_ns)
		step_incomplete(st, "nothing was ever received on this console");
	close_console(&c);
	return ok;
}

static bool silence(struct step *st, struct err *err)
{
	struct console c;
	bool ok = true;

	if (!open_console(st, step_begin_ns(st), NULL, &c, err))
		return false;
	while (ok && !c.log.n && step_wait(st, c.log.tail.notify, step_begin_ns(st) + step_int(st, "for")))
		ok = serial_log_more(&c.log, err);
	fact_bool(st, "silent", c.log.n == 0);
	if (c.log.n)
		step_at_bytes(st, c.file, c.log.piece[0].raw_off, (int64_t)c.log.piece[0].n);
	note_gaps(st, &c, c.log.n != 0);
	close_console(&c);
	return ok;
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "serial.console", .doc = "which console" }
#define PATTERN { .name = "pattern", .type = VALUE_TEXT, .need = true, .doc = "POSIX extended regular expression, within one line" }
#define SINCE { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" }

static const struct param expect_params[] = {
	LINE, PATTERN,
	{ .name = "within", .type = VALUE_TIME, .need = true, .max = SEC(86400), .doc = "from the step's begin" },
	SINCE, { 0 }
};
static const struct param find_params[] = { LINE, PATTERN, SINCE, { 0 } };
static const struct param boots_params[] = { LINE, PATTERN, { 0 } };
static const struct param send_params[] = {
	LINE, { .name = "text", .type = VALUE_TEXT, .need = true, .doc = "what to type; a new line is not added" }, { 0 }
};
static const struct param silence_params[] = {
	LINE, { .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(86400), .doc = "how long to listen" }, { 0 }
};
static const struct fact expect_facts[] = {
	{ "matched", VALUE_BOOL, NULL, "the pattern came" },
	{ "after", VALUE_TIME, NULL, "from the stimulus to the first byte of the match" },
	{ "at", VALUE_TIME, NULL, "when, on the monotonic clock" },
	{ "text", VALUE_TEXT, NULL, "what matched" },
	{ "group", VALUE_TEXT, NULL, "its first parenthesised part" },
	{ 0 }
};
static const struct fact find_facts[] = {
	{ "found", VALUE_BOOL, NULL, "the pattern is in the record" },
	{ "count", VALUE_INT, "matches", "how often" },
	{ "text", VALUE_TEXT, NULL, "the last match" },
	{ "group", VALUE_TEXT, NULL, "its first parenthesised part" },
	{ 0 }
};
static const struct fact boots_facts[] = {
	{ "at", VALUE_TIME, NULL, "when, on the monotonic clock; one observation a match" },
	{ "text", VALUE_TEXT, NULL, "what matched" },
	{ 0 }
};
static const struct fact send_facts[] = { { "sent", VALUE_INT, "bytes", "that the console took" }, { 0 } };
static const struct fact silence_facts[] = { { "silent", VALUE_BOOL, NULL, "no byte came" }, { 0 } };

static const struct verb verbs[] = {
	{ "expect", VERB_PROBE, expect_params, expect_facts, expect, "wait until the console has said a pattern" },
	{ "find", VERB_PROBE, find_params, find_facts, find, "count a pattern in what the console has said" },
	{ "send", VERB_STIMULUS, send_params, send_facts, send_text, "type on the console" },
	{ "boots", VERB_WATCH, boots_params, boots_facts, boots, "every time the console says a pattern, such as a boot banner" },
	{ "silence", VERB_PROBE, silence_params, silence_facts, silence, "listen whether the console stays silent" },
	{ 0 }
};

#define DRIVER_serial(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_serial(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_serial = {
	.name = "serial", .doc = "consoles of the device", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
