/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/document/provisions.h"

#include <string.h>

/* The cases of the line that this case belongs to; NULL when it belongs to none. */
static json_t *family(const struct provisions *p, const json_t *c)
{
	const char *id = get_text(c, "id"), *dash = strrchr(id, '-');
	char line[64];

	if (!dash || (size_t)(dash - id) >= sizeof(line))
		return NULL;
	snprintf(line, sizeof(line), "%.*s", (int)(dash - id), id);
	return json_object_get(p->of, line);
}

static const json_t *cases_of(const struct provisions *p, const json_t *line) { return json_object_get(p->of, get_text(line, "id")); }

struct provisions provisions_of(const struct doc *d, const char *edition)
{
	const bool second = edition && !strcmp(edition, "en303645-v3.1.3");
	struct provisions p = { edition, json_object_get(edition ? doc_mapping(d, edition) : NULL, "lines"),
				json_object_get(edition ? doc_mapping(d, second ? "ts103701-v2.1.1" : "ts103701-v1.1.1") : NULL, "lines"), json_object() };

	for (size_t i = 0; i < json_array_size(p.lines); i++)
		json_object_set_new(p.of, get_text(json_array_get(p.lines, i), "id"), json_array());
	for (size_t i = 0; i < json_array_size(p.cases); i++)
		json_array_append(family(&p, json_array_get(p.cases, i)), json_array_get(p.cases, i));
	return p;
}

void provisions_free(struct provisions *p) { json_decref(p->of); }

enum verdict provisions_verdict(const struct provisions *p, const json_t *line)
{
	enum verdict worst = verdict_of(line, "verdict");
	const json_t *cases = cases_of(p, line);

	for (size_t i = 0; i < json_array_size(cases); i++) {
		enum verdict v = verdict_of(json_array_get(cases, i), "verdict");

		if (verdict_severity(v) > verdict_severity(worst))
			worst = v;
	}
	return worst;
}

static bool mandatory(const json_t *line) { return get_text(line, "force")[0] != 'R'; }        /* not told: as mandatory */

struct overall provisions_overall(const struct provisions *p, const char *unfit)
{
	struct overall o = { .word = "NONE" };
	unsigned open = 0, all = 0;

	for (size_t i = 0; i < json_array_size(p->lines); i++)
		if (mandatory(json_array_get(p->lines, i))) {
			enum verdict v = provisions_verdict(p, json_array_get(p->lines, i));

			all++;
			o.of[v]++;
			open += v != VERDICT_PASS && v != VERDICT_NOT_APPLICABLE;
		}
	if (o.of[VERDICT_FAIL])
		o.word = "FAIL";
	else if (all && !open && !*unfit)
		o.word = "PASS";
	return o;
}

/* ---- the table ---- */
static void why(struct doc *d, const json_t *line)
{
	const json_t *remark = json_object_get(line, "remark"), *w = waiver_of(d->v, get_text(line, "id"));

	doc_json(d, json_object_get(line, "why"));
	if (json_is_object(remark)) {
		doc_put(d, " <span class=\"note\">");
		doc_both(d, remark);
		doc_put(d, "</span>");
	}
	if (strcmp(get_text(line, "certainty"), "verified"))
		doc_put(d, " <span class=\"flag\">unverified</span>");
	if (w)
		doc_putf(d, " <span class=\"note\">A waiver %s; it changes no verdict.</span>", is_on(w, "expired") ? "has expired" : "stands beside this");
}

/* A case that only a person can judge is a blank until a record holds the judgement. */
static void evidence(struct doc *d, const json_t *c)
{
	const json_t *from = json_object_get(c, "from");

	doc_rests(d, from);
	doc_places(d, from, ": ");
	if (verdict_of(c, "verdict") == VERDICT_NOT_TESTED) {
		doc_put(d, "<br>");
		doc_blank(d, "the laboratory", strcmp(get_text(c, "kind"), "conceptual") ? "verdict and evidence" : "assessment of the IXIT");
	}
}

static void case_row(struct doc *d, const json_t *c)
{
	doc_put(d, "<tr class=\"case\" id=\"");
	doc_id(d, "c-", get_text(c, "id"));
	doc_put(d, "\"><td class=\"case\">");
	doc_json(d, json_object_get(c, "id"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(c, "kind"));
	doc_put(d, "</td><td colspan=\"2\">");
	doc_both(d, json_object_get(c, "topic"));
	doc_put(d, "</td><td>");
	doc_verdict(d, verdict_of(c, "verdict"));
	doc_put(d, "</td><td>");
	evidence(d, c);
	doc_put(d, "</td><td>");
	why(d, c);
	doc_put(d, "</td></tr>\n");
}

static void provision(struct doc *d, const struct provisions *p, const json_t *l)
{
	const json_t *a = doc_ics(d, p->edition, get_text(l, "id")), *cases = cases_of(p, l);

	doc_put(d, "<tbody class=\"prov\"><tr class=\"head\" id=\"");
	doc_id(d, "p-", get_text(l, "id"));
	doc_put(d, "\"><th scope=\"row\">");
	doc_json(d, json_object_get(l, "id"));
	doc_put(d, "</th><td>");
	doc_json(d, json_object_get(l, "status"));
	doc_put(d, "</td><td>");
	doc_both(d, json_object_get(l, "topic"));
	doc_put(d, "</td><td>");
	if (doc_says(json_object_get(a, "support")))
		doc_json(d, json_object_get(a, "support"));
	else
		doc_put(d, "not answered");
	doc_put(d, "</td><td>");
	doc_verdict(d, provisions_verdict(p, l));
	doc_put(d, "</td><td>");
	doc_rests(d, json_object_get(l, "from"));
	doc_put(d, "</td><td><span class=\"note\">by the Code's requirements:</span> ");
	doc_verdict(d, verdict_of(l, "verdict"));
	doc_put(d, " ");
	why(d, l);
	doc_put(d, "</td></tr>\n");
	for (size_t i = 0; i < json_array_size(cases); i++)
		case_row(d, json_array_get(cases, i));
	if (!json_array_size(cases))
		doc_put(d, "<tr><td></td><td colspan=\"6\">No test case of this edition is known for this line.</td></tr>\n");
	doc_put(d, "</tbody>\n");
}

/* Cases that belong to no line: nothing may get lost. */
static void strays(struct doc *d, const struct provisions *p)
{
	for (size_t i = 0; i < json_array_size(p->cases); i++) {
		if (family(p, json_array_get(p->cases, i)))
			continue;
		doc_put(d, "<tbody>");
		case_row(d, json_array_get(p->cases, i));
		doc_put(d, "</tbody>");
	}
}

void provisions_table(struct doc *d, const struct provisions *p)
{
	doc_put(d, "<table class=\"provs\"><thead><tr><th scope=\"col\">Reference</th><th scope=\"col\">Status, kind</th><th scope=\"col\">Topic (own words)</th>"
		   "<th scope=\"col\">Support</th><th scope=\"col\">Verdict</th><th scope=\"col\">Rests on, evidence</th><th scope=\"col\">Why</th></tr></thead>\n");
	for (size_t i = 0; i < json_array_size(p->lines); i++)
		provision(d, p, json_array_get(p->lines, i));
	strays(d, p);
	doc_put(d, "</table>\n");
}

/* ---- what is open ---- */
static void open_cases(struct doc *d, const struct provisions *p, const json_t *l)
{
	const json_t *cases = cases_of(p, l);
	bool any = false;

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		enum verdict v = verdict_of(c, "verdict");

		if (v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE)
			continue;
		doc_put(d, any ? ", <span class=\"rest\">" : "<span class=\"rest\">");
		doc_json(d, json_object_get(c, "id"));
		doc_put(d, " ");
		doc_verdict(d, v);
		doc_put(d, "</span>");
		any = true;
	}
	if (!any)
		doc_put(d, "&ndash;");
}

void provisions_open(struct doc *d, const struct provisions *p)
{
	doc_put(d, "<table><thead><tr><th scope=\"col\">Provision</th><th scope=\"col\">Verdict</th><th scope=\"col\">Cases without PASS</th>"
		   "<th scope=\"col\">Requirements of the Code</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(p->lines); i++) {
		const json_t *l = json_array_get(p->lines, i);
		enum verdict v = provisions_verdict(p, l);

		if (!mandatory(l) || v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE)
			continue;
		doc_put(d, "<tr><th scope=\"row\">");
		doc_json(d, json_object_get(l, "id"));
		doc_put(d, "</th><td>");
		doc_verdict(d, v);
		doc_put(d, "</td><td>");
		open_cases(d, p, l);
		doc_put(d, "</td><td>");
		doc_json(d, json_object_get(l, "why"));
		doc_put(d, "</td></tr>\n");
	}
	doc_put(d, "</tbody></table>\n");
}
