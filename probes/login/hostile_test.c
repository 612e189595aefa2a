/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of surface before every peer that lies: bounded in time and memory, no fault of ours, and nobody is let in. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/hostile.h"
#include "probes/login/loopback.h"

static const struct { const char *kind; bool web, tls; } kinds[] = {
	{ "ftp", false, false }, { "smtp", false, false }, { "pop3", false, false }, { "imap", false, false }, { "telnet", false, false },
	{ "rtsp", false, false }, { "mqtt", false, false }, { "ssh", false, false }, { "http_basic", true, false }, { "http_digest", true, false },
	{ "http_form", true, false }, { "http_json", true, false }, { "http_page", true, false }, { "ftp", false, true }, { "mqtt", false, true },
	{ "http_basic", true, true },
};

/* A good status is all that a log-in by HTTP or RTSP asks for; its page may be of any length. */
static bool says_yes(const struct hostile_case *c)
{
	return c->first.n > 12 && (!memcmp(c->first.p, "HTTP/1.1 200", 12) || !memcmp(c->first.p, "RTSP/1.0 200", 12));
}

static void try_one(const struct hostile_case *c, int kind)
{
	const char *scheme = kinds[kind].tls ? "https" : "http";
	struct hostile h;
	char row[200], args[400];

	hostile_start(&h, c);
	if (kinds[kind].web)
		snprintf(row, sizeof(row), "\"url\":\"%s://dut:%d/\"", scheme, h.port);
	else
		snprintf(row, sizeof(row), "\"port\":%d%s", h.port, kinds[kind].tls ? ",\"tls\":true" : "");
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"%s\",\"timeout\":\"300ms\",%s},\"user\":\"u\",\"secret\":\"s\"}", kinds[kind].kind, row);
	fake_step(&probe_login, "try", args);
	ck_assert_msg(says_yes(c) || !fake_is("granted"), "%s: %s lets us in: %s", kinds[kind].kind, c->name, fake_text("answer"));
	ck_assert_msg(fake_is("reached") || fake.incomplete[0], "%s: %s: nothing is said", kinds[kind].kind, c->name);
	if (strcmp(kinds[kind].kind, "ssh") && strcmp(kinds[kind].kind, "mqtt"))      /* their libraries read on while there is time */
		hostile_left_early(&h, c);
	hostile_bounded(&h, c, SEC(8));
	hostile_stop(&h);
}

START_TEST(tcp)
{
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	ck_assert_msg(!hostile_all(try_one, _i), "%s%s", kinds[_i].kind, kinds[_i].tls ? " in TLS" : "");
	fake_close();
}
END_TEST

static const char report[] = "\x30\x3a\x02\x01\x03\x30\x84\xff\xff\xff\xff\x02\x02\x4a\x69\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x03";
static const struct hostile_case datagrams[] = {
	{ "silence", { 0 }, { 0 }, HOSTILE_STAYS, true },
	{ "noise", HOSTILE("\xfe\xfe\xfa\x00\x12{\"a\":[[[[\n%n%n"), { 0 }, HOSTILE_AGAIN, true },
	{ "a length of 4 GB", HOSTILE(report), { 0 }, HOSTILE_AGAIN, true },
	{ "an echo", { 0 }, { 0 }, HOSTILE_ECHOES, true },
	{ "a flood", HOSTILE(report), { 0 }, HOSTILE_FLOODS, true },
};
START_TEST(snmp)
{
	struct hostile h;
	char args[300];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	hostile_udp_start(&h, &datagrams[_i / 2]);
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"snmp\",\"timeout\":\"300ms\",\"version\":\"%s\",\"port\":%d},\"user\":\"admin\","
		 "\"secret\":\"12345678\"}", _i % 2 ? "3" : "2c", h.port);
	fake_step(&probe_login, "try", args);
	ck_assert(!fake_is("granted"));
	hostile_bounded(&h, &datagrams[_i / 2], SEC(8));
	hostile_stop(&h);
	fake_close();
}
END_TEST

TEST_MAIN({ "tcp", tcp, ROWS(kinds) }, { "snmp", snmp, 2 * ROWS(datagrams) })
