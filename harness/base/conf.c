// SPDX-License-Identifier: Apache-2.0
#include "harness/base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/units.h"

/* ---- from libyaml's events to the tree ---- */
struct reader {
	struct arena *a;
	const char *name;
	yaml_parser_t yaml;
	yaml_event_t event;             /* current; belongs to the reader */
	const char *text;               /* the whole input, n bytes */
	size_t n;
	size_t nodes;
	bool tags;                      /* are let through */
};
struct child { const struct conf *key, *value; struct child *next; };

/* The one place where libyaml's 0-based marks become positions as editors count. */
static struct where at_mark(const struct reader *r, yaml_mark_t m)
{
	return (struct where){ r->name, (unsigned)m.line + 1, (unsigned)m.column + 1 };
}

static struct where at_event(const struct reader *r)
{
	return at_mark(r, r->event.start_mark);
}

/* Of a byte offset: the one kind of mark that libyaml's reader has. */
static struct where at_offset(const struct reader *r, size_t offset)
{
	yaml_mark_t m = { 0 };

	for (size_t i = 0; i < offset && i < r->n; i++) {
		bool newline = r->text[i] == '\n';

		m.line += newline;
		m.column = newline ? 0 : m.column + (((unsigned char)r->text[i] & 0xc0) != 0x80);
	}
	return at_mark(r, m);
}

static bool yaml_refused(const struct reader *r, struct err *err)
{
	const yaml_parser_t *y = &r->yaml;

	if (y->error == YAML_READER_ERROR)
		return err_at(err, at_offset(r, y->problem_offset), "%s", y->problem);
	if (y->error == YAML_MEMORY_ERROR)
		return err_set(err, ERR_OS, "%s: out of memory", r->name);
	if (y->context)
		return err_at(err, at_mark(r, y->problem_mark), "%s %s", y->problem, y->context);
	return err_at(err, at_mark(r, y->problem_mark), "%s", y->problem ? y->problem : "not YAML");
}

static bool next(struct reader *r, struct err *err)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->yaml, &r->event)) {
		memset(&r->event, 0, sizeof(r->event));
		return yaml_refused(r, err);
	}
	return true;
}

static bool plain_only(const struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag, struct err *err)
{
	if (anchor)
		return err_at(err, at_event(r), "anchors (&name) are not allowed");
	if (tag && !r->tags)
		return err_at(err, at_event(r), "tags (!name) are not allowed; quote the text if it begins with '!'");
	return true;
}

static const char *tag_of(const struct reader *r, const yaml_char_t *tag)
{
	return tag ? arena_strdup(r->a, (const char *)tag) : NULL;
}

static bool build(struct reader *r, unsigned depth, const struct conf **ret, struct err *err);

static bool build_scalar(struct reader *r, const struct conf **ret, struct err *err)
{
	const char *text = (const char *)r->event.data.scalar.value;
	size_t n = r->event.data.scalar.length;
	struct conf *c;

	if (!plain_only(r, r->event.data.scalar.anchor, r->event.data.scalar.tag, err))
		return false;
	if (memchr(text, '\0', n))
		return err_at(err, at_event(r), "text with a zero byte in it");
	c = arena_new(r->a, struct conf);
	c->kind = CONF_SCALAR;
	c->at = at_event(r);
	c->text = arena_strdup(r->a, text);
	c->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	c->tag = tag_of(r, r->event.data.scalar.tag);
	*ret = c;
	return true;
}

static int by_text_then_place(const void *a, const void *b)
{
	const struct conf *x = *(const struct conf *const *)a, *y = *(const struct conf *const *)b;
	int d = strcmp(x->text, y->text);

	if (d)
		return d;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return (x->at.col > y->at.col) - (x->at.col < y->at.col);
}

/* libyaml takes the same key twice without a word. Sorted, so that a hostile map costs n log n. */
static bool unique_keys(struct reader *r, const struct conf *map, struct err *err)
{
	const struct conf **sorted = arena_alloc(r->a, map->n + 1, sizeof(*sorted));

	for (size_t i = 0; i < map->n; i++)
		sorted[i] = map->key[i];
	if (map->n)
		qsort(sorted, map->n, sizeof(*sorted), by_text_then_place);
	for (size_t i = 1; i < map->n; i++)
		if (!strcmp(sorted[i - 1]->text, sorted[i]->text))
			return err_at(err, sorted[i]->at, "'%.80s' is defined twice; first at %u:%u", sorted[i]->text,
				      sorted[i - 1]->at.line, sorted[i - 1]->at.col);
	return true;
}

static bool build_key(struct reader *r, const struct conf **ret, struct err *err)
{
	if (r->event.type != YAML_SCALAR_EVENT)
		return err_at(err, at_event(r), "a key must be a plain word");
	return build_scalar(r, ret, err) && next(r, err);
}

static void settle(struct reader *r, struct conf *c, const struct child *first)
{
	const struct conf **item = arena_alloc(r->a, c->n + 1, sizeof(*item));
	const struct conf **key = c->kind == CONF_MAP ? arena_alloc(r->a, c->n + 1, sizeof(*key)) : NULL;
	size_t i = 0;

	for (const struct child *l = first; l; l = l->next, i++) {
		item[i] = l->value;
		if (key)
			key[i] = l->key;
	}
	c->item = item;
	c->key = key;
}

static bool build_group(struct reader *r, enum conf_kind kind, const char *tag, unsigned depth, const struct conf **ret, struct err *err)
{
	yaml_event_type_t end = kind == CONF_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	struct conf *c = arena_new(r->a, struct conf);
	struct child *first = NULL, **last = &first;

	if (depth >= CONF_MAX_DEPTH)
		return err_at(err, at_event(r), "nested more than %d deep", CONF_MAX_DEPTH);
	c->kind = kind;
	c->at = at_event(r);
	c->tag = tag;
	if (!next(r, err))
		return false;
	for (; r->event.type != end; c->n++) {
		struct child *l = arena_new(r->a, struct child);

		if ((kind == CONF_MAP && !build_key(r, &l->key, err)) || !build(r, depth + 1, &l->value, err) ||
		    !next(r, err))
			return false;
		*last = l;
		last = &l->next;
	}
	settle(r, c, first);
	if (kind == CONF_MAP && !unique_keys(r, c, err))
		return false;
	*ret = c;
	return true;
}

/* The value that begins with the current event; leaves its last event current. */
static bool build(struct reader *r, unsigned depth, const struct conf **ret, struct err *err)
{
	if (++r->nodes > CONF_MAX_NODES)
		return err_at(err, at_event(r), "more than %d values in one file", CONF_MAX_NODES);
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return build_scalar(r, ret, err);
	case YAML_ALIAS_EVENT:
		return err_at(err, at_event(r), "aliases (*name) are not allowed");
	case YAML_SEQUENCE_START_EVENT:
		return plain_only(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag, err) &&
		       build_group(r, CONF_LIST, tag_of(r, r->event.data.sequence_start.tag), depth, ret, err);
	case YAML_MAPPING_START_EVENT:
		return plain_only(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag, err) &&
		       build_group(r, CONF_MAP, tag_of(r, r->event.data.mapping_start.tag), depth, ret, err);
	default:
		return err_at(err, at_event(r), "a value is missing");
	}
}

static bool build_document(struct reader *r, const struct conf **ret, struct err *err)
{
	const struct conf *c = NULL;

	if (!next(r, err) || !next(r, err))     /* stream start, then document start or the end */
		return false;
	if (r->event.type != YAML_DOCUMENT_START_EVENT)
		return err_at(err, (struct where){ r->name, 1, 1 }, "the file is empty");
	if (!next(r, err) || !build(r, 0, &c, err) || !next(r, err) || !next(r, err))
		return false;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return err_at(err, at_event(r), "a second document; one file holds one");
	*ret = c;
	return true;
}

static bool parse(struct arena *a, const char *name, const char *text, size_t n, bool tags, const struct conf **ret, struct err *err)
{
	struct reader r = { .a = a, .name = arena_strdup(a, name), .text = text, .n = n, .tags = tags };
	bool ok;

	if (n > CONF_MAX_BYTES)
		return err_at(err, (struct where){ r.name, 1, 1 }, "larger than %zu bytes", CONF_MAX_BYTES);
	if (!yaml_parser_initialize(&r.yaml))
		return err_set(err, ERR_OS, "out of memory");
	yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, n);
	ok = build_document(&r, ret, err);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.yaml);
	return ok;
}

bool conf_parse(struct arena *a, const char *name, const char *text, size_t n, const struct conf **ret, struct err *err)
{
	return parse(a, name, text, n, false, ret, err);
}

bool conf_parse_foreign(struct arena *a, const char *name, const char *text, size_t n, const struct conf **ret, struct err *err)
{
	return parse(a, name, text, n, true, ret, err);
}

bool conf_load(struct arena *a, const char *path, const struct conf **ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	if (!fs_read(path, CONF_MAX_BYTES, &text, &n, err)) {
		err->kind = ERR_CONF;           /* the user named the file */
		return false;
	}
	return conf_parse(a, path, text, n, ret, err);
}

/* ---- reading the tree ---- */
const struct conf *conf_get(const struct conf *map, const char *key)
{
	for (size_t i = 0; map && map->kind == CONF_MAP && i < map->n; i++)
		if (!strcmp(map->key[i]->text, key))
			return map->item[i];
	return NULL;
}

const char *conf_show(const struct conf *c, char *buf, size_t n)
{
	static const char *const kind[] = { "text", "a list", "a map" };
	size_t len, cut;

	if (c->kind != CONF_SCALAR) {
		snprintf(buf, n, "%s", kind[c->kind]);
		return buf;
	}
	len = strlen(c->text);
	cut = len;
	if (cut > 60)
		for (cut = 60; cut > 0 && ((unsigned char)c->text[cut] & 0xc0) == 0x80;)
			cut--;                  /* not in the middle of a character */
	snprintf(buf, n, "'%.*s%s'", (int)cut, c->text, cut < len ? "..." : "");
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return buf;
}

bool conf_known(const struct conf *map, const char *const *known, struct err *err)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct conf *k = map->key[i];
		char shown[CONF_SHOWN], list[300] = "";
		const char *near;
		size_t at = 0;

		for (const char *const *w = known; *w; w++)
			if (!strcmp(*w, k->text))
				goto ok;
		near = conf_nearest(k->text, known);
		if (near)
			return err_at(err, k->at, "unknown key %s; did you mean '%s'?",
				      conf_show(k, shown, sizeof(shown)), near);
		for (const char *const *w = known; *w && at + strlen(*w) + 3 < sizeof(list); w++)
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", *w);
		return err_at(err, k->at, "unknown key %s; %s%s", conf_show(k, shown, sizeof(shown)),
			      *list ? "known are: " : "none is known here", list);
ok:;
	}
	return true;
}

bool conf_need(const struct conf *map, const char *key, const struct conf **ret, struct err *err)
{
	const struct conf *c = conf_get(map, key);

	if (!c)
		return err_at(err, map->at, "key '%s' is missing", key);
	*ret = c;
	return true;
}

bool conf_is(const struct conf *c, enum conf_kind kind, const char *what, struct err *err)
{
	static const char *const form[] = { "one value", "a list: [a, b] or lines that begin with '- '",
					    "a map: {key: value} or lines 'key: value'" };
	char shown[CONF_SHOWN];

	if (c->kind != kind)
		return err_at(err, c->at, "%s: %s stands here; write %s", what,
			      conf_show(c, shown, sizeof(shown)), form[kind]);
	return true;
}

static bool wrong(const struct conf *c, const char *form, struct err *err)
{
	char shown[CONF_SHOWN];

	if (c->kind == CONF_SCALAR && !c->quoted && !*c->text)
		return err_at(err, c->at, "a value is missing; write %s", form);
	return err_at(err, c->at, "%s is not %s", conf_show(c, shown, sizeof(shown)), form);
}

bool conf_text(const struct conf *c, const char **ret, struct err *err)
{
	if (c->kind != CONF_SCALAR || (!c->quoted && !*c->text))
		return wrong(c, "text", err);
	*ret = c->text;
	return true;
}

bool conf_bool(const struct conf *c, bool *ret, struct err *err)
{
	bool yes = c->kind == CONF_SCALAR && !c->quoted && !strcmp(c->text, "true");

	if (!yes && (c->kind != CONF_SCALAR || c->quoted || strcmp(c->text, "false")))
		return wrong(c, value_type_form[VALUE_BOOL], err);
	*ret = yes;
	return true;
}

bool conf_int(const struct conf *c, int64_t min, int64_t max, int64_t *ret, struct err *err)
{
	int64_t v;

	if (c->kind != CONF_SCALAR || c->quoted || !units_int(c->text, &v))
		return wrong(c, value_type_form[VALUE_INT], err);
	if (v < min || v > max)
		return err_at(err, c->at, "%lld is out of range; write %lld to %lld", (long long)v, (long long)min,
			      (long long)max);
	*ret = v;
	return true;
}

bool conf_time(const struct conf *c, int64_t min_ns, int64_t max_ns, int64_t *ret_ns, struct err *err)
{
	char lo[48], hi[48];
	int64_t v;

	if (c->kind != CONF_SCALAR || !units_time(c->text, &v)) {
		char shown[CONF_SHOWN];

		return err_at(err, c->at, "%s is not a time; write 50ms, 2s or 5min",
			      conf_show(c, shown, sizeof(shown)));
	}
	if (v < min_ns || v > max_ns)
		return err_at(err, c->at, "%s is out of range; write %s to %s", c->text,
			      units_time_text(min_ns, lo, sizeof(lo)), units_time_text(max_ns, hi, sizeof(hi)));
	*ret_ns = v;
	return true;
}

bool conf_enum(const struct conf *c, const char *const *words, unsigned *ret, struct err *err)
{
	char shown[CONF_SHOWN], list[300] = "";
	const char *near;
	size_t at = 0;

	for (unsigned i = 0; c->kind == CONF_SCALAR && words[i]; i++)
		if (!strcmp(words[i], c->text)) {
			*ret = i;
			return true;
		}
	near = c->kind == CONF_SCALAR ? conf_nearest(c->text, words) : NULL;
	conf_show(c, shown, sizeof(shown));
	if (near)
		return err_at(err, c->at, "%s is not known; did you mean '%s'?", shown, near);
	for (const char *const *w = words; *w && at + strlen(*w) + 3 < sizeof(list); w++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", *w);
	return err_at(err, c->at, "%s is not one of: %s", shown, list);
}

static json_t *scalar_json(const struct conf *c)
{
	int64_t v;

	if (c->quoted)
		return json_string(c->text);
	if (!*c->text)
		return json_null();
	if (!strcmp(c->text, "true") || !strcmp(c->text, "false"))
		return json_boolean(*c->text == 't');
	return units_int(c->text, &v) ? json_integer(v) : json_string(c->text);
}

json_t *conf_json(const struct conf *c)
{
	json_t *j;

	if (c->kind == CONF_SCALAR)
		return scalar_json(c);
	j = c->kind == CONF_LIST ? json_array() : json_object();
	for (size_t i = 0; i < c->n; i++)
		if (c->kind == CONF_LIST)
			json_array_append_new(j, conf_json(c->item[i]));
		else
			json_object_set_new(j, c->key[i]->text, conf_json(c->item[i]));
	return j;
}

/* ---- did you mean ---- */
#define WORD 40

/* Edit distance with neighbours swapped as one edit (optimal string alignment); words up to WORD. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned d[WORD + 1][WORD + 1];

	for (size_t i = 0; i <= na; i++)
		for (size_t j = 0; j <= nb; j++) {
			unsigned best;

			if (!i || !j) {
				d[i][j] = (unsigned)(i + j);
				continue;
			}
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[na][nb];
}

const char *conf_nearest(const char *word, const char *const *known)
{
	size_t n = strlen(word);
	unsigned best = n < 4 ? 1 : n < 9 ? 2 : 3;      /* more edits than this: not what was meant */
	const char *near = NULL;

	for (; n > 0 && n <= WORD && *known; known++) {
		size_t nk = strlen(*known);
		unsigned d = nk <= WORD ? distance(word, n, *known, nk) : WORD;

		if (d < best || (d == best && !near)) {
			best = d;
			near = *known;
		}
	}
	return near;
}
