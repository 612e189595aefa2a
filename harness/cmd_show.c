// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/escape.h"
#include "harness/cmd.h"
#include "harness/show.h"

static void usage(FILE *f)
{
	fputs("usage: jusan show RUN POINTER...\n\n"
	      "Prints the bytes that a claim rests on. POINTER is as it stands in reports:\n\n"
	      "  serial/console.raw@4711+18   18 bytes from offset 4711\n"
	      "  capture/lan.pcapng#12        frame 12, as Wireshark counts\n"
	      "  journal#17                   record 17\n\n"
	      "Control characters are escaped. Exit status: 0, 3 the file cannot be read, 64 no such thing.\n", f);
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt = getopt_long(argc, argv, "h", options, NULL);

	if (opt >= 0 || optind + 2 > argc) {
		if (opt < 0)
			fprintf(stderr, "jusan show: needs a run folder and a pointer\n");
		usage(opt == 'h' ? stdout : stderr);
		return opt == 'h' ? 0 : 64;
	}
	for (int i = optind + 1; i < argc; i++) {
		struct err err = { 0 };
		char line[1024];

		if (show_pointer(argv[optind], argv[i], stdout, &err))
			continue;
		fprintf(stderr, "jusan show: ");
		escape_terminal(stderr, err_line(&err, line, sizeof(line)));
		fputc('\n', stderr);
		return err_status(&err);
	}
	return 0;
}
