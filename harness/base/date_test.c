// SPDX-License-Identifier: Apache-2.0
#include "harness/base/date.h"

#include "harness/base/test.h"

static const struct { const char *text; bool valid; } row[] = {
	{ "2026-11-26", true }, { "1970-01-01", true }, { "9999-12-31", true }, { "2028-02-29", true }, { "2000-02-29", true },
	{ "2027-02-29", false }, { "2100-02-29", false }, { "2026-04-31", false }, { "2026-13-01", false }, { "2026-00-10", false },
	{ "2026-10-00", false }, { "1969-12-31", false }, { "2026-1-26", false }, { "2026-11-26 ", false }, { "26.11.2026", false },
	{ "2026-11-2x", false }, { "+026-11-26", false }, { "", false }, { "2026-11-26T00:00:00Z", false }, { "tomorrow", false },
};

START_TEST(valid)
{
	ck_assert_msg(date_valid(row[_i].text) == row[_i].valid, "%s", row[_i].text);
}
END_TEST

START_TEST(of_stamp)
{
	char day[DATE_TEXT];

	ck_assert(date_of("2026-11-26T03:14:22Z", day));
	ck_assert_str_eq(day, "2026-11-26");
	ck_assert(date_of("2026-11-26", day));
	ck_assert(!date_of("", day) && !date_of("2026-11-261", day) && !date_of("2026-02-30T00:00:00Z", day) && !date_of("yesterday T", day));
	date_today(day);
	ck_assert_msg(date_valid(day), "%s", day);
}
END_TEST

TEST_MAIN({ "valid", valid, ROWS(row) }, { "of a stamp", of_stamp, 1 })
