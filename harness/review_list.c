// SPDX-License-Identifier: Apache-2.0
// What waits for a person, for the terminal. Everything here came out of a run folder and is escaped.
#include <stdio.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/review.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static const char *english(const json_t *o, const char *key)
{
	return text_of(json_object_get(o, key), "en");
}

static const json_t *by_id(const json_t *list, const char *id)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)list, i, e)
		if (!strcmp(text_of(e, "id"), id))
			return e;
	return NULL;
}

static json_t *open_ones(const json_t *list)
{
	json_t *out = json_array(), *e;
	size_t i;

	json_array_foreach((json_t *)list, i, e)
		if (!strcmp(text_of(e, "verdict"), "REVIEW"))
			json_array_append(out, e);
	return out;
}

json_t *review_waiting(const json_t *v)
{
	return json_pack("{s:o,s:o,s:o}", "records", open_ones(json_object_get(v, "records")), "tests", open_ones(json_object_get(v, "tests")),
			 "requirements", open_ones(json_object_get(v, "requirements")));
}

/* ---- lines ---- */
static void say(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	escape_terminal(out, text);
	fputs(after, out);
}

static void say_ids(FILE *out, const json_t *ids)
{
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)ids, i, id)
		if (json_is_string(id))
			say(out, i ? " " : "", json_string_value(id), "");
}

static void list(FILE *out, const char *head, const json_t *entries, const char *serves)
{
	size_t i;
	json_t *e;

	if (!json_array_size(entries))
		return;
	fprintf(out, "%s\n", head);
	json_array_foreach((json_t *)entries, i, e) {
		const char *title = english(e, serves ? "title" : "text");

		say(out, "  ", text_of(e, "id"), "");
		fprintf(out, "%*s", (int)(strlen(text_of(e, "id")) < 9 ? 9 - strlen(text_of(e, "id")) : 1), "");
		escape_terminal(out, strcmp(title, text_of(e, "id")) ? title : "");
		if (serves && json_array_size(json_object_get(e, serves))) {
			fputs(" (", out);
			say_ids(out, json_object_get(e, serves));
			fputs(")", out);
		}
		say(out, "\n           ", text_of(e, "why"), "\n");
	}
}

void review_print(const json_t *v, FILE *out)
{
	json_t *waits = review_waiting(v);
	size_t r = json_array_size(json_object_get(waits, "records")), t = json_array_size(json_object_get(waits, "tests")),
	       q = json_array_size(json_object_get(waits, "requirements"));

	if (!r && !t && !q)
		fputs("nothing waits for a person\n", out);
	list(out, "evidence records to be decided", json_object_get(waits, "records"), "serves");
	list(out, "tests whose evidence a person must read", json_object_get(waits, "tests"), "decides");
	if (q) {
		fprintf(out, "%zu requirement%s wait%s for them: ", q, q == 1 ? "" : "s", q == 1 ? "s" : "");
		for (size_t i = 0; i < q; i++)
			say(out, i ? " " : "", text_of(json_array_get(json_object_get(waits, "requirements"), i), "id"), "");
		fputc('\n', out);
	}
	json_decref(waits);
}

void review_print_count(const json_t *v, FILE *out)
{
	json_t *waits = review_waiting(v);

	fprintf(out, "\n%zu evidence records and %zu tests wait for a person\n", json_array_size(json_object_get(waits, "records")),
		json_array_size(json_object_get(waits, "tests")));
	json_decref(waits);
}

/* ---- one of them, whole ---- */
static void both(FILE *out, const char *head, const json_t *text)
{
	if (!*text_of(text, "en"))
		return;
	say(out, head, text_of(text, "en"), "\n");
	if (*text_of(text, "ja") && strcmp(text_of(text, "ja"), text_of(text, "en")))
		say(out, "            ", text_of(text, "ja"), "\n");
}

static void decision(FILE *out, const char *head, const json_t *d)
{
	size_t i;
	json_t *f;

	if (!json_is_object(d))
		return;
	say(out, head, text_of(d, "decide"), "");
	say(out, " by ", text_of(d, "reviewer"), "");
	say(out, " on ", text_of(d, "date"), "");
	if (*text_of(d, "expires"))
		say(out, json_is_true(json_object_get(d, "expired")) ? ", expired " : ", until ", text_of(d, "expires"), "");
	say(out, ": ", text_of(d, "reason"), "\n");
	json_array_foreach(json_object_get(d, "files"), i, f) {
		say(out, "            ", text_of(f, "path"), "");
		fprintf(out, " SHA-256 %.16s\n", text_of(f, "sha256"));
	}
}

static void served(FILE *out, const json_t *v, const json_t *ids)
{
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)ids, i, id) {
		const json_t *r = json_is_string(id) ? by_id(json_object_get(v, "requirements"), json_string_value(id)) : NULL;

		if (!r)
			continue;
		say(out, i ? "            " : "  serves    ", text_of(r, "id"), "");
		say(out, " (", text_of(r, "force"), ") ");
		say(out, "", english(r, "text"), "\n");
	}
}

static void tables(FILE *out, const json_t *ixit)
{
	size_t i;
	json_t *n;

	if (!json_array_size(ixit))
		return;
	fputs("  declared  IXIT", out);
	json_array_foreach((json_t *)ixit, i, n)
		fprintf(out, "%s %" JSON_INTEGER_FORMAT, i ? "," : "", json_integer_value(n));
	fputc('\n', out);
}

void review_print_one(const json_t *v, const char *id, FILE *out)
{
	const json_t *r = by_id(json_object_get(v, "records"), id), *t = r ? NULL : by_id(json_object_get(v, "tests"), id), *e = r ? r : t;
	size_t i;
	json_t *d;

	if (!e)
		return;
	say(out, "\n", id, "  ");
	escape_terminal(out, strcmp(english(e, "title"), id) ? english(e, "title") : "");
	say(out, "\n  verdict   ", text_of(e, "verdict"), ": ");
	say(out, "", text_of(e, "why"), "\n");
	served(out, v, json_object_get(e, r ? "serves" : "decides"));
	tables(out, json_object_get(e, "ixit"));
	both(out, "  stored    ", json_object_get(e, "stored"));
	if (r)
		both(out, "  question  ", json_object_get(r, "decides"));
	if (t)
		say(out, "  evidence  jusan report RUN text; again: ", text_of(t, "reproduce"), "\n");
	decision(out, "  decided   ", json_object_get(e, "decision"));
	json_array_foreach(json_object_get(e, "earlier"), i, d)
		decision(out, "  earlier   ", d);
}
