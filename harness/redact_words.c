// SPDX-License-Identifier: Apache-2.0
// The words that have to go: declared ones, those of the factory, and those somebody gave.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/plan.h"
#include "harness/redact_in.h"

#define ALSO_MAX ((size_t)1 << 20)

bool redact_keeps(const struct redact_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_keep; i++)
		if (!strcmp(o->keep[i], name))
			return true;
	return false;
}

static bool is_there(const struct redact_words *w, const char *name, const char *value)
{
	for (size_t i = 0; i < w->n; i++)
		if (value && w->word[i].value ? !strcmp(w->word[i].value, value) : !value && !strcmp(w->word[i].name, name))
			return true;
	return false;
}

bool redact_word_add(struct redact_words *w, const char *name, const char *kind, const char *value, struct err *err)
{
	struct redact_word *x = &w->word[w->n];

	if (value && !*value)
		value = NULL;
	if (is_there(w, name, value))
		return true;
	if (w->n == REDACT_WORDS)
		return err_set(err, ERR_LIMIT, "more than %d words to remove", REDACT_WORDS);
	snprintf(x->name, sizeof(x->name), "%s", name);
	snprintf(x->kind, sizeof(x->kind), "%s", kind);
	x->value = value ? strdup(value) : NULL;
	if (value && !x->value)
		return err_set(err, ERR_OS, "out of memory");
	w->n++;
	return true;
}

static bool given(const struct redact_options *o, struct redact_words *w, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	char *line, *at, name[32];
	unsigned no = 0;
	size_t n;

	if (!o->also)
		return true;
	if (!fs_read(o->also, ALSO_MAX, &text, &n, err))
		return false;
	if (strlen(text) != n)
		return err_set(err, ERR_CONF, "%s: a text a line is wanted", o->also);
	for (line = strtok_r(text, "\r\n", &at); line; line = strtok_r(NULL, "\r\n", &at)) {
		snprintf(name, sizeof(name), "given %u", ++no);
		if (!redact_word_add(w, name, "given", line, err))
			return false;
	}
	return no || err_set(err, ERR_CONF, "%s: holds no text", o->also);
}

/* A factory secret is declared once for each place where it can be read: known from one of them it may be the same in another,
 * and may not. So each that is not known has to be named. */
static bool all_known(const struct redact_options *o, const struct redact_words *w, struct err *err)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct redact_word *x = &w->word[i];
		size_t n = x->value ? strlen(x->value) : 0;

		if (redact_keeps(o, x->name))
			continue;
		if (!x->value)
			return err_set(err, ERR_CONF, "%s '%s' is declared, but its value is not known here: nobody could show that it is gone. Put the "
				       "value into a file for --also, and say --keep '%s' (or only that: whoever reads the copy is told)", x->kind, x->name, x->name);
		if (n < MARKER_SHORT)
			return err_set(err, ERR_CONF, "%s '%s' has %zu characters: too few to be looked for. --keep '%s' leaves it in, and the copy says so",
				       x->kind, x->name, n, x->name);
	}
	return true;
}

/* Those that stay are named and then forgotten. */
static void drop_kept(const struct redact_options *o, struct redact_words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (redact_keeps(o, w->word[i].name)) {
			json_array_append_new(w->kept, json_string(w->word[i].name));
			free(w->word[i].value);
		} else {
			w->word[n++] = w->word[i];
		}
	}
	w->n = n;
}

bool redact_words(const char *dir, const json_t *run, const struct redact_options *o, struct redact_words *ret, struct err *err)
{
	*ret = (struct redact_words){ .seed = !redact_keeps(o, "seed"), .kept = json_array() };
	if (!ret->seed)
		json_array_append_new(ret->kept, json_string("seed"));
	if (!redact_declared(dir, run, o, ret, err) || !given(o, ret, err) || !all_known(o, ret, err))
		return false;
	drop_kept(o, ret);
	return redact_markers(ret, err);
}

void redact_words_free(struct redact_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->word[i].value);
	w->n = 0;
	json_decref(w->kept);
	w->kept = NULL;
	w->markers = markers_free(w->markers);
}
