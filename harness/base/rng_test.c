// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"

#include <stdbool.h>
#include <string.h>

#include "harness/base/test.h"

START_TEST(same_seed_same_stream)
{
	struct rng a, b, other;
	uint8_t x[100], y[100], z[100];

	rng_init(&a, 42, "1/BT9-02/cut");
	rng_init(&b, 42, "1/BT9-02/cut");
	rng_init(&other, 42, "1/BT9-03/cut");
	rng_bytes(&a, x, sizeof(x));
	for (size_t i = 0; i < sizeof(y); i++)          /* however it is taken */
		rng_bytes(&b, y + i, 1);
	rng_bytes(&other, z, sizeof(z));
	ck_assert_mem_eq(x, y, sizeof(x));
	ck_assert_mem_ne(x, z, sizeof(x));
}
END_TEST

static const struct { const char *name; int64_t lo, hi; } range[] = {
	{ "one value", 7, 7 },
	{ "across zero", -3, 3 },
	{ "lower end", INT64_MIN, INT64_MIN + 1 },
	{ "everything", INT64_MIN, INT64_MAX },
};
START_TEST(between)
{
	struct rng r;
	bool low = false, high = false;

	rng_init(&r, 1, range[_i].name);
	for (int i = 0; i < 2000; i++) {
		int64_t v = rng_between(&r, range[_i].lo, range[_i].hi);

		ck_assert_msg(v >= range[_i].lo && v <= range[_i].hi, "%s: %lld", range[_i].name, (long long)v);
		low |= v == range[_i].lo || v < 0;
		high |= v == range[_i].hi || v > 0;
	}
	ck_assert_msg(low && high, "%s: both ends are met", range[_i].name);
}
END_TEST

TEST_MAIN({ "stream", same_seed_same_stream, 1 }, { "between", between, ROWS(range) })
