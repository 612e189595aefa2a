/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/marker.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"

#define TEXT "0f1e2d3c4b5a69788796a5b4c3d2e1a7"

static struct markers *make(const char *text)
{
	struct markers *m;
	struct err err = { 0 };

	ck_assert(markers_new(&m, &err));
	ck_assert_msg(marker_add(m, "psk", text, &err), "%s", err.text);
	ck_assert(markers_ready(m, &err));
	return m;
}

struct seen { int n; char how[32]; int64_t off; };
static bool see(const struct marker_hit *hit, void *data)
{
	struct seen *s = data;

	if (!s->n++) {
		snprintf(s->how, sizeof(s->how), "%s", hit->how);
		s->off = hit->off;
	}
	return true;
}

static struct seen scan(struct markers *m, const uint8_t *p, size_t n, size_t piece)
{
	struct marker_state st = { 0 };
	struct seen s = { 0 };

	for (size_t i = 0; i < n; i += piece)
		marker_scan(m, &st, (struct span){ p + i, n - i < piece ? n - i : piece }, see, &s);
	return s;
}

START_TEST(forms)
{
	const char *how = marker_forms[_i];
	struct markers *m = make(TEXT);
	uint8_t data[600], form[2 * MARKER_TEXT + 8];
	size_t n;

	ck_assert(marker_dress(TEXT, how, form, &n));
	for (size_t at = 0; at < 40; at += 13) {
		struct seen s;

		memset(data, 'x', sizeof(data));
		memcpy(data + at, form, n);
		s = scan(m, data, sizeof(data), 7);
		ck_assert_msg(s.n == 1 && !strcasecmp(s.how, how) && s.off == (int64_t)at, "%s at %zu: %d hits, %s at %lld", how, at,
			      s.n, s.how, (long long)s.off);
		data[at + n / 2] ^= 1;          /* one bit off: not found */
		ck_assert_int_eq(scan(m, data, sizeof(data), 600).n, 0);
	}
	markers_free(m);
}
END_TEST

static void base64(const uint8_t *p, size_t n, char *out)
{
	static const char a[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i + 2 < n; i += 3) {
		uint32_t v = (uint32_t)(p[i] << 16 | p[i + 1] << 8 | p[i + 2]);

		for (int k = 18; k >= 0; k -= 6)
			*out++ = a[v >> k & 63];
	}
	*out = 0;
}

START_TEST(alignments)
{
	struct markers *m = make(TEXT);
	uint8_t raw[60];
	char text[100];

	memset(raw, ' ', sizeof(raw));
	memcpy(raw + 9 + _i, TEXT, 32);
	base64(raw, sizeof(raw), text);
	ck_assert_str_eq(scan(m, (uint8_t *)text, strlen(text), 100).how, "base64");
	markers_free(m);
}
END_TEST

START_TEST(every_key)
{
	struct markers *m = make(TEXT);

	for (int key = 1; key < 256; key++) {
		uint8_t data[64] = { 0 };

		for (int i = 0; i < 32; i++)
			data[16 + i] = (uint8_t)(TEXT[i] ^ key);
		ck_assert_str_eq(scan(m, data, 64, 5).how, "xor");
	}
	markers_free(m);
}
END_TEST

/* A text of one repeated byte has no differences: XOR must not find it in every run of zeros. */
START_TEST(no_chance_hits)
{
	struct markers *m = make("aaaaaaaaaaaa");
	uint8_t zero[256] = { 0 };
	struct err err = { 0 };

	ck_assert_int_eq(scan(m, zero, sizeof(zero), 256).n, 0);
	markers_free(m);
	ck_assert(markers_new(&m, &err));
	ck_assert(!marker_add(m, "short", "abc", &err));
	markers_free(m);
}
END_TEST

START_TEST(speed)
{
	size_t n = 8u << 20;
	uint8_t *data = malloc(n);
	struct markers *m;
	struct err err = { 0 };
	int64_t t;
	char text[33];

	ck_assert(markers_new(&m, &err));
	for (int i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "%032x", 0x1234567u * (unsigned)(i + 1));
		memcpy(text, "f00dbeef", 8);
		ck_assert(marker_add(m, "x", text, &err));
	}
	ck_assert(markers_ready(m, &err));
	for (size_t i = 0; i < n; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	t = clock_ns();
	ck_assert_int_eq(scan(m, data, n, n).n, 0);
	t = clock_ns() - t;
	fprintf(stderr, "# %lld MB/s with 8 markers\n", (long long)((int64_t)n * 1000 / (t + 1)));
	free(data);
	markers_free(m);
}
END_TEST

TEST_MAIN({ "forms", forms, 9 }, { "alignments", alignments, 3 }, { "every_key", every_key, 1 },
	  { "no_chance_hits", no_chance_hits, 1 }, { "speed", speed, 1 })
