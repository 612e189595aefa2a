// SPDX-License-Identifier: Apache-2.0
// Verbs over hand-made captures, and the recorder on a real veth.
#include "harness/fake.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>

#include "probes/capture/frames.h"

extern const struct line_driver drv_pcap;

START_TEST(destinations_good)
{
	start();
	UDPF(DEV, GATE, 4000, 53, "q");
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	TCPF(CLOUD, DEV, 443, 5000, 18, 9, "");
	TCPF(DEV, CLOUD, 5000, 443, 16, 2, "");
	TCPF(GATE, DEV, 6000, 443, 2, 1, "");           /* somebody calls the device: that is no destination of it */
	TCPF(DEV, GATE, 443, 6000, 18, 1, "");
	TCPF(DEV, GATE, 443, 6000, 16, 2, "page");
	flush();
	fake_step(&probe_capture, "destinations", "{\"allowed\":[\"cloud.example:443/tcp\"]}");
	ck_assert(has("seen", "cloud.example:443/tcp") && has("seen", "router:53/udp"));
	ck_assert_uint_eq(size("seen"), 2);
	ck_assert_uint_eq(size("undeclared"), 0);
	ck_assert_int_eq(fake_int("frames"), 3);
	ck_assert_str_eq(fake.incomplete, "");
	stop();
}
END_TEST

START_TEST(destinations_bad)
{
	start();
	dns("ads", THIRD);
	TCPF(DEV, THIRD, 5000, 80, 2, 1, "");
	UDPF(DEV, "8.8.8.8", 5000, 53, "q");
	TCPF(DEV, CLOUD, 5001, 8883, 2, 1, "");         /* right host, wrong port */
	flush();
	fake_step(&probe_capture, "destinations", "{\"allowed\":[\"cloud.example:443/tcp\"]}");
	ck_assert(has("undeclared", "ads:80/tcp") && has("undeclared", "8.8.8.8:53/udp") && has("undeclared", "cloud.example:8883/tcp"));
	fake_step(&probe_capture, "destinations", "{\"allowed\":[\"cloud.example\",\"ads\",\"8.8.8.8:53/udp\"]}");
	ck_assert_uint_eq(size("undeclared"), 0);
	stop();
}
END_TEST

/* A session that began before the window is seen when it goes on inside it, and not when it does not. */
START_TEST(destinations_window)
{
	start();
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	fake.since_ns = now_ns;
	flush();
	fake_step(&probe_capture, "destinations", "{\"allowed\":[],\"since\":\"x\"}");
	ck_assert_uint_eq(size("seen"), 0);
	TCPF(DEV, CLOUD, 5000, 443, 16, 2, "late");
	flush();
	fake_step(&probe_capture, "destinations", "{\"allowed\":[],\"since\":\"x\"}");
	ck_assert(has("undeclared", "cloud.example:443/tcp"));
	stop();
}
END_TEST

START_TEST(silent_recorder)
{
	start();
	flush();
	fake_step(&probe_capture, "destinations", "{\"allowed\":[]}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was ever recorded"));
	stop();
}
END_TEST

START_TEST(losses)
{
	start();
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	ck_assert(pcapng_stats(&w, now_ns + fake.wall_offset_ns, 5, 4, &(struct err){ 0 }));
	flush();
	fake_step(&probe_capture, "drops", "{}");
	ck_assert_int_eq(fake_int("dropped"), 4);
	ck_assert_int_eq(fake_int("frames"), 1);
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "lost 4"));
	fake.since_ns = now_ns + MS(50);
	now_ns += MS(100);
	TCPF(DEV, CLOUD, 5000, 443, 16, 2, "");
	flush();
	fake_step(&probe_capture, "drops", "{\"since\":\"x\"}");      /* lost before: not in this window */
	ck_assert_int_eq(fake_int("frames"), 1);
	stop();
}
END_TEST

START_TEST(tries)
{
	start();
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");          /* retransmission */
	TCPF(DEV, CLOUD, 5001, 443, 2, 7, "");
	TCPF(DEV, CLOUD, 5002, 80, 2, 7, "");           /* another port */
	TCPF(CLOUD, DEV, 443, 5001, 18, 7, "");
	flush();
	fake_step(&probe_capture, "attempts", "{\"peer\":\"cloud.example\",\"port\":443}");
	ck_assert_int_eq(fake_int("count"), 2);
	ck_assert_uint_eq(json_array_size(fake.series), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(fake.series, 1), "gap")), MS(200));
	stop();
}
END_TEST

#define HELLO "\x16\3\1\0\4abcd"
#define APP(x) "\x17\3\3\0\x28" x "0123456789012345678901234567890123456789"
#define ALERT "\x17\3\3\0\x13" "0123456789012345678"

static void shake(void)
{
	TCPF(DEV, CLOUD, 5000, 443, 2, 0, "");
	TCPF(CLOUD, DEV, 443, 5000, 18, 0, "");
	TCPF(DEV, CLOUD, 5000, 443, 16, 1, HELLO);
	TCPF(CLOUD, DEV, 443, 5000, 16, 1, HELLO);
}

static const struct { const char *name; int what; bool established; int64_t app; } talk[] = {
	{ "handshake only", 0, false, 0 },
	{ "client refuses: an alert", 1, false, 0 },
	{ "server refuses the client: an alert back", 2, false, 0 },
	{ "both speak", 3, true, 40 },
	{ "no TLS, both speak", 4, true, 3 },
	{ "no TLS, no answer", 5, false, 0 },
};

START_TEST(sessions)
{
	start();
	if (talk[_i].what < 4)
		shake();
	if (talk[_i].what == 1)
		TCPF(DEV, CLOUD, 5000, 443, 24, 10, ALERT);
	if (talk[_i].what == 2) {
		TCPF(DEV, CLOUD, 5000, 443, 24, 10, APP(""));
		TCPF(CLOUD, DEV, 443, 5000, 24, 10, ALERT);
	}
	if (talk[_i].what == 3) {
		TCPF(DEV, CLOUD, 5000, 443, 24, 10, APP(""));
		TCPF(CLOUD, DEV, 443, 5000, 24, 10, APP(""));
		TCPF(DEV, CLOUD, 5000, 443, 24, 55, APP(""));
	}
	if (talk[_i].what >= 4) {
		TCPF(DEV, CLOUD, 5000, 443, 2, 0, "");
		TCPF(CLOUD, DEV, 443, 5000, 18, 0, "");
		TCPF(DEV, CLOUD, 5000, 443, 16, 1, "abc");
		if (talk[_i].what == 4)
			TCPF(CLOUD, DEV, 443, 5000, 16, 1, "def");
	}
	flush();
	fake_step(&probe_capture, "session", "{\"peer\":\"cloud.example\",\"port\":443,\"within\":100000000}");
	ck_assert_msg(fake_is("established") == talk[_i].established, "%s", talk[_i].name);
	ck_assert_msg(fake_int("app_bytes") == talk[_i].app, "%s: %d", talk[_i].name, (int)fake_int("app_bytes"));
	stop();
}
END_TEST

/* The real recorder on a real pair: what is sent is on file soon, with its length and a stamp of the right time. */
START_TEST(recorder)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	uint8_t b[200] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x12, 0x34 };
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct err err = { 0 };
	char path[128];
	int s, seen = 0;

	fake_bench("{}", true);
	ck_assert_int_eq(system("ip link add lan0 type veth peer name dut0 && ip link set lan0 up && ip link set dut0 up"), 0);
	fake_open(&drv_pcap, "capture.lan", "{\"interface\":\"lan0\",\"buffer\":4194304}");
	s = socket(AF_PACKET, SOCK_RAW, 0);
	to.sll_ifindex = (int)if_nametoindex("dut0");
	for (int i = 0; i < 50; i++) {
		b[14] = (uint8_t)i;
		ck_assert_int_eq(sendto(s, b, sizeof(b), 0, (struct sockaddr *)&to, sizeof(to)), sizeof(b));
	}
	/* the cable can be pulled and put back without an end of the recording */
	ck_assert_int_eq(system("ip link set lan0 down; sleep 0.1; ip link set lan0 up; sleep 0.1"), 0);
	fake_settle(MS(100));
	b[14] = 50;
	ck_assert_int_eq(sendto(s, b, sizeof(b), 0, (struct sockaddr *)&to, sizeof(to)), sizeof(b));
	fake_settle(MS(100));
	snprintf(path, sizeof(path), "%s/capture/lan.pcapng", fake.run);
	ck_assert(pcapng_open(path, true, &r, &err));
	while (pcapng_next(&r, &f, &err))
		if (f.data.n == sizeof(b) && f.data.p[12] == 0x12 && f.data.p[14] == seen) {
			seen++;
			ck_assert_int_lt(llabs(f.wall_ns - clock_wall_ns()), SEC(5));
		}
	ck_assert_int_eq(seen, 51);
	pcapng_done(&r);
	close(s);
	fake_close();
}
END_TEST

START_TEST(no_interface)
{
	struct err err = { 0 };

	fake_bench("{}", true);
	ck_assert(!fake_try_open(&drv_pcap, "capture.lan", "{\"interface\":\"nothing0\"}", &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

TEST_MAIN({ "good", destinations_good, 1 }, { "bad", destinations_bad, 1 }, { "window", destinations_window, 1 },
	  { "silent", silent_recorder, 1 }, { "losses", losses, 1 }, { "tries", tries, 1 }, { "sessions", sessions, ROWS(talk) },
	  { "recorder", recorder, 1 }, { "no interface", no_interface, 1 })
