// SPDX-License-Identifier: Apache-2.0
/* For a merge request: the one line that matters first, then the gate, the guidelines, every failure, what is open.
 *
 * Forges make links, mentions and references of much that looks like plain text ("@all", "#12", "www.", "JIRA-1"), and
 * escapes do not stop them. Inside a code span nothing is interpreted, so whatever came from a run folder stands in one;
 * outside stand only our own words, numbers, and titles of letters and blanks. About 60 kB at most: what does not fit is
 * counted. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/report.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"

#define FAILURES_MAX 40000      /* where details end, so that every verdict still has its place */
#define EVERY_MAX 52000
#define OPEN_MAX 58500
#define TEXT 400                /* bytes of one text */
#define CLAIMS 3                /* of one test */
#define POINTERS 3              /* of one claim */
#define ROWS_MAX 40             /* of the table of guidelines */

static bool is_full(FILE *out, long max)
{
	return ftell(out) > max;
}

/* ---- text at the edge ---- */
/* A code span: its fence is longer than any run of backticks inside. A bar would end a cell of a table, in code too. */
static void code(FILE *out, const char *text, size_t max)
{
	CLEANUP(free_ptr) char *safe = shown_text(text, max);
	size_t run = 0, most = 0;

	for (char *p = safe; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		most = run > most ? run : most;
		if (*p == '|')
			*p = '/';
	}
	if (!safe[strspn(safe, " ")]) {
		fputs("-", out);
		return;
	}
	for (size_t i = 0; i <= most; i++)
		fputc('`', out);
	fprintf(out, "%s%s%s", most ? " " : "", safe, most ? " " : "");
	for (size_t i = 0; i <= most; i++)
		fputc('`', out);
}

static bool is_plain(const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '.' ? p[1] && p[1] != ' ' : c == '-' ? !islower((unsigned char)p[1]) : c < 0x80 && !isalnum(c) && !strchr(" ,()", c))
			return false;
		if (c == ' ' && p[1] == ' ')
			return false;
	}
	return *text && *text != ' ' && isalpha((unsigned char)*text);
}

/* A title as prose when it is nothing but prose. */
static void title(FILE *out, const char *text)
{
	CLEANUP(free_ptr) char *safe = shown_text(text, 120);

	if (!strcmp(safe, text) && is_plain(text))
		fputs(text, out);
	else
		code(out, text, 120);
}

static void percent(FILE *out, int64_t ppm)
{
	ppm = ppm < 0 ? 0 : ppm > 1000000 ? 1000000 : ppm;
	fprintf(out, "%" PRId64 " %%", ppm / 10000);
}

/* ---- head ---- */
static void head(FILE *out, const json_t *v)
{
	static const char *const facts[] = { "maker", "model", "firmware", "serial", NULL };
	const json_t *run = json_object_get(v, "run"), *gate = json_object_get(v, "gate");

	fprintf(out, "**%" PRId64 " of %" PRId64 " requirements decided, %" PRId64 " open**\n\n", get_int(v, "decided"), get_int(v, "of"),
		get_int(v, "open"));
	fprintf(out, "Gate: **%s**%s. ", get_text(gate, "verdict"), is_on(gate, "rehearsal") ? " (a rehearsal, which never meets the gate)" : "");
	code(out, get_text(gate, "why"), TEXT);
	fputs("\n\nDevice:", out);
	for (const char *const *k = facts; *k; k++) {
		fputc(' ', out);
		code(out, get_text(run, *k), 100);
	}
	fputs("; run ", out);
	code(out, get_text(run, "id"), 100);
	fputs(", profile ", out);
	code(out, get_text(run, "profile"), 100);
	fputs(strcmp(get_text(run, "state"), "complete") ? ". **The run is not complete.**\n\n" : ".\n\n", out);
}

static int64_t count(const json_t *items, const char *guideline, enum verdict v)
{
	int64_t n = 0;

	for (size_t i = 0; i < json_array_size(items); i++)
		n += verdict_of(json_array_get(items, i), "verdict") == v &&
		     (!guideline || !strcmp(get_text(json_array_get(items, i), "guideline"), guideline));
	return n;
}

static void counts(FILE *out, const json_t *v)
{
	static const char *const kinds[] = { "tests", "requirements", NULL };

	fputs("| | ", out);
	for (unsigned k = 0; k < VERDICT_COUNT; k++)
		fprintf(out, "%s | ", verdict_name((enum verdict)k));
	fputs("\n|---|", out);
	for (unsigned k = 0; k < VERDICT_COUNT; k++)
		fputs("---:|", out);
	for (const char *const *kind = kinds; *kind; kind++) {
		fprintf(out, "\n| %s | ", *kind);
		for (unsigned k = 0; k < VERDICT_COUNT; k++)
			fprintf(out, "%" PRId64 " | ", count(json_object_get(v, *kind), NULL, (enum verdict)k));
	}
	fputs("\n\n", out);
}

static void guidelines(FILE *out, const json_t *v)
{
	const json_t *all = json_object_get(v, "guidelines");

	fputs("## Guidelines\n\n| Guideline | Verdict | Score, at least and at most | Evaluated of what applies |\n|---|---|---|---:|\n", out);
	for (size_t i = 0; i < json_array_size(all) && i < ROWS_MAX; i++) {
		const json_t *g = json_array_get(all, i), *score = json_object_get(g, "score");
		const json_t *covered = json_object_get(json_object_get(g, "coverage"), "all");

		fputs("| ", out);
		code(out, get_text(g, "id"), 40);
		fputc(' ', out);
		title(out, get_text(json_object_get(g, "title"), "en"));
		fprintf(out, " | %s | ", verdict_name(verdict_of(g, "verdict")));
		percent(out, get_int(score, "low"));
		fputs(" to ", out);
		percent(out, get_int(score, "high"));
		fprintf(out, " | %" PRId64 " of %" PRId64 " |\n", get_int(covered, "evaluated"), get_int(covered, "applicable"));
	}
	fputc('\n', out);
}

/* ---- tests ---- */
static void pointers(FILE *out, const json_t *c)
{
	const json_t *at = json_object_get(c, "at");
	char text[600];

	for (size_t i = 0; i < json_array_size(at) && i < POINTERS; i++) {
		fputs(i ? ", " : "; evidence ", out);
		code(out, pointer_text(json_array_get(at, i), text, sizeof(text)), 200);
	}
	if (json_array_size(at) > POINTERS)
		fprintf(out, " and %zu more", json_array_size(at) - POINTERS);
}

/* What settled it: claims with the verdict of the test. */
static void claims(FILE *out, const json_t *t)
{
	const json_t *all = json_object_get(t, "claims");
	size_t shown_ones = 0;

	for (size_t i = 0; i < json_array_size(all) && shown_ones < CLAIMS; i++) {
		const json_t *c = json_array_get(all, i);

		if (verdict_of(c, "verdict") != verdict_of(t, "verdict"))
			continue;
		fputs("  - ", out);
		code(out, get_text(c, "text"), TEXT);
		if (*get_text(c, "rep")) {
			fputs(" with ", out);
			code(out, get_text(c, "rep"), 120);
		}
		fputs(": expected ", out);
		code(out, get_text(c, "expected"), TEXT);
		fputs(", saw ", out);
		code(out, get_text(c, "actual"), TEXT);
		pointers(out, c);
		fputc('\n', out);
		shown_ones++;
	}
}

/* One that holds hides nothing; one that has expired is said to have. */
static void waiver(FILE *out, const json_t *v, const char *id)
{
	const json_t *w = waiver_of(v, id);

	if (!w)
		return;
	fprintf(out, "  - %s ", is_on(w, "expired") ? "a waiver expired" : "waived until");
	code(out, get_text(w, "until"), 40);
	fputs(" by ", out);
	code(out, get_text(w, "who"), 120);
	fputs(": ", out);
	code(out, get_text(w, "why"), TEXT);
	fputc('\n', out);
}

static void units(FILE *out, const json_t *t)
{
	const json_t *each = json_object_get(t, "units");

	for (size_t i = 0; i < json_array_size(each) && i < 20; i++)
		fprintf(out, "%s unit %" PRId64 " %s", i ? "," : "  -", get_int(json_array_get(each, i), "unit"),
			verdict_name(verdict_of(json_array_get(each, i), "verdict")));
	if (json_array_size(each))
		fputc('\n', out);
	if (get_int(t, "flaky") > 0) {
		fputs("  - flaky: ", out);
		percent(out, get_int(t, "flaky"));
		fprintf(out, " of %" PRId64 " rounds did not end as most did\n", get_int(t, "rounds"));
	}
}

static void test(FILE *out, const json_t *v, const json_t *t)
{
	fputs("- ", out);
	code(out, get_text(t, "id"), 40);
	fputc(' ', out);
	title(out, get_text(json_object_get(t, "title"), "en"));
	if (count_of(t, "decides")) {
		fputs(", decides", out);
		for (size_t i = 0; i < count_of(t, "decides") && i < 12; i++) {
			const char *id = json_string_value(json_array_get(json_object_get(t, "decides"), i));

			fputc(' ', out);
			code(out, id ? id : "?", 40);
		}
	}
	fputc('\n', out);
	claims(out, t);
	if (*get_text(t, "why") && verdict_of(t, "verdict") != VERDICT_FAIL) {
		fputs("  - ", out);
		code(out, get_text(t, "why"), TEXT);
		fputc('\n', out);
	}
	units(out, t);
	waiver(out, v, get_text(t, "id"));
	if (verdict_of(t, "verdict") == VERDICT_FAIL && *get_text(t, "reproduce")) {
		fputs("  - again: ", out);
		code(out, get_text(t, "reproduce"), 600);
		fputc('\n', out);
	}
}

static void tests(FILE *out, const json_t *v, enum verdict which, const char *heading, long max)
{
	const json_t *all = json_object_get(v, "tests");
	int64_t n = count(all, NULL, which), left = n;

	if (!n)
		return;
	fprintf(out, "## %s\n\n", heading);
	for (size_t i = 0; i < json_array_size(all) && !is_full(out, max); i++)
		if (verdict_of(json_array_get(all, i), "verdict") == which) {
			test(out, v, json_array_get(all, i));
			left--;
		}
	if (left)
		fprintf(out, "- and %" PRId64 " more, in report.html\n", left);
	fputc('\n', out);
}

/* ---- ids by verdict: nothing is left out, at two dozen bytes each ---- */
static void ids(FILE *out, const json_t *v, const char *kind, enum verdict which)
{
	const json_t *all = json_object_get(v, kind);
	int64_t n = count(all, NULL, which), left = n;

	if (!n)
		return;
	fprintf(out, "- %s %s, %" PRId64 ":", kind, verdict_name(which), n);
	for (size_t i = 0; i < json_array_size(all) && !is_full(out, EVERY_MAX); i++)
		if (verdict_of(json_array_get(all, i), "verdict") == which) {
			fputc(' ', out);
			code(out, get_text(json_array_get(all, i), "id"), 40);
			left--;
		}
	if (left)
		fprintf(out, " and %" PRId64 " more", left);
	fputc('\n', out);
}

static void every(FILE *out, const json_t *v)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED, VERDICT_PASS,
					      VERDICT_NOT_APPLICABLE };
	static const char *const kinds[] = { "requirements", "tests", "records", NULL };

	fputs("## Every verdict\n\n", out);
	for (const char *const *k = kinds; *k; k++)
		for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
			ids(out, v, *k, order[i]);
	fputc('\n', out);
}

static void requirement_waivers(FILE *out, const json_t *v)
{
	const json_t *all = json_object_get(v, "requirements");
	bool any = false;

	for (size_t i = 0; i < json_array_size(all) && !is_full(out, OPEN_MAX); i++) {
		const char *id = get_text(json_array_get(all, i), "id");

		if (!waiver_of(v, id))
			continue;
		fputs(any ? "" : "## Waivers on requirements\n\nA waiver changes no verdict.\n\n", out);
		any = true;
		fputs("- ", out);
		code(out, id, 40);
		fprintf(out, " %s\n", verdict_name(verdict_of(json_array_get(all, i), "verdict")));
		waiver(out, v, id);
	}
	fputs(any ? "\n" : "", out);
}

static void end(FILE *out, const json_t *v)
{
	int64_t on_default = get_int(v, "on_default");
	const char *version = get_text(json_object_get(v, "tool"), "version");

	if (count_of(v, "findings"))
		fprintf(out, "The declaration has %zu findings; they are in report.html.\n\n", count_of(v, "findings"));
	if (on_default > 0)
		fprintf(out, "%" PRId64 " verdicts rest on a default limit, which nobody chose.\n\n", on_default);
	fputs("Written by jusan ", out);
	code(out, version, 40);
	fputs(". PASS means that no indication of a fault was found in the stated scope, no more.\n", out);
}

static bool write_markdown(const struct result *r, FILE *out, struct err *err)
{
	const json_t *v = r->verdicts;

	head(out, v);
	counts(out, v);
	guidelines(out, v);
	tests(out, v, VERDICT_FAIL, "Failures", FAILURES_MAX);
	tests(out, v, VERDICT_ERROR, "Errors of the bench, which say nothing of the device", FAILURES_MAX);
	every(out, v);
	tests(out, v, VERDICT_INCONCLUSIVE, "Open: tests that could not have told", OPEN_MAX);
	tests(out, v, VERDICT_REVIEW, "Open: tests that wait for a person", OPEN_MAX);
	requirement_waivers(out, v);
	end(out, v);
	return !ferror(out) || err_sys(err, "summary.md");
}

const struct report report_markdown = {
	.name = "markdown",
	.file = "summary.md",
	.doc = "a summary for merge requests",
	.write = write_markdown,
};
