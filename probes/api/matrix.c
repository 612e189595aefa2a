/* SPDX-License-Identifier: Apache-2.0
 *
 * matrix.c - every function with every right: who may not, must not.
 *
 * For each endpoint the account that has the right goes first: what it is shown, or what then changes, is what the others must
 * not get or change. A refusal counts only where that was seen, and only of accounts that were let in somewhere else. Where
 * an effect cannot be read (nobody may read before the set-up), the status has to do, unless a made-up path has success too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/api/cells.h"
#include "probes/api/endpoint.h"

enum { SILENT_MAX = 3 };

struct matrix {
	struct api api;
	struct step *st;
	const char *state;
	int64_t until_ns;
	struct cells cells;
	struct endpoint *endpoint;
	size_t n;
	bool account_here[API_ACCOUNTS];
	int64_t controls, effects, revealed, accepted, full_refused, unsure;
	bool liar;                      /* what does not exist is answered with success */
	bool over;                      /* the state is gone, the time is up, or nothing answers: go no further */
	unsigned silent;                /* in a row */
};

static void unsure(struct matrix *m, const char *where, const char *by, const char *why)
{
	m->unsure++;
	step_incomplete(m->st, "%s%s%s, %s: %s", m->state, m->state[0] ? ": " : "", where, by, why);
}

static void breach(struct matrix *m, const struct endpoint *e, const char *by, const char *spelled, const char *did)
{
	char text[API_TEXT];

	snprintf(text, sizeof(text), "%s%s%.60s by %.60s%s%s%s: %s", m->state, m->state[0] ? ": " : "", e->name, by, spelled[0] ? " (" : "",
		 spelled, spelled[0] ? ")" : "", did);
	fact_set_add(m->st, "breaches", text);
}

/* ---- who has the right ---- */
static struct api_account *full_right(struct matrix *m, const struct endpoint *e, bool *ret_somebody)
{
	struct api_account *w = api_account(&m->api, e->right);
	bool here = endpoint_in(e->states, m->state);

	if (w && !m->account_here[w - m->api.account])
		w = NULL;
	*ret_somebody = here && (w || !strcmp(e->right, "none"));
	return here ? w : NULL;
}

static bool may_once(struct matrix *m, struct endpoint *e, struct api_account *full, struct err *err)
{
	struct outcome o;

	if (!endpoint_try(&m->api, e, &(struct api_request){ .method = NULL }, full, &o, err) ||
	    (e->writes && !endpoint_watch(&m->api, e, &o.changed, err)))
		return false;
	e->status = o.status;
	e->held = o.says == API_TAKEN && (e->writes ? o.changed : o.shown);
	cells_add(&m->cells, &(struct cell){ m->state, e->name, e->right, "", e->held ? "has the right" : "did not have its effect", o.status,
					     o.begin_ns, o.end_ns });
	return true;
}

/* Twice where the first value may have been there already. */
static bool may(struct matrix *m, struct endpoint *e, struct api_account *full, struct err *err)
{
	if ((e->writes && !endpoint_look(&m->api, e, err)) || !may_once(m, e, full, err))
		return false;
	if (!e->held && e->writes && e->value[1][0]) {
		e->next = !e->next;
		if (!may_once(m, e, full, err))
			return false;
	}
	if (e->held && full)
		full->proven = true;
	m->controls += e->held;
	return true;
}

/* It has the right, is known elsewhere, and is refused in so many words: declaration and device differ. */
static void tell_unheld(struct matrix *m, const struct endpoint *e)
{
	bool somebody;
	const struct api_account *full = full_right(m, e, &somebody);

	if (!somebody || e->held)
		return;
	if ((e->status == 401 || e->status == 403) && full && full->proven) {
		m->full_refused++;
		breach(m, e, e->right, "", "refused, though it has the right");
	} else {
		unsure(m, e->name, e->right, "who has the right was not seen to have an effect, so no refusal says anything");
	}
}

/* ---- everybody else ---- */
static const char *weigh_read(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct outcome *o)
{
	if (o->shown) {
		m->revealed++;
		breach(m, e, by, spelled, "shown");
		return "shown";
	}
	if (o->says == API_TAKEN && !spelled[0])
		unsure(m, e->name, by, "answered with success, though not with what is protected");
	return o->says == API_TAKEN ? "something else" : "refused";
}

static const char *weigh_write(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct outcome *o)
{
	if (o->changed) {
		m->effects++;
		m->over |= e->ends;
		breach(m, e, by, spelled, "took effect");
		return "took effect";
	}
	if (o->says != API_TAKEN)
		return "refused";
	if (!e->known && !m->liar && !spelled[0]) {
		m->accepted++;
		breach(m, e, by, spelled, "accepted");
		return "accepted";
	}
	if (!e->known || !spelled[0])
		unsure(m, e->name, by, e->known ? "accepted, without the effect" : "accepted, as is perhaps anything");
	return "without effect";
}

static const char *unanswered(struct matrix *m, const struct endpoint *e, const char *by, const struct outcome *o)
{
	const char *did = o->says == API_SILENT ? "no answer" : o->says == API_LOCKED ? "locked" : "failed inside";

	m->silent = o->says == API_SILENT ? m->silent + 1 : 0;
	m->over |= m->silent >= SILENT_MAX;
	unsure(m, e->name, by, did);
	return did;
}

/* A refusal in so many words is believed for now; what all of them did is looked at once, in the end. */
static bool must_not(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct api_request *with,
		     struct api_account *who, struct err *err)
{
	struct outcome o;
	const char *did;

	if (m->over)
		return true;
	if (!endpoint_try(&m->api, e, with, who, &o, err))
		return false;
	if (e->writes && (o.says == API_TAKEN || o.says == API_BROKEN) && !endpoint_watch(&m->api, e, &o.changed, err))
		return false;
	if (!o.changed && (o.says == API_SILENT || o.says == API_LOCKED || (o.says == API_BROKEN && !spelled[0]))) {
		did = unanswered(m, e, by, &o);
	} else {
		m->silent = 0;
		did = e->writes ? weigh_write(m, e, by, spelled, &o) : weigh_read(m, e, by, spelled, &o);
	}
	cells_add(&m->cells, &(struct cell){ m->state, e->name, by, spelled, did, o.status, o.begin_ns, o.end_ns });
	if (clock_ns() > m->until_ns || step_stopped(m->st)) {
		m->over = true;
		unsure(m, e->name, by, "then time was up");
	}
	return true;
}

static bool all_spellings(struct matrix *m, struct endpoint *e, const char *by, struct api_account *who, struct err *err)
{
	static struct spelling s;

	for (unsigned i = 0; spell(i, e->method, e->to.url, &s); i++) {
		struct api_request q = { .method = s.method, .url = s.url, .header = s.header[0] ? s.header : NULL };

		if (s.url[0] && !must_not(m, e, by, s.name, &q, who, err))
			return false;
	}
	return true;
}

static void random_word(struct matrix *m, char ret[static 33])
{
	for (int i = 0; i < 32; i++)
		ret[i] = "0123456789abcdef"[rng_below(step_rng(m->st), 16)];
	ret[32] = 0;
}

/* A token that never was, a name that is none, a name that is one with a wrong password. */
static bool invalid(struct matrix *m, struct endpoint *e, struct err *err)
{
	const struct api_account *top = m->api.accounts ? &m->api.account[m->api.accounts - 1] : NULL;
	char word[33];

	random_word(m, word);
	return must_not(m, e, "an invalid token", "", &(struct api_request){ .token = word }, NULL, err) &&
	       must_not(m, e, "an unknown name", "", &(struct api_request){ .user = "nobody", .password = word }, NULL, err) &&
	       (!top || !top->user ||
		must_not(m, e, "a wrong password", "", &(struct api_request){ .user = top->user, .password = word }, NULL, err));
}

static bool lesser(struct matrix *m, struct endpoint *e, const struct api_account *full, struct err *err)
{
	const struct api_account *end = full ? full : m->api.account + m->api.accounts;
	const struct api_request plain = { .method = NULL };

	if (!must_not(m, e, "nobody", "", &plain, NULL, err) || !invalid(m, e, err) || !all_spellings(m, e, "nobody", NULL, err))
		return false;
	for (struct api_account *w = m->api.account; w < end; w++)      /* one that does not exist here may be a left-over */
		if (!must_not(m, e, w->right, "", &plain, w, err) ||
		    (m->account_here[w - m->api.account] && !all_spellings(m, e, w->right, w, err)))
			return false;
	return true;
}

/* What was refused in words may have been done in deed; and who has the right must still be let in. */
static bool look_again(struct matrix *m, struct endpoint *e, struct api_account *full, struct err *err)
{
	bool was_known = e->known, changed = false;
	struct outcome o;

	if (m->over)
		return true;
	if (e->writes && !endpoint_watch(&m->api, e, &changed, err))
		return false;
	if (changed) {
		m->effects++;
		m->over |= e->ends;
		breach(m, e, "somebody without the right", "", "refused, and took effect");
	} else if (e->writes && was_known && !e->known) {
		unsure(m, e->name, "in the end", "its effect can no longer be seen");
	}
	if (e->writes || !e->held)
		return true;
	if (!endpoint_try(&m->api, e, &(struct api_request){ .method = NULL }, full, &o, err))
		return false;
	if (!o.shown)
		unsure(m, e->name, e->right, "who has the right was let in before, and not afterwards");
	return true;
}

static bool others(struct matrix *m, struct endpoint *e, struct err *err)
{
	bool somebody;
	struct api_account *full = full_right(m, e, &somebody);

	if (somebody && !full)
		return true;            /* anybody may */
	if (e->writes && !endpoint_look(&m->api, e, err))
		return false;
	return lesser(m, e, full, err) && look_again(m, e, full, err);
}

/* ---- all of it ---- */
/* Is success said to what does not exist, too? Then a status alone tells nothing. */
static bool ask_nothing(struct matrix *m, struct err *err)
{
	const struct endpoint *e = m->endpoint;
	struct fetch_answer f;
	char word[33], url[2500];
	struct api_request q = { .url = url, .to = &e->to };

	random_word(m, word);
	snprintf(url, sizeof(url), "%.*s/%s", (int)strcspn(e->to.url, "?"), e->to.url, word);
	for (int i = 0; i < 2; i++) {
		q.method = i ? "POST" : "GET";
		q.body = i ? "{}" : NULL;
		if (!api_ask(&m->api, &q, NULL, &f, err))
			return false;
		m->liar |= api_says(&m->api, &f) == API_TAKEN;
	}
	return true;
}

static bool one(struct matrix *m, struct endpoint *e, bool full_only, struct err *err)
{
	bool somebody;
	struct api_account *full = full_right(m, e, &somebody);

	if (somebody && !e->ends && !may(m, e, full, err))
		return false;
	m->silent = somebody && !e->ends && !e->status ? m->silent + 1 : 0;
	m->over |= m->silent >= SILENT_MAX;
	return full_only || others(m, e, err);
}

static bool run(struct matrix *m, bool full_only, struct err *err)
{
	bool somebody;

	if (!full_only && !ask_nothing(m, err))
		return false;
	for (int ends = 0; ends < 2; ends++)
		for (size_t i = 0; i < m->n && !m->over; i++)
			if (m->endpoint[i].ends == ends && !(ends && full_only) && !one(m, &m->endpoint[i], full_only, err))
				return false;
	for (size_t i = 0; i < m->n && !m->over && !full_only; i++) {
		struct api_account *full = full_right(m, &m->endpoint[i], &somebody);

		if (!m->endpoint[i].ends || !somebody)
			continue;
		if (!may(m, &m->endpoint[i], full, err))
			return false;
		m->over = m->endpoint[i].held;
	}
	return true;
}

static void conclude(struct matrix *m, bool full_only)
{
	bool lesser_right = false;

	for (size_t i = 0; i < m->n && !full_only; i++)
		tell_unheld(m, &m->endpoint[i]);
	for (size_t i = 0; i < m->api.accounts && !full_only; i++) {
		lesser_right |= i > 0;
		if (m->account_here[i] && !m->api.account[i].proven)
			unsure(m, "everything", m->api.account[i].right, "it was let in nowhere, so its refusals say nothing");
	}
	if (!m->n || !m->controls)
		unsure(m, "everything", "all", "nothing was let in");
	if (!lesser_right && !full_only)
		step_scope_text(m->st, "no account of a low right is declared: strangers only");
}

static void report(struct matrix *m)
{
	struct step *st = m->st;

	fact_int(st, "endpoints", (int64_t)m->n);
	fact_int(st, "cells", m->cells.n);
	fact_int(st, "controls", m->controls);
	fact_int(st, "effects", m->effects);
	fact_int(st, "revealed", m->revealed);
	fact_int(st, "accepted", m->accepted);
	fact_int(st, "full_refused", m->full_refused);
	fact_bool(st, "complete", m->unsure == 0);
	step_observer(st, "net.lan");
	step_scope_text(st, "%s%s%zu functions, %lld requests, %lld of them by who has the right", m->state, m->state[0] ? ": " : "", m->n,
			(long long)m->cells.n, (long long)m->controls);
}

/* A slip in a name would make a function one that nobody may use. */
static bool known_names(struct matrix *m, const json_t *declared, const struct endpoint *e, struct err *err)
{
	const json_t *states = json_object_get(declared, "states"), *name, *row;
	size_t i, k;

	if (strcmp(e->right, "none") && strcmp(e->right, "nobody") && !api_account(&m->api, e->right))
		return err_set(err, ERR_CONF, "endpoint '%s': no account has the right '%s'; write none for anybody, nobody for no one", e->name,
			       e->right);
	json_array_foreach((json_t *)(uintptr_t)e->states, i, name) {
		bool found = !states;

		json_array_foreach((json_t *)(uintptr_t)states, k, row)
			found |= json_equal(json_object_get(row, "name"), name);
		if (!found)
			return err_set(err, ERR_CONF, "endpoint '%s': states: %s is no state of the interface", e->name, json_string_value(name));
	}
	return true;
}

static bool read_all(struct matrix *m, const json_t *declared, struct err *err)
{
	const json_t *rows = json_object_get(declared, "endpoints"), *row;
	size_t i;

	m->endpoint = calloc(json_array_size(rows) + 1, sizeof(*m->endpoint));
	if (!m->endpoint)
		return err_set(err, ERR_OS, "out of memory");
	json_array_foreach(rows, i, row) {
		if (!endpoint_open(&m->api, row, &m->endpoint[i], err) || !known_names(m, declared, &m->endpoint[i], err))
			return false;
		m->n++;
	}
	json_array_foreach(json_object_get(declared, "accounts"), i, row)
		m->account_here[i] = endpoint_in(json_object_get(row, "states"), m->state);
	return m->n || err_set(err, ERR_CONF, "endpoints: none");
}

bool api_matrix(struct step *st, struct err *err)
{
	const json_t *declared = step_json(st, "api");
	bool full_only = !strcmp(step_text(st, "rights"), "full");
	struct matrix m = { .st = st, .state = step_has(st, "state") ? step_text(st, "state") : "",
			    .until_ns = step_begin_ns(st) + step_int(st, "budget") };
	bool ok = api_open(st, declared, &m.api, err) && read_all(&m, declared, err) && cells_open(st, "api", &m.cells, err);

	fact_set_empty(st, "breaches");
	ok = ok && run(&m, full_only, err);
	if (ok)
		conclude(&m, full_only);
	cells_close(st, &m.cells);
	if (ok)
		report(&m);
	for (size_t i = 0; i < m.n + 1 && m.endpoint; i++)
		endpoint_close(&m.endpoint[i]);
	free(m.endpoint);
	api_close(&m.api);
	return ok;
}
