// SPDX-License-Identifier: Apache-2.0
// Eight consoles at 3 Mbaud (300 kB/s each), recorded by the driver `tty` as in a run, one process a line; then the same ports
// at the same rate by socat and by picocom, where they are installed. `serial_bench [seconds] [folder]`. Prints bytes sent and
// lost, processor time per MB, and how much later than it was written a byte is stamped. Exit status 1 when we lost anything.
//
// The writer is a UART, which waits for nobody: a piece that finds no room is lost. Each piece begins with its number and the
// time at which it was written.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/serial_log.h"

enum { PORTS = 8, PIECE = 300, PIECES_S = 1000, HEAD = 31 };    /* head: "@0000000001 000123456789012345 " */

extern const struct line_driver drv_tty;

/* ---- a line process, as small as can be ---- */
struct line { void *priv; const char *name; json_t *params; struct pollfd watch[4]; nfds_t n; };
static char dir[200];
const char *line_name(const struct line *l) { return l->name; }
const char *line_run_dir(const struct line *l) { (void)l; return dir; }
const json_t *line_json(const struct line *l, const char *p) { return json_object_get(l->params, p); }
const char *line_text(const struct line *l, const char *p) { return json_string_value(line_json(l, p)); }
int64_t line_int(const struct line *l, const char *p) { return json_integer_value(line_json(l, p)); }
bool line_has(const struct line *l, const char *p) { return line_json(l, p) != NULL; }
bool line_flag(const struct line *l, const char *p) { return json_is_true(line_json(l, p)); }
bool line_blind(const struct line *l) { (void)l; return false; }
void line_set_priv(struct line *l, void *priv) { l->priv = priv; }
void *line_priv(const struct line *l) { return l->priv; }
void line_timer(struct line *l, int64_t at_ns) { (void)l; (void)at_ns; }
void line_note(struct line *l, const char *fmt, ...) { (void)l; (void)fmt; }
void line_unwatch(struct line *l, int fd)
{
	for (nfds_t i = 0; i < l->n; i++)
		if (l->watch[i].fd == fd)
			l->watch[i] = l->watch[--l->n];
}
bool line_watch(struct line *l, int fd, short events, struct err *err)
{
	line_unwatch(l, fd);
	if (l->n == 4)
		return err_set(err, ERR_LIMIT, "descriptors");
	l->watch[l->n++] = (struct pollfd){ fd, events, 0 };
	return true;
}

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static int master[PORTS];
static char port[PORTS][64];

/* The far ends are held open and raw, so that nothing is echoed or ends before the recorder is there. */
static void make_ports(void)
{
	for (int i = 0; i < PORTS; i++) {
		struct termios t;
		int slave;

		master[i] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
		if (master[i] < 0 || grantpt(master[i]) < 0 || unlockpt(master[i]) < 0 ||
		    ptsname_r(master[i], port[i], sizeof(port[i])) != 0)
			die("pseudo-terminal");
		slave = open(port[i], O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (slave < 0 || tcgetattr(slave, &t) < 0)
			die(port[i]);
		cfmakeraw(&t);
		tcsetattr(slave, TCSANOW, &t);
	}
}

/* ---- recorders ---- */

static void ours(int i, int ready, int stop)
{
	static char name[32];
	struct line l = { .name = name };
	struct err err = { 0 };

	snprintf(name, sizeof(name), "serial.%d", i);
	l.params = json_pack("{s:s,s:i,s:i,s:s,s:i,s:s,s:s,s:s,s:i}", "path", port[i], "baud", 3000000, "bits", 8, "parity", "none",
			     "stop", 1, "flow", "none", "dtr", "keep", "rts", "keep", "every", 1000000);
	if (!drv_tty.open(&l, &err) || write(ready, "r", 1) != 1) {
		fprintf(stderr, "%s\n", err.text);
		_exit(3);
	}
	for (;;) {
		struct pollfd p[5];
		nfds_t n = l.n;

		memcpy(p, l.watch, n * sizeof(*p));
		p[n] = (struct pollfd){ stop, POLLIN, 0 };
		if (poll(p, n + 1, -1) < 0 || p[n].revents)
			break;
		for (nfds_t k = 0; k < n; k++)
			if (p[k].revents && !drv_tty.event(&l, p[k].fd, p[k].revents, &err))
				_exit(3);
	}
	drv_tty.close(&l);
	_exit(0);
}

/* In a session of its own: picocom ends the whole group that it is in. */
static void theirs(const char *program, int i, int ready)
{
	char in[100], out[300], file[280], *socat[] = { "socat", "-u", in, out, NULL };
	char *picocom[] = { "picocom", "-q", "--noinit", "--noreset", "--nolock", "--logfile", file, port[i], NULL };
	int fd = open("/dev/null", O_RDWR), silent[2];

	snprintf(in, sizeof(in), "%s,raw,echo=0", port[i]);
	snprintf(file, sizeof(file), "%s/%s.%d", dir, program, i);
	snprintf(out, sizeof(out), "OPEN:%s,creat,append", file);
	if (setsid() < 0 || pipe(silent) < 0 || dup2(silent[0], 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || write(ready, "r", 1) != 1)
		_exit(3);
	execvp(program, !strcmp(program, "socat") ? socat : picocom);
	_exit(127);
}

/* ---- the devices ---- */

struct sum { int64_t sent, lost; };

static struct sum blast(int64_t seconds)
{
	static char piece[PIECE + 1];
	struct sum s = { 0 };
	int64_t begin = clock_ns();

	memset(piece, '.', PIECE);
	for (int64_t k = 0; k < seconds * PIECES_S; k++) {
		for (int64_t left; (left = begin + k * (SEC(1) / PIECES_S) - clock_ns()) > 0;)
			ppoll(NULL, 0, &(struct timespec){ 0, left }, NULL);
		for (int i = 0; i < PORTS; i++) {
			ssize_t n;

			snprintf(piece, HEAD + 1, "@%010" PRId64 " %018" PRId64 " ", k, clock_ns());
			piece[HEAD] = '.';
			n = write(master[i], piece, PIECE);
			s.sent += n > 0 ? n : 0;
			s.lost += PIECE - (n > 0 ? n : 0);
		}
	}
	return s;
}

struct result { struct sum s; int64_t cpu_ns; bool ran; };

static int64_t cpu_of(const struct rusage *u)
{
	return SEC(u->ru_utime.tv_sec + u->ru_stime.tv_sec) + US(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* program NULL: our own driver. */
static struct result record(const char *program, int64_t seconds)
{
	struct result r = { .ran = true };
	int ready[2], stop[2], status;
	pid_t pid[PORTS];
	char b;

	if (pipe(ready) < 0 || pipe(stop) < 0)
		die("pipe");
	for (int i = 0; i < PORTS; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(stop[1]);
		if (program)
			theirs(program, i, ready[1]);
		ours(i, ready[1], stop[0]);
	}
	close(ready[1]);
	for (int i = 0; i < PORTS; i++)
		if (read(ready[0], &b, 1) != 1)
			die("recorder");
	poll(NULL, 0, program ? 500 : 0);       /* ours say when they are ready, the others cannot */
	r.s = blast(seconds);
	poll(NULL, 0, 200);
	close(stop[1]);
	for (int i = 0; i < PORTS; i++) {
		struct rusage u;

		if (program)
			kill(pid[i], SIGTERM);
		wait4(pid[i], &status, 0, &u);
		r.ran &= !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
		r.cpu_ns += cpu_of(&u);
	}
	close(ready[0]);
	close(stop[0]);
	return r;
}

/* ---- what was recorded ---- */

static int64_t size_of(const char *program)
{
	int64_t sum = 0;

	for (int i = 0; i < PORTS; i++) {
		char path[300];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s.%d", dir, program, i);
		sum += stat(path, &st) == 0 ? st.st_size : 0;
	}
	return sum;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Every piece in order and whole; how late each was stamped. Returns the bytes that are right. */
static int64_t check(int i, int64_t *late, size_t *n_late)
{
	struct serial_log l;
	struct err err = { 0 };
	char path[300];
	int64_t good = 0, next = 0;

	snprintf(path, sizeof(path), "%s/serial/%d", dir, i);
	if (!serial_log_open(path, 0, false, &l, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(3);
	}
	for (size_t at = 0; at + PIECE <= l.n; at += PIECE) {
		int64_t k, t_ns, stamp, off;

		if (sscanf(l.text + at, "@%10" SCNd64 " %18" SCNd64, &k, &t_ns) != 2 || k != next++ || l.text[at + PIECE - 1] != '.' ||
		    !serial_log_where(&l, at, &stamp, &off))
			break;
		good += PIECE;
		late[(*n_late)++] = stamp - t_ns;
	}
	serial_log_done(&l);
	return good;
}

static void say(const char *who, const struct result *r, int64_t got)
{
	printf("%-8s %lld bytes sent, %lld lost, %lld us of processor time per MB\n", who, (long long)r->s.sent,
	       (long long)(r->s.lost + r->s.sent - got), (long long)(r->cpu_ns / US(1) * 1000000 / (got ? got : 1)));
}

static void beside(const char *program, int64_t seconds)
{
	struct result r = record(program, seconds);

	if (!r.ran)
		printf("%-8s is not installed: skipped\n", program);
	else
		say(program, &r, size_of(program));
}

int main(int argc, char **argv)
{
	int64_t seconds = argc > 1 ? atoll(argv[1]) : 10, got = 0, *late;
	struct err err = { 0 };
	struct result r;
	size_t n = 0;

	snprintf(dir, sizeof(dir), "%s/serial-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	if (seconds < 1 || seconds > 50 || !mkdtemp(dir) || !(late = calloc((size_t)(seconds * PIECES_S * PORTS), sizeof(*late))))
		die("serial_bench [seconds, at most 50] [folder]");
	make_ports();
	printf("%d ports at %d kB/s each for %lld s\n", PORTS, PIECE * PIECES_S / 1000, (long long)seconds);
	r = record(NULL, seconds);
	for (int i = 0; i < PORTS; i++)
		got += check(i, late, &n);
	say("jusan", &r, got);
	qsort(late, n, sizeof(*late), by_size);
	if (n)
		printf("         stamps later than the write by %lld us median, %lld us at the 99th percentile, %lld us at worst\n",
		       (long long)(late[n / 2] / US(1)), (long long)(late[n * 99 / 100] / US(1)), (long long)(late[n - 1] / US(1)));
	beside("socat", seconds);
	beside("picocom", seconds);
	free(late);
	if (!fs_remove(dir, &err))
		fprintf(stderr, "%s\n", err.text);
	return r.s.lost || got != r.s.sent ? 1 : 0;
}
