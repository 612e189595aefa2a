/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of a small recorded run, of one in which every text is hostile, and of a very large one. Each is read by
 * a checker that knows every element and attribute the report may hold: whatever else comes out is an escape. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/report.h"
#include "reports/test_people.h"

#define RUN "fixtures/golden/run"

extern const struct report report_html;

/* ---- the checker ---- */

static const char *const void_elements[] = { "meta", "input", "br", NULL };
static unsigned scripts;                /* on the page checked last */
static const char *const elements[] = {
	"html", "head", "body", "title", "style", "main", "header", "section", "nav", "article", "h1", "h2", "h3", "h4", "p", "div",
	"span", "a", "b", "i", "s", "q", "small", "code", "pre", "mark", "ol", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody",
	"tr", "th", "td", "figure", "figcaption", "details", "summary", "fieldset", "legend", "label", "svg", "defs", "symbol",
	"pattern", "path", "text", "rect", "circle", "use", "g", "meta", "input", "br", "form", "select", "option", "button", "output", "dialog",
	"kbd", "script", NULL
};
static const char *const attributes[] = {
	"lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "title", "role", "aria-label", "aria-hidden", "scope",
	"colspan", "type", "checked", "autocomplete", "tabindex", "dir", "viewBox", "width", "height", "x", "y", "cx", "cy", "r", "d",
	"fill", "patternUnits", "patternTransform", "hidden", "value", "for", "data-g", "data-w", "data-t", "data-z", "data-k", "data-y", "data-d",
	"data-low", "data-high", "data-unit", "data-short", "data-ms", "data-do", NULL
};

static bool listed(const char *const *list, const char *p, size_t n)
{
	for (; *list; list++)
		if (strlen(*list) == n && !memcmp(*list, p, n))
			return true;
	return false;
}

/* Check writes a line to a file for every assertion that holds: too slow for one a character. */
#define must(cond, ...)                            \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* One tag's attributes; returns the '>' or fails. */
static const char *check_attributes(const char *p, bool *ret_closed)
{
	for (;;) {
		size_t n = strcspn(p, " =>/\"'<\n"), value;

		if (!n && *p == '/' && p[1] == '>') {
			*ret_closed = true;
			return p + 1;
		}
		if (!n && *p == '>')
			return p;
		if (!n) {
			must(*p == ' ', "odd character in a tag: %.40s", p);
			p++;
			continue;
		}
		must(listed(attributes, p, n), "attribute: %.40s", p);
		if (p[n] == '=') {
			must(p[n + 1] == '"', "unquoted: %.40s", p);
			value = strcspn(p + n + 2, "\"<>");
			must(p[n + 2 + value] == '"', "open quote: %.60s", p);
			if (!strncmp(p, "href", 4))
				must(p[n + 2] == '#', "leads away: %.60s", p);
			p += n + 3 + value;
		} else {
			p += n;
		}
	}
}

static void check_page(const char *p)
{
	static char stack[64][16];
	size_t depth = 0;

	scripts = 0;
	must(!strncmp(p, "<!DOCTYPE html>\n", 16), "no doctype");
	for (p += 16; *p; p++) {
		bool closed = false, end = p[1] == '/';
		const char *name = p + 1 + end;
		size_t n;

		must((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t', "control %02x", (unsigned char)*p);
		if (*p != '<')
			continue;
		n = strspn(name, "abcdefghijklmnopqrstuvwxyz1234");
		must(n < 16 && listed(elements, name, n), "element: %.40s", p);
		p = check_attributes(name + n, &closed);
		if (end) {
			must(depth && strlen(stack[depth - 1]) == n && !memcmp(stack[depth - 1], name, n),
				      "</%.*s> closes <%s>", (int)n, name, depth ? stack[depth - 1] : "nothing");
			depth--;
			continue;
		}
		if (!closed && !listed(void_elements, name, n)) {
			must(depth < 64, "too deep");
			snprintf(stack[depth++], 16, "%.*s", (int)n, name);
			if ((n == 5 && !memcmp(name, "style", 5)) || (n == 6 && !memcmp(name, "script", 6))) {  /* raw text up to its end */
				scripts += n == 6;
				p = strstr(p, n == 6 ? "</script" : "</style");
				must(p, "%.6s stays open", name);
				p--;
			}
		}
	}
	must(!depth, "<%s> stays open", depth ? stack[depth - 1] : "");
	must(scripts == 1, "%u scripts", scripts);
}

static char *page_of(const char *dir, json_t *verdicts, size_t *ret_n)
{
	struct result r = { .dir = dir, .verdicts = verdicts };
	struct err err = { 0 };
	char *buf = NULL;
	FILE *f = open_memstream(&buf, ret_n);

	ck_assert_ptr_nonnull(f);
	ck_assert_msg(report_html.write(&r, f, &err), "%s", err.text);
	fclose(f);
	return buf;
}


static json_t *recorded(void)
{
	json_error_t e;
	json_t *v = json_load_file(RUN "/verdicts.json", 0, &e);

	ck_assert_msg(v != NULL, "%s", e.text);
	add_people(v);
	add_several(v);
	return v;
}
static void must_hold(const char *page, const char *text)
{
	ck_assert_msg(strstr(page, text) != NULL, "not on the page: %s", text);
}

/* ---- tests ---- */

START_TEST(whole)
{
	CLEANUP(free_json) json_t *v = recorded();
	const json_t *requirements = json_object_get(v, "requirements"), *tests = json_object_get(v, "tests");
	size_t n = 0, again_n = 0;
	char *page = page_of(RUN, v, &n), *again = page_of(RUN, v, &again_n), want[128];

	ck_assert_uint_eq(n, again_n);
	ck_assert(!memcmp(page, again, n));
	check_page(page);
	for (size_t i = 0; i < json_array_size(requirements); i++) {
		snprintf(want, sizeof(want), "id=\"%s\"", json_string_value(json_object_get(json_array_get(requirements, i), "id")));
		must_hold(page, "<section id=\"units\">");
	must_hold(page, "S-000002</th><td>u2");
	must_hold(page, "flaky: ");
	must_hold(page, want);
	}
	for (size_t i = 0; i < json_array_size(tests); i++) {
		snprintf(want, sizeof(want), "id=\"%s\"", json_string_value(json_object_get(json_array_get(tests, i), "id")));
		must_hold(page, want);
	}
	snprintf(want, sizeof(want), "of %lld</span>", (long long)json_integer_value(json_object_get(v, "of")));
	must_hold(page, want);
	must_hold(page, "<section id=\"mappings\">");
	must_hold(page, ">EN 303 645 V2.1.1, cyber security for consumer IoT</span>");
	must_hold(page, "M C(11, 12)");
	must_hold(page, "<span class=\"en\">verified</span> <span lang=\"ja\">確認済み</span>");         /* how well the line is known is a word */
	must_hold(page, "<span class=\"en\">unverified</span> <span lang=\"ja\">未確認</span>");
	must_hold(page, "1 of 2 evidence records wait for a person.");
	must_hold(page, "鍵を管理しているか");
	must_hold(page, "Aki &lt;aki@lab.example&gt;, 2026-12-01, <span class=\"en\">until</span>");
	must_hold(page, "review/ER5-01/0001-1-plan.pdf</small> <span class=\"hash\">ab12cd</span>");
	must_hold(page, "sealed by seals/0002.json, signed by 0123456789abcdef<");
	must_hold(page, "href=\"#ER6-01\"");             /* from the requirement that waits for it */
	must_hold(page, "waived until 2026-12-31");
	must_hold(page, "rests on a default");
	must_hold(page, "title=\"evidence L2: no command repeats it\">L2</small>");
	must_hold(page, "免除期限切れ");
	must_hold(page, "標本");
	must_hold(page, "Rehearsal.");
	must_hold(page, "default-src 'none'");
	must_hold(page, "<mark>FW: ready</mark>");              /* bytes of the console behind a pointer */
	must_hold(page, "&lt;script&gt;alert(1)");              /* what the device said beside it */
	must_hold(page, "<s>\\x1b</s>[31m");
	must_hold(page, "&quot;matched&quot;: true");           /* facts of a journal record */
	must_hold(page, "192.168.77.23:50122 &gt; 203.0.113.10:8883 TCP PSH ACK, HTTP POST /api/v1/account HTTP/1.1, 151 bytes");      /* a frame */
	must_hold(page, " s FW: ready\\r\\n</title>");         /* what the console said then, in a test's time line */
	must_hold(page, "class=\"hit f\"");                     /* where it failed, in the test's time line */
	free(page);
	free(again);
}
END_TEST

/* ---- what the script works with, and what allows it ---- */

/* The policy names the hash of the bytes between <script> and </script>, and nothing that could load or connect. */
START_TEST(policy)
{
	CLEANUP(free_json) json_t *v = recorded();
	size_t n = 0;
	char *page = page_of(RUN, v, &n), *script = strstr(page, "<script>"), *end = script ? strstr(script, "</script>") : NULL, want[128];
	unsigned char base64[64];
	uint8_t digest[32];

	ck_assert_ptr_nonnull(end);
	hash_bytes(script + 8, (size_t)(end - script - 8), digest);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	snprintf(want, sizeof(want), "script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\"", (const char *)base64);
	must_hold(page, "content=\"default-src 'none'; style-src 'sha256-");
	must_hold(page, want);
	for (const char *const *word = (const char *const[]){ "unsafe-", "XMLHttp", "fetch(", "innerHTML", "localStorage", "eval(", NULL }; *word; word++)
		ck_assert_msg(!strstr(script, *word), "in the script: %s", *word);
	free(page);
}
END_TEST

static const char *const script_works_with[] = {
	"<form id=\"find\" role=\"search\" aria-label=\"Filter\" hidden>", "<option value=\"R\">R retailer", "<dialog id=\"keys\"",
	" data-g=\"G5\" data-w=\"", "<g class=\"lane\" data-k=\"level\"", "<g class=\"lane\" data-k=\"span\"", "<g class=\"lane\" data-k=\"mark\"",
	"<a class=\"when\" href=\"#timeline\" data-t=\"", "id=\"e-BT5-03-", "href=\"#e-BT5-03-", "<p id=\"zoom\" class=\"zoom\" hidden>",
	/* below a requirement, what its tests saw */
	"<details class=\"proof\"><summary><span class=\"en\">What was seen</span>", "<span class=\"en\">again</span> <span lang=\"ja\">再現</span></span> <code>",
	/* what else was seen just before it failed */
	"<details><summary><span class=\"en\">Around this moment</span>",
	/* never sealed, and so it says */
	"<a href=\"#seals\"><span class=\"en\">not sealed</span>", "The folder was not sealed",
	NULL
};

START_TEST(tools)
{
	CLEANUP(free_json) json_t *v = recorded();
	size_t n = 0;
	char *page = page_of(RUN, v, &n);

	for (const char *const *want = script_works_with; *want; want++)
		must_hold(page, *want);
	free(page);
}
END_TEST

/* No seal is claimed to be true: what stands in it, and that nobody checked. */
START_TEST(signature)
{
	static const char *const names[] = { "not signed", "signed by the key</span>", "the signature is missing", "the seal names no key" };
	CLEANUP(free_json) json_t *v = recorded();
	char dir[] = "/tmp/jusan-html-XXXXXX", path[FS_PATH];
	struct err err = { 0 };
	const char *seal = _i == 1 || _i == 2 ? "{\"what\":\"run\",\"signer\":\"abcdef<b>\",\"files\":[]}" : "{\"what\":\"run\",\"signer\":null,\"files\":[]}";
	size_t n = 0;
	char *page;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert(fs_join(path, dir, "MANIFEST.json", &err) && fs_write(path, seal, strlen(seal), &err));
	if (_i & 1)
		ck_assert(fs_join(path, dir, "MANIFEST.json.sig", &err) && fs_write(path, "x", 1, &err));
	page = page_of(dir, v, &n);
	check_page(page);
	must_hold(page, names[_i]);
	must_hold(page, "This report has not checked them;");
	if (_i == 1)
		must_hold(page, "<span class=\"en\">not checked here</span>");
	ck_assert(fs_remove(dir, &err));
	free(page);
}
END_TEST

/* ---- how a real bench was qualified ---- */
START_TEST(stamps)
{
	CLEANUP(free_json) json_t *v = recorded();
	json_t *line = json_array_get(json_object_get(json_object_get(v, "bench"), "lines"), 0);
	size_t n = 0;
	char *page = page_of(RUN, v, &n);

	ck_assert(!strstr(page, "Qualification"));
	free(page);
	json_object_set_new(line, "stamp", json_pack("{s:b,s:s,s:s,s:s,s:s,s:I,s:I,s:I}", "ok", 1, "why", "", "made", "2026-11-01T00:00:00Z", "until",
			    "2026-12-01T00:00:00Z", "identity", "A1 <b>", "median_ns", (json_int_t)MS(12), "max_ns", (json_int_t)MS(15),
			    "uncertainty_ns", (json_int_t)MS(3)));
	page = page_of(RUN, v, &n);
	check_page(page);
	must_hold(page, "Qualification");
	must_hold(page, "2026-12-01T00:00:00Z; <span class=\"en\">latency");
	must_hold(page, "A1 &lt;b&gt;");
	must_hold(page, "no valid stamp");              /* the other lines have none at all */
	free(page);
}
END_TEST

/* ---- what the maker declared ---- */
static json_t *declaration(void)
{
	return json_pack("{s:{s:{s:{s:b,s:s,s:s,s:{s:s,s:s}}},s:{s:{s:n,s:s,s:s,s:{s:s,s:s}}},s:[{s:s,s:{s:s,s:s},s:s,s:s,s:s,s:s,s:s,s:b}]}}",
		"en303645-v3.1.3", "conditions", "3", "value", 0, "evidence", "IXIT-7/U-1", "from", "IXIT 7-UpdMech, row U-1", "text", "en",
		"cannot be updated", "ja", "更新できない", "features", "w", "value", "evidence", "", "from", "", "text", "en", "telemetry", "ja", "遠隔データ",
		"ics", "id", "5.3-14", "topic", "en", "Replacement", "ja", "交換", "status", "R C(3)", "support", "N/A", "detail", "updatable <b>", "evidence",
		"U-1", "where", "device.yaml:9:5", "condition", 0);
}

START_TEST(declared)
{
	CLEANUP(free_json) json_t *v = recorded();
	size_t n = 0;
	char *page;

	json_object_set_new(v, "declaration", declaration());
	json_object_set_new(v, "findings", json_pack("[{s:s,s:s,s:s,s:[s],s:{s:i}},{s:s,s:s,s:s,s:[]}]", "kind", "bench-undeclared", "text",
		"interface.allow is declared to be all; saw [tcp/23] <script>", "where", "device.yaml:31:12", "lines", "en303645-v3.1.3 5.6-1", "seen",
		"journal", 17, "kind", "of-a-later-version", "text", "x", "where", "", "lines"));
	page = page_of(RUN, v, &n);
	check_page(page);
	must_hold(page, "<section id=\"declaration\">");
	must_hold(page, "<span class=\"en\">The bench saw what is not declared</span> <span lang=\"ja\">宣言にないものが観測された</span>");
	must_hold(page, "saw [tcp/23] &lt;script&gt;");
	must_hold(page, "device.yaml:31:12");
	must_hold(page, "journal#17");
	must_hold(page, "of-a-later-version");
	must_hold(page, "en303645-v3.1.3: <span class=\"en\">ICS, 1 of 1 lines answered");
	must_hold(page, "updatable &lt;b&gt;");
	must_hold(page, "<span class=\"en\">false</span> <span lang=\"ja\">偽</span>");
	must_hold(page, "<span class=\"en\">unknown</span> <span lang=\"ja\">不明</span>");
	must_hold(page, "IXIT 7-UpdMech, row U-1");
	free(page);
	json_object_set_new(v, "findings", json_array());
	page = page_of(RUN, v, &n);
	must_hold(page, "None: what is declared does not contradict itself");
	ck_assert(!strstr(page, "count for no verdict"));
	free(page);
}
END_TEST

static const char hostile[] =
	"</style></title></pre></svg>--><script>alert(1)</script><img src=x onerror=alert(1)>\" onload=\"x' onclick='y "
	"javascript:alert(1) &lt;b&gt; \x1b]0;pwned\x07\x1b[2J \xe2\x80\xae""back\xe2\x81\xa6 \xe2\x80\x8b \r\n";

/* Every text of the tree but verdict words and ids that hold the page together becomes hostile. */
static void poison(json_t *v, bool ids_too)
{
	const char *key;
	json_t *one;
	size_t i;
	void *tmp;

	json_object_foreach_safe(v, tmp, key, one) {
		bool keep = !strcmp(key, "verdict") || !strcmp(key, "kind") || !strcmp(key, "file") ||
			    (!ids_too && (!strcmp(key, "id") || !strcmp(key, "guideline")));

		if (!json_is_string(one))
			poison(one, ids_too);
		else if (!keep)
			json_object_set_new(v, key, json_string(hostile));
	}
	json_array_foreach(v, i, one) {
		if (!json_is_string(one))
			poison(one, ids_too);
		else if (ids_too)
			json_array_set_new(v, i, json_string(hostile));
	}
}

START_TEST(hostile_texts)
{
	CLEANUP(free_json) json_t *v = recorded();
	size_t n = 0;
	char *page;

	poison(v, _i);
	page = page_of(RUN, v, &n);
	check_page(page);
	ck_assert_ptr_null(strstr(page, "<script>alert"));
	ck_assert_ptr_null(strstr(page, "<img"));
	ck_assert_ptr_null(strstr(page, "\x1b"));
	ck_assert_ptr_null(strstr(page, "\xe2\x80\xae"));
	free(page);
}
END_TEST

/* Anything of a wrong type, or missing, is nothing rather than a crash. */
START_TEST(wrong_types)
{
	static const char *const text[] = {
		"{}", "{\"tests\":7,\"guidelines\":{},\"run\":[]}", "{\"tests\":[7,null,{},{\"id\":5,\"claims\":[1,{}],\"steps\":[[]]}]}",
		"{\"guidelines\":[{}],\"requirements\":[{}],\"timeline\":{\"lanes\":[{\"items\":[{}]},{\"items\":[{\"t_ns\":1}]}]}}",
		"{\"run\":{\"begin_ns\":-9223372036854775807,\"end_ns\":9223372036854775807},\"timeline\":{\"lanes\":[{\"kind\":\"span\","
		"\"items\":[{\"t_ns\":9223372036854775807,\"end_ns\":-1}]}]}}",
		"{\"tests\":[{\"id\":\"X\",\"claims\":[{\"verdict\":\"FAIL\",\"at\":[{\"file\":\"serial/console.raw\",\"off\":9223372036854775807,"
		"\"len\":9223372036854775807},{\"file\":\"serial/console.raw\",\"off\":-5,\"len\":1},{\"journal\":9223372036854775807}]}]}]}",
	};
	CLEANUP(free_json) json_t *v = json_loads(text[_i], 0, NULL);
	size_t n = 0;
	char *page;

	ck_assert_ptr_nonnull(v);
	page = page_of(RUN, v, &n);
	check_page(page);
	free(page);
}
END_TEST

static json_t *something(struct rng *rng)
{
	switch (rng_below(rng, 7)) {
	case 0:  return json_integer((json_int_t)rng_u64(rng));
	case 1:  return json_integer(rng_between(rng, -2, 3000));
	case 2:  return json_string(hostile);
	case 3:  return json_array();
	case 4:  return json_object();
	case 5:  return json_true();
	default: return json_null();
	}
}

/* Puts something else in the place of about one value in `rarity`, or takes it away. */
static void disturb(json_t *v, struct rng *rng, uint64_t rarity)
{
	const char *key;
	json_t *one;
	void *tmp;

	json_object_foreach_safe(v, tmp, key, one) {
		if (rng_below(rng, rarity))
			disturb(one, rng, rarity);
		else if (rng_below(rng, 3))
			json_object_set_new(v, key, something(rng));
		else
			json_object_del(v, key);
	}
	for (size_t i = json_array_size(v); i-- > 0;) {
		if (rng_below(rng, rarity))
			disturb(json_array_get(v, i), rng, rarity);
		else
			json_array_set_new(v, i, something(rng));
	}
}

START_TEST(disturbed)
{
	CLEANUP(free_json) json_t *good = recorded();
	struct rng rng;

	rng_init(&rng, 13, "html disturbed");
	for (unsigned i = 0; i < 150; i++) {
		CLEANUP(free_json) json_t *v = json_deep_copy(good);
		size_t n = 0;
		char *page;

		disturb(v, &rng, 5 + i * 4);
		page = page_of(RUN, v, &n);
		check_page(page);
		free(page);
	}
}
END_TEST

/* Pointers that lead out of the run folder show nothing. */
START_TEST(pointers_stay_inside)
{
	static const char *const path[] = { "../../bad/../../LICENSE", "/etc/passwd", "serial", "../run/verdicts.json", "" };
	CLEANUP(free_json) json_t *v = json_pack("{s:[{s:s,s:[{s:s,s:[{s:s,s:i,s:i}]}]}]}", "tests", "id", "X", "claims", "verdict", "FAIL", "at",
						 "file", path[_i], "off", 0, "len", 20);
	size_t n = 0;
	char *page;

	ck_assert_ptr_nonnull(v);
	page = page_of(RUN, v, &n);
	check_page(page);
	ck_assert_ptr_null(strstr(page, "<mark>"));
	free(page);
}
END_TEST

static json_t *large_claim(int k, bool bad)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:i,s:i}]}", "part", k ? "expect" : "control", "rep",
			 k % 2 ? "outage=link_down" : "outage=dns_dead", "text", k < 5 ? "the back.after is at most 60 s" : "no boots above 0",
			 "expected", "at most 60 s", "actual", bad ? "61 s" : "1.2 s", "verdict", bad ? "FAIL" : "PASS", "why", bad ? "late" : "",
			 "at", "file", "serial/console.raw", "off", 40, "len", 9);
}

static json_t *large_test(int i, int64_t t, json_t *items)
{
	json_t *claims = json_array(), *steps = json_array();
	char id[24];

	snprintf(id, sizeof(id), "BT%d-%03d", 1 + i % 13, i);
	for (int k = 0; k < 10; k++) {
		json_int_t at = t + k * 1000000;

		ck_assert(!json_array_append_new(claims, large_claim(k, i % 10 == 0 && k == 4)));
		ck_assert(!json_array_append_new(steps, json_pack("{s:i,s:s,s:s,s:s,s:s,s:I,s:I}", "n", i * 10 + k, "label", "cut", "verb", "power.cut",
			"status", "ok", "text", "confirmed", "begin_ns", at, "end_ns", at + 900000)));
		ck_assert(!json_array_append_new(items, json_pack("{s:I,s:b,s:s}", "t_ns", at, "value", k % 2, "text", "edge")));
	}
	return json_pack("{s:s,s:{s:s,s:s},s:s,s:[s],s:s,s:s,s:I,s:I,s:o,s:o,s:s}", "id", id, "title", "en", "A test", "ja", "試験",
			 "guideline", "G1", "decides", "G1.1", "verdict", i % 10 ? "PASS" : "FAIL", "why", "no indication in the stated scope",
			 "begin_ns", (json_int_t)t, "end_ns", (json_int_t)(t + 10000000), "claims", claims, "steps", steps, "reproduce", "jusan run");
}

/* 1 000 tests, 10 000 observations. */
static json_t *large(void)
{
	json_t *v = recorded(), *tests = json_array(), *items = json_array(), *timeline;
	json_int_t t = 1000000000;

	for (int i = 0; i < 1000; i++, t += 11000000)
		ck_assert(!json_array_append_new(tests, large_test(i, t, items)));
	timeline = json_pack("{s:I,s:I,s:[{s:s,s:s,s:O},{s:s,s:s,s:o}]}", "begin_ns", (json_int_t)1000000000, "end_ns", t, "lanes",
			     "name", "power.main", "kind", "level", "items", items, "name", "serial.console", "kind", "event", "items", items);
	ck_assert(!json_object_set_new(v, "timeline", timeline) && !json_object_set_new(v, "tests", tests));
	ck_assert(!json_object_set_new(json_object_get(v, "run"), "begin_ns", json_integer(1000000000)));
	ck_assert(!json_object_set_new(json_object_get(v, "run"), "end_ns", json_integer(t)));
	return v;
}

START_TEST(large_run)
{
	CLEANUP(free_json) json_t *v = large();
	struct timespec a, b;
	size_t n = 0;
	char *page;

	ck_assert_uint_eq(json_array_size(json_object_get(v, "tests")), 1000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	page = page_of(RUN, v, &n);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	check_page(page);
	ck_assert_msg(n <= 5000000, "%zu bytes", n);
#ifdef __SANITIZE_ADDRESS__
	b.tv_sec -= 9;                  /* the sanitizers' share */
#endif
	ck_assert_msg((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 1000, "%ld ms",
		      (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000);
	free(page);
}
END_TEST

TEST_MAIN({ "whole", whole, 1 }, { "policy", policy, 1 }, { "tools", tools, 1 }, { "signature", signature, 4 }, { "stamps", stamps, 1 }, { "declared", declared, 1 }, { "hostile", hostile_texts, 2 }, { "types", wrong_types, 6 }, { "disturbed", disturbed, 1 },
	 
	  { "pointers", pointers_stay_inside, 5 }, { "large", large_run, 1 })
