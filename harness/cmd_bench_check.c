// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/bench_check.h"
#include "harness/cmd_bench.h"
#include "harness/options.h"
#include "harness/stamp.h"
#include "harness/value.h"

static const char usage[] =
	"usage: jusan bench check BENCH.yaml [options] [LINE...]\n\n"
	"Exercises every line of the bench, or only those named: switches power and proves that it is off, cuts and restores the\n"
	"network, waits for a byte and for a frame, reads flash twice, drives wires. THE DEVICE IS SWITCHED. Latency and uncertainty\n"
	"are measured. Writes a stamp that counts for 30 days, or `check: {valid_for: 7d}` of the bench file; a line that is edited\n"
	"afterwards loses it. On a bench of kind real no PASS rests on a line without a valid stamp.\n\n"
	"  -d, --device FILE    the maker's declaration\n"
	"      --repeat N       power and network so often (default: 3)\n"
	"      --stamp FILE     where the stamp goes (default: BENCH.stamp.json beside BENCH.yaml)\n"
	"      --keep-evidence DIR   recordings of the check stay there\n\n"
	"Exit status: 0 every line did what it should, 3 one did not, 64 usage or YAML, 130 interrupted.\n";

static void told(const char *line, const json_t *e)
{
	const json_t *latency = json_object_get(e, "latency_ns"), *un = json_object_get(e, "uncertainty_ns");
	const char *identity = json_string_value(json_object_get(e, "identity"));
	char a[32], b[32];
	bool ok = json_is_true(json_object_get(e, "ok"));

	printf("%-20s %-12s %s", line, json_string_value(json_object_get(e, "driver")), ok ? "ok" : "FAILED: ");
	if (!ok)
		escape_terminal(stdout, json_string_value(json_object_get(e, "why")));
	if (latency)
		printf("  latency %s, at most %s", time_text(json_integer_value(json_object_get(latency, "median")), a, sizeof(a)),
		       time_text(json_integer_value(json_object_get(latency, "max")), b, sizeof(b)));
	if (un)
		printf("  +- %s", time_text(json_integer_value(un), a, sizeof(a)));
	fputs(identity ? "  " : "", stdout);
	escape_terminal(stdout, identity ? identity : "");
	putchar('\n');
	fflush(stdout);
}

static void said(const char *line, const char *text)
{
	fprintf(stderr, "%s: ", line);
	escape_terminal(stderr, text);
	fputc('\n', stderr);
}

/* Lines that were not checked now keep what they had. */
static bool write_stamp(const char *path, const struct bench *b, json_t *lines, struct err *err)
{
	CLEANUP(free_json) json_t *stamp = NULL;

	if (!stamp_load(path, &stamp, err))
		return false;
	if (!stamp)
		stamp = json_pack("{s:s,s:s,s:{}}", "format", STAMP_FORMAT, "bench", b->name, "lines");
	json_object_update(json_object_get(stamp, "lines"), lines);
	return fs_write_json(path, stamp, err);
}

/* The line whose name the message begins with did not open. */
static void not_opened(const struct bench *b, const char *text, json_t *lines)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t n = strlen(b->line[i].name);

		if (!strncmp(text, b->line[i].name, n) && !strncmp(text + n, " (driver ", 9)) {
			json_t *e = bench_check_failed(b, &b->line[i], text);

			json_object_set_new(lines, b->line[i].name, e);
			told(b->line[i].name, e);
		}
	}
}

/* The whole bench is opened: cutting the network takes its recorder, hearing the console takes the supply. */
static bool check(struct by_hand *h, const struct by_hand_options *o, const char *const *only, int repeats, const char *stamp, int *ret_bad, struct err *err)
{
	CLEANUP(free_json) json_t *lines = NULL;

	if (by_hand_open(h, o, err))
		return bench_check(h, only, repeats, told, &lines, ret_bad, err) && write_stamp(stamp, &h->plan.bench, lines, err);
	lines = json_object();
	not_opened(&h->plan.bench, err->text, lines);
	if (json_object_size(lines)) {
		struct err second = { 0 };

		*ret_bad = 1;
		return write_stamp(stamp, &h->plan.bench, lines, &second) ? err->kind != ERR_STOP : false;
	}
	return false;
}

static bool are_there(const struct by_hand *h, const char *const *lines, struct err *err)
{
	for (; lines && *lines; lines++)
		if (!by_hand_find(h, *lines))
			return err_set(err, ERR_CONF, "%s has no line '%.60s'", h->plan.bench.file, *lines);
	return true;
}

static int finish(struct by_hand *h, bool ok, int bad, const char *stamp, struct err *err)
{
	struct err second = { 0 };
	bool closed = by_hand_close(h, false, &second);

	if (!ok && err->text[0])
		options_report(err, NULL);
	if (!closed)
		options_report(&second, NULL);
	if (!ok)
		return err_status(err);
	printf("%s\n", stamp);
	return bad || !closed ? 3 : 0;
}

int bench_cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' }, { "repeat", required_argument, NULL, 'r' }, { "stamp", required_argument, NULL, 's' },
		{ "keep-evidence", required_argument, NULL, 'k' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct by_hand_options o = { 0 };
	struct by_hand h = { .said = said };
	struct err err = { 0 };
	char path[FS_PATH] = "";
	int64_t repeats = 3;
	const char *const *only;
	int opt, bad = 0;
	bool ok;

	while ((opt = getopt_long(argc, argv, "d:h", options, NULL)) >= 0) {
		if (opt == 'h')
			return fputs(usage, stdout) < 0;
		if (opt == '?' || (opt == 'r' && (!units_int(optarg, &repeats) || repeats < 1 || repeats > 100)))
			return fprintf(stderr, opt == 'r' ? "jusan bench check: --repeat: a whole number from 1 to 100\n" : "%s", usage), 64;
		if (opt == 'd')
			o.device = optarg;
		if (opt == 's')
			snprintf(path, sizeof(path), "%s", optarg);
		if (opt == 'k')
			o.dir = optarg;
	}
	if (optind == argc)
		return fputs(usage, stderr), 64;
	o.bench = argv[optind];
	only = optind + 1 < argc ? (const char *const *)(uintptr_t)&argv[optind + 1] : NULL;
	if (!path[0])
		stamp_path(o.bench, path);
	ok = by_hand_load(&h, &o, options_report, &err) && are_there(&h, only, &err) && check(&h, &o, only, (int)repeats, path, &bad, &err);
	return finish(&h, ok, bad, path, &err);
}
