/* SPDX-License-Identifier: Apache-2.0
 *
 * What is taken from a record, and devices that obey it again, that do not, that are gone, and that answer without end. */
#include "harness/fake.h"

#include <sys/mman.h>

#include "harness/base/test.h"
#include "harness/proto/peer.h"
#include "harness/proto/pcapng.h"
#include "probes/api/exchange.h"

extern const struct probe probe_api;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "out of scope");
}
bool step_recorded(struct step *st, const char *line, struct err *err)
{
	(void)st;
	(void)line;
	(void)err;
	return true;
}

static int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static bool truth(const char *name) { return json_is_true(json_object_get(fake.facts, name)); }

/* ---- a capture ---- */
#define DUT "127.0.0.1"
#define BENCH "127.0.0.9"
static struct pcapng_writer w;
static int64_t now_ns;

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void packet(const char *from, const char *to, uint8_t proto, int sport, int dport, uint8_t flags, uint32_t seq, const char *text)
{
	size_t head = proto == 6 ? 20 : 8, n = strlen(text), total = 20 + head + n;
	uint8_t b[600] = { 2, 0, 0, 0x48, 0x50, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45 };
	struct err err = { 0 };

	put16(b + 16, (unsigned)total);
	b[22] = 64;
	b[23] = proto;
	inet_pton(AF_INET, from, b + 26);
	inet_pton(AF_INET, to, b + 30);
	put16(b + 34, (unsigned)sport);
	put16(b + 36, (unsigned)dport);
	put16(b + 38, proto == 6 ? seq >> 16 : (unsigned)(8 + n));
	if (proto == 6) {
		put16(b + 40, seq & 0xffff);
		b[46] = 0x50;
		b[47] = flags;
	}
	memcpy(b + 34 + head, text, n);
	ck_assert(pcapng_write(&w, now_ns + fake.wall_offset_ns, (struct span){ b, 14 + total }, (uint32_t)(14 + total), &err));
	now_ns += MS(10);
}

static void up(int port, uint8_t flags, uint32_t seq, const char *text) { packet(BENCH, DUT, 6, 5000, port, flags, seq, text); }
static void down(int port, uint8_t flags, uint32_t seq, const char *text) { packet(DUT, BENCH, 6, port, 5000, flags, seq, text); }

static void begin(void)
{
	char path[128];
	struct err err = { 0 };

	fake_bench("{}", false);
	strcpy(fake.dut, DUT);
	snprintf(path, sizeof(path), "%s/capture", fake.run);
	mkdir(path, 0700);
	strcat(path, "/lan.pcapng");
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	now_ns = clock_ns() - SEC(10);
}

static void record(void)
{
	struct err err = { 0 };

	ck_assert(pcapng_flush(&w, &err));
	fake_step(&probe_api, "record", "{}");
}

/* An old connection that says one thing more, and the frames around it that are no command. */
static void one_command(int tcp, int udp)
{
	up(tcp, TCP_SYN, 100, "");
	down(tcp, TCP_SYN | TCP_ACK, 900, "");
	up(tcp, TCP_ACK, 101, "hel");
	down(tcp, TCP_ACK, 901, "who");
	packet(BENCH, DUT, 6, 5001, tcp, TCP_SYN, 7, "");                       /* over before the command */
	packet(BENCH, DUT, 6, 5001, tcp, TCP_ACK, 8, "old");
	packet(DUT, BENCH, 17, 4000, 53, 0, 0, "question");
	fake.since_ns = now_ns;
	packet(BENCH, DUT, 17, 53, 4000, 0, 0, "answer");                       /* asked for */
	packet(BENCH, "224.0.0.251", 17, 5353, 5353, 0, 0, "to all");
	packet(DUT, BENCH, 6, 6000, 8883, TCP_ACK, 5, "the device's own");
	up(tcp, TCP_ACK, 104, "lo");
	up(tcp, TCP_ACK, 104, "lo");                                            /* once more on the wire is no more said */
	packet(BENCH, DUT, 17, 5002, udp, 0, 0, "go");
}

START_TEST(recorded)
{
	begin();
	one_command(80, 7000);
	record();
	ck_assert_int_eq(fact("streams"), 1);
	ck_assert_int_eq(fact("datagrams"), 1);
	ck_assert_int_eq(fact("bytes"), 7);             /* hello, go */
	ck_assert_str_eq(fake.incomplete, "");
	fake_close();
}
END_TEST

START_TEST(recorded_with_a_hole)
{
	begin();
	fake.since_ns = now_ns;
	up(80, TCP_SYN, 100, "");
	up(80, TCP_ACK, 101, "hel");
	up(80, TCP_ACK, 107, "gap");
	record();
	ck_assert_str_ne(fake.incomplete, "");
	fake_close();
}
END_TEST

START_TEST(nothing_recorded)
{
	begin();
	record();
	ck_assert_str_ne(fake.incomplete, "");
	fake_step(&probe_api, "replay", "{\"effect\":{\"url\":\"http://dut:1/\",\"find\":\"a\"}}");
	ck_assert_int_eq(fact("rounds"), 0);
	ck_assert_str_ne(fake.incomplete, "");
	fake_close();
}
END_TEST

/* ---- devices ---- */
static struct { int value, talks, out_of_turn; } *shared;       /* seen by their processes too */

static const char *show(const char *r)
{
	static char text[100];

	(void)r;
	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nvalue=%03d", shared->value % 1000);
	return text;
}

enum manner { OBEYS, OBEYS_DATAGRAM, SPENT, MUTE, ENDLESS, RESETS, DEAF };

/* hel - who - lo: in that order, and in pieces. */
static void serve_stream(int listener, enum manner how)
{
	static char much[65536];
	int c = accept(listener, NULL, NULL);
	struct linger hard = { 1, 0 };
	char in[16];
	ssize_t n;

	shared->talks++;
	if (how == DEAF)
		poll(NULL, 0, 400);
	if (how == RESETS)
		setsockopt(c, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	while (how == ENDLESS && send(c, much, sizeof(much), MSG_NOSIGNAL) > 0)
		;
	if (how == OBEYS || how == SPENT) {
		n = recv(c, in, sizeof(in), 0);
		poll(NULL, 0, 15);
		shared->out_of_turn += n != 3;
		send(c, "who", 3, MSG_NOSIGNAL);
		n = recv(c, in, sizeof(in), 0);
		shared->value += how == OBEYS && n == 2;
	}
	if (how == MUTE)
		recv(c, in, sizeof(in), 0);
	close(c);
}

static void serve(int stream, int datagram, enum manner how)
{
	for (;;) {
		struct pollfd p[2] = { { stream, POLLIN, 0 }, { datagram, POLLIN, 0 } };
		char in[16];

		poll(p, 2, -1);
		if (p[1].revents && recv(datagram, in, sizeof(in), 0) == 2)
			shared->value += how == OBEYS_DATAGRAM;
		if (p[0].revents)
			serve_stream(stream, how);
	}
}

static int bound(int type, int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type, 0);

	ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !getsockname(fd, (struct sockaddr *)&a, &n));
	if (type == SOCK_STREAM)
		ck_assert(!listen(fd, 64));
	*ret_port = ntohs(a.sin_port);
	return fd;
}

/* Ports of a device that behaves so; its process ends with the test's. */
static void device(enum manner how, int *ret_tcp, int *ret_udp)
{
	int stream = bound(SOCK_STREAM, ret_tcp), datagram = bound(SOCK_DGRAM, ret_udp);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(stream, datagram, how);
	}
	close(stream);
	close(datagram);
}

static const struct { const char *name; enum manner how; int effects; bool complete; } devices[] = {
	{ "obeys", OBEYS, 3, true }, { "obeys a datagram", OBEYS_DATAGRAM, 3, true }, { "spent", SPENT, 0, true }, { "mute", MUTE, 0, true },
	{ "endless", ENDLESS, 0, true }, { "resets", RESETS, 0, true }, { "deaf", DEAF, 0, true },
};
START_TEST(replayed)
{
	int tcp, udp, web;
	char args[300];

	begin();
	device(devices[_i].how, &tcp, &udp);
	web = peer_start(show, NULL);
	one_command(tcp, udp);
	record();
	ck_assert_int_eq(fact("bytes"), 7);
	snprintf(args, sizeof(args), "{\"times\":3,\"quiet\":60000000,\"effect\":{\"url\":\"http://dut:%d/\",\"find\":\"value=([0-9]+)\",\"within\":\"50ms\"}}",
		 web);
	fake_step(&probe_api, "replay", args);
	ck_assert_msg(fact("effects") == devices[_i].effects, "%s: %lld effects", devices[_i].name, (long long)fact("effects"));
	ck_assert_msg(!fake.incomplete[0] == devices[_i].complete, "%s: %s", devices[_i].name, fake.incomplete);
	ck_assert_int_eq(shared->out_of_turn, 0);
	ck_assert(devices[_i].how != OBEYS || shared->talks == 3);
	fake_close();
}
END_TEST

/* Nobody there any more: that no command was obeyed says nothing. */
START_TEST(replayed_to_nobody)
{
	int tcp, udp, web;
	char args[300];

	begin();
	close(bound(SOCK_STREAM, &tcp));
	close(bound(SOCK_DGRAM, &udp));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	web = peer_start(show, NULL);
	one_command(tcp, udp);
	record();
	snprintf(args, sizeof(args), "{\"times\":3,\"quiet\":60000000,\"effect\":{\"url\":\"http://dut:%d/\",\"find\":\"value=([0-9]+)\"}}", web);
	fake_step(&probe_api, "replay", args);
	ck_assert_int_eq(fact("rounds"), 0);
	ck_assert_str_ne(fake.incomplete, "");
	snprintf(args, sizeof(args), "{\"times\":3,\"effect\":{\"url\":\"http://dut:%d/\",\"find\":\"value=([0-9]+)\"}}", tcp);
	fake_step(&probe_api, "replay", args);          /* and an effect that cannot be seen says nothing either */
	ck_assert_int_eq(fact("rounds"), 0);
	fake_close();
}
END_TEST

START_TEST(sent)
{
	int tcp, udp;
	char args[100];

	begin();
	device(OBEYS, &tcp, &udp);
	snprintf(args, sizeof(args), "{\"to\":\"tcp/%d\",\"text\":\"hel\",\"within\":100000000}", tcp);
	fake_step(&probe_api, "send", args);
	ck_assert(truth("sent"));
	ck_assert_str_eq(json_string_value(json_object_get(fake.facts, "answer")), "who");
	fake_step(&probe_api, "send", "{\"to\":\"tcp/1\",\"text\":\"hel\"}");
	ck_assert(!truth("sent"));
	fake_close();
}
END_TEST

/* ---- sessions ---- */
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\ntoken=abcd;ok"
#define NO "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
static const char *session(const char *r, bool keeps)
{
	bool in = strstr(r, "Authorization: Bearer abcd\r") && shared->talks;

	if (!strncmp(r, "POST /login", 11)) {
		shared->talks = 1;
		return OK;
	}
	if (!strncmp(r, "GET /value", 10))
		return show(r);
	if (!in)
		return NO;
	if (!strncmp(r, "POST /logout", 12))
		shared->talks = keeps;
	else
		shared->value = atoi(strstr(r, "set=") ? strstr(r, "set=") + 4 : "0");
	return OK;
}
static const char *leaves(const char *r) { return session(r, false); }
static const char *keeps(const char *r) { return session(r, true); }
static const char *no_token(const char *r) { return !strncmp(r, "POST /login", 11) ? NO : session(r, false); }
static const char *no_logout(const char *r) { return !strncmp(r, "POST /logout", 12) ? NO : session(r, true); }
static const char *dies(const char *r) { return !strncmp(r, "POST /logout", 12) ? PEER_DIE : session(r, true); }

static const struct { const char *name; peer_answer *peer; int effects, rounds; bool complete; } sessions[] = {
	{ "leaves", leaves, 0, 4, true }, { "keeps", keeps, 4, 4, true }, { "no token", no_token, 0, 0, false },
	{ "no log-out", no_logout, 0, 0, false }, { "dies", dies, 0, 0, false },
};
START_TEST(session_of)
{
	char args[900];
	int port;

	begin();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	port = peer_start(sessions[_i].peer, NULL);
	snprintf(args, sizeof(args),
		 "{\"times\":4,\"timeout\":300000000,\"command\":{\"effect\":{\"url\":\"http://dut:%d/value\",\"find\":\"value=([0-9]+)\"},\"session\":{"
		 "\"login\":{\"url\":\"http://dut:%d/login\",\"body\":\"x\",\"find\":\"token=([a-z]+)\"},"
		 "\"request\":{\"url\":\"http://dut:%d/set\",\"method\":\"PUT\",\"body\":\"set=${value}\",\"values\":[3,4]},"
		 "\"logout\":{\"url\":\"http://dut:%d/logout\"}}}}", port, port, port, port);
	fake_step(&probe_api, "session", args);
	ck_assert_msg(fact("effects") == sessions[_i].effects && fact("rounds") == sessions[_i].rounds, "%s: %lld of %lld", sessions[_i].name,
		      (long long)fact("effects"), (long long)fact("rounds"));
	ck_assert_msg(!fake.incomplete[0] == sessions[_i].complete, "%s: %s", sessions[_i].name, fake.incomplete);
	fake_close();
}
END_TEST

START_TEST(no_session)
{
	begin();
	fake_step(&probe_api, "session", "{\"command\":{\"name\":\"x\"}}");
	ck_assert(!truth("declared") && !fake.incomplete[0]);
	fake_close();
}
END_TEST

TEST_MAIN({ "recorded", recorded, 1 }, { "recorded with a hole", recorded_with_a_hole, 1 }, { "nothing recorded", nothing_recorded, 1 },
	  { "replayed", replayed, ROWS(devices) }, { "replayed to nobody", replayed_to_nobody, 1 }, { "sent", sent, 1 },
	  { "sessions", session_of, ROWS(sessions) }, { "no session", no_session, 1 })
