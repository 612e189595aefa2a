// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

#define QUIET_NS MS(100)        /* a prompt is one when nothing follows for so long */
#define AGAIN_NS SEC(3)         /* no prompt: the key may have been lost, or other text came between */
#define SILENT_NS SEC(1)        /* nobody says anything: perhaps the prompt is there already */
#define LINE_MAX_BYTES 1024     /* shells and boot loaders take no longer ones */
#define ENTER "\r"              /* what a terminal sends */

bool talk_type(struct step *st, struct listener *l, const char *text, bool secret, int64_t until, int64_t *ret_sent, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s,s:b}", "text", text, "secret", (int)secret), *reply = NULL;
	const char *line = step_text(st, "line");
	int64_t n = (int64_t)strlen(text), left;

	if (!step_line(st, line, "write", args, &reply, err))
		return false;
	left = json_integer_value(json_object_get(reply, "queued"));
	while (left && clock_ns() < until) {
		int64_t look = clock_ns() + MS(200);    /* what is typed shows in the record, which wakes us; not on a blind line */

		if (!listen_more(st, l, look < until ? look : until, err) && err->kind != ERR_NONE)
			return false;
		json_decref(reply);
		reply = NULL;
		if (!step_line(st, line, "get", NULL, &reply, err))
			return false;
		if (!json_is_true(json_object_get(reply, "open")))
			return err_set(err, ERR_BENCH, "%s went away while it was typed on: %.300s", line,
				       json_string_value(json_object_get(reply, "why")));
		left = json_integer_value(json_object_get(reply, "queued"));
	}
	*ret_sent = n - (left < n ? left : n);
	return true;
}

/* All of it, or the bench is at fault: half a word typed is no answer of the device's. */
static bool type(struct step *st, struct listener *l, const char *text, bool secret, int64_t until, struct err *err)
{
	int64_t sent;

	if (!talk_type(st, l, text, secret, until, &sent, err))
		return false;
	return sent == (int64_t)strlen(text) || err_set(err, ERR_BENCH, "%s takes no input", step_text(st, "line"));
}

static bool has_died(struct step *st, const struct listener *l, const struct hit *h, bool died)
{
	fact_bool(st, "died", died);
	if (!died)
		return false;
	fact_bytes(st, "death", h->text, strlen(h->text));
	listen_at(st, l, h);
	return true;
}

/* ---- prompts ---- */

/* A listener whose first `ends` patterns count only at the end of what came, in a line that began after `mark`. */
struct talk {
	struct listener l;
	const struct profile *p;
	size_t ends, mark;
	int64_t until;
};

static bool talk_open(struct step *st, int64_t from_ns, const char *const *ends, size_t n_ends, const char *anywhere, struct talk *t,
		      struct err *err)
{
	bool ok = true;

	t->p = profile_find(step_text(st, "profile"));
	t->ends = t->mark = 0;
	t->until = step_begin_ns(st) + step_int(st, "within");
	if (!listen_open(st, from_ns, &t->l, err))
		return false;
	for (size_t i = 0; ok && i < n_ends; i++, t->ends++)    /* what the profile does not have matches nothing */
		ok = listen_for(&t->l, ends[i] ? ends[i] : "^$a", err);
	ok = ok && (!anywhere || listen_for(&t->l, anywhere, err)) && profile_deaths(t->p, &t->l, err);
	if (!ok)
		listen_close(&t->l);
	return ok;
}

static const char *prompt_of(struct step *st)
{
	return step_has(st, "prompt") ? step_text(st, "prompt") : profile_find(step_text(st, "profile"))->prompt;
}

static bool at_end(const struct talk *t, struct hit *ret)
{
	const struct serial_log *g = &t->l.log;
	const char *line = g->n ? strrchr(g->text, '\n') : NULL;
	size_t begin = line ? (size_t)(line + 1 - g->text) : 0;
	bool open = false;

	if (begin < t->mark && t->mark <= g->n)
		return false;
	for (size_t i = 0; i < t->ends; i++)
		if (listen_next(&t->l, i, begin, ret, &open) && open)
			return true;
	return false;
}

/* Patterns that count wherever they stand. */
static bool anywhere(struct talk *t, struct hit *ret)
{
	const char *line;
	bool open;

	for (size_t i = t->ends; i < t->l.n_re; i++)
		if (listen_next(&t->l, i, t->l.searched, ret, &open) && !open)
			return true;
	line = t->l.log.n ? strrchr(t->l.log.text, '\n') : NULL;
	if (line && (size_t)(line + 1 - t->l.log.text) > t->l.searched)
		t->l.searched = (size_t)(line + 1 - t->l.log.text);
	return false;
}

/* *ret_found false: nothing until then. */
static bool await_prompt(struct step *st, struct talk *t, int64_t until, struct hit *ret, bool *ret_found, struct err *err)
{
	bool more = true, end = false;

	*ret_found = false;
	while (more) {
		*ret_found = anywhere(t, ret);
		if (*ret_found)
			return true;
		end = at_end(t, ret);
		more = listen_more(st, &t->l, end ? clock_ns() + QUIET_NS : until, err);
	}
	*ret_found = end;
	return err->kind == ERR_NONE;
}

/* What comes from here on is the answer. */
static bool say(struct step *st, struct talk *t, const char *text, bool secret, struct err *err)
{
	if (!serial_log_more(&t->l.log, err))
		return false;
	t->mark = t->l.searched = t->l.log.n;
	return type(st, &t->l, text, secret, t->until, err);
}

static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- log in ---- */

enum { AT_SHELL, AT_LOGIN, AT_PASSWORD, REFUSED };
struct login { bool in, already, asked, refused, died, named, keyed; struct hit last; };

/* What is said to this prompt; *ret_over: nothing more. */
static bool answer(struct step *st, struct talk *t, struct login *g, bool *ret_over, struct err *err)
{
	size_t which = g->last.which;

	*ret_over = true;
	g->died = which > REFUSED;
	if (which == AT_SHELL) {
		g->in = true;
		g->already = !g->named && !g->keyed;
	} else if (which == AT_LOGIN && !g->named) {
		*ret_over = false;
		g->named = true;
		return say(st, t, step_text(st, "user"), false, err) && type(st, &t->l, ENTER, false, t->until, err);
	} else if (which == AT_PASSWORD && g->named && !g->keyed && step_has(st, "password")) {
		*ret_over = false;
		g->asked = g->keyed = true;
		return say(st, t, step_text(st, "password"), true, err) && type(st, &t->l, ENTER, false, t->until, err);
	} else if (which == AT_PASSWORD && !g->named) {         /* of somebody who was here before us */
		*ret_over = false;
		return say(st, t, ENTER, false, err);
	} else if (which == REFUSED && !g->named) {
		*ret_over = false;
		t->l.searched = t->l.log.n;
	} else {
		g->asked |= which == AT_PASSWORD;
		g->refused = !g->died && (which != AT_PASSWORD || g->keyed);
	}
	return true;
}

static bool log_in(struct step *st, struct talk *t, struct login *g, struct err *err)
{
	bool over = false, found;

	if (!say(st, t, ENTER, false, err))
		return false;
	while (!over && clock_ns() < t->until) {
		if (!await_prompt(st, t, sooner(t->until, clock_ns() + AGAIN_NS), &g->last, &found, err))
			return false;
		if (found && !answer(st, t, g, &over, err))
			return false;
		/* nothing is typed while a password may be asked for: it would be taken for one */
		if (!found && !g->named && clock_ns() < t->until && !say(st, t, ENTER, false, err))
			return false;
	}
	return true;
}

bool talk_login(struct step *st, struct err *err)
{
	const struct profile *p = profile_find(step_text(st, "profile"));
	const char *ends[] = { prompt_of(st), p->login, p->password };
	struct login g = { .in = false };
	struct talk t;
	bool ok;

	if (!p->login)
		return err_set(err, ERR_CONF, "profile %s has no log-in", p->name);
	if (strpbrk(step_text(st, "user"), p->forbid) || (step_has(st, "password") && strpbrk(step_text(st, "password"), p->forbid)))
		return err_set(err, ERR_CONF, "user or password holds a control character");
	if (!talk_open(st, step_begin_ns(st), ends, 3, p->refused, &t, err))
		return false;
	ok = log_in(st, &t, &g, err);
	if (ok) {
		fact_bool(st, "in", g.in);
		fact_bool(st, "already", g.already);
		fact_bool(st, "asked", g.asked);
		fact_bool(st, "refused", g.refused);
		if (g.in)
			fact_int(st, "after", g.last.t_ns - step_begin_ns(st));
		if (!has_died(st, &t.l, &g.last, g.died) && (g.in || g.refused))
			listen_at(st, &t.l, &g.last);
		listen_gaps(st, &t.l, g.in || g.refused || g.died);
	}
	listen_close(&t.l);
	return ok;
}

/* ---- boot loaders ---- */

static bool stop_it(struct step *st, struct talk *t, const char *key, struct hit *ret, bool *ret_found, int64_t *ret_keys, struct err *err)
{
	const size_t moment = t->ends;  /* the pattern after the prompt */
	bool typing = false;

	*ret_found = false;
	while (clock_ns() < t->until) {
		int64_t pause = typing ? step_int(st, "every") : SILENT_NS;

		if (!await_prompt(st, t, sooner(t->until, clock_ns() + pause), ret, ret_found, err))
			return false;
		if (*ret_found && ret->which != moment)
			return true;
		typing |= *ret_found || clock_ns() - t->l.log.last_ns > SILENT_NS;
		t->l.searched = *ret_found ? ret->at + ret->n : t->l.searched;
		*ret_found = false;
		if (typing && !type(st, &t->l, key, false, t->until, err))
			return false;
		*ret_keys += typing;
	}
	return true;
}

bool talk_interrupt(struct step *st, struct err *err)
{
	const struct profile *p = profile_find(step_text(st, "profile"));
	const char *key = step_has(st, "key") ? step_text(st, "key") : p->key, *prompt = prompt_of(st);
	int64_t since = step_since_ns(st), keys = 0;
	struct hit h;
	struct talk t;
	bool ok, found;

	if (!key)
		return err_set(err, ERR_CONF, "profile %s is not stopped by a key: say one", p->name);
	if (!talk_open(st, since, &prompt, 1, step_has(st, "at") ? step_text(st, "at") : p->at ? p->at : "^$a", &t, err))
		return false;
	ok = stop_it(st, &t, key, &h, &found, &keys, err);
	if (ok) {
		fact_bool(st, "stopped", found && h.which == 0);
		fact_int(st, "keys", keys);
		if (found && h.which == 0) {
			fact_int(st, "after", h.t_ns > since ? h.t_ns - since : 0);
			listen_at(st, &t.l, &h);
		}
		has_died(st, &t.l, &h, found && h.which > 1);
		listen_gaps(st, &t.l, found);
	}
	listen_close(&t.l);
	return ok;
}

/* ---- commands ---- */

struct marks { char begin[40], end[40], line[LINE_MAX_BYTES]; };

/* Markers are typed with quotes in them, so the echo of what is typed never looks like what the shell makes of it. */
static bool make_marks(struct step *st, struct marks *m, struct err *err)
{
	uint64_t id = rng_u64(step_rng(st));
	int n;

	snprintf(m->begin, sizeof(m->begin), "Ja%016" PRIx64, id);
	snprintf(m->end, sizeof(m->end), "Jb%016" PRIx64 ":([0-9]+)", id);
	n = snprintf(m->line, sizeof(m->line), "echo J'a'%016" PRIx64 "; %s; echo J'b'%016" PRIx64 ":$?" ENTER, id,
		     step_text(st, "command"), id);
	return n < (int)sizeof(m->line) || err_set(err, ERR_CONF, "the command is longer than a shell's line");
}

static void run_facts(struct step *st, const struct listener *l, const struct marks *m, const struct hit *end, bool found)
{
	const struct serial_log *g = &l->log;
	const char *begin = g->n ? strstr(g->text, m->begin) : NULL, *from = begin ? strchr(begin, '\n') : NULL;
	size_t at = from ? (size_t)(from + 1 - g->text) : 0, n;
	int64_t t_ns, off;

	fact_bool(st, "began", begin != NULL);
	fact_bool(st, "ended", found && end->which == 0);
	if (!from || at >= g->n)
		return;
	n = found && end->at >= at ? end->at - at : g->n - at;
	if (serial_log_where(g, at, &t_ns, &off))
		step_at_bytes(st, l->file, off, (int64_t)n);
	fact_bytes(st, "output", g->text + at, n < 4000 ? n : 4000);
}

bool talk_run(struct step *st, struct err *err)
{
	const struct profile *p = profile_find(step_text(st, "profile"));
	int64_t until = step_begin_ns(st) + step_int(st, "within");
	struct listener l;
	struct marks m;
	struct hit h;
	bool ok, found;

	if (!p->shell)
		return err_set(err, ERR_CONF, "profile %s has no shell that could say when a command ended", p->name);
	if (strpbrk(step_text(st, "command"), p->forbid))
		return err_set(err, ERR_CONF, "the command holds a control character");
	if (!make_marks(st, &m, err) || !listen_open(st, step_begin_ns(st), &l, err))
		return false;
	ok = listen_for(&l, m.end, err) && profile_deaths(p, &l, err) && type(st, &l, m.line, false, until, err) &&
	     listen_await(st, &l, until, &h, &found, err);
	if (ok) {
		run_facts(st, &l, &m, &h, found);
		if (found && h.which == 0) {
			fact_int(st, "status", strtol(h.group, NULL, 10));
			fact_int(st, "after", h.t_ns - step_begin_ns(st));
		}
		has_died(st, &l, &h, found && h.which > 0);
		listen_gaps(st, &l, found);
	}
	listen_close(&l);
	return ok;
}
