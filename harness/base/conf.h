/* SPDX-License-Identifier: Apache-2.0
 *
 * conf.h - YAML (libyaml) as a tree that remembers where everything stood.
 *
 * In      UTF-8 YAML 1.1, one document, at most CONF_MAX_BYTES, nesting at most CONF_MAX_DEPTH; no anchors,
 *         aliases or tags.
 * Fails   ERR_CONF with file:line:column (1-based), the value and the accepted form. Duplicate keys are
 *         refused and name the first. Unknown keys name the nearest known one.
 * Owns    everything is in the arena given to conf_load / conf_parse. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/err.h"

#define CONF_MAX_BYTES ((size_t)4 << 20)
#define CONF_MAX_DEPTH 32
#define CONF_MAX_NODES 200000

enum conf_kind { CONF_SCALAR, CONF_LIST, CONF_MAP };

struct conf {
	enum conf_kind kind;
	struct where at;                /* where the value starts */
	const char *text;               /* scalar: its text (no NUL inside); else NULL */
	bool quoted;                    /* scalar was '...' or "..." : always text, never a reference */
	const char *tag;                /* "!template", of conf_parse_foreign() only; else NULL */
	size_t n;                       /* children */
	const struct conf *const *item; /* list items or map values */
	const struct conf *const *key;  /* map: scalar keys, same order; else NULL */
};

bool conf_load(struct arena *a, const char *path, const struct conf **ret, struct err *err) MUST_CHECK;
/* `name` stands in messages for the file. */
bool conf_parse(struct arena *a, const char *name, const char *text, size_t n, const struct conf **ret,
		struct err *err) MUST_CHECK;
/* The same for a file of somebody else's, where tags are allowed: what they mean is the caller's to know. */
bool conf_parse_foreign(struct arena *a, const char *name, const char *text, size_t n, const struct conf **ret,
			struct err *err) MUST_CHECK;

/* NULL when absent or when `map` is no map. */
const struct conf *conf_get(const struct conf *map, const char *key);
/* Refuses any key not in `known` (NULL-terminated), naming the nearest. */
bool conf_known(const struct conf *map, const char *const *known, struct err *err) MUST_CHECK;
/* The value of a key that must be there. */
bool conf_need(const struct conf *map, const char *key, const struct conf **ret, struct err *err) MUST_CHECK;
bool conf_is(const struct conf *c, enum conf_kind kind, const char *what, struct err *err) MUST_CHECK;

/* Typed scalars. Each refuses with the value and the accepted form. */
bool conf_text(const struct conf *c, const char **ret, struct err *err) MUST_CHECK;
bool conf_bool(const struct conf *c, bool *ret, struct err *err) MUST_CHECK;            /* true | false */
bool conf_int(const struct conf *c, int64_t min, int64_t max, int64_t *ret, struct err *err) MUST_CHECK;
bool conf_time(const struct conf *c, int64_t min_ns, int64_t max_ns, int64_t *ret_ns, struct err *err) MUST_CHECK;
bool conf_enum(const struct conf *c, const char *const *words, unsigned *ret, struct err *err) MUST_CHECK;

/* As JSON: maps, lists; scalars become true/false, integers, or text (quoted ones always text; "2s" stays text). */
json_t *conf_json(const struct conf *c);

/* The value for a message: 'text' (cut, control bytes as ?), or "a list", "a map". Returns buf. */
#define CONF_SHOWN 80
const char *conf_show(const struct conf *c, char *buf, size_t n);

/* The word of `known` nearest to `word`, or NULL when none is near enough to be meant. */
const char *conf_nearest(const char *word, const char *const *known);
#endif
