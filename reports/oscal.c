// SPDX-License-Identifier: Apache-2.0
/* OSCAL assessment results: what was looked at, how and when, as observations with hashed evidence, and what follows for each
 * requirement as findings against the catalogue beside it. Its assessment plan is the suite and the profile, as files. */
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/oscal/results.h"

/* The suite and profile of the run: sealed copies, or, where no seal lists them, the hashes that the run notes. */
static void plan_links(const struct oscal *o, json_t *plan)
{
	const json_t *suites = json_object_get(o->run, "suites");
	const char *path;
	json_t *f;
	size_t n = 0;

	json_object_foreach(o->sealed, path, f) {
		struct cite cite;
		json_t *link;

		if (strncmp(path, "inputs/", 7) || n++ == FIT_LIST || !cite_path(o->run, o->sealed, path, &cite))
			continue;
		link = json_pack("{s:s}", "href", cite.href);
		if (*cite.sha256)
			oscal_add(link, "hashes", json_pack("{s:s,s:s}", "algorithm", "SHA-256", "value", cite.sha256));
		oscal_add(plan, "rlinks", link);
	}
	for (size_t i = 0; i < fit_count(suites); i++) {
		const json_t *s = json_array_get(suites, i);

		oscal_prop(plan, "suite-sha256", get_text(s, "sha256"), NULL, get_text(s, "file"));
	}
	oscal_prop(plan, "profile-sha256", get_text(o->run, "profile_sha256"), NULL, get_text(o->run, "profile"));
	oscal_prop(plan, "bench-sha256", get_text(o->run, "bench_sha256"), NULL, NULL);
	oscal_prop(plan, "device-sha256", get_text(o->run, "device_sha256"), NULL, NULL);
}

static json_t *plan(struct oscal *o)
{
	json_t *res = json_object();
	char uuid[READ_UUID];

	json_object_set_new(res, "uuid", json_string(oscal_uuid(o, "plan", 0, "", uuid)));
	json_object_set_new(res, "title", json_string("Assessment plan: suite, profile, bench and declaration of the run"));
	json_object_set_new(res, "description", json_string("YAML files of jusan, as they were when the run began; not an OSCAL assessment plan."));
	plan_links(o, res);
	json_array_append_new(o->resources, res);
	return json_pack("{s:o,s:s}", "href", json_sprintf("#%s", uuid), "remarks", "The plan is the suite and profile, not an OSCAL document.");
}

static void catalog(struct oscal *o)
{
	json_t *res = json_pack("{s:s,s:[{s:s,s:s}]}", "title", "Catalogue of the controls", "rlinks", "href", OSCAL_CATALOG, "media-type",
				"application/oscal.catalog+json");

	oscal_set_uuid(o, res, "catalog", 0, "");
	json_array_append_new(o->resources, res);
}

/* The runs of a campaign, each by the seal that stands for it. */
static void runs(struct oscal *o, json_t *result)
{
	const json_t *list = json_object_get(o->run, "runs");

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *one = json_array_get(list, i), *seal = json_object_get(one, "seal");
		char class[40], text[FIT_LINE * 2], file[FIT_LINE], hash[FIT_LINE];

		snprintf(class, sizeof(class), "unit%lld", (long long)get_int(one, "unit"));
		snprintf(text, sizeof(text), "seal %.500s, SHA-256 %.500s", fit_line(get_text(seal, "file"), file),
			 fit_line(get_text(seal, "sha256"), hash));
		oscal_prop(result, "run", *get_text(one, "run") ? get_text(one, "run") : "?", class, text);
	}
}

static void counts(const struct oscal *o, json_t *result)
{
	const json_t *c = json_object_get(o->v, "counts"), *marks = json_object_get(o->v, "marks");

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		oscal_prop_int(result, "tests", get_int(c, verdict_name((enum verdict)v)));
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		json_t *p = json_array_get(json_object_get(result, "props"), json_array_size(json_object_get(result, "props")) - VERDICT_COUNT + v);

		json_object_set_new(p, "class", json_string(verdict_name((enum verdict)v)));
	}
	for (size_t i = 0; i < fit_count(marks); i++) {
		const json_t *m = json_array_get(marks, i);
		char text[FIT_LINE * 2], on[FIT_LINE];

		snprintf(text, sizeof(text), "%.900s: %s became %s", fit_line(get_text(m, "on"), on), verdict_name(verdict_of(m, "was")),
			 verdict_name(verdict_of(m, "now")));
		oscal_prop(result, "mark", text, NULL, get_text(json_object_get(m, "text"), "en"));
	}
}

/* Lists longer than a report follows are cut, and the result says so. */
static void cut(const struct oscal *o, json_t *result)
{
	static const char *const lists[] = { "tests", "requirements", "records", "waivers", "findings", NULL };

	for (const char *const *l = lists; *l; l++)
		if (count_of(o->v, *l) > FIT_LIST)
			oscal_prop_int(result, "left-out", (int64_t)(count_of(o->v, *l) - FIT_LIST));
}

static json_t *result_of(struct oscal *o)
{
	CLEANUP(free_json) json_t *ids = json_object();
	const json_t *gate = json_object_get(o->v, "gate"), *notes = json_object_get(o->run, "notes");
	json_t *res = json_object();
	char time[FIT_TIME];

	oscal_set_uuid(o, res, "result", 0, "");
	oscal_prosef(res, "title", "%.300s %.300s, firmware %.200s", get_text(o->run, "maker"), get_text(o->run, "model"),
		     get_text(o->run, "firmware"));
	oscal_prosef(res, "description", "Gate %.20s: %.1000s", get_text(gate, "verdict"), get_text(gate, "why"));
	json_object_set_new(res, "start", json_string(fit_run_time(o->run, "started", time)));
	json_object_set_new(res, "end", json_string(fit_run_time(o->run, "ended", time)));
	oscal_prop(res, "gate", get_text(gate, "verdict"), is_on(gate, "rehearsal") ? "rehearsal" : NULL, get_text(gate, "why"));
	oscal_prop(res, "run-state", get_text(o->run, "state"), NULL, NULL);
	oscal_prop(res, "as-of", get_text(o->v, "as_of"), NULL, "day on which expiry was judged");
	for (size_t i = 0; i < fit_few(notes); i++)
		oscal_prop(res, "note", json_string_value(json_array_get(notes, i)) ? json_string_value(json_array_get(notes, i)) : "", NULL, NULL);
	counts(o, res);
	cut(o, res);
	runs(o, res);
	json_object_set_new(res, "local-definitions", oscal_assets(o));
	oscal_observations(o, res, ids);
	oscal_reviewed(o, res);
	oscal_findings(o, res, ids);
	return res;
}

static bool write_results(const struct result *r, FILE *out, struct err *err)
{
	json_t *doc = json_object();
	struct oscal o;
	bool ok;

	oscal_open(&o, r);
	oscal_set_uuid(&o, doc, "assessment-results", 0, get_text(r->verdicts, "as_of"));
	json_object_set_new(doc, "metadata", oscal_metadata(&o, "Results of a jusan run", get_text(json_object_get(r->verdicts, "tool"), "version")));
	json_object_set_new(doc, "import-ap", plan(&o));
	catalog(&o);
	oscal_add(doc, "results", result_of(&o));
	ok = oscal_write(&o, "assessment-results", doc, out, err);
	oscal_close(&o);
	return ok;
}

const struct report report_oscal = {
	.name = "oscal",
	.file = OSCAL_RESULTS,
	.doc = "OSCAL assessment results",
	.write = write_results,
};
