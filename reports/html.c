/* SPDX-License-Identifier: Apache-2.0
 *
 * The page for people: one self-contained file without link, picture or script from elsewhere; what its own
 * script adds is comfort, not content. Its parts are in reports/html/, in the order in which page.h lists them. */
#include "harness/report.h"
#include "reports/read/evidence.h"
#include "reports/html/lanes.h"
#include "reports/html/page.h"

/* id -> entry; of several with one id (units, say) the worst is what links show */
static json_t *by_id(const json_t *list)
{
	json_t *ret = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *entry = json_array_get(list, i);
		const char *id = get_text(entry, "id");

		if (*id && !html_worse(json_object_get(ret, id), entry) && json_object_set(ret, id, entry) < 0)
			break;
	}
	return ret;
}

static bool write_html(const struct result *r, FILE *out, struct err *err)
{
	struct html_page p = { .out = out, .r = r, .v = r->verdicts, .run = json_object_get(r->verdicts, "run") };
	const json_t *timeline = json_object_get(p.v, "timeline");

	p.tests = by_id(json_object_get(p.v, "tests"));
	p.requirements = by_id(json_object_get(p.v, "requirements"));
	p.records = by_id(json_object_get(p.v, "records"));
	p.evidence = evidence_open(r->dir, r->verdicts);
	p.lanes = html_lanes_read(timeline);
	p.begin_ns = get_ns(p.run, "begin_ns", get_ns(timeline, "begin_ns", 0));
	p.end_ns = get_ns(p.run, "end_ns", get_ns(timeline, "end_ns", 0));

	html_head(&p);
	html_identity(&p);
	html_units(&p);
	html_scores(&p);
	html_contents(&p);
	html_findings(&p);
	html_timeline(&p);
	html_tests(&p);
	html_requirements(&p);
	html_records(&p);
	html_declaration(&p);
	html_mappings(&p);
	html_bench(&p);
	html_foot(&p);

	html_lanes_free(p.lanes);
	evidence_close(p.evidence);
	json_decref(p.tests);
	json_decref(p.requirements);
	json_decref(p.records);
	return !ferror(out) || err_sys(err, "report.html");
}

const struct report report_html = {
	.name = "html",
	.file = "report.html",
	.doc = "one self-contained page for people, English and Japanese",
	.write = write_html,
};
