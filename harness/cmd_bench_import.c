// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf.h"
#include "harness/base/fs.h"
#include "harness/bench_import.h"
#include "harness/cmd_bench.h"
#include "harness/options.h"

static const char usage[] =
	"usage: jusan bench import FILE [NAME...]\n\n"
	"Prints a bench file made of FILE: a labgrid environment, a labgrid exporter's file, or a pdudaemon configuration. With names,\n"
	"only those targets, groups, PDUs or aliases: a bench is one device's. What has no counterpart here, or lacks a fact, stands in\n"
	"comments with its place and the reason; every line that is no comment loads. Secrets are not copied: a line says\n"
	"{env: NAME}, and the value belongs there or into a {file: PATH}.\n\n"
	"Exit status: 0 printed, 64 FILE is none of these, or wrong.\n";

static bool import(const char *path, const char *const *only, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	if (!fs_read(path, CONF_MAX_BYTES, &text, &n, err)) {
		err->kind = ERR_CONF;           /* the user named the file */
		return false;
	}
	return bench_import(path, text, n, only, stdout, err) && (fflush(stdout) == 0 || err_sys(err, "output"));
}

int bench_cmd_import(int argc, char **argv)
{
	struct err err = { 0 };

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return fputs(usage, stdout) < 0;
	if (argc > 1 && !strcmp(argv[1], "--")) {
		argc--;
		argv++;
	}
	if (argc < 2 || (argv[1][0] == '-' && argv[1][1]))
		return fputs(usage, stderr), 64;
	if (import(argv[1], (const char *const *)(uintptr_t)&argv[2], &err))
		return 0;
	options_report(&err, NULL);
	return err_status(&err);
}
