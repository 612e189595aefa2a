// SPDX-License-Identifier: Apache-2.0
// How fast does the journal grow? Observation records as a watch makes them, and synced ones as a test's end is.
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/journal.h"

static double rate(struct journal *j, const char *kind, int n, struct err *err)
{
	int64_t begin = clock_ns();

	for (int i = 0; i < n; i++)
		if (!journal_append(j, kind, json_pack("{s:s,s:s,s:s,s:{s:b,s:i}}", "test", "BT9-01", "label", "function", "verb",
						       "device.function", "facts", "ok", 1, "after", i), NULL, err))
			return -1;
	return n / ((double)(clock_ns() - begin) / 1e9);
}

int main(void)
{
	char dir[] = "/tmp/journal-bench-XXXXXX";
	struct journal *j = NULL;
	struct err err = { 0 };

	if (!mkdtemp(dir) || !journal_open(dir, &j, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	printf("journal: %.0f observations/s, %.0f synced records/s\n", rate(j, "observe", 100000, &err), rate(j, "end", 1000, &err));
	journal_close(j);
	return fs_remove(dir, &err) ? 0 : 3;
}
