// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/pcapng.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/test.h"

static uint8_t file[1 << 16];

static size_t load(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(file, 1, sizeof(file), f);
	fclose(f);
	return n;
}

static size_t sample(void)
{
	char path[] = "/tmp/pcapng-XXXXXX";
	struct pcapng_writer w;
	struct err err = { 0 };
	uint8_t data[100];

	close(mkstemp(path));
	memset(data, 0xab, sizeof(data));
	ck_assert_msg(pcapng_create(path, "lan0", &w, &err), "%s", err.text);
	ck_assert(pcapng_write(&w, 1700000000123456789, (struct span){ data, 61 }, 61, &err));
	ck_assert(pcapng_stats(&w, 1700000000200000000, 7, 0, &err));
	ck_assert(pcapng_write(&w, 1700000000223456789, (struct span){ data, 100 }, 1500, &err));
	ck_assert(pcapng_write(&w, 1700000000323456789, (struct span){ data, 0 }, 0, &err));
	ck_assert(pcapng_stats(&w, 1700000000400000000, 9, 3, &err));
	pcapng_finish(&w);
	size_t n = load(path);
	unlink(path);
	return n;
}

START_TEST(round_trip)
{
	struct pcapng p = { 0 };
	struct pcapng_frame f;
	struct span in = { file, sample() };

	ck_assert(pcapng_decode(&p, &in, &f));
	ck_assert_int_eq(f.number, 1);
	ck_assert_int_eq(f.wall_ns, 1700000000123456789);
	ck_assert_uint_eq(f.data.n, 61);
	ck_assert_int_eq(p.dropped, 0);
	ck_assert(pcapng_decode(&p, &in, &f));
	ck_assert_uint_eq(f.len, 1500);
	ck_assert_uint_eq(f.data.n, 100);
	ck_assert(pcapng_decode(&p, &in, &f));
	ck_assert_uint_eq(f.data.n, 0);
	ck_assert(!pcapng_decode(&p, &in, &f));
	ck_assert(!p.bad);
	ck_assert_uint_eq(in.n, 0);
	ck_assert_int_eq(p.dropped, 3);
	ck_assert_int_eq(p.recv, 9);
	ck_assert_int_eq(p.stats_wall_ns, 1700000000400000000);
	ck_assert_str_eq(p.iface[0].name, "lan0");
}
END_TEST

/* Every possible truncation is an end, and going on with the rest gives the same frames. */
START_TEST(truncated)
{
	size_t n = sample();

	for (size_t cut = 0; cut <= n; cut++) {
		uint8_t *part = malloc(cut ? cut : 1);
		struct pcapng p = { 0 };
		struct pcapng_frame f;
		struct span in = { part, cut }, rest;
		int frames = 0;

		memcpy(part, file, cut);
		while (pcapng_decode(&p, &in, &f))
			frames++;
		ck_assert_msg(!p.bad, "cut at %zu: %s", cut, p.why);
		rest = (struct span){ file + (cut - in.n), n - (cut - in.n) };
		while (pcapng_decode(&p, &rest, &f))
			frames++;
		ck_assert_int_eq(frames, 3);
		free(part);
	}
}
END_TEST

/* Made by hand, big-endian, microseconds, a simple packet and an unknown block. */
static const uint8_t big[] = {
	0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28,
	0, 0, 0, 1, 0, 0, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20,
	0, 0, 0x0b, 0xad, 0, 0, 0, 12, 0, 0, 0, 12,
	0, 0, 0, 6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 2, 0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 36,
	0, 0, 0, 3, 0, 0, 0, 20, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 20,
};

START_TEST(big_endian)
{
	struct pcapng p = { 0 };
	struct pcapng_frame f;
	struct span in = { big, sizeof(big) };

	ck_assert(pcapng_decode(&p, &in, &f));
	ck_assert_int_eq(f.wall_ns, 1000000000);
	ck_assert_uint_eq(f.data.n, 2);
	ck_assert_uint_eq(f.data.p[1], 8);
	ck_assert(pcapng_decode(&p, &in, &f));
	ck_assert_int_eq(f.number, 2);
	ck_assert_uint_eq(f.data.n, 3);
	ck_assert(!pcapng_decode(&p, &in, &f) && !p.bad);
}
END_TEST

static const struct { const char *name; size_t at; uint8_t value; } spoilt[] = {
	{ "no byte-order magic", 8, 0 },
	{ "length not a multiple of four", 7, 27 },
	{ "block of a length above the bound", 4, 0x7f },
	{ "the two lengths differ", 27, 32 },
	{ "captured length beyond the block", 80 + 3, 200 },
	{ "frame of an undescribed interface", 68 + 3, 9 },
};

START_TEST(malformed)
{
	uint8_t copy[sizeof(big)];
	struct pcapng p = { 0 };
	struct pcapng_frame f;
	struct span in = { copy, sizeof(copy) };

	memcpy(copy, big, sizeof(big));
	copy[spoilt[_i].at] = spoilt[_i].value;
	while (pcapng_decode(&p, &in, &f))
		;
	ck_assert_msg(p.bad && p.why, "%s", spoilt[_i].name);
}
END_TEST

/* A reader that waits at the end sees what is written later. */
START_TEST(grows)
{
	char path[] = "/tmp/pcapng-XXXXXX";
	struct pcapng_writer w;
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct err err = { 0 };

	close(mkstemp(path));
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	ck_assert(pcapng_open(path, true, &r, &err));
	ck_assert(!pcapng_next(&r, &f, &err) && err.kind == ERR_NONE);
	for (int64_t i = 1; i <= 2000; i++) {
		ck_assert(pcapng_write(&w, i, (struct span){ file, 1000 }, 1000, &err));
		if (i % 7)
			continue;
		ck_assert(pcapng_flush(&w, &err));
		while (pcapng_next(&r, &f, &err))
			ck_assert_int_eq(f.number, f.wall_ns);
		ck_assert_int_eq(f.number, i);
	}
	pcapng_finish(&w);
	while (pcapng_next(&r, &f, &err))
		;
	ck_assert_int_eq(f.number, 2000);
	pcapng_done(&r);
	unlink(path);
}
END_TEST

TEST_MAIN({ "round trip", round_trip, 1 }, { "truncated", truncated, 1 }, { "big endian", big_endian, 1 },
	  { "malformed", malformed, ROWS(spoilt) }, { "grows", grows, 1 })
