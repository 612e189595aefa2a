// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

#define READY_NS SEC(30)

struct open_line {
	struct open_bench *bench;
	struct line_handle handle;
	bool ready, answered, gone;
	char text[512];
};

/* Recorders stand before what they record, power comes last. Probes not named here open before power. */
static const char *const order[] = { "net.", "capture.", "serial.", "wire.", "flash.", "service.", NULL };

static int rank(const char *line)
{
	int i = 0;

	if (!strncmp(line, "power.", 6))
		return 100;
	for (; order[i]; i++)
		if (!strncmp(line, order[i], strlen(order[i])))
			break;
	return i;
}

static bool heard(void *data, json_t *msg, struct err *err)
{
	struct open_line *l = data;
	struct open_bench *b = l->bench;
	const char *name = l->handle.spec->name;
	const char *text = json_string_value(json_object_get(msg, "text"));

	if (!msg) {
		l->gone = l->answered = true;
		return l->ready && !b->closing ? b->said(b->data, name, true, "its process ended", err) : true;
	}
	if (json_object_get(msg, "ready")) {
		l->answered = true;
		l->ready = json_is_true(json_object_get(msg, "ready"));
		snprintf(l->text, sizeof(l->text), "%s", text ? text : "");
		return true;
	}
	if (json_object_get(msg, "pid"))
		return guard_pid(&b->guard, (pid_t)json_integer_value(json_object_get(msg, "pid")), err);
	if (json_object_get(msg, "broken"))
		return b->said(b->data, name, true, json_string_value(json_object_get(msg, "broken")), err);
	if (json_object_get(msg, "note"))
		return b->said(b->data, name, false, json_string_value(json_object_get(msg, "note")), err);
	return true;
}

static void stop(struct open_line *l)
{
	if (l->handle.pid > 0) {
		if (!l->gone)
			hub_remove(l->bench->hub, l->handle.fd);
		line_stop(&l->handle);
	}
}

static bool start(struct open_bench *b, struct open_line *l, const struct bench_line *spec, struct err *err)
{
	*l = (struct open_line){ .bench = b };
	if (!line_start(b->s, spec, &l->handle, err) || !guard_line(&b->guard, spec->name, err) ||
	    !hub_add(b->hub, l->handle.fd, heard, l, err) ||
	    !hub_turn(b->hub, &l->answered, clock_ns() + READY_NS, err))
		return false;
	if (l->ready)
		return true;
	err_set(err, ERR_BENCH, "%s (driver %s): %s", spec->name, spec->driver->name,
		!l->answered ? "not ready within 30 s" : l->text[0] ? l->text : "its process died");
	stop(l);
	return false;
}

static bool start_or_fall_back(struct open_bench *b, struct open_line *l, const struct bench_line *spec, struct err *err)
{
	struct err first = { 0 };
	char text[700];

	if (start(b, l, spec, &first))
		return true;
	*err = first;
	if (!spec->fallback || first.kind == ERR_STOP)
		return false;
	*err = (struct err){ 0 };
	snprintf(text, sizeof(text), "FALLBACK to driver %s, because: %s", spec->fallback->driver->name, first.text);
	return b->said(b->data, spec->name, false, text, err) && start(b, l, spec->fallback, err);
}

static int by_rank(const void *a, const void *b)
{
	const struct bench_line *const *x = a, *const *y = b;
	int d = rank((*x)->name) - rank((*y)->name);

	return d ? d : strcmp((*x)->name, (*y)->name);
}

static bool start_all(struct open_bench *b, struct err *err)
{
	const struct bench *spec = &b->s->plan->bench;
	CLEANUP(free_ptr) const struct bench_line **sorted = calloc(spec->n, sizeof(*sorted));

	b->line = calloc(spec->n, sizeof(*b->line));
	if (!sorted || !b->line)
		return err_set(err, ERR_OS, "out of memory");
	for (size_t i = 0; i < spec->n; i++)
		sorted[i] = &spec->line[i];
	qsort(sorted, spec->n, sizeof(*sorted), by_rank);
	for (; b->n < spec->n; b->n++)
		if (!start_or_fall_back(b, &b->line[b->n], sorted[b->n], err))
			return false;
	return true;
}

/* ---- the locks ---- */
static bool lock_said(void *data, json_t *msg, struct err *err)
{
	struct open_bench *b = data;
	const char *why = json_string_value(json_object_get(msg, "lost"));

	if (b->closing)
		return true;
	return err_set(err, ERR_BENCH, "%s", why ? why : "the keeper of the locks is gone");
}

static bool watch_lock(struct open_bench *b, const char *note, struct err *err)
{
	if (b->lock.fd < 0)
		return true;
	return (!note[0] || b->said(b->data, "bench", false, note, err)) && hub_add(b->hub, b->lock.fd, lock_said, b, err);
}

bool bench_keep(struct open_bench *b, struct err *err)
{
	b->keep = true;
	return guard_keep(&b->guard, err);
}

bool bench_open(const struct session *s, struct hub *hub, bench_said_fn *said, void *data, struct open_bench *ret,
		struct err *err)
{
	char note[512];

	*ret = (struct open_bench){ .s = s, .hub = hub, .said = said, .data = data };
	if (!lock_take(s, &ret->lock, note, err))
		return false;
	if (!guard_start(s, ret->lock.fd, &ret->guard, err)) {
		lock_end(&ret->lock);
		return false;
	}
	if (!watch_lock(ret, note, err) || !start_all(ret, err)) {
		struct err second = { 0 };

		hub_ignore_interrupt(hub);
		if (!bench_close(ret, &second))
			err_in(err, "%s", second.text);
		return false;
	}
	return true;
}

const char *bench_driver(const struct open_bench *b, const char *line)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->line[i].handle.spec->name, line))
			return b->line[i].handle.spec->driver->name;
	return NULL;
}

bool bench_close(struct open_bench *b, struct err *err)
{
	struct err second = { 0 };
	bool ok;

	b->closing = true;
	while (b->n > 0) {
		struct open_line *l = &b->line[--b->n];

		if (b->keep && !l->gone) {
			hub_remove(b->hub, l->handle.fd);
			line_leave(&l->handle);
			continue;
		}
		/* its last notes (drop counters) come while it closes: let the hub take them */
		line_ask_close(&l->handle);
		if (!l->gone && !hub_turn(b->hub, &l->gone, clock_ns() + SEC(5), err))
			l->gone = false;
		stop(l);
	}
	free(b->line);
	b->line = NULL;
	if (b->lock.fd >= 0)
		hub_remove(b->hub, b->lock.fd);
	ok = guard_end(&b->guard, err);
	lock_end(&b->lock);
	/* the guard removes the scratch folder; only when it was killed itself is something left */
	return fs_remove(b->s->work, ok ? err : &second) && ok;
}
