// SPDX-License-Identifier: Apache-2.0
// One file of suites/mappings/: the lines of another scheme, typed, and tied to requirements, tests and records.
#include <string.h>

#include "harness/load.h"
#include "harness/mapping.h"

#define IXIT_TABLES 29

static const char *const none[] = { NULL };

const struct mapping_line *mapping_line(const struct mapping *m, const char *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->line[i].id, id))
			return &m->line[i];
	return NULL;
}

/* Reports and goes on with the next thing. */
static bool ok(struct loader *l, bool fine, struct err *err)
{
	if (!fine)
		load_fault(l, err);
	*err = (struct err){ 0 };
	return fine;
}

/* ---- a line ---- */
static bool parse_ixit(struct loader *l, const struct conf *c, struct mapping_line *line, struct err *err)
{
	json_int_t *ixit = arena_alloc(l->a, (c ? c->n : 0) + 1, sizeof(*ixit));

	line->ixit = ixit;
	if (c && !conf_is(c, CONF_LIST, "ixit", err))
		return false;
	for (size_t i = 0; c && i < c->n; i++) {
		int64_t n;

		if (!conf_int(c->item[i], 1, IXIT_TABLES, &n, err))
			return false;
		ixit[line->n_ixit++] = n;
	}
	return true;
}

/* Names of terms of this file. */
static bool parse_terms_used(struct loader *l, const struct conf *c, const char *what, const struct mapping_term *term, size_t n,
			     const char *const **ret, struct err *err)
{
	const char **known = arena_alloc(l->a, n + 1, sizeof(*known));

	for (size_t i = 0; i < n; i++)
		known[i] = term[i].name;
	return load_ids(l, c, what, known, "the head of this file", ret, err);
}

static bool parse_wider(struct loader *l, const struct conf *c, struct mapping_line *line, struct err *err)
{
	return load_ids(l, c, "wider", line->requirements, "the list `requirements` of this line", &line->wider, err);
}

static bool parse_words(const struct conf *c, struct mapping_line *line, struct err *err)
{
	static const char *const force[] = { "M", "R", NULL };
	static const char *const kind[] = { "conceptual", "functional", "combined", NULL };
	static const char *const certainty[] = { "verified", "unverified", NULL };
	const struct conf *v = NULL;
	unsigned u = 0;

	if (conf_get(c, "force")) {
		if (!conf_enum(conf_get(c, "force"), force, &u, err))
			return false;
		line->force = force[u];
	}
	if (conf_get(c, "kind")) {
		if (!conf_enum(conf_get(c, "kind"), kind, &u, err))
			return false;
		line->kind = kind[u];
	}
	if (!conf_need(c, "certainty", &v, err) || !conf_enum(v, certainty, &u, err))
		return false;
	line->verified = u == 0;
	return true;
}

static bool parse_texts(const struct conf *c, struct mapping_line *line, struct err *err)
{
	const struct conf *topic = NULL;

	return conf_need(c, "topic", &topic, err) && load_both(topic, "topic", &line->topic, err) &&
	       load_both(conf_get(c, "unanswered"), "unanswered", &line->unanswered, err) &&
	       load_both(conf_get(c, "remark"), "remark", &line->remark, err);
}

static bool parse_lists(struct loader *l, const struct conf *c, const struct mapping *m, struct mapping_line *line, struct err *err)
{
	return parse_terms_used(l, conf_get(c, "conditions"), "conditions", m->condition, m->n_conditions, &line->conditions, err) &&
	       parse_terms_used(l, conf_get(c, "features"), "features", m->feature, m->n_features, &line->features, err) &&
	       load_ids(l, conf_get(c, "requirements"), "requirements", l->requirement, "requirements.yaml", &line->requirements, err) &&
	       parse_wider(l, conf_get(c, "wider"), line, err) &&
	       load_ids(l, conf_get(c, "nearest"), "nearest", l->requirement, "requirements.yaml", &line->nearest, err) &&
	       load_ids(l, conf_get(c, "tests"), "tests", l->test, "the folder of suites", &line->tests, err) &&
	       load_ids(l, conf_get(c, "records"), "records", l->record, "records.yaml", &line->records, err) &&
	       parse_ixit(l, conf_get(c, "ixit"), line, err);
}

static bool parse_line(struct loader *l, const struct conf *c, const struct mapping *m, struct mapping_line *line, struct err *err)
{
	static const char *const known[] = { "id", "topic", "force", "kind", "conditions", "features", "requirements", "wider",
					     "nearest", "tests", "records", "provisions", "related", "inherits", "of", "ixit",
					     "unanswered", "certainty", "remark", NULL };
	const struct conf *id = NULL;

	*line = (struct mapping_line){ .conf = c, .at = c->at, .provisions = none, .related = none, .inherits = none };
	return conf_is(c, CONF_MAP, "a line", err) && conf_known(c, known, err) && conf_need(c, "id", &id, err) &&
	       conf_text(id, &line->id, err) && parse_texts(c, line, err) && parse_words(c, line, err) && parse_lists(l, c, m, line, err);
}

static bool is_new(const struct mapping *m, const struct mapping_line *line, struct err *err)
{
	const struct mapping_line *first = mapping_line(m, line->id);

	return !first || err_at(err, line->at, "line '%.40s' is there twice; first at %s:%u:%u", line->id, first->at.file, first->at.line,
				first->at.col);
}

static void parse_all_lines(struct loader *l, const struct conf *list, struct mapping *m)
{
	struct mapping_line *line = arena_alloc(l->a, list->n + 1, sizeof(*line));
	struct err err = { 0 };

	m->line = line;
	for (size_t i = 0; i < list->n; i++)
		if (ok(l, parse_line(l, list->item[i], m, &line[m->n], &err) && is_new(m, &line[m->n], &err), &err))
			m->n++;
}

/* ---- the head of a file ---- */
static bool parse_terms(struct loader *l, const struct conf *c, const char *what, const struct mapping_term **ret, size_t *n, struct err *err)
{
	struct mapping_term *term = arena_alloc(l->a, (c ? c->n : 0) + 1, sizeof(*term));

	*ret = term;
	if (c && !conf_is(c, CONF_MAP, what, err))
		return false;
	for (; c && *n < c->n; ++*n) {
		term[*n].name = c->key[*n]->text;
		if (!load_both(c->item[*n], term[*n].name, &term[*n].text, err))
			return false;
	}
	return true;
}

static bool need_text(const struct conf *c, const char *key, const char **ret, struct err *err)
{
	const struct conf *v = NULL;

	return conf_need(c, key, &v, err) && conf_text(v, ret, err);
}

bool mapping_parse(struct loader *l, const struct conf *c, struct mapping *ret)
{
	static const char *const known[] = { "mapping", "title", "edition", "source", "basis", "note", "conditions", "features", "lines", NULL };
	const struct conf *title = NULL, *lines = NULL;
	struct err err = { 0 };

	*ret = (struct mapping){ .file = c->at.file, .conf = c };
	if (!ok(l, conf_is(c, CONF_MAP, "a mapping", &err) && conf_known(c, known, &err) && need_text(c, "mapping", &ret->id, &err) &&
			   conf_need(c, "title", &title, &err) && load_both(title, "title", &ret->title, &err) &&
			   need_text(c, "edition", &ret->edition, &err) && need_text(c, "source", &ret->source, &err) &&
			   load_both(conf_get(c, "note"), "note", &ret->note, &err) &&
			   parse_terms(l, conf_get(c, "conditions"), "conditions", &ret->condition, &ret->n_conditions, &err) &&
			   parse_terms(l, conf_get(c, "features"), "features", &ret->feature, &ret->n_features, &err) &&
			   conf_need(c, "lines", &lines, &err) && conf_is(lines, CONF_LIST, "lines", &err), &err))
		return false;
	parse_all_lines(l, lines, ret);
	return true;
}
