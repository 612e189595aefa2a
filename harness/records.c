// SPDX-License-Identifier: Apache-2.0
#include "harness/records.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/intern.h"
#include "harness/journal.h"
#include "harness/records_in.h"

#define WINDOW ((size_t)16 << 10)       /* of the file, kept while records are read again; those asked for lie close together */
#define ARENA_MAX ((size_t)4 << 30)     /* a journal of 1 GiB in which no two records agree */

struct records {
	struct record *rec; size_t n, room;
	const struct record **all, **rare; size_t n_rare;
	struct arena arena;
	struct intern where, spot;
	int fd;                                 /* the journal; -1 when all is in memory */
	char *window; size_t window_size, have; /* bytes of it from `from` on */
	int64_t from;
};

static void *grown(void *p, size_t n, size_t size)
{
	void *more = realloc(p, n * size);

	if (!more)
		abort();
	return more;
}

static struct records *new_records(void)
{
	struct records *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->fd = -1;
	r->arena.cap = ARENA_MAX;
	r->where.arena = r->spot.arena = &r->arena;
	return r;
}

struct records *records_free(struct records *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n; i++)
		if (!r->rec[i].len)
			json_decref(r->rec[i].at.json);
	for (size_t i = 0; i < r->spot.room; i++)
		if (r->spot.slot[i])
			json_decref(((struct record_spot *)r->spot.slot[i]->data)->observers);
	intern_done(&r->where);
	intern_done(&r->spot);
	arena_free(&r->arena);
	close_fd(&r->fd);
	free(r->window);
	free(r->all);
	free(r->rare);
	free(r->rec);
	free(r);
	return NULL;
}

/* ---- filling ---- */
static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static const struct record_where *where_of(struct records *r, const struct record_fields *f)
{
	struct interned *e = intern(&r->where, (const struct jspan[INTERN_PARTS]){ f->test, f->part, f->rep });
	struct record_where *w = e->data;

	if (w)
		return w;
	w = e->data = arena_new(&r->arena, struct record_where);
	*w = (struct record_where){ or_empty(e->part[0]), or_empty(e->part[1]), or_empty(e->part[2]), e->id, e->part[2] != NULL };
	return w;
}

static const struct record_spot *spot_of(struct records *r, const struct record_fields *f)
{
	struct interned *e = intern(&r->spot, (const struct jspan[INTERN_PARTS]){ f->step, f->label, f->verb, f->observers });
	struct record_spot *s = e->data;

	if (s)
		return s;
	s = e->data = arena_new(&r->arena, struct record_spot);
	*s = (struct record_spot){ or_empty(e->part[0]), or_empty(e->part[1]), or_empty(e->part[2]),
				   strchr(or_empty(e->part[1]), '/') != NULL,
				   e->part[3] ? json_loads(e->part[3], JSON_DECODE_ANY, NULL) : NULL };
	return s;
}

static struct record *add(struct records *r, struct record_fields *f)
{
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->rec = grown(r->rec, r->room, sizeof(*r->rec));
	}
	f->rec.where = where_of(r, f);
	f->rec.spot = spot_of(r, f);
	r->rec[r->n] = f->rec;
	free(f->own);
	return &r->rec[r->n++];
}

/* Addresses stand only when the last one is in. */
static void list_rare(struct records *r)
{
	for (size_t pass = 0; pass < 2; pass++) {
		size_t n = 0;

		for (size_t i = 0; i < r->n; i++) {
			const struct record *rec = &r->rec[i];

			if (rec->kind == RECORD_rep || rec->kind == RECORD_step || rec->kind == RECORD_observe ||
			    rec->kind == RECORD_done || rec->kind == RECORD_alive)
				continue;
			if (r->rare)
				r->rare[n] = rec;
			n++;
		}
		r->rare = pass ? r->rare : grown(NULL, n + 1, sizeof(struct record *));
		r->n_rare = n;
	}
}

static bool add_line(const struct journal_line *l, void *data, struct err *err)
{
	struct records *r = data;
	CLEANUP(free_json) json_t *rec = NULL;
	struct record_fields f;
	struct record *kept;

	(void)err;
	if (!l->n_members || !fields_of_plain(l->member, l->n_members, l->text, &f)) {
		rec = l->json ? json_incref((json_t *)(uintptr_t)l->json) : json_loadb(l->text, l->len, 0, NULL);
		fields_of_json(rec, &f);
	}
	kept = add(r, &f);
	kept->at.off = l->off;
	kept->len = (uint32_t)l->len;
	return true;
}

bool records_read(const char *dir, struct records **ret, struct err *err)
{
	struct records *r = new_records();
	char path[FS_PATH];
	struct stat st;

	if (!journal_each(dir, add_line, r, err) || !fs_join(path, dir, "journal.jsonl", err) || !fs_open(path, &r->fd, &st, err)) {
		records_free(r);
		return false;
	}
	list_rare(r);
	*ret = r;
	return true;
}

struct records *records_of(const json_t *array)
{
	struct records *r = new_records();
	json_t *rec;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)array, i, rec) {
		struct record_fields f;

		if (!json_is_object(rec))
			continue;
		fields_of_json(rec, &f);
		add(r, &f)->at.json = json_incref(rec);
	}
	list_rare(r);
	return r;
}

/* ---- asking ---- */
size_t records_n(const struct records *r) { return r->n; }
const struct record *records_at(const struct records *r, size_t i) { return &r->rec[i]; }
struct record_list records_rare(const struct records *r) { return (struct record_list){ r->rare, r->n_rare }; }
size_t records_places(const struct records *r) { return r->where.n; }

struct record_list records_all(struct records *r)
{
	if (!r->all) {
		r->all = grown(NULL, r->n + 1, sizeof(struct record *));
		for (size_t i = 0; i < r->n; i++)
			r->all[i] = &r->rec[i];
	}
	return (struct record_list){ r->all, r->n };
}

const struct record_where *records_where(const struct records *r, const char *test, const char *part, const char *rep)
{
	const struct interned *e = intern_find(&r->where, (const struct jspan[INTERN_PARTS]){
		{ test, strlen(test) }, { part, strlen(part) }, { rep, rep ? strlen(rep) : 0 } });

	return e ? e->data : NULL;
}

/* ---- reading again ---- */
/* Moves the window so that the record lies in it: at its end when somebody reads backwards. */
static void move_window(struct records *r, const struct record *rec)
{
	int64_t end = rec->at.off + rec->len + 1;
	ssize_t got;

	if (r->window_size < rec->len + 1u) {
		r->window_size = rec->len + 1u > WINDOW ? rec->len + 1u : WINDOW;
		r->window = grown(r->window, r->window_size, 1);
	}
	r->from = rec->at.off >= r->from ? rec->at.off : end > (int64_t)r->window_size ? end - (int64_t)r->window_size : 0;
	got = pread(r->fd, r->window, r->window_size, r->from);
	r->have = got < 0 ? 0 : (size_t)got;
}

/* The line, with a newline behind; NULL when the file is not any more what it was. */
static const char *line_of(struct records *r, const struct record *rec)
{
	size_t end = (size_t)(rec->at.off + rec->len - r->from);

	if (rec->at.off < r->from || end >= r->have) {
		move_window(r, rec);
		end = (size_t)(rec->at.off + rec->len - r->from);
	}
	return end < r->have && r->window[end] == '\n' ? r->window + end - rec->len : NULL;
}

json_t *records_json(struct records *r, const struct record *rec)
{
	const char *line;
	json_t *out;

	if (!rec->len)
		return json_incref(rec->at.json);
	line = line_of(r, rec);
	out = line ? json_loadb(line, rec->len, 0, NULL) : NULL;
	return out ? out : json_object();
}

static json_t *plain_fact(const char *line, const struct record *rec, const char *name)
{
	struct jspan v;
	int64_t number;

	if (!jline_find((struct jspan){ line + rec->facts, rec->len - rec->facts }, name, &v))
		return NULL;
	if (*v.p == 't' || *v.p == 'f')
		return json_boolean(*v.p == 't');
	return jline_int(v, &number) ? json_integer(number) : json_loadb(v.p, v.n, JSON_DECODE_ANY, NULL);
}

json_t *records_fact(struct records *r, const struct record *rec, const char *name)
{
	CLEANUP(free_json) json_t *whole = NULL;
	const char *line;

	if (rec->len && rec->plain) {
		line = rec->facts ? line_of(r, rec) : NULL;
		return line ? plain_fact(line, rec, name) : NULL;
	}
	whole = records_json(r, rec);
	return json_incref(json_object_get(json_object_get(whole, "facts"), name));
}
