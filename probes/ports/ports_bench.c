// SPDX-License-Identifier: Apache-2.0
// How long do all 65535 TCP ports take, beside nmap and masscan? `ports_bench` makes a device in namespaces of its own (needs ip, nft,
// nmap, masscan): it answers with resets, drops, or sits behind 8 Mbit/s with 5 % loss; medians of five, with processor
// seconds. Exit status 1 when an answer was wrong.   `ports_bench scan ADDRESS [PORTS [RATE]]` scans from where it is called: one
// line a port. `ports_bench udp ADDRESS PORTS [RATE]` the same for UDP.
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "probes/ports/tcp_scan.h"
#include "probes/ports/udp_scan.h"

enum { RUNS = 5 };
static const unsigned open_ports[] = { 22, 80, 443, 8080, 49152 };
static pid_t device;
static int wrong;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

__attribute__((format(printf, 1, 2))) static int run(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return system(text);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* ---- the device ---- */
static void listen_all(void)
{
	for (size_t i = 0; i < sizeof(open_ports) / sizeof(open_ports[0]); i++) {
		struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)open_ports[i]) };
		int fd = socket(AF_INET6, SOCK_STREAM, 0);

		if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0)
			die("listen");
	}
}

static void make_device(void)
{
	int ready[2];
	char c;

	if (pipe(ready) < 0)
		die("pipe");
	device = fork();
	if (!device) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0)
			die("unshare");
		listen_all();
		if (write(ready[1], "r", 1) != 1)
			die("pipe");
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		die("device");
	if (run("set -e; ip link set lo up; ip link add lan0 type veth peer name dut0 netns %d; ip addr add 192.168.77.1/24 dev lan0;"
		"ip addr add fd77::1/64 dev lan0 nodad; ip link set lan0 up; nsenter -t %d -n sh -c 'ip link set lo up;"
		"ip addr add 192.168.77.23/24 dev dut0; ip addr add fd77::23/64 dev dut0 nodad; ip link set dut0 up;"
		"sysctl -qw net.ipv4.icmp_ratelimit=0'", device, device))
		exit(3);
}

static void own_network(void)
{
	char map[32];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		die("unshare");
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	put("/proc/self/gid_map", map);
}

/* ---- one run of one scanner: what it says goes to a pipe ---- */
struct figure { double s, cpu; };

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static char said[1 << 20];

static struct figure timed(char *const argv[])
{
	struct rusage a, b;
	int64_t begin = clock_ns();
	int fd[2];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(fd) < 0)
		die("pipe");
	getrusage(RUSAGE_CHILDREN, &a);
	pid = fork();
	if (!pid) {
		dup2(fd[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(fd[1]);
	while ((got = read(fd[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(fd[0]);
	waitpid(pid, NULL, 0);
	getrusage(RUSAGE_CHILDREN, &b);
	return (struct figure){ (double)(clock_ns() - begin) / 1e9,
				seconds(b.ru_utime) - seconds(a.ru_utime) + seconds(b.ru_stime) - seconds(a.ru_stime) };
}

/* "22/open" (nmap -oG and ours), or "open tcp 22" (masscan -oL) */
static bool said_open(unsigned port)
{
	char x[64], y[64];

	snprintf(x, sizeof(x), " %u/open", port);
	snprintf(y, sizeof(y), "open tcp %u ", port);
	return strstr(said, x) || strstr(said, y);
}

static unsigned opens(void)
{
	unsigned n = 0;

	for (const char *p = said; (p = strstr(p, "open")); p += 4)
		n += p[-1] == '/' || !strncmp(p, "open tcp", 8);
	return n;
}

static bool right(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!said_open(open_ports[i]))
			return false;
	return opens() == n;
}

static int by_time(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;

	return x->s < y->s ? -1 : x->s > y->s;
}

static double median(const char *what, char *const argv[], int runs, unsigned n, bool must)
{
	struct figure f[RUNS];
	int bad = 0;

	for (int i = 0; i < runs; i++) {
		f[i] = timed(argv);
		bad += !right(n);
	}
	qsort(f, (size_t)runs, sizeof(*f), by_time);
	printf("  %-44s %8.3f s  (%.3f to %.3f), %6.3f s of processor", what, f[runs / 2].s, f[0].s, f[runs - 1].s, f[runs / 2].cpu);
	printf(bad ? "; WRONG in %d of %d\n" : "\n", bad, runs);
	fflush(stdout);
	wrong += must && bad;
	return f[runs / 2].s;
}

/* masscan says nothing of closed ports and does not ask twice: the highest rate at which it finds all five, three times. */
static void beside_masscan(unsigned n)
{
	static const char *const rate[] = { "800000", "400000", "200000", "100000", "50000", "20000", "10000", "5000", "2000" };
	char what[64];

	for (size_t i = 0; i < sizeof(rate) / sizeof(rate[0]); i++) {
		char *argv[] = { "masscan", "-p1-65535", "192.168.77.23", "--rate", (char *)rate[i], "--wait", "0", "-oL", "-", "--interface", "lan0",
				 "--router-mac", "02-00-00-48-50-01", NULL };
		bool ok = true;

		for (int k = 0; ok && k < 3; k++) {
			timed(argv);
			ok = right(n);
		}
		if (!ok)
			continue;
		snprintf(what, sizeof(what), "masscan --rate %s --wait 0", rate[i]);
		median(what, argv, RUNS, n, false);
		return;
	}
	printf("  masscan: finds not all open ports at any rate from 2000 on\n");
}

static void compare(const char *self, const char *title, unsigned n, int nmap_runs, bool slow)
{
	char *ours[] = { (char *)self, "scan", "192.168.77.23", NULL };
	char *nmap[] = { "nmap", "-p-", "-n", "-Pn", "-sS", "-oG", "-", "192.168.77.23", NULL };
	char *nmap4[] = { "nmap", "-p-", "-n", "-Pn", "-sS", "-T4", "-oG", "-", "192.168.77.23", NULL };
	double a, b, b4;

	printf("%s\n", title);
	a = median("jusan ports.scan", ours, RUNS, n, true);
	b = median("nmap -p- -n -Pn", nmap, nmap_runs, n, false);
	b4 = median("nmap -p- -n -Pn -T4", nmap4, nmap_runs, n, false);
	if (!slow)
		beside_masscan(n);
	printf("  %.1f times as fast as nmap, %.1f as nmap -T4\n", b / a, b4 / a);
}

/* ---- by hand ---- */
static int one_scan(int argc, char **argv)
{
	static struct tcp_scan s;
	static struct portset want;
	struct tcp_how how = { .deadline_ns = clock_ns() + SEC(3600), .key = (uint64_t)clock_ns(),
			       .rate = argc > 4 ? (unsigned)atoi(argv[4]) : 0 };
	struct err err = { 0 };
	unsigned closed, filtered, open;

	if (!portset_parse(argc > 3 ? argv[3] : "1-65535", &want, &err) || !tcp_scan(argv[2], &want, &how, &s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	for (unsigned p = 1; p < 65536; p++)
		if (portset_has(&s.open, p))
			printf(" %u/open\n", p);
	open = portset_count(&s.open), closed = portset_count(&s.closed), filtered = portset_count(&s.filtered);
	printf("%u accepted, %u closed, %u filtered, %u unfinished; %s, %u sent, %u silent at first, loss %u ppm, rate %u/s, rtt %.3f ms, "
	       "away %lld ms%s\n", open, closed, filtered, portset_count(&want) - open - closed - filtered, s.how, s.tried, s.silent_first,
	       s.loss_ppm, s.rate, (double)s.rtt_ns / 1e6, (long long)(s.away_ns / MS(1)), s.deaf ? ", deaf" : "");
	return 0;
}

static int one_udp(int argc, char **argv)
{
	static struct udp_scan s;
	static struct portset want;
	struct udp_how how = { .settle_ns = MS(500), .sort_ns = SEC(3600), .deadline_ns = clock_ns() + SEC(3600),
			       .rate = argc > 4 ? (unsigned)atoi(argv[4]) : 0 };
	struct err err = { 0 };
	unsigned open, closed, filtered, quiet;

	if (!portset_parse(argv[3], &want, &err) || !udp_scan(argv[2], &want, &how, &s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	for (unsigned p = 1; p < 65536; p++)
		if (portset_has(&s.open, p) || portset_has(&s.quiet, p))
			printf(" %u/%s\n", p, portset_has(&s.open, p) ? "open" : "open|filtered");
	open = portset_count(&s.open), closed = portset_count(&s.closed), filtered = portset_count(&s.filtered), quiet = portset_count(&s.quiet);
	printf("%u answered, %u closed, %u filtered, %u quiet, %u unsure\n", open, closed, filtered, quiet,
	       portset_count(&want) - open - closed - filtered - quiet);
	return 0;
}

int main(int argc, char **argv)
{
	char self[4096] = { 0 };

	if (argc > 2 && !strcmp(argv[1], "scan"))
		return one_scan(argc, argv);
	if (argc > 3 && !strcmp(argv[1], "udp"))
		return one_udp(argc, argv);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("readlink");
	own_network();
	make_device();
	run("nsenter -t %d -n ip link set dut0 address 02:00:00:48:50:01", device);
	compare(self, "65535 TCP ports over veth, 5 open, the others answer with resets", 5, RUNS, false);
	run("nsenter -t %d -n nft 'table inet f { chain in { type filter hook input priority 0; tcp dport { 22, 80, 443, 8080, 49152 } accept; "
	    "meta l4proto tcp drop; }; }'", device);
	compare(self, "the same, the others dropped", 5, 1, false);
	run("nsenter -t %d -n nft flush ruleset; tc qdisc add dev lan0 root tbf rate 8mbit burst 4kb latency 50ms;"
	    "nsenter -t %d -n nft 'table inet f { chain in { type filter hook prerouting priority -300; "
	    "iif dut0 numgen random mod 100 < 5 drop; }; }'", device, device);
	compare(self, "8 Mbit/s with a queue of 50 ms, 5 % loss", 5, 1, true);
	kill(device, SIGKILL);
	return wrong ? 1 : 0;
}
