/* SPDX-License-Identifier: Apache-2.0
 * Devices in namespaces at the end of a cable: what they have is what is found. And frames, one by one. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/ports/identify.h"
#include "probes/ports/own_network.h"
#include "probes/ports/six.h"
#include "probes/ports/target.h"
#include "probes/ports/tcp_scan.h"

#define MAC "02:00:00:48:50:01"
#define EUI "fe80::ff:fe48:5001"

static const uint8_t mac[6] = { 2, 0, 0, 0x48, 0x50, 1 };

static void sh(const char *command)
{
	ck_assert_msg(!system(command), "%s", command);
}

/* A child in a namespace of its own that has dut0 and did `setup` there; it listens on [::]:23 and lives until the pipe closes. */
struct device { pid_t pid; int go; };

static void device_runs(const char *setup, int told, int done)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(23) };
	int fd;
	char c;

	if (unshare(CLONE_NEWNET) || write(done, "1", 1) != 1 || read(told, &c, 1) != 1 || system(setup))
		_exit(1);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 8)))
		_exit(2);
	if (write(done, "2", 1) != 1)
		_exit(3);
	_exit(read(told, &c, 1) != 0);
}

static struct device device_start(const char *bench, const char *setup)
{
	int told[2], done[2];
	char command[128], c;
	struct device d;

	ck_assert(!pipe(told) && !pipe(done));
	d.pid = fork();
	if (!d.pid) {
		close(told[1]);
		close(done[0]);
		device_runs(setup, told[0], done[1]);
	}
	close(told[0]);
	close(done[1]);
	d.go = told[1];
	ck_assert(read(done[0], &c, 1) == 1);
	sh("ip link add lan0 type veth peer name dut0 address " MAC);
	snprintf(command, sizeof(command), "ip link set dut0 netns %d", d.pid);
	sh(command);
	sh("sysctl -qw net.ipv6.conf.lan0.accept_dad=0 && ip link set lan0 up");
	sh(bench);
	ck_assert(write(d.go, "1", 1) == 1);
	ck_assert_msg(read(done[0], &c, 1) == 1 && c == '2', "%s", setup);
	close(done[0]);
	return d;
}

static void device_end(struct device *d)
{
	close(d->go);
	waitpid(d->pid, NULL, 0);
}

static bool has(const struct six *s, const char *text)
{
	char one[SIX_TEXT];

	for (unsigned i = 0; i < s->n; i++)
		if (s->at[i].ifindex && !strcmp(six_text(&s->at[i], one), text))
			return true;
	return false;
}

#define UP      "ip link set lo up && ip link set dut0 up"
#define QUICK   "sysctl -qw net.ipv6.conf.dut0.accept_dad=0 && "
#define DEAF    "sysctl -qw net.ipv6.icmp.echo_ignore_all=1 net.ipv6.icmp.echo_ignore_multicast=1 && "
#define BENCH   "ip addr add fd77::1/64 dev lan0 nodad"
static const struct { const char *name, *bench, *device, *want[3]; bool nameless; unsigned longest_ms; bool promised; } devices[] = {
	{ "link-local alone", "true", QUICK UP, { EUI "%lan0" }, false, 1500, false },
	{ "two, while they are tried out", BENCH, UP " && ip addr add fd77::23/64 dev dut0", { EUI "%lan0", "fd77::23" }, false, 6000, false },
	{ "no link-local address", BENCH, QUICK "ip link set dut0 addrgenmode none && " UP " && ip addr add fd77::2345:6789/64 dev dut0",
	  { "fd77::2345:6789" }, false, 1500, false },
	{ "no answer to an echo", BENCH, QUICK DEAF UP " && ip addr add fd77::ff:fe48:5001/64 dev dut0", { EUI "%lan0", "fd77::ff:fe48:5001" },
	  false, 1500, false },
	{ "one that nothing tells of", BENCH, QUICK DEAF UP " && ip addr add fd77::2345:6789/64 dev dut0", { EUI "%lan0" }, true, 6000, false },
	{ "of a network we are not in", BENCH, QUICK UP " && ip addr add fd99::2345:6789/64 dev dut0 && ping -6 -c 1 -W 1 -I fd99::2345:6789 "
	  "fd77::1 >/dev/null 2>&1; true", { EUI "%lan0" }, true, 6000, false },
	{ "one that comes late", BENCH, QUICK UP "; { sleep 1; ip addr add fd77::ff:fe48:5001/64 dev dut0 nodad; } >/dev/null 2>&1 &",
	  { EUI "%lan0", "fd77::ff:fe48:5001" }, false, 6000, true },
	{ "none", BENCH, "sysctl -qw net.ipv6.conf.dut0.disable_ipv6=1 && " UP, { NULL }, false, 1500, false },
};

START_TEST(finds)
{
	struct six s = { .n = 0 };
	struct err err = { 0 };
	struct addr group;
	struct device d;
	unsigned n = 0;
	int64_t begin;
	bool refused;

	if (!own_network())
		return;
	d = device_start(devices[_i].bench, devices[_i].device);
	begin = clock_ns();
	s.want_other = devices[_i].promised;
	ck_assert_msg(six_find(&s, mac, MS(450), &refused, &err), "%s", err.text);
	for (; n < 3 && devices[_i].want[n]; n++)
		ck_assert_msg(has(&s, devices[_i].want[n]), "%s: no %s", devices[_i].name, devices[_i].want[n]);
	ck_assert_msg(s.n_there == n, "%s: %u addresses", devices[_i].name, s.n_there);
	ck_assert_msg(six_nameless(&s, &group) == devices[_i].nameless, "%s: groups", devices[_i].name);
	ck_assert_uint_ge(s.asked, SIX_ASKS);
	ck_assert(!s.full);
	printf("# %s: asked %u times, %lld ms\n", devices[_i].name, s.asked, (long long)((clock_ns() - begin) / MS(1)));
	ck_assert_int_lt(clock_ns() - begin, MS(1) * devices[_i].longest_ms);
	device_end(&d);
}
END_TEST

/* A link-local target, by segments of our own and by connections. */
START_TEST(scans)
{
	struct tcp_how how = { .key = 7 };
	static struct tcp_scan scan;
	struct portset want;
	struct err err = { 0 };
	struct device d;

	if (!own_network())
		return;
	d = device_start("true", QUICK UP);
	how.deadline_ns = clock_ns() + SEC(20);
	ck_assert(portset_parse("20-29", &want, &err));
	ck_assert(target_routed(EUI "%lan0") && !target_routed("fd99::1"));
	ck_assert_msg((_i ? connect_scan : tcp_scan)(EUI "%lan0", &want, &how, &scan, &err), "%s", err.text);
	ck_assert(portset_count(&scan.open) == 1 && portset_has(&scan.open, 23) && portset_count(&scan.closed) == 9);
	device_end(&d);
}
END_TEST

/* A service that says nothing is there and unknown, at each kind of address. */
START_TEST(identifies)
{
	static const char *const at[] = { EUI "%lan0", "fd77::23" };
	static struct identify x;
	struct answers answers = { 0 };
	struct port_found found;
	struct err err = { 0 };
	struct device d;

	if (!own_network())
		return;
	d = device_start(BENCH, QUICK UP " && ip addr add fd77::23/64 dev dut0 nodad");
	answers.file = fopen("/dev/null", "w");
	x = (struct identify){ .within_ns = SEC(1), .quiet_ns = MS(50), .deadline_ns = clock_ns() + SEC(5), .answers = &answers };
	snprintf(x.ip, sizeof(x.ip), "%s", at[_i]);
	ck_assert_msg(identify_port(&x, false, 23, &found, &err), "%s", err.text);
	ck_assert(!found.gone && !found.service);
	ck_assert_msg(identify_port(&x, false, 24, &found, &err), "%s", err.text);
	ck_assert(found.gone);
	fclose(answers.file);
	device_end(&d);
}
END_TEST

/* ---- frames ---- */
struct bytes { uint8_t p[256]; size_t n; };

static void hex(struct bytes *b, const char *text)
{
	unsigned v;

	for (; *text; text++)
		if (*text != ' ' && sscanf(text, "%2x", &v) == 1) {
			b->p[b->n++] = (uint8_t)v;
			text++;
		}
}

#define T23   "fd770000000000000000000000000023 "
#define L     "fe80000000000000000000fffe485001 "
#define NONE  "00000000000000000000000000000000 "
#define ALL   "ff020000000000000000000000000001 "
#define G     "ff0200000000000000000001ff000023 "
#define OTHER "ff020000000000000000000000000016 "
#define OURS  "fd770000000000000000000000000001 "
#define AAAA  "14e9 14e9 0037 0000 0000 8400 0000 0000 0000 0001 0161 056c6f63616c 00 001c 0001 0000 0078 0010 " T23
/* proto, hops, source, and what follows the IP header */
static const struct { const char *name; unsigned proto, hops; const char *from, *body; unsigned known, there, trial, groups; } frames[] = {
	{ "advertisement", 58, 255, T23, "8800 0000 60000000 " T23, 1, 1, 0, 0 },
	{ "passed on by a router", 58, 254, L, "8800 0000 60000000 " T23, 1, 0, 0, 0 },
	{ "of an address of ours", 58, 255, L, "8800 0000 60000000 " OURS, 1, 0, 0, 0 },
	{ "of a group", 58, 255, L, "8800 0000 60000000 " ALL, 1, 0, 0, 0 },
	{ "cut off", 58, 255, L, "8800 0000 60000000 fd77", 1, 0, 0, 0 },
	{ "on trial", 58, 255, NONE, "8700 0000 00000000 " T23, 1, 0, 1, 0 },
	{ "solicits another", 58, 255, L, "8700 0000 00000000 " T23, 1, 0, 0, 0 },
	{ "traffic", 17, 60, T23, "0035 0035 0008 0000", 1, 0, 0, 0 },
	{ "mDNS, additional", 17, 255, L, AAAA, 2, 0, 0, 0 },
	{ "report", 58, 1, L, "8300 0000 0000 0000 " G, 1, 0, 0, 1 },
	{ "report of version 2", 58, 1, L, "8f00 0000 0000 0002 04 00 0000 " G "04 00 0000 " OTHER, 1, 0, 0, 1 },
	{ "left again", 58, 1, L, "8f00 0000 0000 0002 04 00 0000 " G "03 00 0000 " G, 1, 0, 0, 0 },
	{ "more records than there are", 58, 1, L, "8f00 0000 0000 ffff 04 00 0000 " G "04 ff ffff " G, 1, 0, 0, 1 },
};

START_TEST(reads)
{
	struct bytes b = { .n = 0 }, body = { .n = 0 };
	struct six s = { .n_ours = 1 };
	char head[64];

	ck_assert(addr_parse("fd77::1", &s.ours[0]));
	hex(&body, frames[_i].body);
	hex(&b, "333300000001 020000485001 86dd 60000000");
	snprintf(head, sizeof(head), "%04zx %02x %02x ", body.n, frames[_i].proto, frames[_i].hops);
	hex(&b, head);
	hex(&b, frames[_i].from);
	hex(&b, ALL);
	hex(&b, frames[_i].body);
	six_read(&s, mac, (struct span){ b.p, b.n }, 7);
	ck_assert_msg(s.n == frames[_i].known && s.n_there == frames[_i].there && s.groups == frames[_i].groups &&
		      s.at[0].trial == frames[_i].trial, "%s: %u known, %u there, %u groups, trial %d", frames[_i].name, s.n, s.n_there, s.groups,
		      s.at[0].trial);
	s = (struct six){ .n = 0 };
	six_read(&s, mac, (struct span){ b.p, b.n }, 0);        /* a record shows nobody there */
	ck_assert(!s.n_there && !s.groups);
	b.p[11]++;                                              /* somebody else's */
	s = (struct six){ .n = 0 };
	six_read(&s, mac, (struct span){ b.p, b.n }, 7);
	ck_assert(!s.n && !s.groups);
}
END_TEST

START_TEST(many)
{
	struct six s = { .n = 0 };
	struct addr a;

	for (unsigned i = 0; i < 100; i++) {
		ck_assert(addr_parse("fd77::100", &a));
		a.b[15] = (uint8_t)i;
		six_tell(&s, &a, "a test");
		six_tell(&s, &a, "a test");
	}
	ck_assert(s.n == SIX_MAX && s.full);
}
END_TEST

TEST_MAIN({ "reads", reads, ROWS(frames) }, { "many", many, 1 }, { "finds", finds, ROWS(devices) }, { "scans", scans, 2 }, { "identifies", identifies, 2 })
