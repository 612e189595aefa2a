// SPDX-License-Identifier: Apache-2.0
#include "harness/base/units.h"

#include <inttypes.h>

#include "harness/base/test.h"

static const struct { const char *text; int64_t want; } times[] = {     /* -1: must be refused */
	{ "50ms", 50000000 }, { "2s", 2000000000 }, { "1.5s", 1500000000 }, { "5min", 300000000000 },
	{ "24h", 86400000000000 }, { "1d", 86400000000000 }, { "7us", 7000 }, { "0s", 0 }, { "1ns", 1 },
	{ "0.000000001s", 1 }, { "1.50s", 1500000000 }, { "0.25min", 15000000000 },
	{ "0.0000000001s", -1 }, { "1.5ns", -1 }, { "1.2.3s", -1 }, { "s", -1 }, { "5", -1 }, { "-5s", -1 },
	{ "5 s", -1 }, { "5S", -1 }, { ".5s", -1 }, { "5.s", -1 }, { "soon", -1 }, { "", -1 },
	{ "99999999999999999999s", -1 }, { "9223372037s", -1 }, { "106751d", 9223286400000000000 },
	{ "106752d", -1 }, { "1.00000000000000000000s", 1000000000 },
};
START_TEST(reads_times)
{
	int64_t got = -1;
	bool ok = units_time(times[_i].text, &got);

	ck_assert_msg(ok == (times[_i].want >= 0), "%s: %s", times[_i].text, ok ? "accepted" : "refused");
	ck_assert_msg(got == times[_i].want, "%s: got %" PRId64, times[_i].text, got);
}
END_TEST

static const struct { const char *text; int64_t want; } shares[] = {
	{ "99%", 990000 }, { "0.5%", 5000 }, { "100%", 1000000 }, { "0%", 0 }, { "0.0001%", 1 }, { "150%", 1500000 },
	{ "0.00001%", -1 }, { "99", -1 }, { "%", -1 }, { "99 %", -1 }, { "-1%", -1 }, { "99%%", -1 },
};
START_TEST(reads_shares)
{
	int64_t got = -1;
	bool ok = units_share(shares[_i].text, &got);

	ck_assert_msg(ok == (shares[_i].want >= 0) && got == shares[_i].want, "%s: got %" PRId64, shares[_i].text, got);
}
END_TEST

static const struct { const char *text; bool ok; int64_t want; } ints[] = {
	{ "0", true, 0 }, { "-7", true, -7 }, { "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN }, { "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 }, { "007", false, 0 }, { "-0", false, 0 }, { "+1", false, 0 },
	{ "1 ", false, 0 }, { "", false, 0 }, { "-", false, 0 }, { "0x10", false, 0 }, { "1e3", false, 0 },
};
START_TEST(reads_ints)
{
	int64_t got = 0;

	ck_assert_msg(units_int(ints[_i].text, &got) == ints[_i].ok && got == ints[_i].want, "%s: got %" PRId64,
		      ints[_i].text, got);
}
END_TEST

static const struct { int64_t ns; const char *want; } time_texts[] = {
	{ 0, "0s" }, { 1, "1ns" }, { 1500000000, "1.5s" }, { 500000000, "500ms" }, { 300000000000, "5min" },
	{ 60000000000, "60s" }, { 90000000000, "90s" }, { 86400000000000, "1d" }, { 600000000000, "10min" },
	{ 1841002, "1.841002ms" }, { -2000000000, "-2s" }, { 48213377120, "48.21337712s" },
	{ INT64_MAX, "9223372036.854775807s" }, { INT64_MIN, "-9223372036.854775808s" },
};
START_TEST(writes_times)
{
	char buf[48];
	int64_t back = -1;

	ck_assert_str_eq(units_time_text(time_texts[_i].ns, buf, sizeof(buf)), time_texts[_i].want);
	if (time_texts[_i].ns >= 0)
		ck_assert_msg(units_time(buf, &back) && back == time_texts[_i].ns, "%s does not read back", buf);
}
END_TEST

static const struct { int64_t ppm; const char *want; } share_texts[] = {
	{ 990000, "99%" }, { 5000, "0.5%" }, { 1, "0.0001%" }, { 0, "0%" }, { 1000000, "100%" }, { 333333, "33.3333%" },
	{ -5000, "-0.5%" },
};
START_TEST(writes_shares)
{
	char buf[48];

	ck_assert_str_eq(units_share_text(share_texts[_i].ppm, buf, sizeof(buf)), share_texts[_i].want);
}
END_TEST

TEST_MAIN({ "times", reads_times, ROWS(times) }, { "shares", reads_shares, ROWS(shares) }, { "ints", reads_ints, ROWS(ints) },
	  { "time texts", writes_times, ROWS(time_texts) }, { "share texts", writes_shares, ROWS(share_texts) })
