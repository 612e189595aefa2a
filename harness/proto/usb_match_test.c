// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/usb_match.h"

#include <string.h>

#include "harness/base/test.h"

static bool reads(const char *text, struct usb_match *ret, struct err *err)
{
	json_t *map = json_loads(text, 0, NULL);
	bool ok;

	ck_assert_ptr_nonnull(map);
	ok = usb_match_read(map, ret, err);
	json_decref(map);
	return ok;
}

START_TEST(good_maps)
{
	struct usb_match m;
	struct err err = { 0 };

	ck_assert(reads("{\"vendor\":\"0403\",\"product\":\"6001\",\"interface\":1}", &m, &err));
	ck_assert_int_eq(m.vendor, 0x0403);
	ck_assert_int_eq(m.product, 0x6001);
	ck_assert_int_eq(m.interface, 1);
	ck_assert(reads("{\"serial\":\"A10K2X7P\"}", &m, &err));
	ck_assert(reads("{\"path\":\"1-1.4\"}", &m, &err));
}
END_TEST

START_TEST(bad_maps)
{
	static const char *const bad[] = {
		"{}", "{\"interface\":0}", "{\"vendor\":403}", "{\"vendor\":\"403\"}", "{\"vendor\":\"0x403\"}", "{\"vendor\":\"04G3\"}",
		"{\"serial\":\"\"}", "{\"serial\":12}", "{\"bus\":\"1\"}", "{\"path\":\"1-1\",\"interface\":-1}",
		"{\"path\":\"1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1\"}", "{\"path\":[]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct usb_match m;
		struct err err = { 0 };

		ck_assert_msg(!reads(bad[i], &m, &err), "%s", bad[i]);
		ck_assert_int_eq(err.kind, ERR_CONF);
		ck_assert_ptr_nonnull(strstr(err.text, "match:"));
	}
}
END_TEST

START_TEST(what_is_said_must_hold)
{
	struct usb_seen d = { .vendor = 0x0403, .product = 0x6001, .path = "1-1.4", .serial = "A1", .name = "FT245R USB FIFO" };
	struct usb_match m;
	struct err err = { 0 };

	ck_assert(reads("{\"vendor\":\"0403\",\"serial\":\"A1\"}", &m, &err) && usb_matches(&m, &d));
	ck_assert(reads("{\"vendor\":\"0403\",\"serial\":\"A2\"}", &m, &err) && !usb_matches(&m, &d));
	ck_assert(reads("{\"path\":\"1-1\"}", &m, &err) && !usb_matches(&m, &d));
	ck_assert(reads("{\"name\":\"FT245R\"}", &m, &err) && !usb_matches(&m, &d));
	ck_assert(reads("{\"name\":\"FT245R USB FIFO\",\"path\":\"1-1.4\"}", &m, &err) && usb_matches(&m, &d));
}
END_TEST

TEST_MAIN({ "good_maps", good_maps, 1 }, { "bad_maps", bad_maps, 1 }, { "what_is_said_must_hold", what_is_said_must_hold, 1 })
