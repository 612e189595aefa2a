// SPDX-License-Identifier: Apache-2.0
// The same peers that lie to every other reader, at once in TLS and behind STARTTLS (liar_test.c has those that know TLS well).
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/hostile.h"
#include "probes/tls/test_step.h"

static const char *const before[] = { NULL, "smtp", "imap", "pop3", "ftp" };

static void enumerate(const struct hostile_case *c, int which)
{
	const char *plain = before[which];
	struct hostile h;
	char args[200], got[64];

	hostile_start(&h, c);
	test_begin();
	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d%s%s%s},\"patience\":%d}", h.port, plain ? ",\"starttls\":\"" : "",
		 plain ? plain : "", plain ? "\"" : "", 80 * (int)MS(1));
	fake_step(&probe_tls, "enumerate", args);
	ck_assert_str_eq(test_fact("complete", got, sizeof(got)), "false");
	ck_assert_msg(fake.incomplete[0], "%s: nothing is said", c->name);
	hostile_left_early(&h, c);
	hostile_bounded(&h, c, SEC(30));
	hostile_stop(&h);
	fake_close();
}

START_TEST(hostile)
{
	ck_assert_int_eq(hostile_all(enumerate, _i), 0);
}
END_TEST

TEST_MAIN({ "hostile", hostile, ROWS(before) })
