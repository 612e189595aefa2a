/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/marker.h"
#include "harness/proto/pcapng.h"
#include "harness/proto/stream.h"
#include "probes/canary/search.h"

extern const struct probe probe_canary;
#define PSK "8f3a51c07be2946d1f0e5a3b7c9d2468"

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st, (void)ip, (void)err;
	return true;
}
bool step_recorded(struct step *st, const char *capture, struct err *err)
{
	(void)st, (void)capture, (void)err;
	return true;
}
void step_canary(const struct step *st, const char *field, char ret[static 33])
{
	(void)st;
	snprintf(ret, 33, "%s", strcmp(field, "psk") ? "00112233445566778899aabbccddeef1" : PSK);
}

static int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static const char *first(const char *set) { return json_string_value(json_array_get(json_object_get(fake.facts, set), 0)); }

static void file_with(const char *name, const void *p, size_t n)
{
	char path[FS_PATH];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", fake.run, name);
	ck_assert_msg(fs_write(path, p, n, &err), "%s", err.text);
}

START_TEST(clean_then_planted)
{
	static uint8_t image[300000];
	char args[200];

	fake_bench("{}", false);
	rng_bytes(&fake.rng, image, sizeof(image));
	file_with("dump.bin", image, sizeof(image));
	fake_step(&probe_canary, "search", "{\"file\":\"dump.bin\",\"fields\":[\"psk\",\"name\"],\"also\":[\"a secret text\"]}");
	ck_assert_int_eq(fact("hits"), 0);
	ck_assert_int_eq(fact("bytes"), sizeof(image));
	snprintf(args, sizeof(args), "{\"file\":\"dump.bin\",\"field\":\"psk\",\"how\":\"%s\"}", marker_forms[_i]);
	fake_step(&probe_canary, "plant", args);
	snprintf(args, sizeof(args), "{\"file\":\"%s\",\"fields\":[\"psk\",\"name\"]}", json_string_value(json_object_get(fake.facts, "file")));
	fake_step(&probe_canary, "search", args);
	ck_assert_msg(fact("hits") == 1, "%s: %lld", marker_forms[_i], (long long)fact("hits"));
	ck_assert_str_eq(first("fields"), "psk");
	fake_close();
}
END_TEST

/* ---- traffic ---- */
static size_t tcp_frame(uint8_t *f, uint32_t seq, const void *data, size_t n)
{
	static const uint8_t head[54] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
					  0x1f, 0x90, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0x10, 0, 0, 0, 0, 0 };
	memcpy(f, head, sizeof(head));
	f[16] = (uint8_t)((40 + n) >> 8);
	f[17] = (uint8_t)(40 + n);
	for (int i = 0; i < 4; i++)
		f[38 + i] = (uint8_t)(seq >> (24 - 8 * i));
	memcpy(f + 54, data, n);
	return 54 + n;
}

static void capture(const char *const *part, const uint32_t *seq, size_t n)
{
	struct pcapng_writer w;
	struct err err = { 0 };
	char path[FS_PATH];
	uint8_t f[400];

	snprintf(path, sizeof(path), "%s/c.pcapng", fake.run);
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	for (size_t i = 0; i < n; i++) {
		size_t len = tcp_frame(f, seq[i], part[i], strlen(part[i]));

		ck_assert(pcapng_write(&w, SEC(1 + i), (struct span){ f, len }, (uint32_t)len, &err));
	}
	pcapng_finish(&w);
}

static const struct { const char *name, *part[3]; uint32_t seq[3]; int hits; int64_t frame; } flows[] = {
	{ "in one frame", { "hello", "x=" PSK ";" , "bye" }, { 1, 6, 41 }, 1, 2 },
	{ "over two", { "k=8f3a51c07be29", "46d1f0e5a3b7c9d2468", "." }, { 1, 16, 35 }, 1, 1 },
	{ "out of order", { "46d1f0e5a3b7c9d2468", "k=8f3a51c07be29", "." }, { 16, 1, 35 }, 1, 2 },
	{ "a hole between", { "k=8f3a51c07be29", "46d1f0e5a3b7c9d2468", "." }, { 1, 17, 36 }, 0, 0 },
	{ "nothing", { "a", "b", "c" }, { 1, 2, 3 }, 0, 0 },
};
START_TEST(streams)
{
	static struct search s;
	struct markers *m;
	struct err err = { 0 };
	char path[FS_PATH];

	fake_bench("{}", false);
	capture(flows[_i].part, flows[_i].seq, 3);
	ck_assert(markers_new(&m, &err) && marker_add(m, "psk", PSK, &err) && markers_ready(m, &err));
	s.markers = m;
	snprintf(path, sizeof(path), "%s/c.pcapng", fake.run);
	ck_assert_msg(search_capture(&s, "c", path, 0, &err), "%s", err.text);
	ck_assert_msg(s.hits == flows[_i].hits, "%s: %lld", flows[_i].name, (long long)s.hits);
	ck_assert(!s.hits || s.place[0].frame == flows[_i].frame);
	ck_assert_int_eq(s.frames, 3);
	memset(&s, 0, sizeof(s));
	s.markers = m;
	ck_assert(search_capture(&s, "c", path, SEC(10), &err));        /* all of it was before */
	ck_assert(!s.hits && !s.frames);
	markers_free(m);
	fake_close();
}
END_TEST

/* More SYNs than flows fit, then one marker over two frames: all of it was searched. */
START_TEST(after_a_scan)
{
	static const char *const part[] = { "k=8f3a51c07be29", "46d1f0e5a3b7c9d2468" };
	static const uint32_t seq[] = { 2, 17 };
	static struct search s;
	struct pcapng_writer w;
	struct markers *m;
	struct err err = { 0 };
	char path[FS_PATH];
	uint8_t f[100];
	size_t n = tcp_frame(f, 1, "", 0);

	fake_bench("{}", false);
	snprintf(path, sizeof(path), "%s/c.pcapng", fake.run);
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	f[47] = TCP_SYN;
	for (unsigned i = 0; i <= STREAM_FLOWS; i++) {          /* from port i % 65536 of address 10.0.0.(1 + i / 65536) */
		f[29] = (uint8_t)(1 + i / 65536);
		f[34] = (uint8_t)(i >> 8);
		f[35] = (uint8_t)i;
		ck_assert(pcapng_write(&w, SEC(1), (struct span){ f, n }, (uint32_t)n, &err));
	}
	for (int i = 0; i < 2; i++) {
		n = tcp_frame(f, seq[i], part[i], strlen(part[i]));
		ck_assert(pcapng_write(&w, SEC(2), (struct span){ f, n }, (uint32_t)n, &err));
	}
	pcapng_finish(&w);
	ck_assert(markers_new(&m, &err) && marker_add(m, "psk", PSK, &err) && markers_ready(m, &err));
	s.markers = m;
	ck_assert_msg(search_capture(&s, "c", path, 0, &err), "%s", err.text);
	ck_assert_int_eq(s.hits, 1);
	ck_assert(!s.full);
	markers_free(m);
	fake_close();
}
END_TEST

TEST_MAIN({ "after a scan", after_a_scan, 1 }, { "clean_then_planted", clean_then_planted, 9 }, { "streams", streams, ROWS(flows) })
