// SPDX-License-Identifier: Apache-2.0
#include "probes/power/proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/proto/event_log.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"

#define SILENCE_NS MS(50)       /* of a console that may only deny it */
#define ALONE_NS   MS(500)      /* of one whose silence is all the proof there is */
#define FALLS_NS   MS(500)
#define PINS_NS    SEC(2)

const char *power_after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

const char *power_line_key(struct step *st, const char *line, const char *key)
{
	return json_string_value(json_object_get(json_object_get(json_object_get(step_bench(st), "lines"), line), key));
}

bool power_log_path(struct step *st, const char *folder, const char *line, const char *ending, char ret[static FS_PATH])
{
	return snprintf(ret, FS_PATH, "%s/%s/%s%s", step_run_dir(st), folder, power_after_dot(line), ending) < FS_PATH;
}

const char *power_wire_of(struct step *st, const char *line)
{
	const char *pins = power_line_key(st, line, "pins"), *name, *board;
	json_t *v;

	json_object_foreach(json_object_get(step_bench(st), "lines"), name, v) {
		board = json_string_value(json_object_get(v, "board"));
		if (pins && !strncmp(name, "wire.", 5) && !strcmp(pins, board ? board : "board"))
			return name;
	}
	return NULL;
}

/* ---- one channel ---- */

bool proof_board_says(struct step *st, const char *wire, bool powered, int64_t until_ns, int64_t *ret_ns, struct err *err)
{
	char path[FS_PATH];
	struct tail t;
	struct wire_entry e;
	bool now = false, known = false;

	*ret_ns = 0;
	if (!power_log_path(st, "wire", wire, ".log", path) || !tail_open(path, true, &t, err))
		return false;
	do {
		while (wire_log_next(&t, &e, err))
			if (e.kind == WIRE_EVENT) {
				known = true;
				now = e.powered;
				*ret_ns = e.t_ns;
			}
	} while (err->kind == ERR_NONE && (!known || now != powered) && step_wait(st, t.notify, until_ns));
	tail_close(&t);
	if (!known || now != powered)
		*ret_ns = 0;
	return err->kind == ERR_NONE;
}

/* When the supply was last asked to go on before the cut: a device may speak before its switch has answered. 0 = never recorded. */
static bool last_on(struct step *st, const char *line, int64_t dead_ns, int64_t *ret_ns, struct err *err)
{
	char path[FS_PATH];
	struct event e;
	struct tail t;

	*ret_ns = 0;
	if (!power_log_path(st, "power", line, ".log", path) || !tail_open(path, false, &t, err))
		return false;
	while (event_log_next(&t, &e, err))
		if (!strcmp(e.word, "on") && e.t_ns < dead_ns)
			*ret_ns = e.t_ns - e.value;
	tail_close(&t);
	return err->kind == ERR_NONE;
}

/* *ret_spoke: when the last byte came, 0 = none ever. *ret_silent: then none for silence_ns; on a busy bench bytes of
 * before the cut are read, and stamped, late, so a console has FALLS_NS to fall silent. *ret_heard: the port was there
 * all that time, so that the silence is the device's and not the port's. */
static bool console_after(struct step *st, const char *console, int64_t dead_ns, int64_t silence_ns, int64_t *ret_spoke,
			  bool *ret_silent, bool *ret_heard, struct err *err)
{
	char path[FS_PATH];
	struct serial_log log;
	int64_t from = dead_ns + SETTLE_NS, quiet = from;
	bool more = true;

	if (!power_log_path(st, "serial", console, "", path) || !serial_log_open(path, from, true, &log, err))
		return false;
	while (more && quiet < from + FALLS_NS) {
		quiet = log.n ? clock_ns() : quiet;
		more = step_wait(st, log.tail.notify, quiet + silence_ns) && serial_log_more(&log, err);
	}
	*ret_silent = !more;
	*ret_spoke = log.last_ns;
	*ret_heard = !log.away && !log.fault[SERIAL_GAP];
	serial_log_done(&log);
	return err->kind == ERR_NONE;
}

bool proof_console_speaks(struct step *st, const char *console, int64_t from_ns, int64_t until_ns, int64_t *ret_ns, struct err *err)
{
	char path[FS_PATH];
	struct serial_log log;

	*ret_ns = 0;
	if (!power_log_path(st, "serial", console, "", path) || !serial_log_open(path, from_ns, true, &log, err))
		return false;
	while (!log.n && step_wait(st, log.tail.notify, until_ns))
		if (!serial_log_more(&log, err))
			break;
	if (log.n)
		*ret_ns = log.piece[0].t_ns;
	serial_log_done(&log);
	step_observer(st, console);
	return err->kind == ERR_NONE;
}

/* The network line's word on the cable; *ret_up stays true when it has fallen by then at neither end. */
static bool link_falls(struct step *st, const char *link, int64_t until_ns, bool *ret_up, struct err *err)
{
	json_t *reply;

	do {
		if (!step_line(st, link, "get", NULL, &reply, err))
			return false;
		*ret_up = json_is_true(json_object_get(reply, "carrier"));
		json_decref(reply);
	} while (*ret_up && (step_wait(st, -1, clock_ns() + MS(10)), clock_ns() < until_ns));
	return true;
}

struct says { int64_t settle_ns, off_below_ua; bool measures; char readback[16]; };

static bool ask_supply(struct step *st, const char *line, struct says *ret, struct err *err)
{
	json_t *reply = NULL;
	const char *text;

	if (!step_line(st, line, "get", NULL, &reply, err))
		return false;
	text = json_string_value(json_object_get(reply, "readback"));
	*ret = (struct says){ .settle_ns = json_integer_value(json_object_get(reply, "settle_ns")),
			      .off_below_ua = json_integer_value(json_object_get(reply, "off_below_ua")),
			      .measures = json_object_get(reply, "off_below_ua") != NULL };
	snprintf(ret->readback, sizeof(ret->readback), "%s", text ? text : "none");
	json_decref(reply);
	return true;
}

static bool current(struct step *st, const char *line, int64_t *ret_ua, struct err *err)
{
	json_t *reply = NULL;

	if (!step_line(st, line, "sample", NULL, &reply, err))
		return false;
	*ret_ua = json_integer_value(json_object_get(reply, "ua"));
	json_decref(reply);
	return true;
}

/* What one channel says. The first that is asked has to prove it and is cited; were the others allowed to stand in for it, a
 * claim would cite an observer that it does not need. They may deny it, and are cited then. */
static void says(struct step *st, struct proof *p, const char *line, bool off, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void says(struct step *st, struct proof *p, const char *line, bool off, const char *fmt, ...)
{
	size_t n = strlen(p->how);
	va_list ap;

	if (!off || !p->asked)
		step_observer(st, line);
	p->proved |= off && !p->asked;
	p->denied |= !off;
	p->asked = true;
	va_start(ap, fmt);
	n += (size_t)snprintf(p->how + n, sizeof(p->how) - n, "%s", n ? ", " : "");
	vsnprintf(p->how + n, sizeof(p->how) - n, fmt, ap);
	va_end(ap);
}

static bool ask_pins(struct step *st, const char *wire, int64_t dead_ns, struct proof *p, struct err *err)
{
	int64_t said = 0;

	if (!proof_board_says(st, wire, false, dead_ns + PINS_NS, &said, err))
		return false;
	says(st, p, wire, said, said ? "its pins are dead" : "its pins do not say that they are dead");
	return true;
}

static bool ask_link(struct step *st, const char *link, int64_t dead_ns, struct proof *p, struct err *err)
{
	bool up = true;

	if (!link_falls(st, link, dead_ns + PINS_NS, &up, err))
		return false;
	says(st, p, link, !up, up ? "its cable still has a carrier" : "its cable has no carrier");
	return true;
}

static bool ask_current(struct step *st, const char *line, const struct says *s, int64_t dead_ns, struct proof *p, struct err *err)
{
	int64_t ua = 0;

	do {
		if (!current(st, line, &ua, err))
			return false;
	} while (ua > s->off_below_ua && (step_wait(st, -1, clock_ns() + MS(20)), clock_ns() < dead_ns + PINS_NS));
	says(st, p, line, ua <= s->off_below_ua, "it draws %lld µA", (long long)ua);
	return true;
}

bool proof_console(struct step *st, const char *line, const char *console, int64_t dead_ns, struct proof *p, struct err *err)
{
	int64_t spoke = 0, on = 0;
	bool silent = false, heard = false;

	if (!console_after(st, console, dead_ns, p->asked ? SILENCE_NS : ALONE_NS, &spoke, &silent, &heard, err) ||
	    !last_on(st, line, dead_ns, &on, err))
		return false;
	if (!silent)
		says(st, p, console, false, "its console still talks");
	else if (heard && on && spoke >= on)
		says(st, p, console, true, "its console fell silent");
	return true;
}

bool proof_of_off(struct step *st, const char *line, int64_t dead_ns, bool *ret, struct err *err)
{
	const char *wire = power_wire_of(st, line), *console = power_line_key(st, line, "console"), *link = power_line_key(st, line, "link");
	struct proof p = { .proved = false };
	struct says s;

	*ret = false;
	if (!ask_supply(st, line, &s, err))
		return false;
	step_wait(st, -1, dead_ns + s.settle_ns);
	if ((wire && !ask_pins(st, wire, dead_ns, &p, err)) || (link && !ask_link(st, link, dead_ns, &p, err)) ||
	    (s.measures && !ask_current(st, line, &s, dead_ns, &p, err)) ||
	    (console && !proof_console(st, line, console, dead_ns + s.settle_ns, &p, err)))
		return false;
	*ret = p.proved && !p.denied;
	fact_text(st, "how", p.how[0] ? p.how : "nothing but the switch's own word");
	fact_text(st, "readback", s.readback);
	if (*ret)
		fact_int(st, "proved", clock_ns());
	return true;
}
