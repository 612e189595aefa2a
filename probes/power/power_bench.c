// SPDX-License-Identifier: Apache-2.0
// How fast is a cut? `power_bench [cycles] [program [argument...]]` starts a machine (default: a shell with children that
// write to a file without end) in namespaces of its own, cuts it after 50 ms and measures from the request to the proof
// that the last process is gone. Also shows that nothing was written after that moment.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/power/machine.h"

struct line { int unused; };
const char *line_name(const struct line *l) { (void)l; return "power.main"; }
bool line_enter(const struct line *l, enum netns ns, struct err *err) { (void)l; (void)ns; (void)err; return true; }

static void put(const char *path, const char *fmt, unsigned id)
{
	char text[64];
	int fd = open(path, O_WRONLY), n = snprintf(text, sizeof(text), fmt, id);

	if (fd < 0 || write(fd, text, (size_t)n) != n) {
		perror(path);
		exit(3);
	}
	close(fd);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

int main(int argc, char **argv)
{
	unsigned uid = getuid(), gid = getgid();
	int cycles = argc > 1 ? atoi(argv[1]) : 30, late = 0;
	char file[] = "/tmp/power-bench-XXXXXX", script[200];
	struct machine_spec spec = { .argv = { "sh", "-c", script }, .interface = "lo", .owns_ip = true };
	int64_t took[1000];
	struct line l = { 0 };

	if (cycles < 1 || cycles > 1000)
		return 64;
	close(mkstemp(file));
	snprintf(script, sizeof(script), "for i in 1 2 3 4; do (while :; do echo x; done >> %s) & done; wait", file);
	for (int i = 2; i < argc && i < MACHINE_ARGS; i++)
		spec.argv[i - 2] = argv[i];
	if (argc > 2)
		spec.argv[argc - 2] = NULL;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		perror("namespaces");
		return 3;
	}
	put("/proc/self/setgroups", "deny", 0);
	put("/proc/self/uid_map", "0 %u 1", uid);
	put("/proc/self/gid_map", "0 %u 1", gid);
	for (int i = 0; i < cycles; i++) {
		struct machine m;
		struct err err = { 0 };
		int64_t request, dead, size;

		machine_init(&m);
		if (!machine_start(&l, &spec, &m, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 3;
		}
		poll(NULL, 0, 50);
		request = clock_ns();
		if (!machine_cut(&m, spec.interface, &dead, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 3;
		}
		size = size_of(file);
		took[i] = dead - request;
		poll(NULL, 0, 5);
		late += size_of(file) != size;
		machine_done(&m);
	}
	unlink(file);
	qsort(took, (size_t)cycles, sizeof(took[0]), by_size);
	printf("%d cuts: request to proof %lld us at best, %lld us median, %lld us at worst; wrote after the proof: %d\n", cycles,
	       (long long)(took[0] / US(1)), (long long)(took[cycles / 2] / US(1)), (long long)(took[cycles - 1] / US(1)), late);
	return late ? 1 : 0;
}
