// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/show.h"

static void usage(FILE *f)
{
	fputs("usage: jusan show RUN POINTER...\n\n"
	      "Prints the bytes that a claim rests on. POINTER is as it stands in reports:\n\n"
	      "  serial/console.raw@4711+18   18 bytes from offset 4711\n"
	      "  capture/lan.pcapng#12        frame 12, as Wireshark counts\n"
	      "  journal#17                   record 17\n"
	      "  unit2/journal#17             of a campaign: in the run of unit 2, where it was when it was judged\n\n"
	      "Control characters are escaped. Exit status: 0, 3 the file cannot be read, 64 no such thing.\n", f);
}

/* unit2/serial/console.raw@1+2 of a campaign leads into another folder. */
static bool show(const char *dir, const char *pointer, struct err *err)
{
	CLEANUP(free_json) json_t *run = strncmp(pointer, "unit", 4) ? NULL : campaign_run(dir);
	const char *slash = strchr(pointer, '/');
	char where[FS_PATH];

	if (!run || !slash)
		return show_pointer(dir, pointer, stdout, err);
	if (campaign_folder(dir, run, strtoll(pointer + 4, NULL, 10), where, sizeof(where)))
		return show_pointer(where, slash + 1, stdout, err);
	return err_set(err, ERR_CONF, "%s: the run of that unit is not where it was; show it from its own folder", pointer);
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

		if (show(argv[optind], argv[i], &err))
			continue;
		fprintf(stderr, "jusan show: ");
		escape_terminal(stderr, err_line(&err, line, sizeof(line)));
		fputc('\n', stderr);
		return err_status(&err);
	}
	return 0;
}
