// SPDX-License-Identifier: Apache-2.0
// References and ${...}: does each lead somewhere, and to a value of the right type? Answered before anything runs.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/load.h"

/* ---- paths ---- */
const struct conf *conf_path(const struct conf *root, const char *path)
{
	char part[128];

	while (root && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(part))
			return NULL;
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		root = conf_get(root, part);
		path += n + (path[n] == '.');
	}
	return root;
}

const struct conf *declared_conf(const struct device *d, const char *path)
{
	return conf_path(d->conf, path);
}

/* Words joined by dots. */
static bool is_dotted(const char *text)
{
	bool word = false, dot = false;

	for (; *text; text++) {
		if (*text == '.') {
			if (!word)
				return false;
			dot = true;
			word = false;
		} else if (isalnum((unsigned char)*text) || *text == '_' || *text == '-') {
			word = true;
		} else {
			return false;
		}
	}
	return word && dot;
}

/* First word of a dotted name into buf; the rest behind the dot is returned ("" when there is none). */
static const char *split(const char *name, char buf[static 64])
{
	size_t n = strcspn(name, ".");

	snprintf(buf, 64, "%.*s", (int)n, name);
	return name + n + (name[n] == '.');
}

static const struct label *label_find(const struct scope *s, const char *name)
{
	for (const struct label *l = s->labels; l; l = l->next)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

static bool names_reference(const struct scope *s, const char *text)
{
	char first[64];
	const char *rest = split(text, first);

	if (!is_dotted(text))
		return false;
	return !strcmp(first, "limit") || !strcmp(first, "declared") || !strcmp(first, "each") ||
	       (!strchr(rest, '.') && label_find(s, first));
}

bool ref_is(const struct scope *s, const struct conf *c)
{
	return c->kind == CONF_SCALAR && !c->quoted && names_reference(s, c->text);
}

/* ---- types ---- */
static bool is_textual(enum value_type t)
{
	return t == VALUE_TEXT || t == VALUE_ENUM || t == VALUE_LINE || t == VALUE_SECRET;
}

static bool fits(enum value_type want, enum value_type is)
{
	if (want == is || (is_textual(want) && is_textual(is)) || (want == VALUE_MAP && is == VALUE_SET))
		return true;
	return want == VALUE_TEXT && (is == VALUE_INT || is == VALUE_BOOL);
}

static bool unfit(struct where at, const char *ref, enum value_type is, const struct param *p, struct err *err)
{
	return err_at(err, at, "%s is of type %s; '%s' takes %s", ref, value_type_name[is], p->name, value_type_form[p->type]);
}

static bool nothing(struct where at, const char *what, const char *name, const char *near, struct err *err)
{
	return err_at(err, at, "this test has no %s '%.60s'%s%s%s", what, name, near ? "; did you mean '" : "", near ? near : "",
		      near ? "'?" : "");
}

/* ---- one kind of reference each ---- */
static bool check_limit(struct scope *s, struct where at, const char *ref, const struct param *p, struct err *err)
{
	const char *names[65] = { NULL }, *name = ref + strlen("limit.");

	for (size_t i = 0; i < s->n_limits; i++) {
		struct limit *l = &s->limit[i];

		if (i < 64)
			names[i] = l->name;
		if (strcmp(l->name, name))
			continue;
		l->used = true;
		if (!p || !l->now.value)
			return true;
		if (!fits(p->type, l->type))
			return unfit(at, ref, l->type, p, err);
		if (arg_in_range(p, l->now.value, err))
			return true;
		err->at = at;
		return err_in(err, "%s (%s at %s)", ref, l->now.origin, l->now.source);
	}
	return nothing(at, "limit", name, conf_nearest(name, names), err);
}

/* A value that stands elsewhere, seen from a parameter. */
static bool check_node(struct scope *s, struct where at, const char *ref, const struct conf *node, const struct param *p,
		       struct err *err)
{
	json_t *j = NULL;

	if (!refs_walk(s, node, true, err))
		return false;
	if (!p)
		return true;
	if (!arg_literal(p, node, &j, err))
		return err_in(err, "as '%s' at %s:%u uses %s", p->name, at.file, at.line, ref);
	json_decref(j);
	return true;
}

static bool check_draw(const struct each *e, struct where at, const struct param *p, struct err *err)
{
	if (!p)
		return true;
	if (!fits(p->type, e->type))
		return unfit(at, e->name, e->type, p, err);
	if (arg_in_range(p, json_object_get(e->values, "from"), err) && arg_in_range(p, json_object_get(e->values, "to"), err))
		return true;
	err->at = at;
	return err_in(err, "each.%s", e->name);
}

static bool check_each_values(struct scope *s, const struct each *e, struct where at, const char *ref, const char *rest,
			      const struct param *p, struct err *err)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct conf *node = conf_path(e->conf[i], rest);

		if (node) {
			if (!check_node(s, at, ref, node, p, err))
				return false;
			continue;
		}
		if (!strcmp(e->conf[i]->at.file, at.file))
			return err_at(err, at, "value %zu of each.%s has no '%s'", i + 1, e->name, rest);
		scope_skip(s, "%s declares no '%s' at line %u", e->conf[i]->at.file, rest, e->conf[i]->at.line);
	}
	return true;
}

static bool check_each(struct scope *s, struct where at, const char *ref, const struct param *p, struct err *err)
{
	const char *names[65] = { NULL };
	char name[64];
	const char *rest = split(ref + strlen("each."), name);

	for (size_t i = 0; i < s->n_each; i++) {
		const struct each *e = &s->each[i];

		if (i < 64)
			names[i] = e->name;
		if (strcmp(e->name, name))
			continue;
		if (json_is_object(e->values))
			return check_draw(e, at, p, err);
		return check_each_values(s, e, at, ref, rest, p, err);
	}
	return nothing(at, "each value", name, conf_nearest(name, names), err);
}

static bool check_declared(struct scope *s, struct where at, const char *ref, const struct param *p, struct err *err)
{
	const char *path = ref + strlen("declared.");
	const struct conf *node;

	if (!s->l->device)
		return true;
	node = declared_conf(s->l->device, path);
	if (!node) {
		scope_skip(s, "device.yaml declares no %s", path);
		return true;
	}
	return check_node(s, at, ref, node, p, err);
}

static bool check_fact(struct scope *s, struct where at, const char *ref, const struct param *p, struct err *err)
{
	char name[64];
	const char *rest = split(ref, name), *names[65] = { NULL };
	const struct label *l = label_find(s, name);
	size_t n = 0;
	const char *near;

	if (!l)
		return err_at(err, at, "no step before this one is labelled '%s'", name);
	for (const struct fact *f = l->facts; f && f->name; f++) {
		if (n < 64)
			names[n++] = f->name;
		if (strcmp(f->name, rest))
			continue;
		if (p && (f->type == VALUE_SECRET || !fits(p->type, f->type)))
			return unfit(at, ref, f->type, p, err);
		return true;
	}
	if (!l->facts)
		return true;                    /* that step was refused already */
	near = conf_nearest(rest, names);
	return err_at(err, at, "step '%s' has no fact '%.60s'; %s%s%s", name, rest, near ? "did you mean '" : "text stands in quotes",
		      near ? near : "", near ? "'?" : "");
}

static bool check_name(struct scope *s, struct where at, const char *ref, const struct param *p, struct err *err)
{
	if (!strncmp(ref, "limit.", 6))
		return check_limit(s, at, ref, p, err);
	if (!strncmp(ref, "each.", 5))
		return check_each(s, at, ref, p, err);
	if (!strncmp(ref, "declared.", 9))
		return check_declared(s, at, ref, p, err);
	return check_fact(s, at, ref, p, err);
}

bool ref_check(struct scope *s, const struct conf *c, const struct param *p, struct err *err)
{
	return check_name(s, c->at, c->text, p, err);
}

/* ---- ${...} ---- */
static const char *const plain_words[] = { "work", "run", "root", "dut", NULL };

static bool check_word(struct scope *s, struct where at, const char *name, struct err *err)
{
	char first[64];
	const char *rest = split(name, first), *near;

	if (!*rest) {
		for (const char *const *w = plain_words; *w; w++)
			if (!strcmp(*w, name))
				return true;
		near = conf_nearest(name, plain_words);
		if (near)
			return err_at(err, at, "unknown ${%s}; did you mean ${%s}?", name, near);
		return true;                    /* a template of the verb's own, such as ${size} */
	}
	if (!strcmp(first, "canary"))
		return true;
	if (!strcmp(first, "secret")) {
		if (s->l->device && !conf_get(conf_get(s->l->device->conf, "secrets"), rest))
			scope_skip(s, "device.yaml has no secret '%s'", rest);
		return true;
	}
	if (!names_reference(s, name))
		return err_at(err, at, "${%s} names nothing here; known are canary.X, secret.X, limit.X, each.X, declared.X, "
			      "LABEL.FACT, work, run, root, dut", name);
	return check_name(s, at, name, NULL, err);
}

static bool check_template(struct scope *s, const struct conf *c, struct err *err)
{
	for (const char *p = c->text; (p = strstr(p, "${")) != NULL;) {
		const char *end = strchr(p, '}');
		char name[128];

		if (p > c->text && p[-1] == '$') {
			p += 2;
			continue;
		}
		if (!end)
			return err_at(err, c->at, "'${' without '}'; write $${ where the text itself is meant");
		if ((size_t)(end - p) - 2 >= sizeof(name) || end == p + 2)
			return err_at(err, c->at, "a name of 1 to %zu characters belongs between ${ and }", sizeof(name) - 1);
		snprintf(name, sizeof(name), "%.*s", (int)(end - p) - 2, p + 2);
		if (!check_word(s, c->at, name, err))
			return false;
		p = end;
	}
	return true;
}

bool refs_walk(struct scope *s, const struct conf *c, bool texts, struct err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (!refs_walk(s, c->item[i], texts, err))
			return false;
	if (c->kind != CONF_SCALAR)
		return true;
	if (!texts && ref_is(s, c))
		return ref_check(s, c, NULL, err);
	return check_template(s, c, err);
}
