// SPDX-License-Identifier: Apache-2.0
// A real bench's network on a host made of namespaces: eth1 goes to the device, eth2 to the world, both are the host's, and
// the helper is the real program. "host" is the fake bench's third namespace.
#include "harness/fake.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/net/helper.h"
#include "probes/net/links.h"
#include "probes/net/tool.h"

extern const struct probe probe_net;
extern const struct line_driver drv_bridge, drv_pcap;

#define BENCH "{\"scope\":[\"192.168.77.0/24\",\"fd77::/64\",\"203.0.113.0/24\",\"2001:db8:1::/64\"]," \
	      "\"hosts\":{\"cloud\":\"203.0.113.10\"}}"
#define HOST NETNS_WORLD
static int net_far = -1;
static pid_t holder, server;
static char helper[256];

static void go(int ns)
{
	ck_assert_int_eq(setns(ns, CLONE_NEWNET), 0);
}

/* The words of a command, in a namespace; the test stays where it was, in the bench's. */
static void run_in(int ns, const char *command)
{
	const char *argv[24] = { NULL };
	char copy[256], out[512];
	struct err err = { 0 };
	size_t n = 0;
	bool ok;

	snprintf(copy, sizeof(copy), "%s", command);
	for (char *save = NULL, *w = strtok_r(copy, " ", &save); w && n < 23; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	go(ns);
	ok = tool_run(argv, "", out, sizeof(out), &err);
	go(fake.ns[NETNS_BENCH]);
	ck_assert_msg(ok, "%s: %s", command, err.text);
}

/* Says back what it hears on port 80, TCP, both families. */
static void echo(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	int tcp = socket(AF_INET6, SOCK_STREAM, 0), on = 1;
	struct pollfd p[10] = { { tcp, POLLIN, 0 } };
	nfds_t n = 1;
	char b[512];

	setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(tcp, (struct sockaddr *)&a, sizeof(a)) || listen(tcp, 8))
		_exit(1);
	for (;;) {
		poll(p, n, -1);
		for (nfds_t i = 1; i < n; i++) {
			ssize_t got = p[i].revents ? read(p[i].fd, b, sizeof(b)) : -1;

			if (p[i].revents && (got <= 0 || send(p[i].fd, b, (size_t)got, MSG_NOSIGNAL) < 0)) {
				close(p[i].fd);
				p[i].fd = -1;
			}
		}
		if (p[0].revents && n < 10)
			p[n++] = (struct pollfd){ accept(tcp, NULL, NULL), POLLIN, 0 };
	}
}

static pid_t someone_in(int ns, bool serves)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(ns, CLONE_NEWNET))
		_exit(1);
	if (serves)
		echo();
	for (;;)
		pause();
}

static void make_host(void)
{
	char command[128];
	ssize_t n = readlink("/proc/self/exe", helper, sizeof(helper) - 1);

	ck_assert_int_gt(n, 0);
	helper[n] = '\0';
	strcpy(strstr(helper, "probes/net/"), "jusan-net");
	fake_bench(BENCH, true);
	net_far = fake_net();
	go(fake.ns[NETNS_BENCH]);
	holder = someone_in(fake.ns[NETNS_DUT], false);
	server = someone_in(net_far, true);
	snprintf(command, sizeof(command), "ip link add eth1 type veth peer name dut0");
	run_in(fake.ns[HOST], command);
	snprintf(command, sizeof(command), "ip link set dut0 netns %d", (int)holder);
	run_in(fake.ns[HOST], command);
	run_in(fake.ns[HOST], "ip link add eth2 type veth peer name far0");
	snprintf(command, sizeof(command), "ip link set far0 netns %d", (int)server);
	run_in(fake.ns[HOST], command);
	run_in(fake.ns[NETNS_DUT], "ip addr add 192.168.77.23/24 dev dut0");
	run_in(fake.ns[NETNS_DUT], "ip addr add fd77::23/64 dev dut0 nodad");
	run_in(fake.ns[NETNS_DUT], "ip link set dut0 address 02:00:00:48:50:01 up");
	run_in(net_far, "ip addr add 203.0.113.10/24 dev far0");
	run_in(net_far, "ip addr add 2001:db8:1::10/64 dev far0 nodad");
	run_in(net_far, "ip link set far0 up");
}

static const char *params(const char *more)
{
	static char text[700];

	snprintf(text, sizeof(text), "{\"dut\":\"eth1\",\"up\":\"eth2\",\"up_address6\":\"2001:db8:1::1/64\",\"helper\":\"%s\"%s%s}", helper,
		 more[0] ? "," : "", more);
	return text;
}

static void open_bench(const char *more)
{
	go(fake.ns[HOST]);
	fake_open(&drv_bridge, "net.lan", params(more));
	fake_open(&drv_pcap, "capture.lan", "{\"interface\":\"lan0\",\"buffer\":4194304}");
	fake_settle(MS(100));
}

static void stop(void)
{
	kill(server, SIGKILL);
	kill(holder, SIGKILL);
	waitpid(server, NULL, 0);
	waitpid(holder, NULL, 0);
	fake_close();
}

static int dial(const char *ip, int port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	bool is_six = strchr(ip, ':') != NULL;
	struct timeval t = { 0, 500000 };
	int s;

	inet_pton(is_six ? AF_INET6 : AF_INET, ip, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
	go(fake.ns[NETNS_DUT]);
	s = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	go(fake.ns[NETNS_BENCH]);
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	if (connect(s, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four, is_six ? sizeof(six) : sizeof(four)) == 0)
		return s;
	close(s);
	return -1;
}

static bool echoes(int s)
{
	char b;

	return s >= 0 && send(s, "x", 1, MSG_NOSIGNAL) == 1 && read(s, &b, 1) == 1;
}

/* A neighbour may be unknown for a second after a cable was out, and link-local addresses are checked by the device. */
static void reaches(const char *ip)
{
	int s = -1;

	for (int i = 0; i < 12 && !echoes(s); i++) {
		if (s >= 0)
			close(s);
		s = dial(ip, 80);
	}
	ck_assert_msg(echoes(s), "%s is not reached: %s", ip, strerror(errno));
	close(s);
}

static uint32_t feature(const char *name, uint32_t what)
{
	struct ethtool_value v = { .cmd = what };
	struct ifreq r = { .ifr_data = (void *)&v };
	int s;

	go(fake.ns[HOST]);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	go(fake.ns[NETNS_BENCH]);
	strcpy(r.ifr_name, name);
	ck_assert_int_eq(ioctl(s, SIOCETHTOOL, &r), 0);
	close(s);
	return v.data;
}

static bool is_up(const char *name)
{
	struct ifreq r = { 0 };
	int s, ok;

	go(fake.ns[HOST]);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	go(fake.ns[NETNS_BENCH]);
	strcpy(r.ifr_name, name);
	ok = ioctl(s, SIOCGIFFLAGS, &r);
	close(s);
	ck_assert_int_eq(ok, 0);
	return r.ifr_flags & IFF_UP;
}

static bool six_is_off(const char *name)
{
	char path[96], c = '?';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	go(fake.ns[HOST]);
	fd = open(path, O_RDONLY);
	go(fake.ns[NETNS_BENCH]);
	ck_assert(fd >= 0 && read(fd, &c, 1) == 1);
	close(fd);
	return c == '1';
}

/* eth1 was down with its offloads on and is so again. */
static void check_put_back(int64_t within)
{
	int64_t until = clock_ns() + within;

	while (is_up("eth1") && clock_ns() < until)
		poll(NULL, 0, 10);
	ck_assert(!is_up("eth1"));
	ck_assert(feature("eth1", ETHTOOL_GTXCSUM) && feature("eth1", ETHTOOL_GTSO) && feature("eth1", ETHTOOL_GGSO));
	ck_assert(!six_is_off("eth1"));
}

static void routes(void)
{
	run_in(fake.ns[NETNS_DUT], "ip route add default via 192.168.77.1");
	run_in(fake.ns[NETNS_DUT], "ip -6 route add default via fd77::1");
}

static void end_cut(void)
{
	json_decref(fake.pending);
	fake.pending = json_object();
	fake.finish(&fake.last, fake.finish_data);
	ck_assert_msg(json_is_true(json_object_get(fake.pending, "confirmed")), "%s", json_string_value(json_object_get(fake.pending, "how")));
}

/* As the device's router, which the world sees in its place (it knows no way to 192.168.77.0/24). */
START_TEST(as_router)
{
	int live;

	make_host();
	ck_assert(feature("eth1", ETHTOOL_GTSO) != 0);
	open_bench("");
	ck_assert(is_up("eth1") && !feature("eth1", ETHTOOL_GTSO) && !feature("eth1", ETHTOOL_GTXCSUM) && six_is_off("eth1"));
	routes();
	reaches("203.0.113.10");
	reaches("2001:db8:1::10");
	live = dial("203.0.113.10", 80);
	ck_assert(echoes(live));
	fake_step(&probe_net, "cut", "{\"how\":\"service_refused\",\"peer\":\"cloud\",\"port\":80}");
	ck_assert(!echoes(live));
	close(live);
	ck_assert_int_lt(dial("203.0.113.10", 80), 0);
	ck_assert_int_eq(errno, ECONNREFUSED);
	end_cut();
	reaches("203.0.113.10");
	fake_step(&probe_net, "cut", "{\"how\":\"black_hole\"}");
	ck_assert_int_lt(dial("203.0.113.10", 80), 0);
	ck_assert_int_lt(dial("2001:db8:1::10", 80), 0);
	end_cut();
	reaches("2001:db8:1::10");
	stop();
}
END_TEST

/* The port itself goes down, which the device sees at its end of the cable. */
START_TEST(pulls_the_cable)
{
	int there;

	make_host();
	open_bench("");
	go(fake.ns[NETNS_DUT]);
	there = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	go(fake.ns[NETNS_BENCH]);
	ck_assert(links_carrier(there, "dut0"));
	fake_step(&probe_net, "cut", "{\"how\":\"link_down\"}");
	ck_assert(fake_is("confirmed"));
	ck_assert(!links_carrier(there, "dut0"));
	fake_step(&probe_net, "restore", "{}");
	ck_assert(fake_is("confirmed") && links_carrier(there, "dut0"));
	close(there);
	stop();
}
END_TEST

START_TEST(puts_back)
{
	struct line *l;

	make_host();
	open_bench("");
	ck_assert(if_nametoindex("lan0") && if_nametoindex("up0"));
	fake.lines--;
	drv_pcap.close(&fake.line[1]);
	json_decref(fake.line[1].params);
	l = fake_line("net.lan");
	fake.lines--;
	drv_bridge.close(l);
	json_decref(l->params);
	check_put_back(0);
	ck_assert(!if_nametoindex("lan0") && !if_nametoindex("up0"));
	stop();
}
END_TEST

/* A line that is killed: the helper sees its socket close; when it was killed too, a fresh process does it (_i = 1). */
START_TEST(puts_back_after_a_kill)
{
	int said[2];
	pid_t pid;
	char c;

	make_host();
	ck_assert_int_eq(pipe(said), 0);
	pid = fork();
	if (pid == 0) {
		struct err err = { 0 };
		int child = 0;
		FILE *f;

		go(fake.ns[HOST]);
		if (!fake_try_open(&drv_bridge, "net.lan", params(""), &err))
			_exit(1);
		f = fopen("/proc/thread-self/children", "r");
		if (f && fscanf(f, "%d", &child) == 1 && _i)
			kill(child, SIGKILL);
		(void)!write(said[1], child ? "y" : "n", 1);
		pause();
	}
	ck_assert(read(said[0], &c, 1) == 1 && c == 'y');
	ck_assert(is_up("eth1") && !feature("eth1", ETHTOOL_GTSO));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (_i) {
		struct line l = { .name = "net.lan", .params = fake_json(params("")) };

		fake_defaults(l.params, drv_bridge.params);
		ck_assert(is_up("eth1"));
		go(fake.ns[HOST]);
		drv_bridge.safe(&l);
		drv_bridge.safe(&l);
		go(fake.ns[NETNS_BENCH]);
		json_decref(l.params);
		ck_assert_msg(!fake.note[0], "%s", fake.note);
	}
	check_put_back(_i ? 0 : SEC(5));
	close(said[0]);
	close(said[1]);
	stop();
}
END_TEST

static const struct { const char *host, *more, *why; } refused_row[] = {
	{ "ip addr add 198.51.100.1/24 dev eth1", "", "eth1 has an address of this host" },
	{ "ip addr add 2001:db8:9::1/64 dev eth1", "", "eth1 has an address of this host" },
	{ "ip -6 route add default dev eth1", "", "eth1 carries this host's default route" },
	{ "ip route add default dev eth2", "", "eth2 carries this host's default route" },
	{ "ip link del eth2", "", "there is no interface eth2" },
	{ "ip link set lo up", "\"dut\":\"lo\"", "jusan-net ended" },
	{ "ip link set lo up", "\"helper\":\"/nonexistent/jusan-net\"", "jusan-net ended" },
};

START_TEST(refuses_what_the_host_uses)
{
	struct err err = { 0 };

	make_host();
	run_in(fake.ns[HOST], "ip link set eth1 up");
	run_in(fake.ns[HOST], "ip link set eth2 up");
	run_in(fake.ns[HOST], refused_row[_i].host);
	go(fake.ns[HOST]);
	ck_assert(!fake_try_open(&drv_bridge, "net.lan", params(refused_row[_i].more), &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, refused_row[_i].why) != NULL, "%s", err.text);
	go(fake.ns[NETNS_BENCH]);
	ck_assert(feature("eth1", ETHTOOL_GTSO) && !six_is_off("eth1"));
	json_decref(fake.line[--fake.lines].params);
	stop();
}
END_TEST

/* The uplink may be the host's own: it stays as it is, and the bench has its own address beside the host's. */
START_TEST(shares_the_uplink)
{
	make_host();
	run_in(fake.ns[HOST], "ip addr add 203.0.113.7/24 dev eth2");
	run_in(fake.ns[HOST], "ip link set eth2 up");
	run_in(fake.ns[HOST], "ip route add default via 203.0.113.10");
	open_bench("\"up_shared\":true");
	ck_assert(feature("eth2", ETHTOOL_GTSO) && !six_is_off("eth2"));
	routes();
	reaches("203.0.113.10");
	reaches("2001:db8:1::10");
	stop();
}
END_TEST

START_TEST(as_bridge)
{
	struct err err = { 0 };
	int live;

	make_host();
	open_bench("\"mode\":\"bridge\",\"lan_address\":\"203.0.113.1/24\",\"lan_address6\":\"2001:db8:1::1/64\"");
	run_in(fake.ns[NETNS_DUT], "ip addr add 203.0.113.23/24 dev dut0");
	run_in(fake.ns[NETNS_DUT], "ip addr add 2001:db8:1::23/64 dev dut0 nodad");
	reaches("203.0.113.10");
	reaches("2001:db8:1::10");
	live = dial("2001:db8:1::10", 80);
	ck_assert(echoes(live));
	fake_step(&probe_net, "cut", "{\"how\":\"black_hole\",\"peer\":\"2001:db8:1::10\",\"port\":80}");
	ck_assert(!echoes(live));
	close(live);
	reaches("203.0.113.10");
	end_cut();
	fake_step(&probe_net, "cut", "{\"how\":\"black_hole\",\"peer\":\"cloud\"}");
	ck_assert_int_lt(dial("203.0.113.10", 80), 0);
	end_cut();
	reaches("203.0.113.10");
	ck_assert(!fake_try_step(&probe_net, "cut", "{\"how\":\"service_refused\"}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "mode: route"));
	stop();
}
END_TEST

/* In the host's own namespace the driver does nothing. */
START_TEST(needs_a_namespace)
{
	struct err err = { 0 };

	make_host();
	go(fake.ns[NETNS_BENCH]);
	ck_assert(!fake_try_open(&drv_bridge, "net.lan", params(""), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "no namespace of its own"));
	json_decref(fake.line[--fake.lines].params);
	stop();
}
END_TEST

/* ---- the helper by itself ---- */

static const struct { struct ask a; const char *why; } ask_row[] = {
	{ { .verb = 9, .interface = "eth1" }, "unknown message" },
	{ { .verb = ASK_LINK, .interface = "eth9" }, "not declared" },
	{ { .verb = ASK_LINK, .interface = "../eth1" }, "no interface name" },
	{ { .verb = ASK_TAKE, .interface = "eth1", .as = "a/b" }, "no interface name" },
	{ { .verb = ASK_LINK, .interface = "eth0" }, "the host uses it too" },
	{ { .verb = ASK_LINK, .interface = "eth1" }, "was not taken" },
	{ { .verb = ASK_TAKE, .interface = "eth1", .as = "lan0" }, "no namespace was given" },
	{ { .verb = ASK_GIVE, .interface = "eth1", .before = { .known = 2 } }, "unknown message" },
	{ { .verb = ASK_GIVE, .interface = "eth1", .before = { .up = 1 } }, "unknown message" },
};

START_TEST(helper_refuses)
{
	const char *const args[] = { "eth1", "eth0:shared", NULL };
	struct helper h;
	struct err err = { 0 };

	make_host();
	go(fake.ns[HOST]);
	ck_assert_msg(helper_start(helper, args, &h, &err), "%s", err.text);
	ck_assert(!helper_ask(&h, &ask_row[_i].a, -1, NULL, &err));
	ck_assert_msg(strstr(err.text, ask_row[_i].why) != NULL, "%s", err.text);
	helper_end(&h);
	go(fake.ns[NETNS_BENCH]);
	stop();
}
END_TEST

/* Of all the rights that this test has in its namespace the helper keeps one. */
START_TEST(helper_keeps_one_right)
{
	const char *const args[] = { "eth1", NULL };
	unsigned long long effective = 0, permitted = 0, inherited = 0;
	struct helper h;
	struct err err = { 0 };
	char path[64], row[256];
	FILE *f;

	make_host();
	ck_assert_msg(helper_start(helper, args, &h, &err), "%s", err.text);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)h.pid);
	f = fopen(path, "r");
	while (f && fgets(row, sizeof(row), f)) {
		sscanf(row, "CapEff: %llx", &effective);
		sscanf(row, "CapPrm: %llx", &permitted);
		sscanf(row, "CapInh: %llx", &inherited);
	}
	ck_assert(f != NULL);
	fclose(f);
	ck_assert_uint_eq(effective, 1u << 12); /* CAP_NET_ADMIN */
	ck_assert_uint_eq(permitted, 1u << 12);
	ck_assert_uint_eq(inherited, 0);
	ck_assert_int_eq(send(h.fd, "short", 5, 0), 5);
	ck_assert(!helper_ask(&h, &(struct ask){ .verb = ASK_LINK, .interface = "eth1" }, -1, NULL, &err));
	ck_assert_msg(strstr(err.text, "another size") != NULL, "%s", err.text);
	helper_end(&h);
	stop();
}
END_TEST

TEST_MAIN({ "as router", as_router, 1 }, { "pulls the cable", pulls_the_cable, 1 }, { "puts back", puts_back, 1 },
	  { "puts back after a kill", puts_back_after_a_kill, 2 }, { "refuses", refuses_what_the_host_uses, ROWS(refused_row) },
	  { "shares the uplink", shares_the_uplink, 1 }, { "as bridge", as_bridge, 1 }, { "needs a namespace", needs_a_namespace, 1 },
	  { "helper refuses", helper_refuses, ROWS(ask_row) }, { "helper keeps one right", helper_keeps_one_right, 1 })
