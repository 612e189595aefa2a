// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/bench_probe.h"
#include "harness/cmd_bench.h"
#include "harness/options.h"

int bench_cmd_probe(int argc, char **argv)
{
	static const char usage[] = "usage: jusan bench probe\n\n"
		"Prints a bench file with lines for what is plugged into this host: relay boards, consoles, instruments, hubs, free network\n"
		"interfaces, GPIO chips. Nothing is opened or switched. What is not certain stands in comments.\n";
	struct err err = { 0 };

	if (argc > 1)
		return fputs(usage, !strcmp(argv[1], "--help") ? stdout : stderr), strcmp(argv[1], "--help") ? 64 : 0;
	if (bench_probe(stdout, &err))
		return 0;
	options_report(&err, NULL);
	return err_status(&err);
}
