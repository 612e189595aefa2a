// SPDX-License-Identifier: Apache-2.0
// The index and the table of repeated runs for a terminal. No word depends on colour; there is none.
#include <inttypes.h>
#include <string.h>

#include "harness/base/escape.h"
#include "reports/campaigns/index.h"
#include "reports/read/read.h"

#define ROUNDS_SHOWN 60

/* PASS . FAIL F: in columns of one letter what must be seen stands out. */
static const char letter[VERDICT_COUNT] = {
	[VERDICT_NOT_TESTED] = '_', [VERDICT_PASS] = '.', [VERDICT_FAIL] = 'F', [VERDICT_ERROR] = 'E', [VERDICT_INCONCLUSIVE] = 'I',
	[VERDICT_REVIEW] = 'R', [VERDICT_NOT_APPLICABLE] = '-',
};
static const enum verdict order[VERDICT_COUNT] = {
	VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED, VERDICT_PASS, VERDICT_NOT_APPLICABLE
};

static void legend(FILE *out)
{
	fputs("\n", out);
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		fprintf(out, "%s%c %s", i ? "   " : "  ", letter[order[i]], verdict_name(order[i]));
	fputc('\n', out);
}

/* At least `width` columns of ASCII; what came from elsewhere may be longer. */
static void column(FILE *out, const char *text, size_t width)
{
	escape_terminal(out, text);
	for (size_t n = strlen(text); n < width; n++)
		fputc(' ', out);
	fputs("  ", out);
}

static void say_product(FILE *out, const json_t *p)
{
	static const char *const keys[] = { "maker", "product", "model", "hardware", NULL };
	bool any = false;

	for (const char *const *k = keys; *k; k++) {
		if (!*get_text(p, *k) || (!strcmp(*k, "model") && !strcmp(get_text(p, "model"), get_text(p, "product"))))
			continue;
		fputs(any ? !strcmp(*k, "hardware") ? ", hardware " : " " : "", out);
		escape_terminal(out, get_text(p, *k));
		any = true;
	}
	fputs(any ? "" : "(no product named)", out);
}

static void say_guidelines(FILE *out, const json_t *run)
{
	const json_t *all = json_object_get(run, "guidelines");
	char id[16];

	for (int i = 1; i <= 13; i++) {
		const json_t *g;

		snprintf(id, sizeof(id), "G%d", i);
		g = json_object_get(all, id);
		fputc(g ? letter[verdict_of(g, "verdict")] : '?', out);
	}
	fputs("  ", out);
}

static void say_counts(FILE *out, const json_t *run)
{
	const json_t *counts = json_object_get(run, "counts");
	char text[200] = "";
	size_t n = 0;

	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		int64_t c = get_int(counts, verdict_name(order[i]));

		if (c > 0 && n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%" PRId64, n ? " " : "", letter[order[i]], c);
	}
	column(out, text, 22);
}

static void say_unit(FILE *out, const json_t *run)
{
	const json_t *r = json_object_get(run, "run");

	if (count_of(r, "runs"))
		fprintf(out, "%-4zu  ", count_of(r, "runs"));
	else
		fprintf(out, "#%-3" PRId64 "  ", get_int(r, "unit"));
}

static void say_run(FILE *out, const json_t *run)
{
	const json_t *r = json_object_get(run, "run");
	const char *gate = get_text(json_object_get(run, "gate"), "verdict");
	char text[64], day[17] = "";

	snprintf(day, sizeof(day), "%.16s", get_text(r, "started"));
	fputs("  ", out);
	column(out, day, 16);
	say_unit(out, run);
	snprintf(text, sizeof(text), "%.10s%s", get_text(r, "profile"), is_on(run, "rehearsal") ? "*" : "");
	column(out, text, 8);
	snprintf(text, sizeof(text), "%" PRId64 "/%" PRId64 " of %" PRId64, get_int(run, "decided"), get_int(run, "open"), get_int(run, "of"));
	column(out, text, 13);
	column(out, !strcmp(gate, "MET") && !gate_met(run) ? "OPEN" : gate, 7);
	say_guidelines(out, run);
	say_counts(out, run);
	escape_terminal(out, get_text(run, "path"));
	if (count_of(r, "only"))
		fputs("  [selection]", out);
	if (!strcmp(get_text(r, "state"), "partial"))
		fputs("  [partial]", out);
	if (json_object_get(run, "copy_of"))
		fputs("  [a copy of another]", out);
	fputc('\n', out);
}

static void say_firmware(FILE *out, const json_t *index, const json_t *f)
{
	const json_t *runs = json_object_get(f, "runs");

	char image[13];

	fputs(" firmware ", out);
	escape_terminal(out, *get_text(f, "firmware") ? get_text(f, "firmware") : "(not named)");
	snprintf(image, sizeof(image), "%s", get_text(f, "firmware_sha256"));
	fputs(*image ? ", image " : "", out);
	escape_terminal(out, image);
	fputc('\n', out);
	for (size_t i = 0; i < json_array_size(runs); i++)
		say_run(out, run_at(index, json_array_get(runs, i)));
}

static void say_not_read(FILE *out, const json_t *index)
{
	size_t i;
	json_t *e;

	if (count_of(index, "not_read"))
		fprintf(out, "\nnot read: %zu\n", count_of(index, "not_read"));
	json_array_foreach(json_object_get(index, "not_read"), i, e) {
		fputs("  ", out);
		escape_terminal(out, get_text(e, "path"));
		fputs(": ", out);
		escape_terminal(out, get_text(e, "why"));
		fputc('\n', out);
	}
}

void index_text(const json_t *index, FILE *out)
{
	bool rehearsals = false;
	size_t i, k;
	json_t *p, *f;

	json_array_foreach(json_object_get(index, "products"), i, p) {
		fputs(i ? "\n" : "", out);
		say_product(out, p);
		fputc('\n', out);
		json_array_foreach(json_object_get(p, "firmwares"), k, f)
			say_firmware(out, index, f);
	}
	json_array_foreach(json_object_get(index, "runs"), i, p)
		rehearsals |= is_on(p, "rehearsal");
	if (json_array_size(json_object_get(index, "runs")))
		legend(out);
	fputs(rehearsals ? "  * a rehearsal: its gate is never met\n" : "", out);
	say_not_read(out, index);
	fprintf(out, "\n%zu run%s\n", count_of(index, "runs"), count_of(index, "runs") == 1 ? "" : "s");
}

/* ---- repeated runs ---- */
static void say_rounds(FILE *out, const json_t *index, const json_t *set, const char *id)
{
	const json_t *runs = json_object_get(set, "runs");
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = run_at(index, json_array_get(runs, i)), *rounds = json_object_get(json_object_get(run, "rounds"), id);
		size_t n = json_array_size(rounds) ? json_array_size(rounds) : 1;

		for (size_t k = 0; k < n; k++) {
			const char *word = json_array_size(rounds) ? json_string_value(json_array_get(rounds, k)) : get_text(json_object_get(run, "tests"), id);

			if (shown++ < ROUNDS_SHOWN)
				fputc(letter[verdict_word(word)], out);
		}
		if (n > 1 && i + 1 < json_array_size(runs) && shown < ROUNDS_SHOWN)
			fputc('|', out);
	}
	if (shown > ROUNDS_SHOWN)
		fprintf(out, " and %zu more", shown - ROUNDS_SHOWN);
}

static void say_shares(FILE *out, const json_t *t)
{
	bool any = false;

	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		int64_t n = get_int(json_object_get(t, "counts"), verdict_name(order[i]));

		if (n)
			fprintf(out, "%s%s %" PRId64 " of %" PRId64, any ? ", " : "", verdict_name(order[i]), n, get_int(t, "said"));
		any |= n != 0;
	}
	if (get_int(t, "not_tested"))
		fprintf(out, "%snot tested %" PRId64, any ? ", " : "", get_int(t, "not_tested"));
}

static void say_set(FILE *out, const json_t *index, const json_t *set, bool all)
{
	static const char *const states[] = { "unsteady", "too few", "steady", NULL };
	const json_t *differ = json_object_get(set, "differ");
	size_t n[3] = { 0 }, i;
	json_t *t;

	say_product(out, json_array_get(json_object_get(index, "products"), (size_t)get_int(set, "product")));
	fputs(", firmware ", out);
	escape_terminal(out, get_text(set, "firmware"));
	fputs(", profile ", out);
	escape_terminal(out, get_text(set, "profile"));
	fprintf(out, ": %zu run%s\n", count_of(set, "runs"), count_of(set, "runs") == 1 ? "" : "s");
	if (json_array_size(differ)) {
		fputs("  these runs differ also in:", out);
		for (i = 0; i < json_array_size(differ); i++)
			fprintf(out, " %s", json_string_value(json_array_get(differ, i)));
		fputc('\n', out);
	}
	json_array_foreach(json_object_get(set, "tests"), i, t) {
		for (int s = 0; s < 3; s++)
			n[s] += !strcmp(get_text(t, "state"), states[s]);
		if (!all && strcmp(get_text(t, "state"), "unsteady"))
			continue;
		fputs("  ", out);
		column(out, get_text(t, "id"), 7);
		column(out, get_text(t, "state"), 8);
		say_rounds(out, index, set, get_text(t, "id"));
		fputs("  ", out);
		say_shares(out, t);
		fputc('\n', out);
	}
	fprintf(out, "  %zu unsteady, %zu steady (%d answers or more, all the same), %zu too few\n", n[0], n[2], STEADY_LEAST, n[1]);
}

void index_flakes(const json_t *index, bool all, FILE *out)
{
	const json_t *sets = json_object_get(index, "sets");

	for (size_t i = 0; i < json_array_size(sets); i++) {
		fputs(i ? "\n" : "", out);
		say_set(out, index, json_array_get(sets, i), all);
	}
	if (json_array_size(sets))
		legend(out);
	else
		fputs("nothing was repeated: no two runs of one product, hardware, firmware, profile and suites, and no run with rounds\n", out);
	say_not_read(out, index);
}
