// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"
#include "harness/review.h"

/* ---- a run's verdicts in which a record and a test wait ---- */
static const char verdicts_text[] =
	"{\"records\":[{\"id\":\"ER2-01\",\"title\":{\"en\":\"Handling of reports\",\"ja\":\"報告への対応\"},\"serves\":[\"G2.3\"],\"ixit\":[2,3],"
	"\"stored\":{\"en\":\"the process\",\"ja\":\"手順\"},\"decides\":{\"en\":\"Is it prompt?\",\"ja\":\"速やかか\"},\"verdict\":\"REVIEW\",\"why\":"
	"\"waits for a decision\",\"decision\":null,\"earlier\":[]},{\"id\":\"ER2-02\",\"title\":{\"en\":\"x\\u001b[2Jy\",\"ja\":\"z\"},\"serves\":[],"
	"\"verdict\":\"PASS\",\"why\":\"w\",\"decision\":{\"decide\":\"pass\",\"reviewer\":\"B <b@c>\",\"date\":\"2026-12-01\",\"expires\":\"2027-12-01\","
	"\"reason\":\"fine\",\"files\":[{\"path\":\"review/ER2-02/0001-1-a\",\"sha256\":\"00112233445566778899\"}]}}],"
	"\"requirements\":[{\"id\":\"G2.3\",\"force\":\"shall\",\"text\":{\"en\":\"Reports are handled.\",\"ja\":\"対応する。\"},\"verdict\":\"REVIEW\",\"why\":\"w\"}],"
	"\"tests\":[{\"id\":\"BT2-01\",\"title\":{\"en\":\"Policy\",\"ja\":\"方針\"},\"decides\":[\"G2.1\"],\"verdict\":\"REVIEW\",\"why\":\"no contact\","
	"\"reproduce\":\"jusan run\"},{\"id\":\"BT1-01\",\"title\":{\"en\":\"Default\",\"ja\":\"初期\"},\"decides\":[],\"verdict\":\"PASS\",\"why\":\"\"}]}";

struct heard { char text[2000]; unsigned n; bool fail, stop; json_t *verdicts; };

static bool hear(const struct review_entry *e, void *data, struct err *err)
{
	struct heard *h = data;
	size_t n = strlen(h->text);

	if (h->fail)
		return err_set(err, ERR_BENCH, "the folder is not intact");
	snprintf(h->text + n, sizeof(h->text) - n, "%s|%s|%s|%s|%s|%zu|%s;", e->on, e->decide, e->reviewer, e->reason, e->expires, e->n_files, e->asked);
	h->n++;
	h->stop = h->n == 3;
	return true;
}

static const json_t *current(void *data, struct err *err)
{
	(void)err;
	return ((struct heard *)data)->verdicts;
}

/* Says the lines, returns what was printed (malloc'd). */
static char *talk(const char *lines, struct heard *h, bool want_ok)
{
	FILE *in = fmemopen((void *)(uintptr_t)lines, strlen(lines) + (*lines == '\0'), "r");
	char *said = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&said, &n);
	struct review_dialogue d = { .in = in, .out = out, .stop = &h->stop, .reviewer = "A <a@b>", .add = hear, .verdicts = current, .data = h };
	struct err err = { 0 };
	unsigned added = 99;

	h->verdicts = json_loads(verdicts_text, 0, NULL);
	ck_assert_ptr_nonnull(h->verdicts);
	ck_assert(review_ask(&d, &added, &err) == want_ok);
	ck_assert_uint_eq(added, h->n);
	fclose(in);
	fclose(out);
	json_decref(h->verdicts);
	ck_assert_ptr_null(strchr(said, '\x1b'));
	return said;
}

static const struct { const char *what, *lines, *taken, *said; } row[] = {
	{ "nothing", "", "", "ER2-01" },
	{ "no more", "\n", "", "which one" },
	{ "a pass", "ER2-01\npass\n\nread it\n2027-12-31\n/tmp/a.pdf\n\nyes\n\n", "ER2-01|pass|A <a@b>|read it|2027-12-31|1|Is it prompt?;", "Reports are handled." },
	{ "shown whole", "ER2-01\n\n\n", "", "IXIT 2, 3" },
	{ "in Japanese too", "ER2-01\n\n\n", "", "速やかか" },
	{ "short for it, by somebody else", "ER2-01\nf\nC <c@d>\nbad\n\n\nyes\n", "ER2-01|fail|C <c@d>|bad||0|Is it prompt?;", "fail" },
	{ "two, the reviewer is remembered", "ER2-01\nf\nC <c@d>\nbad\n\n\nyes\nBT2-01\npass\n\nok\n2027-12-31\n\nyes\n\n",
	  "ER2-01|fail|C <c@d>|bad||0|Is it prompt?;BT2-01|pass|C <c@d>|ok|2027-12-31|0|no contact;", "[C <c@d>]" },
	{ "not confirmed", "ER2-01\nfail\n\nbad\n\n\nno\n\n", "", "never removed" },
	{ "broken off at the end", "ER2-01\nfail\n\nbad\n\n\n", "", "is that the decision" },
	{ "broken off in the middle", "ER2-01\nfail\n\nba", "", "reason" },
	{ "a pass without a document", "ER2-01\npass\n\nread it\n2027-12-31\n\n\n", "", "rests on documents" },
	{ "a pass without an end", "ER2-01\npass\n\nread it\n\n/tmp/a.pdf\n\n\n", "", "holds until" },
	{ "not waiting", "BT1-01\n\n", "", "BT1-01 is PASS" },
	{ "unknown", "ER9-99\n\n", "", "no evidence record and no test" },
	{ "a word nobody knows", "ER2-01\nperhaps\nfail\n\nbad\n\n\nyes\n\n", "ER2-01|fail|A <a@b>|bad||0|Is it prompt?;", "decide" },
	{ "decided before", "ER2-02\n\n\n", "", "pass by B <b@c> on 2026-12-01, until 2027-12-01: fine" },
	{ "stopped after the third", "ER2-01\nf\n\na\n\n\nyes\nER2-01\nf\n\nb\n\n\nyes\nER2-01\nf\n\nc\n\n\nyes\nER2-01\nf\n\nd\n\n\nyes\n",
	  "ER2-01|fail|A <a@b>|a||0|Is it prompt?;ER2-01|fail|A <a@b>|b||0|Is it prompt?;ER2-01|fail|A <a@b>|c||0|Is it prompt?;", "" },
};

START_TEST(dialogue)
{
	struct heard h = { 0 };
	char *said = talk(row[_i].lines, &h, true);

	ck_assert_msg(!strcmp(h.text, row[_i].taken), "%s: took '%s'", row[_i].what, h.text);
	ck_assert_msg(strstr(said, row[_i].said), "%s: said %s", row[_i].what, said);
	free(said);
}
END_TEST

START_TEST(fails)
{
	struct heard h = { .fail = true };
	char *said = talk("ER2-01\nf\n\na\n\n\nyes\nER2-01\n", &h, false);

	ck_assert(strstr(said, "not intact"));
	free(said);
}
END_TEST

START_TEST(too_long)
{
	struct heard h = { 0 };
	char *lines = calloc(1, 9000), *said;

	memset(lines, 'x', 8990);
	said = talk(lines, &h, true);
	ck_assert_uint_eq(h.n, 0);
	free(said);
	free(lines);
}
END_TEST

START_TEST(lists)
{
	CLEANUP(free_json) json_t *v = json_loads(verdicts_text, 0, NULL);
	CLEANUP(free_json) json_t *waits = review_waiting(v);
	CLEANUP(free_json) json_t *done = json_object();
	char *said = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&said, &n);

	ck_assert_uint_eq(json_array_size(json_object_get(waits, "records")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(waits, "tests")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(waits, "requirements")), 1);
	review_print(v, out);
	review_print(done, out);
	fclose(out);
	ck_assert(strstr(said, "ER2-01   Handling of reports (G2.3)") && strstr(said, "BT2-01   Policy (G2.1)") && strstr(said, "nothing waits"));
	ck_assert(!strstr(said, "ER2-02") && !strstr(said, "BT1-01"));
	free(said);
}
END_TEST

TEST_MAIN({ "dialogue", dialogue, ROWS(row) }, { "fails", fails, 1 }, { "too long", too_long, 1 }, { "lists", lists, 1 })
