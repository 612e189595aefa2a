// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "reports/read/cite.h"
#include "reports/read/fit.h"
#include "reports/read/read.h"

static const struct { const char *text, *line; } lines[] = {
	{ "", "" }, { "  \n\t ", "" }, { "\xe3\x80\x80\xc2\xa0", "" }, { " a  b \n", "a  b" }, { "a\nb\tc", "a b c" }, { "\x1b[31m", "\\x1b[31m" },
	{ "\xff\xfe", "\\xff\\xfe" }, { "\xe2\x80\xae" "exe", "\\u{202e}exe" }, { "\xc2\x9b" "31m", "\\u{9b}31m" }, { "\xf3\xa0\x81\x81", "\\u{e0041}" },
	{ "\xe3\x81\x82", "\xe3\x81\x82" }, { "\xf0\x9f\x98", "\\xf0\\x9f\\x98" }, { "\x7f", "\\x7f" },
};

START_TEST(line)
{
	char buf[FIT_LINE];

	ck_assert_str_eq(fit_line(lines[_i].text, buf), lines[_i].line);
}
END_TEST

/* Cut between characters, with an ellipsis, whatever stands there. */
START_TEST(long_line)
{
	static const char *const unit[] = { "x", "\xe3\x81\x82", "\xf0\x9f\x98\x80", "\xff", " ", "\xe2\x80\xae", "\n" };
	size_t n = strlen(unit[_i]);
	char *text = malloc(1000000 * n + 2), buf[FIT_LINE];
	json_t *utf8;

	for (size_t i = 0; i < 1000000; i++)
		memcpy(text + i * n, unit[_i], n);
	strcpy(text + 1000000 * n, "z");
	fit_line(text, buf);
	ck_assert_uint_lt(strlen(buf), FIT_LINE);
	utf8 = json_string(buf);
	ck_assert(utf8 != NULL);
	json_decref(utf8);
	ck_assert_str_eq(buf + strlen(buf) - (strlen(buf) > 3 ? 3 : 1), strlen(buf) > 3 ? "\xe2\x80\xa6" : "z");
	free(text);
}
END_TEST

static const struct { const char *id; bool kept; } ids[] = {
	{ "G1.1", true }, { "BT10-02", true }, { "a_b", true }, { "", false }, { "1a", false }, { "_a", false }, { "a b", false }, { "a:b", false },
	{ "\xc3\xbc", false }, { "a\n", false }, { "-a", false },
	{ "a234567890a234567890a234567890a234567890a234567890a234567890a234567890", false },
};

START_TEST(token)
{
	char a[FIT_TOKEN], b[FIT_TOKEN];

	fit_token(ids[_i].id, a);
	ck_assert_int_eq(!strcmp(a, ids[_i].id), ids[_i].kept);
	ck_assert(a[0] == '_' || ids[_i].kept);
	for (int k = 0; k < ROWS(ids); k++)
		ck_assert_int_eq(!strcmp(a, fit_token(ids[k].id, b)), k == _i);
}
END_TEST

static const struct { const char *text, *time; } times[] = {
	{ "2026-11-27T01:56:43Z", "2026-11-27T01:56:43Z" }, { "2026-11-27T01:56:43.123Z", "2026-11-27T01:56:43.123Z" },
	{ "2026-11-27", "2026-11-27T00:00:00Z" }, { "2024-02-29", "2024-02-29T00:00:00Z" }, { "2026-02-29", "" }, { "2026-11-31T00:00:00Z", "" },
	{ "2026-11-27T24:00:00Z", "" }, { "2026-11-27T23:60:00Z", "" }, { "2026-11-27T23:59:60Z", "" }, { "2026-11-27T01:56:43", "" },
	{ "2026-11-27T01:56:43+01:00", "" }, { "2026-11-27T01:56:43.Z", "" }, { "2026-11-27T01:56:43.0123456789Z", "" }, { "", "" }, { "soon", "" },
	{ "9999-01-01", "" }, { "2026-11-27 ", "" }, { "2026-11-27T01:56:43Zx", "" }, { "1969-12-31", "" },
};

START_TEST(time_text)
{
	char buf[FIT_TIME];

	ck_assert_str_eq(fit_time(times[_i].text, buf), times[_i].time);
}
END_TEST

static const struct { const char *text, *name, *mail; } people[] = {
	{ "Aki <aki@lab.example>", "Aki", "aki@lab.example" }, { "Aki", "Aki", "" }, { "Aki <aki>", "Aki <aki>", "" }, { "<a@b.c>", "<a@b.c>", "" },
	{ "A <a b@c>", "A <a b@c>", "" }, { "A <@c>", "A <@c>", "" }, { "A <a@>", "A <a@>", "" }, { "A <a@b>x", "A <a@b>x", "" },
	{ "A <a..b@c.d>", "A <a..b@c.d>", "" }, { "", "", "" }, { "A <", "A <", "" }, { "A <>", "A <>", "" },
};

START_TEST(person)
{
	char name[FIT_LINE], mail[FIT_LINE];

	fit_person(people[_i].text, name, mail);
	ck_assert_str_eq(name, people[_i].name);
	ck_assert_str_eq(mail, people[_i].mail);
}
END_TEST

#define RUN "{\"runs\":[{\"unit\":2,\"folder\":\"../u 2\"},{\"unit\":3,\"folder\":\"/r/u3\"},7]}"
static const struct { const char *at, *path, *href, *place; } places[] = {
	{ "{\"file\":\"serial/console.raw\",\"off\":4711,\"len\":18}", "serial/console.raw", "../serial/console.raw", "serial/console.raw@4711+18" },
	{ "{\"capture\":\"capture/lan.pcapng\",\"frame\":12}", "capture/lan.pcapng", "../capture/lan.pcapng", "capture/lan.pcapng#12" },
	{ "{\"journal\":17}", "journal.jsonl", "../journal.jsonl", "journal#17" },
	{ "{\"journal\":17,\"unit\":2}", "unit2/journal.jsonl", "../../u%202/journal.jsonl", "unit2/journal#17" },
	{ "{\"file\":\"unit3/a.raw\"}", "unit3/a.raw", "file:///r/u3/a.raw", "unit3/a.raw" },
	{ "{\"file\":\"unit9/a.raw\"}", "unit9/a.raw", "../unit9/a.raw", "unit9/a.raw" },
	{ "{\"file\":\"a?b#c%\\n\\u00fc\"}", "a?b#c%\n\xc3\xbc", "../a%3Fb%23c%25%0A%C3%BC", "a?b#c% \xc3\xbc" },
	{ "{\"file\":\"\"}", NULL, NULL, NULL }, { "7", NULL, NULL, NULL }, { "{}", NULL, NULL, NULL }, { "{\"journal\":\"x\"}", NULL, NULL, NULL },
	{ "{\"file\":\"x\",\"off\":-9223372036854775808,\"len\":9223372036854775807}", "x", "../x", "x@-9223372036854775808+9223372036854775807" },
};

START_TEST(pointer)
{
	json_t *at = json_loads(places[_i].at, JSON_DECODE_ANY, NULL), *run = json_loads(RUN, 0, NULL);
	struct cite c;

	ck_assert(at && run);
	ck_assert_int_eq(cite_pointer(run, NULL, at, &c), places[_i].path != NULL);
	if (places[_i].path) {
		ck_assert_str_eq(c.path, places[_i].path);
		ck_assert_str_eq(c.href, places[_i].href);
		ck_assert_str_eq(c.place, places[_i].place);
		ck_assert_str_eq(c.sha256, "");
	}
	json_decref(at);
	json_decref(run);
}
END_TEST

TEST_MAIN({ "line", line, ROWS(lines) }, { "long line", long_line, 7 }, { "token", token, ROWS(ids) }, { "time", time_text, ROWS(times) },
	  { "person", person, ROWS(people) }, { "pointer", pointer, ROWS(places) })
