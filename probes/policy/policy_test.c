/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "harness/base/test.h"
#include "probes/policy/words.h"

static const struct { const char *name, *page; bool contact, acknowledgement, updates; } pages[] = {
	{ "complete", "<!doctype html><p>Write to <a href=\"mailto:psirt@a.example\">us</a>.</p><p>We acknowledge receipt of your report "
	  "within 3 working days.</p><p>Status updates: we tell you how far we are at least every 14 days.</p>", true, true, true },
	{ "no times", "<!doctype html><p>psirt@a.example</p><p>We acknowledge every report as soon as we can, and give status updates "
	  "from time to time.</p>", true, false, false },
	{ "nobody", "<!doctype html><h1>Security matters to us</h1><p>Our products are designed with care.</p>", false, false, false },
	{ "japanese", "<html><p>脆弱性の報告窓口: psirt@a.example</p><p>報告の受領は3営業日以内にご連絡します。対応状況は毎週お知らせします。</p>",
	  true, true, true },
	{ "full-width digits", "<html><p>受領のご連絡は３日以内です。</p>", false, true, false },
	{ "form", "<html><p>Report a vulnerability with our form at <a href='https://a.example/report'>this page</a></p>", true, false, false },
	{ "a time of something else", "<html><p>Our shop is open 5 days a week.</p><p>We acknowledge reports.</p>", false, false, false },
	{ "weekly", "<html><p>We keep you informed weekly.</p>", false, false, true },
	{ "security.txt", "Contact: mailto:a@b.example\nExpires: 2030-01-01T00:00:00Z\n", true, false, false },
	{ "script only", "<html><script>var a = 'psirt@a.example within 3 days we acknowledge';</script>", false, false, false },
	{ "empty", "", false, false, false },
	{ "cut tag", "<html><p>text <a href=\"mailto:", false, false, false },
};
START_TEST(words)
{
	struct policy_words w;

	policy_read(pages[_i].page, strlen(pages[_i].page), &w);
	ck_assert_msg((w.contact[0] != 0) == pages[_i].contact, "%s: contact '%s'", pages[_i].name, w.contact);
	ck_assert_msg((w.acknowledgement[0] != 0) == pages[_i].acknowledgement, "%s: '%s'", pages[_i].name, w.acknowledgement);
	ck_assert_msg((w.updates[0] != 0) == pages[_i].updates, "%s: '%s'", pages[_i].name, w.updates);
}
END_TEST

static const struct { const char *text; bool ok; int64_t s; } dates[] = {
	{ "1970-01-02T00:00:00Z", true, 86400 }, { "1970-01-01T09:00:00+09:00", true, 0 }, { "1970-01-01T00:00:00.5z", true, 0 },
	{ "1970-01-01", false, 0 }, { "1970-13-01T00:00:00Z", false, 0 }, { "tomorrow", false, 0 }, { "1970-01-01T00:00:00", false, 0 },
};
START_TEST(date)
{
	int64_t s = 0;

	ck_assert_msg(policy_date(dates[_i].text, &s) == dates[_i].ok, "%s", dates[_i].text);
	ck_assert_msg(s == dates[_i].s, "%s: %lld", dates[_i].text, (long long)s);
}
END_TEST

TEST_MAIN({ "words", words, ROWS(pages) }, { "date", date, ROWS(dates) })
