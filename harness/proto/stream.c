// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/stream.h"

#include <stdlib.h>
#include <string.h>

void streams_init(struct streams *t, size_t cap)
{
	*t = (struct streams){ .cap = cap ? cap : (size_t)256 << 20 };
}

static bool is_flow(const struct stream *f, const struct packet *k, bool *ret_up)
{
	if (f->sport == k->sport && f->dport == k->dport && addr_same(&f->from, &k->from) && addr_same(&f->to, &k->to))
		return *ret_up = true;
	*ret_up = false;
	return f->sport == k->dport && f->dport == k->sport && addr_same(&f->from, &k->to) && addr_same(&f->to, &k->from);
}

#define BUCKETS 16384u

/* The same for both directions. */
static uint32_t hash(const struct packet *k)
{
	uint32_t h = (uint32_t)k->sport * k->dport ^ (uint32_t)(k->sport + k->dport) * 2654435761u;

	for (size_t i = 0; i < sizeof(k->from.b); i++)
		h += (uint32_t)(k->from.b[i] ^ k->to.b[i]) << i % 8;
	return (h ^ h >> 15) % BUCKETS;
}

/* Newest first, so that a reused pair of ports finds its newest flow. */
static struct stream *find(struct streams *t, const struct packet *k, bool *ret_up)
{
	for (uint32_t i = t->bucket ? t->bucket[hash(k)] : 0; i; i = t->flow[i - 1].older)
		if (is_flow(&t->flow[i - 1], k, ret_up))
			return &t->flow[i - 1];
	return NULL;
}

bool streams_known(struct streams *t, const struct packet *k)
{
	bool up;

	return find(t, k, &up) != NULL;
}

static struct stream *begin(struct streams *t, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	bool answer = (k->flags & TCP_SYN) && (k->flags & TCP_ACK);
	struct stream f = { .from = answer ? k->to : k->from, .to = answer ? k->from : k->to,
			    .sport = answer ? k->dport : k->sport, .dport = answer ? k->sport : k->dport,
			    .begin_wall_ns = wall_ns, .first_frame = frame };

	uint32_t *bucket;

	if (!t->bucket)
		t->bucket = calloc(BUCKETS, sizeof(*t->bucket));
	if (!t->bucket)
		return NULL;
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct stream *grown = room > STREAM_FLOWS ? NULL : realloc(t->flow, room * sizeof(*grown));

		if (!grown)
			return NULL;
		t->flow = grown;
		t->room = room;
	}
	bucket = &t->bucket[hash(k)];
	f.older = *bucket;
	t->flow[t->n] = f;
	*bucket = (uint32_t)++t->n;
	return &t->flow[t->n - 1];
}

static bool keep(struct streams *t, struct stream_half *h, int64_t off, struct span s, int64_t frame, int64_t wall_ns)
{
	struct stream_segment seg = { .off = off, .frame = frame, .wall_ns = wall_ns, .n = s.n };

	if (s.n > t->cap - t->used)
		return false;
	if (h->n == h->room) {
		size_t room = h->room ? 2 * h->room : 8;
		struct stream_segment *grown = realloc(h->segment, room * sizeof(*grown));

		if (!grown)
			return false;
		h->segment = grown;
		h->room = room;
	}
	seg.p = malloc(s.n);
	if (!seg.p)
		return false;
	memcpy(seg.p, s.p, s.n);
	t->used += s.n;
	h->segment[h->n++] = seg;
	h->sorted = false;
	return true;
}

/* A SYN with another number than the flow's own, or any SYN after it was over, opens a new flow. */
static bool is_reuse(const struct stream *f, const struct stream_half *h, const struct packet *k)
{
	return (k->flags & TCP_SYN) && !(k->flags & TCP_ACK) && h->started &&
	       (h->base != k->seq + 1 || f->up.rst || f->down.rst);
}

bool streams_add(struct streams *t, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	struct stream *f;
	struct stream_half *h;
	int64_t off;
	bool up = true;

	if (k->layer != PACKET_TRANSPORT || k->proto != IP_TCP)
		return true;
	f = find(t, k, &up);
	if (!f || is_reuse(f, up ? &f->up : &f->down, k)) {
		f = begin(t, k, frame, wall_ns);
		if (!f) {
			t->full = true;
			return false;
		}
		(void)is_flow(f, k, &up);
	}
	h = up ? &f->up : &f->down;
	if (!h->started) {
		h->base = k->seq + ((k->flags & TCP_SYN) ? 1 : 0);
		h->started = true;
	}
	h->syn |= (k->flags & TCP_SYN) != 0;
	h->fin |= (k->flags & TCP_FIN) != 0;
	h->rst |= (k->flags & TCP_RST) != 0;
	if (up && f->up.syn && f->down.syn && !(k->flags & (TCP_SYN | TCP_RST)) && (k->flags & TCP_ACK))
		f->established = true;
	f->end_wall_ns = wall_ns;
	f->last_frame = frame;
	/* Offset nearest to the highest seen: right as long as less than 2 GiB are missing. */
	off = h->next + (int32_t)(k->seq + ((k->flags & TCP_SYN) ? 1 : 0) - (h->base + (uint32_t)h->next));
	if (!k->payload.n)
		return true;
	if (off + (int64_t)k->payload.n > h->next)
		h->next = off + (int64_t)k->payload.n;
	if (keep(t, h, off, k->payload, frame, wall_ns))
		return true;
	t->full = true;
	h->holes = true;
	return false;
}

static int by_offset(const void *a, const void *b)
{
	const struct stream_segment *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* Sorts, and trims overlaps from the later bytes so that segments do not touch each other's. */
static void sort(struct stream_half *h)
{
	size_t kept = 0;
	int64_t end = 0;

	if (h->sorted)
		return;
	if (h->n)
		qsort(h->segment, h->n, sizeof(*h->segment), by_offset);
	h->bytes = 0;
	h->holes |= h->n && h->segment[0].off > 0;
	for (size_t i = 0; i < h->n; i++) {
		struct stream_segment s = h->segment[i];
		int64_t cut = kept && end > s.off ? end - s.off : 0;

		if (cut >= (int64_t)s.n) {
			free(s.p);
			continue;
		}
		memmove(s.p, s.p + cut, s.n - (size_t)cut);
		s.off += cut;
		s.n -= (size_t)cut;
		h->holes |= kept && s.off > end;
		end = s.off + (int64_t)s.n;
		h->bytes += (int64_t)s.n;
		h->segment[kept++] = s;
	}
	h->n = kept;
	h->sorted = true;
}

void streams_run(struct stream_half *h, bool (*f)(const struct stream_half *h, int64_t off, struct span bytes, void *data),
		 void *data)
{
	size_t i = 0;

	sort(h);
	while (i < h->n) {
		size_t j = i, n = 0;
		int64_t end = h->segment[i].off;
		uint8_t *run;
		bool more;

		for (; j < h->n && h->segment[j].off == end; j++)
			end += (int64_t)h->segment[j].n;
		run = malloc((size_t)(end - h->segment[i].off));
		if (!run) {
			h->holes = true;
			return;
		}
		for (size_t k = i; k < j; n += h->segment[k++].n)
			memcpy(run + n, h->segment[k].p, h->segment[k].n);
		more = f(h, h->segment[i].off, (struct span){ run, n }, data);
		free(run);
		if (!more)
			return;
		i = j;
	}
}

int64_t streams_frame_of(const struct stream_half *h, int64_t off)
{
	size_t lo = 0, hi = h->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->segment[mid].off + (int64_t)h->segment[mid].n <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->n && h->segment[lo].off <= off ? h->segment[lo].frame : 0;
}

static void half_free(struct stream_half *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->segment[i].p);
	free(h->segment);
}

void streams_free(struct streams *t)
{
	for (size_t i = 0; i < t->n; i++) {
		half_free(&t->flow[i].up);
		half_free(&t->flow[i].down);
	}
	free(t->flow);
	free(t->bucket);
	*t = (struct streams){ 0 };
}
