// SPDX-License-Identifier: Apache-2.0
/* What a person reads at the terminal: the gate, how much is decided, the 13 guidelines, every FAIL with what was expected,
 * what was seen, where it stands and one command that shows it again. Colour only adds; no word depends on it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/escape.h"
#include "harness/report.h"
#include "reports/text/text.h"

#define BAR 20                  /* cells of a score bar */
#define MAX_CLAIMS 3            /* shown of one test */
#define MAX_POINTERS 3          /* shown of one claim */
#define MAX_REASONS 8           /* for not testing; the page has them all */
#define TITLE 54                /* columns of a guideline's title; less on a narrow terminal */
#define BESIDE 62               /* columns of the rest of its line */

static json_int_t int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool wants_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static size_t title_width(FILE *out)
{
	struct winsize w;
	int fd = fileno(out);

	if (fd < 0 || !isatty(fd) || ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0 || w.ws_col >= TITLE + BESIDE)
		return TITLE;
	return w.ws_col > BESIDE + 16 ? w.ws_col - (size_t)BESIDE : 16;
}

static void paint(const struct text *t, enum colour c)
{
	static const char *const code[] = { "0", "1", "2", "1;31", "33", "32" };

	if (t->colour)
		fprintf(t->out, "\x1b[%sm", code[c]);
}

void text_say(const struct text *t, const char *s, size_t width)
{
	char part[512];
	size_t n = 0, chars = 0;

	if (!width) {
		escape_terminal(t->out, s);
		return;
	}
	while (s[n] && chars < width && n + 4 < sizeof(part)) {
		const char *next = s + n;
		uint32_t c;

		escape_next(&next, &c);
		memcpy(part + n, s + n, (size_t)(next - (s + n)));
		n = (size_t)(next - s);
		chars++;
	}
	part[n] = '\0';
	escape_terminal(t->out, part);
	for (; chars < width; chars++)
		fputc(' ', t->out);
}

static enum colour colour_of(enum verdict v)
{
	switch (v) {
	case VERDICT_FAIL: return RED;
	case VERDICT_PASS: return GREEN;
	case VERDICT_NOT_TESTED:
	case VERDICT_NOT_APPLICABLE: return DIM;
	default: return YELLOW;
	}
}

void text_verdict(const struct text *t, enum verdict v, int width)
{
	paint(t, colour_of(v));
	fprintf(t->out, "%-*s", width, verdict_name(v));
	paint(t, PLAIN);
}

/* ---- head ---- */
void text_field(const struct text *t, const char *before, const char *value, const char *after)
{
	if (!*value)
		return;
	fputs(before, t->out);
	text_say(t, value, 0);
	fputs(after, t->out);
}

static void head(const struct text *t)
{
	const json_t *run = json_object_get(t->v, "run"), *gate = json_object_get(t->v, "gate"), *counts = json_object_get(t->v, "counts");
	const char *word = get_text(gate, "verdict");

	paint(t, BOLD);
	text_field(t, "", get_text(run, "maker"), " ");
	text_say(t, get_text(run, "model")[0] ? get_text(run, "model") : get_text(run, "product"), 0);
	paint(t, PLAIN);
	text_field(t, ", firmware ", get_text(run, "firmware"), "");
	text_field(t, "; bench ", get_text(run, "bench"), "");
	text_field(t, " (", get_text(run, "machine")[0] ? get_text(run, "machine") : get_text(run, "bench_kind"), ")");
	text_field(t, ", profile ", get_text(run, "profile"), "");
	if (*get_text(run, "profile_sha256")) {
		fputs(" SHA-256 ", t->out);
		text_say(t, get_text(run, "profile_sha256"), 16);
	}
	text_field(t, "\nrun ", get_text(run, "id"), "");
	text_units(t, run);
	if (!strcmp(get_text(run, "state"), "partial"))
		fputs(", PARTIAL: it did not come to its end", t->out);
	fputs("\n\nGate  ", t->out);
	paint(t, !strcmp(word, "MET") ? GREEN : !strcmp(word, "OPEN") ? YELLOW : RED);
	text_say(t, word, 0);
	paint(t, PLAIN);
	text_field(t, ": ", get_text(gate, "why"), "");
	fprintf(t->out, "\n      %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " requirements decided, %" JSON_INTEGER_FORMAT
		" open\n      tests:", int_of(t->v, "decided"), int_of(t->v, "of"), int_of(t->v, "open"));
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (int_of(counts, verdict_name((enum verdict)v)))
			fprintf(t->out, " %" JSON_INTEGER_FORMAT " %s", int_of(counts, verdict_name((enum verdict)v)), verdict_name((enum verdict)v));
	fputs("\n\n", t->out);
}

/* ---- guidelines ---- */
static int cells(json_int_t ppm)
{
	return ppm <= 0 ? 0 : ppm >= 1000000 ? BAR : (int)(ppm * BAR / 1000000);
}

/* [####....  ]: proved, unknown, lost. A bound that is not quite reached is never drawn as reached. */
static void bar(const struct text *t, json_int_t low, json_int_t high)
{
	int from = cells(low), to = cells(high);

	fputc('[', t->out);
	for (int i = 0; i < BAR; i++)
		fputc(i < from ? '#' : i < to ? '.' : ' ', t->out);
	fputs("] ", t->out);
}

/* A foreign folder may hold any number. */
static json_int_t share(const json_t *o, const char *key)
{
	json_int_t ppm = int_of(o, key);

	return ppm < 0 ? 0 : ppm > 1000000 ? 1000000 : ppm;
}

static void guideline(const struct text *t, const json_t *g)
{
	const json_t *score = json_object_get(g, "score"), *all = json_object_get(json_object_get(g, "coverage"), "all");
	json_int_t low = share(score, "low"), high = share(score, "high");

	fputs(json_is_true(json_object_get(g, "priority")) ? "! " : "  ", t->out);
	text_say(t, get_text(g, "id"), 4);
	text_say(t, get_text(json_object_get(g, "title"), "en"), t->title);
	fputc(' ', t->out);
	bar(t, low, high);
	fprintf(t->out, "%3" JSON_INTEGER_FORMAT "-%3" JSON_INTEGER_FORMAT "%%  %2" JSON_INTEGER_FORMAT "/%-2" JSON_INTEGER_FORMAT "    ",
		low / 10000, (high + 9999) / 10000, int_of(all, "evaluated"), int_of(all, "applicable"));
	text_verdict(t, verdict_of(g, "verdict"), 0);
	fputc('\n', t->out);
}

static void guidelines(const struct text *t)
{
	size_t i;
	json_t *g;

	fprintf(t->out, "  %-*s %-*s %8s  %s  %s\n", (int)t->title + 4, "guideline (! = priority)", BAR + 2, "score: # met . unknown", "",
		"decided", "shall");
	json_array_foreach(json_object_get(t->v, "guidelines"), i, g)
		guideline(t, g);
}

/* ---- other schemes ---- */
static void scheme(const struct text *t, const json_t *m)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED,
					      VERDICT_PASS, VERDICT_NOT_APPLICABLE };
	const json_t *counts = json_object_get(m, "counts"), *mandatory = json_object_get(m, "mandatory");
	bool any = false;

	fputs("  ", t->out);
	text_say(t, get_text(m, "id"), 17);
	fprintf(t->out, "%3zu lines:", json_array_size(json_object_get(m, "lines")));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *name = verdict_name(order[i]);

		if (!int_of(counts, name))
			continue;
		fprintf(t->out, "%s %" JSON_INTEGER_FORMAT " %s", any ? "," : "", int_of(counts, name), name);
		if (order[i] == VERDICT_FAIL && int_of(mandatory, name))
			fprintf(t->out, " (%" JSON_INTEGER_FORMAT " mandatory)", int_of(mandatory, name));
		any = true;
	}
	if (int_of(m, "unverified"))
		fprintf(t->out, "; %" JSON_INTEGER_FORMAT " line%s unverified", int_of(m, "unverified"), int_of(m, "unverified") == 1 ? "" : "s");
	fputc('\n', t->out);
}

static void schemes(const struct text *t)
{
	size_t i;
	json_t *m;

	if (json_array_size(json_object_get(t->v, "mappings")))
		fputs("\n  what that means for other schemes\n", t->out);
	json_array_foreach(json_object_get(t->v, "mappings"), i, m)
		scheme(t, m);
}

/* ---- tests that are not clean ---- */
void text_pointer(const struct text *t, const json_t *at)
{
	char text[600];

	fputc(' ', t->out);
	text_say(t, pointer_text(at, text, sizeof(text)), 0);
}

static void claim(const struct text *t, const json_t *c)
{
	const json_t *at = json_object_get(c, "at"), *p;
	size_t i;

	fputs("      ", t->out);
	text_field(t, "[", get_text(c, "rep"), "] ");
	text_say(t, get_text(c, "text"), 0);
	fputs("\n        expected  ", t->out);
	text_say(t, get_text(c, "expected"), 0);
	fputs("\n        actual    ", t->out);
	text_say(t, get_text(c, "actual"), 0);
	if (json_array_size(at))
		fputs("\n        evidence ", t->out);
	json_array_foreach((json_t *)at, i, p)
		if (i < MAX_POINTERS)
			text_pointer(t, p);
	fputc('\n', t->out);
}

/* What stands beside a verdict and is no part of it. */
static void beside(const struct text *t, const json_t *e)
{
	size_t i;
	json_t *w;

	text_field(t, " [evidence ", get_text(e, "grade"), "]");
	if (json_array_size(json_object_get(e, "on_default")))
		fputs(" [rests on a default]", t->out);
	json_array_foreach(json_object_get(t->v, "waivers"), i, w) {
		if (strcmp(get_text(w, "id"), get_text(e, "id")))
			continue;
		text_field(t, json_is_true(json_object_get(w, "expired")) ? " [waiver expired " : " [waived until ", get_text(w, "until"), "]");
	}
}

/* What it was measured against, and who said so. The profile's hash stands at the top. */
static void limits(const struct text *t, const json_t *test)
{
	const json_t *all = json_object_get(test, "limits");
	size_t i;
	json_t *l;

	json_array_foreach((json_t *)all, i, l) {
		text_field(t, i ? ", " : "        limits    ", get_text(l, "name"), "");
		text_field(t, " ", get_text(l, "text"), "");
		text_field(t, " (", get_text(l, "origin"), ")");
	}
	fputs(json_array_size(all) ? "\n" : "", t->out);
}

static void test(const struct text *t, const json_t *test, bool claims)
{
	enum verdict v = verdict_of(test, "verdict");
	int shown = 0;
	size_t i;
	json_t *e;

	fputs("  ", t->out);
	text_verdict(t, v, 13);
	text_say(t, get_text(test, "id"), 8);
	text_say(t, get_text(json_object_get(test, "title"), "en"), 0);
	json_array_foreach(json_object_get(test, "decides"), i, e) {
		fputs(i ? " " : " (", t->out);
		text_say(t, json_string_value(e), 0);
	}
	fputs(json_array_size(json_object_get(test, "decides")) ? ")" : "", t->out);
	beside(t, test);
	fputc('\n', t->out);
	text_several(t, test);
	json_array_foreach(json_object_get(test, "claims"), i, e)
		if (claims && verdict_of(e, "verdict") == v && !strcmp(get_text(e, "truth"), "false") && shown++ < MAX_CLAIMS)
			claim(t, e);
	if (shown > MAX_CLAIMS)
		fprintf(t->out, "      and %d more claims that do not hold\n", shown - MAX_CLAIMS);
	if (!shown)
		text_field(t, "      ", get_text(test, "why"), "\n");
	limits(t, test);
	if (v == VERDICT_FAIL || v == VERDICT_ERROR)
		text_field(t, "        again     ", get_text(test, "reproduce"), "\n");
}

/* Priority guidelines first, as in the Code; then the order of the file. */
static bool is_priority(const struct text *t, const json_t *test)
{
	size_t i;
	json_t *g;

	json_array_foreach(json_object_get(t->v, "guidelines"), i, g)
		if (!strcmp(get_text(g, "id"), get_text(test, "guideline")))
			return json_is_true(json_object_get(g, "priority"));
	return false;
}

static void tests_with(const struct text *t, enum verdict v, bool claims)
{
	bool any = false;
	size_t i;
	json_t *e;

	for (int first = 1; first >= 0; first--)
		json_array_foreach(json_object_get(t->v, "tests"), i, e)
			if (verdict_of(e, "verdict") == v && is_priority(t, e) == first) {
				fputs(any ? "" : "\n", t->out);
				any = true;
				test(t, e, claims);
			}
}

static void reason(const struct text *t, const char *why, const json_t *ids)
{
	size_t i;
	json_t *e;

	fputs("    ", t->out);
	json_array_foreach((json_t *)ids, i, e)
		if (i < 6)
			text_field(t, i ? " " : "", json_string_value(e), "");
	if (json_array_size(ids) > 6)
		fprintf(t->out, " and %zu more", json_array_size(ids) - 6);
	text_field(t, ": ", why, "\n");
}

/* What was never run is many and says little: by reason, those that hold for several tests first. */
static void not_tested(const struct text *t)
{
	json_t *reasons = json_object(), *e, *ids;
	const char *why;
	size_t i, shown = 0, left = 0;

	json_array_foreach(json_object_get(t->v, "tests"), i, e) {
		if (verdict_of(e, "verdict") != VERDICT_NOT_TESTED)
			continue;
		why = get_text(e, "why")[0] ? get_text(e, "why") : "no reason is known";
		if (!json_object_get(reasons, why))
			json_object_set_new(reasons, why, json_array());
		json_array_append(json_object_get(reasons, why), json_object_get(e, "id"));
	}
	if (json_object_size(reasons))
		fputs("\n  NOT_TESTED\n", t->out);
	for (int several = 1; several >= 0; several--)
		json_object_foreach(reasons, why, ids) {
			if ((json_array_size(ids) > 1) != several)
				continue;
			if (shown++ < MAX_REASONS)
				reason(t, why, ids);
			else
				left += json_array_size(ids);
		}
	if (left)
		fprintf(t->out, "    and %zu more, each with its reason in report/report.html\n", left);
	json_decref(reasons);
}

/* A verdict on a limit that nobody stated is worth less. */
static void defaults(const struct text *t)
{
	size_t i, n = 0;
	json_t *e;

	json_array_foreach(json_object_get(t->v, "tests"), i, e)
		n += json_array_size(json_object_get(e, "on_default")) > 0;
	if (!n)
		return;
	fprintf(t->out, "\n  %zu verdict%s on a default, which nobody chose:", n, n == 1 ? " rests" : "s rest");
	json_array_foreach(json_object_get(t->v, "tests"), i, e)
		if (json_array_size(json_object_get(e, "on_default")))
			text_field(t, " ", get_text(e, "id"), "");
	fputc('\n', t->out);
}

/* A real bench: how each line was qualified. */
static void stamps(const struct text *t)
{
	const json_t *lines = json_object_get(json_object_get(t->v, "bench"), "lines");
	size_t i;
	json_t *l;

	if (json_object_get(json_array_get(lines, 0), "stamp"))
		fputs("\n  bench:\n", t->out);
	json_array_foreach((json_t *)(uintptr_t)lines, i, l) {
		const json_t *s = json_object_get(l, "stamp");

		if (!s)
			continue;
		text_field(t, "    ", get_text(l, "name"), " ");
		text_field(t, "(", get_text(l, "driver"), ") ");
		if (!json_is_true(json_object_get(s, "ok"))) {
			text_field(t, "no valid stamp: ", get_text(s, "why"), "\n");
			continue;
		}
		text_field(t, "checked ", get_text(s, "made"), "");
		if (json_object_get(s, "median_ns"))
			fprintf(t->out, ", latency %" JSON_INTEGER_FORMAT " us, at most %" JSON_INTEGER_FORMAT " us", int_of(s, "median_ns") / 1000,
				int_of(s, "max_ns") / 1000);
		if (json_object_get(s, "uncertainty_ns"))
			fprintf(t->out, ", uncertainty %" JSON_INTEGER_FORMAT " us", int_of(s, "uncertainty_ns") / 1000);
		fputc('\n', t->out);
	}
}

static bool write_text(const struct result *r, FILE *out, struct err *err)
{
	struct text t = { out, r->verdicts, wants_colour(out), title_width(out) };

	head(&t);
	guidelines(&t);
	schemes(&t);
	tests_with(&t, VERDICT_FAIL, true);
	tests_with(&t, VERDICT_ERROR, false);
	tests_with(&t, VERDICT_INCONCLUSIVE, false);
	tests_with(&t, VERDICT_REVIEW, false);
	text_flaky(&t);
	not_tested(&t);
	text_people(&t);
	text_declaration(&t);
	defaults(&t);
	stamps(&t);
	if (json_integer_value(json_object_get(json_object_get(r->verdicts, "bench"), "drops")) > 0)
		fprintf(out, "\n  %" JSON_INTEGER_FORMAT " frames were lost by the recorder\n", int_of(json_object_get(r->verdicts, "bench"), "drops"));
	return !ferror(out) || err_sys(err, "summary");
}

const struct report report_text = {
	.name = "text",
	.file = NULL,
	.doc = "summary: gate, guidelines, every FAIL with evidence and a command",
	.write = write_text,
};
