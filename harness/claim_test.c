// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "harness/base/test.h"
#include "harness/claim_in.h"
#include "harness/probe.h"

static const char limits[] = "{\"recover\": 60000000000, \"share\": 990000, \"tries\": 3}";
static const char each[] = "{\"how\": \"dns_dead\", \"peer\": {\"host\": \"cloud.example\", \"port\": 8883}}";
static const char declared[] = "{\"outage\": {\"recover\": \"90s\"}, \"tcp\": [80, 443], \"user\": \"hearth\"}";

/* A scene: a probe p with every type of fact, a watch w (bool) from 0 to 100, a sampling watch f, steps a and b. */
#define STEP(label, kind) "{\"kind\":\"step\",\"t_ns\":0,\"label\":\"" label "\",\"kind_of\":\"" kind "\"}"
#define SAMPLER(label, every) "{\"kind\":\"step\",\"t_ns\":0,\"label\":\"" label "\",\"kind_of\":\"watch\",\"args\":{\"every\":" every "}}"
#define DONE(label, status, from, to) \
	"{\"kind\":\"done\",\"label\":\"" label "\",\"status\":\"" status "\",\"begin_ns\":" from ",\"end_ns\":" to "}"
#define SAW(label, at, facts) "{\"n\":7,\"kind\":\"observe\",\"label\":\"" label "\",\"at_ns\":" at ",\"facts\":{" facts "}}"
#define HOLE(label, at, facts) \
	"{\"n\":7,\"kind\":\"observe\",\"label\":\"" label "\",\"at_ns\":" at ",\"facts\":{" facts "},\"incomplete\":\"3 frames dropped\"}"
#define AB STEP("a", "stimulus") "," DONE("a", "ok", "20", "40") "," STEP("b", "probe") "," DONE("b", "ok", "50", "60") ","
#define P(facts) AB STEP("p", "probe") "," SAW("p", "70", facts) "," DONE("p", "ok", "65", "75")
#define PH(facts) AB STEP("p", "probe") "," HOLE("p", "70", facts) "," DONE("p", "ok", "65", "75")
#define W(...) AB STEP("w", "watch") "," __VA_ARGS__ DONE("w", "ok", "0", "100")
#define F(...) AB SAMPLER("f", "5") "," __VA_ARGS__ DONE("f", "ok", "0", "100")
#define ON(t) SAW("w", #t, "\"ok\":true") ","
#define OFF(t) SAW("w", #t, "\"ok\":false") ","
#define MISSED(t) HOLE("w", #t, "") ","
#define FON(t) SAW("f", #t, "\"ok\":true") ","
#define FOFF(t) SAW("f", #t, "\"ok\":false") ","

#define U TRUTH_UNKNOWN
#define T TRUTH_TRUE
#define X TRUTH_FALSE
static const struct { const char *claim, *scene; enum truth want; } row[] = {
	/* a watch that says at its end that it missed something: whenever that was, and whatever the window */
	{ "{count: w.ok, is: 0, during: a}", W(MISSED(100)), U },
	{ "{count: w.ok, is: 1, during: a}", W(ON(30) MISSED(100)), U },
	{ "{count: w.ok, at_most: 0, during: a}", W(ON(30) MISSED(100)), X },
	{ "{count: w.ok, at_least: 1, during: a}", W(ON(30) MISSED(100)), U },
	{ "{every: w.ok, is: true, during: a}", W(ON(30) MISSED(100)), U },
	{ "{every: w.ok, is: true, during: a}", W(OFF(30) MISSED(100)), X },
	{ "{no: w.ok, is: false, during: a}", W(ON(30) MISSED(100)), U },
	{ "{some: w.ok, is: false, during: a}", W(ON(30) MISSED(100)), U },
	{ "{some: w.ok, is: true, during: a}", W(ON(30) MISSED(100)), T },
	{ "{share: w.ok, at_least: 99%, during: a}", W(ON(10) MISSED(100)), U },
	{ "{longest: w.ok, at_most: 1s, during: a}", W(ON(10) MISSED(100)), U },
	/* the: the last one */
	{ "{the: p.ok, is: true}", P("\"ok\":true"), T },
	{ "{the: p.ok, is: true}", P("\"ok\":false"), X },
	{ "{the: p.ok, is: true}", PH("\"ok\":true"), U },
	{ "{the: p.ok, is: true}", PH("\"ok\":false"), U },
	{ "{the: p.ok, is: false}", PH("\"ok\":true"), X },
	{ "{the: p.ok, is: true}", AB STEP("p", "probe"), U },
	{ "{the: p.ok, is: true}", "", U },
	{ "{the: p.n, at_most: 3}", P("\"n\":3"), T },
	{ "{the: p.n, at_most: 3}", P("\"n\":4"), X },
	{ "{the: p.n, at_most: 3}", PH("\"n\":4"), X },
	{ "{the: p.n, at_least: 3}", PH("\"n\":2"), U },
	{ "{the: p.n, at_most: limit.tries}", P("\"n\":4"), X },
	{ "{the: p.n, at_most: limit.absent}", P("\"n\":4"), U },
	{ "{the: p.n, is: p.m}", P("\"n\":4,\"m\":4"), T },
	{ "{the: p.n, is: p.m}", P("\"n\":4"), U },
	{ "{the: p.t, at_most: 60s}", P("\"t\":60000000000"), T },
	{ "{the: p.t, at_most: 60s}", P("\"t\":60000000001"), X },
	{ "{the: p.t, at_most: 60s}", PH("\"t\":70000000000"), U },
	{ "{the: p.t, at_most: limit.recover}", P("\"t\":61000000000"), X },
	{ "{the: p.t, at_most: declared.outage.recover}", P("\"t\":61000000000"), T },
	{ "{the: p.s, is: hearth}", P("\"s\":\"hearth\""), T },
	{ "{the: p.s, is: declared.user}", P("\"s\":\"other\""), X },
	{ "{the: p.s, is: \"${each.peer.host}:${each.peer.port}\"}", P("\"s\":\"cloud.example:8883\""), T },
	{ "{the: p.s, is: \"${each.absent}\"}", P("\"s\":\"x\""), U },
	{ "{the: p.s, has: art}", P("\"s\":\"hearth\""), T },
	{ "{the: p.s, has_not: [art, x]}", P("\"s\":\"hearth\""), X },
	{ "{the: p.s, within: [a, b]}", P("\"s\":\"b\""), T },
	{ "{the: p.s, is: 200}", P("\"s\":\"200\""), T },
	{ "{the: p.set, is: []}", P("\"set\":[]"), T },
	{ "{the: p.set, is: []}", PH("\"set\":[\"tcp/23\"]"), X },
	{ "{the: p.set, is: []}", PH("\"set\":[]"), U },
	{ "{the: p.set, is: [a, b]}", P("\"set\":[\"b\",\"a\"]"), T },
	{ "{the: p.set, within: declared.tcp}", P("\"set\":[\"80\"]"), T },
	{ "{the: p.set, within: declared.tcp}", P("\"set\":[\"81\"]"), X },
	{ "{the: p.set, has: a}", P("\"set\":[\"b\",\"a\"]"), T },
	{ "{the: p.set, has_not: a}", PH("\"set\":[\"b\",\"a\"]"), X },
	{ "{the: p.sec, is: p.sec2}", P("\"sec\":{\"hmac\":\"1\"},\"sec2\":{\"hmac\":\"1\"}"), T },
	{ "{the: p.sec, is_not: p.sec2}", P("\"sec\":{\"hmac\":\"1\"},\"sec2\":{\"hmac\":\"1\"}"), X },
	{ "{the: p.n, at_most: 3}", P("\"n\":\"many\""), U },
	{ "{the: p.n, is: true}", P("\"n\":1"), U },
	/* a broken step proves only what it saw */
	{ "{the: p.n, is: 0}", STEP("p", "probe") "," SAW("p", "1", "\"n\":0") "," DONE("p", "crash", "0", "2"), U },
	{ "{the: p.n, is: 0}", STEP("p", "probe") "," SAW("p", "1", "\"n\":1") "," DONE("p", "crash", "0", "2"), X },
	{ "{the: p.n, is: 0}", STEP("p", "probe") "," SAW("p", "1", "\"n\":0"), U },
	/* every, some, no */
	{ "{every: w.ok, is: true}", W(ON(10) ON(20)), T },
	{ "{every: w.ok, is: true}", W(ON(10) OFF(20) ON(30)), X },
	{ "{every: w.ok, is: true, during: a}", W(ON(10) OFF(19) ON(30) OFF(41)), T },
	{ "{every: w.ok, is: true, during: [a, b]}", W(ON(30) OFF(55)), X },
	{ "{every: w.ok, is: true, during: nobody}", W(ON(30)), U },
	{ "{every: w.ok, is: true}", W(""), U },
	{ "{every: w.ok, is: true, during: a}", STEP("a", "x") "," DONE("a", "ok", "20", "140") "," STEP("w", "watch") "," ON(30)
	  DONE("w", "ok", "0", "100"), U },
	{ "{some: w.ok, is: false}", W(ON(10) OFF(20)), T },
	{ "{some: w.ok, is: false}", W(ON(10)), X },
	{ "{some: w.ok, is: false}", W(""), U },
	{ "{no: p.n, above: 0}", P("\"n\":0"), T },
	{ "{no: p.n, above: 0}", P("\"n\":1"), X },
	{ "{no: p.n, above: 0}", PH("\"n\":1"), X },
	{ "{no: p.n, above: 0}", PH("\"n\":0"), U },
	{ "{no: p.n, above: 0}", AB STEP("p", "probe") "," DONE("p", "ok", "65", "75"), U },
	{ "{no: w.ok, is: false}", W(HOLE("w", "10", "\"ok\":false") ","), U },
	/* count: none is a number */
	{ "{count: w.at, is: 0}", W(""), T },
	{ "{count: w.at, is: 0}", W(SAW("w", "30", "\"at\":30") ","), X },
	{ "{count: w.at, is: 0, during: b}", W(SAW("w", "30", "\"at\":30") ","), T },
	{ "{count: w.at, at_most: 1}", AB STEP("w", "watch") "," SAW("w", "30", "\"at\":30") "," DONE("w", "error", "0", "100"), U },
	{ "{count: w.at, is: 0}", AB STEP("w", "watch") "," SAW("w", "30", "\"at\":30") "," DONE("w", "error", "0", "100"), X },
	{ "{count: w.at, at_least: 1}", AB STEP("w", "watch") "," SAW("w", "30", "\"at\":30") "," DONE("w", "error", "0", "100"), U },
	{ "{count: w.at, is: 0}", AB "{}", U },
	/* share and longest: of time */
	{ "{share: w.ok, at_least: 99%}", W(ON(0)), T },
	{ "{share: w.ok, at_least: limit.share}", W(ON(0) OFF(98)), X },
	{ "{share: w.ok, at_least: 50%}", W(ON(0) OFF(50)), T },
	{ "{share: w.ok, at_least: 51%}", W(ON(0) OFF(50)), X },
	{ "{share: w.ok, at_least: 90%}", W(ON(50)), U },                       /* nothing known before */
	{ "{share: w.ok, at_least: 90%, during: a}", W(ON(5)), T },             /* holds on from before the window */
	{ "{share: w.ok, at_least: 90%}", W(""), U },
	{ "{longest: w.ok, at_most: 10ns}", W(ON(0) OFF(20) ON(30) OFF(50) ON(55)), T },
	{ "{longest: w.ok, at_most: 9ns}", W(ON(0) OFF(20) ON(30)), X },
	{ "{longest: w.ok, at_most: 9ns}", W(ON(0) OFF(20) OFF(25) ON(30)), X },
	{ "{longest: w.ok, at_most: 9ns}", W(ON(0) OFF(95)), T },
	{ "{longest: w.at, at_most: 50ns}", W(SAW("w", "40", "\"at\":1") "," SAW("w", "80", "\"at\":1") ","), T },
	{ "{longest: w.at, at_most: 39ns}", W(SAW("w", "40", "\"at\":1") "," SAW("w", "80", "\"at\":1") ","), X },
	{ "{longest: w.at, at_most: 99ns}", W(""), X },
	/* a watch that looks every 5 ns */
	{ "{share: f.ok, at_least: 99%, during: a}", F(FON(15) FON(20) FON(25) FON(30) FON(35) FON(40)), T },
	{ "{share: f.ok, at_least: 99%, during: a}", F(FON(15) FON(20) FON(25) FOFF(30) FON(35) FON(40)), U },
	{ "{share: f.ok, at_least: 99%, during: a}", F(FON(15) FON(20) FOFF(25) FOFF(30) FON(35) FON(40)), X },
	{ "{share: f.ok, at_least: 99%, during: a}", F(FON(20) FON(39)), U },   /* looked too seldom */
	{ "{longest: f.ok, at_most: 6ns, during: a}", F(FON(20) FOFF(25) FON(30) FOFF(35) FON(40)), U },
	{ "{longest: f.ok, at_most: 10ns, during: a}", F(FON(20) FOFF(25) FON(30) FOFF(35) FON(40)), T },
	{ "{longest: f.ok, at_most: 4ns, during: a}", F(FON(20) FOFF(25) FOFF(30) FON(40)), X },
	/* spread */
	{ "{spread: w.n, at_least: 5}", W(SAW("w", "1", "\"n\":1") "," SAW("w", "2", "\"n\":9") ","), T },
	{ "{spread: w.n, at_least: 9}", W(SAW("w", "1", "\"n\":1") "," SAW("w", "2", "\"n\":9") ","), U },
	{ "{spread: w.n, at_least: 9}", W(SAW("w", "1", "\"n\":1") "," SAW("w", "2", "\"n\":9") "," SAW("w", "3", "\"n\":2") ","
	  SAW("w", "4", "\"n\":3") "," SAW("w", "5", "\"n\":4") ","), U },
	{ "{spread: w.n, at_least: 9}", W(SAW("w", "1", "\"n\":1") "," SAW("w", "2", "\"n\":9") "," SAW("w", "3", "\"n\":2") ","
	  SAW("w", "4", "\"n\":3") "," SAW("w", "5", "\"n\":4") "," SAW("w", "6", "\"n\":5") ","), X },
	{ "{spread: w.n, at_most: 7}", W(SAW("w", "1", "\"n\":1") "," SAW("w", "2", "\"n\":9") ","), X },
	{ "{spread: w.n, at_least: 0}", W(SAW("w", "1", "\"n\":1") ","), U },
	{ "{spread: w.n, at_most: 5}", W(SAW("w", "1", "\"n\":-9223372036854775807") "," SAW("w", "2", "\"n\":9") ","), U },
	/* any */
	{ "{any: [{the: p.n, is: 1}, {the: p.m, is: 2}]}", P("\"n\":0,\"m\":2"), T },
	{ "{any: [{the: p.n, is: 1}, {the: p.m, is: 2}]}", P("\"n\":0,\"m\":0"), X },
	{ "{any: [{the: p.n, is: 1}, {the: p.m, is: 2}]}", P("\"n\":0"), U },
};

static void parse(struct arena *a, const char *text, struct claims *ret)
{
	struct err err = { 0 };
	const struct conf *c;
	char list[512];
	int n = snprintf(list, sizeof(list), "- %s\n", text);

	ck_assert_msg(conf_parse(a, "t", list, (size_t)n, &c, &err) && claims_parse(a, c, ret, &err), "%s: %s", text, err.text);
}

static json_t *load(const char *text)
{
	json_error_t why;
	json_t *j = json_loads(text, 0, &why);

	ck_assert_msg(j != NULL, "%s in %s", why.text, text);
	return j;
}

static struct scene scene_of(const char *text)
{
	struct scene s = { .limits = load(limits), .each = load(each), .declared = load(declared) };
	json_t *list = load(text);

	s.records = records_of(list);
	s.list = records_all(s.records);
	json_decref(list);
	return s;
}

static void scene_free(struct scene *s)
{
	json_decref((json_t *)(uintptr_t)s->limits);
	json_decref((json_t *)(uintptr_t)s->each);
	json_decref((json_t *)(uintptr_t)s->declared);
	records_free(s->records);
}

START_TEST(truth)
{
	struct arena a = { 0 };
	struct claims c;
	struct finding f;
	char *text = NULL;
	struct scene s;

	ck_assert(asprintf(&text, "[%s]", row[_i].scene) > 0);
	s = scene_of(text);
	parse(&a, row[_i].claim, &c);
	claim_eval(claim_at(&c, 0), &s, &f);
	ck_assert_msg(f.truth == row[_i].want, "%s in %s: got %d (%s; %s), want %d", row[_i].claim, row[_i].scene, f.truth,
		      f.actual, f.why, row[_i].want);
	ck_assert(f.verdict == (f.truth == T ? VERDICT_PASS : f.truth == X ? VERDICT_FAIL : VERDICT_INCONCLUSIVE));
	ck_assert(f.text[0] && f.expected[0] && f.actual[0] && (f.truth == T || f.why[0]));
	finding_done(&f);
	scene_free(&s);
	free(text);
	arena_free(&a);
}
END_TEST

/* What is shown. */
static const struct { const char *claim, *scene, *text, *expected, *actual; } shown[] = {
	{ "{the: p.t, at_most: limit.recover, else: REVIEW}", P("\"t\":72403817211"), "the p.t at most 60s (limit.recover)",
	  "at most 60s (limit.recover)", "72.404s" },
	{ "{every: w.ok, is: true, during: a}", W(ON(20) OFF(30)), "every w.ok is true during a", "every one is true",
	  "1 of 2, first false at +30ns" },
	{ "{the: p.set, is: []}", P("\"set\":[\"tcp/23\"]"), "the p.set is []", "[]", "[tcp/23]" },
	{ "{the: p.set, within: [a, b]}", P("\"set\":[\"a\",\"c\"]"), "the p.set within [a, b]", "within [a, b]",
	  "[a, c], beyond it [c]" },
	{ "{no: p.n, above: 0}", P("\"n\":0"), "no p.n above 0", "none above 0", "none of 1, last 0" },
	{ "{share: w.ok, at_least: 99%}", W(ON(0) OFF(50)), "share w.ok at least 99%", "share of true at least 99%", "50%" },
};

static const struct fact facts[] = {
	{ "ok", VALUE_BOOL, NULL, "" }, { "n", VALUE_INT, NULL, "" }, { "t", VALUE_TIME, NULL, "" },
	{ "s", VALUE_TEXT, NULL, "" }, { "set", VALUE_SET, NULL, "" }, { "share", VALUE_SHARE, NULL, "" }, { 0 }
};

static const struct fact *fact_of(const char *label, const char *fact, void *data)
{
	(void)data;
	for (const struct fact *f = facts; f->name && (!strcmp(label, "p") || !strcmp(label, "w")); f++)
		if (!strcmp(f->name, fact))
			return f;
	return NULL;
}

START_TEST(shows)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct claims c;
	struct finding f;
	char *text = NULL;
	struct scene s;

	ck_assert(asprintf(&text, "[%s]", shown[_i].scene) > 0);
	s = scene_of(text);
	parse(&a, shown[_i].claim, &c);
	ck_assert_msg(claims_check(&c, fact_of, NULL, &err), "%s", err.text);
	claim_eval(claim_at(&c, 0), &s, &f);
	ck_assert_str_eq(f.text, shown[_i].text);
	ck_assert_str_eq(f.expected, shown[_i].expected);
	ck_assert_str_eq(f.actual, shown[_i].actual);
	finding_done(&f);
	scene_free(&s);
	free(text);
	arena_free(&a);
}
END_TEST

/* What is refused, by the reader or by the check; a part of the message. NULL: accepted. */
static const struct { const char *claim, *why; } refused[] = {
	{ "{the: p.ok}", "needs a comparison" },
	{ "{is: true}", "needs a quantifier" },
	{ "{the: p.ok, every: p.ok, is: true}", "one quantifier" },
	{ "{the: p.ok, is: true, at_most: 3}", "one comparison" },
	{ "{the: p.ok, is: true, durin: a}", "durin" },
	{ "{the: ok, is: true}", "LABEL.FACT" },
	{ "{the: p.ok, is: true, else: PASS}", "PASS" },
	{ "{the: p.ok, is: true, during: [a]}", "two labels" },
	{ "{the: p.ok, is: {a: b}}", "takes a value" },
	{ "{count: p.ok, has: 1}", "does not compare numbers" },
	{ "{any: [{the: p.ok, is: true}]}", "at least two" },
	{ "{any: [{the: p.ok, is: true}, {any: [{the: p.ok, is: true}, {the: p.ok, is: true}]}]}", "nests once" },
	{ "{the: p.s, is: \"${secret.user}\"}", "secret" },
	{ "{the: q.ok, is: true}", "labelled 'q'" },
	{ "{the: p.no, is: true}", "fact 'no'" },
	{ "{the: p.ok, is: 1}", "true or false" },
	{ "{the: p.ok, at_most: 1}", "compares numbers" },
	{ "{the: p.n, at_most: 2s}", "whole number" },
	{ "{the: p.t, at_most: 2}", "a time such as" },
	{ "{share: p.n, at_least: 99%}", "type bool" },
	{ "{share: p.ok, at_least: 5}", "a share such as" },
	{ "{longest: p.ok, at_most: 5}", "a time such as" },
	{ "{the: p.set, is: tcp}", "list" },
	{ "{the: p.s, is: www.example}", "quotes" },
	{ "{the: p.n, is: p.t}", "of type" },
	{ "{the: p.n, has: 3}", "looks into" },
	{ "{the: p.s, is: \"www.example\"}", NULL },
	{ "{the: p.s, is: cloud.hearth.example}", NULL },
	{ "{the: p.n, at_most: limit.tries, during: [a, b], else: INCONCLUSIVE}", NULL },
	{ "{any: [{the: p.ok, is: true}, {count: w.n, is: 0}], else: REVIEW}", NULL },
};

START_TEST(refuses)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct claims c;
	const struct conf *conf;
	char list[512];
	int n = snprintf(list, sizeof(list), "- %s\n", refused[_i].claim);
	bool ok = conf_parse(&a, "t", list, (size_t)n, &conf, &err) && claims_parse(&a, conf, &c, &err) &&
		  claims_check(&c, fact_of, NULL, &err);

	ck_assert_msg(ok == !refused[_i].why, "%s: %s", refused[_i].claim, err.text);
	if (!ok)
		ck_assert_msg(strstr(err.text, refused[_i].why) && err.at.line == 1 && err.kind == ERR_CONF, "%s: %s",
			      refused[_i].claim, err.text);
	arena_free(&a);
}
END_TEST

static bool collect(const char *ref, struct where at, void *data, struct err *err)
{
	(void)at;
	(void)err;
	text_add(data, 256, "%s ", ref);
	return true;
}

START_TEST(refs)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct claims c;
	char got[256] = "";

	parse(&a, "{any: [{the: p.n, is: limit.x, during: [a, b]}, {the: p.s, within: [\"${each.y.z}\", q]}]}", &c);
	ck_assert(claims_refs(&c, collect, got, &err));
	ck_assert_str_eq(got, "limit.x a b each.y.z ");
	arena_free(&a);
}
END_TEST

TEST_MAIN({ "truth", truth, ROWS(row) }, { "shows", shows, ROWS(shown) }, { "refuses", refuses, ROWS(refused) },
	  { "refs", refs, 1 })
