// SPDX-License-Identifier: Apache-2.0
// Where the bench saw something else than the declaration says. Known by their form, not by their test:
//   a claim that was false and compares with declared.X, or with the fact `undeclared` of a step whose parameter `allowed`
//   is declared.X: X is not complete;
//   the procedure read_version as the first step of a part: nothing was done to the firmware yet;
//   a test that found something to judge although the requirement's condition is declared false.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/declare.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static const json_t *place(const struct contradict *c, const char *path)
{
	return json_object_get(json_object_get(c->declared, "places"), path);
}

/* ---- the journal ---- */
/* Where record n stands: at n - 1, unless the journal begins elsewhere. */
static size_t index_of(const struct contradict *c, json_int_t n)
{
	size_t size = records_n(c->records);

	if (n > 0 && (size_t)n <= size && records_at(c->records, (size_t)n - 1)->n == n)
		return (size_t)n - 1;
	for (size_t i = 0; i < size; i++)
		if (records_at(c->records, i)->n == n)
			return i;
	return SIZE_MAX;
}

static bool same_step(const struct record *a, const struct record *b)
{
	return a->where == b->where && !strcmp(a->spot->step, b->spot->step);
}

/* The record that began the step which record n observed, found close before it; new reference, NULL when it is not there. */
static json_t *step_of(const struct contradict *c, json_int_t n)
{
	size_t at = c->records ? index_of(c, n) : SIZE_MAX;

	for (size_t i = at; at != SIZE_MAX && i-- > 0;) {
		const struct record *r = records_at(c->records, i);

		if (r->kind == RECORD_step && same_step(r, records_at(c->records, at)))
			return records_json(c->records, r);
	}
	return NULL;
}

static const json_t *journal_pointer(const json_t *claim)
{
	size_t i;
	json_t *p;

	json_array_foreach(json_object_get(claim, "at"), i, p)
		if (json_object_get(p, "journal"))
			return p;
	return NULL;
}

/* ---- what is not complete ---- */
/* "interface.allow" of a claim that is false, or NULL. */
static const char *refuted(const struct contradict *c, const json_t *claim, char buf[static 128])
{
	const char *text = text_of(claim, "text"), *at = strstr(text, "(declared.");
	const json_t *pointer = journal_pointer(claim), *allowed;
	CLEANUP(free_json) json_t *step = NULL;

	if (strcmp(text_of(claim, "truth"), "false"))
		return NULL;
	if (at && strstr(text, " within ")) {
		snprintf(buf, 128, "%.*s", (int)strcspn(at + 10, ")"), at + 10);
		return buf;
	}
	if (!pointer || !strstr(text, ".undeclared "))
		return NULL;
	step = step_of(c, json_integer_value(json_object_get(pointer, "journal")));
	allowed = json_object_get(json_object_get(json_object_get(step, "args"), "allowed"), "$");
	if (!json_is_string(allowed) || strncmp(json_string_value(allowed), "declared.", 9))
		return NULL;
	snprintf(buf, 128, "%s", json_string_value(allowed) + 9);
	return buf;
}

static bool known_already(const json_t *findings, const char *text)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)(uintptr_t)findings, i, f)
		if (!strcmp(text_of(f, "text"), text))
			return true;
	return false;
}

static void check_claim(const struct contradict *c, const json_t *test, const json_t *claim, json_t *out)
{
	char path[128], text[600];
	const char *actual = text_of(claim, "actual"), *beyond = strstr(actual, "beyond it ");
	const json_t *pointer = json_array_get(json_object_get(claim, "at"), 0);

	if (!refuted(c, claim, path))
		return;
	snprintf(text, sizeof(text), "%s is declared to be all; %s saw also %.300s", path, text_of(test, "id"), beyond ? beyond + 10 : actual);
	if (!known_already(out, text))          /* once, not in each repetition */
		finding_add(out, "bench-undeclared", text_of(place(c, path), "where"), NULL, pointer ? json_deep_copy(pointer) : NULL, "%s", text);
}

/* ---- the version ---- */
static bool reads_version(const struct contradict *c, const struct record *rec)
{
	json_t *step;
	bool yes;

	if (rec->kind != RECORD_step || strcmp(rec->spot->step, "1") != 0)
		return false;
	step = records_json(c->records, rec);
	yes = !strcmp(text_of(json_object_get(step, "args"), "procedure"), "read_version");
	json_decref(step);
	return yes;
}

/* The version that such a step saw; new reference, NULL when it saw none. */
static json_t *version_in(const struct contradict *c, const struct record *rec)
{
	CLEANUP(free_json) json_t *ok = records_fact(c->records, rec, "ok");
	json_t *version = json_is_true(ok) ? records_fact(c->records, rec, "version") : NULL;

	if (json_string_length(version) > 0)
		return version;
	json_decref(version);
	return NULL;
}

static const struct record *first_version(const struct contradict *c, json_t **ret_version)
{
	const struct record *step = NULL;

	*ret_version = NULL;
	for (size_t i = 0; c->records && i < records_n(c->records); i++) {
		const struct record *r = records_at(c->records, i);

		if (reads_version(c, r))
			step = r;
		if (step && r->kind == RECORD_observe && same_step(step, r) && (*ret_version = version_in(c, r)))
			return r;
	}
	return NULL;
}

static void check_version(const struct contradict *c, json_t *out)
{
	const char *firmware = text_of(json_object_get(c->declared, "identity"), "firmware");
	CLEANUP(free_json) json_t *read = NULL;
	const struct record *r = first_version(c, &read);

	if (r && firmware[0] && strcmp(json_string_value(read), firmware) != 0)
		finding_add(out, "bench-version", text_of(place(c, "identity.firmware"), "where"), NULL,
			    json_pack("{s:I}", "journal", (json_int_t)r->n),
			    "identity.firmware is %.60s; %s read %.60s before anything was done to it", firmware, r->where->test,
			    json_string_value(read));
}

/* ---- conditions ---- */
static bool decides(const json_t *test, const char *requirement)
{
	size_t i;
	json_t *id;

	json_array_foreach(json_object_get(test, "decides"), i, id)
		if (json_is_string(id) && !strcmp(json_string_value(id), requirement))
			return true;
	return false;
}

static void check_condition(const struct contradict *c, const char *requirement, const json_t *not_applicable, json_t *out)
{
	size_t i;
	json_t *t;

	json_array_foreach((json_t *)(uintptr_t)c->tests, i, t) {
		const char *verdict = text_of(t, "verdict");

		if (decides(t, requirement) && (!strcmp(verdict, "PASS") || !strcmp(verdict, "FAIL")))
			finding_add(out, "bench-condition", "", NULL, NULL, "%s does not apply (%.300s), but %s found something to judge: %s", requirement,
				    text_of(not_applicable, "why"), text_of(t, "id"), verdict);
	}
}

void contradict_seen(const struct contradict *c, json_t *findings)
{
	json_t *not_applicable = applies_not(c->requirements, c->declared, c->declaration, c->known), *t, *claim, *na;
	const char *id;
	size_t i, k;

	json_array_foreach((json_t *)(uintptr_t)c->tests, i, t)
		json_array_foreach(json_object_get(t, "claims"), k, claim)
			check_claim(c, t, claim, findings);
	check_version(c, findings);
	json_object_foreach(not_applicable, id, na)
		check_condition(c, id, na, findings);
	json_decref(not_applicable);
}
