// SPDX-License-Identifier: Apache-2.0
/* How long does `jusan judge` take for a long journal, and how much memory? A run of all tests that never was, its watches
 * long enough for that many lines. usage: judge_bench [LINES [FOLDER]] (a FOLDER is kept) */
#include "harness/fake_folder.h"

#define ROUNDS 3

int main(int argc, char **argv)
{
	char made[] = "/tmp/judge-bench-XXXXXX", jusan[FS_PATH];
	int64_t lines = argc > 1 ? atoll(argv[1]) : 1000000;
	const char *dir = argc > 2 ? argv[2] : mkdtemp(made);
	struct fake_figure f[ROUNDS];
	struct err err = { 0 };
	struct fake_out o = { 0 };

	if (!dir || !fake_jusan(jusan, &err) || !fake_folder(dir, lines, &o, &err)) {
		fprintf(stderr, "judge_bench: %s\n", err.text);
		return 3;
	}
	for (int i = 0; i < ROUNDS; i++)
		f[i] = fake_measure(jusan, "judge", dir, NULL);
	qsort(f, ROUNDS, sizeof(f[0]), fake_by_time);
	printf("judge: %lld records (%lld MB) in %.2f s, at most %ld MiB resident (median of %d; it is to take 3 s and 200 MiB per million)\n",
	       (long long)o.lines, (long long)o.bytes / 1000000, (double)f[ROUNDS / 2].ns / 1e9, f[ROUNDS / 2].kib / 1024, ROUNDS);
	if (argc <= 2 && !fs_remove(dir, &err))
		return 3;
	return fake_broke(&f[0]) ? 3 : 0;
}
