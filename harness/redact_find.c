// SPDX-License-Identifier: Apache-2.0
// Where the words are: in the bytes of a file and, of a capture, in what its TCP streams carried from segment to segment.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/pcapng.h"
#include "harness/proto/stream.h"
#include "harness/redact_in.h"

enum { PIECE = 1 << 16, KEPT = 1 << 30 };

static bool keep(struct redact_hits *h, const struct redact_hit *hit)
{
	if (h->n == h->room) {
		size_t room = h->room ? 2 * h->room : 64;
		struct redact_hit *grown = room > 2 * REDACT_HITS ? NULL : realloc(h->hit, room * sizeof(*grown));

		if (!grown) {
			h->full = true;
			return false;
		}
		h->hit = grown;
		h->room = room;
	}
	h->hit[h->n++] = *hit;
	return true;
}

static bool on_hit(const struct marker_hit *m, void *data)
{
	const struct redact_hit hit = { m->off, (int64_t)m->n, 0, (unsigned)strtoul(m->field, NULL, 10), m->how };

	return keep(data, &hit);
}

static bool in_bytes(const struct redact_words *w, const char *path, struct redact_hits *h, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct marker_state s = { 0 };
	uint8_t buf[PIECE];
	struct stat st;
	ssize_t n;

	if (!fs_open(path, &fd, &st, err))
		return false;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		h->bytes += n;
		if (!marker_scan(w->markers, &s, (struct span){ buf, (size_t)n }, on_hit, h))
			break;
	}
	return n >= 0 || err_sys(err, "%s", path);
}

bool redact_find_text(const struct redact_words *w, const char *text, size_t n)
{
	struct redact_hits h = { 0 };
	struct marker_state s = { 0 };
	bool found;

	marker_scan(w->markers, &s, (struct span){ (const uint8_t *)text, n }, on_hit, &h);
	found = h.n || h.full;
	redact_hits_free(&h);
	return found;
}

/* ---- captures ---- */
struct frame { int64_t off, n, payload; };      /* where in the file; payload: of TCP, 0 = none */
struct frames { struct frame *f; size_t n, room; };

static bool add_frame(struct frames *all, const struct pcapng_frame *f, const struct packet *k)
{
	if (all->n == all->room) {
		size_t room = all->room ? 2 * all->room : 1024;
		struct frame *grown = realloc(all->f, room * sizeof(*grown));

		if (!grown)
			return false;
		all->f = grown;
		all->room = room;
	}
	all->f[all->n++] = (struct frame){ f->off, (int64_t)f->data.n, k->payload.n ? f->off + (k->payload.p - f->data.p) : 0 };
	return true;
}

/* The frame that holds a byte of the file, 1.., 0 = none. */
static int64_t frame_at(const struct frames *all, int64_t off)
{
	size_t lo = 0, hi = all->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (all->f[mid].off + all->f[mid].n <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < all->n && all->f[lo].off <= off ? (int64_t)lo + 1 : 0;
}

/* The segments of one direction as they were captured: sorting them cuts away what was sent twice, and that must go as well. */
struct sent { int64_t off, n, at; int64_t frame; };
struct half { const struct redact_words *w; struct redact_hits *h; struct sent *sent; size_t n; int64_t run; };

static bool on_stream(const struct marker_hit *m, void *data)
{
	const struct half *x = data;
	int64_t from = x->run + m->off, to = from + (int64_t)m->n;

	for (size_t i = 0; i < x->n; i++) {
		const struct sent *s = &x->sent[i];
		int64_t a = from > s->off ? from : s->off, b = to < s->off + s->n ? to : s->off + s->n;
		struct redact_hit hit = { s->at + a - s->off, b - a, s->frame, (unsigned)strtoul(m->field, NULL, 10), m->how };

		if (a < b && !keep(x->h, &hit))
			return false;
	}
	return true;
}

static bool on_run(const struct stream_half *half, int64_t off, struct span bytes, void *data)
{
	struct half *x = data;
	struct marker_state s = { 0 };

	(void)half;
	x->run = off;
	return marker_scan(x->w->markers, &s, bytes, on_stream, x);
}

static bool in_half(const struct redact_words *w, struct stream_half *half, const struct frames *all, struct redact_hits *h)
{
	CLEANUP(free_ptr) struct sent *sent = calloc(half->n + 1, sizeof(*sent));
	struct half x = { w, h, sent, half->n, 0 };

	if (!sent)
		return false;
	for (size_t i = 0; i < half->n; i++) {
		const struct stream_segment *s = &half->segment[i];

		sent[i] = (struct sent){ s->off, (int64_t)s->n, all->f[s->frame - 1].payload, s->frame };
	}
	streams_run(half, on_run, &x);
	return !h->full;
}

/* The scans in a capture open more connections than can be followed; what carries nothing is no flow until something was carried. */
static bool add_packet(struct streams *t, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	if (k->layer != PACKET_TRANSPORT || k->proto != IP_TCP || (!k->payload.n && !streams_known(t, k)))
		return true;
	return streams_add(t, k, frame, wall_ns);
}

static bool read_capture(const char *path, struct frames *all, struct streams *t, struct err *err)
{
	struct pcapng_reader r;
	struct pcapng_frame f;
	bool ok = true, bad;

	if (!pcapng_open(path, false, &r, err))
		return false;
	while (ok && pcapng_next(&r, &f, err)) {
		struct packet k;

		if (!packet_decode(f.data, &k))
			k = (struct packet){ 0 };
		ok = add_frame(all, &f, &k) && add_packet(t, &k, (int64_t)all->n, f.wall_ns);
	}
	bad = r.p.bad;
	pcapng_done(&r);
	if (err->kind)
		return false;
	if (bad)
		return err_set(err, ERR_CONF, "%s: no capture from some place on, so nobody can say what is in it", path);
	return ok || err_set(err, ERR_LIMIT, "%s: more streams than can be put together", path);
}

static bool in_streams(const struct redact_words *w, const char *path, struct redact_hits *h, struct err *err)
{
	struct frames all = { 0 };
	struct streams t;
	bool ok;

	streams_init(&t, KEPT);
	ok = read_capture(path, &all, &t, err);
	for (size_t i = 0; ok && i < h->n; i++)
		h->hit[i].frame = frame_at(&all, h->hit[i].off);
	for (size_t i = 0; ok && i < t.n; i++)
		if (!in_half(w, &t.flow[i].up, &all, h) || !in_half(w, &t.flow[i].down, &all, h))
			ok = err_set(err, ERR_LIMIT, "%s: more than %d places", path, REDACT_HITS);
	streams_free(&t);
	free(all.f);
	return ok;
}

bool redact_is_capture(const char *path)
{
	static const uint8_t magic[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	CLEANUP(close_fd) int fd = -1;
	uint8_t buf[4];
	struct stat st;
	struct err none = { 0 };

	return fs_open(path, &fd, &st, &none) && read(fd, buf, 4) == 4 && !memcmp(buf, magic, 4);
}

/* ---- the whole ---- */
static int by_place(const void *a, const void *b)
{
	const struct redact_hit *x = a, *y = b;

	return x->off != y->off ? (x->off < y->off ? -1 : 1) : x->n != y->n ? (x->n > y->n ? -1 : 1) : (int)x->word - (int)y->word;
}

/* What a frame and its stream both showed is one place; what lies in another one is none of its own. */
static void only_once(struct redact_hits *h)
{
	size_t n = 0;
	int64_t end = -1;

	if (h->n)
		qsort(h->hit, h->n, sizeof(*h->hit), by_place);
	for (size_t i = 0; i < h->n; i++) {
		if (h->hit[i].off + h->hit[i].n <= end)
			continue;
		end = h->hit[i].off + h->hit[i].n;
		h->hit[n++] = h->hit[i];
	}
	h->n = n;
}

bool redact_find(const struct redact_words *w, const char *path, struct redact_hits *ret, struct err *err)
{
	*ret = (struct redact_hits){ 0 };
	if (!in_bytes(w, path, ret, err) || (redact_is_capture(path) && !in_streams(w, path, ret, err)))
		return false;
	only_once(ret);
	return (!ret->full && ret->n <= REDACT_HITS) || err_set(err, ERR_LIMIT, "%s: more than %d places", path, REDACT_HITS);
}

void redact_hits_free(struct redact_hits *h)
{
	free(h->hit);
	*h = (struct redact_hits){ 0 };
}
