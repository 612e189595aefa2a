// SPDX-License-Identifier: Apache-2.0
// How much can the recorder take? 100 000 frames a second of 300 bytes for 10 seconds over a veth in namespaces of its
// own, recorded by the driver `pcap` as in a run: `capture_bench [frames/s] [bytes] [seconds] [folder]`. Prints what was
// sent, recorded and dropped, and the recorder's processor time. Exit status 1 when anything was lost.
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/pcapng.h"

extern const struct line_driver drv_pcap;

/* ---- a line process, as small as can be ---- */
struct line { void *priv; int fd; int64_t timer_ns; };
static char dir[256];
const char *line_name(const struct line *l) { (void)l; return "capture.lan"; }
const char *line_run_dir(const struct line *l) { (void)l; return dir; }
const char *line_text(const struct line *l, const char *p) { (void)l; (void)p; return "lan0"; }
int64_t line_int(const struct line *l, const char *p) { (void)l; (void)p; return 32 << 20; }
bool line_blind(const struct line *l) { (void)l; return false; }
void line_set_priv(struct line *l, void *priv) { l->priv = priv; }
void *line_priv(const struct line *l) { return l->priv; }
void line_timer(struct line *l, int64_t at_ns) { l->timer_ns = at_ns; }
bool line_watch(struct line *l, int fd, short events, struct err *err) { (void)events; (void)err; l->fd = fd; return true; }
void line_note(struct line *l, const char *fmt, ...)
{
	va_list ap;

	(void)l;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void record(int ready, int stop)
{
	struct line l = { .fd = -1 };
	struct err err = { 0 };
	bool ok = drv_pcap.open(&l, &err);

	if (!ok || write(ready, "r", 1) != 1) {
		fprintf(stderr, "%s\n", err.text);
		exit(3);
	}
	for (struct pollfd p[2] = { { stop, POLLIN, 0 }, { l.fd, POLLIN, 0 } }; ok;) {
		int64_t left = l.timer_ns - clock_ns();

		poll(p, 2, !l.timer_ns ? -1 : left <= 0 ? 0 : (int)(left / MS(1)) + 1);
		if (p[0].revents)
			break;
		if (l.timer_ns && clock_ns() >= l.timer_ns) {
			l.timer_ns = 0;
			ok = drv_pcap.event(&l, -1, 0, &err);
		}
		if (ok && p[1].revents)
			ok = drv_pcap.event(&l, l.fd, p[1].revents, &err);
	}
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	drv_pcap.close(&l);
	exit(ok ? 0 : 3);
}

/* ---- the wire ---- */
static void put(const char *path, const char *fmt, unsigned id)
{
	char text[64];
	int fd = open(path, O_WRONLY), n = snprintf(text, sizeof(text), fmt, id);

	if (fd < 0 || write(fd, text, (size_t)n) != n)
		die(path);
	close(fd);
}

static void world(void)
{
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		die("namespaces");
	put("/proc/self/setgroups", "deny", 0);
	put("/proc/self/uid_map", "0 %u 1", uid);
	put("/proc/self/gid_map", "0 %u 1", gid);
	if (system("PATH=$PATH:/sbin:/usr/sbin; ip link add lan0 type veth peer name dut0 && ip link set lan0 up && ip link set dut0 up && "
		   "sysctl -qw net.ipv6.conf.lan0.disable_ipv6=1 net.ipv6.conf.dut0.disable_ipv6=1") != 0)
		exit(3);
}

/* Bursts every millisecond, so that a busy machine is caught up with and the mean holds. */
static int64_t blast(int64_t rate, size_t bytes, int64_t seconds)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("dut0") };
	int s = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
	static uint8_t frame[65536] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	struct iovec v = { frame, bytes };
	struct mmsghdr m[64];
	int64_t sent = 0, begin = clock_ns(), end = begin + SEC(seconds), now;

	setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	for (size_t i = 0; i < 64; i++)
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &v, .msg_iovlen = 1 } };
	while ((now = clock_ns()) < end) {
		int64_t due = rate * ((now - begin) / US(1)) / 1000000 - sent;

		while (due > 0) {
			int n = sendmmsg(s, m, due < 64 ? (unsigned)due : 64, 0);

			if (n <= 0)
				break;
			sent += n;
			due -= n;
		}
		poll(NULL, 0, 1);
	}
	close(s);
	return sent;
}

static bool count(int64_t *ret_frames, int64_t *ret_dropped)
{
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct err err = { 0 };
	char path[300];
	int64_t n = 0;

	snprintf(path, sizeof(path), "%s/capture/lan.pcapng", dir);
	if (!pcapng_open(path, false, &r, &err))
		return false;
	while (pcapng_next(&r, &f, &err))
		n += f.data.n >= 14 && f.data.p[12] == 0x88 && f.data.p[13] == 0xb5;
	*ret_frames = n;
	*ret_dropped = r.p.dropped;
	pcapng_done(&r);
	return err.kind == ERR_NONE;
}

int main(int argc, char **argv)
{
	int64_t rate = argc > 1 ? atoll(argv[1]) : 100000, bytes = argc > 2 ? atoll(argv[2]) : 300, seconds = argc > 3 ? atoll(argv[3]) : 10;
	int64_t sent, got = 0, dropped = 0, begin, took, cpu;
	int ready[2], stop[2];
	struct rusage u;
	struct err err = { 0 };
	char byte;
	pid_t pid;

	snprintf(dir, sizeof(dir), "%s/capture-bench-XXXXXX", argc > 4 ? argv[4] : "/tmp");
	if (bytes < 14 || bytes > 1514 || rate < 1 || seconds < 1 || !mkdtemp(dir) || pipe(ready) < 0 || pipe(stop) < 0)
		die("capture_bench [frames/s] [bytes] [seconds] [folder]");
	world();
	pid = fork();
	if (pid == 0) {
		close(stop[1]);
		record(ready[1], stop[0]);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		exit(3);
	begin = clock_ns();
	sent = blast(rate, (size_t)bytes, seconds);
	took = clock_ns() - begin;
	poll(NULL, 0, 100);             /* the last block is handed over after 10 ms */
	close(stop[1]);
	wait4(pid, NULL, 0, &u);
	cpu = SEC(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + US(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	if (!count(&got, &dropped))
		die("capture");
	printf("sent %lld frames of %lld bytes in %lld ms (%lld/s), recorded %lld, dropped %lld, recorder used %lld ms (%lld%% of one core)\n",
	       (long long)sent, (long long)bytes, (long long)(took / MS(1)), (long long)(sent * 1000 / (took / MS(1))), (long long)got,
	       (long long)dropped, (long long)(cpu / MS(1)), (long long)(100 * cpu / took));
	if (!fs_remove(dir, &err))
		fprintf(stderr, "%s\n", err.text);
	return got == sent && !dropped ? 0 : 1;
}
