// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/identity.h"
#include "harness/judge.h"
#include "harness/mapping.h"
#include "harness/result.h"
#include "harness/score.h"
#include "harness/test_editions.h"

/* ---- a plan of one test, and journals written with one letter for each thing that happens ---- */
struct bed { struct arena a; struct plan plan; struct test test; struct claims control, expect; json_t *records, *run; int64_t t; int rep, attempt; size_t begun; };

static const char *const decides[] = { "G1.1", NULL };
static const struct each twice = { .name = "r", .values = NULL };

static void claims_of(struct bed *b, const char *yaml, struct claims *ret)
{
	struct err err = { 0 };
	const struct conf *c;

	ck_assert_msg(conf_parse(&b->a, "t", yaml, strlen(yaml), &c, &err) && claims_parse(&b->a, c, ret, &err), "%s", err.text);
}

static const char requirements[] =
	"{\"guidelines\":[{\"id\":\"G1\",\"title\":{\"en\":\"One\",\"ja\":\"\\u4e00\"},\"priority\":\"highest\"}],"
	"\"requirements\":[{\"id\":\"G1.1\",\"guideline\":\"G1\",\"force\":\"shall\",\"class\":\"a\",\"who\":[\"D\"],"
	"\"text\":{\"en\":\"x\",\"ja\":\"x\"},\"phrase\":\"x\",\"tests\":[\"BT1-01\"],\"records\":[]}]}";

static void bed_init(struct bed *b, size_t reps, bool control)
{
	static const struct step_spec one = { .kind = STEP_VERB, .name = "x.y" };
	struct each *each;

	*b = (struct bed){ .records = json_array(), .run = json_pack("{s:s,s:i}", "id", "r1", "seed", 7) };
	claims_of(b, "- {the: planted.found, is: true}\n", &b->control);
	claims_of(b, "- {no: p.hits, above: 0}\n- {the: p.ok, is: true}\n- {the: p.sure, is: true, else: ERROR}\n", &b->expect);
	b->plan.keep = json_array();
	each = arena_new(&b->a, struct each);
	*each = twice;
	each->values = json_array();
	for (size_t i = 0; i < reps; i++)
		json_array_append_new(each->values, json_integer((json_int_t)i));
	json_array_append_new(b->plan.keep, each->values);
	b->test = (struct test){ .id = "BT1-01", .file = "dir/inputs/suites/G01.yaml", .guideline = "G1", .title_en = "t", .title_ja = "t",
				 .decides = decides, .state = "any", .each = each, .n_each = reps > 1,
				 .body = { .steps = { &one, 1 }, .expect = &b->expect } };
	if (control)
		b->test.control = (struct part){ .steps = { &one, 1 }, .expect = &b->control };
	b->plan.test = &b->test;
	b->plan.n = 1;
	b->plan.requirements = json_loads(requirements, 0, NULL);
	ck_assert(b->plan.requirements != NULL);
	json_array_append_new(b->plan.keep, b->plan.requirements);
	b->plan.device.json = json_object();
	json_array_append_new(b->plan.keep, b->plan.device.json);
}

static void bed_done(struct bed *b)
{
	json_decref(b->records);
	json_decref(b->run);
	json_decref(b->plan.keep);
	arena_free(&b->a);
}

static void put(struct bed *b, const char *kind, json_t *rec)
{
	json_object_set_new(rec, "kind", json_string(kind));
	json_object_set_new(rec, "n", json_integer((json_int_t)json_array_size(b->records) + 1));
	json_object_set_new(rec, "t_ns", json_integer(++b->t * 1000));
	if (!json_object_get(rec, "test"))
		json_object_set_new(rec, "test", json_string("BT1-01"));
	json_array_append_new(b->records, rec);
}

static const char *rep_name(const struct bed *b, char buf[16])
{
	snprintf(buf, 16, b->test.n_each ? "r=%d" : "", b->rep);
	return buf;
}

static json_t *alive_in(const struct bed *b, const char *when, bool ok)
{
	char rep[16];

	return json_pack("{s:s,s:s,s:b}", "part", when, "rep", rep_name(b, rep), "ok", ok);
}

/* The control uses none of `each`: it is shared. */
static json_t *in_part(const struct bed *b, const char *part)
{
	char rep[16] = "";

	if (strcmp(part, "control"))
		rep_name(b, rep);
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "part", part, "rep", rep, "step", "1", "label", !strcmp(part, "control") ? "planted" : "p",
			 "verb", "x.y");
}

static void part(struct bed *b, const char *name, const char *facts, const char *status, bool complete)
{
	json_t *rec = in_part(b, name);

	json_object_set_new(rec, "each", json_object());
	put(b, "rep", rec);
	put(b, "step", in_part(b, name));
	if (facts) {
		rec = in_part(b, name);
		json_object_set_new(rec, "facts", json_loads(facts, 0, NULL));
		json_object_set_new(rec, "at_ns", json_integer(b->t * 1000));
		if (!complete)
			json_object_set_new(rec, "incomplete", json_string("dropped"));
		put(b, "observe", rec);
	}
	if (!status)
		return;
	rec = in_part(b, name);
	json_object_set_new(rec, "status", json_string(status));
	json_object_set_new(rec, "begin_ns", json_integer(b->t * 1000));
	json_object_set_new(rec, "end_ns", json_integer(b->t * 1000));
	put(b, "done", rec);
}

static void begin(struct bed *b, int attempt)
{
	b->begun = json_array_size(b->records);
	b->attempt = attempt;
	b->rep = 0;
	put(b, "begin", json_pack("{s:i,s:i}", "unit", 1, "attempt", attempt));
}

/* lost: so many records fewer than it says; < 0: it does not say, as runs before it was counted */
static void end(struct bed *b, const char *outcome, const char *text, int lost)
{
	json_t *rec = json_pack("{s:s,s:s,s:i}", "outcome", outcome, "text", text, "attempt", b->attempt);

	if (lost >= 0)
		json_object_set_new(rec, "records", json_integer((json_int_t)(json_array_size(b->records) - b->begun + 1) + lost));
	put(b, "end", rec);
}

static void resume(struct bed *b, int lost)
{
	put(b, "run", json_pack("{s:s,s:s,s:I}", "what", "resume", "text", "", "records", (json_int_t)json_array_size(b->records) + lost));
}

#define FACTS(hits, ok, sure) "{\"hits\":" #hits ",\"ok\":" #ok ",\"sure\":" #sure "}"

static void write_one(struct bed *b, char c)
{
	switch (c) {
	case 'b': begin(b, b->attempt + 1); break;
	case 'B': begin(b, b->attempt + 2); break;
	case 'R': resume(b, 0); break;
	case 'Q': resume(b, 1); break;
	case 'L': put(b, "alive", alive_in(b, "before", true)); break;
	case 'l': put(b, "alive", alive_in(b, "before", false)); break;
	case 'A': put(b, "alive", alive_in(b, "after", true)); break;
	case 'a': put(b, "alive", alive_in(b, "after", false)); break;
	case 'c': part(b, "control", "{\"found\":true}", "ok", true); break;
	case 'C': part(b, "control", "{\"found\":true}", NULL, true); break;
	case 'x': part(b, "control", "{\"found\":false}", "ok", true); break;
	case 'u': part(b, "control", NULL, "ok", true); break;
	case 'X': part(b, "control", NULL, "crash", true); break;
	case 'm': part(b, "expect", FACTS(0, true, true), "ok", true); break;
	case 'h': part(b, "expect", FACTS(2, true, true), "ok", true); break;
	case 'H': part(b, "expect", FACTS(2, true, true), "crash", true); break;
	case 'j': part(b, "expect", FACTS(2, true, true), "ok", false); break;
	case 'f': part(b, "expect", FACTS(0, false, true), "ok", true); break;
	case 'F': part(b, "expect", FACTS(0, false, true), "timeout", true); break;
	case 's': part(b, "expect", FACTS(0, false, false), "ok", true); break;
	case 'E': part(b, "expect", FACTS(0, true, true), "error", true); break;
	case 'n': part(b, "expect", NULL, "ok", true); break;
	case 'i': part(b, "expect", FACTS(0, true, true), "ok", false); break;
	case 'o': part(b, "expect", FACTS(0, true, true), NULL, true); break;
	case 'r': b->rep++; break;
	case 'e': end(b, "PASS", "", 0); break;
	case 'v': end(b, "PASS", "", -1); break;
	case 'k': end(b, "PASS", "", 1); break;
	case 'z': end(b, "ERROR", "the recorder died", 0); break;
	default: ck_abort_msg("letter '%c'", c);
	}
}

static json_t *judge_bed(const struct bed *b)
{
	struct records *r = records_of(b->records);
	json_t *out = judge_one_test(&b->plan, &b->test, b->run, r, "dir");

	records_free(r);
	return out;
}

static json_t *judged(struct bed *b, const char *letters)
{
	for (; *letters; letters++)
		write_one(b, *letters);
	return judge_bed(b);
}

static const struct { const char *what, *letters; size_t reps; bool control; const char *want; } row[] = {
	{ "all is well", "bLcmAe", 1, true, "PASS" },
	{ "nothing was run", "", 1, true, "NOT_TESTED" },
	{ "only begun", "b", 1, true, "NOT_TESTED" },
	{ "begun and ended", "bLAe", 1, true, "NOT_TESTED" },
	{ "ended in error before any repetition", "bLz", 1, true, "ERROR" },
	{ "a counterexample", "bLchAe", 1, true, "FAIL" },
	{ "a counterexample needs no control", "bLxhAe", 1, true, "FAIL" },
	{ "nor a whole record", "bLcjAe", 1, true, "FAIL" },
	{ "nor a step that ends well", "bLcHAe", 1, true, "FAIL" },
	{ "nor a device alive before", "blchAe", 1, true, "FAIL" },
	{ "nor the end of the attempt", "bLch", 1, true, "FAIL" },
	{ "what was missed needs all of them", "bLcfAe", 1, true, "FAIL" },
	{ "missed without control", "bLxfAe", 1, true, "INCONCLUSIVE" },
	{ "missed by a device that was not there", "blcfAe", 1, true, "INCONCLUSIVE" },
	{ "missed in a step that timed out", "bLcFAe", 1, true, "ERROR" },
	{ "missed, and gone afterwards", "bLcfae", 1, true, "FAIL" },
	{ "a stimulus that was not confirmed", "bLcsAe", 1, true, "ERROR" },
	{ "control does not hold", "bLxmAe", 1, true, "INCONCLUSIVE" },
	{ "control unknown", "bLumAe", 1, true, "INCONCLUSIVE" },
	{ "control not run", "bLmAe", 1, true, "INCONCLUSIVE" },
	{ "control crashed", "bLXmAe", 1, true, "ERROR" },
	{ "control held, body not run", "bLcAe", 1, true, "NOT_TESTED" },
	{ "absence without any control", "bLmAe", 1, false, "INCONCLUSIVE" },
	{ "step failed", "bLcEAe", 1, true, "ERROR" },
	{ "nothing observed", "bLcnAe", 1, true, "INCONCLUSIVE" },
	{ "record with holes", "bLciAe", 1, true, "INCONCLUSIVE" },
	{ "step without end", "bLcoAe", 1, true, "INCONCLUSIVE" },
	{ "gone afterwards", "bLcmae", 1, true, "INCONCLUSIVE" },
	{ "nobody looked before", "bcmAe", 1, true, "INCONCLUSIVE" },
	{ "nobody looked after", "bLcme", 1, true, "INCONCLUSIVE" },
	{ "interrupted at the very end", "bLcmA", 1, true, "NOT_TESTED" },
	{ "run saw a fault that no record shows", "bLcmAz", 1, true, "ERROR" },
	{ "and the next attempt breaks off", "bLcmAz" "bL", 1, true, "ERROR" },
	{ "and the next attempt is whole", "bLcmAz" "bLcmAe", 1, true, "PASS" },
	{ "both repetitions", "bLcmArLmAe", 2, true, "PASS" },
	{ "one repetition is missing", "bLcmAe", 2, true, "NOT_TESTED" },
	{ "the second is broken", "bLcmArLEAe", 2, true, "ERROR" },
	{ "the second fails", "bLcmArLhAe", 2, true, "FAIL" },
	{ "the second finds no living device", "bLcmArle", 2, true, "INCONCLUSIVE" },
	{ "interrupted in the second", "bLcmArL", 2, true, "NOT_TESTED" },
	{ "failed in the first, interrupted", "bLchArL", 2, true, "FAIL" },
	{ "shared control does not hold", "bLxrLe", 2, true, "INCONCLUSIVE" },
	{ "error is superseded", "bLcEAe" "bLcmAe", 1, true, "PASS" },
	{ "interruption is superseded", "bLcR" "bLcmAe", 1, true, "PASS" },
	{ "failure is not", "bLcfAe" "bLcmAe", 1, true, "FAIL" },
	{ "an unclear answer is not", "bLciAe" "bLcmAe", 1, true, "INCONCLUSIVE" },
	{ "nor does an error take an answer back", "bLcmAe" "bLcEAe", 1, true, "PASS" },
	{ "a counterexample of an interrupted attempt stays", "bLchR" "bLcmAe", 1, true, "FAIL" },
	{ "going on after the first repetition", "bLcmArLR" "brLcmAe", 2, true, "PASS" },
	{ "a run before records were counted", "bLcmAv", 1, true, "PASS" },
	{ "a record is lost", "bLcmAk", 1, true, "INCONCLUSIVE" },
	{ "a record is lost, and a counterexample is not", "bLchAk", 1, true, "FAIL" },
	{ "a record of an attempt that was superseded is lost", "bLcEAk" "bLcmAe", 1, true, "INCONCLUSIVE" },
	{ "a whole attempt is lost", "BLcmAe", 1, true, "INCONCLUSIVE" },
	{ "an end is lost", "bLcEA" "bLcmAe", 1, true, "INCONCLUSIVE" },
	{ "a record before the run went on is lost", "bLcQ" "bLcmAe", 1, true, "INCONCLUSIVE" },
	{ "a step of the control without end", "bLCmAe", 1, true, "INCONCLUSIVE" },
};

START_TEST(verdict)
{
	struct bed b;
	json_t *t;
	const char *v;

	bed_init(&b, row[_i].reps, row[_i].control);
	t = judged(&b, row[_i].letters);
	v = json_string_value(json_object_get(t, "verdict"));
	ck_assert_msg(!strcmp(v, row[_i].want), "%s: got %s (%s), want %s", row[_i].what, v,
		      json_string_value(json_object_get(t, "why")), row[_i].want);
	ck_assert(!strcmp(v, "PASS") || json_string_value(json_object_get(t, "why"))[0]);
	ck_assert_str_eq(json_string_value(json_object_get(t, "file")), "suites/G01.yaml");
	json_decref(t);
	bed_done(&b);
}
END_TEST

/* ---- a machine that has too much to do ---- */
static const struct { const char *what, *letters; bool is_virtual; int busy; const char *want; } starved[] = {
	{ "late on a starved machine", "bLcfA", true, 3100, "INCONCLUSIVE" },
	{ "late on a busy machine", "bLcfA", true, 1900, "FAIL" },
	{ "a device that has a machine of its own", "bLcfA", false, 3100, "FAIL" },
	{ "what it showed it did show", "bLchA", true, 3100, "FAIL" },
	{ "and what it did not", "bLcmA", true, 3100, "PASS" },
};

START_TEST(busy)
{
	struct bed b;
	json_t *t, *last;

	bed_init(&b, 1, true);
	b.plan.bench.is_virtual = starved[_i].is_virtual;
	json_decref(judged(&b, starved[_i].letters));
	end(&b, "PASS", "", 0);
	last = json_array_get(b.records, json_array_size(b.records) - 1);
	json_object_set_new(last, "busy", json_integer(starved[_i].busy));
	t = judge_bed(&b);
	ck_assert_msg(!strcmp(json_string_value(json_object_get(t, "verdict")), starved[_i].want), "%s: %s: %s", starved[_i].what,
		      json_string_value(json_object_get(t, "verdict")), json_string_value(json_object_get(t, "why")));
	json_decref(t);
	bed_done(&b);
}
END_TEST

/* What run.json says of values stands for drawn ones only (a redacted run): it never makes a test shorter. */
START_TEST(listed_values)
{
	struct bed b;
	json_t *t;

	bed_init(&b, 2, true);
	json_object_set_new(b.run, "each", json_pack("{s:[i]}", "0/BT1-01/each/r", 0));
	t = judged(&b, "bLcmAe");
	ck_assert_str_eq(json_string_value(json_object_get(t, "verdict")), "NOT_TESTED");
	json_decref(t);
	bed_done(&b);
}
END_TEST

/* ---- properties ---- */
static enum verdict verdict_in(const json_t *t)
{
	enum verdict v = VERDICT_PASS;

	ck_assert(verdict_parse(json_string_value(json_object_get(t, "verdict")), &v));
	return v;
}

/* Better is becoming PASS or NOT_APPLICABLE. */
static bool better(enum verdict a, enum verdict b)
{
	return (a == VERDICT_PASS || a == VERDICT_NOT_APPLICABLE) && b != VERDICT_PASS && b != VERDICT_NOT_APPLICABLE;
}

/* A journal that breaks off anywhere never makes a test better. (One that lost a line in the middle is refused.) */
START_TEST(truncation)
{
	struct bed b;
	json_t *whole, *cut;
	enum verdict full;

	bed_init(&b, row[_i].reps, row[_i].control);
	whole = judged(&b, row[_i].letters);
	full = verdict_in(whole);
	/* "an answer stays" rows hold a later attempt that makes it worse; the shorter record has one attempt less */
	while (json_array_size(b.records) > 0) {
		json_array_remove(b.records, json_array_size(b.records) - 1);
		cut = judge_bed(&b);
		ck_assert_msg(!better(verdict_in(cut), full), "%s: better after the last %zu records were lost", row[_i].what,
			      json_array_size(b.records));
		json_decref(cut);
	}
	json_decref(whole);
	bed_done(&b);
}
END_TEST

/* Losing any record helps nobody. */
START_TEST(holes)
{
	struct bed b;
	json_t *whole, *cut;
	enum verdict full;
	size_t n;

	bed_init(&b, row[_i].reps, row[_i].control);
	whole = judged(&b, row[_i].letters);
	full = verdict_in(whole);
	n = json_array_size(b.records);
	for (size_t i = 0; i < n && !strchr(row[_i].letters, 'v'); i++) {
		json_t *rec = json_incref(json_array_get(b.records, i));

		json_array_remove(b.records, i);
		cut = judge_bed(&b);
		ck_assert_msg(!better(verdict_in(cut), full), "%s: better without record %zu", row[_i].what, i + 1);
		json_decref(cut);
		json_array_insert_new(b.records, i, rec);
	}
	json_decref(whole);
	bed_done(&b);
}
END_TEST

/* Another scheme with one line, which G1.1 answers. */
static const char *const no_ids[] = { NULL };
static struct mapping_line scheme_line = {
	.id = "1", .topic = { "t", "t" }, .conditions = no_ids, .features = no_ids, .requirements = decides, .wider = no_ids, .nearest = no_ids,
	.tests = no_ids, .records = no_ids, .provisions = no_ids, .related = no_ids, .inherits = no_ids
};
static const struct mapping scheme = { .id = "s", .title = { "t", "t" }, .edition = "1", .source = "s", .line = &scheme_line, .n = 1 };

/* A whole file of it has the outline that reports rely on, the verdict in other schemes, and the same bytes twice. */
START_TEST(outline)
{
	struct bed b;
	struct err err = { 0 };
	struct records *r;
	json_t *v, *w, *t;
	const json_t *line;
	char *one, *two;

	bed_init(&b, row[_i].reps, row[_i].control);
	b.plan.mapping = &scheme;
	b.plan.n_mappings = 1;
	t = judged(&b, row[_i].letters);
	r = records_of(b.records);
	v = judge_records(&b.plan, b.run, r, "dir");
	w = judge_records(&b.plan, b.run, r, "dir");
	records_free(r);
	ck_assert_msg(result_check(v, &err), "%s", err.text);
	line = json_array_get(json_object_get(json_array_get(json_object_get(v, "mappings"), 0), "lines"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(line, "verdict")), row[_i].want);
	one = json_dumps(v, JSON_SORT_KEYS);
	two = json_dumps(w, JSON_SORT_KEYS);
	ck_assert_str_eq(one, two);
	free(one);
	free(two);
	json_decref(t);
	json_decref(v);
	json_decref(w);
	bed_done(&b);
}
END_TEST

/* ---- the declaration takes a requirement out, and never hides what was seen ---- */
static const struct { const char *device, *letters, *want, *finding; } declared[] = {
	{ "ixit: {TelData: []}", "-", "NOT_APPLICABLE", NULL },                        /* no test of it can be run */
	{ "ixit: {TelData: []}", "", "NOT_TESTED", NULL },                             /* one could, and was not */
	{ "ixit: {TelData: [{ID: T-1}]}", "", "NOT_TESTED", NULL },
	{ "{}", "", "NOT_TESTED", NULL },
	{ "conditions: {6: {value: false}}", "", "NOT_TESTED", NULL },                 /* nothing shows it */
	{ "conditions: {6: {value: false, evidence: T-1}}\nixit: {TelData: [{ID: T-1}]}", "", "NOT_TESTED", "condition-contradicted" },
	{ "ixit: {TelData: []}", "bLchAe", "FAIL", "bench-condition" },                /* a counterexample is not argued away */
	{ "ixit: {TelData: []}", "bLcmAe", "NOT_APPLICABLE", "bench-condition" },
	{ "ixit: {TelData: []}", "bLcnAe", "INCONCLUSIVE", NULL },                     /* nor is one that was not seen */
};
START_TEST(declaration)
{
	struct mapping editions[EDITION_COUNT];
	struct bed b;
	struct err err = { 0 };
	struct records *records;
	json_t *out, *r, *f;
	bool found = false;
	size_t i;

	bed_init(&b, 1, true);
	for (int e = 0; e < EDITION_COUNT; e++)
		editions[e] = *test_editions()->of[e];
	b.plan.mapping = editions;
	b.plan.n_mappings = EDITION_COUNT;
	r = json_array_get(json_object_get(b.plan.requirements, "requirements"), 0);
	json_object_set_new(r, "applies_if", json_pack("{s:{s:i}}", "en303645-v2.1.1", "condition", 6));
	b.plan.device.file = "device.yaml";
	ck_assert(conf_parse(&b.a, "device.yaml", declared[_i].device, strlen(declared[_i].device), &b.plan.device.conf, &err));
	b.test.skip = !strcmp(declared[_i].letters, "-") ? "the bench has no line for it" : NULL;
	for (const char *c = declared[_i].letters; *c && !b.test.skip; c++)
		write_one(&b, *c);
	records = records_of(b.records);
	out = judge_records(&b.plan, b.run, records, "dir");
	records_free(records);
	r = json_array_get(json_object_get(out, "requirements"), 0);
	ck_assert_msg(!strcmp(json_string_value(json_object_get(r, "verdict")), declared[_i].want), "%s with %s: %s", declared[_i].device,
		      declared[_i].letters, json_string_value(json_object_get(r, "verdict")));
	json_array_foreach(json_object_get(out, "findings"), i, f)
		found |= declared[_i].finding && !strcmp(json_string_value(json_object_get(f, "kind")), declared[_i].finding);
	ck_assert_msg(found == (declared[_i].finding != NULL), "%s", declared[_i].device);
	ck_assert(json_is_object(json_object_get(json_object_get(json_object_get(out, "declaration"), "en303645-v3.1.3"), "features")));
	ck_assert_msg(result_check(out, &err), "%s", err.text);
	json_decref(out);
	bed_done(&b);
}
END_TEST

/* ---- a line of a real bench says nothing without a valid stamp ---- */
static const struct { const char *what, *letters, *edit; const char *want, *why; } stamped[] = {
	{ "valid", "bLcmAe", NULL, "PASS", "" },
	{ "none", "bLcmAe", "null", "INCONCLUSIVE", "the bench has no stamp" },
	{ "expired", "bLcmAe", "{\"valid_until\":\"2026-11-09T23:00:00Z\"}", "INCONCLUSIVE", "expired on 2026-11-09" },
	{ "expires that day", "bLcmAe", "{\"valid_until\":\"2026-11-10T01:00:00Z\"}", "PASS", "" },
	{ "made later", "bLcmAe", "{\"made\":\"2026-11-11T00:00:00Z\"}", "INCONCLUSIVE", "is of 2026-11-11" },
	{ "without a date", "bLcmAe", "{\"made\":\"lately\"}", "INCONCLUSIVE", "has no date" },
	{ "of another line", "bLcmAe", "other", "INCONCLUSIVE", "was not checked" },
	{ "of other parameters", "bLcmAe", "{\"sha256\":\"00\"}", "INCONCLUSIVE", "was changed" },
	{ "a line that failed", "bLcmAe", "failed", "INCONCLUSIVE", "check failed: it is deaf" },
	{ "nonsense", "bLcmAe", "{\"made\":7,\"ok\":[]}", "INCONCLUSIVE", "has no date" },
	{ "a counterexample stays", "bLchAe", "null", "FAIL", "hits" },
	{ "an error stays", "bLcEAe", "null", "ERROR", "step" },
};

START_TEST(stamp)
{
	static const struct bench_line line = { .name = "serial.console" };
	struct step_spec one = { .kind = STEP_VERB, .name = "x.y" };
	struct bed b;
	char hex[HASH_HEX];
	json_t *s, *of, *edit, *v;

	bed_init(&b, 1, true);
	b.plan.bench = (struct bench){ .line = &line, .n = 1, .json = json_pack("{s:{s:{s:s}}}", "lines", "serial.console", "driver", "tty") };
	identity_hash(&b.plan.bench, "serial.console", hex);
	of = json_pack("{s:b,s:s,s:s,s:s,s:s}", "ok", stamped[_i].edit ? strcmp(stamped[_i].edit, "failed") : 1, "sha256", hex, "why", "it is deaf",
		       "made", "2026-11-01T00:00:00Z", "valid_until", "2026-12-01T00:00:00Z");
	edit = stamped[_i].edit ? json_loads(stamped[_i].edit, 0, NULL) : NULL;
	json_object_update(of, edit);
	s = json_pack("{s:{s:o}}", "lines", stamped[_i].edit && !strcmp(stamped[_i].edit, "other") ? "wire.board" : "serial.console", of);
	one.args = json_pack("{s:s}", "line", "serial.console");
	b.test.body.steps = (struct steps){ &one, 1 };
	b.plan.stamp = stamped[_i].edit && !strcmp(stamped[_i].edit, "null") ? NULL : s;
	memcpy(b.plan.stamp_day, "2026-11-10", 11);
	v = judged(&b, stamped[_i].letters);
	ck_assert_msg(!strcmp(json_string_value(json_object_get(v, "verdict")), stamped[_i].want) &&
		      strstr(json_string_value(json_object_get(v, "why")), stamped[_i].why), "%s: %s: %s", stamped[_i].what,
		      json_string_value(json_object_get(v, "verdict")), json_string_value(json_object_get(v, "why")));
	b.plan.bench.is_virtual = true;
	if (!strcmp(stamped[_i].want, "INCONCLUSIVE")) {
		json_decref(v);
		v = judge_bed(&b);
		ck_assert_str_eq(json_string_value(json_object_get(v, "verdict")), "PASS");
	}
	json_decref(v);
	json_decref(s);
	json_decref(edit);
	json_decref(one.args);
	json_decref(b.plan.bench.json);
	bed_done(&b);
}
END_TEST

TEST_MAIN({ "stamp", stamp, ROWS(stamped) }, { "declaration", declaration, ROWS(declared) }, { "verdict", verdict, ROWS(row) }, { "busy", busy, ROWS(starved) }, { "listed values", listed_values, 1 }, { "truncation", truncation, ROWS(row) }, { "holes", holes, ROWS(row) },
	  { "outline", outline, ROWS(row) })
