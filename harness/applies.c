// SPDX-License-Identifier: Apache-2.0
// Which requirements do not concern this product. requirements.yaml says on what each depends:
//   applies_if: {en303645-v2.1.1: {condition: 6}, en303645-v3.1.3: {feature: w}}
// An edition is out when one of its conditions (a list means all must be true) is false with evidence; the requirement is
// not applicable when every edition named there is out.
#include <stdio.h>
#include <string.h>

#include "harness/declare.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- reasons that are none ---- */
const char *reason_circular(const char *text)
{
	static const char *const circular[] = {
		"not happened", "n't happened", "never happen", "not occurred", "n't occurred", "never occur", "did not happen", "did not occur",
		"no incident", "no such event", "no case so far", "not been observed", "never been observed", "not yet been seen", "never seen",
		"never been reported", "not been reported", "never had to", "not yet needed",
		"発生していない", "発生したことがない", "発生したことはない", "起きていない", "起きたことがない", "起こったことがない", "未発生",
		"事例がない", "実績がない", "報告されていない", "報告はない", NULL
	};

	for (const char *const *c = circular; *c; c++)
		if (strcasestr(text, *c))
			return *c;
	return NULL;
}

/* ---- one requirement ---- */
struct out { char why[400], evidence[240]; };

static void name_of(const json_t *id, char ret[static 8])
{
	if (json_is_integer(id))
		snprintf(ret, 8, "%" JSON_INTEGER_FORMAT, json_integer_value(id) % 1000);
	else
		snprintf(ret, 8, "%.7s", json_string_value(id) ? json_string_value(id) : "");
}

static bool term_out(const char *word, const json_t *id, const json_t *declared, const json_t *declaration, const json_t *known, struct out *o)
{
	char name[8];
	const json_t *t;
	const char *evidence;

	name_of(id, name);
	t = declaration_term(declaration, name);
	evidence = text_of(t, "evidence");
	if (!json_is_false(json_object_get(t, "value")) || !evidence[0] || !evidence_exists(declared, known, evidence))
		return false;
	text_add(o->why, sizeof(o->why), "%s%s %s is false: it is not so that %s", o->why[0] ? "; " : "", word, name,
		 text_of(json_object_get(t, "text"), "en"));
	if (!strstr(o->evidence, evidence))
		text_add(o->evidence, sizeof(o->evidence), "%s%s", o->evidence[0] ? ", " : "", evidence);
	return true;
}

static bool any_out(const char *word, const json_t *ids, const json_t *declared, const json_t *declaration, const json_t *known, struct out *o)
{
	size_t i;
	json_t *id;

	if (ids && !json_is_array(ids))
		return term_out(word, ids, declared, declaration, known, o);
	json_array_foreach((json_t *)(uintptr_t)ids, i, id)
		if (term_out(word, id, declared, declaration, known, o))
			return true;
	return false;
}

static bool is_out(const json_t *applies_if, const json_t *declared, const json_t *declaration, const json_t *known, struct out *o)
{
	const char *edition;
	json_t *on;

	if (!json_object_size(applies_if))
		return false;
	json_object_foreach((json_t *)(uintptr_t)applies_if, edition, on) {
		struct out here = { 0 };

		if (!any_out("condition", json_object_get(on, "condition"), declared, declaration, known, &here) &&
		    !any_out("feature", json_object_get(on, "feature"), declared, declaration, known, &here))
			return false;
		text_add(o->why, sizeof(o->why), "%s%s: %s", o->why[0] ? "; " : "", edition, here.why);
		if (!strstr(o->evidence, here.evidence))
			text_add(o->evidence, sizeof(o->evidence), "%s%s", o->evidence[0] ? ", " : "", here.evidence);
	}
	return true;
}

json_t *applies_not(const json_t *requirements, const json_t *declared, const json_t *declaration, const json_t *known)
{
	json_t *out = json_object(), *r;
	size_t i;

	json_array_foreach(json_object_get(requirements, "requirements"), i, r) {
		struct out o = { 0 };

		if (is_out(json_object_get(r, "applies_if"), declared, declaration, known, &o))
			json_object_set_new(out, text_of(r, "id"), json_pack("{s:s,s:s}", "why", o.why, "evidence", o.evidence));
	}
	return out;
}
