/* SPDX-License-Identifier: Apache-2.0
 *
 * setup.c - does set-up insist on a secret, and on a good one? It is skipped, left empty, made too short, and taken from the lists
 * of those that are tried first. The first that is taken ends it, for the device is set up then.
 * Source  NIST SP 800-63B 5.1.1.2 (length, comparison with lists of common secrets). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/fetch.h"
#include "probes/login/login.h"
#include "probes/login/pairs.h"
#include "probes/login/trylog.h"

enum { COMMON = 10, OFFERS = COMMON + 5, BODY = 2048 };
struct offered { char name[64], secret[128]; bool skip; };
struct setup {
	struct step *st;
	struct fetch *fetch;
	struct url_target to;
	char method[16], body[BODY], without[BODY], ca[512];
	struct offered offer[OFFERS];
	size_t n;
	int64_t tried, accepted;
	struct trylog log;
};

static bool load(struct setup *s, const json_t *row, struct err *err)
{
	char url[2048];

	return surface_text(row, "url", NULL, url, sizeof(url), err) && surface_text(row, "method", "POST", s->method, sizeof(s->method), err) &&
	       surface_text(row, "body", NULL, s->body, sizeof(s->body), err) &&
	       surface_text(row, "without", "", s->without, sizeof(s->without), err) && surface_text(row, "ca", "", s->ca, sizeof(s->ca), err) &&
	       (strstr(s->body, "${password}") || err_set(err, ERR_CONF, "setup: body: ${password} has to stand in it")) &&
	       url_target(s->st, URL_RULES, url, &s->to, err) && fetch_new(&s->fetch, err);
}

static struct offered *next(struct setup *s, const char *name)
{
	struct offered *o = &s->offer[s->n++];

	snprintf(o->name, sizeof(o->name), "%s", name);
	return o;
}

/* Nothing but its length is wrong with it. */
static void of_length(struct setup *s, int64_t n)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_";
	char name[64];
	struct offered *o;

	snprintf(name, sizeof(name), "%" PRId64 " character%s", n, n == 1 ? "" : "s");
	o = next(s, name);
	for (int64_t i = 0; i < n && i < (int64_t)sizeof(o->secret) - 1; i++)
		o->secret[i] = letters[rng_u64(step_rng(s->st)) % (sizeof(letters) - 1)];
}

static int longer_first(const void *a, const void *b)
{
	size_t n = strlen(((const struct pair *)a)->secret), k = strlen(((const struct pair *)b)->secret);

	return n != k ? (n < k ? 1 : -1) : strcmp(((const struct pair *)a)->secret, ((const struct pair *)b)->secret);
}

/* The longest of the list: the short ones fall to the length already. */
static bool common(struct setup *s, struct err *err)
{
	const char *list = step_text(s->st, "list");
	struct pairs p = { NULL, 0, 0 };
	char path[FS_PATH];

	if (strchr(list, '/') || snprintf(path, sizeof(path), "%s/lists/%s.txt", step_suite_dir(s->st), list) >= (int)sizeof(path))
		return err_set(err, ERR_CONF, "list: '%s' must be a file of the suites' lists folder", list);
	if (!pairs_read(path, NULL, &p, err))
		return false;
	qsort(p.pair, p.n, sizeof(*p.pair), longer_first);
	for (size_t i = 0, k = 0; i < p.n && k < COMMON; i++)
		if (!strpbrk(p.pair[i].secret, "\"\\") && (!i || strcmp(p.pair[i].secret, p.pair[i - 1].secret))) {
			snprintf(next(s, "common")->secret, sizeof(s->offer[0].secret), "%s", p.pair[i].secret);
			k++;
		}
	pairs_done(&p);
	return true;
}

static bool plan_offers(struct setup *s, struct err *err)
{
	int64_t floor = step_int(s->st, "floor");

	if (s->without[0])
		next(s, "skipped")->skip = true;
	next(s, "empty");
	of_length(s, 1);
	if (floor > 8)
		of_length(s, 7);
	if (floor > 2)
		of_length(s, floor - 1);
	return common(s, err);
}

/* body with the secret in it */
static bool fill(const struct setup *s, const struct offered *o, char ret[static BODY], struct err *err)
{
	static const char word[] = "${password}";
	const char *at = strstr(s->body, word);
	int n;

	if (o->skip)
		n = snprintf(ret, BODY, "%s", s->without);
	else
		n = snprintf(ret, BODY, "%.*s%s%s", (int)(at - s->body), s->body, o->secret, at + sizeof(word) - 1);
	return n < BODY || err_set(err, ERR_LIMIT, "setup: body too long");
}

static bool put(struct setup *s, const struct offered *o, bool *ret_reached, struct err *err)
{
	char body[BODY];
	struct fetch_ask ask = { .url = s->to.url, .address = s->to.address, .method = s->method, .body = body, .ca = s->ca[0] ? s->ca : NULL,
				 .no_verify = s->to.dut && !s->ca[0], .no_name = s->to.dut };
	struct answer a = { .retry_ns = -1 };
	struct fetch_answer f;
	bool taken;

	if (!fill(s, o, body, err) || !fetch_do(s->fetch, &ask, &f, err))
		return false;
	*ret_reached = f.reached;
	taken = f.reached && f.status >= 200 && f.status < 300;
	a.begin_ns = f.begin_ns;
	a.end_ns = f.end_ns;
	snprintf(a.text, sizeof(a.text), f.reached ? "status %d" : "no answer", f.status);
	trylog_add(&s->log, "set-up", o->name, strcmp(o->name, "common") ? "(made up)" : o->secret, &a,
		   taken ? OFFER_GRANTED : f.reached ? OFFER_REFUSED : OFFER_SILENT);
	s->tried += f.reached;
	s->accepted += taken;
	if (taken) {
		snprintf(body, sizeof(body), "%s%s%s", o->name, strcmp(o->name, "common") ? "" : ": ", strcmp(o->name, "common") ? "" : o->secret);
		fact_set_add(s->st, "which", body);
	}
	return true;
}

static bool offer_all(struct setup *s, struct err *err)
{
	bool reached = s->to.address[0] != 0;

	for (size_t i = 0; i < s->n && reached && !s->accepted; i++)
		if (!put(s, &s->offer[i], &reached, err))
			return false;
	fact_int(s->st, "tried", s->tried);
	fact_int(s->st, "of", (int64_t)s->n);
	fact_int(s->st, "accepted", s->accepted);
	fact_bool(s->st, "complete", s->tried == (int64_t)s->n);
	step_observer(s->st, "net.lan");
	step_scope_text(s->st, "%" PRId64 " of %zu weak secrets offered in set-up", s->tried, s->n);
	if (!reached)
		step_incomplete(s->st, "set-up did not answer after %" PRId64 " of %zu secrets", s->tried, s->n);
	return true;
}

bool login_setup(struct step *st, struct err *err)
{
	struct setup s = { .st = st };
	bool ok;

	fact_set_empty(st, "which");
	ok = load(&s, step_json(st, "setup"), err) && plan_offers(&s, err) && trylog_open(st, "setup", &s.log, err) && offer_all(&s, err);
	trylog_close(st, &s.log);
	fetch_free(s.fetch);
	return ok;
}

/* ---- what can be reached ---- */
static bool look(struct step *st, struct fetch *f, const char *url, bool *ret_reached, bool *ret_open, struct err *err)
{
	struct fetch_answer a;
	struct url_target to;
	struct fetch_ask ask = { .user = step_has(st, "user") ? step_text(st, "user") : NULL,
				 .password = step_has(st, "secret") ? step_text(st, "secret") : NULL };

	if (!url_target(st, URL_RULES, url, &to, err))
		return false;
	*ret_reached = *ret_open = false;
	if (!to.address[0])
		return true;
	ask.url = to.url;
	ask.address = to.address;
	ask.no_verify = ask.no_name = to.dut;
	if (!fetch_do(f, &ask, &a, err))
		return false;
	*ret_reached = a.reached;
	*ret_open = a.reached && a.status >= 200 && a.status < 300;
	return true;
}

bool login_reach(struct step *st, struct err *err)
{
	const json_t *urls = step_json(st, "urls"), *url;
	int64_t open = 0, answered = 0;
	struct fetch *f = NULL;
	bool reached, in;
	size_t i;

	if (!fetch_new(&f, err))
		return false;
	fact_set_empty(st, "which");
	json_array_foreach(urls, i, url) {
		if (!look(st, f, json_string_value(url), &reached, &in, err)) {
			fetch_free(f);
			return false;
		}
		answered += reached;
		open += in;
		if (in)
			fact_set_add(st, "which", json_string_value(url));
	}
	fetch_free(f);
	fact_int(st, "open", open);
	fact_bool(st, "all", open == (int64_t)json_array_size(urls));
	step_observer(st, "net.lan");
	step_scope_text(st, "%zu addresses", json_array_size(urls));
	if (answered < (int64_t)json_array_size(urls))
		step_incomplete(st, "%" PRId64 " of %zu addresses answered", answered, json_array_size(urls));
	return true;
}
