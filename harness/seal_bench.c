// SPDX-License-Identifier: Apache-2.0
/* Is `jusan verify` as fast as its hash? A run folder of some size in several files, beside sha256sum of the same files, in
 * turns. usage: seal_bench [MIB] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/base/rng.h"
#include "harness/journal.h"
#include "harness/seal.h"

#define ROUNDS 3
#define FILES 6                         /* captures, one of them half of the whole */
#define RECORDS 20000                   /* the journal is read twice: hashed, and its chain followed */

static char dir[] = "/tmp/seal-bench-XXXXXX";

static const char *in(const char *name)
{
	static char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool write_capture(int i, size_t bytes, struct err *err)
{
	static uint8_t block[1 << 20];
	char name[64];
	struct rng r;
	int fd;
	bool ok = true;

	snprintf(name, sizeof(name), "capture/%d.pcapng", i);
	fd = open(in(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, "%s", name);
	rng_init(&r, (uint64_t)i, "seal_bench");
	rng_bytes(&r, block, sizeof(block));
	for (size_t n = 0; ok && n < bytes; n += sizeof(block)) {
		memcpy(block, &n, sizeof(n));
		ok = fs_write_all(fd, block, bytes - n < sizeof(block) ? bytes - n : sizeof(block), err);
	}
	close(fd);
	return ok;
}

static bool make(size_t bytes, struct err *err)
{
	struct journal *j;
	bool ok;

	if (!fs_mkdirs(in("capture"), err) || !fs_write(in("run.json"), "{\n \"id\": \"bench\"\n}\n", 18, err) || !journal_open(dir, &j, err))
		return false;
	ok = true;
	for (int i = 0; ok && i < RECORDS; i++)
		ok = journal_append(j, "observe", json_pack("{s:s,s:s,s:s,s:{s:b,s:i}}", "test", "BT9-01", "label", "function", "verb",
						       "device.function", "facts", "ok", 1, "after", i), NULL, err);
	journal_close(j);
	for (int i = 0; ok && i < FILES; i++)
		ok = write_capture(i, i ? bytes / 2 / (FILES - 1) : bytes / 2, err);
	return ok && seal_write(dir, err);
}

static void hear(enum seal_fault f, const char *what, void *data)
{
	(void)f;
	(void)data;
	fprintf(stderr, "seal_bench: not intact: %s\n", what);
}

static int64_t verify(void)
{
	int64_t begin = clock_ns();
	struct seal_report r;
	struct err err = { 0 };

	return seal_verify(dir, NULL, hear, NULL, &r, &err) && !r.faults ? clock_ns() - begin : -1;
}

static int64_t sha256sum(void)
{
	int64_t begin = clock_ns();
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		execl("/bin/sh", "sh", "-c", "find \"$1\" -type f -exec sha256sum {} +", "sh", dir, (char *)NULL);
		_exit(127);
	}
	(void)!waitpid(pid, &status, 0);
	return status == 0 ? clock_ns() - begin : -1;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024;
	int64_t ours[ROUNDS], theirs[ROUNDS];
	struct err err = { 0 };
	bool ok;

	if (!mkdtemp(dir))
		return 3;
	ok = make(mib << 20, &err) && verify() >= 0;    /* once before: all of it in memory */
	for (int i = 0; ok && i < ROUNDS; i++) {
		ours[i] = verify();
		theirs[i] = sha256sum();
		ok = ours[i] >= 0 && theirs[i] >= 0;
	}
	if (ok) {
		qsort(ours, ROUNDS, sizeof(ours[0]), by_value);
		qsort(theirs, ROUNDS, sizeof(theirs[0]), by_value);
		printf("verify: %zu MiB in %d files in %.2f s, sha256sum of the same %.2f s: ratio %.2f (median of %d, one process each; "
		       "it is to be at most 1.2)\n", mib, FILES + 2, (double)ours[ROUNDS / 2] / 1e9, (double)theirs[ROUNDS / 2] / 1e9,
		       (double)ours[ROUNDS / 2] / (double)theirs[ROUNDS / 2], ROUNDS);
	} else {
		fprintf(stderr, "seal_bench: %s\n", err.text);
	}
	return fs_remove(dir, &err) && ok ? 0 : 3;
}
