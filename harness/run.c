// SPDX-License-Identifier: Apache-2.0
#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/bench_open.h"
#include "harness/campaign.h"
#include "harness/folder.h"
#include "harness/journal.h"
#include "harness/progress.h"

/* ---- records ---- */

static bool put_journal(void *data, const char *kind, json_t *rec, int64_t *ret_n, struct err *err)
{
	struct campaign *c = data;

	return journal_append(c->journal, kind, rec, ret_n, err);
}

static bool line_said(void *data, const char *line, bool broken, const char *text, struct err *err)
{
	struct campaign *c = data;

	if (!journal_append(c->journal, "line", json_pack("{s:s,s:s,s:b}", "line", line, "text", text, "broken", (int)broken), NULL, err))
		return false;
	if (!strncmp(text, "FALLBACK", 8)) {
		progress_say(&c->progress, "%s: %s", line, text);
		json_array_append_new(c->notes, json_sprintf("%s: %s", line, text));
	}
	return !broken || err_set(err, ERR_BENCH, "line %s: %s", line, text);
}

static bool put_run(struct campaign *c, const char *what, const char *text, struct err *err)
{
	return journal_append(c->journal, "run", json_pack("{s:s,s:s,s:I}", "what", what, "text", text, "records",
							   (json_int_t)journal_count(c->journal)), NULL, err);
}

/* ---- what an earlier session of this run has finished ---- */

#define ROUND_KEY 64

static void round_key(char key[static ROUND_KEY], const char *test, int round)
{
	if (round > 1)
		snprintf(key, ROUND_KEY, "%.48s#%d", test, round);
	else
		snprintf(key, ROUND_KEY, "%.48s", test);
}

static bool is_finished(const struct campaign *c, const char *test, int round)
{
	char key[ROUND_KEY];

	round_key(key, test, round);
	return json_object_get(c->finished, key) != NULL;
}

static void take_finished(struct campaign *c, enum record_kind kind, const char *test, const json_t *rec)
{
	const char *outcome = json_string_value(json_object_get(rec, "outcome"));
	char key[ROUND_KEY];

	round_key(key, test, (int)json_integer_value(json_object_get(rec, "round")));
	if (kind == RECORD_begin)
		json_object_set(c->attempts, test, json_object_get(rec, "attempt"));
	if (kind != RECORD_end || !outcome)
		return;
	if (strcmp(outcome, "ERROR"))
		json_object_set(c->finished, key, json_object_get(rec, "outcome"));
	if (!strcmp(outcome, "NOT_TESTED"))
		json_object_del(c->finished, key);      /* lost or skipped then: worth another try */
}

static bool read_finished(struct campaign *c, struct err *err)
{
	struct records *r;
	struct record_list rare;

	if (!records_read(c->session.run_dir, &r, err))
		return false;
	rare = records_rare(r);
	for (size_t i = 0; i < rare.n; i++)
		if (rare.rec[i]->kind == RECORD_begin || rare.rec[i]->kind == RECORD_end) {
			json_t *rec = records_json(r, rare.rec[i]);

			take_finished(c, rare.rec[i]->kind, rare.rec[i]->where->test, rec);
			json_decref(rec);
		}
	records_free(r);
	return true;
}

/* ---- the tests ---- */

static bool run_round(struct campaign *c, const struct test *t, int round, struct err *err)
{
	enum verdict v = VERDICT_NOT_TESTED;
	char why[512] = "", name[ROUND_KEY];
	int64_t begin = clock_ns();

	if (is_finished(c, t->id, round))
		return true;
	if (c->lost[0])
		snprintf(why, sizeof(why), "device lost at %s", c->lost);
	else if (!campaign_test(c, t, round, &v, why, err))
		return false;
	if (c->lost[0] && v == VERDICT_NOT_TESTED &&
	    !journal_append(c->journal, "end", json_pack("{s:s,s:i,s:i,s:i,s:s,s:s}", "test", t->id, "unit", c->session.unit, "round", round,
						       "attempt", 0, "outcome", verdict_name(v), "text", why), NULL, err))
		return false;
	round_key(name, t->id, round);
	progress_verdict(&c->progress, name, v, why, clock_ns() - begin);
	return true;
}

/* The rounds of one test follow each other, so that what destroys the unit still comes last. */
static bool run_tests(struct campaign *c, struct err *err)
{
	const struct plan *p = c->session.plan;

	for (size_t i = 0; i < p->n; i++)
		for (int round = 1; round <= c->session.repeat && !p->test[i].skip && !p->test[i].not_tested; round++)
			if (!run_round(c, &p->test[i], round, err))
				return false;
	return true;
}

static size_t to_run(const struct campaign *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->session.plan->n; i++) {
		const struct test *t = &c->session.plan->test[i];

		for (int round = 1; round <= c->session.repeat && !t->skip && !t->not_tested; round++)
			n += !is_finished(c, t->id, round);
	}
	return n;
}

/* ---- one session on the bench ---- */

static const char *end_word(enum run_end e)
{
	return e == RUN_COMPLETE ? "complete" : "partial";
}

static bool note_end(struct campaign *c, enum run_end end, struct err *err)
{
	char ended[32];

	folder_utc(ended, sizeof(ended));
	return folder_note(&c->session, json_pack("{s:s,s:s*,s:I,s:s,s:O,s:I,s:I}", "ended", ended, "machine", c->machine, "end_ns", (json_int_t)clock_ns(), "state", end_word(end),
						  "notes", c->notes, "boots_ns", (json_int_t)c->boots_ns, "boots", (json_int_t)c->boots), err);
}

/* After the first failure everything that can still be written is; the first reason stands. */
static void wind_up(struct campaign *c, struct open_bench *bench, enum run_end *ret_end, struct err *err)
{
	struct err second = { 0 };
	const char *what = "close";

	*ret_end = err->kind == ERR_NONE ? RUN_COMPLETE : err->kind == ERR_STOP ? RUN_INTERRUPTED : RUN_STOPPED;
	if (*ret_end != RUN_COMPLETE) {
		hub_ignore_interrupt(c->hub);
		folder_release_reserve(&c->session);
		what = *ret_end == RUN_INTERRUPTED ? "interrupt" : "stop";
	}
	lane_done(&c->lane);
	progress_end(&c->progress);
	if (!put_run(c, what, err->text, &second) && err->kind == ERR_NONE)
		*err = second;
	if (!bench_close(bench, &second) && err->kind == ERR_NONE)
		*err = second;
	folder_release_reserve(&c->session);
	if (!note_end(c, *ret_end, &second) && err->kind == ERR_NONE)
		*err = second;
}

static bool on_bench(struct campaign *c, bool resumed, enum run_end *ret_end, struct err *err)
{
	struct open_bench bench;
	struct session *s = &c->session;

	if (!world_make(s, err))
		return false;
	if (!bench_open(s, c->hub, line_said, c, &bench, err))
		return false;
	lane_init(&c->lane, s, c->hub, put_journal, c);
	c->lane.doing = progress_doing;
	c->lane.doing_data = &c->progress;
	c->machine = bench_driver(&bench, "power.main");
	if (put_run(c, resumed ? "resume" : "open", "", err) && run_tests(c, err))
		err->kind = ERR_NONE;
	wind_up(c, &bench, ret_end, err);
	return true;
}

static bool prepare(const struct run_options *o, struct campaign *c, const struct plan *plan, struct err *err)
{
	struct session *s = &c->session;

	s->plan = plan;
	c->finished = json_object();
	c->attempts = json_object();
	c->notes = json_array();
	c->hub = hub_new();
	if (o->resume ? !folder_resume(o, s, err) : !folder_new(o, plan, s, err))
		return false;
	if (!journal_open(s->run_dir, &c->journal, err) || (o->resume && !read_finished(c, err)))
		return false;
	progress_init(&c->progress, to_run(c), o->quiet);
	return true;
}

static void release(struct campaign *c)
{
	c->journal = journal_close(c->journal);
	c->hub = hub_free(c->hub);
	json_decref(c->finished);
	json_decref(c->attempts);
	json_decref(c->notes);
}

static void print_error(const struct err *e, void *data)
{
	char buf[1024];

	(void)data;
	fprintf(stderr, "%s\n", err_line(e, buf, sizeof(buf)));
}

/* A run folder without a journal entry is no run: take it away again. */
static void discard(const struct campaign *c)
{
	struct err err = { 0 };

	if (c->session.work[0])
		(void)!fs_remove(c->session.work, &err);
	if (c->session.made)
		(void)!fs_remove(c->session.run_dir, &err);
}

bool run_campaign(const struct run_options *o, char ret_dir[static 1024], enum run_end *ret_end, struct err *err)
{
	struct arena arena = { 0 };
	struct plan plan = { 0 };
	struct campaign c = { 0 };
	struct run_options opt = *o;
	bool ok;

	opt.input.unit = o->unit;
	if (o->resume)
		folder_inputs(o->resume, &opt.input);
	hub_catch_signals();
	ok = plan_load(&arena, &opt.input, print_error, NULL, &plan, err);
	if (!ok)
		err->text[0] = '\0';    /* already printed, with position */
	ok = ok && prepare(&opt, &c, &plan, err) && on_bench(&c, o->resume != NULL, ret_end, err);
	snprintf(ret_dir, 1024, "%s", c.session.run_dir);
	if (!ok && err->text[0])
		discard(&c);
	release(&c);
	plan_done(&plan);
	arena_free(&arena);
	return ok;
}
