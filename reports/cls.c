/* SPDX-License-Identifier: Apache-2.0
 *
 * Singapore, CLS(IoT): what a maker declares per provision of EN 303 645, with the verdict beside it, and an index of evidence. Which
 * provisions belong to which level, and which edition the scheme takes, was not checked against its publications; it says so. */
#include <string.h>

#include "harness/report.h"
#include "reports/document/doc.h"

#define EDITION "en303645-v2.1.1"

static const char manufacturer[] = "the manufacturer";

struct index {
	struct doc *d;
	json_t *numbers;                /* test or record -> number of its entry */
	json_t *line;                   /* those that the line at hand names already */
};

static void refer(struct index *x, const char *id)
{
	const json_t *n = json_object_get(x->numbers, id);

	if (json_object_get(x->line, id))
		return;
	json_object_set_new(x->line, id, json_true());
	if (!n) {
		json_object_set_new(x->numbers, id, json_integer((json_int_t)json_object_size(x->numbers) + 1));
		n = json_object_get(x->numbers, id);
	}
	doc_putf(x->d, "<a href=\"#e-%" JSON_INTEGER_FORMAT "\">[E%" JSON_INTEGER_FORMAT "]</a> ", json_integer_value(n), json_integer_value(n));
}

/* Tests and records of a line, and those of the requirements it names. */
static void refer_all(struct index *x, const json_t *ids, unsigned depth)
{
	static const char *const more[] = { "decided_by", "supported_by", "records" };

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *e = id ? doc_entry(x->d, id) : NULL;

		if (json_object_get(e, "claims") || json_object_get(e, "serves"))
			refer(x, id);
		for (unsigned k = 0; e && depth && k < 3; k++)
			refer_all(x, json_object_get(e, more[k]), depth - 1);
	}
}

static void provision(struct index *x, const json_t *l)
{
	struct doc *d = x->d;
	const json_t *a = doc_ics(d, EDITION, get_text(l, "id"));

	doc_put(d, "<tr id=\"");
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
		doc_blank(d, manufacturer, "Y, N or N/A");
	doc_put(d, "</td><td>");
	if (doc_says(json_object_get(a, "detail")))
		doc_json(d, json_object_get(a, "detail"));
	else
		doc_blank(d, manufacturer, "how it is met");
	doc_put(d, "</td><td>");
	doc_verdict(d, verdict_of(l, "verdict"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(l, "why"));
	doc_put(d, "</td><td class=\"refs\">");
	json_object_clear(x->line);
	refer_all(x, json_object_get(l, "from"), 1);
	doc_put(d, "</td></tr>\n");
}

static void entry(struct doc *d, const char *id, json_int_t n)
{
	const json_t *e = doc_entry(d, id), *decision = json_object_get(e, "decision");

	doc_putf(d, "<tr id=\"e-%" JSON_INTEGER_FORMAT "\"><th scope=\"row\">E%" JSON_INTEGER_FORMAT "</th><td>", n, n);
	doc_text(d, id);
	doc_put(d, "</td><td>");
	doc_both(d, json_object_get(e, "title"));
	doc_put(d, "</td><td>");
	doc_verdict(d, verdict_of(e, "verdict"));
	doc_put(d, "</td><td>");
	if (json_object_get(e, "claims")) {
		doc_pointers(d, e, 6);
	} else if (json_is_object(decision)) {
		doc_json(d, json_object_get(decision, "reviewer"));
		doc_put(d, ", ");
		doc_json(d, json_object_get(decision, "date"));
		doc_put(d, " <code>");
		doc_json(d, json_object_get(decision, "entry"));
		doc_put(d, "</code>");
	} else {
		doc_blank(d, "a reviewer", "document and decision");
	}
	doc_put(d, "</td></tr>\n");
}

static void evidence(struct index *x)
{
	const char *id;
	json_t *n;

	doc_put(x->d, "<h2>Evidence index</h2>\n<p class=\"key\">Pointers are shown by <code>jusan show RUN POINTER</code>.</p>\n<table><thead><tr><th scope=\"col\">No.</th>"
		      "<th scope=\"col\">Test or record</th><th scope=\"col\">Title</th><th scope=\"col\">Verdict</th><th scope=\"col\">Where</th></tr></thead><tbody>\n");
	json_object_foreach(x->numbers, id, n)
		entry(x->d, id, json_integer_value(n));
	doc_put(x->d, "</tbody></table>\n<h3>Files</h3>\n");
	doc_files(x->d);
}

static void counts(struct doc *d, const json_t *lines)
{
	unsigned of[VERDICT_COUNT] = { 0 };

	for (size_t i = 0; i < json_array_size(lines); i++)
		of[verdict_of(json_array_get(lines, i), "verdict")]++;
	doc_putf(d, "<div class=\"overall\" id=\"overall\">%zu provisions: ", json_array_size(lines));
	doc_counts(d, of);
	doc_put(d, "</div>\n");
	if (*doc_unfit(d))
		doc_putf(d, "<p class=\"refused\">Not fit for an application: %s.</p>\n", doc_unfit(d));
	if (doc_virtual(d))
		doc_put(d, "<p class=\"refused\">Not fit for an application: the bench is virtual, no real product was tested.</p>\n");
	if (!json_array_size(lines))
		doc_put(d, "<p class=\"refused\">The run holds no verdicts on EN 303 645 V2.1.1.</p>\n");
}

static void application(struct doc *d)
{
	const json_t *sbom = doc_entry(d, "BT2-02");
	json_t *tested = doc_tested(d);

	doc_put(d, "<h2>Application</h2>\n<table class=\"facts\"><tbody>\n");
	doc_row_blank(d, "Applicant, address, contact", manufacturer, NULL);
	doc_row_blank(d, "Level applied for", manufacturer, "1 to 4");
	doc_row(d, "Product", doc_identity(d, "product"), manufacturer);
	doc_row(d, "Model", doc_identity(d, "model"), manufacturer);
	doc_row(d, "Hardware", doc_identity(d, "hardware"), manufacturer);
	doc_row(d, "Firmware", doc_identity(d, "firmware"), manufacturer);
	doc_row(d, "SHA-256 of the firmware image", doc_identity(d, "firmware_sha256"), manufacturer);
	doc_row(d, "Units tested", tested, manufacturer);
	json_decref(tested);
	doc_row_blank(d, "Support period and its end", manufacturer, NULL);
	doc_row_blank(d, "Software bill of materials (levels 3 and 4)", manufacturer, "file and hash");
	doc_put(d, "<tr><th scope=\"row\">Known vulnerabilities accounted for (levels 3 and 4)</th><td>BT2-02 ");
	doc_verdict(d, sbom ? verdict_of(sbom, "verdict") : VERDICT_NOT_TESTED);
	doc_put(d, " ");
	doc_blank(d, manufacturer, "list and treatment");
	doc_put(d, "</td></tr>\n");
	doc_row_blank(d, "Security by design, life cycle (level 2 and up)", manufacturer, "documents");
	doc_row_blank(d, "Software binary analysis (level 3), penetration test (level 4)", "the laboratory", "report");
	doc_row_blank(d, "Declaration of conformity: name, function, date, signature", manufacturer, NULL);
	doc_put(d, "</tbody></table>\n");
}

static void body(struct doc *d)
{
	const json_t *lines = json_object_get(doc_mapping(d, EDITION), "lines");
	struct index x = { d, json_object(), json_object() };

	counts(d, lines);
	application(d);
	doc_put(d, "<h2>Provisions</h2>\n<p class=\"key\">Topics are jusan's own words. <b class=\"flag\">unverified</b>: that the scheme takes "
		   "EN 303 645 V2.1.1, and which provisions its levels ask for.</p>\n<table class=\"provs\"><thead><tr><th scope=\"col\">Provision</th>"
		   "<th scope=\"col\">Status</th><th scope=\"col\">Topic</th><th scope=\"col\">Declared</th><th scope=\"col\">How it is met, as declared</th>"
		   "<th scope=\"col\">Verdict</th><th scope=\"col\">Why</th><th scope=\"col\">Evidence</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(lines); i++)
		provision(&x, json_array_get(lines, i));
	doc_put(d, "</tbody></table>\n");
	evidence(&x);
	doc_put(d, "<h2>The run behind it</h2>\n<table class=\"facts\"><tbody>\n");
	doc_tools(d);
	doc_put(d, "</tbody></table>\n");
	json_decref(x.numbers);
	json_decref(x.line);
}

static bool write_cls(const struct result *r, FILE *out, struct err *err)
{
	static const struct doc_kind kind = {
		.name = "cls", .lang = "en", .title = "CLS(IoT) declaration table, Singapore", .body = body,
		.draft = "Filled by jusan from one run folder, for a maker who prepares an application. It is no form of the Cyber Security Agency and no declaration until the "
			 "manufacturer has completed and signed one.",
	};

	return doc_write(&kind, r, out, err);
}

const struct report report_cls = {
	.name = "cls",
	.file = "cls-declaration.html",
	.doc = "draft of the declaration table of Singapore's CLS(IoT), with an evidence index",
	.write = write_cls,
};
