/* SPDX-License-Identifier: Apache-2.0
 *
 * A test report in the form that TS 103 701 asks for, filled as far as the run knows: who and what, ICS, IXIT, every provision with
 * its conceptual and functional cases, the overall verdict. What only a laboratory or the manufacturer can say is a marked blank. */
#include <string.h>

#include "harness/report.h"
#include "reports/document/doc.h"
#include "reports/document/provisions.h"

static const char laboratory[] = "the laboratory", manufacturer[] = "the manufacturer";

static void facts(struct doc *d, const char *heading)
{
	doc_putf(d, "<h3>%s</h3>\n<table class=\"facts\"><tbody>\n", heading);
}

static void end(struct doc *d) { doc_put(d, "</tbody></table>\n"); }

static void cover(struct doc *d, const struct provisions *p, const char *why)
{
	json_t *tested = doc_tested(d);

	facts(d, "Device under test");
	doc_row(d, "Product", doc_identity(d, "product"), manufacturer);
	doc_row(d, "Model", doc_identity(d, "model"), manufacturer);
	doc_row(d, "Hardware revision", doc_identity(d, "hardware"), manufacturer);
	doc_row(d, "Firmware version", doc_identity(d, "firmware"), manufacturer);
	doc_row(d, "SHA-256 of the firmware image", doc_identity(d, "firmware_sha256"), manufacturer);
	doc_row(d, "Units declared", doc_identity(d, "units"), manufacturer);
	doc_row(d, "Units tested", tested, laboratory);
	doc_row(d, "Manufacturer, as declared", doc_identity(d, "maker"), manufacturer);
	doc_row_blank(d, "Address of the manufacturer", manufacturer, NULL);
	doc_row_blank(d, "Associated services in scope", manufacturer, "names and versions");
	end(d);
	facts(d, "Assessment");
	doc_row_text(d, "Edition", p->edition ? p->edition : "", laboratory);
	doc_row_text(d, "Why this edition", why, NULL);
	doc_row_text(d, "Test cases", !p->edition ? "" : p->edition[10] == '3' ? "TS 103 701 V2.1.1" : "TS 103 701 V1.1.1", laboratory);
	doc_row_blank(d, "Report number", laboratory, NULL);
	doc_row_blank(d, "Test laboratory, address", laboratory, NULL);
	doc_row_blank(d, "Accreditation", laboratory, "body and number, or none");
	doc_row_blank(d, "Place of the tests", laboratory, NULL);
	doc_row_blank(d, "Client", laboratory, NULL);
	doc_row_blank(d, "Tested by", laboratory, "name, date, signature");
	doc_row_blank(d, "Approved by", laboratory, "name, date, signature");
	end(d);
	facts(d, "Run and tool");
	doc_tools(d);
	end(d);
	json_decref(tested);
}

static void overall(struct doc *d, const struct provisions *p)
{
	struct overall o = provisions_overall(p, doc_unfit(d));

	doc_put(d, "<h2>1 Overall verdict</h2>\n<div class=\"overall\" id=\"overall\"><b class=\"word\">");
	doc_put(d, strcmp(o.word, "NONE") ? o.word : "NO VERDICT");
	doc_put(d, "</b>");
	doc_put(d, !strcmp(o.word, "PASS") ? "Every applicable mandatory provision is PASS." : !strcmp(o.word, "FAIL") ?
		   "At least one applicable mandatory provision is FAIL." : "No mandatory provision is FAIL, but not all are PASS.");
	doc_put(d, "</div>\n<p>Mandatory provisions: ");
	doc_counts(d, o.of);
	doc_put(d, "</p>\n<p class=\"key\">A provision has the worst verdict of its cases and of the Code's requirements that ask the same. TS 103 701 knows PASS and FAIL; "
		   "INCONCLUSIVE, REVIEW, NOT_TESTED and ERROR are none of them and never count as PASS. N/A stands only where a condition is shown to be false.</p>\n");
	if (*doc_unfit(d))
		doc_putf(d, "<p class=\"flag\">No PASS can come of this run: %s.</p>\n", doc_unfit(d));
	if (doc_virtual(d))
		doc_put(d, "<p class=\"flag\">The bench is virtual: what was tested is a program that stands for the device.</p>\n");
	doc_put(d, "<p>The laboratory's own overall verdict: ");
	doc_blank(d, laboratory, "overall verdict and justification");
	doc_put(d, "</p>\n<h3>What is open</h3>\n");
	provisions_open(d, p);
}

static void declared(struct doc *d, const struct provisions *p)
{
	doc_put(d, "<section class=\"wide\"><h2>2 Implementation conformance statement (ICS), as declared</h2>\n");
	if (p->edition)
		doc_ics_table(d, p->edition);
	doc_put(d, "<h3>Conditions and features, evaluated</h3>\n");
	if (p->edition)
		doc_terms_table(d, p->edition);
	doc_put(d, "</section>\n<h2>3 Extra information for testing (IXIT), as declared</h2>\n"
		   "<p class=\"key\">Cells are the manufacturer's words. Fields that were not declared do not appear.</p>\n");
	doc_ixit(d, p->edition);
}

static void finding(struct doc *d, const json_t *f)
{
	doc_put(d, "<tr><td>");
	doc_json(d, json_object_get(f, "kind"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(f, "text"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(f, "where"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(f, "lines"));
	doc_put(d, "</td></tr>\n");
}

static void findings(struct doc *d)
{
	const json_t *all = json_object_get(d->v, "findings");

	doc_put(d, "<h2>5 Findings on the declaration</h2>\n");
	if (!json_array_size(all)) {
		doc_put(d, "<p>None.</p>\n");
		return;
	}
	doc_put(d, "<p class=\"key\">For whoever wrote the declaration; none is a verdict on the device.</p>\n<table><thead><tr><th scope=\"col\">Kind</th>"
		   "<th scope=\"col\">What</th><th scope=\"col\">Where</th><th scope=\"col\">Lines</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		finding(d, json_array_get(all, i));
	doc_put(d, "</tbody></table>\n");
}

static void record(struct doc *d, const json_t *r)
{
	const json_t *by = json_object_get(r, "decision");

	doc_put(d, "<tr><th scope=\"row\">");
	doc_json(d, json_object_get(r, "id"));
	doc_put(d, "</th><td>");
	doc_both(d, json_object_get(r, "title"));
	doc_put(d, "</td><td>");
	doc_verdict(d, verdict_of(r, "verdict"));
	doc_put(d, "</td><td>");
	if (json_is_object(by)) {
		doc_json(d, json_object_get(by, "reviewer"));
		doc_put(d, ", ");
		doc_json(d, json_object_get(by, "date"));
		doc_put(d, is_on(by, "expired") ? ", expired " : ", until ");
		doc_json(d, json_object_get(by, "expires"));
		doc_put(d, ": ");
		doc_json(d, json_object_get(by, "reason"));
	} else {
		doc_blank(d, "a reviewer", "decision (jusan review)");
	}
	doc_put(d, "</td></tr>\n");
}

static void records(struct doc *d)
{
	const json_t *all = json_object_get(d->v, "records");

	doc_put(d, "<h2>6 Evidence records decided by people</h2>\n");
	if (!json_array_size(all)) {
		doc_put(d, "<p>None.</p>\n");
		return;
	}
	doc_put(d, "<table><thead><tr><th scope=\"col\">Record</th><th scope=\"col\">Title</th><th scope=\"col\">Verdict</th>"
		   "<th scope=\"col\">Decision</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		record(d, json_array_get(all, i));
	doc_put(d, "</tbody></table>\n");
}

static void body(struct doc *d)
{
	const char *why = "";
	const char *edition = doc_edition(d, &why);
	struct provisions p = provisions_of(d, edition);

	cover(d, &p, why);
	overall(d, &p);
	declared(d, &p);
	doc_put(d, "<section class=\"wide\"><h2>4 Provisions</h2>\n");
	provisions_table(d, &p);
	doc_put(d, "</section>\n");
	findings(d);
	records(d);
	doc_put(d, "<section class=\"wide\"><h2>Annex A Tests</h2>\n<p class=\"key\">Evidence is shown by <code>jusan show RUN POINTER</code>; each test is repeated by "
		   "<code>jusan run ... --only TEST</code> with the seed above. PASS says: no indication of a fault in the stated scope.</p>\n");
	doc_tests(d);
	doc_put(d, "</section>\n<h2>Annex B Files</h2>\n");
	doc_files(d);
	provisions_free(&p);
}

static bool write_ts103701(const struct result *r, FILE *out, struct err *err)
{
	static const struct doc_kind kind = {
		.name = "ts103701", .lang = "en", .title = "Test report, ETSI TS 103 701 style", .body = body,
		.draft = "Filled by jusan from one run folder. It is in the style of TS 103 701, made by no accredited laboratory, and no report until a laboratory has "
			 "completed and signed it. Topics are jusan's own words, not the standard's.",
	};

	return doc_write(&kind, r, out, err);
}

const struct report report_ts103701 = {
	.name = "ts103701",
	.file = "ts103701.html",
	.doc = "test report in the style of TS 103 701, with ICS and IXIT, to complete and sign",
	.write = write_ts103701,
};
