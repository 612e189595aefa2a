/* SPDX-License-Identifier: Apache-2.0
 *
 * sweep.c - every pair of a list on every surface. An account that is locked waits while the others go on; a pair that
 * met a lock is offered again, so a lock-out never passes for a refusal. Plain refusals are collected over several connections at
 * once (lanes.h); whatever else comes is offered again alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "probes/login/labels.h"
#include "probes/login/lanes.h"
#include "probes/login/login.h"
#include "probes/login/pairs.h"
#include "probes/login/trylog.h"

enum { SILENT_MAX = 6 };                /* answers missing in a row before a surface is given up */

struct account { const char *user; int64_t not_before_ns; unsigned locks; };

struct sweep {
	struct step *st;
	struct surface *s;
	struct trylog *log;
	struct refusal refusal;
	const struct pairs *pairs;
	struct account *account;        /* as many as pairs, at most */
	size_t accounts;
	size_t *account_of;             /* per pair */
	bool *done;
	struct lanes *lanes;
	struct lane_job *job;           /* per pair: what became of it in the lanes */
	size_t *job_of;                 /* scratch: the pairs of a round */
	bool narrowed;                  /* since the last round */
	int64_t waited_ns, patience_ns;
	unsigned tried, granted, locks, silent;
	bool stopped;
};

struct total { int64_t tried, of, granted, locks, waited_ns; bool complete; unsigned answered, connections; };

static bool wait_until(struct sweep *w, int64_t until_ns)
{
	int64_t now = clock_ns();

	if (until_ns <= now)
		return true;
	if (w->waited_ns + (until_ns - now) > w->patience_ns || until_ns > login_end_ns(w->st))
		return false;
	step_wait(w->st, -1, until_ns);
	w->waited_ns += clock_ns() - now;
	return true;
}

/* The next pair whose account may be asked; SIZE_MAX when all are done (or patience is: stopped). */
static size_t next_pair(struct sweep *w)
{
	for (;;) {
		int64_t now = clock_ns(), soonest = INT64_MAX;

		if (now > login_end_ns(w->st)) {
			w->stopped = true;
			return SIZE_MAX;
		}
		for (size_t i = 0; i < w->pairs->n; i++) {
			int64_t t = w->account[w->account_of[i]].not_before_ns;

			if (w->done[i])
				continue;
			if (t <= now)
				return i;
			soonest = t < soonest ? t : soonest;
		}
		if (soonest == INT64_MAX)
			return SIZE_MAX;
		if (!wait_until(w, soonest)) {
			w->stopped = true;
			return SIZE_MAX;
		}
	}
}

static void found(struct sweep *w, const char *user, const char *secret)
{
	char text[400];

	w->granted++;
	snprintf(text, sizeof(text), "%s %s:%s", w->s->name, user[0] ? user : "(empty)", secret[0] ? secret : "(empty)");
	fact_set_add(w->st, "pairs", text);
}

/* Refused alone. Did it sound otherwise among others? Then there were too many of them for the device. */
static void compare(struct sweep *w, size_t i, uint64_t shape)
{
	lanes_know(w->lanes, shape);
	if (w->job[i].state != LANE_BACK || w->job[i].shape == shape || w->narrowed)
		return;
	lanes_narrow(w->lanes);
	w->narrowed = true;
	for (size_t k = 0; k < w->pairs->n; k++)        /* the others that met silence need not be looked at one by one */
		if (!w->done[k] && w->job[k].state == LANE_BACK && !w->job[k].shape)
			w->job[k].state = LANE_OPEN;
}

static bool offer_pair(struct sweep *w, size_t i, struct err *err)
{
	const struct pair *p = &w->pairs->pair[i];
	struct account *a = &w->account[w->account_of[i]];
	enum outcome o;

	if (!offer(w->s, step_rng(w->st), &w->refusal, p->user, p->secret, &o, err))
		return false;
	trylog_add(w->log, w->s->name, a->user, p->secret, &w->refusal.last, o);
	if (o == OFFER_REFUSED)
		compare(w, i, lanes_shape(&w->refusal, &w->refusal.last, a->user, p->secret));
	w->silent = o == OFFER_SILENT ? w->silent + 1 : 0;
	if (o == OFFER_REFUSED || o == OFFER_GRANTED) {
		w->done[i] = true;
		w->tried++;
		if (o == OFFER_GRANTED)
			found(w, a->user, p->secret);
		return true;
	}
	if (o == OFFER_LOCKED)
		w->locks++;
	a->not_before_ns = clock_ns() + (o == OFFER_LOCKED ? login_pause_ns(&w->refusal.last, a->locks++) : MS(100) << w->silent);
	w->stopped = w->silent >= SILENT_MAX;
	return true;
}

static bool plan_pairs(struct sweep *w, struct err *err)
{
	size_t n = w->pairs->n;

	w->account = calloc(n + 1, sizeof(*w->account));
	w->account_of = calloc(n + 1, sizeof(*w->account_of));
	w->done = calloc(n + 1, sizeof(*w->done));
	w->job = calloc(n + 1, sizeof(*w->job));
	w->job_of = calloc(n + 1, sizeof(*w->job_of));
	if (!w->account || !w->account_of || !w->done || !w->job || !w->job_of)
		return err_set(err, ERR_OS, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *user = w->s->user[0] ? w->s->user : w->pairs->pair[i].user;
		size_t k = 0;

		while (k < w->accounts && strcmp(w->account[k].user, user))
			k++;
		if (k == w->accounts)
			w->account[w->accounts++].user = user;
		w->account_of[i] = k;
	}
	return true;
}

/* Learns the refusal, waiting out a lock that was there before; not learned = the surface does not answer. */
static bool learn(struct sweep *w, struct err *err)
{
	for (unsigned k = 0; k < 8; k++) {
		if (!offer_learn(w->s, step_rng(w->st), &w->refusal, err))
			return false;
		if (w->refusal.learned)
			lanes_know(w->lanes, lanes_mix(&w->refusal, &w->refusal.last, w->refusal.words));
		if (w->refusal.learned || !w->refusal.last.locked)
			return true;
		w->locks++;
		if (!wait_until(w, clock_ns() + login_pause_ns(&w->refusal.last, k)))
			return true;
	}
	return true;
}

/* All pairs that may be offered now, in the lanes. */
static bool offer_round(struct sweep *w, struct err *err)
{
	struct lane_job *job = calloc(w->pairs->n, sizeof(*job));
	int64_t now = clock_ns();
	size_t n = 0;
	bool ok;

	if (!job)
		return err_set(err, ERR_OS, "out of memory");
	for (size_t i = 0; i < w->pairs->n; i++) {
		if (w->done[i] || w->job[i].state == LANE_BACK || w->account[w->account_of[i]].not_before_ns > now)
			continue;
		w->job_of[n] = i;
		job[n++] = (struct lane_job){ .user = w->pairs->pair[i].user, .secret = w->pairs->pair[i].secret };
	}
	ok = lanes_round(w->lanes, &w->refusal, job, n, login_end_ns(w->st), w->log, err);
	for (size_t k = 0; k < n && ok; k++) {
		w->job[w->job_of[k]] = job[k];
		w->done[w->job_of[k]] = job[k].state == LANE_SETTLED;
		w->tried += job[k].state == LANE_SETTLED;
	}
	free(job);
	w->narrowed = false;
	return ok;
}

static bool run(struct sweep *w, struct err *err)
{
	size_t i;

	while (!w->stopped && (i = next_pair(w)) != SIZE_MAX)
		if (lanes_useful(w->lanes) && w->job[i].state != LANE_BACK ? !offer_round(w, err) : !offer_pair(w, i, err))
			return false;
	return true;
}

static void add_up(struct sweep *w, struct total *t)
{
	const struct answer *a = &w->refusal.last;

	t->locks += w->locks;
	t->waited_ns += w->waited_ns;
	if (!w->refusal.learned && a->closed) {         /* nothing listens: nothing to log into */
		fact_set_add(w->st, "closed", w->s->name);
		step_scope_text(w->st, "%s: closed", w->s->name);
		return;
	}
	t->of += (int64_t)w->pairs->n;
	t->tried += w->tried;
	t->granted += w->granted;
	if (lanes_widest(w->lanes) > t->connections)
		t->connections = lanes_widest(w->lanes);
	step_scope_text(w->st, "%s: %u of %zu pairs offered over up to %u connections, %u lock-outs waited for", w->s->name, w->tried,
			w->pairs->n, lanes_widest(w->lanes), w->locks);
	if (w->refusal.learned)
		t->answered++;
	if (w->tried == w->pairs->n || w->refusal.open)
		return;
	t->complete = false;
	step_incomplete(w->st, "%s: %u of %zu pairs; %s", w->s->name, w->tried, w->pairs->n,
			w->refusal.last.locked ? "then locked beyond patience" : w->silent || !w->refusal.learned ?
			w->refusal.last.text : "then time was up");
}

static bool sweep_surface(struct step *st, const json_t *row, const struct pairs *pairs, struct trylog *log, struct total *t,
			  struct err *err)
{
	struct sweep w = { .st = st, .log = log, .pairs = pairs, .patience_ns = step_int(st, "patience") };
	bool ok = surface_open(st, URL_RULES, row, &w.s, err) && plan_pairs(&w, err) &&
		  lanes_new(st, row, w.s, (unsigned)step_int(st, "connections"), &w.lanes, err) && learn(&w, err);

	if (ok && w.refusal.open) {
		found(&w, "(anything)", "(anything)");
		w.tried = 1;
	} else if (ok && w.refusal.learned) {
		ok = run(&w, err);
	}
	if (ok)
		add_up(&w, t);
	lanes_free(w.lanes);
	surface_close(w.s);
	free(w.account);
	free(w.account_of);
	free(w.done);
	free(w.job);
	free(w.job_of);
	return ok;
}

static bool read_list(struct step *st, struct pairs *ret, struct err *err)
{
	CLEANUP(free_json) json_t *words = NULL;
	const char *name = step_text(st, "list");
	char path[FS_PATH], hex[HASH_HEX];

	if (strstr(name, "..") || name[0] == '/')
		return err_set(err, ERR_CONF, "list: '%s' must be a file of the suites' lists folder", name);
	if (snprintf(path, sizeof(path), "%s/lists/%s%s", step_suite_dir(st), name, strchr(name, '.') ? "" : ".txt") >=
	    (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "list: name too long");
	if (!labels_words(step_device(st), step_has(st, "words") ? step_json(st, "words") : NULL, &words, err) ||
	    !pairs_read(path, words, ret, err) || !hash_file(path, hex, err))
		return false;
	step_scope_text(st, "list %s, %zu pairs with %zu words of the device's labels, SHA-256 %.16s", name, ret->n, json_array_size(words), hex);
	return true;
}

bool login_sweep(struct step *st, struct err *err)
{
	const json_t *rows = step_json(st, "surfaces"), *row;
	struct total t = { .complete = true };
	struct pairs pairs = { NULL, 0, 0 };
	struct trylog log = { .f = NULL };
	bool ok = read_list(st, &pairs, err) && trylog_open(st, "sweep", &log, err);
	size_t i;

	fact_set_empty(st, "pairs");
	fact_set_empty(st, "closed");
	if (ok && json_is_object(rows))
		ok = sweep_surface(st, rows, &pairs, &log, &t, err);
	else
		json_array_foreach(rows, i, row)
			ok = ok && sweep_surface(st, row, &pairs, &log, &t, err);
	pairs_done(&pairs);
	trylog_close(st, &log);
	if (!ok)
		return false;
	if (!t.answered && t.complete)
		step_incomplete(st, "no surface was open");
	fact_int(st, "tried", t.tried);
	fact_int(st, "of", t.of);
	fact_int(st, "granted", t.granted);
	fact_int(st, "locks", t.locks);
	fact_int(st, "waited", t.waited_ns);
	fact_int(st, "connections", t.connections);
	fact_int(st, "surfaces", t.answered);
	fact_bool(st, "complete", t.complete && t.answered > 0);
	step_observer(st, "net.lan");
	return true;
}
