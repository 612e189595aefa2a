// SPDX-License-Identifier: Apache-2.0
// The page of two runs compared: every verdict before and after can be read back, hostile text stays text.
#include "reports/campaigns/diff_page.h"

#include <string.h>

#include "harness/diff.h"
#include "harness/result.h"
#include "reports/campaigns/page_check.h"
#include "reports/read/look.h"

static char *page_of(const json_t *d)
{
	size_t n = 0;
	char *page = NULL;
	FILE *f = open_memstream(&page, &n);

	diff_page(d, "../a/", "../b/", f);
	fclose(f);
	ck_assert_uint_eq(strlen(page), n);
	page_check(page, false);
	return page;
}

static void must_hold(const char *page, const char *what)
{
	ck_assert_msg(strstr(page, what) != NULL, "not there: %s", what);
}

static json_t *golden(void)
{
	json_t *v = json_load_file("fixtures/golden/run/verdicts.json", 0, NULL);

	ck_assert_ptr_nonnull(v);
	return v;
}

static json_t *test_at(json_t *v, size_t i) { return json_array_get(json_object_get(v, "tests"), i); }

static char *compared(json_t *a, json_t *b)
{
	json_t *d = diff_results(a, b);
	char *page = page_of(d), *again = page_of(d);

	ck_assert_str_eq(page, again);
	free(again);
	json_decref(a);
	json_decref(b);
	json_decref(d);
	return page;
}

/* Of each of the 49 pairs: the test, the requirement and the guideline. */
START_TEST(round_trip)
{
	enum verdict from = (enum verdict)(_i / VERDICT_COUNT), to = (enum verdict)(_i % VERDICT_COUNT);
	static const char *const lists[] = { "tests", "requirements", "guidelines" };
	json_t *a = golden(), *b = golden();
	char want[400], *page;
	size_t found = 0;

	for (int k = 0; k < 3; k++) {
		json_object_set_new(json_array_get(json_object_get(a, lists[k]), 0), "verdict", json_string(verdict_name(from)));
		json_object_set_new(json_array_get(json_object_get(b, lists[k]), 0), "verdict", json_string(verdict_name(to)));
	}
	page = compared(a, b);
	snprintf(want, sizeof(want), "<span class=\"from\"><span class=\"v %s\"><svg class=\"s\" aria-hidden=\"true\"><use href=\"#v-%s\"/></svg>%s</span></span> "
		 "<span class=\"arrow\" aria-hidden=\"true\">→</span><span class=\"vh\">became</span> <span class=\"to\"><span class=\"v %s\">", look_class(from),
		 look_class(from), look_word(from), look_class(to));
	for (const char *p = page; (p = strstr(p, want)); p++)
		found++;
	ck_assert_uint_eq(found, from == to ? 0 : 4);           /* the test in the list and at its place */
	if (from == to)
		must_hold(page, "<h1>0 differences</h1>");
	free(page);
}
END_TEST

START_TEST(says_what_else)
{
	json_t *a = golden(), *b = golden(), *t;
	char *page;

	json_object_set_new(test_at(a, 0), "verdict", json_string("PASS"));
	json_object_set_new(test_at(b, 0), "verdict", json_string("FAIL"));
	page = compared(json_deep_copy(a), json_deep_copy(b));
	must_hold(page, "<span class=\"class unsteady\">unsteady <span lang=\"ja\">不安定</span></span>nothing else that the runs record differs");
	must_hold(page, "Nothing else that the runs record:");
	must_hold(page, "href=\"./../a/report/report.html#");
	free(page);
	json_object_set_new(json_object_get(b, "run"), "firmware", json_string("<9>"));
	page = compared(json_deep_copy(a), json_deep_copy(b));
	must_hold(page, "<span class=\"class\">device changed <span lang=\"ja\">機器の変更</span></span>firmware</p>");
	must_hold(page, "<tr><th scope=\"row\">firmware</th>");
	must_hold(page, "&lt;9&gt;");
	ck_assert(!strstr(page, "unsteady <span"));
	free(page);
	json_object_set_new(json_object_get(b, "run"), "bench", json_string("other"));
	t = test_at(b, 0);
	json_object_set_new(t, "limits", json_pack("[{s:s,s:s,s:s}]", "name", "new<", "text", "5 s", "origin", "declared"));
	page = compared(a, b);
	must_hold(page, "measure changed");
	must_hold(page, "limit new&lt;");
	must_hold(page, "bench changed");
	must_hold(page, "Several things differ: the data does not say which of them did it.");
	must_hold(page, "5 s (declared)");
	free(page);
}
END_TEST

static json_t *claim(const char *truth, const char *actual, int off)
{
	return json_pack("[{s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:i,s:i},{s:i}]}]", "part", "control", "rep", "r=<1>", "text", "the a.b is 1", "expected", "1", "truth", truth,
			 "actual", actual, "at", "file", "serial/\"x.raw", "off", off, "len", 3, "journal", 17);
}

START_TEST(claims)
{
	json_t *a = golden(), *b = golden();
	char *page;

	json_object_set_new(test_at(a, 0), "claims", claim("true", "1", 10));
	json_object_set_new(test_at(b, 0), "claims", claim("false", "<script>alert(1)</script>\x1b", 20));
	page = compared(json_deep_copy(a), json_deep_copy(b));
	must_hold(page, "serial/&quot;x.raw@10+3");
	must_hold(page, "serial/&quot;x.raw@20+3");
	must_hold(page, "journal#17");
	must_hold(page, "<span class=\"part\">control</span>the a.b is 1 <small>r=&lt;1&gt;</small>");
	must_hold(page, "&lt;script&gt;alert(1)&lt;/script&gt;<s>\\x1b</s>");
	free(page);
	json_object_set_new(test_at(b, 0), "claims", json_array());
	page = compared(a, b);
	must_hold(page, "not asked");
	must_hold(page, "serial/&quot;x.raw@10+3");
	free(page);
}
END_TEST

START_TEST(rehearsal_is_never_met)
{
	json_t *a = golden(), *b = golden();
	char *page;

	json_object_set_new(json_object_get(a, "gate"), "verdict", json_string("OPEN"));
	json_object_set_new(json_object_get(b, "gate"), "verdict", json_string("MET"));
	json_object_set_new(json_object_get(b, "run"), "rehearsal", json_true());
	page = compared(json_deep_copy(a), json_deep_copy(b));
	ck_assert(!strstr(page, "</svg>MET"));
	must_hold(page, "<b>Rehearsal.</b>");
	free(page);
	json_object_set_new(json_object_get(b, "run"), "rehearsal", json_false());
	page = compared(a, b);
	must_hold(page, "</svg>MET");
	free(page);
}
END_TEST

static const char *const odd[] = {
	"{}", "[]", "{\"a\":7,\"b\":[],\"run\":{},\"tests\":[7,{}],\"guidelines\":[[]],\"requirements\":\"x\",\"gate\":1}",
	"{\"run\":[{\"what\":\"suites\",\"class\":\"measure\",\"a\":[{\"file\":\"x\"},3],\"b\":7},{\"what\":\"tool\",\"class\":\"measure\",\"a\":{\"<\":1},\"b\":null}],"
	"\"tests\":[{\"id\":\"<A>\",\"only\":\"c\",\"verdict\":{\"a\":[],\"b\":{}},\"why\":{\"a\":1},\"rounds\":{\"a\":[\"PASS\"],\"b\":null},\"reasons\":[{\"class\":\"x\"},7],"
	"\"limits\":[{}],\"claims\":[{\"at\":{\"a\":[7,{\"capture\":\"<\",\"frame\":\"x\"}],\"b\":3},\"truth\":{\"a\":{}}}]}],\"differences\":\"x\"}",
};
START_TEST(odd_things)
{
	json_t *d = json_loads(odd[_i], 0, NULL);
	char *page;

	ck_assert_ptr_nonnull(d);
	page = page_of(d);
	free(page);
	json_decref(d);
}
END_TEST

TEST_MAIN({ "round trip", round_trip, VERDICT_COUNT * VERDICT_COUNT }, { "what else", says_what_else, 1 }, { "claims", claims, 1 },
	  { "rehearsal", rehearsal_is_never_met, 1 }, { "odd", odd_things, ROWS(odd) })
