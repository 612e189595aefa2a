// SPDX-License-Identifier: Apache-2.0
// How fast are the open ports of a device found, beside nmap and masscan, and with which answers? `ports_bench` makes devices in namespaces of
// its own (needs ip, nft, tc; peers and servers that are not installed are skipped, and it says so): one that answers with resets, drops, or sits
// behind 8 Mbit/s with 5 % loss, and ten with UDP servers, whose kernel limits ICMP as it always does. Runs of one and the other take turns;
// medians of five, with processor seconds. Exit status 1 when an answer of ours was wrong.
// `ports_bench scan ADDRESS [PORTS [RATE]]` scans from where it is called, one line a port. `ports_bench udp ADDRESS PORTS [RATE
// [SECONDS]]`: UDP, silent ports sorted for so long.
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/ports/bench_job.h"
#include "probes/ports/tcp_scan.h"
#include "probes/ports/udp_scan.h"

enum { RUNS = 5, DEVICES = 1 + 2 * RUNS, ARGS = 24, SERVERS = 4 };
static const unsigned open_ports[] = { 22, 80, 443, 8080, 49152 };
static char self[4096];
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
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_CREAT, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static bool have(const char *program)
{
	if (!run("command -v %s >/dev/null", program))
		return true;
	printf("  %s: not installed, skipped\n", program);
	fflush(stdout);
	return false;
}

/* ---- the devices ---- */
static struct device { pid_t pid; struct job server[SERVERS]; } devices[DEVICES];

static void listen_all(void)
{
	for (size_t i = 0; i < sizeof(open_ports) / sizeof(open_ports[0]); i++) {
		struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)open_ports[i]) };
		int fd = socket(AF_INET6, SOCK_STREAM, 0);

		if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0)
			die("listen");
	}
}

/* The i-th lives at 192.168.77+i.23. */
static void make_device(int i, bool listens)
{
	struct device *d = &devices[i];
	int ready[2];
	char c;

	if (pipe(ready) < 0)
		die("pipe");
	d->pid = fork();
	if (!d->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0)
			die("unshare");
		if (listens)
			listen_all();
		if (write(ready[1], "r", 1) != 1)
			die("pipe");
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		die("device");
	close(ready[0]), close(ready[1]);
	if (run("set -e; ip link add lan%d type veth peer name dut0 netns %d; ip addr add 192.168.%d.1/24 dev lan%d; ip link set lan%d up;"
		"nsenter -t %d -n sh -c 'ip link set lo up; ip addr add 192.168.%d.23/24 dev dut0;"
		"ip link set dut0 address 02:00:00:48:50:01; ip link set dut0 up'", i, d->pid, 77 + i, i, i, d->pid, 77 + i))
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
	if (run("ip link set lo up"))
		exit(3);
}

/* ---- what a scanner found ---- */
struct answer { unsigned open, closed, filtered, unsure; bool same; };      /* same: the open ones are those that are */

static unsigned number_after(const char *text, const char *what)
{
	const char *p = strstr(text, what);

	return p ? (unsigned)atoi(p + strlen(what)) : 0;
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* "22/open" (nmap -oG, and ours), and how many of the others: "Ignored State: closed (65530)", "65530 closed" */
static struct answer answer_of(const char *said, const char *proto, const unsigned *ports, size_t n)
{
	struct answer a = { times(said, "/open/") + times(said, "/open\n"), times(said, "/closed/"), times(said, "/filtered/"), 0, true };
	const char *ours = strstr(said, " accepted, ");
	char text[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), " %u/open/%s", ports[i], proto);
		a.same = a.same && (strstr(said, text) || (snprintf(text, sizeof(text), " %u/open\n", ports[i]) && strstr(said, text)));
	}
	a.same = a.same && a.open == n;
	a.unsure = times(said, "/open|filtered");
	a.closed += number_after(said, "Ignored State: closed (") + (ours ? number_after(ours, " accepted, ") : 0);
	a.filtered += number_after(said, "Ignored State: filtered (") + (ours ? number_after(ours, " closed, ") : 0);
	return a;
}

/* ---- tables ---- */
struct series { const char *name; char *argv[ARGS]; int runs, limit_s; bool ours; struct job *job; int n, bad; struct answer worst; };

static int by_time(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->s < y->s ? -1 : x->s > y->s;
}

static void judge(struct series *s, const struct answer *got, bool right)
{
	s->bad += !right;
	if (!right)
		s->worst = *got;
	wrong += s->ours && !right;
}

/* The median, 0 = none. */
static double tell(struct series *s)
{
	const struct job *m;

	if (!s->n)
		return 0;
	qsort(s->job, (size_t)s->n, sizeof(*s->job), by_time);
	m = &s->job[s->n / 2];
	printf("  %-32s %9.3f s  (%.3f to %.3f, %d runs)  %7.3f s of processor", s->name, m->s, s->job[0].s, s->job[s->n - 1].s, s->n, m->cpu);
	if (m->late)
		printf("; stopped");
	if (s->bad)
		printf("; NOT WHAT IS THERE in %d: %u open, %u closed, %u filtered, %u open|filtered", s->bad, s->worst.open, s->worst.closed,
		       s->worst.filtered, s->worst.unsure);
	printf("\n");
	fflush(stdout);
	return m->s;
}

static void compare(const char *title, const struct answer *want, struct series *s, size_t n)
{
	double ours;

	printf("%s\n", title);
	for (int r = 0; r < RUNS; r++)
		for (size_t i = 0; i < n; i++) {
			struct answer got;

			if (r >= s[i].runs)
				continue;
			job_start(&s[i].job[r], s[i].argv, 0);
			job_await(&s[i].job[r], SEC(1) * s[i].limit_s);
			got = answer_of(s[i].job[r].said, "tcp", open_ports, want->open);
			judge(&s[i], &got, got.same && got.closed == want->closed && got.filtered == want->filtered);
			s[i].n++;
		}
	ours = tell(&s[0]);
	for (size_t i = 1; i < n; i++) {
		double theirs = tell(&s[i]);

		if (theirs > 0)
			printf("    %.1f times the time of ours\n", theirs / ours);
	}
}

static struct job *jobs(void)
{
	struct job *j = calloc(RUNS, sizeof(*j));

	if (!j)
		die("memory");
	return j;
}

#define TARGET "192.168.77.23"
#define OURS(runs) { "jusan", { self, "scan", TARGET }, runs, 120, true, jobs(), 0, 0, { 0 } }
#define NMAP(runs, limit, t) { "nmap -p- -n -Pn -sS -" t, { "nmap", "-p-", "-n", "-Pn", "-sS", "-" t, "-oG", "-", TARGET }, runs, limit, false, \
	jobs(), 0, 0, { 0 } }

/* ---- masscan: it says nothing of closed ports, does not ask twice, and goes on waiting for frames once it is through. What counts is the
 * time until it has named all that are open; the highest rate at which it does so three times in a row. ---- */
static bool mass(struct job *j, char *rate)
{
	char *argv[] = { "masscan", "-p1-65535", TARGET, "--rate", rate, "--wait", "0", "--interface", "lan0", "--adapter-ip", "192.168.77.1",
			 "--router-mac", "02-00-00-48-50-01", NULL };
	const size_t n = sizeof(open_ports) / sizeof(open_ports[0]);
	int64_t limit_ns;

	memset(j, 0, sizeof(*j));
	limit_ns = SEC(2) + SEC(1) * 65535 / atoi(rate);
	job_start(j, argv, 0);
	while (times(j->said, "Discovered open port") < n && !job_ended(j, MS(1)) && clock_ns() - j->begin_ns < limit_ns)
		job_read(j);
	j->s = (double)(clock_ns() - j->begin_ns) / 1e9;
	kill(j->pid, SIGKILL);
	job_reap(j);
	return times(j->said, "Discovered open port") == n;
}

static void beside_masscan(void)
{
	static char *const rate[] = { "2000000", "1000000", "500000", "200000", "100000", "50000", "20000", "10000" };
	struct series s = { "masscan", { NULL }, RUNS, 0, false, jobs(), 0, 0, { 0 } };
	size_t most = 0;
	char name[64];

	if (!have("masscan"))
		return;
	for (size_t i = 0; i < sizeof(rate) / sizeof(rate[0]); i++) {
		struct job trial;
		int ok = 0;

		while (ok < 3 && mass(&trial, rate[i]))
			ok++;
		most = times(trial.said, "Discovered") > most ? times(trial.said, "Discovered") : most;
		if (ok < 3)
			continue;
		for (s.n = 0; s.n < RUNS; s.n++)
			s.bad += !mass(&s.job[s.n], rate[i]);
		snprintf(name, sizeof(name), "masscan --rate %s", rate[i]);
		s.name = name;
		tell(&s);
		return;
	}
	printf("  masscan: at no rate from 10000 a second on it named all five open ports three times in a row; %zu at best\n", most);
	fflush(stdout);
}

/* ---- UDP: nmap's 200 usual ports, and CoAP's, of devices that run real servers; all at once, for they only wait for ICMP ---- */
static const unsigned udp_open[] = { 53, 69, 123, 161, 5683 };
static char udp_ports[2048], udp_nmap[2048 + 8], udp_folder[] = "/tmp/ports_bench.XXXXXX";

static bool usual_ports(void)
{
	FILE *f = popen("nmap -sU --top-ports 200 -v -oG - -n -Pn 127.0.0.1 --max-retries 0 --host-timeout 1s 2>/dev/null |"
			"sed -n 's/.*UDP(200;\\([0-9,-]*\\)).*/\\1,5683/p'", "r");
	bool ok = f && fgets(udp_ports, sizeof(udp_ports), f);

	udp_ports[strcspn(udp_ports, "\n")] = '\0';
	snprintf(udp_nmap, sizeof(udp_nmap), "U:%s", udp_ports);
	if (f)
		pclose(f);
	return ok && *udp_ports;
}

static void serve(int i, char *address)
{
	static const char *const in_folder[] = { "%s/snmpd.conf", "--tftp-root=%s", "pidfile %s/%d.pid" };
	char listen_on[64], at[3][64];
	char *snmpd[] = { "snmpd", "-f", "-C", "-c", at[0], "-Lf", "/dev/null", "udp:161", NULL };
	char *dnsmasq[] = { "dnsmasq", "--no-daemon", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--enable-tftp", at[1], "--pid-file=", listen_on,
			    "--bind-interfaces", "--user=root", NULL };
	char *chronyd[] = { "chronyd", "-u", "root", "-d", "-x", at[2], "port 123", "cmdport 0", "allow all", "local stratum 8", NULL };
	char *coap[] = { "coap-server-notls", "-A", address, NULL };
	char **const argv[SERVERS] = { snmpd, dnsmasq, chronyd, coap };

	for (int k = 0; k < 3; k++)
		snprintf(at[k], sizeof(at[k]), in_folder[k], udp_folder, i);
	snprintf(listen_on, sizeof(listen_on), "--listen-address=%s", address);
	for (int k = 0; k < SERVERS; k++)
		job_start(&devices[i].server[k], argv[k], devices[i].pid);
}

static void await_servers(pid_t pid)
{
	for (int i = 0; i < 100 && run("[ $(nsenter -t %d -n ss -4lnuH '( sport = 53 or sport = 69 or sport = 123 or sport = 161 or sport = 5683 )' |"
				       "wc -l) -ge 5 ]", pid); i++)
		poll(NULL, 0, 50);
}

static struct series udp_series[2];

static bool udp_begin(void)
{
	static char address[DEVICES][32];
	char path[64];

	if (!have("nmap") || !have("snmpd") || !have("dnsmasq") || !have("chronyd") || !have("coap-server-notls") || !usual_ports())
		return false;
	if (!mkdtemp(udp_folder))
		die("mkdtemp");
	snprintf(path, sizeof(path), "%s/snmpd.conf", udp_folder);
	put(path, "rocommunity public\n");
	for (int k = 0; k < 2; k++)
		udp_series[k] = (struct series){ k ? "nmap -sU -n -Pn" : "jusan", { NULL }, RUNS, 420, !k, jobs(), 0, 0, { 0 } };
	for (int i = 1; i < DEVICES; i++) {
		snprintf(address[i], sizeof(address[i]), "192.168.%d.23", 77 + i);
		make_device(i, false);
		serve(i, address[i]);
	}
	for (int i = 1; i < DEVICES; i++) {
		char *ours[] = { self, "udp", address[i], udp_ports, NULL };
		char *nmap[] = { "nmap", "-sU", "-n", "-Pn", "-p", udp_nmap, "-oG", "-", address[i], NULL };

		await_servers(devices[i].pid);
		job_start(&udp_series[i & 1].job[(i - 1) / 2], i & 1 ? nmap : ours, 0);
	}
	return true;
}

/* Who only wants to know what answers need not wait for that: the silent ports stay unsure. */
static void udp_quick(void)
{
	struct series s = { "jusan, silent ones not sorted", { NULL }, RUNS, 60, true, jobs(), 0, 0, { 0 } };

	for (; s.n < RUNS; s.n++) {
		char address[32];
		char *argv[] = { self, "udp", address, udp_ports, "0", "0", NULL };
		struct answer got;

		snprintf(address, sizeof(address), "192.168.%d.23", 77 + 1 + 2 * s.n + 1);
		job_start(&s.job[s.n], argv, 0);
		job_await(&s.job[s.n], SEC(1) * s.limit_s);
		got = answer_of(s.job[s.n].said, "udp", udp_open, sizeof(udp_open) / sizeof(udp_open[0]));
		judge(&s, &got, got.same);
	}
	tell(&s);
}

static void udp_end(void)
{
	const size_t n = sizeof(udp_open) / sizeof(udp_open[0]);
	double t[2];

	printf("UDP: nmap's 200 usual ports and CoAP's: DNS, TFTP, NTP, SNMP, CoAP are served, and the kernel tells of a closed port once a second\n");
	for (int k = 0; k < 2; k++) {
		struct series *s = &udp_series[k];

		for (; s->n < RUNS; s->n++) {
			struct answer got;

			job_await(&s->job[s->n], SEC(1) * s->limit_s);
			got = answer_of(s->job[s->n].said, "udp", udp_open, n);
			if (strstr(s->job[s->n].said, " answered, "))
				got.closed = number_after(s->job[s->n].said, " answered, ");
			judge(s, &got, got.same && got.closed == 196);
		}
		t[k] = tell(s);
	}
	printf("    %.2f times the time of ours\n", t[1] / t[0]);
	udp_quick();
	run("rm -rf %s", udp_folder);
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
	struct udp_how how = { .settle_ns = MS(500), .sort_ns = SEC(argc > 5 ? atoi(argv[5]) : 3600), .deadline_ns = clock_ns() + SEC(3600),
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
	const struct answer resets = { .open = 5, .closed = 65530 }, drops = { .open = 5, .filtered = 65530 };
	bool nmap, udp;

	if (argc > 2 && !strcmp(argv[1], "scan"))
		return one_scan(argc, argv);
	if (argc > 3 && !strcmp(argv[1], "udp"))
		return one_udp(argc, argv);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("readlink");
	own_network();
	nmap = have("nmap");
	make_device(0, true);
	struct series plain[] = { OURS(RUNS), NMAP(RUNS, 30, "T3"), NMAP(RUNS, 30, "T4") };
	compare("65535 TCP ports over veth, 5 open, the others answer with resets", &resets, plain, nmap ? 3 : 1);
	beside_masscan();
	udp = udp_begin();
	run("nsenter -t %d -n nft 'table inet f { chain in { type filter hook input priority 0; tcp dport { 22, 80, 443, 8080, 49152 } accept; "
	    "meta l4proto tcp drop; }; }'", devices[0].pid);
	struct series dropped[] = { OURS(RUNS), NMAP(1, 90, "T4") };
	compare("the same, the others dropped", &drops, dropped, nmap ? 2 : 1);
	run("nsenter -t %d -n nft flush ruleset; tc qdisc add dev lan0 root tbf rate 8mbit burst 4kb latency 50ms;"
	    "nsenter -t %d -n nft 'table inet f { chain in { type filter hook prerouting priority -300; "
	    "iif dut0 numgen random mod 100 < 5 drop; }; }'", devices[0].pid, devices[0].pid);
	struct series slow[] = { OURS(RUNS), NMAP(3, 60, "T5") };
	compare("a slow device: 8 Mbit/s with a queue of 50 ms, 5 % loss", &resets, slow, nmap ? 2 : 1);
	if (udp)
		udp_end();
	return wrong ? 1 : 0;
}
