/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/canary/search.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"
#include "harness/proto/stream.h"

struct here {                           /* what is being searched */
	struct search *s;
	const char *name;
	int64_t frame;                  /* 0 = a file, or a stream: then `half` tells */
	const struct stream_half *half;
};

static bool known(const struct search *s, const struct place *p)
{
	for (unsigned i = 0; i < s->places; i++) {
		const struct place *o = &s->place[i];

		if (p->frame && o->frame == p->frame && o->how == p->how && !strcmp(o->field, p->field) &&
		    !strcmp(o->file, p->file))
			return true;    /* the frame and its stream hold the same bytes */
	}
	return false;
}

static bool on_hit(const struct marker_hit *hit, void *data)
{
	struct here *h = data;
	struct place p = { .how = hit->how, .off = hit->off, .n = (int64_t)hit->n, .frame = h->frame };

	if (h->half)
		p.frame = streams_frame_of(h->half, hit->off);
	snprintf(p.file, sizeof(p.file), "%s", h->name);
	snprintf(p.field, sizeof(p.field), "%s", hit->field);
	if (known(h->s, &p))
		return true;
	h->s->hits++;
	if (h->s->places < SEARCH_HITS)
		h->s->place[h->s->places++] = p;
	return true;
}

bool search_file(struct search *s, const char *name, const char *path, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct marker_state state = { 0 };
	struct here here = { .s = s, .name = name };
	static uint8_t buf[1 << 16];
	ssize_t n;

	if (fd < 0)
		return err_sys(err, "%s", path);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		marker_scan(s->markers, &state, (struct span){ buf, (size_t)n }, on_hit, &here);
		s->bytes += n;
	}
	return n == 0 || err_sys(err, "%s", path);
}

/* What carries bytes, and what says that a known pair of ports begins anew. A SYN by itself is nothing to search: a scan of every
 * port at several addresses has more of them than flows fit. */
static bool of_a_stream(struct streams *streams, const struct packet *k)
{
	return k->layer == PACKET_TRANSPORT && k->proto == IP_TCP && (k->payload.n || (k->flags & TCP_SYN && streams_known(streams, k)));
}

static void search_frame(struct search *s, const char *name, const struct pcapng_frame *f, struct streams *streams)
{
	struct marker_state state = { 0 };
	struct here here = { .s = s, .name = name, .frame = f->number };
	struct packet k;

	marker_scan(s->markers, &state, f->data, on_hit, &here);
	s->bytes += (int64_t)f->data.n;
	s->frames++;
	if (packet_decode(f->data, &k) && of_a_stream(streams, &k) && !streams_add(streams, &k, f->number, f->wall_ns))
		s->full = true;
}

/* Runs of one direction follow each other; a hole between them ends what could have been one marker. */
struct half_search { struct here here; struct marker_state state; };

static bool on_run(const struct stream_half *half, int64_t off, struct span bytes, void *data)
{
	struct half_search *h = data;

	if (h->state.off != off) {
		h->state = (struct marker_state){ .off = off };
		h->state.last = 0;
	}
	h->here.half = half;
	return marker_scan(h->here.s->markers, &h->state, bytes, on_hit, &h->here);
}

static void search_streams(struct search *s, const char *name, struct streams *streams)
{
	for (size_t i = 0; i < streams->n; i++) {
		struct stream_half *half[2] = { &streams->flow[i].up, &streams->flow[i].down };

		for (int k = 0; k < 2; k++) {
			struct half_search h = { .here = { .s = s, .name = name } };

			streams_run(half[k], on_run, &h);
		}
	}
}

bool search_capture(struct search *s, const char *name, const char *path, int64_t from_wall_ns, struct err *err)
{
	static struct pcapng_reader r;
	struct streams streams;
	struct pcapng_frame f;

	if (!pcapng_open(path, false, &r, err))
		return false;
	streams_init(&streams, 0);
	while (pcapng_next(&r, &f, err))
		if (f.wall_ns >= from_wall_ns)
			search_frame(s, name, &f, &streams);
	if (err->kind == ERR_NONE)
		search_streams(s, name, &streams);
	s->full |= streams.full;
	streams_free(&streams);
	if (err->kind == ERR_NONE && r.p.bad)
		err_set(err, ERR_BENCH, "%s: %s", path, r.p.why);
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
