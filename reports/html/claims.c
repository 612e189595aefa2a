/* SPDX-License-Identifier: Apache-2.0
 *
 * The claims of one test: what was expected, what was seen, where it stands. Repetitions of one claim that all hold
 * are folded into one row; every other one has its own row, with the bytes it points to. */
#include <inttypes.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/html/page.h"

#define DISTINCT_MAX 6          /* different values a folded row lists */
#define ROWS_MAX 200            /* rows of one claim that are not PASS */

/* Claims with the same part and text, in the order in which the first of each came. */
static json_t *grouped(const json_t *claims)
{
	json_t *groups = json_array();
	CLEANUP(free_json) json_t *index = json_object();

	for (size_t i = 0; i < json_array_size(claims); i++) {
		json_t *claim = json_array_get(claims, i), *group;
		char key[640];

		snprintf(key, sizeof(key), "%s\x1f%s", get_text(claim, "part"), get_text(claim, "text"));
		group = json_object_get(index, key);
		if (!group) {
			group = json_array();
			if (json_object_set_new(index, key, group) < 0 || json_array_append(groups, group) < 0)
				break;
		}
		if (json_array_append(group, claim) < 0)
			break;
	}
	return groups;
}

static void part_tag(struct html_page *p, const char *part)
{
	const char *ja = !strcmp(part, "control") ? "対照" : !strcmp(part, "alive") ? "生存" : !strcmp(part, "limit") ? "限度" : "期待";

	put(p, "<i class=\"part\">");
	put_str(p, *part ? part : "expect");
	putf(p, " <span lang=\"ja\">%s</span></i> ", ja);
}

/* The different values of `key` among the claims that hold. */
static void distinct(struct html_page *p, const json_t *group, const char *key)
{
	const char *seen[DISTINCT_MAX];
	size_t n = 0, more = 0;

	for (size_t i = 0; i < json_array_size(group); i++) {
		const char *s = get_text(json_array_get(group, i), key);
		size_t k = 0;

		if (html_verdict(json_array_get(group, i)) != VERDICT_PASS || !*s)
			continue;
		while (k < n && strcmp(seen[k], s))
			k++;
		if (k < n)
			continue;
		if (n == DISTINCT_MAX) {
			more++;
			continue;
		}
		put(p, n ? "; " : "");
		put_str(p, s);
		seen[n++] = s;
	}
	if (more)
		putf(p, "; and %zu more", more);
}

json_t *html_repetitions(const json_t *test)
{
	const json_t *claims = json_object_get(test, "claims");
	CLEANUP(free_json) json_t *seen = json_object();
	json_t *reps = json_array();

	for (size_t i = 0; i < json_array_size(claims); i++) {
		json_t *rep = json_object_get(json_array_get(claims, i), "rep");
		const char *name = json_string_value(rep);

		if (!name || !*name || json_object_get(seen, name))
			continue;
		if (json_object_set(seen, name, rep) < 0 || json_array_append(reps, rep) < 0)
			break;
	}
	return reps;
}

/* In how many repetitions it holds; their names only when it is some of them. `of`: how many the test has. */
static void held_in(struct html_page *p, const json_t *group, size_t holds, size_t of, bool rest)
{
	if (holds > 1 && holds == of && !rest) {
		putf(p, "<small class=\"rep\"><span class=\"en\">in all %zu repetitions</span> <span lang=\"ja\">全 %zu 回</span></small>", of, of);
		return;
	}
	put(p, "<small class=\"rep\">");
	if (holds > 1)
		putf(p, rest ? "holds in %zu others: " : "%zu× ", holds);
	distinct(p, group, "rep");
	put(p, "</small>");
}

/* `rest`: rows of repetitions that do not hold stand above. */
static void folded(struct html_page *p, const json_t *group, size_t holds, size_t of, const json_t *first, bool rest)
{
	put(p, "<tr><td>");
	put_verdict(p, VERDICT_PASS);
	put(p, "</td><td>");
	if (!rest) {
		part_tag(p, get_text(first, "part"));
		put_text(p, json_object_get(first, "text"));
		put(p, " ");
	}
	if (holds > 1 || *get_text(first, "rep"))
		held_in(p, group, holds, of, rest);
	put(p, "</td><td>");
	distinct(p, group, "expected");
	put(p, "</td><td>");
	distinct(p, group, "actual");
	put(p, "</td><td class=\"at\">");
	put_pointers(p, json_object_get(first, "at"), 3);
	if (holds > 1 && count_of(first, "at"))
		put(p, " …");
	put(p, "</td></tr>\n");
}

/* Does "why" only repeat what the columns say? */
static bool says_it_all(const json_t *claim)
{
	const char *why = get_text(claim, "why"), *expected = get_text(claim, "expected"), *actual = get_text(claim, "actual");

	return *expected && *actual && strstr(why, expected) && strstr(why, actual) && strlen(why) < strlen(expected) + strlen(actual) + 20;
}

static size_t place_of(const json_t *test, const json_t *claim)
{
	const json_t *all = json_object_get(test, "claims");
	size_t i = 0;

	while (i < json_array_size(all) && json_array_get(all, i) != claim)
		i++;
	return i;
}

static void single(struct html_page *p, const json_t *test, const json_t *claim, bool repeat_text)
{
	enum verdict v = html_verdict(claim);

	putf(p, "<tr class=\"bad %s\" id=\"", html_class(v));
	put_evidence_id(p, test, place_of(test, claim));
	put(p, "\"><td>");
	put_verdict(p, v);
	put(p, "</td><td>");
	if (repeat_text) {
		part_tag(p, get_text(claim, "part"));
		put_text(p, json_object_get(claim, "text"));
		put(p, " ");
	}
	if (*get_text(claim, "rep")) {
		put(p, "<small class=\"rep\">");
		put_text(p, json_object_get(claim, "rep"));
		put(p, "</small>");
	}
	put(p, "</td><td>");
	put_text(p, json_object_get(claim, "expected"));
	put(p, "</td><td class=\"got\">");
	put_text(p, json_object_get(claim, "actual"));
	put(p, "</td><td class=\"at\">");
	put_pointers(p, json_object_get(claim, "at"), 6);
	put(p, "</td></tr>\n<tr class=\"more\"><td></td><td colspan=\"4\">");
	if (*get_text(claim, "why") && !says_it_all(claim)) {
		put(p, "<p>");
		put_text(p, json_object_get(claim, "why"));
		put(p, "</p>");
	}
	put_excerpts(p, json_object_get(claim, "at"), 3);
	html_around(p, claim);
	put(p, "</td></tr>\n");
}

static void group_rows(struct html_page *p, const json_t *test, const json_t *group, size_t of)
{
	size_t n = json_array_size(group), holds = 0, rows = 0;
	const json_t *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const json_t *claim = json_array_get(group, i);

		if (html_verdict(claim) == VERDICT_PASS) {
			holds++;
			first = first ? first : claim;
		} else if (rows++ < ROWS_MAX) {
			single(p, test, claim, rows == 1);
		}
	}
	if (holds)
		folded(p, group, holds, of, first, rows > 0);
	if (rows > ROWS_MAX)
		putf(p, "<tr><td></td><td colspan=\"4\">and %zu more repetitions that do not hold: see verdicts.json</td></tr>\n", rows - ROWS_MAX);
}

void html_claims(struct html_page *p, const json_t *test)
{
	CLEANUP(free_json) json_t *reps = html_repetitions(test);
	CLEANUP(free_json) json_t *groups = grouped(json_object_get(test, "claims"));

	if (!json_array_size(groups))
		return;
	put(p, "<table class=\"claims\"><thead><tr><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th><th scope=\"col\"><span class=\"en\">Claim</span> <span lang=\"ja\">主張</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Expected</span> <span lang=\"ja\">期待</span></th><th scope=\"col\"><span class=\"en\">Actual</span> <span lang=\"ja\">実測</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Evidence</span> <span lang=\"ja\">証拠</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(groups); i++)
		group_rows(p, test, json_array_get(groups, i), json_array_size(reps));
	put(p, "</tbody></table>\n");
}
