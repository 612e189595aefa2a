// SPDX-License-Identifier: Apache-2.0
/* The text format 0.0.4 that Prometheus and its node_exporter (textfile collector) read. Verdicts are one-hot: of the seven
 * series of a test exactly one is 1, so that "untested" can never be read as "good". Ratios only where there is something
 * to divide by. Names that occur twice are written once: a double series would spoil the whole file. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/report.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"

#define LABEL 200
#define PPM 1000000
#define NS INT64_C(1000000000)

struct prom { FILE *out; const json_t *v; };

static void family(const struct prom *p, const char *name, const char *help)
{
	fprintf(p->out, "# HELP jusan_%s %s\n# TYPE jusan_%s gauge\n", name, help, name);
}

/* pairs: name, value, ..., NULL */
static void series(const struct prom *p, const char *name, ...)
{
	const char *key, *sep = "{";
	va_list ap;

	fprintf(p->out, "jusan_%s", name);
	va_start(ap, name);
	while ((key = va_arg(ap, const char *))) {
		CLEANUP(free_ptr) char *safe = shown_text(va_arg(ap, const char *), LABEL);

		fprintf(p->out, "%s%s=\"", sep, key);
		for (const char *c = safe; *c; c++) {           /* shown_text() left no line feed */
			if (*c == '\\' || *c == '"')
				fputc('\\', p->out);
			fputc(*c, p->out);
		}
		fputc('"', p->out);
		sep = ",";
	}
	va_end(ap);
	fputs(*sep == ',' ? "} " : " ", p->out);
}

static void whole(const struct prom *p, int64_t value)
{
	fprintf(p->out, "%" PRId64 "\n", value);
}

/* value / unit, exactly; unit is a power of ten. */
static void parts(const struct prom *p, int64_t value, int64_t unit)
{
	int digits = 0;
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	for (int64_t u = unit; u > 1; u /= 10)
		digits++;
	fprintf(p->out, "%s%" PRIu64 ".%0*" PRIu64 "\n", value < 0 ? "-" : "", size / (uint64_t)unit, digits, size % (uint64_t)unit);
}

/* As shown, so that two that are written alike are alike. */
static bool first_time(json_t *known, const char *a, const char *b)
{
	CLEANUP(free_ptr) char *safe = shown_text(a, LABEL);
	CLEANUP(free_json) json_t *key = json_sprintf("%s|%s", safe, b);

	if (!*a || json_object_get(known, json_string_value(key)))
		return false;
	json_object_set_new(known, json_string_value(key), json_true());
	return true;
}

static const json_t *list_of(const struct prom *p, const char *name) { return json_object_get(p->v, name); }

static int64_t count(const json_t *items, const char *guideline, enum verdict v)
{
	int64_t n = 0;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *t = json_array_get(items, i);

		n += verdict_of(t, "verdict") == v && (!guideline || !strcmp(get_text(t, "guideline"), guideline));
	}
	return n;
}

/* ---- the run ---- */
static int64_t seconds(const char *stamp)
{
	struct tm tm = { 0 };
	const char *end = strptime(stamp, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? (int64_t)timegm(&tm) : -1;
}

static void moment(const struct prom *p, const char *name, const char *help, const char *stamp)
{
	int64_t s = seconds(stamp);

	if (s < 0)
		return;
	family(p, name, help);
	series(p, name, NULL);
	whole(p, s);
}

static void run(const struct prom *p)
{
	const json_t *r = list_of(p, "run");
	int64_t begin = get_ns(r, "begin_ns", 0), end = get_ns(r, "end_ns", 0);

	family(p, "run_info", "What was tested, where and with what; always 1.");
	series(p, "run_info", "run", get_text(r, "id"), "maker", get_text(r, "maker"), "model", get_text(r, "model"), "firmware",
	       get_text(r, "firmware"), "serial", get_text(r, "serial"), "bench", get_text(r, "bench"), "profile", get_text(r, "profile"), "tool",
	       get_text(list_of(p, "tool"), "version"), NULL);
	whole(p, 1);
	family(p, "run_complete", "1 when the run was not interrupted.");
	series(p, "run_complete", NULL);
	whole(p, !strcmp(get_text(r, "state"), "complete"));
	moment(p, "run_start_time_seconds", "When the run began, as Unix time.", get_text(r, "started"));
	moment(p, "run_end_time_seconds", "When the run ended, as Unix time.", get_text(r, "ended"));
	if (begin && end > begin) {
		family(p, "run_duration_seconds", "How long the run took.");
		series(p, "run_duration_seconds", NULL);
		parts(p, end - begin, NS);
	}
}

static void gate(const struct prom *p)
{
	static const char *const states[] = { "MET", "NOT MET", "OPEN", NULL };
	const json_t *g = list_of(p, "gate");

	family(p, "gate", "1 for the state of the gate: MET only when every shall that applies is PASS.");
	for (const char *const *s = states; *s; s++) {
		series(p, "gate", "state", *s, NULL);
		whole(p, !strcmp(get_text(g, "verdict"), *s));
	}
	family(p, "gate_rehearsal", "1 when the profile is a rehearsal, which never meets the gate.");
	series(p, "gate_rehearsal", NULL);
	whole(p, is_on(g, "rehearsal"));
}

static void sums(const struct prom *p)
{
	static const struct { const char *key, *name, *help; } one[] = {
		{ "of", "requirements_total", "Requirements of the Code." },
		{ "decided", "requirements_decided", "Requirements that are decided." },
		{ "open", "requirements_open", "Requirements that are not decided." },
		{ "on_default", "tests_on_default", "Tests that rest on a limit which nobody chose." },
	};
	static const char *const kind[] = { "tests", "requirements", "records", NULL };
	char name[40];

	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		family(p, one[i].name, one[i].help);
		series(p, one[i].name, NULL);
		whole(p, get_int(p->v, one[i].key));
	}
	for (const char *const *k = kind; *k; k++) {
		snprintf(name, sizeof(name), "%s", *k);
		family(p, name, "How many there are with each verdict.");
		for (unsigned v = 0; v < VERDICT_COUNT; v++) {
			series(p, name, "verdict", verdict_name((enum verdict)v), NULL);
			whole(p, count(list_of(p, *k), NULL, (enum verdict)v));
		}
	}
}

/* ---- guidelines ---- */
static void each_guideline(const struct prom *p, const char *name, const char *help, void (*f)(const struct prom *p, const json_t *g, const char *name))
{
	const json_t *all = list_of(p, "guidelines");
	CLEANUP(free_json) json_t *known = json_object();

	family(p, name, help);
	for (size_t i = 0; i < json_array_size(all); i++)
		if (first_time(known, get_text(json_array_get(all, i), "id"), ""))
			f(p, json_array_get(all, i), name);
}

static void guideline_counts(const struct prom *p, const json_t *g, const char *name)
{
	const json_t *items = list_of(p, !strcmp(name, "guideline_tests") ? "tests" : "requirements");

	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		series(p, name, "guideline", get_text(g, "id"), "verdict", verdict_name((enum verdict)v), NULL);
		whole(p, count(items, get_text(g, "id"), (enum verdict)v));
	}
}

static void guideline_verdict(const struct prom *p, const json_t *g, const char *name)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		series(p, name, "guideline", get_text(g, "id"), "verdict", verdict_name((enum verdict)v), NULL);
		whole(p, verdict_of(g, "verdict") == (enum verdict)v);
	}
}

static void guideline_score(const struct prom *p, const json_t *g, const char *name)
{
	series(p, name, "guideline", get_text(g, "id"), NULL);
	parts(p, get_int(json_object_get(g, "score"), strstr(name, "low") ? "low" : "high"), PPM);
}

static void guideline_coverage(const struct prom *p, const json_t *g, const char *name)
{
	static const char *const classes[] = { "all", "a", "b", "c", NULL };

	for (const char *const *c = classes; *c; c++) {
		const json_t *one = json_object_get(json_object_get(g, "coverage"), *c);

		series(p, name, "guideline", get_text(g, "id"), "class", *c, NULL);
		whole(p, get_int(one, strstr(name, "applicable") ? "applicable" : "evaluated"));
	}
}

static void guideline_covered(const struct prom *p, const json_t *g, const char *name)
{
	const json_t *all = json_object_get(json_object_get(g, "coverage"), "all");
	int64_t done = get_int(all, "evaluated"), of = get_int(all, "applicable");

	if (done < 0 || of <= 0 || done > of || of > PPM)
		return;
	series(p, name, "guideline", get_text(g, "id"), NULL);
	parts(p, done * PPM / of, PPM);
}

static void guidelines(const struct prom *p)
{
	each_guideline(p, "guideline_requirements", "Requirements of a guideline with each verdict.", guideline_counts);
	each_guideline(p, "guideline_tests", "Tests of a guideline with each verdict.", guideline_counts);
	each_guideline(p, "guideline_verdict", "1 for the verdict on a guideline.", guideline_verdict);
	each_guideline(p, "guideline_score_low_ratio", "Score when all that is open is held against the device.", guideline_score);
	each_guideline(p, "guideline_score_high_ratio", "Score when all that is open is held to be met.", guideline_score);
	each_guideline(p, "guideline_evaluated", "Requirements that were evaluated, by class.", guideline_coverage);
	each_guideline(p, "guideline_applicable", "Requirements that apply, by class.", guideline_coverage);
	each_guideline(p, "guideline_coverage_ratio", "Evaluated of what applies.", guideline_covered);
}

/* ---- tests, requirements, records ---- */
static void verdicts(const struct prom *p, const char *list, const char *name, const char *label, const char *help)
{
	const json_t *all = list_of(p, list);
	CLEANUP(free_json) json_t *known = json_object();

	family(p, name, help);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);

		for (unsigned v = 0; v < VERDICT_COUNT && (v || first_time(known, get_text(t, "id"), "")); v++) {
			series(p, name, label, get_text(t, "id"), "verdict", verdict_name((enum verdict)v), NULL);
			whole(p, verdict_of(t, "verdict") == (enum verdict)v);
		}
	}
}

static void durations(const struct prom *p)
{
	const json_t *all = list_of(p, "tests");
	CLEANUP(free_json) json_t *known = json_object();

	family(p, "test_duration_seconds", "How long a test took.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);
		int64_t begin = get_ns(t, "begin_ns", 0), end = get_ns(t, "end_ns", 0);

		if (end <= begin || !first_time(known, get_text(t, "id"), ""))
			continue;
		series(p, "test_duration_seconds", "test", get_text(t, "id"), NULL);
		parts(p, end - begin, NS);
	}
}

static void flaky(const struct prom *p)
{
	const json_t *all = list_of(p, "tests");
	CLEANUP(free_json) json_t *known = json_object();

	family(p, "test_flaky_ratio", "Rounds of a repeated test that did not end as most did.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);

		if (!json_is_integer(json_object_get(t, "flaky")) || !first_time(known, get_text(t, "id"), ""))
			continue;
		series(p, "test_flaky_ratio", "test", get_text(t, "id"), NULL);
		parts(p, get_int(t, "flaky"), PPM);
	}
}

static void units(const struct prom *p)
{
	const json_t *all = list_of(p, "tests");
	CLEANUP(free_json) json_t *known = json_object();
	char unit[32];

	family(p, "unit_verdict", "1 for the verdict on one unit of several.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i), *each = json_object_get(t, "units");

		for (size_t k = 0; k < json_array_size(each); k++) {
			const json_t *u = json_array_get(each, k);

			snprintf(unit, sizeof(unit), "%" PRId64, get_int(u, "unit"));
			if (!first_time(known, get_text(t, "id"), unit))
				continue;
			for (unsigned v = 0; v < VERDICT_COUNT; v++) {
				series(p, "unit_verdict", "test", get_text(t, "id"), "unit", unit, "verdict", verdict_name((enum verdict)v), NULL);
				whole(p, verdict_of(u, "verdict") == (enum verdict)v);
			}
		}
	}
}

static void waivers(const struct prom *p)
{
	const json_t *all = list_of(p, "waivers");
	CLEANUP(free_json) json_t *known = json_object();

	family(p, "waiver", "1 while a waiver holds, 0 when it has expired; the verdict stays what it is.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *id = get_text(json_array_get(all, i), "id");

		if (!first_time(known, id, ""))
			continue;
		series(p, "waiver", "on", id, NULL);
		whole(p, !is_on(waiver_of(p->v, id), "expired"));
	}
}

static void mappings(const struct prom *p)
{
	const json_t *all = list_of(p, "mappings");
	CLEANUP(free_json) json_t *known = json_object();

	family(p, "mapping_lines", "Lines of another scheme with each verdict, as far as the Code answers them.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *m = json_array_get(all, i);

		for (unsigned v = 0; v < VERDICT_COUNT && (v || first_time(known, get_text(m, "id"), "")); v++) {
			series(p, "mapping_lines", "mapping", get_text(m, "id"), "verdict", verdict_name((enum verdict)v), NULL);
			whole(p, count(json_object_get(m, "lines"), NULL, (enum verdict)v));
		}
	}
	json_object_clear(known);
	family(p, "mapping_lines_unverified", "Lines of another scheme that nobody has compared with the original.");
	for (size_t i = 0; i < json_array_size(all); i++) {
		if (!first_time(known, get_text(json_array_get(all, i), "id"), ""))
			continue;
		series(p, "mapping_lines_unverified", "mapping", get_text(json_array_get(all, i), "id"), NULL);
		whole(p, get_int(json_array_get(all, i), "unverified"));
	}
}

static bool write_prometheus(const struct result *r, FILE *out, struct err *err)
{
	const struct prom p = { out, r->verdicts };

	run(&p);
	gate(&p);
	sums(&p);
	guidelines(&p);
	verdicts(&p, "requirements", "requirement_verdict", "requirement", "1 for the verdict on a requirement.");
	verdicts(&p, "tests", "test_verdict", "test", "1 for the verdict of a test.");
	verdicts(&p, "records", "record_verdict", "record", "1 for the verdict on an evidence record.");
	durations(&p);
	flaky(&p);
	units(&p);
	waivers(&p);
	mappings(&p);
	return !ferror(out) || err_sys(err, "metrics.prom");
}

const struct report report_prometheus = {
	.name = "prometheus",
	.file = "metrics.prom",
	.doc = "gauges for Prometheus: verdicts, scores, coverage, gate",
	.write = write_prometheus,
};
