/* SPDX-License-Identifier: Apache-2.0
 *
 * A device that answers on every port, in whatever way: the scan ends, what is kept is bounded, and it is said how far was asked. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/hostile.h"
#include "probes/ports/loopback.h"
#include "probes/ports/own_network.h"

static const struct hostile_case everywhere[] = {
	{ "silence", { 0 }, { 0 }, HOSTILE_STAYS, false },
	{ "an end", { 0 }, { 0 }, HOSTILE_ENDS, false },
	{ "a reset", { 0 }, { 0 }, HOSTILE_RESETS, false },
	{ "4 GB of zeros", { 0 }, HOSTILE("\0\0\0\0\0\0\0\0"), HOSTILE_FLOODS, false },
	{ "a banner", HOSTILE("SSH-2.0-x\r\n"), { 0 }, HOSTILE_STAYS, false },
};

/* Ports of the last scan, asked what they are. */
static void identify(int64_t budget_ns)
{
	json_t *args = json_pack("{s:O,s:I,s:I,s:I}", "ports", json_object_get(fake.facts, "open"), "quiet", (json_int_t)MS(20), "within",
				 (json_int_t)MS(300), "budget", (json_int_t)budget_ns);
	char *text = json_dumps(args, 0);

	fake_step(&probe_ports, "identify", text);
	free(text);
	json_decref(args);
}

START_TEST(tcp)
{
	char redirect[200], more[40];
	struct hostile h;

	if (!own_network())
		return;
	hostile_start(&h, &everywhere[_i]);
	snprintf(redirect, sizeof(redirect), "chain o { type nat hook output priority 0; meta l4proto tcp redirect to :%d; }", h.port);
	if (!rules(redirect)) {
		hostile_stop(&h);
		return;
	}
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	fake_step(&probe_ports, "scan", "{\"allowed\":[\"tcp/22\"],\"tcp\":\"1-20000\",\"udp\":\"\",\"budget\":20000000000}");
	ck_assert_msg(fake_int("tcp_done") == 20000 && fake_is("complete"), "%s: %s", everywhere[_i].name, fake.incomplete);
	ck_assert_uint_ge(fake_size("undeclared"), 256);        /* and no more: a journal is not filled by the device */
	ck_assert_uint_le(fake_size("open"), 512);
	snprintf(more, sizeof(more), " of %zu ports were asked", fake_size("open"));
	identify(SEC(4));
	ck_assert_msg(strstr(fake.incomplete, more) || strstr(fake.incomplete, "more answers came than are kept"), "%s: %s", everywhere[_i].name,
		      fake.incomplete);
	ck_assert_uint_ge(fake_size("services"), 5);
	hostile_bounded(&h, &everywhere[_i], SEC(20));
	hostile_stop(&h);
	fake_close();
}
END_TEST

static const struct hostile_case echoes = { "an echo on every port", { 0 }, { 0 }, HOSTILE_ECHOES, false };
START_TEST(udp)
{
	char redirect[200];
	struct hostile h;

	if (!own_network())
		return;
	hostile_udp_start(&h, &echoes);
	snprintf(redirect, sizeof(redirect), "chain o { type nat hook output priority 0; meta l4proto udp redirect to :%d; }", h.port);
	if (!rules(redirect)) {
		hostile_stop(&h);
		return;
	}
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	fake_step(&probe_ports, "scan", "{\"allowed\":[],\"tcp\":\"\",\"udp\":\"1-2000\",\"settle\":300000000,\"budget\":10000000000}");
	ck_assert_uint_ge(fake_size("undeclared"), 256);
	identify(SEC(3));
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "ports were asked"));
	hostile_bounded(&h, &echoes, SEC(16));
	hostile_stop(&h);
	fake_close();
}
END_TEST

TEST_MAIN({ "tcp", tcp, ROWS(everywhere) }, { "udp", udp, 1 })
