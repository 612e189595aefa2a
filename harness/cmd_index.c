// SPDX-License-Identifier: Apache-2.0
// jusan index: many runs on one page, in one table, or as JSON.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/cmd.h"
#include "reports/campaigns/index.h"
#include "reports/campaigns/page.h"

struct wish { const char *folder, *file; bool json, flakes, all; };

static void usage(FILE *f)
{
	fprintf(f, "usage: jusan index [-o FILE] [--flakes [--all]] [--json] FOLDER\n\n"
		"Every run below FOLDER, newest first, by product and firmware: what was decided, the gate, the 13 guidelines; how each test\n"
		"went over time; which tests are steady where runs were repeated; the units of campaigns side by side. Writes one page,\n"
		"FOLDER/index.html, and a table to the terminal. What cannot be read as a run is listed with the reason.\n\n"
		"  -o, --output FILE   the page goes there; never into a run folder, never over another file than such a page\n"
		"      --flakes        only what was repeated: what every round and run of a test said. Repeated are runs of the same product,\n"
		"                      hardware, firmware, profile and suites, and runs with several rounds (jusan run --repeat). No page\n"
		"                      without -o. A test is unsteady when two answers differ, steady when %d or more are all the same\n"
		"      --all           with --flakes: also the tests that are not unsteady\n"
		"      --json          everything as JSON (format jusan-index/1). No page without -o\n\n"
		"Looks %d folders deep, follows no link, and does not check seals: jusan verify RUN does.\n"
		"Exit status: 0 done, 2 done but something could not be read, 3 or 64 not done.\n", STEADY_LEAST, INDEX_DEPTH);
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan index: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

static bool write_page(const struct wish *w, const json_t *index, const char *path, struct err *err)
{
	CLEANUP(free_ptr) char *way = page_way(path, w->folder), *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	bool ok;

	if (!f)
		return err_sys(err, "%s", path);
	index_page(index, way, f);
	ok = !ferror(f);
	if (fclose(f) || !ok)
		return err_sys(err, "%s", path);
	return fs_write(path, text, n, err);
}

static int make(const struct wish *w)
{
	CLEANUP(free_json) json_t *index = NULL;
	char path[FS_PATH];
	struct err err = { 0 };
	bool page = w->file || (!w->json && !w->flakes);

	if (w->file ? snprintf(path, sizeof(path), "%s", w->file) >= (int)sizeof(path) : !fs_join(path, w->folder, "index.html", &err))
		return err.kind ? complain(&err) : 64;
	if ((page && !page_may_write(path, "index", &err)) || !index_read(w->folder, &index, &err) ||
	    (page && !write_page(w, index, path, &err)))
		return complain(&err);
	if (w->json && (json_dumpf(index, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII) < 0 || putchar('\n') < 0))
		return 3;
	if (w->flakes && !w->json)
		index_flakes(index, w->all, stdout);
	else if (!w->json)
		index_text(index, stdout);
	if (page && !w->json) {
		fputs("page: ", stdout);
		escape_terminal(stdout, path);
		putchar('\n');
	}
	return json_array_size(json_object_get(index, "not_read")) ? 2 : 0;
}

int cmd_index(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' }, { "json", no_argument, NULL, 'j' }, { "flakes", no_argument, NULL, 'f' },
		{ "all", no_argument, NULL, 'a' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct wish w = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "ho:", options, NULL)) >= 0) {
		if (opt == 'h' || !strchr("ojfa", opt)) {
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 64;
		}
		w.file = opt == 'o' ? optarg : w.file;
		w.json |= opt == 'j';
		w.flakes |= opt == 'f';
		w.all |= opt == 'a';
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "jusan index: needs one folder\n");
		usage(stderr);
		return 64;
	}
	w.folder = argv[optind];
	return make(&w);
}
