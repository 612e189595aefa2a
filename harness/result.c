// SPDX-License-Identifier: Apache-2.0
#include "harness/result.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"

#define RESULT_MAX ((size_t)256 << 20)

static const struct { const char *name, *doc; int severity; } verdicts[] = {
#define X(name, severity, doc) [VERDICT_##name] = { #name, doc, severity },
	VERDICTS(X)
#undef X
};

const char *verdict_name(enum verdict v)
{
	return verdicts[v].name;
}

const char *verdict_doc(enum verdict v)
{
	return verdicts[v].doc;
}

int verdict_severity(enum verdict v)
{
	return verdicts[v].severity;
}

bool verdict_parse(const char *name, enum verdict *ret)
{
	for (unsigned i = 0; name && i < VERDICT_COUNT; i++)
		if (!strcmp(verdicts[i].name, name)) {
			*ret = (enum verdict)i;
			return true;
		}
	return false;
}

enum verdict verdict_worst(const enum verdict *v, unsigned n)
{
	enum verdict worst = n ? VERDICT_NOT_APPLICABLE : VERDICT_NOT_TESTED;

	for (unsigned i = 0; i < n; i++)
		if (verdicts[v[i]].severity > verdicts[worst].severity)
			worst = v[i];
	return worst;
}

/* ---- the outline of verdicts.json: what every report relies on ---- */
enum need { NEED_TEXT, NEED_INT, NEED_BOOL, NEED_VERDICT, NEED_TEXTS, NEED_OBJECT, NEED_ARRAY, NEED_GATE, NEED_TRUTH };
struct field { const char *name; enum need need; const struct field *inside; };  /* of an object, or of each element */

static const struct field by_language[] = { { "en", NEED_TEXT, NULL }, { "ja", NEED_TEXT, NULL }, { 0 } };
static const struct field score[] = { { "low", NEED_INT, NULL }, { "high", NEED_INT, NULL }, { 0 } };
static const struct field covered[] = { { "evaluated", NEED_INT, NULL }, { "applicable", NEED_INT, NULL }, { 0 } };
static const struct field coverage[] = {
	{ "all", NEED_OBJECT, covered }, { "a", NEED_OBJECT, covered }, { "b", NEED_OBJECT, covered },
	{ "c", NEED_OBJECT, covered }, { 0 }
};
static const struct field gate[] = { { "verdict", NEED_GATE, NULL }, { "why", NEED_TEXT, NULL }, { "rehearsal", NEED_BOOL, NULL }, { 0 } };
static const struct field guideline[] = {
	{ "id", NEED_TEXT, NULL }, { "title", NEED_OBJECT, by_language }, { "priority", NEED_BOOL, NULL },
	{ "verdict", NEED_VERDICT, NULL }, { "should_verdict", NEED_VERDICT, NULL }, { "score", NEED_OBJECT, score },
	{ "coverage", NEED_OBJECT, coverage }, { "requirements", NEED_TEXTS, NULL }, { "tests", NEED_TEXTS, NULL }, { 0 }
};
static const struct field requirement[] = {
	{ "id", NEED_TEXT, NULL }, { "guideline", NEED_TEXT, NULL }, { "text", NEED_OBJECT, by_language },
	{ "phrase", NEED_TEXT, NULL }, { "force", NEED_TEXT, NULL }, { "who", NEED_TEXTS, NULL }, { "class", NEED_TEXT, NULL },
	{ "verdict", NEED_VERDICT, NULL }, { "why", NEED_TEXT, NULL }, { "decided_by", NEED_TEXTS, NULL },
	{ "supported_by", NEED_TEXTS, NULL }, { "records", NEED_TEXTS, NULL }, { 0 }
};
static const struct field claim[] = {
	{ "part", NEED_TEXT, NULL }, { "rep", NEED_TEXT, NULL }, { "text", NEED_TEXT, NULL }, { "expected", NEED_TEXT, NULL },
	{ "actual", NEED_TEXT, NULL }, { "truth", NEED_TRUTH, NULL }, { "verdict", NEED_VERDICT, NULL }, { "why", NEED_TEXT, NULL },
	{ "at", NEED_ARRAY, NULL }, { 0 }
};
static const struct field limit[] = {
	{ "name", NEED_TEXT, NULL }, { "text", NEED_TEXT, NULL }, { "origin", NEED_TEXT, NULL }, { "source", NEED_TEXT, NULL },
	{ "flag", NEED_BOOL, NULL }, { 0 }
};
static const struct field step[] = {
	{ "n", NEED_INT, NULL }, { "rep", NEED_TEXT, NULL }, { "part", NEED_TEXT, NULL }, { "label", NEED_TEXT, NULL },
	{ "verb", NEED_TEXT, NULL }, { "begin_ns", NEED_INT, NULL }, { "end_ns", NEED_INT, NULL }, { "status", NEED_TEXT, NULL },
	{ "text", NEED_TEXT, NULL }, { 0 }
};
static const struct field test[] = {
	{ "id", NEED_TEXT, NULL }, { "title", NEED_OBJECT, by_language }, { "guideline", NEED_TEXT, NULL },
	{ "decides", NEED_TEXTS, NULL }, { "supports", NEED_TEXTS, NULL }, { "state", NEED_TEXT, NULL },
	{ "verdict", NEED_VERDICT, NULL }, { "why", NEED_TEXT, NULL }, { "unit", NEED_INT, NULL }, { "attempts", NEED_INT, NULL },
	{ "begin_ns", NEED_INT, NULL }, { "end_ns", NEED_INT, NULL }, { "limits", NEED_ARRAY, limit },
	{ "claims", NEED_ARRAY, claim }, { "steps", NEED_ARRAY, step }, { "scope", NEED_TEXTS, NULL },
	{ "observers", NEED_TEXTS, NULL }, { "reproduce", NEED_TEXT, NULL }, { "file", NEED_TEXT, NULL },
	{ "line", NEED_INT, NULL }, { 0 }
};
static const struct field lane[] = {
	{ "name", NEED_TEXT, NULL }, { "kind", NEED_TEXT, NULL }, { "items", NEED_ARRAY, (const struct field[]){ { "t_ns", NEED_INT, NULL }, { 0 } } },
	{ 0 }
};
static const struct field timeline[] = {
	{ "begin_ns", NEED_INT, NULL }, { "end_ns", NEED_INT, NULL }, { "lanes", NEED_ARRAY, lane }, { 0 }
};
static const struct field line[] = { { "name", NEED_TEXT, NULL }, { "driver", NEED_TEXT, NULL }, { "notes", NEED_TEXTS, NULL }, { 0 } };
static const struct field bench[] = { { "lines", NEED_ARRAY, line }, { "drops", NEED_INT, NULL }, { 0 } };
static const struct field tool[] = { { "name", NEED_TEXT, NULL }, { "version", NEED_TEXT, NULL }, { 0 } };
static const struct field whole[] = {
	{ "format", NEED_TEXT, NULL }, { "tool", NEED_OBJECT, tool }, { "decided", NEED_INT, NULL }, { "open", NEED_INT, NULL },
	{ "of", NEED_INT, NULL }, { "run", NEED_OBJECT, NULL }, { "counts", NEED_OBJECT, NULL }, { "gate", NEED_OBJECT, gate },
	{ "guidelines", NEED_ARRAY, guideline }, { "requirements", NEED_ARRAY, requirement }, { "tests", NEED_ARRAY, test },
	{ "timeline", NEED_OBJECT, timeline }, { "bench", NEED_OBJECT, bench }, { "declared", NEED_OBJECT, NULL },
	{ "waivers", NEED_ARRAY, NULL }, { 0 }
};

/* Runs judged by an earlier version have none of these. */
static const struct field mapping_line[] = {
	{ "id", NEED_TEXT, NULL }, { "topic", NEED_OBJECT, by_language }, { "verdict", NEED_VERDICT, NULL }, { "why", NEED_TEXT, NULL },
	{ "from", NEED_TEXTS, NULL }, { "certainty", NEED_TEXT, NULL }, { 0 }
};
static const struct field mapping[] = {
	{ "id", NEED_TEXT, NULL }, { "title", NEED_OBJECT, by_language }, { "edition", NEED_TEXT, NULL }, { "source", NEED_TEXT, NULL },
	{ "counts", NEED_OBJECT, NULL }, { "mandatory", NEED_OBJECT, NULL }, { "unverified", NEED_INT, NULL },
	{ "conditions", NEED_ARRAY, NULL }, { "features", NEED_ARRAY, NULL }, { "lines", NEED_ARRAY, mapping_line }, { 0 }
};
static const struct field record[] = {
	{ "id", NEED_TEXT, NULL }, { "title", NEED_OBJECT, by_language }, { "serves", NEED_TEXTS, NULL }, { "verdict", NEED_VERDICT, NULL },
	{ "why", NEED_TEXT, NULL }, { "earlier", NEED_ARRAY, NULL }, { 0 }
};
static const struct field mark[] = {
	{ "pattern", NEED_INT, NULL }, { "on", NEED_TEXT, NULL }, { "text", NEED_OBJECT, by_language }, { "was", NEED_VERDICT, NULL },
	{ "now", NEED_VERDICT, NULL }, { 0 }
};
static const struct field finding[] = {
	{ "kind", NEED_TEXT, NULL }, { "text", NEED_TEXT, NULL }, { "where", NEED_TEXT, NULL }, { "lines", NEED_TEXTS, NULL }, { 0 }
};
static const struct field later[] = {
	{ "mappings", NEED_ARRAY, mapping }, { "records", NEED_ARRAY, record }, { "marks", NEED_ARRAY, mark }, { "as_of", NEED_TEXT, NULL },
	{ "on_default", NEED_INT, NULL }, { "declaration", NEED_OBJECT, NULL }, { "findings", NEED_ARRAY, finding }, { 0 }
};

static bool is_one_of(const json_t *v, const char *const *words)
{
	for (; json_is_string(v) && *words; words++)
		if (!strcmp(json_string_value(v), *words))
			return true;
	return false;
}

static bool is_texts(const json_t *v)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)v, i, e)
		if (!json_is_string(e))
			return false;
	return json_is_array(v);
}

static bool fits(const json_t *v, enum need need)
{
	static const char *const gates[] = { "MET", "NOT MET", "OPEN", NULL };
	static const char *const truths[] = { "true", "false", "unknown", NULL };
	enum verdict verdict;

	switch (need) {
	case NEED_TEXT: return json_is_string(v);
	case NEED_INT: return json_is_integer(v);
	case NEED_BOOL: return json_is_boolean(v);
	case NEED_VERDICT: return verdict_parse(json_string_value(v), &verdict);
	case NEED_TEXTS: return is_texts(v);
	case NEED_OBJECT: return json_is_object(v);
	case NEED_ARRAY: return json_is_array(v);
	case NEED_GATE: return is_one_of(v, gates);
	case NEED_TRUTH: return is_one_of(v, truths);
	}
	return false;
}

static bool outline(const json_t *v, const struct field *f, const char *path, struct err *err)
{
	for (; f->name; f++) {
		const json_t *child = json_object_get(v, f->name);
		char name[192];
		size_t i;
		json_t *e;

		snprintf(name, sizeof(name), "%.128s%s%s", path, path[0] ? "." : "", f->name);
		if (!child || !fits(child, f->need))
			return err_set(err, ERR_CONF, "verdicts.json: '%s' is missing or of the wrong kind", name);
		if (f->inside && f->need == NEED_OBJECT && !outline(child, f->inside, name, err))
			return false;
		json_array_foreach((json_t *)(f->inside && f->need == NEED_ARRAY ? child : NULL), i, e)
			if (!json_is_object(e) || !outline(e, f->inside, name, err))
				return json_is_object(e) ? false : err_set(err, ERR_CONF, "verdicts.json: '%s' holds no objects", name);
	}
	return true;
}

bool result_check(const json_t *v, struct err *err)
{
	const char *format = json_string_value(json_object_get(v, "format"));

	if (!format || strcmp(format, RESULT_FORMAT))
		return err_set(err, ERR_CONF, "verdicts.json: not of format " RESULT_FORMAT);
	if (!outline(v, whole, "", err))
		return false;
	for (const struct field *f = later; f->name; f++) {
		const struct field one[] = { *f, { 0 } };

		if (json_object_get(v, f->name) && !outline(v, one, "", err))
			return false;
	}
	return true;
}

bool result_load(const char *dir, struct result *ret, struct err *err)
{
	char path[FS_PATH];
	json_t *v;

	if (!fs_join(path, dir, "verdicts.json", err) || !fs_read_json(path, RESULT_MAX, &v, err))
		return false;
	if (!result_check(v, err)) {
		json_decref(v);
		return err_in(err, "%s", dir);
	}
	*ret = (struct result){ dir, v };
	return true;
}

void result_free(struct result *r)
{
	json_decref(r->verdicts);
	*r = (struct result){ 0 };
}

int result_status(const struct result *r)
{
	bool seen[VERDICT_COUNT] = { 0 };
	enum verdict v;
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(r->verdicts, "tests"), i, t)
		if (verdict_parse(json_string_value(json_object_get(t, "verdict")), &v) && v != VERDICT_COUNT)
			seen[v] = true;
	if (seen[VERDICT_FAIL])
		return 1;
	if (seen[VERDICT_ERROR])
		return 3;
	if (seen[VERDICT_INCONCLUSIVE] || seen[VERDICT_REVIEW] || seen[VERDICT_NOT_TESTED])
		return 2;
	return seen[VERDICT_PASS] || seen[VERDICT_NOT_APPLICABLE] ? 0 : 2;
}
