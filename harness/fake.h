/* SPDX-License-Identifier: Apache-2.0
 *
 * fake.h - a bench in one process, for unit tests of drivers and verbs: lines whose event loops turn whenever a verb
 * waits, and a step that collects what it is told. Include it in one test file; it defines what probe.h declares, so
 * the test must not use the real line.c and step.c.
 *
 *   fake_bench();                                    namespaces (when `net`), run and scratch folders
 *   fake_open(&drv_pty, "serial.console", "{}");     JSON text of the parameters, defaults put in from the descriptor
 *   fake_step(&probe_serial, "expect", "{...}");     runs the verb; facts of the last observation in fake.facts
 *   fake_close(); */
#ifndef HARNESS_FAKE_H
#define HARNESS_FAKE_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <net/if.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/secret.h"

#define FAKE_LINES 8

struct line {
	const char *name;
	const struct line_driver *driver;
	json_t *params;
	void *priv;
	struct pollfd watch[16];
	size_t n;
	int64_t timer_ns;
	bool blind;
};
struct step { const struct verb *verb; json_t *args; int64_t begin_ns; bool stopped; int64_t stop_ns; };

static struct {
	char run[64], work[64];
	int ns[NETNS_COUNT];
	struct line line[FAKE_LINES];
	size_t lines;
	json_t *bench, *device;
	json_t *facts;                  /* of the last observation */
	json_t *pending;
	json_t *series;                 /* all observations of the last step */
	char incomplete[256], dut[64], note[256];
	int64_t since_ns, wall_offset_ns, budget_ns;    /* budget: of one step; 0 = 30 s */
	void (*finish)(struct step *, void *);
	void *finish_data;
	struct rng rng;
	struct step last;
} fake = { .ns = { -1, -1, -1 } };

/* ---- lines ---- */
const char *line_name(const struct line *l) { return l->name; }
const char *line_run_dir(const struct line *l) { (void)l; return fake.run; }
const char *line_work_dir(const struct line *l) { (void)l; return fake.work; }
const json_t *line_bench(const struct line *l) { (void)l; return fake.bench; }
const json_t *line_device(const struct line *l) { (void)l; return fake.device; }
bool line_has(const struct line *l, const char *p) { return json_object_get(l->params, p) != NULL; }
bool line_flag(const struct line *l, const char *p) { return json_is_true(json_object_get(l->params, p)); }
int64_t line_int(const struct line *l, const char *p) { return json_integer_value(json_object_get(l->params, p)); }
const char *line_text(const struct line *l, const char *p) { return json_string_value(json_object_get(l->params, p)); }
bool line_secret(const struct line *l, const char *p, char *buf, size_t room, struct err *err)
{
	return secret_read(json_object_get(l->params, p), buf, room, err);
}
const json_t *line_json(const struct line *l, const char *p) { return json_object_get(l->params, p); }
void line_set_priv(struct line *l, void *priv) { l->priv = priv; }
void *line_priv(const struct line *l) { return l->priv; }
void line_timer(struct line *l, int64_t at_ns) { l->timer_ns = at_ns; }
bool line_blind(const struct line *l) { return l->blind; }
void line_guard_pid(struct line *l, pid_t pid) { (void)l; (void)pid; }
bool line_watch(struct line *l, int fd, short events, struct err *err)
{
	(void)err;
	line_unwatch(l, fd);            /* as the real one: events of a watched descriptor are replaced */
	ck_assert_uint_lt(l->n, 16);
	l->watch[l->n++] = (struct pollfd){ fd, events, 0 };
	return true;
}
void line_unwatch(struct line *l, int fd)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->watch[i].fd == fd)
			l->watch[i] = l->watch[--l->n];
}
bool line_enter(const struct line *l, enum netns ns, struct err *err)
{
	(void)l;
	return fake.ns[ns] < 0 || setns(fake.ns[ns], CLONE_NEWNET) == 0 || err_sys(err, "setns");
}
void line_note(struct line *l, const char *fmt, ...)
{
	va_list ap;

	(void)l;
	va_start(ap, fmt);
	vsnprintf(fake.note, sizeof(fake.note), fmt, ap);
	va_end(ap);
}

/* One turn of every line's loop, for at most until_ns; true when fd (-1 = none) is readable. */
static bool fake_turn(int fd, int64_t until_ns)
{
	struct pollfd p[1 + FAKE_LINES * 16] = { { fd, POLLIN, 0 } };
	size_t n = 1, owner[1 + FAKE_LINES * 16] = { 0 };
	int64_t now = clock_ns(), at = until_ns;
	struct err err = { 0 };

	for (size_t i = 0; i < fake.lines; i++) {
		for (size_t k = 0; k < fake.line[i].n; k++, n++) {
			p[n] = fake.line[i].watch[k];
			owner[n] = i;
		}
		if (fake.line[i].timer_ns && fake.line[i].timer_ns < at)
			at = fake.line[i].timer_ns;
	}
	poll(p, (nfds_t)n, at <= now ? 0 : (int)((at - now) / MS(1)) + 1);
	for (size_t i = 0; i < fake.lines; i++)
		if (fake.line[i].timer_ns && fake.line[i].timer_ns <= clock_ns()) {
			fake.line[i].timer_ns = 0;
			ck_assert_msg(fake.line[i].driver->event(&fake.line[i], -1, 0, &err), "%s: %s", fake.line[i].name, err.text);
		}
	for (size_t k = 1; k < n; k++)
		if (p[k].revents)
			ck_assert_msg(fake.line[owner[k]].driver->event(&fake.line[owner[k]], p[k].fd, p[k].revents, &err), "%s: %s",
				      fake.line[owner[k]].name, err.text);
	return fd >= 0 && p[0].revents;
}

static void __attribute__((unused)) fake_settle(int64_t ns)
{
	for (int64_t until = clock_ns() + ns; clock_ns() < until;)
		fake_turn(-1, until);
}

/* ---- steps ---- */
bool step_has(const struct step *st, const char *p) { return json_object_get(st->args, p) != NULL; }
bool step_bool(const struct step *st, const char *p) { return json_is_true(json_object_get(st->args, p)); }
int64_t step_int(const struct step *st, const char *p) { return json_integer_value(json_object_get(st->args, p)); }
const char *step_text(const struct step *st, const char *p) { return json_string_value(json_object_get(st->args, p)); }
const json_t *step_json(const struct step *st, const char *p) { return json_object_get(st->args, p); }
const char *step_run_dir(const struct step *st) { (void)st; return fake.run; }
const char *step_work_dir(const struct step *st) { (void)st; return fake.work; }
const json_t *step_device(const struct step *st) { (void)st; return fake.device; }
const json_t *step_bench(const struct step *st) { (void)st; return fake.bench; }
struct rng *step_rng(struct step *st) { (void)st; return &fake.rng; }
int64_t step_wall_offset_ns(const struct step *st) { (void)st; return fake.wall_offset_ns; }
int64_t step_begin_ns(const struct step *st) { return st->begin_ns; }
int64_t step_deadline_ns(const struct step *st) { return st->begin_ns + (fake.budget_ns ? fake.budget_ns : SEC(30)); }
int64_t step_since_ns(const struct step *st) { (void)st; return fake.since_ns; }
bool step_stopped(const struct step *st) { return st->stopped; }
bool step_wait(struct step *st, int fd, int64_t until_ns)
{
	bool got = false;

	while (!got && !st->stopped && clock_ns() < until_ns) {
		int64_t until = st->stop_ns && st->stop_ns < until_ns ? st->stop_ns : until_ns;

		got = fake_turn(fd, until);
		st->stopped = st->stop_ns && clock_ns() >= st->stop_ns;
	}
	return got;
}
static void fake_fact(struct step *st, const char *name, json_t *v)
{
	bool declared = false;

	for (const struct fact *f = st->verb->facts; f->name; f++)
		declared |= !strcmp(f->name, name);
	ck_assert_msg(declared, "undeclared fact %s", name);
	json_object_set_new(fake.pending, name, v);
}
void fact_bool(struct step *st, const char *n, bool v) { fake_fact(st, n, json_boolean(v)); }
void fact_int(struct step *st, const char *n, int64_t v) { fake_fact(st, n, json_integer(v)); }
void fact_text(struct step *st, const char *n, const char *v) { fake_fact(st, n, json_string(v)); }
void fact_bytes(struct step *st, const char *n, const void *p, size_t len) { fake_fact(st, n, json_stringn(p, len)); }
void fact_set_empty(struct step *st, const char *n) { fake_fact(st, n, json_array()); }
void fact_set_add(struct step *st, const char *n, const char *v)
{
	json_t *a = json_object_get(fake.pending, n);
	json_t *old;
	size_t i;

	if (!a) {
		fake_fact(st, n, json_array());
		a = json_object_get(fake.pending, n);
	}
	json_array_foreach(a, i, old)
		if (!strcmp(json_string_value(old), v))
			return;
	json_array_append_new(a, json_string(v));
}
static void fake_hash(const void *p, size_t n, char hex[static 33])
{
	uint64_t h[2] = { 14695981039346656037u, 1099511628211u };      /* enough to tell equal from different */

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			h[k] = (h[k] ^ ((const uint8_t *)p)[i]) * 1099511628211u + (uint64_t)k;
	snprintf(hex, 33, "%016llx%016llx", (unsigned long long)h[0], (unsigned long long)h[1]);
}
void fact_secret(struct step *st, const char *name, const void *p, size_t n)
{
	char hex[33];

	fake_hash(p, n, hex);
	fake_fact(st, name, json_pack("{s:s}", "hmac", hex));
}
void fact_secret_add(struct step *st, const char *name, const void *p, size_t n)
{
	char hex[33], text[40];

	fake_hash(p, n, hex);
	snprintf(text, sizeof(text), "hmac:%s", hex);
	fact_set_add(st, name, text);
}
void step_incomplete(struct step *st, const char *fmt, ...)
{
	va_list ap;

	(void)st;
	va_start(ap, fmt);
	vsnprintf(fake.incomplete, sizeof(fake.incomplete), fmt, ap);
	va_end(ap);
}
void step_scope_text(struct step *st, const char *fmt, ...) { (void)st; (void)fmt; }
void step_at_bytes(struct step *st, const char *f, int64_t off, int64_t len) { (void)st; (void)f; (void)off; (void)len; }
void step_at_frame(struct step *st, const char *c, int64_t frame) { (void)st; (void)c; ck_assert_int_gt(frame, 0); }
void step_observer(struct step *st, const char *line) { (void)st; (void)line; }
void step_observe_at(struct step *st, int64_t at_ns)
{
	(void)st;
	(void)at_ns;
	json_array_append(fake.series, fake.pending);
	json_decref(fake.facts);
	fake.facts = fake.pending;
	fake.pending = json_object();
}
void step_observe(struct step *st) { step_observe_at(st, 0); }
void step_at_finish(struct step *st, void (*fn)(struct step *, void *), void *data)
{
	(void)st;
	fake.finish = fn;
	fake.finish_data = data;
}
bool step_dut_address(struct step *st, char ret[static 64])
{
	(void)st;
	snprintf(ret, 64, "%s", fake.dut);
	return fake.dut[0];
}
bool step_resolve(struct step *st, const char *host, char ret[static 64], struct err *err)
{
	const char *ip = json_string_value(json_object_get(json_object_get(fake.bench, "hosts"), host));

	(void)st;
	(void)err;
	snprintf(ret, 64, "%s", ip ? ip : host);
	return true;
}
static struct line *fake_line(const char *name)
{
	for (size_t i = 0; i < fake.lines; i++)
		if (!strcmp(fake.line[i].name, name))
			return &fake.line[i];
	return NULL;
}
bool step_line(struct step *st, const char *line, const char *command, const json_t *args, json_t **ret_reply, struct err *err)
{
	struct line *l = fake_line(line);
	json_t *reply = json_object();
	bool ok;

	(void)st;
	ok = l ? l->driver->command(l, command, args, reply, err) : err_set(err, ERR_BENCH, "no line %s", line);
	if (ok && ret_reply)
		*ret_reply = json_incref(reply);
	json_decref(reply);
	return ok;
}

/* ---- for tests ---- */
static json_t *fake_json(const char *text)
{
	json_error_t e;
	json_t *j = json_loads(text, 0, &e);

	ck_assert_msg(j != NULL, "%s: %s", e.text, text);
	return j;
}

static void fake_defaults(json_t *args, const struct param *p)
{
	for (; p && p->name; p++) {
		int64_t v;

		if (json_object_get(args, p->name) || !p->fallback)
			continue;
		if (p->type == VALUE_BOOL)
			json_object_set_new(args, p->name, json_boolean(!strcmp(p->fallback, "true")));
		else if ((p->type == VALUE_INT && units_int(p->fallback, &v)) || (p->type == VALUE_TIME && units_time(p->fallback, &v)) ||
			 (p->type == VALUE_SHARE && units_share(p->fallback, &v)))
			json_object_set_new(args, p->name, json_integer(v));
		else
			json_object_set_new(args, p->name, json_string(p->fallback));
	}
}

static void fake_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	ck_assert_msg(fd >= 0 && write(fd, text, strlen(text)) > 0, "%s", path);
	close(fd);
}

static int fake_net(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s;

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(ioctl(s, SIOCSIFFLAGS, &r), 0);
	close(s);
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* The namespaces that a run would make; in a Check test this is a process of its own. */
static void fake_bench(const char *bench, bool net)
{
	char map[32];

	strcpy(fake.run, "/tmp/fake-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fake.run));
	snprintf(fake.work, sizeof(fake.work), "%s/w", fake.run);
	mkdir(fake.work, 0700);
	fake.bench = fake_json(bench);
	fake.device = fake_json("{\"dut\":{\"mac\":\"02:00:00:48:50:01\"}}");
	fake.wall_offset_ns = clock_wall_offset_ns();
	fake.since_ns = clock_ns();
	rng_init(&fake.rng, 1, "fake");
	if (!net)
		return;
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)getuid());
	{
		char gid[32];

		snprintf(gid, sizeof(gid), "0 %u 1", (unsigned)getgid());
		ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
		fake_put("/proc/self/setgroups", "deny");
		fake_put("/proc/self/uid_map", map);
		fake_put("/proc/self/gid_map", gid);
	}
	fake.ns[NETNS_DUT] = fake_net();
	fake.ns[NETNS_WORLD] = fake_net();
	fake.ns[NETNS_BENCH] = fake_net();
}

static bool fake_try_open(const struct line_driver *d, const char *name, const char *params, struct err *err)
{
	struct line *l = &fake.line[fake.lines++];
	json_t *lines = json_object_get(fake.bench, "lines");

	*l = (struct line){ .name = name, .driver = d, .params = fake_json(params) };
	if (!lines) {
		lines = json_object();
		json_object_set_new(fake.bench, "lines", lines);
	}
	json_object_set(lines, name, l->params);
	fake_defaults(l->params, d->params);
	return d->open(l, err);
}

static __attribute__((unused)) struct line *fake_open(const struct line_driver *d, const char *name, const char *params)
{
	struct err err = { 0 };

	ck_assert_msg(fake_try_open(d, name, params, &err), "%s: %s", name, err.text);
	return &fake.line[fake.lines - 1];
}

/* Runs a verb; stop_after_ns > 0 stops a watch after that time. */
static bool fake_try_step(const struct probe *p, const char *verb, const char *args, int64_t stop_after_ns, struct err *err)
{
	const struct verb *v = p->verbs;
	struct step *st = &fake.last;
	bool ok;

	while (v->name && strcmp(v->name, verb))
		v++;
	ck_assert_msg(v->name != NULL, "no verb %s", verb);
	json_decref(st->args);
	*st = (struct step){ .verb = v, .args = fake_json(args), .begin_ns = clock_ns() };
	fake_defaults(st->args, v->params);
	if (stop_after_ns)
		st->stop_ns = st->begin_ns + stop_after_ns;
	if (v->kind == VERB_STIMULUS)
		fake.since_ns = st->begin_ns;
	fake.incomplete[0] = '\0';
	json_decref(fake.pending);
	json_decref(fake.facts);
	json_decref(fake.series);
	fake.pending = json_object();
	fake.facts = NULL;
	fake.series = json_array();
	ok = v->run(st, err);
	if (ok && (json_object_size(fake.pending) || !fake.facts))
		step_observe(st);
	return ok;
}

static void __attribute__((unused)) fake_step(const struct probe *p, const char *verb, const char *args)
{
	struct err err = { 0 };

	ck_assert_msg(fake_try_step(p, verb, args, 0, &err), "%s.%s: %s", p->name, verb, err.text);
}

static bool __attribute__((unused)) fake_is(const char *fact) { return json_is_true(json_object_get(fake.facts, fact)); }
static int64_t __attribute__((unused)) fake_int(const char *fact) { return json_integer_value(json_object_get(fake.facts, fact)); }
static size_t __attribute__((unused)) fake_size(const char *set) { return json_array_size(json_object_get(fake.facts, set)); }
static bool __attribute__((unused)) fake_has(const char *set, const char *text)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(fake.facts, set), i, v)
		if (!strcmp(json_string_value(v), text))
			return true;
	return false;
}
static __attribute__((unused)) const char *fake_text(const char *fact)
{
	const char *t = json_string_value(json_object_get(fake.facts, fact));

	return t ? t : "";
}

static void __attribute__((unused)) fake_close(void)
{
	struct err err = { 0 };

	while (fake.lines) {
		struct line *l = &fake.line[--fake.lines];

		l->driver->close(l);
		json_decref(l->params);
	}
	json_decref(fake.bench);
	json_decref(fake.device);
	json_decref(fake.pending);
	json_decref(fake.facts);
	json_decref(fake.series);
	json_decref(fake.last.args);
	fake.bench = fake.device = fake.pending = fake.facts = fake.series = fake.last.args = NULL;     /* another may follow */
	ck_assert_msg(fs_remove(fake.run, &err), "%s", err.text);
}
#endif
