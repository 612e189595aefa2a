/* SPDX-License-Identifier: Apache-2.0
 *
 * effect.c - what the device does, seen from beside: in an answer, at a pin, on the console. See api.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"
#include "probes/api/api.h"

#define LOOK_EACH MS(20)

static bool open_url(struct api *a, const json_t *row, struct effect *e, struct err *err)
{
	const char *find, *by;

	if (!api_text(row, "find", NULL, &find, err) || !api_text(row, "by", NULL, &by, err))
		return false;
	if (!find || regcomp(&e->find, find, REG_EXTENDED | REG_NEWLINE))
		return err_set(err, ERR_CONF, "find: an extended regular expression is needed");
	e->kind = EFFECT_URL;
	e->reader = by ? api_account(a, by) : a->accounts ? &a->account[a->accounts - 1] : NULL;
	if (by && !e->reader && strcmp(by, "none"))
		return err_set(err, ERR_CONF, "by: no account has the right '%s'", by);
	if (!api_text(row, "user", NULL, &e->own.user, err) || !api_text(row, "password", NULL, &e->own.password, err))
		return false;
	if (e->own.user)
		e->reader = &e->own;
	if (e->own.user && !fetch_new(&e->own.fetch, err))
		return false;
	return url_target(a->st, URL_RULES, e->what, &e->to, err);
}

static bool open_console(struct effect *e, struct err *err)
{
	if (regcomp(&e->find, e->what, REG_EXTENDED | REG_NEWLINE))
		return err_set(err, ERR_CONF, "console: an extended regular expression is needed");
	e->kind = EFFECT_CONSOLE;
	return true;
}

bool effect_open(struct api *a, const json_t *row, struct effect *ret, struct err *err)
{
	const char *url, *pin, *console;

	*ret = (struct effect){ .kind = EFFECT_NONE };
	if (!row)
		return true;
	if (!api_text(row, "url", NULL, &url, err) || !api_text(row, "pin", NULL, &pin, err) ||
	    !api_text(row, "console", NULL, &console, err) || !api_time(row, "within", 0, &ret->within_ns, err) ||
	    !api_text(row, "line", pin ? "wire.board" : "serial.console", &ret->line, err))
		return false;
	ret->what = url ? url : pin ? pin : console;
	if (!ret->what)
		return err_set(err, ERR_CONF, "effect: url, pin or console is needed");
	if (url)
		return open_url(a, row, ret, err);
	if (console)
		return open_console(ret, err);
	ret->kind = EFFECT_PIN;
	return true;
}

void effect_close(struct effect *e)
{
	if (e->kind == EFFECT_URL || e->kind == EFFECT_CONSOLE)
		regfree(&e->find);
	e->own.fetch = fetch_free(e->own.fetch);
	e->kind = EFFECT_NONE;
}

static bool read_url(struct api *a, struct effect *e, char text[static API_TEXT], bool *ret_known, struct err *err)
{
	struct api_request q = { .url = e->to.url, .to = &e->to };
	struct fetch_answer f;
	regmatch_t m[2] = { { 0 } };
	int g;

	if (!api_ask(a, &q, e->reader, &f, err))
		return false;
	*ret_known = api_says(a, &f) == API_TAKEN && !regexec(&e->find, f.body, 2, m, 0);
	if (!*ret_known) {
		if (f.reached)
			snprintf(text, API_TEXT, "status %d, and not what is looked for", f.status);
		else
			snprintf(text, API_TEXT, "%s", f.why);
		return true;
	}
	g = e->find.re_nsub && m[1].rm_so >= 0;
	snprintf(text, API_TEXT, "%.*s", (int)(m[g].rm_eo - m[g].rm_so), f.body + m[g].rm_so);
	step_observer(a->st, "net.lan");
	return true;
}

/* The level, and how often it changed in this run: there and back again is an effect too. */
static bool read_pin(struct api *a, struct effect *e, char text[static API_TEXT], bool *ret_known, struct err *err)
{
	const char *dot = strchr(e->line, '.');
	char name[FS_PATH], path[FS_PATH];
	struct wire_entry w;
	struct tail t;
	int64_t level = 0, changes = 0;

	snprintf(name, sizeof(name), "wire/%s.log", dot ? dot + 1 : e->line);
	if (!fs_join(path, step_run_dir(a->st), name, err) || !tail_open(path, false, &t, err))
		return false;
	*ret_known = false;
	while (wire_log_next(&t, &w, err))
		if (w.kind == WIRE_IN && !strcmp(w.pin, e->what)) {
			changes += *ret_known && w.value != level;
			level = w.value;
			*ret_known = true;
		}
	tail_close(&t);
	if (*ret_known)
		snprintf(text, API_TEXT, "%" PRId64 " after %" PRId64 " changes", level, changes);
	else
		snprintf(text, API_TEXT, "nothing was recorded of pin %.64s", e->what);
	step_observer(a->st, e->line);
	return err->kind == ERR_NONE;
}

static int64_t matches(const regex_t *re, const char *s)
{
	regmatch_t m;
	int64_t n = 0;

	for (int flags = 0; !regexec(re, s, 1, &m, flags); flags = REG_NOTBOL) {
		n++;
		if (m.rm_eo == m.rm_so && !s[m.rm_eo])
			break;
		s += m.rm_eo > m.rm_so ? m.rm_eo : m.rm_eo + 1;
		if (s[-1] == '\n')
			flags = 0;
	}
	return n;
}

/* How many times the console said it since this step began. A console that never said anything shows nothing. */
static bool read_console(struct api *a, struct effect *e, char text[static API_TEXT], bool *ret_known, struct err *err)
{
	const char *dot = strchr(e->line, '.');
	char name[FS_PATH], path[FS_PATH];
	struct serial_log l;

	snprintf(name, sizeof(name), "serial/%s", dot ? dot + 1 : e->line);
	if (!fs_join(path, step_run_dir(a->st), name, err) || !serial_log_open(path, step_begin_ns(a->st), false, &l, err))
		return false;
	if (!serial_log_more(&l, err)) {
		serial_log_done(&l);
		return false;
	}
	*ret_known = l.last_ns != 0 && !l.away;
	if (*ret_known)
		snprintf(text, API_TEXT, "said %" PRId64 " times", l.n ? matches(&e->find, l.text) : 0);
	else
		snprintf(text, API_TEXT, "%s says nothing", e->line);
	serial_log_done(&l);
	step_observer(a->st, e->line);
	return true;
}

bool effect_read(struct api *a, struct effect *e, char text[static API_TEXT], bool *ret_known, struct err *err)
{
	*ret_known = false;
	text[0] = 0;
	if (e->kind == EFFECT_URL)
		return read_url(a, e, text, ret_known, err);
	if (e->kind == EFFECT_PIN)
		return read_pin(a, e, text, ret_known, err);
	if (e->kind == EFFECT_CONSOLE)
		return read_console(a, e, text, ret_known, err);
	return true;
}

bool effect_await(struct api *a, struct effect *e, const char *before, char now[static API_TEXT], bool *ret_known, bool *ret_changed,
		  struct err *err)
{
	int64_t until = clock_ns() + e->within_ns;

	for (;;) {
		if (!effect_read(a, e, now, ret_known, err))
			return false;
		*ret_changed = *ret_known && strcmp(before, now) != 0;
		if (*ret_changed || clock_ns() >= until || step_stopped(a->st))
			return true;
		step_wait(a->st, -1, clock_ns() + LOOK_EACH);
	}
}
