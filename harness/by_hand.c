// SPDX-License-Identifier: Apache-2.0
#include "harness/by_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/folder.h"
#include "harness/ipc.h"

/* ---- which lines ---- */
static bool is_named(const json_t *params, const char *name)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)params, key, v)
		if (json_is_string(v) && !strcmp(json_string_value(v), name))
			return true;
	return false;
}

/* power: {pins: board} is served by the wire line with that board. */
static bool shares_board(const struct bench_line *l, const struct bench_line *wire)
{
	const char *pins = json_string_value(json_object_get(l->params, "pins")), *board = json_string_value(json_object_get(wire->params, "board"));

	return pins && !strncmp(wire->name, "wire.", 5) && !strcmp(pins, board ? board : "board");
}

static void take_needed(const struct bench *b, bool *take)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < b->n; i++)
			for (size_t k = 0; take[i] && k < b->n; k++)
				if (!take[k] && (is_named(b->line[i].params, b->line[k].name) || shares_board(&b->line[i], &b->line[k])))
					more = take[k] = true;
	}
}

static bool choose(struct by_hand *h, const char *const *lines, struct err *err)
{
	struct bench *b = &h->plan.bench;
	struct bench_line *kept = arena_alloc(&h->a, b->n + 1, sizeof(*kept));
	bool *take = arena_alloc(&h->a, b->n + 1, sizeof(*take));
	size_t n = 0;

	for (const char *const *name = lines; name && *name; name++) {
		bool found = false;

		for (size_t i = 0; i < b->n; i++)
			if (!strcmp(b->line[i].name, *name))
				found = take[i] = true;
		if (!found)
			return err_set(err, ERR_CONF, "%s has no line '%.60s'", b->file, *name);
	}
	if (!lines || b->is_virtual)            /* its parts live of each other */
		return true;
	take_needed(b, take);
	for (size_t i = 0; i < b->n; i++)
		if (take[i])
			kept[n++] = b->line[i];
	b->line = kept;
	b->n = n;
	return true;
}

const struct bench_line *by_hand_find(const struct by_hand *h, const char *line)
{
	for (size_t i = 0; i < h->plan.bench.n; i++)
		if (!strcmp(h->plan.bench.line[i].name, line))
			return &h->plan.bench.line[i];
	return NULL;
}

bool by_hand_load(struct by_hand *h, const struct by_hand_options *o, void (*report)(const struct err *e, void *data), struct err *err)
{
	const struct plan_input in = { .bench = o->bench, .device = o->device, .unit = o->unit };

	if (!plan_load_bench(&h->a, &in, report, NULL, &h->plan, err)) {
		err->text[0] = '\0';    /* already told, with position */
		return false;
	}
	return choose(h, o->lines, err);
}

/* ---- up and down ---- */
static bool put(void *data, const char *kind, json_t *rec, int64_t *ret_n, struct err *err)
{
	(void)data;
	(void)kind;
	(void)err;
	json_decref(rec);               /* the lane keeps what claims need */
	if (ret_n)
		*ret_n = 0;
	return true;
}

static bool line_said(void *data, const char *line, bool broken, const char *text, struct err *err)
{
	const struct by_hand *h = data;

	if (h->said)
		h->said(line, text);
	return !broken || err_set(err, ERR_BENCH, "line %s: %s", line, text);
}

bool by_hand_open(struct by_hand *h, const struct by_hand_options *o, struct err *err)
{
	struct session *s = &h->s;

	s->plan = &h->plan;
	h->temporary = !o->dir;
	h->hub = hub_new();
	hub_catch_signals();
	if (!folder_by_hand(o->dir, s, err) || !world_make(s, err) ||
	    !bench_open(s, h->hub, line_said, h, &h->bench, err))
		return false;
	lane_init(&h->lane, s, h->hub, put, h);
	return h->opened = true;
}

bool by_hand_close(struct by_hand *h, bool keep, struct err *err)
{
	struct err second = { 0 };
	bool ok = true;

	if (h->opened) {
		hub_ignore_interrupt(h->hub);
		lane_done(&h->lane);
		ok = (!keep || bench_keep(&h->bench, err)) && bench_close(&h->bench, err);
	} else if (h->s.work[0]) {
		ok = fs_remove(h->s.work, err);
	}
	if (h->temporary && h->s.dir[0] && !fs_remove(h->s.dir, &second) && ok) {
		*err = second;
		ok = false;
	}
	if (h->hub)
		hub_free(h->hub);
	plan_done(&h->plan);
	arena_free(&h->a);
	*h = (struct by_hand){ 0 };
	return ok;
}

/* ---- steps ---- */
static bool hold(struct by_hand *h, const struct claims *c, bool *ret_ok, char *why, size_t n)
{
	struct scene scene = lane_scene(&h->lane);

	*ret_ok = true;
	for (size_t i = 0; c && i < c->n && *ret_ok; i++) {
		struct finding f = { 0 };

		claim_eval(claim_at(c, i), &scene, &f);
		if (f.truth != TRUTH_TRUE) {
			*ret_ok = false;
			snprintf(why, n, "%s: expected %s, got %s", f.text, f.expected, f.actual);
		}
		finding_done(&f);
	}
	records_free(scene.records);
	return true;
}

/* Beside a step's facts: how long it took. */
static void add_times(const struct lane *l, json_t *facts)
{
	json_t *rec;
	size_t i;

	json_array_foreach(l->scope[0].records, i, rec) {
		const char *label = json_string_value(json_object_get(rec, "label"));
		json_int_t begin = json_integer_value(json_object_get(rec, "begin_ns")), end = json_integer_value(json_object_get(rec, "end_ns"));

		if (label && end && json_object_get(facts, label))
			json_object_set_new(json_object_get(facts, label), "took_ns", json_integer(end - begin));
	}
}

bool by_hand_expect(struct by_hand *h, const char *text, const char *expect, json_t **ret, bool *ret_ok, char *why, size_t n, struct err *err)
{
	struct steps steps;
	const struct claims *claims = NULL;
	struct err second = { 0 };
	bool ok;

	*ret = NULL;
	*ret_ok = false;
	if (!plan_steps(&h->a, &h->plan, text, expect, &steps, &claims, err))
		return false;
	lane_begin(&h->lane, "by hand", "expect", "", NULL, NULL);
	ok = lane_run(&h->lane, &steps, err);
	if (!ok)
		hub_ignore_interrupt(h->hub);
	ok = lane_finish(&h->lane, ok ? err : &second) && ok;  /* what was begun is ended, and counted */
	*ret = lane_facts(&h->lane);
	add_times(&h->lane, *ret);
	if (ok && h->lane.bench_fault)
		return err_set(err, ERR_BENCH, "%s", h->lane.fault);
	return ok && hold(h, claims, ret_ok, why, n);
}

bool by_hand_run(struct by_hand *h, const char *steps, json_t **ret, struct err *err)
{
	char why[64];
	bool held;

	return by_hand_expect(h, steps, NULL, ret, &held, why, sizeof(why), err);
}

bool by_hand_line(struct by_hand *h, const char *line, const char *command, json_t **ret_reply, struct err *err)
{
	CLEANUP(free_json) json_t *none = json_object();

	return by_hand_ask(h, line, command, none, ret_reply, err);
}

bool by_hand_ask(struct by_hand *h, const char *line, const char *command, const json_t *args, json_t **ret_reply, struct err *err)
{
	CLEANUP(free_json) json_t *msg = NULL;
	CLEANUP(close_fd) int fd = -1;
	char path[FS_PATH];

	*ret_reply = NULL;
	snprintf(path, sizeof(path), "%s/line/%s.sock", h->s.work, line);
	if (!ipc_connect(path, &fd, err) || !ipc_send(fd, json_pack("{s:s,s:O}", "command", command, "args", args), err) ||
	    !ipc_recv(fd, clock_ns() + SEC(10), &msg, err))
		return err_in(err, "%s", line);
	if (!json_is_true(json_object_get(msg, "ok")))
		return msg ? err_set(err, ERR_BENCH, "%s", json_string_value(json_object_get(msg, "text"))) :
		       err_set(err, ERR_OS, "%s: its process ended", line);
	*ret_reply = json_incref(json_object_get(msg, "reply"));
	return true;
}
