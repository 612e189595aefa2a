/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/api/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "harness/proto/pcapng.h"
#include "harness/proto/stream.h"

enum { ASKED = 512 };
struct reading {
	struct exchanges *out;
	struct addr dut;
	int64_t from_ns;
	struct streams streams;
	struct { struct addr far; uint16_t near, port; } asked[ASKED];  /* datagrams of the device's own: what answers them is no command */
	size_t n_asked;
};

void exchanges_free(struct exchanges *e)
{
	for (size_t i = 0; i < e->n; i++) {
		for (size_t k = 0; k < e->x[i].n; k++)
			free(e->x[i].piece[k].p);
		free(e->x[i].piece);
	}
	memset(e, 0, sizeof(*e));
}

static bool add_piece(struct exchanges *e, struct exchange *x, const uint8_t *p, size_t n, int64_t after)
{
	struct piece *more = e->bytes + (int64_t)n > EXCHANGE_BYTES ? NULL : realloc(x->piece, (x->n + 1) * sizeof(*more));

	if (!more) {
		e->cut = true;
		return false;
	}
	x->piece = more;
	more[x->n] = (struct piece){ .p = malloc(n ? n : 1), .n = n, .after = after };
	if (!more[x->n].p) {
		e->cut = true;
		return false;
	}
	if (n)
		memcpy(more[x->n].p, p, n);
	x->n++;
	e->bytes += (int64_t)n;
	return true;
}

/* ---- datagrams ---- */
static bool was_asked(const struct reading *r, const struct packet *k)
{
	for (size_t i = 0; i < r->n_asked && i < ASKED; i++)
		if (r->asked[i].near == k->dport && r->asked[i].port == k->sport && addr_same(&r->asked[i].far, &k->from))
			return true;
	return false;
}

static void take_datagram(struct reading *r, const struct packet *k, const struct pcapng_frame *f)
{
	struct exchange *x;

	if (addr_same(&k->from, &r->dut)) {
		size_t i = r->n_asked++ % ASKED;

		r->asked[i].far = k->to;
		r->asked[i].near = k->sport;
		r->asked[i].port = k->dport;
		return;
	}
	if (!addr_same(&k->to, &r->dut) || f->wall_ns < r->from_ns || was_asked(r, k))
		return;
	if (r->out->n == EXCHANGES) {
		r->out->cut = true;
		return;
	}
	x = &r->out->x[r->out->n];
	*x = (struct exchange){ .proto = IP_UDP, .sport = k->sport, .dport = k->dport, .first_frame = f->number };
	r->out->n++;
	r->out->datagrams += add_piece(r->out, x, k->payload.p, k->payload.n, 0);
}

/* ---- connections ---- */
static int64_t answered_before(const struct stream *s, int64_t wall_ns)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->down.n; i++)
		if (s->down.segment[i].wall_ns < wall_ns)
			sum += (int64_t)s->down.segment[i].n;
	return sum;
}

struct putting { struct exchanges *e; struct exchange *x; struct stream *s; };

/* One run of adjacent bytes: a piece for each segment that carried it. */
static bool put_run(const struct stream_half *h, int64_t off, struct span bytes, void *data)
{
	struct putting *p = data;
	int64_t end = off + (int64_t)bytes.n, at = off;

	for (size_t i = 0; i < h->n && at < end; i++) {
		const struct stream_segment *g = &h->segment[i];
		int64_t stop = g->off + (int64_t)g->n < end ? g->off + (int64_t)g->n : end;

		if (g->off > at || stop <= at)
			continue;
		if (!add_piece(p->e, p->x, bytes.p + (at - off), (size_t)(stop - at), answered_before(p->s, g->wall_ns)))
			return false;
		at = stop;
	}
	return true;
}

static void take_stream(struct reading *r, struct stream *s)
{
	struct putting p = { r->out, NULL, s };

	if (!addr_same(&s->to, &r->dut) || !s->up.n || s->end_wall_ns < r->from_ns)
		return;
	if (r->out->n == EXCHANGES) {
		r->out->cut = true;
		return;
	}
	p.x = &r->out->x[r->out->n];
	*p.x = (struct exchange){ .proto = IP_TCP, .sport = s->sport, .dport = s->dport, .first_frame = s->first_frame };
	r->out->n++;
	r->out->streams++;
	streams_run(&s->up, put_run, &p);
	r->out->cut |= s->up.holes;
}

/* A connection that said something since then is wanted whole, from its first byte on. */
static bool is_wanted(const struct streams *active, const struct packet *k)
{
	for (size_t i = 0; i < active->n && i < EXCHANGES; i++) {
		const struct stream *s = &active->flow[i];

		if ((s->sport == k->sport && s->dport == k->dport && addr_same(&s->from, &k->from) && addr_same(&s->to, &k->to)) ||
		    (s->sport == k->dport && s->dport == k->sport && addr_same(&s->from, &k->to) && addr_same(&s->to, &k->from)))
			return true;
	}
	return false;
}

static bool is_of(const struct reading *r, const struct packet *k)
{
	return addr_same(&k->to, &r->dut) || addr_same(&k->from, &r->dut);
}

/* First which connections were active, then all of those. */
static bool pass(struct reading *r, const char *path, struct streams *active, struct err *err)
{
	struct pcapng_reader in;
	struct pcapng_frame f;
	struct packet k;
	int64_t lost = 0;

	if (!pcapng_open(path, false, &in, err))
		return false;
	while (pcapng_next(&in, &f, err)) {
		if (f.wall_ns < r->from_ns)
			lost = in.p.dropped;
		r->out->frames += active == NULL;
		if (!packet_decode(f.data, &k) || k.layer != PACKET_TRANSPORT || !is_of(r, &k))
			continue;
		if (k.proto == IP_UDP && !active)
			take_datagram(r, &k, &f);
		else if (k.proto == IP_TCP && (active ? is_wanted(active, &k) : f.wall_ns >= r->from_ns && k.payload.n))
			streams_add(&r->streams, &k, f.number, f.wall_ns);
	}
	r->out->cut |= r->streams.full || in.p.bad || in.p.dropped > lost;
	pcapng_done(&in);
	return err->kind == ERR_NONE;
}

bool exchanges_read(const char *path, const char *dut, int64_t from_wall_ns, struct exchanges *ret, struct err *err)
{
	struct reading r = { .out = ret, .from_ns = from_wall_ns };
	struct streams active;
	bool ok;

	exchanges_free(ret);
	if (!addr_parse(dut, &r.dut))
		return err_set(err, ERR_BENCH, "'%s' is no address", dut);
	streams_init(&r.streams, EXCHANGE_BYTES * 4);
	ok = pass(&r, path, NULL, err);
	active = r.streams;
	streams_init(&r.streams, EXCHANGE_BYTES * 4);
	ret->cut |= active.n > EXCHANGES;
	ok = ok && pass(&r, path, &active, err);
	for (size_t i = 0; ok && i < r.streams.n; i++)
		take_stream(&r, &r.streams.flow[i]);
	streams_free(&active);
	streams_free(&r.streams);
	return ok;
}
