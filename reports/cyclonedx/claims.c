/* SPDX-License-Identifier: Apache-2.0
 * The attestation, requirement by requirement. PASS is a claim with score 1, FAIL a counter-claim with score 0. Nothing else
 * has a score: INCONCLUSIVE, REVIEW, NOT_TESTED, NOT_APPLICABLE and ERROR say their word and reason in the rationale. */
#include <inttypes.h>
#include <string.h>

#include "reports/cyclonedx/bom.h"

/* How far evidence of a grade carries a verdict (grade.h): a place, what was seen and a command for everything; one of
 * them missing; two; a statement only; evidence against it. Never 1: a bench sees no more than its scope. */
static const struct { const char *grade; double confidence; } carries[] = {
	{ "L1", 0.9 }, { "L2", 0.7 }, { "L3", 0.5 }, { "L4", 0.2 }, { "L5", 0.0 },
};

static json_t *confidence(const json_t *r, enum verdict v)
{
	json_t *c = json_object();
	const char *grade = get_text(r, "grade");
	char why[FIT_LINE];

	fit_line(get_text(r, "grade_why"), why);
	if (v == VERDICT_INCONCLUSIVE) {
		json_object_set_new(c, "score", json_integer(0));
		json_object_set_new(c, "rationale", json_string("The test could not have told."));
		return c;
	}
	for (size_t i = 0; i < sizeof(carries) / sizeof(carries[0]) && (v == VERDICT_PASS || v == VERDICT_FAIL); i++)
		if (!strcmp(grade, carries[i].grade)) {
			json_object_set_new(c, "score", json_real(carries[i].confidence));
			fit_putf(c, "rationale", "evidence of grade %s%s%.800s", grade, *why ? ": " : "", why);
			return c;
		}
	json_decref(c);
	return NULL;
}

static void waived(const struct bom *b, const char *id, char *buf, size_t size)
{
	const json_t *w = waiver_of(b->v, id);
	char who[FIT_LINE], why[FIT_LINE];

	buf[0] = '\0';
	if (w)
		snprintf(buf, size, " [waiver %s %.40s by %.200s: %.400s; the verdict stays]", is_on(w, "expired") ? "expired" : "until",
			 get_text(w, "until"), fit_line(get_text(w, "who"), who), fit_line(get_text(w, "why"), why));
}

static json_t *conformance(const struct bom *b, const json_t *r, enum verdict v)
{
	const json_t *na = json_object_get(r, "not_applicable");
	char waiver[FIT_LINE], why[FIT_LINE], more[FIT_LINE];
	json_t *c = json_object();

	waived(b, get_text(r, "id"), waiver, sizeof(waiver));
	fit_line(*get_text(na, "why") ? get_text(na, "why") : get_text(r, "why"), why);
	fit_line(get_text(na, "evidence"), more);
	fit_putf(c, "rationale", "%s: %.600s%s%.200s%s", verdict_name(v), *why ? why : verdict_doc(v), *more ? "; evidence " : "", more, waiver);
	if (v == VERDICT_PASS || v == VERDICT_FAIL)
		json_object_set_new(c, "score", json_integer(v == VERDICT_PASS));
	return c;
}

/* Evidence that says the same as the verdict, or not. */
static void lean(const struct bom *b, json_t *claim, const json_t *list, const json_t *refs, enum verdict v)
{
	for (size_t i = 0; i < fit_few(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));
		json_t *ref = id ? json_object_get(refs, id) : NULL;
		enum verdict own = verdict_word(ref ? get_text(b->said, json_string_value(ref)) : "");

		if (ref && own == v)
			bom_add(claim, "evidence", json_incref(ref));
		else if (ref && (own == VERDICT_PASS || own == VERDICT_FAIL))
			bom_add(claim, "counterEvidence", json_incref(ref));
	}
}

static json_t *claim(struct bom *b, const json_t *r, enum verdict v)
{
	json_t *c = json_pack("{s:o,s:s}", "bom-ref", bom_ref(b, "claim", get_text(r, "id")), "target", "device");

	fit_putf(c, "predicate", v == VERDICT_PASS ? "No indication, in the scope tested, that %.100s is not kept: %.900s" : "%.100s is not kept: %.900s",
		 get_text(r, "id"), get_text(json_object_get(r, "text"), "en"));
	fit_put(c, "reasoning", get_text(r, "why"));
	lean(b, c, json_object_get(r, "decided_by"), b->test, v);
	lean(b, c, json_object_get(r, "supported_by"), b->test, v);
	lean(b, c, json_object_get(r, "records"), b->record, v);
	return c;
}

static json_t *row(struct bom *b, const json_t *r, json_t *claims)
{
	enum verdict v = verdict_of(r, "verdict");
	json_t *m = json_pack("{s:O,s:o}", "requirement", json_object_get(b->requirement, get_text(r, "id")), "conformance", conformance(b, r, v));
	json_t *sure = confidence(r, v), *c;

	if (sure)
		json_object_set_new(m, "confidence", sure);
	if (v == VERDICT_PASS || v == VERDICT_FAIL) {
		c = claim(b, r, v);
		bom_add(m, v == VERDICT_PASS ? "claims" : "counterClaims", json_incref(json_object_get(c, "bom-ref")));
		json_array_append_new(claims, c);
	}
	return m;
}

json_t *bom_map(struct bom *b, json_t *claims)
{
	const json_t *list = json_object_get(b->v, "requirements");
	json_t *ret = json_array();

	for (size_t i = 0; i < fit_count(list); i++)
		json_array_append_new(ret, row(b, json_array_get(list, i), claims));
	return ret;
}

json_t *bom_waivers(struct bom *b)
{
	const json_t *list = json_object_get(b->v, "waivers");
	json_t *ret = json_array();

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *w = json_array_get(list, i);
		json_t *ref = json_object_get(b->requirement, get_text(w, "id")), *who = bom_contact(get_text(w, "who")), *a;
		char time[FIT_TIME], why[FIT_LINE];

		if (!ref)
			ref = json_object_get(b->test, get_text(w, "id"));
		if (!ref)
			ref = json_object_get(b->record, get_text(w, "id"));
		if (!*fit_time(get_text(w, "date"), time))
			fit_run_time(b->run, "ended", time);
		a = json_pack("{s:o,s:[o],s:{s:o},s:s}", "bom-ref", bom_ref(b, "waiver", get_text(w, "id")), "subjects",
			      ref ? json_incref(ref) : json_string("standard"), "annotator", "individual", who ? who : json_pack("{s:s}", "name", "?"),
			      "timestamp", time);
		fit_putf(a, "text", "Waiver for %.100s, %s %.40s: %.800s. The verdict stays as it is.", get_text(w, "id"),
			 is_on(w, "expired") ? "expired" : "until", get_text(w, "until"), fit_line(get_text(w, "why"), why));
		json_array_append_new(ret, a);
	}
	return ret;
}

static void several(json_t *doc, const json_t *t)
{
	const json_t *units = json_object_get(t, "units");
	char id[FIT_TOKEN], value[80];

	fit_token(get_text(t, "id"), id);
	if (json_object_get(t, "round_verdicts")) {
		snprintf(value, sizeof(value), "%" PRId64 " ppm of %" PRId64 " rounds", get_int(t, "flaky"), get_int(t, "rounds"));
		bom_propertyf(doc, value, "jusan:flaky:%s", id);
	}
	for (size_t i = 0; i < fit_few(units); i++)
		bom_propertyf(doc, verdict_name(verdict_of(json_array_get(units, i), "verdict")), "jusan:verdict:%s:unit%" PRId64, id,
			      get_int(json_array_get(units, i), "unit"));
}

void bom_verdicts(const struct bom *b, json_t *doc)
{
	static const char *const lists[] = { "tests", "records", "requirements", "guidelines", NULL };

	for (const char *const *l = lists; *l; l++) {
		const json_t *list = json_object_get(b->v, *l);

		for (size_t i = 0; i < fit_count(list); i++) {
			const json_t *e = json_array_get(list, i);
			char id[FIT_TOKEN];

			bom_propertyf(doc, verdict_name(verdict_of(e, "verdict")), "jusan:verdict:%s", fit_token(get_text(e, "id"), id));
			if (l == lists)
				several(doc, e);
		}
		if (json_array_size(list) > FIT_LIST)
			bom_propertyf(doc, "true", "jusan:left-out:%s", *l);
	}
}
