/* SPDX-License-Identifier: Apache-2.0
 *
 * redact_in.h - the parts of redact.c, for redact*.c and their tests only. */
#ifndef HARNESS_REDACT_IN_H
#define HARNESS_REDACT_IN_H

#include "harness/proto/marker.h"
#include "harness/redact.h"

#define REDACT_HITS 200000
#define REDACT_WORDS 200                /* names; markers.h bounds the texts to search for */
#define REDACT_FILL 'X'

/* ---- redact_words.c: what is to be removed ---- */
struct redact_word { char name[96], kind[24], *value; };        /* value NULL: not known here */
struct redact_words {
	struct redact_word word[REDACT_WORDS];
	size_t n;
	bool seed;                      /* goes, too */
	json_t *kept;                   /* names of words that are declared and stay */
	struct markers *markers;        /* of all that go; the field of a marker is the number of its word */
};
/* The run in dir: its inputs, and where those do not say, what it recorded. */
bool redact_words(const char *dir, const json_t *run, const struct redact_options *o, struct redact_words *ret, struct err *err) MUST_CHECK;
void redact_words_free(struct redact_words *w);
/* Adds a word that is not there yet. value NULL or "": not known. */
bool redact_word_add(struct redact_words *w, const char *name, const char *kind, const char *value, struct err *err) MUST_CHECK;
bool redact_keeps(const struct redact_options *o, const char *name);

/* ---- redact_declared.c: words that the inputs hold ---- */
bool redact_declared(const char *dir, const json_t *run, const struct redact_options *o, struct redact_words *w, struct err *err) MUST_CHECK;
/* ---- redact_factory.c: words that the factory put into the unit ---- */
bool redact_factory(const char *dir, const json_t *device, struct redact_words *w, struct err *err) MUST_CHECK;

/* ---- redact_forms.c ---- */
/* Makes w->markers of all words and shows that each form of each is found. */
bool redact_markers(struct redact_words *w, struct err *err) MUST_CHECK;

/* ---- redact_find.c: where they are ---- */
struct redact_hit { int64_t off, n, frame; unsigned word; const char *how; };    /* frame 0: not in one */
struct redact_hits { struct redact_hit *hit; size_t n, room; int64_t bytes; bool full; };
/* In a file, from its first byte to its last; of a capture also what its streams carried. */
bool redact_find(const struct redact_words *w, const char *path, struct redact_hits *ret, struct err *err) MUST_CHECK;
bool redact_find_text(const struct redact_words *w, const char *text, size_t n);         /* any, in these bytes? */
void redact_hits_free(struct redact_hits *h);
bool redact_is_capture(const char *path);

/* ---- redact_files.c ---- */
/* Copies what may stay and overwrites what may not; fills removed, left_out, searched of `said` (redaction.json). */
bool redact_files(const char *dir, const char *to, const struct redact_options *o, const struct redact_words *w, json_t *said, struct err *err) MUST_CHECK;
/* The journal's lines follow from each other again: each names the hash of the one before as it now is. */
bool redact_chain(const char *journal, struct err *err) MUST_CHECK;
/* No file below dir, and no name of one, holds a word any more; the error names the first that does. */
bool redact_clean(const char *dir, const struct redact_words *w, struct err *err) MUST_CHECK;

/* ---- redact_prove.c ---- */
/* Is everything that was decided the same? *ret_n: how many verdicts. The error names the first that is not. */
bool redact_same(const json_t *before, const json_t *after, size_t *ret_n, struct err *err) MUST_CHECK;
#endif
