// SPDX-License-Identifier: Apache-2.0
// What a record says, from a plain line where it stands and from JSON; records_test.c holds the two against each other.
#include <string.h>

#include "harness/records_in.h"

/* Keys that are asked for, in the order in which a plain line has them. */
#define KEYS(X) \
	X(at_ns) X(begin_ns) X(end_ns) X(facts) X(incomplete) X(kind) X(label) X(n) X(observers) X(ok) X(part) X(rep) X(scope) \
	X(status) X(step) X(t_ns) X(test) X(text) X(verb)
enum key {
#define X(name) KEY_##name,
	KEYS(X)
#undef X
	KEY_COUNT
};
static const char *const key_name[] = {
#define X(name) #name,
	KEYS(X)
#undef X
};
static const char *const kind_name[] = {
#define X(name) #name,
	RECORD_KINDS(X)
#undef X
};

static bool says(struct jspan s, const char *word)
{
	return s.p && s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

static uint8_t kind_of(struct jspan s)
{
	for (uint8_t k = 1; k < sizeof(kind_name) / sizeof(kind_name[0]); k++)
		if (says(s, kind_name[k]))
			return k;
	return RECORD_other;
}

/* ---- a plain line ---- */
/* A text; what is not there, or is none, counts as not said. False: it has escapes. */
static bool text_in(struct jspan v, struct jspan *ret)
{
	return !v.n || *v.p != '"' || jline_text(v, ret);
}

static int compare(const char *name, struct jspan key)
{
	int c = strncmp(name, key.p, key.n);

	return c ? c : name[key.n] != '\0';
}

/* Both are in ascending order. */
static void gather(const struct jmember *m, size_t n, struct jspan v[static KEY_COUNT])
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < KEY_COUNT; i++) {
		int c = -1;

		while (k < KEY_COUNT && (c = compare(key_name[k], m[i].key)) < 0)
			k++;
		if (k < KEY_COUNT && c == 0)
			v[k++] = m[i].value;
	}
}

bool fields_of_plain(const struct jmember *m, size_t n, const char *text, struct record_fields *ret)
{
	struct jspan v[KEY_COUNT] = { { NULL, 0 } }, kind = { "", 0 }, status = { "", 0 }, said = { "", 0 };
	struct record *r = &ret->rec;

	*ret = (struct record_fields){ .rec = { .plain = true } };
	gather(m, n, v);
	if (!text_in(v[KEY_kind], &kind) || !text_in(v[KEY_status], &status) || !text_in(v[KEY_test], &ret->test) ||
	    !text_in(v[KEY_part], &ret->part) || !text_in(v[KEY_rep], &ret->rep) || !text_in(v[KEY_step], &ret->step) ||
	    !text_in(v[KEY_label], &ret->label) || !text_in(v[KEY_verb], &ret->verb))
		return false;
	ret->observers = v[KEY_observers];
	r->kind = kind_of(kind);
	(void)!jline_int(v[KEY_n], &r->n);
	(void)!jline_int(v[KEY_t_ns], &r->t_ns);
	r->begins = jline_int(v[r->kind == RECORD_done ? KEY_begin_ns : KEY_at_ns], &r->begin_ns);
	r->ends = jline_int(v[KEY_end_ns], &r->end_ns);
	r->facts = v[KEY_facts].n ? (uint32_t)(v[KEY_facts].p - text) : 0;
	r->ok = r->kind == RECORD_done ? says(status, "ok") : says(v[KEY_ok], "true");
	r->hole = v[KEY_incomplete].n > 0;
	r->scoped = v[KEY_scope].n > 2 && *v[KEY_scope].p == '[';
	r->texted = v[KEY_text].n && (!jline_text(v[KEY_text], &said) ? *v[KEY_text].p == '"' : said.n > 0);
	return true;
}

/* ---- JSON ---- */
static struct jspan text_of(const json_t *rec, const char *key)
{
	const json_t *v = json_object_get(rec, key);

	return json_is_string(v) ? (struct jspan){ json_string_value(v), json_string_length(v) } : (struct jspan){ NULL, 0 };
}

static bool number_of(const json_t *rec, const char *key, int64_t *ret)
{
	const json_t *v = json_object_get(rec, key);

	*ret = json_integer_value(v);
	return json_is_integer(v);
}

void fields_of_json(const json_t *rec, struct record_fields *ret)
{
	struct record *r = &ret->rec;

	*ret = (struct record_fields){ .test = text_of(rec, "test"), .part = text_of(rec, "part"), .rep = text_of(rec, "rep"),
				       .step = text_of(rec, "step"), .label = text_of(rec, "label"), .verb = text_of(rec, "verb") };
	r->kind = kind_of(text_of(rec, "kind"));
	(void)!number_of(rec, "n", &r->n);
	(void)!number_of(rec, "t_ns", &r->t_ns);
	r->begins = number_of(rec, r->kind == RECORD_done ? "begin_ns" : "at_ns", &r->begin_ns);
	r->ends = number_of(rec, "end_ns", &r->end_ns);
	r->ok = r->kind == RECORD_done ? says(text_of(rec, "status"), "ok") : json_is_true(json_object_get(rec, "ok"));
	r->hole = json_object_get(rec, "incomplete") != NULL;
	r->scoped = json_array_size(json_object_get(rec, "scope")) > 0;
	r->texted = text_of(rec, "text").n > 0;
	if (json_object_get(rec, "observers")) {
		ret->own = json_dumps(json_object_get(rec, "observers"), JSON_COMPACT | JSON_ENCODE_ANY);
		ret->observers = (struct jspan){ ret->own, ret->own ? strlen(ret->own) : 0 };
	}
}
