// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/cmd.h"
#include "harness/cmd_bench.h"

static const char usage[] =
	"usage: jusan bench check BENCH.yaml [LINE...]   exercise every line, write a dated stamp\n"
	"       jusan bench probe                        list attached devices as lines of a bench file\n"
	"       jusan bench import FILE [NAME...]        a labgrid environment or a pdudaemon configuration as a bench file\n\n"
	"`jusan bench PART --help` tells more.\n";

int cmd_bench(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(int argc, char **argv); } part[] = {
		{ "check", bench_cmd_check }, { "probe", bench_cmd_probe }, { "import", bench_cmd_import },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(part) / sizeof(*part); i++)
		if (!strcmp(argv[1], part[i].name))
			return part[i].run(argc - 1, argv + 1);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return fputs(usage, stdout) < 0;
	if (argc > 1)
		fprintf(stderr, "jusan bench: unknown part '%s'\n", argv[1]);
	fputs(usage, stderr);
	return 64;
}
