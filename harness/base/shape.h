/* SPDX-License-Identifier: Apache-2.0
 *
 * shape.h - what may stand at one place of a YAML file, as a table that is read twice: by the loader (shape_check: is
 * this file so?) and by the writer of JSON Schemas (shape_schema: the same, for editors). Nothing is described twice.
 *
 * Patterns are POSIX extended regular expressions and ECMAScript ones at once: bracket expressions, groups, *, +, ?,
 * {n,m}, ^, $ and backslash-dot; no \d, no look-around. They search; anchor them.
 * Numbers, times and shares are written as everywhere in jusan (units.h); a text may also be written as a number or as
 * true, since a version is often 1.2 and a reference never is what it looks like.
 * Shapes are static, or built in an arena where they come of other descriptors (IXIT tables, lines of an ICS). */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include "harness/base/conf.h"
#include "harness/base/units.h"

enum shape_kind {
	SHAPE_ANY,              /* zero value: nothing is checked */
	SHAPE_TEXT,             /* like `pattern`, where there is one; `form` completes "'x' is ..." in the message */
	SHAPE_WORD,             /* one of `words` */
	SHAPE_BOOL,
	SHAPE_INT,              /* min to max, unless both are 0; so with the next two */
	SHAPE_TIME,             /* ns */
	SHAPE_SHARE,            /* ppm */
	SHAPE_LIST,             /* of `of`, `at_least` long */
	SHAPE_MAP,              /* `keys`; any other key must be like `pattern` and its value like `of`; both NULL: refused */
	SHAPE_EITHER,           /* one of `either` */
	SHAPE_ELSEWHERE,        /* read by code of its own; in the schema "#/$defs/" `form` */
};

struct shape;
struct shape_key { const char *name; const struct shape *shape; bool need; const char *doc; };      /* ends with { 0 } */

enum shape_bond {
	BOND_WITH,              /* where the first key stands, the others must */
	BOND_WITHOUT,           /* where the first key does not stand, the others must */
	BOND_APART,             /* where the first key stands, none of the others may */
	BOND_SOME,              /* at least one of them must stand */
	BOND_ONE,               /* exactly one of them must stand */
	BOND_SAYS,              /* where the first key has one of `words`, the others must stand */
};
struct shape_rule {                             /* tables end with { 0 } */
	enum shape_bond bond;
	const char *keys[9];
	const char *text;                       /* the message; APART: what stands before the key; NULL: "key 'x' is missing" */
	const char *const *words;
};

struct shape {
	enum shape_kind kind;
	const char *doc;                        /* one line for the editor */
	const char *pattern, *form;
	const char *const *words;
	int64_t min, max;
	const struct shape *of;
	const struct shape *const *either;      /* NULL-terminated */
	const struct shape_key *keys;
	const struct shape_rule *rules;         /* MAP only */
	unsigned at_least;
	bool null;                              /* nothing at all may stand there too */
	const char *name;                       /* in the schema it stands once, under $defs; NULL: in its place */
};

/* Reports every fault below `c`, each with its position; true when there is none. `what` names the place in messages
 * about maps and lists. report may be NULL. */
bool shape_check(const struct conf *c, const struct shape *s, const char *what, void (*report)(const struct err *e, void *data),
		 void *data);
/* Does a text match? A pattern that does not compile is a bug and stops the program. */
bool shape_like(const char *text, const char *pattern);

/* shape_schema.c: JSON Schema 2020-12 of the shape, new reference; those with a name are added to `defs`, an object. */
json_t *shape_schema(const struct shape *s, json_t *defs);

/* How the schema writes times and shares. */
#define SHAPE_TIME_PATTERN  "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)$"
#define SHAPE_SHARE_PATTERN "^[0-9]+(\\.[0-9]+)?%$"

/* Shapes that many files need. */
extern const struct shape shape_text, shape_bool, shape_time, shape_share, shape_count, shape_texts, shape_any;
extern const struct shape shape_title;          /* {en: ..., ja: ...} */
#endif
