// SPDX-License-Identifier: Apache-2.0
#include "harness/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "harness/proto/pcapng.h"
#include "harness/proto/wire_log.h"

#define BUCKETS 600                     /* of a rate lane, over the whole run */
#define IDX_MAX ((size_t)64 << 20)
#define MAX_LANES 64

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static int64_t int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

struct builder {
	const char *dir;
	int64_t begin_ns, end_ns, bucket_ns, wall_offset_ns;
	json_t *lanes;
};

/* ---- lanes ---- */
static json_t *lane(struct builder *b, const char *name, const char *kind)
{
	json_t *l;
	size_t i;

	json_array_foreach(b->lanes, i, l)
		if (!strcmp(text_of(l, "name"), name))
			return l;
	if (json_array_size(b->lanes) == MAX_LANES)
		return NULL;
	l = json_pack("{s:s,s:s,s:[]}", "name", name, "kind", kind, "items");
	if (l)
		json_array_append_new(b->lanes, l);
	return l;
}

static bool full(const json_t *l)
{
	return json_array_size(json_object_get(l, "items")) >= TIMELINE_ITEMS;
}

/* A full lane says so: a picture that ends early must not look like a device that went quiet. */
static void add(json_t *l, json_t *item)
{
	json_t *items = json_object_get(l, "items");

	if (items && item && !full(l)) {
		json_array_append_new(items, item);
		return;
	}
	if (items && item)
		json_object_set_new(l, "cut", json_true());
	json_decref(item);
}

/* ---- from the journal ---- */
static json_int_t level_of(const json_t *rec)
{
	const char *what = text_of(rec, "what");
	const json_t *value = json_object_get(rec, "value");

	if (json_is_integer(value))
		return json_integer_value(value);
	return !strcmp(what, "on") || !strcmp(what, "up") || json_is_true(value);
}

static void add_mark(struct builder *b, const json_t *rec)
{
	int64_t t = json_object_get(rec, "at_ns") ? int_of(rec, "at_ns") : int_of(rec, "t_ns");

	add(lane(b, text_of(rec, "lane"), "level"), json_pack("{s:I,s:I,s:s,s:{s:I}}", "t_ns", t, "value", level_of(rec), "text",
							      text_of(rec, "what"), "at", "journal", int_of(rec, "n")));
}

static void add_test(struct builder *b, const struct record *rec, json_t *open)
{
	const char *id = rec->where->test;
	json_t *begin = json_object_get(open, id);

	if (rec->kind == RECORD_begin) {
		json_object_set_new(open, id, json_integer(rec->t_ns));
	} else if (begin) {
		add(lane(b, "tests", "span"), json_pack("{s:O,s:I,s:s,s:{s:I}}", "t_ns", begin, "end_ns", (json_int_t)rec->t_ns, "text", id,
							"at", "journal", (json_int_t)rec->n));
		json_object_del(open, id);
	}
}

/* A step of a test itself, not of a procedure. */
static void add_step(struct builder *b, const struct record *rec)
{
	json_t *l;
	char text[256];

	if (rec->spot->inner)
		return;
	l = lane(b, "steps", "span");
	snprintf(text, sizeof(text), "%.32s %.64s %.100s", rec->where->test, rec->spot->verb, rec->spot->label);
	add(l, full(l) ? json_null() : json_pack("{s:I,s:I,s:s,s:{s:I}}", "t_ns", (json_int_t)rec->begin_ns, "end_ns",
						  (json_int_t)rec->end_ns, "text", text, "at", "journal", (json_int_t)rec->n));
}

static void from_journal(struct builder *b, struct records *records)
{
	json_t *open = json_object(), *begin;
	const char *id;

	for (size_t i = 0; i < records_n(records); i++) {
		const struct record *rec = records_at(records, i);

		if (rec->kind == RECORD_mark) {
			json_t *whole = records_json(records, rec);

			add_mark(b, whole);
			json_decref(whole);
		} else if (rec->kind == RECORD_begin || rec->kind == RECORD_end) {
			add_test(b, rec, open);
		} else if (rec->kind == RECORD_done) {
			add_step(b, rec);
		}
	}
	json_object_foreach(open, id, begin)    /* interrupted */
		add(lane(b, "tests", "span"), json_pack("{s:O,s:I,s:s}", "t_ns", begin, "end_ns", b->end_ns, "text", id));
	json_decref(open);
}

/* ---- from evidence ---- */
struct rate { int64_t count[BUCKETS], first[BUCKETS], len[BUCKETS]; };

/* Numbers come from recorded files, so each may be anything. */
static void count(const struct builder *b, struct rate *r, int64_t t_ns, int64_t n, int64_t at, int64_t len)
{
	int64_t end;
	size_t i;

	if (t_ns < b->begin_ns || t_ns > b->end_ns || n < 0 || at < 0 || __builtin_add_overflow(at, len, &end))
		return;
	i = (size_t)((t_ns - b->begin_ns) / b->bucket_ns);
	if (i >= BUCKETS || __builtin_add_overflow(r->count[i], n, &n))
		return;
	if (!r->count[i])
		r->first[i] = at;
	r->len[i] = end > r->first[i] ? end - r->first[i] : 0;
	r->count[i] = n;
}

static void add_rate(struct builder *b, const char *name, const struct rate *r, const char *file, bool frames)
{
	json_t *l = lane(b, name, "rate");

	for (int i = 0; i < BUCKETS; i++) {
		json_t *at;

		if (!r->count[i])
			continue;
		at = frames ? json_pack("{s:s,s:I}", "capture", file, "frame", (json_int_t)r->first[i]) :
			      json_pack("{s:s,s:I,s:I}", "file", file, "off", (json_int_t)r->first[i], "len", (json_int_t)r->len[i]);
		add(l, json_pack("{s:I,s:I,s:I,s:o}", "t_ns", (json_int_t)(b->begin_ns + i * b->bucket_ns), "end_ns",
				     (json_int_t)(b->begin_ns + (i + 1) * b->bucket_ns), "value", (json_int_t)r->count[i], "at", at));
	}
}

/* "capture/lan.pcapng" -> "capture.lan"; what a resumed run added stays apart: "resume1.capture.lan". */
static void lane_name(const char *rel, char *buf, size_t n)
{
	snprintf(buf, n, "%.*s", (int)(strrchr(rel, '.') - rel), rel);
	for (char *p = buf; (p = strchr(p, '/'));)
		*p = '.';
}

static void add_console(struct builder *b, const char *rel, const char *path)
{
	struct rate *r = calloc(1, sizeof(*r));
	char *text = NULL, name[FS_PATH], raw[FS_PATH];
	struct err err = { 0 };
	size_t n;

	if (r && fs_read(path, IDX_MAX, &text, &n, &err)) {
		for (char *p = text, *end; (end = memchr(p, '\n', n - (size_t)(p - text))); p = end + 1) {
			int64_t t, off, len;
			char kind;

			*end = '\0';
			if (sscanf(p, "%" SCNd64 " %c %" SCNd64 " %" SCNd64, &t, &kind, &off, &len) == 4 && kind == 'r')
				count(b, r, t, len, off, len);
		}
		lane_name(rel, name, sizeof(name));
		snprintf(raw, sizeof(raw), "%.*s.raw", (int)(strlen(rel) - 4), rel);
		add_rate(b, name, r, raw, false);
	}
	free(text);
	free(r);
}

static void add_capture(struct builder *b, const char *rel, const char *path)
{
	struct rate *r = calloc(1, sizeof(*r));
	struct pcapng_reader reader;
	struct pcapng_frame f;
	struct err err = { 0 };
	char name[FS_PATH];

	if (r && pcapng_open(path, false, &reader, &err)) {
		int64_t t;

		while (pcapng_next(&reader, &f, &err))
			if (!__builtin_sub_overflow(f.wall_ns, b->wall_offset_ns, &t))
				count(b, r, t, 1, f.number, 1);
		pcapng_done(&reader);
		lane_name(rel, name, sizeof(name));
		add_rate(b, name, r, rel, true);
	}
	free(r);
}

static void add_wires(struct builder *b, const char *path, const char *rel)
{
	struct tail t;
	struct wire_entry e;
	struct err err = { 0 };
	bool got = true;

	if (!tail_open(path, false, &t, &err))
		return;
	while (got && tail_more(&t, &got, &err))
		while (wire_log_next(&t, &e, &err)) {
			char name[WIRE_PIN + 8];

			if (e.kind == WIRE_EVENT)
				snprintf(name, sizeof(name), "wire.power");
			else
				snprintf(name, sizeof(name), "wire.%s", e.pin);
			add(lane(b, name, "level"), json_pack("{s:I,s:I,s:{s:s,s:I,s:I}}", "t_ns", (json_int_t)e.t_ns, "value",
				e.kind == WIRE_EVENT ? (json_int_t)e.powered : (json_int_t)e.value, "at", "file", rel, "off",
				(json_int_t)e.off, "len", (json_int_t)e.len));
		}
	tail_close(&t);
}

/* What the drivers of power and net lines wrote down: power as a level, each cut of the network as a span. */
static void add_events(struct builder *b, const char *path, const char *rel)
{
	struct tail t;
	struct event e;
	struct err err = { 0 };
	char name[FS_PATH];
	json_t *open = NULL;
	bool got = true;

	if (!tail_open(path, false, &t, &err))
		return;
	lane_name(rel, name, sizeof(name));
	while (got && tail_more(&t, &got, &err))
		while (event_log_next(&t, &e, &err)) {
			json_t *at = json_pack("{s:s,s:I,s:I}", "file", rel, "off", (json_int_t)e.off, "len", (json_int_t)e.len);

			if (!strcmp(e.word, "on") || !strcmp(e.word, "off")) {
				add(lane(b, name, "level"), json_pack("{s:I,s:i,s:s,s:O}", "t_ns", (json_int_t)e.t_ns, "value",
					!strcmp(e.word, "on"), "text", e.word, "at", at));
			} else if (!strcmp(e.word, "cut")) {
				json_decref(open);
				open = json_pack("{s:I,s:I,s:s,s:O}", "t_ns", (json_int_t)e.t_ns, "end_ns", (json_int_t)b->end_ns, "text", e.note, "at", at);
				add(lane(b, name, "span"), json_incref(open));  /* its end comes with the restore */
			} else if (!strcmp(e.word, "restore") && open) {
				json_object_set_new(open, "end_ns", json_integer(e.t_ns));
				json_decref(open);
				open = NULL;
			}
			json_decref(at);
		}
	json_decref(open);
	tail_close(&t);
}

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n > m && !strcmp(s + n - m, with);
}

/* Only what recorders and drivers wrote: serial/, wire/, capture/, power/, net/, also below resumeN/. */
static bool recorded(const char *rel, const char *folder)
{
	const char *p = rel;

	if (!strncmp(p, "resume", 6) && strchr(p, '/'))
		p = strchr(p, '/') + 1;
	return !strncmp(p, folder, strlen(folder));
}

static bool one_file(const char *rel, void *data, struct err *err)
{
	struct builder *b = data;
	char path[FS_PATH];

	if (!fs_join(path, b->dir, rel, err))
		return false;
	if (recorded(rel, "serial/") && ends(rel, ".idx"))
		add_console(b, rel, path);
	else if (recorded(rel, "capture/") && ends(rel, ".pcapng"))
		add_capture(b, rel, path);
	else if ((recorded(rel, "power/") || recorded(rel, "net/")) && ends(rel, ".log"))
		add_events(b, path, rel);
	else if (recorded(rel, "wire/") && ends(rel, ".log"))
		add_wires(b, path, rel);
	return true;
}

json_t *timeline_build(const char *dir, const json_t *run, struct records *records)
{
	size_t n = records_n(records);
	struct builder b = { .dir = dir, .lanes = json_array(), .wall_offset_ns = int_of(run, "wall_offset_ns") };
	struct err err = { 0 };

	b.begin_ns = n ? records_at(records, 0)->t_ns : int_of(run, "begin_ns");
	b.end_ns = n ? records_at(records, n - 1)->t_ns : b.begin_ns;
	if (b.end_ns < b.begin_ns)
		b.end_ns = b.begin_ns;
	b.bucket_ns = (b.end_ns - b.begin_ns) / BUCKETS + 1;
	from_journal(&b, records);
	if (dir)
		(void)!fs_walk(dir, one_file, &b, &err);
	return json_pack("{s:I,s:I,s:o}", "begin_ns", (json_int_t)b.begin_ns, "end_ns", (json_int_t)b.end_ns, "lanes", b.lanes);
}

/* ---- drops ---- */
struct drops { const char *dir; int64_t n; };

static bool one_capture(const char *rel, void *data, struct err *err)
{
	struct drops *d = data;
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct err mine = { 0 };
	char path[FS_PATH];

	if (!recorded(rel, "capture/") || !ends(rel, ".pcapng"))
		return true;
	if (!fs_join(path, d->dir, rel, err))
		return false;
	if (!pcapng_open(path, false, &r, &mine))
		return true;
	while (pcapng_next(&r, &f, &mine))
		;
	d->n += r.p.has_stats && r.p.dropped > 0 ? r.p.dropped : 0;
	pcapng_done(&r);
	return true;
}

int64_t timeline_drops(const char *dir)
{
	struct drops d = { dir, 0 };
	struct err err = { 0 };

	(void)!fs_walk(dir, one_capture, &d, &err);
	return d.n;
}
