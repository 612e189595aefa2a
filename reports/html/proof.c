/* SPDX-License-Identifier: Apache-2.0
 *
 * Below a requirement: what each test that decides or supports it saw, in short: the claim that made the test's verdict, its
 * limits, where the evidence lies and the command that does it again. All of it stands at the test in full. */
#include <string.h>

#include "reports/html/page.h"

#define TESTS_MAX 6
#define LIMITS_MAX 6

/* Of a test that holds its first expectation, of another the first claim with the test's verdict. */
static size_t telling(const json_t *test)
{
	const json_t *all = json_object_get(test, "claims");
	enum verdict v = html_verdict(test);
	size_t i = 0, n = json_array_size(all);

	while (i < n && (html_verdict(json_array_get(all, i)) != v ||
			 (v == VERDICT_PASS && strcmp(get_text(json_array_get(all, i), "part"), "expect") != 0)))
		i++;
	return i;
}

static void limits(struct html_page *p, const json_t *test)
{
	const json_t *all = json_object_get(test, "limits");

	for (size_t i = 0; i < json_array_size(all) && i < LIMITS_MAX; i++) {
		const json_t *l = json_array_get(all, i);

		put(p, i ? ", " : "<br><span class=\"mut\"><span class=\"en\">limits</span> <span lang=\"ja\">限度</span></span> ");
		put_text(p, json_object_get(l, "name"));
		put(p, " ");
		put_text(p, json_object_get(l, *get_text(l, "text") ? "text" : "value"));
		put(p, " (");
		put_text(p, json_object_get(l, "origin"));
		put(p, ")");
	}
}

static void claim(struct html_page *p, const json_t *test, size_t i)
{
	const json_t *c = json_array_get(json_object_get(test, "claims"), i);

	put(p, " ");
	put_text(p, json_object_get(c, "text"));
	put(p, "<br><span class=\"mut\"><span class=\"en\">expected</span> <span lang=\"ja\">期待</span></span> ");
	put_text(p, json_object_get(c, "expected"));
	put(p, " <span class=\"mut\"><span class=\"en\">actual</span> <span lang=\"ja\">実測</span></span> <b>");
	put_text(p, json_object_get(c, "actual"));
	put(p, "</b>");
	limits(p, test);
	put(p, "<br><span class=\"mut\"><span class=\"en\">evidence</span> <span lang=\"ja\">証拠</span></span> ");
	if (html_verdict(c) == VERDICT_PASS) {
		put_pointers(p, json_object_get(c, "at"), 3);
	} else {                        /* its bytes stand at the test */
		put(p, "<a href=\"#");
		put_evidence_id(p, test, i);
		put(p, "\">");
		if (count_of(c, "at"))
			put_pointers(p, json_object_get(c, "at"), 3);
		else
			put(p, "<span class=\"en\">at the test</span> <span lang=\"ja\">試験の項</span>");
		put(p, "</a>");
	}
}

static void one(struct html_page *p, const json_t *test)
{
	size_t i = telling(test);

	put(p, "<li><a class=\"id\" href=\"#");
	put_anchor(p, test);
	put(p, "\">");
	put_symbol(p, html_verdict(test));
	put_text(p, json_object_get(test, "id"));
	put(p, "</a>");
	if (i < count_of(test, "claims")) {
		claim(p, test, i);
	} else {
		put(p, " ");
		put_text(p, json_object_get(test, "why"));
	}
	if (*get_text(test, "reproduce")) {
		put(p, "<br><span class=\"mut\"><span class=\"en\">again</span> <span lang=\"ja\">再現</span></span> <code>");
		put_text(p, json_object_get(test, "reproduce"));
		put(p, "</code>");
	}
	put(p, "</li>");
}

static size_t of(struct html_page *p, const json_t *ids, size_t shown)
{
	for (size_t i = 0; i < json_array_size(ids) && shown < TESTS_MAX; i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *test = id ? json_object_get(p->tests, id) : NULL;

		if (!count_of(test, "claims"))
			continue;
		if (!shown++)
			put(p, "<details class=\"proof\"><summary><span class=\"en\">What was seen</span> <span lang=\"ja\">観測の要点</span></summary><ul>");
		one(p, test);
	}
	return shown;
}

void html_proof(struct html_page *p, const json_t *requirement)
{
	size_t shown = of(p, json_object_get(requirement, "decided_by"), 0);

	shown = of(p, json_object_get(requirement, "supported_by"), shown);
	put(p, shown ? "</ul></details>" : "");
}
