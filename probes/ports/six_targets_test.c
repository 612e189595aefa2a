/* SPDX-License-Identifier: Apache-2.0
 * ports.scan on a device at the end of a cable: its IPv6 addresses as facts, and every reason why they are not all of them. */
#include "harness/fake.h"

#include <netinet/in.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"

extern const struct probe probe_ports;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	struct addr a;

	(void)st;
	return (addr_parse(ip, &a) && (addr_within(&a, "192.168.77.0/24") || addr_within(&a, "fd77::/64") || addr_within(&a, "fe80::/10"))) ||
	       err_set(err, ERR_BENCH, "%s is outside", ip);
}
bool step_recorded(struct step *st, const char *line, struct err *err)
{
	(void)st, (void)line, (void)err;
	return true;
}

void step_canary(const struct step *st, const char *field, char ret[static 33])
{
	(void)st, (void)field;
	ret[0] = '\0';
}

/* Runs in the device's namespace. */
static void in_dut(const char *command)
{
	ck_assert_int_eq(setns(fake.ns[NETNS_DUT], CLONE_NEWNET), 0);
	ck_assert_msg(!system(command), "%s", command);
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
}

static void cable(void)
{
	char command[128];
	pid_t there = fork();

	if (!there) {
		setns(fake.ns[NETNS_DUT], CLONE_NEWNET);
		pause();
		_exit(0);
	}
	for (;;) {                              /* until it is there, `ip` would take our own namespace */
		char path[64];
		struct stat it, dut;

		snprintf(path, sizeof(path), "/proc/%d/ns/net", there);
		if (!stat(path, &it) && !fstat(fake.ns[NETNS_DUT], &dut) && it.st_ino == dut.st_ino)
			break;
		poll(NULL, 0, 1);
	}
	snprintf(command, sizeof(command), "ip link add lan0 type veth peer name dut0 address 02:00:00:48:50:01 netns %d", there);
	ck_assert(!system(command));
	kill(there, SIGKILL);
	waitpid(there, NULL, 0);
}

/* Listens on [::]:23 and answers 192.168.77.23; the socket stays in its namespace. */
static int listener(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(23) };
	int fd, on = 1;

	ck_assert_int_eq(setns(fake.ns[NETNS_DUT], CLONE_NEWNET), 0);
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(!setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)));
	ck_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 8));
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	return fd;
}

static void empty_record(void)
{
	struct pcapng_writer w;
	struct err err = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/capture", fake.run);
	mkdir(path, 0700);
	strcat(path, "/lan.pcapng");
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	pcapng_finish(&w);
}

#define OFF    "sysctl -qw net.ipv6.conf.dut0.disable_ipv6=1"
#define RECORD "{\"lines\":{\"capture.lan\":{}}}"
static const struct scan_case {
	const char *name, *bench, *lan, *dut, *promised;
	const char *six, *why;          /* an entry of six_open; what makes it incomplete */
	int addresses, asked;
} cases[] = {
	{ "both", "{}", "true", "ip addr add fd77::23/64 dev dut0", "[\"link-local\",\"slaac\"]", "tcp/23 fd77::23", NULL, 2, 3 },
	{ "link-local alone", "{}", "true", "true", "[\"link-local\"]", "tcp/23 fe80::ff:fe48:5001%lan0", NULL, 1, 3 },
	{ "none, and nothing promised", "{}", "true", OFF, NULL, NULL, NULL, 0, 3 },
	{ "none, and none promised", "{}", "true", OFF, "[]", NULL, NULL, 0, 3 },
	{ "promised", "{}", "true", OFF, "[\"fd77::99\"]", NULL,
	  "the declared fd77::99 address did not show", 0, 0 },
	{ "outside", "{}", "ip addr add fd99::1/64 dev lan0 nodad", "ip addr add fd99::23/64 dev dut0", NULL, NULL,
	  "fd99::23 is the device, but outside", 2, 3 },
	{ "a bench without IPv6", "{}", "sysctl -qw net.ipv6.conf.lan0.disable_ipv6=1", "true", NULL, NULL, "asked 0 times of 3", 0, 0 },
	{ "questions that nobody recorded", RECORD, "true", OFF, NULL, NULL,
	  "0 of our 3 questions stand in the record", 0, 3 },
};

static bool has(const char *set, const char *text)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(fake.facts, set), i, item)
		if (!strcmp(json_string_value(item), text))
			return true;
	return false;
}

START_TEST(scans_six)
{
	const struct scan_case *c = &cases[_i];
	json_t *dut;
	int fd;

	fake_bench(c->bench, true);
	empty_record();
	dut = json_object_get(fake.device, "dut");
	if (c->promised)
		json_object_set_new(dut, "ipv6", fake_json(c->promised));
	cable();
	in_dut("sysctl -qw net.ipv6.conf.dut0.accept_dad=0 net.ipv6.icmp.ratelimit=0 && ip addr add 192.168.77.23/24 dev dut0 && ip link set dut0 up");
	in_dut(c->dut);
	ck_assert(!system("sysctl -qw net.ipv6.conf.lan0.accept_dad=0 && ip addr add 192.168.77.1/24 dev lan0 && "
			  "ip addr add fd77::1/64 dev lan0 nodad && ip link set lan0 up"));
	ck_assert(!system(c->lan));
	fd = listener();
	snprintf(fake.dut, sizeof(fake.dut), "192.168.77.23");
	fake_step(&probe_ports, "scan", "{\"tcp\":\"20-30\",\"udp\":\"9\",\"allowed\":[],\"settle\":50000000,\"ipv6\":true,\"look\":150000000}");
	ck_assert_msg((int)json_array_size(json_object_get(fake.facts, "six_addresses")) == c->addresses, "%s: %s", c->name, json_dumps(fake.facts, 0));
	ck_assert_msg(!c->asked || fake_int("six_asked") == c->asked, "%s: %s", c->name, json_dumps(fake.facts, 0));
	ck_assert_msg(!c->six || (has("six_open", c->six) && has("undeclared", "tcp/23") && fake_int("six_tcp_done") == 11), "%s: %s", c->name,
		      json_dumps(fake.facts, 0));
	ck_assert_msg(fake_is("complete") == !c->why, "%s: %s", c->name, fake.incomplete);
	ck_assert_msg(c->why ? strstr(fake.incomplete, c->why) != NULL : !fake.incomplete[0], "%s: %s", c->name, fake.incomplete);
	close(fd);
	fake_close();
}
END_TEST

TEST_MAIN({ "scans six", scans_six, ROWS(cases) })
