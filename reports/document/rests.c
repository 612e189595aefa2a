/* SPDX-License-Identifier: Apache-2.0
 *
 * What lines rest on: tests, requirements and records with their verdicts, and where the bytes behind them are. */
#include <inttypes.h>
#include <string.h>

#include "reports/document/doc.h"

#define POINTERS_MAX 4000

/* The annex of tests stands in one document only. */
static bool linked(const struct doc *d, const json_t *entry) { return !strcmp(d->kind->name, "ts103701") && json_object_get(entry, "claims"); }

static void one(struct doc *d, const char *id)
{
	const json_t *e = doc_entry(d, id);

	if (linked(d, e)) {
		doc_put(d, "<a href=\"#");
		doc_id(d, "t-", id);
		doc_put(d, "\">");
	}
	doc_text(d, id);
	doc_put(d, linked(d, e) ? "</a>" : "");
	if (e) {
		doc_put(d, " ");
		doc_verdict(d, verdict_of(e, "verdict"));
	}
}

void doc_rests(struct doc *d, const json_t *from)
{
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *id = json_string_value(json_array_get(from, i));

		if (!id)
			continue;
		doc_put(d, i ? ", <span class=\"rest\">" : "<span class=\"rest\">");
		one(d, id);
		doc_put(d, "</span>");
	}
	if (!json_array_size(from))
		doc_put(d, "&ndash;");
}

static bool seen_before(const char **seen, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(seen[i], text))
			return true;
	return false;
}

/* What did not hold first: that is what one looks for. */
void doc_pointers(struct doc *d, const json_t *test, size_t most)
{
	const json_t *claims = json_object_get(test, "claims");
	char text[8][300];
	const char *seen[8];
	size_t n = 0, looked = 0;

	for (int good = 0; good < 2; good++)
		for (size_t i = 0; i < json_array_size(claims) && n < most && n < 8; i++) {
			const json_t *c = json_array_get(claims, i), *at = json_object_get(c, "at");

			if ((verdict_of(c, "verdict") == VERDICT_PASS) != good)
				continue;
			for (size_t k = 0; k < json_array_size(at) && n < most && n < 8 && looked++ < POINTERS_MAX; k++) {
				pointer_text(json_array_get(at, k), text[n], sizeof(text[n]));
				if (seen_before(seen, n, text[n]))
					continue;
				seen[n] = text[n];
				doc_put(d, n ? ", <code>" : "<code>");
				doc_text(d, text[n++]);
				doc_put(d, "</code>");
			}
		}
	if (!n)
		doc_put(d, d->kind->lang[0] == 'j' ? "なし" : "none");
}

static void limits(struct doc *d, const json_t *t)
{
	const json_t *all = json_object_get(t, "limits");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *l = json_array_get(all, i);

		doc_put(d, i ? "; " : "");
		doc_json(d, json_object_get(l, "name"));
		doc_put(d, " ");
		doc_json(d, json_object_get(l, "text"));
		doc_put(d, " (");
		doc_json(d, json_object_get(l, "origin"));
		doc_put(d, ")");
	}
	if (!json_array_size(all))
		doc_put(d, "&ndash;");
}

static void test(struct doc *d, const json_t *t, const char *seen)
{
	const json_t *w = waiver_of(d->v, get_text(t, "id"));

	doc_put(d, "<tr><th scope=\"row\"");
	if (!seen) {                            /* of several units the first carries the anchor */
		doc_put(d, " id=\"");
		doc_id(d, "t-", get_text(t, "id"));
		doc_put(d, "\"");
	}
	doc_put(d, ">");
	doc_json(d, json_object_get(t, "id"));
	doc_put(d, "</th><td>");
	doc_both(d, json_object_get(t, "title"));
	doc_put(d, "</td><td>");
	doc_verdict(d, verdict_of(t, "verdict"));
	doc_put(d, "</td><td>");
	doc_json(d, json_object_get(t, "why"));
	if (w) {
		doc_putf(d, " <span class=\"note\">%s ", is_on(w, "expired") ? "Waiver, expired" : "Waiver until");
		doc_json(d, json_object_get(w, "until"));
		doc_put(d, ": beside the verdict, no change of it.</span>");
	}
	doc_put(d, "</td><td>");
	limits(d, t);
	doc_put(d, "</td><td>");
	doc_pointers(d, t, 6);
	doc_put(d, "</td></tr>\n");
}

void doc_tests(struct doc *d)
{
	const json_t *all = json_object_get(d->v, "tests");
	json_t *seen = json_object();

	doc_put(d, "<table class=\"tests\"><thead><tr><th scope=\"col\">Test</th><th scope=\"col\">Title</th><th scope=\"col\">Verdict</th>"
		   "<th scope=\"col\">Why</th><th scope=\"col\">Limits (origin)</th><th scope=\"col\">Evidence</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);
		const char *id = get_text(t, "id");

		test(d, t, json_object_get(seen, id) ? id : NULL);
		json_object_set_new(seen, id, json_true());
	}
	json_decref(seen);
	doc_put(d, "</tbody></table>\n");
}

/* ---- files ---- */
static void want(json_t *names, const json_t *at)
{
	const char *file = get_text(at, "file"), *capture = get_text(at, "capture");

	if (*file || *capture)
		json_object_set_new(names, *file ? file : capture, json_true());
	else if (json_object_get(at, "journal"))
		json_object_set_new(names, "journal.jsonl", json_true());
}

static json_t *named_files(const struct doc *d)
{
	const json_t *tests = json_object_get(d->v, "tests");
	json_t *names = json_object();

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *claims = json_object_get(json_array_get(tests, i), "claims");

		for (size_t k = 0; k < json_array_size(claims); k++) {
			const json_t *at = json_object_get(json_array_get(claims, k), "at");

			for (size_t m = 0; m < json_array_size(at); m++)
				want(names, json_array_get(at, m));
		}
	}
	return names;
}

void doc_files(struct doc *d)
{
	json_t *names = named_files(d), *f;
	const char *path;

	doc_put(d, "<table class=\"files\"><thead><tr><th scope=\"col\">File</th><th scope=\"col\">Bytes</th>"
		   "<th scope=\"col\">SHA-256 under the seal</th></tr></thead><tbody>\n");
	json_object_foreach(d->files, path, f)
		if (!strncmp(path, "inputs/", 7) || json_object_get(names, path)) {
			doc_put(d, "<tr><th scope=\"row\">");
			doc_text(d, path);
			doc_putf(d, "</th><td class=\"n\">%" PRId64 "</td><td><code>", get_int(f, "size"));
			doc_json(d, json_object_get(f, "sha256"));
			doc_put(d, "</code></td></tr>\n");
			json_object_del(names, path);
		}
	json_object_foreach(names, path, f) {
		doc_put(d, "<tr><th scope=\"row\">");
		doc_text(d, path);
		doc_put(d, "</th><td></td><td>not under the seal of this folder</td></tr>\n");
	}
	doc_put(d, "</tbody></table>\n");
	json_decref(names);
}

void doc_places(struct doc *d, const json_t *from, const char *colon)
{
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *id = json_string_value(json_array_get(from, i));
		const json_t *e = id ? doc_entry(d, id) : NULL;

		if (!json_array_size(json_object_get(e, "claims")))
			continue;
		doc_put(d, "<br><span class=\"note\">");
		doc_text(d, id);
		doc_put(d, colon);
		doc_pointers(d, e, 2);
		doc_put(d, "</span>");
	}
}
