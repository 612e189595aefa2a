// SPDX-License-Identifier: Apache-2.0
/* JUnit XML that holds against both schemas in use (Ant's and Jenkins' junit-10): flat suites, one a guideline, one test
 * case a test. PASS is an empty case, FAIL a failure; ERROR and INCONCLUSIVE are errors, because a build must not go green
 * on what nobody knows; REVIEW, NOT_TESTED and NOT_APPLICABLE are skipped and say why. */
#include <inttypes.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/report.h"
#include "reports/read/read.h"

static int64_t ms_of(const json_t *t)
{
	int64_t ns;

	if (__builtin_sub_overflow(json_integer_value(json_object_get(t, "end_ns")), json_integer_value(json_object_get(t, "begin_ns")), &ns))
		return 0;
	return ns > 0 ? ns / 1000000 : 0;
}

static bool belongs(const json_t *t, const json_t *g)
{
	return !strcmp(get_text(t, "guideline"), get_text(g, "id"));
}

static void attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	escape_xml(out, value);
	fputc('"', out);
}

/* "2026-11-23T08:00:00Z" without the zone, as Ant wants it; anything else becomes the epoch. */
static void timestamp(FILE *out, const char *started)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char text[sizeof(form)] = "1970-01-01T00:00:00";
	size_t n = 0;

	while (form[n] && (form[n] == 'd' ? started[n] >= '0' && started[n] <= '9' : started[n] == form[n]))
		n++;
	if (!form[n])
		memcpy(text, started, n);
	attribute(out, "timestamp", text);
}

/* The requirements that a test decides name its class: a red G9.1 is what a build wants to show. */
static void class_name(FILE *out, const json_t *t)
{
	const json_t *ids = json_object_get(t, json_array_size(json_object_get(t, "decides")) ? "decides" : "supports");
	size_t i;
	json_t *id;

	fputs(" classname=\"", out);
	escape_xml(out, get_text(t, "guideline"));
	json_array_foreach((json_t *)ids, i, id) {
		char name[64];

		fputs(i ? "_" : ".", out);
		snprintf(name, sizeof(name), "%s", json_string_value(id));
		for (char *p = name; *p; p++)
			*p = *p == '.' ? '-' : *p;
		escape_xml(out, name);
	}
	fputc('"', out);
}

static void say(FILE *out, const json_t *t, const char *element, const char *type)
{
	char message[700];

	snprintf(message, sizeof(message), "%s: %.640s", get_text(t, "verdict"), get_text(t, "why"));
	fprintf(out, ">\n   <%s", element);
	if (type)
		attribute(out, "type", type);
	attribute(out, "message", message);
	fputc('>', out);
	escape_xml(out, message);
	if (type && get_text(t, "reproduce")[0]) {
		fputs("\n", out);
		escape_xml(out, get_text(t, "reproduce"));
		fputs("\n", out);
	}
	fprintf(out, "</%s>\n  </testcase>\n", element);
}

static void test_case(FILE *out, const json_t *t)
{
	char name[400];

	snprintf(name, sizeof(name), "%s %.380s", get_text(t, "id"), get_text(json_object_get(t, "title"), "en"));
	fputs("  <testcase", out);
	attribute(out, "name", name);
	class_name(out, t);
	fprintf(out, " time=\"%" PRId64 ".%03" PRId64 "\"", ms_of(t) / 1000, ms_of(t) % 1000);
	switch (verdict_of(t, "verdict")) {
	case VERDICT_PASS: fputs("/>\n", out); break;
	case VERDICT_FAIL: say(out, t, "failure", "FAIL"); break;
	case VERDICT_ERROR: say(out, t, "error", "ERROR"); break;
	case VERDICT_INCONCLUSIVE: say(out, t, "error", "INCONCLUSIVE"); break;
	default: say(out, t, "skipped", NULL); break;
	}
}

/* Evidence of what is not clean, a line each. */
static void pointer(FILE *out, const json_t *at)
{
	char text[600];

	escape_xml(out, pointer_text(at, text, sizeof(text)));
}

static void waiver(FILE *out, const json_t *w)
{
	escape_xml(out, get_text(w, "id"));
	fputs(json_is_true(json_object_get(w, "expired")) ? ": waiver expired " : ": waived until ", out);
	escape_xml(out, get_text(w, "until"));
	fputs(" by ", out);
	escape_xml(out, get_text(w, "who"));
	fputs(": ", out);
	escape_xml(out, get_text(w, "why"));
	fputc('\n', out);
}

/* Those on requirements of a guideline; tests carry their own. */
static void waived_requirements(FILE *out, const json_t *v, const char *guideline)
{
	size_t i, n = strlen(guideline);
	json_t *w;

	json_array_foreach(json_object_get(v, "waivers"), i, w)
		if (!strncmp(get_text(w, "id"), guideline, n) && get_text(w, "id")[n] == '.')
			waiver(out, w);
}

/* What stands beside a verdict and changes nothing of it, a line each. */
static void beside(FILE *out, const json_t *v, const json_t *t)
{
	const json_t *defaults = json_object_get(t, "on_default");
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)defaults, i, e) {
		escape_xml(out, get_text(t, "id"));
		fputs(": rests on a default: limit ", out);
		escape_xml(out, json_is_string(e) ? json_string_value(e) : "?");
		fputc('\n', out);
	}
	json_array_foreach(json_object_get(v, "waivers"), i, e)
		if (!strcmp(get_text(e, "id"), get_text(t, "id")))
			waiver(out, e);
	if (!*get_text(t, "grade"))
		return;
	escape_xml(out, get_text(t, "id"));
	fputs(": evidence ", out);
	escape_xml(out, get_text(t, "grade"));
	fputs(*get_text(t, "grade_why") ? ", " : "", out);
	escape_xml(out, get_text(t, "grade_why"));
	fputc('\n', out);
}

static void evidence(FILE *out, const json_t *t)
{
	size_t i, k;
	json_t *c, *p;

	json_array_foreach(json_object_get(t, "claims"), i, c) {
		if (!strcmp(get_text(c, "truth"), "true"))
			continue;
		escape_xml(out, get_text(t, "id"));
		fputs(get_text(c, "rep")[0] ? " [" : "", out);
		escape_xml(out, get_text(c, "rep"));
		fputs(get_text(c, "rep")[0] ? "]: " : ": ", out);
		escape_xml(out, get_text(c, "text"));
		fputs(": saw ", out);
		escape_xml(out, get_text(c, "actual"));
		json_array_foreach(json_object_get(c, "at"), k, p) {
			fputc(' ', out);
			pointer(out, p);
		}
		fputc('\n', out);
	}
}

struct sums { int tests, failures, errors, skipped; int64_t ms; };

static struct sums sums_of(const struct result *r, const json_t *g)
{
	struct sums s = { 0 };
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(r->verdicts, "tests"), i, t) {
		enum verdict v = verdict_of(t, "verdict");

		if (g && !belongs(t, g))
			continue;
		s.tests++;
		s.ms += ms_of(t) < INT64_C(1) << 50 ? ms_of(t) : 0;
		s.failures += v == VERDICT_FAIL;
		s.errors += v == VERDICT_ERROR || v == VERDICT_INCONCLUSIVE;
		s.skipped += v == VERDICT_REVIEW || v == VERDICT_NOT_TESTED || v == VERDICT_NOT_APPLICABLE;
	}
	return s;
}

static void property(FILE *out, const char *name, const char *value)
{
	fputs("   <property", out);
	attribute(out, "name", name);
	attribute(out, "value", value);
	fputs("/>\n", out);
}

/* mapping.ID = "1 FAIL, 2 PASS, 65 NOT_TESTED; 3 unverified" */
static void mapping_property(FILE *out, const json_t *m)
{
	const json_t *counts = json_object_get(m, "counts");
	char name[120], value[300];
	size_t n = 0;

	snprintf(name, sizeof(name), "mapping.%.100s", get_text(m, "id"));
	value[0] = '\0';
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		json_int_t count = json_integer_value(json_object_get(counts, verdict_name((enum verdict)v)));

		if (count && n < sizeof(value))
			n += (size_t)snprintf(value + n, sizeof(value) - n, "%s%" JSON_INTEGER_FORMAT " %s", n ? ", " : "", count,
					      verdict_name((enum verdict)v));
	}
	if (n < sizeof(value) && json_integer_value(json_object_get(m, "unverified")))
		snprintf(value + n, sizeof(value) - n, "; %" JSON_INTEGER_FORMAT " unverified", json_integer_value(json_object_get(m, "unverified")));
	property(out, name, value);
}

/* Test cases take no properties in these schemas: "BT9-02.flaky" of the suite says how steady a test was, and
 * "BT1-02.unit2" what one unit of a campaign said. */
static void rounds(const struct result *r, FILE *out, const json_t *g)
{
	char name[200], value[64];
	size_t i, k;
	json_t *t, *u;

	json_array_foreach(json_object_get(r->verdicts, "tests"), i, t) {
		if (!belongs(t, g))
			continue;
		if (json_object_get(t, "round_verdicts")) {
			snprintf(name, sizeof(name), "%.100s.flaky", get_text(t, "id"));
			snprintf(value, sizeof(value), "%" JSON_INTEGER_FORMAT " ppm of %" JSON_INTEGER_FORMAT " rounds",
				 json_integer_value(json_object_get(t, "flaky")), json_integer_value(json_object_get(t, "rounds")));
			property(out, name, value);
		}
		json_array_foreach(json_object_get(t, "units"), k, u) {
			snprintf(name, sizeof(name), "%.100s.unit%" JSON_INTEGER_FORMAT, get_text(t, "id"), json_integer_value(json_object_get(u, "unit")));
			property(out, name, get_text(u, "verdict"));
		}
	}
}

static void suite(const struct result *r, FILE *out, const json_t *g, size_t id)
{
	static const char *const known[] = { "id", "maker", "model", "firmware", "bench", "profile", NULL };
	const json_t *run = json_object_get(r->verdicts, "run");
	struct sums s = sums_of(r, g);
	char name[200];
	size_t i;
	json_t *t;

	snprintf(name, sizeof(name), "%s %.160s", get_text(g, "id"), get_text(json_object_get(g, "title"), "en"));
	fputs(" <testsuite", out);
	attribute(out, "name", name);
	attribute(out, "package", get_text(g, "id"));
	fprintf(out, " id=\"%zu\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\"", id, s.tests, s.failures, s.errors, s.skipped);
	attribute(out, "hostname", get_text(run, "host")[0] ? get_text(run, "host") : "localhost");
	timestamp(out, get_text(run, "started"));
	fprintf(out, " time=\"%" PRId64 ".%03" PRId64 "\">\n  <properties>\n", s.ms / 1000, s.ms % 1000);
	for (const char *const *k = known; *k; k++)
		property(out, *k, get_text(run, *k));
	property(out, "verdict", get_text(g, "verdict"));
	property(out, "gate", get_text(json_object_get(r->verdicts, "gate"), "verdict"));
	json_array_foreach(json_object_get(r->verdicts, "mappings"), i, t)
		mapping_property(out, t);
	rounds(r, out, g);
	fputs("  </properties>\n", out);
	json_array_foreach(json_object_get(r->verdicts, "tests"), i, t)
		if (belongs(t, g))
			test_case(out, t);
	fputs("  <system-out>", out);
	json_array_foreach(json_object_get(r->verdicts, "tests"), i, t)
		if (belongs(t, g)) {
			beside(out, r->verdicts, t);
			evidence(out, t);
		}
	waived_requirements(out, r->verdicts, get_text(g, "id"));
	fputs("</system-out>\n  <system-err></system-err>\n </testsuite>\n", out);
}

static bool write_junit(const struct result *r, FILE *out, struct err *err)
{
	size_t i;
	json_t *g;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	json_array_foreach(json_object_get(r->verdicts, "guidelines"), i, g)
		suite(r, out, g, i);
	fputs("</testsuites>\n", out);
	return !ferror(out) || err_sys(err, "junit.xml");
}

const struct report report_junit = {
	.name = "junit",
	.file = "junit.xml",
	.doc = "for build servers; holds against the schemas of Ant and Jenkins",
	.write = write_junit,
};
