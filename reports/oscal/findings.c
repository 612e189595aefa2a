/* SPDX-License-Identifier: Apache-2.0
 * Requirements as findings. OSCAL knows two states, jusan seven verdicts: PASS alone is satisfied; FAIL, INCONCLUSIVE and ERROR
 * are not satisfied, for the reasons fail and other; REVIEW has an observation and no finding; NOT_APPLICABLE is excluded and
 * NOT_TESTED listed, both with the reason. The verdict itself stands beside in a property. */
#include <string.h>

#include "reports/oscal/results.h"

static const struct { const char *state, *reason; } as[VERDICT_COUNT] = {
	[VERDICT_PASS] = { "satisfied", "pass" },
	[VERDICT_FAIL] = { "not-satisfied", "fail" },
	[VERDICT_INCONCLUSIVE] = { "not-satisfied", "other" },
	[VERDICT_ERROR] = { "not-satisfied", "other" },
};

/* ---- reviewed-controls ---- */

static json_t *selection(const char *description)
{
	return json_pack("{s:s}", "description", description);
}

static void select_control(json_t *s, const char *list, const char *id)
{
	oscal_add(s, list, json_pack("{s:s}", "control-id", id));
}

/* For programs; people find it in the remarks. */
static void not_evaluated(json_t *reviewed, const json_t *r, enum verdict v, const char *control)
{
	const json_t *na = json_object_get(r, "not_applicable");
	char why[FIT_LINE * 2 + 40], text[FIT_LINE], evidence[FIT_LINE];
	bool out = v == VERDICT_NOT_APPLICABLE;

	fit_line(*get_text(na, "why") ? get_text(na, "why") : get_text(r, "why"), text);
	snprintf(why, sizeof(why), "%s%s%s", *text ? text : verdict_doc(v), out && *get_text(na, "evidence") ? "; evidence " : "",
		 out ? fit_line(get_text(na, "evidence"), evidence) : "");
	oscal_prop(reviewed, out ? "not-applicable" : "not-tested", control, NULL, why);
}

/* A line for people: which ids have this verdict, and why. */
static void remark(const json_t *list, enum verdict v, const char *head, char **text)
{
	size_t n = 0;
	FILE *out = open_memstream(text, &n);
	int64_t count = 0;

	if (!out)
		return;
	fprintf(out, "%s", head);
	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *r = json_array_get(list, i);
		char id[FIT_TOKEN];

		if (verdict_of(r, "verdict") == v)
			fprintf(out, "%s%s", count++ ? ", " : " ", fit_token(get_text(r, "id"), id));
	}
	fprintf(out, "%s", count ? "." : " none.");
	fclose(out);
}

static void remarks(const struct oscal *o, json_t *reviewed)
{
	const json_t *list = json_object_get(o->v, "requirements");
	char *untested = NULL, *out = NULL;

	remark(list, VERDICT_NOT_TESTED, "Not tested, so without a finding:", &untested);
	remark(list, VERDICT_NOT_APPLICABLE, "Not applicable, so excluded (reason and evidence: property not-applicable):", &out);
	json_object_set_new(reviewed, "remarks", json_sprintf("%s\n\n%s", untested ? untested : "", out ? out : ""));
	free(untested);
	free(out);
}

void oscal_reviewed(const struct oscal *o, json_t *result)
{
	const json_t *list = json_object_get(o->v, "requirements");
	json_t *reviewed = json_object(), *seen = json_object();
	json_t *judged = selection("Evaluated: each has a finding."), *open = selection("Looked at, and waiting for a person: none has a finding yet.");
	json_t *out = selection("Nothing was evaluated.");

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *r = json_array_get(list, i);
		enum verdict v = verdict_of(r, "verdict");
		char id[FIT_TOKEN];
		bool again = json_object_get(seen, fit_token(get_text(r, "id"), id));

		if (!as[v].state && v != VERDICT_REVIEW)
			not_evaluated(reviewed, r, v, id);
		if (again)
			continue;
		json_object_set_new(seen, id, json_true());
		if (as[v].state)
			select_control(judged, "include-controls", id);
		else if (v == VERDICT_REVIEW)
			select_control(open, "include-controls", id);
		else if (v == VERDICT_NOT_APPLICABLE)
			select_control(judged, "exclude-controls", id);
		select_control(out, "exclude-controls", id);
	}
	json_decref(seen);
	if (!json_object_get(judged, "include-controls") && json_object_get(open, "include-controls") && json_object_get(judged, "exclude-controls"))
		json_object_set(open, "exclude-controls", json_object_get(judged, "exclude-controls"));
	if (json_object_get(judged, "include-controls"))
		oscal_add(reviewed, "control-selections", json_incref(judged));
	if (json_object_get(open, "include-controls"))
		oscal_add(reviewed, "control-selections", json_incref(open));
	if (!json_object_get(reviewed, "control-selections")) { /* the schema wants one: all of them, less all of them */
		json_object_set_new(out, "include-all", json_object());
		oscal_add(reviewed, "control-selections", json_incref(out));
	}
	json_decref(judged);
	json_decref(open);
	json_decref(out);
	remarks(o, reviewed);
	json_object_set_new(result, "reviewed-controls", reviewed);
}

/* ---- findings and risks ---- */

static void related(json_t *to, const json_t *ids, const json_t *list)
{
	for (size_t i = 0; i < fit_few(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id && *get_text(ids, id))
			oscal_add(to, "related-observations", json_pack("{s:s}", "observation-uuid", get_text(ids, id)));
	}
}

static void props(json_t *f, const json_t *r, enum verdict v)
{
	static const struct { const char *name, *key; } lists[] = { { "decided-by", "decided_by" }, { "supported-by", "supported_by" },
								    { "record", "records" } };

	oscal_prop(f, "verdict", verdict_name(v), NULL, verdict_doc(v));
	oscal_prop(f, "force", get_text(r, "force"), NULL, NULL);
	oscal_prop(f, "grade", get_text(r, "grade"), NULL, get_text(r, "grade_why"));
	if (is_on(r, "on_default"))
		oscal_prop(f, "on-default", "true", NULL, "A limit that decided is a default, which nobody chose.");
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		for (size_t i = 0; i < fit_few(json_object_get(r, lists[k].key)); i++) {
			const char *id = json_string_value(json_array_get(json_object_get(r, lists[k].key), i));

			oscal_prop(f, lists[k].name, id ? id : "", NULL, NULL);
		}
}

/* A "shall" that failed stays a risk until the device changes; a waiver is noted on it and leaves it open. */
static void risk(const struct oscal *o, json_t *result, json_t *finding, const json_t *r, size_t i)
{
	json_t *k = json_object();

	oscal_set_uuid(o, k, "risk", i, get_text(r, "id"));
	oscal_prosef(k, "title", "%.200s is not kept", get_text(r, "id"));
	oscal_prose(k, "description", get_text(r, "why"), "failed");
	oscal_prose(k, "statement", get_text(json_object_get(r, "text"), "en"), "failed");
	json_object_set_new(k, "status", json_string("open"));
	oscal_waivers(o, k, get_text(r, "id"));
	oscal_by_tool(o, k);
	if (json_object_get(finding, "related-observations"))
		json_object_set(k, "related-observations", json_object_get(finding, "related-observations"));
	oscal_add(finding, "related-risks", json_pack("{s:O}", "risk-uuid", json_object_get(k, "uuid")));
	oscal_add(result, "risks", k);
}

static void finding(const struct oscal *o, json_t *result, const json_t *ids, const json_t *r, enum verdict v, size_t i)
{
	json_t *f = json_object(), *target;
	char id[FIT_TOKEN];

	oscal_set_uuid(o, f, "finding", i, get_text(r, "id"));
	oscal_prosef(f, "title", "%.200s %s", get_text(r, "id"), verdict_name(v));
	oscal_prose(f, "description", get_text(r, "why"), verdict_doc(v));
	props(f, r, v);
	oscal_waivers(o, f, get_text(r, "id"));
	oscal_by_tool(o, f);
	fit_token(get_text(r, "id"), id);
	target = json_pack("{s:s,s:o,s:{s:s,s:s}}", "type", "objective-id", "target-id", json_sprintf("%s_obj", id), "status", "state", as[v].state,
			   "reason", as[v].reason);
	oscal_prose(target, "title", get_text(json_object_get(r, "text"), "en"), NULL);
	oscal_prop(target, "control", id, NULL, NULL);
	json_object_set_new(f, "target", target);
	related(f, ids, json_object_get(r, "decided_by"));
	related(f, ids, json_object_get(r, "supported_by"));
	related(f, ids, json_object_get(r, "records"));
	if (v == VERDICT_FAIL && !strcmp(get_text(r, "force"), "shall"))
		risk(o, result, f, r, i);
	oscal_add(result, "findings", f);
}

void oscal_findings(const struct oscal *o, json_t *result, const json_t *ids)
{
	const json_t *list = json_object_get(o->v, "requirements");

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *r = json_array_get(list, i);
		enum verdict v = verdict_of(r, "verdict");

		if (as[v].state)
			finding(o, result, ids, r, v, i);
		else if (v != VERDICT_REVIEW)
			oscal_waivers(o, result, get_text(r, "id"));
	}
}
