// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/pcapng.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au       /* reads the same in both byte orders */
#define BLOCK_IFACE   1u
#define BLOCK_PACKET  2u                /* obsolete, still found */
#define BLOCK_SIMPLE  3u
#define BLOCK_STATS   5u
#define BLOCK_EPB     6u
#define ORDER_MAGIC   0x1a2b3c4du
#define OPT_IF_NAME 2
#define OPT_IF_TSRESOL 9
#define OPT_IF_TSOFFSET 14
#define OPT_ISB_RECV 4
#define OPT_ISB_DROP 5

static bool number(const struct pcapng *p, struct span *s, unsigned n, uint64_t *ret)
{
	return p->little ? take_le(s, n, ret) : take_be(s, n, ret);
}

static void spoil(struct pcapng *p, const char *why)
{
	p->bad = true;
	p->why = why;
}

/* The next option of a list, padded to 32 bits; false at the end or at anything malformed. */
static bool option(const struct pcapng *p, struct span *s, uint64_t *ret_code, struct span *ret)
{
	uint64_t len;
	struct span pad;

	if (!number(p, s, 2, ret_code) || !number(p, s, 2, &len) || !*ret_code || !take_bytes(s, len, ret))
		return false;
	if (!take_bytes(s, (4 - len % 4) % 4, &pad))
		s->n = 0;
	return true;
}

/* Units of 10^-n or 2^-n seconds (top bit), from an offset in seconds, as ns; saturates nowhere near real time. */
static int64_t to_wall_ns(const struct pcapng_iface *f, uint64_t t)
{
	unsigned e = f->tsresol & 0x7f;
	unsigned __int128 ns = t;
	__int128 whole;

	if (f->tsresol & 0x80) {
		ns = e < 64 ? (ns * 1000000000u) >> e : 0;
	} else {
		for (; e < 9; e++)
			ns *= 10;
		for (; e > 9 && ns; e--)
			ns /= 10;
	}
	whole = (__int128)ns + (__int128)f->tsoffset_s * 1000000000;
	return whole > INT64_MAX ? INT64_MAX : whole < 0 ? 0 : (int64_t)whole;
}

static void read_iface(struct pcapng *p, struct span b)
{
	struct pcapng_iface f = { .tsresol = 6 };
	struct span opt;
	uint64_t link, skip, code, v;

	if (p->n_ifaces == PCAPNG_MAX_IFACES)
		return spoil(p, "more interfaces than we keep");
	if (!number(p, &b, 2, &link) || !number(p, &b, 2, &skip) || !number(p, &b, 4, &skip))
		return spoil(p, "short interface description");
	f.link = (uint16_t)link;
	while (option(p, &b, &code, &opt)) {
		if (code == OPT_IF_NAME) {
			size_t n = opt.n < sizeof(f.name) - 1 ? opt.n : sizeof(f.name) - 1;

			memcpy(f.name, opt.p, n);
			f.name[n] = '\0';
		} else if (code == OPT_IF_TSRESOL && opt.n == 1) {
			f.tsresol = opt.p[0];
		} else if (code == OPT_IF_TSOFFSET && number(p, &opt, 8, &v)) {
			f.tsoffset_s = (int64_t)v;
		}
	}
	p->iface[p->n_ifaces++] = f;
}

static void read_stats(struct pcapng *p, struct span b)
{
	struct span opt;
	uint64_t id, hi, lo, code, v;

	if (!number(p, &b, 4, &id) || !number(p, &b, 4, &hi) || !number(p, &b, 4, &lo))
		return spoil(p, "short interface statistics");
	if (id >= p->n_ifaces)
		return spoil(p, "statistics of an undescribed interface");
	p->stats_wall_ns = to_wall_ns(&p->iface[id], hi << 32 | lo);
	p->has_stats = true;
	while (option(p, &b, &code, &opt)) {
		if (code == OPT_ISB_RECV && number(p, &opt, 8, &v))
			p->recv = v > INT64_MAX ? INT64_MAX : (int64_t)v;
		else if (code == OPT_ISB_DROP && number(p, &opt, 8, &v))
			p->dropped = v > INT64_MAX ? INT64_MAX : (int64_t)v;
	}
}

static bool read_packet(struct pcapng *p, uint64_t type, struct span b, struct pcapng_frame *ret)
{
	uint64_t id, drops, hi, lo, cap, len;
	struct pcapng_frame f = { .number = p->frames + 1 };
	bool ok;

	if (type == BLOCK_EPB)
		ok = number(p, &b, 4, &id);
	else
		ok = number(p, &b, 2, &id) && number(p, &b, 2, &drops);
	if (!ok || !number(p, &b, 4, &hi) || !number(p, &b, 4, &lo) || !number(p, &b, 4, &cap) ||
	    !number(p, &b, 4, &len) || !take_bytes(&b, cap, &f.data))
		return spoil(p, "short packet block"), false;
	if (id >= p->n_ifaces)
		return spoil(p, "packet of an undescribed interface"), false;
	f.iface = (unsigned)id;
	f.len = (uint32_t)len;
	f.wall_ns = to_wall_ns(&p->iface[id], hi << 32 | lo);
	p->frames++;
	*ret = f;
	return true;
}

static bool read_simple(struct pcapng *p, struct span b, struct pcapng_frame *ret)
{
	uint64_t len;

	if (!number(p, &b, 4, &len) || !p->n_ifaces)
		return spoil(p, "short simple packet"), false;
	if (b.n > len)
		b.n = len;
	*ret = (struct pcapng_frame){ .number = ++p->frames, .data = b, .len = (uint32_t)len };
	return true;
}

/* A section header names the byte order its own length is written in. */
static bool section(struct pcapng *p, struct span head)
{
	struct span magic = { head.p + 8, 4 };
	uint64_t v = 0;

	(void)take_be(&magic, 4, &v);
	if (v != ORDER_MAGIC && v != __builtin_bswap32(ORDER_MAGIC))
		return spoil(p, "no byte-order magic"), false;
	p->little = v != ORDER_MAGIC;
	p->started = true;
	p->n_ifaces = 0;
	return true;
}

/* One whole block off `in`: its type and body. False: incomplete or bad. */
static bool block(struct pcapng *p, struct span *in, uint64_t *ret_type, struct span *ret_body)
{
	struct span s = *in, whole, tail;
	uint64_t len, again;

	if (!number(p, &s, 4, ret_type))
		return false;
	if (*ret_type == BLOCK_SECTION) {
		if (in->n < 12 || !section(p, *in))
			return false;
	} else if (!p->started) {
		return spoil(p, "no section header"), false;
	}
	if (!number(p, &s, 4, &len))
		return false;
	if (len < 12 || len % 4 || len > PCAPNG_MAX_BLOCK)
		return spoil(p, "impossible block length"), false;
	s = *in;
	if (!take_bytes(&s, len, &whole))
		return false;
	tail = (struct span){ whole.p + len - 4, 4 };
	(void)number(p, &tail, 4, &again);
	if (again != len)
		return spoil(p, "the two lengths of a block differ"), false;
	*ret_body = (struct span){ whole.p + 8, len - 12 };
	*in = s;
	return true;
}

bool pcapng_decode(struct pcapng *p, struct span *in, struct pcapng_frame *ret)
{
	struct span body;
	uint64_t type;

	while (!p->bad && block(p, in, &type, &body)) {
		if (type == BLOCK_IFACE)
			read_iface(p, body);
		else if (type == BLOCK_STATS)
			read_stats(p, body);
		else if (type == BLOCK_SIMPLE) {
			if (read_simple(p, body, ret))
				return true;
		} else if (type == BLOCK_EPB || type == BLOCK_PACKET) {
			if (read_packet(p, type, body, ret))
				return true;
		}
	}
	return false;
}

bool pcapng_open(const char *path, bool live, struct pcapng_reader *ret, struct err *err)
{
	struct pcapng_reader r = { 0 };

	if (!tail_open(path, live, &r.tail, err))
		return false;
	*ret = r;
	return true;
}

bool pcapng_next(struct pcapng_reader *r, struct pcapng_frame *ret, struct err *err)
{
	bool got = true;

	while (got) {
		struct span s = tail_look(&r->tail);
		const uint8_t *start = s.p;
		size_t before = s.n;
		bool found = pcapng_decode(&r->p, &s, ret);

		if (found)
			ret->off = r->tail.off + (ret->data.p - start);
		/* The frame's bytes stay where they are until the next tail_more. */
		tail_take(&r->tail, before - s.n);
		if (found)
			return true;
		if (r->p.bad || !tail_more(&r->tail, &got, err))
			return false;
	}
	return false;
}

void pcapng_done(struct pcapng_reader *r)
{
	tail_close(&r->tail);
}
