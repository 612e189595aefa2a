// SPDX-License-Identifier: Apache-2.0
// The worker's side of a step: what a verb may ask and tell. One worker serves one probe in one attempt.
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/ipc.h"
#include "harness/step_in.h"

#define TEXT_MAX ((size_t)4096)

struct finisher { struct step *st; void (*fn)(struct step *, void *); void *data; };
static struct finisher finisher[64];
static size_t n_finishers;

static void bug(const struct step *st, const char *what, const char *name)
{
	fprintf(stderr, "verb %s: %s '%s'\n", st->verb->name, what, name);
	abort();
}

/* ---- asked ---- */

static const json_t *arg(const struct step *st, const char *param)
{
	const json_t *v = json_object_get(st->args, param);

	if (!v)
		bug(st, "absent parameter", param);
	return v;
}

bool step_has(const struct step *st, const char *param)
{
	return json_object_get(st->args, param) != NULL;
}

bool step_bool(const struct step *st, const char *param)
{
	return json_is_true(arg(st, param));
}

int64_t step_int(const struct step *st, const char *param)
{
	const json_t *v = arg(st, param);

	if (!json_is_integer(v))
		bug(st, "not a number: parameter", param);
	return json_integer_value(v);
}

const char *step_text(const struct step *st, const char *param)
{
	const json_t *v = arg(st, param);

	if (!json_is_string(v))
		bug(st, "not a text: parameter", param);
	return json_string_value(v);
}

const json_t *step_json(const struct step *st, const char *param)
{
	return arg(st, param);
}

const char *step_run_dir(const struct step *st) { return st->s->dir; }
const char *step_work_dir(const struct step *st) { return st->s->work; }
const json_t *step_device(const struct step *st) { return st->s->plan->device.json; }
const json_t *step_bench(const struct step *st) { return st->s->plan->bench.json; }
const char *step_suite_dir(const struct step *st) { return st->s->suites; }
struct rng *step_rng(struct step *st) { return &st->rng; }
int64_t step_wall_offset_ns(const struct step *st) { return st->s->wall_offset_ns; }

void session_canary(const struct session *s, const char *field, char ret[static 33])
{
	struct rng r;
	char key[128];
	uint8_t b[16];

	snprintf(key, sizeof(key), "canary/%d/%s", s->unit, field);
	rng_init(&r, s->seed, key);
	rng_bytes(&r, b, sizeof(b));
	for (int i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", b[i]);
}

void step_canary(const struct step *st, const char *field, char ret[static 33])
{
	session_canary(st->s, field, ret);
}

/* ---- time ---- */

static int64_t msg_int(const struct step *st, const char *key)
{
	return json_integer_value(json_object_get(st->msg, key));
}

int64_t step_begin_ns(const struct step *st) { return msg_int(st, "begin_ns"); }
int64_t step_deadline_ns(const struct step *st) { return msg_int(st, "deadline_ns"); }

int64_t step_since_ns(const struct step *st)
{
	const char *label = json_string_value(json_object_get(st->args, "since"));
	const json_t *at = label ? json_object_get(json_object_get(st->msg, "labels"), label) : NULL;

	return at ? json_integer_value(at) : msg_int(st, "since_ns");
}

bool step_stopped(const struct step *st)
{
	return st->stopped;
}

static bool wait_for(struct step *st, int fd, int64_t until_ns)
{
	for (;;) {
		struct pollfd p[2] = { { st->fd, st->stopped ? 0 : POLLIN, 0 }, { fd, POLLIN, 0 } };
		int64_t left = until_ns - clock_ns();
		struct timespec t = { left > 0 ? left / SEC(1) : 0, left > 0 ? left % SEC(1) : 0 };
		int r = ppoll(p, 2, &t, NULL);

		if (r < 0 && errno != EINTR)
			return false;
		if (r > 0 && p[0].revents) {    /* "stop", or the controller is gone: either ends the waiting */
			CLEANUP(free_json) json_t *msg = NULL;
			struct err err = { 0 };

			if (!ipc_recv(st->fd, clock_ns(), &msg, &err) || !msg)
				_exit(1);
			st->stopped = true;
			return false;
		}
		if (r > 0 && p[1].revents)
			return true;
		if (left <= 0)
			return false;
	}
}

bool step_wait(struct step *st, int fd, int64_t until_ns)
{
	int64_t begin = clock_ns();
	bool happened = wait_for(st, fd, until_ns);

	st->waited_ns += clock_ns() - begin;
	return happened;
}

/* ---- told ---- */

static const struct fact *declared(const struct step *st, const char *name)
{
	for (const struct fact *f = st->verb->facts; f && f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	bug(st, "undeclared fact", name);
	return NULL;
}

static void put(struct step *st, const char *name, json_t *v)
{
	declared(st, name);
	json_object_set_new(st->facts, name, v);
	st->pending = true;
}

void fact_bool(struct step *st, const char *name, bool v)
{
	put(st, name, json_boolean(v));
}

void fact_int(struct step *st, const char *name, int64_t v)
{
	put(st, name, json_integer(v));
}

/* The length of the UTF-8 sequence at p, or 0. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 :
		     p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
		return 0;
	return len;
}

void fact_bytes(struct step *st, const char *name, const void *p, size_t n)
{
	const unsigned char *in = p;
	char out[TEXT_MAX + 8];
	size_t used = 0;

	for (size_t i = 0; i < n && used < TEXT_MAX;) {
		size_t len = utf8_len(in + i, n - i);

		if (len && in[i]) {
			memcpy(out + used, in + i, len);
			used += len;
			i += len;
		} else {
			used += (size_t)snprintf(out + used, 5, "\\x%02x", in[i]);
			i++;
		}
	}
	put(st, name, json_stringn_nocheck(out, used));
}

void fact_text(struct step *st, const char *name, const char *v)
{
	fact_bytes(st, name, v, strlen(v));
}

void fact_set_empty(struct step *st, const char *name)
{
	put(st, name, json_array());
}

void fact_set_add(struct step *st, const char *name, const char *v)
{
	json_t *set = json_object_get(st->facts, name), *old;
	size_t i;

	if (!set) {
		fact_set_empty(st, name);
		set = json_object_get(st->facts, name);
	}
	json_array_foreach(set, i, old)
		if (!strcmp(json_string_value(old), v))
			return;
	json_array_append_new(set, json_string(v) ? json_string(v) : json_string("(not UTF-8)"));
}

static void keyed_hash(const struct step *st, const void *p, size_t n, char ret[static HASH_HEX])
{
	const struct factkey *k = &st->s->facts;
	uint8_t mac[32];
	unsigned len = sizeof(mac);

	HMAC(EVP_sha256(), k->key, sizeof(k->key), p, n, mac, &len);
	hash_hex(mac, ret);
}

void fact_secret(struct step *st, const char *name, const void *p, size_t n)
{
	char hex[HASH_HEX];

	keyed_hash(st, p, n, hex);
	put(st, name, json_pack("{s:s}", "hmac", hex));
}

void fact_secret_add(struct step *st, const char *name, const void *p, size_t n)
{
	char hex[HASH_HEX], text[HASH_HEX + 5] = "hmac:";

	keyed_hash(st, p, n, hex);
	strcat(text, hex);
	fact_set_add(st, name, text);
}

void step_incomplete(struct step *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(st->incomplete, sizeof(st->incomplete), fmt, ap);
	va_end(ap);
	st->pending = true;
}

void step_scope_text(struct step *st, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(st->scope, json_string(text));
	st->pending = true;
}

void step_at_bytes(struct step *st, const char *file, int64_t off, int64_t len)
{
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s%s", st->s->prefix, file);
	json_array_append_new(st->at, json_pack("{s:s,s:I,s:I}", "file", path, "off", (json_int_t)off, "len", (json_int_t)len));
}

void step_at_frame(struct step *st, const char *capture, int64_t frame)
{
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s%s", st->s->prefix, capture);
	json_array_append_new(st->at, json_pack("{s:s,s:I}", "capture", path, "frame", (json_int_t)frame));
}

void step_observer(struct step *st, const char *line)
{
	json_array_append_new(st->observers, json_string(line));
}

static void fresh(struct step *st)
{
	json_decref(st->facts);
	json_decref(st->at);
	json_decref(st->observers);
	json_decref(st->scope);
	st->facts = json_object();
	st->at = json_array();
	st->observers = json_array();
	st->scope = json_array();
	st->incomplete[0] = '\0';
	st->pending = false;
}

void step_observe_at(struct step *st, int64_t at_ns)
{
	struct err err = { 0 };
	json_t *o = json_pack("{s:O,s:O,s:O,s:O,s:I}", "facts", st->facts, "at", st->at, "observers", st->observers,
			      "scope", st->scope, "at_ns", (json_int_t)at_ns);

	if (st->incomplete[0])
		json_object_set_new(o, "incomplete", json_string(st->incomplete));
	if (!ipc_send(st->fd, json_pack("{s:o,s:O}", "observe", o, "step", json_object_get(st->msg, "step")), &err)) {
		fprintf(stderr, "observation lost: %s\n", err.text);
		_exit(1);               /* the controller sees a crashed worker: ERROR, never a missing fact */
	}
	fresh(st);
}

void step_observe(struct step *st)
{
	step_observe_at(st, clock_ns());
}

void step_at_finish(struct step *st, void (*fn)(struct step *st, void *data), void *data)
{
	if (n_finishers == sizeof(finisher) / sizeof(finisher[0]))
		bug(st, "too many finishers", "");
	finisher[n_finishers++] = (struct finisher){ st, fn, data };
}

/* ---- the life of a worker ---- */

/* Defaults of the descriptor for what the suite left out. */
static void put_defaults(struct step *st)
{
	for (const struct param *p = st->verb->params; p && p->name; p++) {
		int64_t v;

		if (!p->fallback || json_object_get(st->args, p->name))
			continue;
		if ((p->type == VALUE_TIME && units_time(p->fallback, &v)) ||
		    (p->type == VALUE_SHARE && units_share(p->fallback, &v)) ||
		    (p->type == VALUE_INT && units_int(p->fallback, &v)))
			json_object_set_new(st->args, p->name, json_integer(v));
		else if (p->type == VALUE_BOOL)
			json_object_set_new(st->args, p->name, json_boolean(!strcmp(p->fallback, "true")));
		else
			json_object_set_new(st->args, p->name, json_string(p->fallback));
	}
}

static struct step *step_new(const struct session *s, const struct probe *p, int fd, json_t *msg)
{
	struct step *st = calloc(1, sizeof(*st));
	const char *name = json_string_value(json_object_get(msg, "verb"));

	if (!st)
		_exit(1);
	*st = (struct step){ .s = s, .fd = fd, .msg = msg, .args = json_object_get(msg, "args") };
	for (const struct verb *v = p->verbs; v->name; v++)
		if (name && !strcmp(v->name, name))
			st->verb = v;
	if (!st->verb)
		_exit(1);
	put_defaults(st);
	rng_init(&st->rng, s->seed, json_string_value(json_object_get(msg, "key")));
	fresh(st);
	return st;
}

static void done(int fd, const struct step *st, bool ok, const struct err *err)
{
	struct err gone = { 0 };

	if (!ipc_send(fd, json_pack("{s:s,s:s,s:O?,s:I}", "done", ok ? "ok" : "error", "text", err->text, "step",
				    st ? json_object_get(st->msg, "step") : NULL, "waited_ns", st ? (json_int_t)st->waited_ns : 0),
		      &gone))
		_exit(1);
}

static void finish_all(int fd)
{
	struct err none = { 0 };

	while (n_finishers > 0) {
		struct finisher f = finisher[--n_finishers];

		f.fn(f.st, f.data);
		if (f.st->pending)
			step_observe(f.st);
	}
	done(fd, NULL, true, &none);
}

void worker_main(const struct session *s, const struct probe *p, int fd)
{
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		json_t *msg = NULL;
		struct err err = { 0 };
		struct step *st;
		bool ok;

		if (!ipc_recv(fd, -1, &msg, &err) || !msg)
			_exit(0);
		if (json_object_get(msg, "finish")) {
			finish_all(fd);
			json_decref(msg);
			continue;
		}
		if (json_object_get(msg, "stop")) {     /* the watch had already ended by itself */
			json_decref(msg);
			continue;
		}
		st = step_new(s, p, fd, msg);           /* kept: a finisher may need it; the attempt's end frees all */
		ok = st->verb->run(st, &err);
		if (st->pending)
			step_observe(st);
		done(fd, st, ok, &err);
	}
}
