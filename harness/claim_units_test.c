// SPDX-License-Identifier: Apache-2.0
// {distinct: ..}: what one unit may say alone, and what several say together.
#include <string.h>

#include "harness/base/test.h"
#include "harness/claim_in.h"
#include "harness/probe.h"

#define SAW(facts) "[{\"kind\":\"step\",\"t_ns\":0,\"label\":\"s\"},{\"kind\":\"observe\",\"n\":7,\"label\":\"s\",\"at_ns\":5,\"facts\":{" \
	facts "}},{\"kind\":\"done\",\"label\":\"s\",\"status\":\"ok\",\"begin_ns\":0,\"end_ns\":9}]"
#define HOLE(facts) "[{\"kind\":\"step\",\"t_ns\":0,\"label\":\"s\"},{\"kind\":\"observe\",\"n\":7,\"label\":\"s\",\"at_ns\":5," \
	"\"incomplete\":\"cut\",\"facts\":{" facts "}},{\"kind\":\"done\",\"label\":\"s\",\"status\":\"ok\",\"begin_ns\":0,\"end_ns\":9}]"
#define PEER(unit, values, whole, apart) "{\"unit\":" #unit ",\"values\":[" values "],\"whole\":" #whole ",\"apart\":" #apart ",\"keyed\":true}"
#define UNKEYED(unit, values) "{\"unit\":" #unit ",\"values\":[" values "],\"whole\":true,\"apart\":true}"
#define PEERS(...) "{\"s.v\":[" __VA_ARGS__ "]}"
#define MINE "\"v\":{\"hmac\":\"aa\"}"

#define U TRUTH_UNKNOWN
#define T TRUTH_TRUE
#define X TRUTH_FALSE
static const struct { const char *records, *peers; enum truth want; const char *words; } row[] = {
	{ SAW(MINE), NULL, U, "one unit: nothing to compare" },
	{ SAW(MINE), "{}", U, "one unit: nothing to compare" },
	{ SAW(MINE), PEERS(""), U, "one unit: nothing to compare" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:bb\"", true, true)), T, "different in 2 units" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:aa\"", true, true)), X, "unit 2 has it too" },
	/* what was seen outweighs what is missing elsewhere, and nothing outweighs what is missing */
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:aa\"", true, true) "," PEER(3, "", false, true)), X, "unit 2 has it too" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:aa\"", false, true)), X, "unit 2 has it too" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:bb\"", true, true) "," PEER(3, "", false, true)), U, "not observed in unit 3" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:bb\"", false, true)), U, "not observed in unit 2" },
	{ HOLE(MINE), PEERS(PEER(2, "\"hmac:bb\"", true, true)), U, "cut" },
	{ HOLE(MINE), PEERS(PEER(2, "\"hmac:aa\"", true, true)), X, "unit 2" },
	{ "[]", PEERS(PEER(2, "\"hmac:bb\"", true, true)), U, "did not run" },
	/* the same device on the bench twice is no fault of the device */
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:aa\"", true, false)), U, "nothing shows that it is another device" },
	{ SAW(MINE), PEERS(PEER(2, "\"hmac:bb\"", true, false)), T, "different" },
	/* hashes under different keys differ whatever they are of; equal ones were made with one key */
	{ SAW(MINE), PEERS(UNKEYED(2, "\"hmac:bb\"")), U, "without the campaign key" },
	{ SAW(MINE), PEERS(UNKEYED(2, "\"hmac:aa\"")), X, "unit 2" },
	{ SAW("\"v\":\"text\""), PEERS(UNKEYED(2, "\"other\"")), T, "different" },
	{ SAW("\"v\":[\"hmac:aa\"]"), PEERS(UNKEYED(2, "\"hmac:bb\"")), U, "without the campaign key" },
	/* sets share when one element is in both; an empty one shares with nobody */
	{ SAW("\"v\":[\"x\",\"y\"]"), PEERS(PEER(2, "\"z\",\"y\"", true, true)), X, "unit 2" },
	{ SAW("\"v\":[\"x\",\"y\"]"), PEERS(PEER(2, "\"z\"", true, true)), T, "different" },
	{ SAW("\"v\":[]"), PEERS(PEER(2, "\"z\"", true, true)), T, "different" },
	{ SAW("\"v\":12"), PEERS(PEER(2, "\"12\"", true, true)), X, "unit 2" },
	{ SAW("\"v\":\"text\""), PEERS(PEER(2, "\"text\"", true, true)), X, "unit 2" },
	/* the same fact under another label, in another unit: shared all the same; another fact says nothing */
	{ SAW(MINE), "{\"s.v\":[" PEER(2, "\"hmac:bb\"", true, true) "],\"t.v\":[" PEER(2, "\"hmac:aa\"", true, true) "]}", X, "unit 2 has it too (t.v)" },
	{ SAW(MINE), "{\"s.v\":[" PEER(2, "\"hmac:bb\"", true, true) "],\"t.w\":[" PEER(2, "\"hmac:aa\"", true, true) "]}", T, "different in 2 units" },
	{ SAW(MINE), "{\"s.v\":[" PEER(2, "\"hmac:bb\"", true, true) "],\"t.v\":[" PEER(2, "\"hmac:aa\"", true, false) "]}", T, "different in 2 units" },
	/* a value of a kind that cannot be compared is no proof of difference */
	{ SAW("\"v\":true"), PEERS(PEER(2, "\"hmac:bb\"", true, true)), U, "" },
	{ SAW("\"v\":{\"odd\":1}"), PEERS(PEER(2, "\"hmac:bb\"", true, true)), U, "" },
};

static json_t *load(const char *text)
{
	json_t *j = text ? json_loads(text, 0, NULL) : NULL;

	ck_assert(!text || j);
	return j;
}

static const struct claim *parse(struct arena *a, const char *yaml, struct err *err)
{
	static struct claims cs;
	const struct conf *c;

	return conf_parse(a, "t", yaml, strlen(yaml), &c, err) && claims_parse(a, c, &cs, err) ? claim_at(&cs, 0) : NULL;
}

START_TEST(truth)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const struct claim *c = parse(&a, "- {distinct: s.v}\n", &err);
	json_t *list = load(row[_i].records), *peers = load(row[_i].peers);
	struct records *records = records_of(list);
	struct scene s = { .records = records, .list = records_all(records), .peers = peers };
	struct finding f;
	char all[700];

	ck_assert_msg(c, "%s", err.text);
	claim_eval(c, &s, &f);
	snprintf(all, sizeof(all), "%s | %s", f.actual, f.why);
	ck_assert_msg(f.truth == row[_i].want, "row %d: %d, %s", _i, f.truth, all);
	ck_assert_msg(strstr(all, row[_i].words), "row %d: %s", _i, all);
	ck_assert_str_eq(f.text, "no two units share s.v");
	ck_assert_int_eq(f.seen, f.truth == TRUTH_FALSE);
	ck_assert_int_eq(f.verdict, f.truth == TRUTH_TRUE ? VERDICT_PASS : f.truth == TRUTH_FALSE ? VERDICT_FAIL : VERDICT_INCONCLUSIVE);
	ck_assert(claim_absence(c));
	finding_done(&f);
	records_free(records);
	json_decref(list);
	json_decref(peers);
	arena_free(&a);
}
END_TEST

/* What this unit showed goes to the campaign as it was. */
START_TEST(keeps_what_was_shown)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	json_t *list = load(SAW(MINE)), *want = load("{\"fact\":\"s.v\",\"values\":[\"hmac:aa\"],\"whole\":true}");
	struct records *records = records_of(list);
	struct scene s = { .records = records, .list = records_all(records) };
	struct finding f;

	claim_eval(parse(&a, "- {distinct: s.v}\n", &err), &s, &f);
	ck_assert(json_equal(f.compared, want));
	finding_done(&f);
	records_free(records);
	json_decref(list);
	json_decref(want);
	arena_free(&a);
}
END_TEST

static const struct { const char *yaml, *words; } refused[] = {
	{ "- {distinct: s.v, is: true}\n", "takes no comparison" },
	{ "- {distinct: s.v, during: s}\n", "no during" },
	{ "- {distinct: v}\n", "LABEL.FACT" },
	{ "- {distinct: s.v, the: s.v}\n", "one quantifier" },
	{ "- any: [{distinct: s.v}, {the: s.v, is: x}]\n", "not in any" },
	{ "- {distinct: s.b}\n", "needs a fact of type" },
	{ "- {distinct: s.none}\n", "no step is labelled" },
};

static const struct fact *fact_of(const char *label, const char *fact, void *data)
{
	static const struct fact v = { "v", VALUE_SECRET, NULL, "" }, b = { "b", VALUE_BOOL, NULL, "" };

	(void)data;
	return strcmp(label, "s") ? NULL : !strcmp(fact, "v") ? &v : !strcmp(fact, "b") ? &b : NULL;
}

START_TEST(refuses)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const struct conf *c;
	struct claims cs;

	ck_assert(conf_parse(&a, "t", refused[_i].yaml, strlen(refused[_i].yaml), &c, &err));
	ck_assert(!claims_parse(&a, c, &cs, &err) || !claims_check(&cs, fact_of, NULL, &err));
	ck_assert_msg(strstr(err.text, refused[_i].words), "%s", err.text);
	arena_free(&a);
}
END_TEST

TEST_MAIN({ "truth", truth, ROWS(row) }, { "shown", keeps_what_was_shown, 1 }, { "refused", refuses, ROWS(refused) })
