/* SPDX-License-Identifier: Apache-2.0
 *
 * Draft of the statement of compliance of the United Kingdom's product security regime. It says what the run knows of the three
 * requirements and refuses, in red, when the verdicts do not support the statement. It is made so that nobody takes it for a signed
 * one: every page is stamped, and names, declarations and signature are blanks. */
#include <string.h>

#include "harness/report.h"
#include "reports/document/doc.h"

static const char manufacturer[] = "the manufacturer", signatory[] = "the signatory";

struct support { unsigned fail, open, all; };

static struct support support_of(const json_t *lines)
{
	struct support s = { 0 };

	for (size_t i = 0; i < json_array_size(lines); i++) {
		enum verdict v = verdict_of(json_array_get(lines, i), "verdict");

		s.all++;
		s.fail += v == VERDICT_FAIL;
		s.open += v != VERDICT_FAIL && v != VERDICT_PASS && v != VERDICT_NOT_APPLICABLE;
	}
	return s;
}

static bool refused(const struct doc *d, struct support s) { return !s.all || s.fail || s.open || *doc_unfit(d) || doc_virtual(d); }

static void refusal(struct doc *d, struct support s)
{
	if (!refused(d, s)) {
		doc_put(d, "<div class=\"held\" id=\"support\">The verdicts of this run do not speak against the three requirements in their stated scope. "
			   "That is no compliance by itself: the manufacturer declares it, not this document.</div>\n");
		return;
	}
	doc_put(d, "<div class=\"refused\" id=\"support\">REFUSED: the verdicts of this run do not support a statement of compliance. Do not sign.<ul>");
	if (s.fail)
		doc_putf(d, "<li>%u of %u requirements: FAIL.</li>", s.fail, s.all);
	if (s.open)
		doc_putf(d, "<li>%u of %u requirements: not decided.</li>", s.open, s.all);
	if (!s.all)
		doc_put(d, "<li>The run holds no verdict on them.</li>");
	if (*doc_unfit(d))
		doc_putf(d, "<li>%s.</li>", doc_unfit(d));
	if (doc_virtual(d))
		doc_put(d, "<li>the bench is virtual: no real product was tested.</li>");
	doc_put(d, "</ul></div>\n");
}

/* ---- requirements ---- */
static const json_t *provision(const struct doc *d, const json_t *m, const char *id)
{
	const json_t *lines = json_object_get(doc_mapping(d, get_text(m, "basis")), "lines");

	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!strcmp(get_text(json_array_get(lines, i), "id"), id))
			return json_array_get(lines, i);
	return NULL;
}

static void provisions(struct doc *d, const json_t *m, const json_t *from)
{
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *id = json_string_value(json_array_get(from, i));
		const json_t *p = id ? provision(d, m, id) : NULL;

		doc_put(d, i ? "<br>" : "");
		doc_json(d, json_array_get(from, i));
		if (!p)
			continue;
		doc_put(d, " ");
		doc_verdict(d, verdict_of(p, "verdict"));
		doc_put(d, " <span class=\"note\">(");
		doc_rests(d, json_object_get(p, "from"));
		doc_put(d, ")</span>");
	}
}

static void requirement(struct doc *d, const json_t *m, const json_t *l)
{
	doc_put(d, "<tr id=\"");
	doc_id(d, "r-", get_text(l, "id"));
	doc_put(d, "\"><th scope=\"row\">");
	doc_both(d, json_object_get(l, "topic"));
	if (strcmp(get_text(l, "certainty"), "verified"))
		doc_put(d, " <b class=\"flag\">unverified</b>");
	doc_put(d, "</th><td>");
	doc_verdict(d, verdict_of(l, "verdict"));
	doc_put(d, "</td><td>");
	provisions(d, m, json_object_get(l, "from"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(l, "why"));
	doc_put(d, "</td></tr>\n");
}

static void requirements(struct doc *d, const json_t *m)
{
	const json_t *lines = json_object_get(m, "lines");

	doc_put(d, "<h2>What the run found</h2>\n<table class=\"found\"><thead><tr><th scope=\"col\">Requirement (own words)</th><th scope=\"col\">Verdict</th>"
		   "<th scope=\"col\">Provisions of EN 303 645 V2.1.1, rests on</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(lines); i++)
		requirement(d, m, json_array_get(lines, i));
	doc_put(d, "</tbody></table>\n<p class=\"key\">Source: ");
	doc_json(d, json_object_get(m, "source"));
	doc_put(d, ". Each requirement has the worst verdict of its provisions. The regulations also accept parts of ISO/IEC 29147; that way is not followed here.</p>\n");
}

/* ---- the fields of the statement ---- */
#define UNVERIFIED " <b class=\"flag\">unverified</b>"

static void period(struct doc *d)
{
	json_t *is = doc_user_info(d, "Support Period"), *where = doc_user_info(d, "Publication of Support Period");

	doc_put(d, "<tr><th scope=\"row\">Defined support period when the product was first supplied" UNVERIFIED "</th><td>");
	if (is) {
		doc_json(d, is);
		doc_put(d, " <span class=\"note\">(as declared in IXIT 2; to be checked against what was published)</span><br>");
	}
	doc_blank(d, manufacturer, is ? "confirm, with the end date" : "the period, with its end date");
	doc_put(d, "</td></tr>\n");
	doc_row(d, "Published at, as declared", where, NULL);
	json_decref(is);
	json_decref(where);
}

static void fields(struct doc *d)
{
	json_t *tested = doc_tested(d);

	doc_put(d, "<h2>Fields of the statement</h2>\n<p class=\"key\">Which fields Schedule 4 asks for was recalled, not read: each is marked unverified. Check them "
		   "against the regulations.</p>\n<table class=\"facts\"><tbody>\n");
	doc_put(d, "<tr><th scope=\"row\">Product: type and batch" UNVERIFIED "</th><td>");
	doc_json(d, doc_identity(d, "product"));
	doc_put(d, ", model ");
	doc_json(d, doc_identity(d, "model"));
	doc_put(d, ", hardware ");
	doc_json(d, doc_identity(d, "hardware"));
	doc_put(d, ", firmware ");
	doc_json(d, doc_identity(d, "firmware"));
	doc_put(d, "<br>");
	doc_blank(d, manufacturer, "type and batch as on the product");
	doc_put(d, "</td></tr>\n");
	doc_row(d, "SHA-256 of the firmware image", doc_identity(d, "firmware_sha256"), manufacturer);
	doc_row(d, "Units tested", tested, manufacturer);
	json_decref(tested);
	doc_put(d, "<tr><th scope=\"row\">Name and address of the manufacturer" UNVERIFIED "</th><td>");
	doc_blank(d, manufacturer, "registered name and address");
	doc_put(d, "<br><span class=\"note\">declared as maker: ");
	doc_json(d, doc_identity(d, "maker"));
	doc_put(d, "</span></td></tr>\n");
	doc_row_blank(d, "Name and address of each authorised representative" UNVERIFIED, manufacturer, "or that there is none");
	doc_row_blank(d, "Declaration that the statement is made by or for the manufacturer" UNVERIFIED, manufacturer, NULL);
	doc_row_blank(d, "Declaration that the applicable requirements, or the conditions that stand for them, are met" UNVERIFIED, manufacturer, NULL);
	period(d);
	doc_row_blank(d, "If a recognised label is relied on instead (JC-STAR, CLS)", manufacturer, "which, its number, valid until; or not used");
	doc_put(d, "</tbody></table>\n");
}

static void signature(struct doc *d, bool no)
{
	doc_put(d, "<h2>Signature</h2>\n");
	if (no)
		doc_put(d, "<p class=\"refused\">Not to be signed: see the refusal on the first page.</p>\n");
	doc_put(d, "<table class=\"facts sign\"><tbody>\n");
	doc_row_blank(d, "Name and function" UNVERIFIED, signatory, NULL);
	doc_row_blank(d, "Signature" UNVERIFIED, signatory, no ? "not while this draft is refused" : NULL);
	doc_row_blank(d, "Place and date of issue" UNVERIFIED, signatory, NULL);
	doc_put(d, "</tbody></table>\n");
}

static void body(struct doc *d)
{
	const json_t *m = doc_mapping(d, "psti");
	struct support s = support_of(json_object_get(m, "lines"));

	doc_put(d, "<div class=\"stamp\" aria-hidden=\"true\">DRAFT</div>\n");
	refusal(d, s);
	requirements(d, m);
	fields(d);
	signature(d, refused(d, s));
	doc_put(d, "<h2>The run behind it</h2>\n<table class=\"facts\"><tbody>\n");
	doc_tools(d);
	doc_put(d, "</tbody></table>\n");
}

static bool write_psti(const struct result *r, FILE *out, struct err *err)
{
	static const struct doc_kind kind = {
		.name = "psti", .lang = "en", .title = "Draft statement of compliance (UK PSTI)", .body = body,
		.draft = "This is a draft and no statement of compliance: unsigned, incomplete, made by a test tool from one run. Only the manufacturer can make the "
			 "statement, and nothing here is legal advice.",
	};

	return doc_write(&kind, r, out, err);
}

const struct report report_psti = {
	.name = "psti",
	.file = "psti-statement.html",
	.doc = "draft of the UK statement of compliance; refuses when the verdicts do not support it",
	.write = write_psti,
};
