// SPDX-License-Identifier: Apache-2.0
// The dialogue of jusan review. It knows no terminal: lines in, text out.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/review.h"
#include "harness/value.h"

#define LINE_MAX_BYTES 4096

struct talk {
	const struct review_dialogue *d;
	char on[LINE_MAX_BYTES], decide[LINE_MAX_BYTES], reviewer[LINE_MAX_BYTES], reason[LINE_MAX_BYTES], expires[LINE_MAX_BYTES];
	char file[REVIEW_FILES][LINE_MAX_BYTES];
	const char *files[REVIEW_FILES];
	char date[DATE_TEXT];
};

static bool stopped(const struct talk *t)
{
	return t->d->stop && *t->d->stop;
}

/* One line without its end; false at end of input, when stopped, and when the line is too long to be meant. */
static bool line(struct talk *t, const char *prompt, char buf[static LINE_MAX_BYTES])
{
	size_t n;

	if (stopped(t))
		return false;
	fputs(prompt, t->d->out);
	fflush(t->d->out);
	if (!fgets(buf, LINE_MAX_BYTES, t->d->in))
		return false;
	n = strcspn(buf, "\r\n");
	if (!buf[n] && n == LINE_MAX_BYTES - 1)
		return false;
	buf[n] = '\0';
	while (n && (buf[n - 1] == ' ' || buf[n - 1] == '\t'))
		buf[--n] = '\0';
	memmove(buf, buf + strspn(buf, " \t"), strlen(buf + strspn(buf, " \t")) + 1);
	return !stopped(t);
}

/* The same, with an answer that Enter accepts. */
static bool line_or(struct talk *t, const char *prompt, const char *otherwise, char buf[static LINE_MAX_BYTES])
{
	char whole[LINE_MAX_BYTES], kept[LINE_MAX_BYTES];       /* buf may hold the otherwise */

	snprintf(kept, sizeof(kept), "%s", otherwise);
	snprintf(whole, sizeof(whole), "%s%s%.200s%s: ", prompt, *otherwise ? " [" : "", otherwise, *otherwise ? "]" : "");
	if (!line(t, whole, buf))
		return false;
	if (!*buf)
		snprintf(buf, LINE_MAX_BYTES, "%s", kept);
	return true;
}

static void complain(struct talk *t, const struct err *err)
{
	fputs("  ", t->d->out);
	escape_terminal(t->d->out, err->text);
	fputc('\n', t->d->out);
}

static const char *whole_word(const char *answer)
{
	static const char *const words[] = { "pass", "fail", "not-applicable", "open" };

	for (size_t i = 0; *answer && i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(words[i], answer, strlen(answer)))
			return words[i];
	return NULL;
}

static bool ask_decision(struct talk *t)
{
	const char *word;

	do
		if (!line(t, "  decide (pass, fail, not-applicable, open; empty: leave it): ", t->decide))
			return false;
	while (*t->decide && !whole_word(t->decide));
	word = whole_word(t->decide);
	snprintf(t->decide, sizeof(t->decide), "%s", word ? word : "");
	return true;
}

static bool ask_files(struct talk *t, struct review_entry *e)
{
	e->files = t->files;
	for (e->n_files = 0; e->n_files < REVIEW_FILES; e->n_files++) {
		char *at = t->file[e->n_files];

		if (!line(t, e->n_files ? "  another document (empty: no more): " : "  document to keep with it (path; empty: none): ", at))
			return false;
		if (!*at)
			return true;
		t->files[e->n_files] = at;
	}
	return true;
}

static bool ask_all(struct talk *t, struct review_entry *e)
{
	if (!line_or(t, "  reviewer, \"Name <mail>\"", t->reviewer, t->reviewer) || !line(t, "  reason, one line: ", t->reason) ||
	    !line(t, "  holds until (such as 2027-11-26; empty only for fail and open): ", t->expires) || !ask_files(t, e))
		return false;
	date_today(t->date);
	e->reviewer = t->reviewer;
	e->reason = t->reason;
	e->expires = t->expires;
	e->date = t->date;
	return true;
}

static void show(struct talk *t, const struct review_entry *e)
{
	const char *const text[] = { "\n  ", e->on, ": ", e->decide, ", ", e->reviewer, ", ", e->date, *e->expires ? " until " : "", e->expires,
				     "\n  ", e->reason, "\n" };

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		i % 2 ? escape_terminal(t->d->out, text[i]) : (void)fputs(text[i], t->d->out);
	for (size_t i = 0; i < e->n_files; i++) {
		fputs("  ", t->d->out);
		escape_terminal(t->d->out, e->files[i]);
		fputc('\n', t->d->out);
	}
}

/* One decision from the first question to the last. *ret_end: the conversation is over. */
static bool one(struct talk *t, const json_t *verdicts, bool *ret_added, bool *ret_end, struct err *err)
{
	struct review_entry e = { .what = REVIEW_DECISION, .on = t->on, .decide = t->decide };
	struct err wrong = { 0 };
	char sure[LINE_MAX_BYTES];

	*ret_end = !line(t, "\nwhich one (ER2-01; empty: no more): ", t->on) || !*t->on;
	if (*ret_end)
		return true;
	review_print_one(verdicts, t->on, t->d->out);
	if (!review_may(verdicts, &(struct review_entry){ .on = t->on }, &wrong)) {
		complain(t, &wrong);
		return true;
	}
	*ret_end = !ask_decision(t);
	if (*ret_end || !*t->decide)
		return true;
	*ret_end = !ask_all(t, &e);
	if (*ret_end)
		return true;
	if (!review_may(verdicts, &e, &wrong) || !review_check(&e, &wrong)) {
		complain(t, &wrong);
		return true;
	}
	show(t, &e);
	*ret_end = !line(t, "  is that the decision? It can be superseded, never removed (yes/no): ", sure);
	if (*ret_end || strcmp(sure, "yes"))
		return true;
	*ret_added = t->d->add(&e, t->d->data, &wrong);
	if (!*ret_added) {
		complain(t, &wrong);
		*err = wrong;
	}
	return *ret_added;
}

bool review_ask(const struct review_dialogue *d, unsigned *ret_added, struct err *err)
{
	struct talk *t = calloc(1, sizeof(*t));
	bool ok = t != NULL, end = false, first = true;

	*ret_added = 0;
	if (!ok)
		return err_set(err, ERR_OS, "out of memory");
	t->d = d;
	snprintf(t->reviewer, sizeof(t->reviewer), "%s", d->reviewer ? d->reviewer : "");
	while (ok && !end && !stopped(t)) {
		const json_t *v = d->verdicts(d->data, err);
		bool added = false;

		ok = v != NULL;
		if (ok) {
			(first ? review_print : review_print_count)(v, d->out);
			first = false;
			ok = one(t, v, &added, &end, err);
		}
		*ret_added += added;
	}
	free(t);
	return ok;
}
