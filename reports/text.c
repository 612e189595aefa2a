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

#define BAR 20                  /* cells of a score bar */
#define MAX_CLAIMS 3            /* shown of one test */
#define MAX_POINTERS 3          /* shown of one claim */
#define MAX_REASONS 8           /* for not testing; the page has them all */
#define TITLE 54                /* columns of a guideline's title; less on a narrow terminal */
#define BESIDE 62               /* columns of the rest of its line */

enum colour { PLAIN, BOLD, DIM, RED, YELLOW, GREEN };
struct text { FILE *out; const json_t *v; bool colour; size_t title; };

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

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

/* Text of a file or the device, escaped, cut at `width` columns' worth of characters (0: all), and padded. */
static void say(const struct text *t, const char *s, size_t width)
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

static enum verdict verdict_of(const json_t *o, const char *key)
{
	enum verdict v = VERDICT_NOT_TESTED;

	return verdict_parse(text_of(o, key), &v) ? v : VERDICT_NOT_TESTED;
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

static void say_verdict(const struct text *t, enum verdict v, int width)
{
	paint(t, colour_of(v));
	fprintf(t->out, "%-*s", width, verdict_name(v));
	paint(t, PLAIN);
}

/* ---- head ---- */
static void say_field(const struct text *t, const char *before, const char *value, const char *after)
{
	if (!*value)
		return;
	fputs(before, t->out);
	say(t, value, 0);
	fputs(after, t->out);
}

static void head(const struct text *t)
{
	const json_t *run = json_object_get(t->v, "run"), *gate = json_object_get(t->v, "gate"), *counts = json_object_get(t->v, "counts");
	const char *word = text_of(gate, "verdict");

	paint(t, BOLD);
	say_field(t, "", text_of(run, "maker"), " ");
	say(t, text_of(run, "model")[0] ? text_of(run, "model") : text_of(run, "product"), 0);
	paint(t, PLAIN);
	say_field(t, ", firmware ", text_of(run, "firmware"), "");
	say_field(t, "; bench ", text_of(run, "bench"), "");
	say_field(t, " (", text_of(run, "machine")[0] ? text_of(run, "machine") : text_of(run, "bench_kind"), ")");
	say_field(t, ", profile ", text_of(run, "profile"), "");
	say_field(t, "\nrun ", text_of(run, "id"), "");
	if (!strcmp(text_of(run, "state"), "partial"))
		fputs(", PARTIAL: it did not come to its end", t->out);
	fputs("\n\nGate  ", t->out);
	paint(t, !strcmp(word, "MET") ? GREEN : !strcmp(word, "OPEN") ? YELLOW : RED);
	say(t, word, 0);
	paint(t, PLAIN);
	say_field(t, ": ", text_of(gate, "why"), "");
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

static void guideline(const struct text *t, const json_t *g)
{
	const json_t *score = json_object_get(g, "score"), *all = json_object_get(json_object_get(g, "coverage"), "all");
	json_int_t low = int_of(score, "low"), high = int_of(score, "high");

	fputs(json_is_true(json_object_get(g, "priority")) ? "! " : "  ", t->out);
	say(t, text_of(g, "id"), 4);
	say(t, text_of(json_object_get(g, "title"), "en"), t->title);
	fputc(' ', t->out);
	bar(t, low, high);
	fprintf(t->out, "%3" JSON_INTEGER_FORMAT "-%3" JSON_INTEGER_FORMAT "%%  %2" JSON_INTEGER_FORMAT "/%-2" JSON_INTEGER_FORMAT "    ",
		low / 10000, (high + 9999) / 10000, int_of(all, "evaluated"), int_of(all, "applicable"));
	say_verdict(t, verdict_of(g, "verdict"), 0);
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

/* ---- tests that are not clean ---- */
static void pointer(const struct text *t, const json_t *p)
{
	fputc(' ', t->out);
	if (json_object_get(p, "capture")) {
		say(t, text_of(p, "capture"), 0);
		fprintf(t->out, "#%" JSON_INTEGER_FORMAT, int_of(p, "frame"));
	} else if (json_object_get(p, "file")) {
		say(t, text_of(p, "file"), 0);
		fprintf(t->out, "@%" JSON_INTEGER_FORMAT "+%" JSON_INTEGER_FORMAT, int_of(p, "off"), int_of(p, "len"));
	} else {
		fprintf(t->out, "journal#%" JSON_INTEGER_FORMAT, int_of(p, "journal"));
	}
}

static void claim(const struct text *t, const json_t *c)
{
	const json_t *at = json_object_get(c, "at"), *p;
	size_t i;

	fputs("      ", t->out);
	say_field(t, "[", text_of(c, "rep"), "] ");
	say(t, text_of(c, "text"), 0);
	fputs("\n        expected  ", t->out);
	say(t, text_of(c, "expected"), 0);
	fputs("\n        actual    ", t->out);
	say(t, text_of(c, "actual"), 0);
	if (json_array_size(at))
		fputs("\n        evidence ", t->out);
	json_array_foreach((json_t *)at, i, p)
		if (i < MAX_POINTERS)
			pointer(t, p);
	fputc('\n', t->out);
}

static void test(const struct text *t, const json_t *test, bool claims)
{
	enum verdict v = verdict_of(test, "verdict");
	int shown = 0;
	size_t i;
	json_t *e;

	fputs("  ", t->out);
	say_verdict(t, v, 13);
	say(t, text_of(test, "id"), 8);
	say(t, text_of(json_object_get(test, "title"), "en"), 0);
	json_array_foreach(json_object_get(test, "decides"), i, e) {
		fputs(i ? " " : " (", t->out);
		say(t, json_string_value(e), 0);
	}
	fputs(json_array_size(json_object_get(test, "decides")) ? ")\n" : "\n", t->out);
	json_array_foreach(json_object_get(test, "claims"), i, e)
		if (claims && verdict_of(e, "verdict") == v && !strcmp(text_of(e, "truth"), "false") && shown++ < MAX_CLAIMS)
			claim(t, e);
	if (shown > MAX_CLAIMS)
		fprintf(t->out, "      and %d more claims that do not hold\n", shown - MAX_CLAIMS);
	if (!shown)
		say_field(t, "      ", text_of(test, "why"), "\n");
	if (v == VERDICT_FAIL || v == VERDICT_ERROR)
		say_field(t, "        again     ", text_of(test, "reproduce"), "\n");
}

/* Priority guidelines first, as in the Code; then the order of the file. */
static bool is_priority(const struct text *t, const json_t *test)
{
	size_t i;
	json_t *g;

	json_array_foreach(json_object_get(t->v, "guidelines"), i, g)
		if (!strcmp(text_of(g, "id"), text_of(test, "guideline")))
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
			say_field(t, i ? " " : "", json_string_value(e), "");
	if (json_array_size(ids) > 6)
		fprintf(t->out, " and %zu more", json_array_size(ids) - 6);
	say_field(t, ": ", why, "\n");
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
		why = text_of(e, "why")[0] ? text_of(e, "why") : "no reason is known";
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
	int flagged = 0;
	size_t i, k;
	json_t *e, *l;

	json_array_foreach(json_object_get(t->v, "tests"), i, e)
		json_array_foreach(json_object_get(e, "limits"), k, l)
			flagged += int_of(e, "attempts") > 0 && json_is_true(json_object_get(l, "flag"));
	if (flagged)
		fprintf(t->out, "\n  %d limit%s in these tests %s, or declared beyond what the profile allows; the report marks them\n", flagged,
			flagged == 1 ? "" : "s", flagged == 1 ? "is a default" : "are defaults");
}

static bool write_text(const struct result *r, FILE *out, struct err *err)
{
	struct text t = { out, r->verdicts, wants_colour(out), title_width(out) };

	head(&t);
	guidelines(&t);
	tests_with(&t, VERDICT_FAIL, true);
	tests_with(&t, VERDICT_ERROR, false);
	tests_with(&t, VERDICT_INCONCLUSIVE, false);
	tests_with(&t, VERDICT_REVIEW, false);
	not_tested(&t);
	defaults(&t);
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
