/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/document/doc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/cleanup.h"
#include "harness/base/conf.h"
#include "reports/read/esc.h"
#include "reports/read/evidence.h"

#define TEXT_MAX ((size_t)16 << 10)     /* bytes of one text; the gap of a longer one is visible */
#define LIST_MAX 200

void doc_put(struct doc *d, const char *markup) { fputs(markup, d->out); }

void doc_putf(struct doc *d, const char *markup, ...)
{
	va_list ap;

	va_start(ap, markup);
	vfprintf(d->out, markup, ap);
	va_end(ap);
}

void doc_text(struct doc *d, const char *s) { html_esc(d->out, s, strlen(s), TEXT_MAX, HTML_PRE); }

void doc_id(struct doc *d, const char *prefix, const char *id)
{
	fputs(prefix, d->out);
	html_esc_id(d->out, id);
}

static void scalar(struct doc *d, const json_t *v)
{
	if (json_is_string(v))
		html_esc(d->out, json_string_value(v), json_string_length(v), TEXT_MAX, HTML_PRE);
	else if (json_is_integer(v))
		doc_putf(d, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_boolean(v))
		doc_put(d, json_is_true(v) ? "true" : "false");
	else if (json_is_object(v) || json_is_array(v))
		doc_put(d, json_is_object(v) ? "{...}" : "[...]");
}

void doc_json(struct doc *d, const json_t *v)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v)) {
		scalar(d, v);
		return;
	}
	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		doc_put(d, i ? ", " : "");
		scalar(d, json_array_get(v, i));
	}
	if (n > LIST_MAX)
		doc_putf(d, " (+%zu)", n - LIST_MAX);
}

static bool japanese(const struct doc *d) { return d->kind->lang[0] == 'j'; }

void doc_both(struct doc *d, const json_t *title)
{
	if (json_is_string(title))
		doc_json(d, title);
	else
		doc_json(d, json_object_get(title, d->kind->lang));
}

void doc_blank(struct doc *d, const char *who, const char *what)
{
	doc_putf(d, "<span class=\"blank\"><i>%u</i> ", ++d->blanks);
	if (japanese(d))
		doc_putf(d, "要記入（%s）", who);
	else
		doc_putf(d, "to be completed by %s", who);
	if (what)
		doc_putf(d, japanese(d) ? "：%s" : ": %s", what);
	doc_put(d, "</span>");
}

void doc_verdict(struct doc *d, enum verdict v)
{
	doc_putf(d, "<b class=\"v %s\">", verdict_name(v));
	doc_put(d, japanese(d) ? verdict_ja(v) : v == VERDICT_NOT_APPLICABLE ? "N/A" : verdict_name(v));
	doc_put(d, "</b>");
}

void doc_counts(struct doc *d, const unsigned of[static VERDICT_COUNT])
{
	for (int s = VERDICT_COUNT; s-- > 0;)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			if (of[v] && verdict_severity((enum verdict)v) == s) {
				doc_putf(d, "<span class=\"rest\">%u ", of[v]);
				doc_verdict(d, (enum verdict)v);
				doc_put(d, "</span> ");
			}
}

bool doc_says(const json_t *v)
{
	if (json_is_string(v))
		return json_string_length(v) > 0;
	return json_is_array(v) ? json_array_size(v) > 0 : v && !json_is_null(v);
}

void doc_row(struct doc *d, const char *label, const json_t *v, const char *who)
{
	if (!doc_says(v) && !who)
		return;
	doc_putf(d, "<tr><th scope=\"row\">%s</th><td>", label);
	if (doc_says(v))
		doc_json(d, v);
	else
		doc_blank(d, who, NULL);
	doc_put(d, "</td></tr>\n");
}

void doc_row_text(struct doc *d, const char *label, const char *text, const char *who)
{
	json_t *v = json_stringn_nocheck(text, strlen(text));

	doc_row(d, label, v, who);
	json_decref(v);
}

void doc_row_blank(struct doc *d, const char *label, const char *who, const char *what)
{
	doc_putf(d, "<tr><th scope=\"row\">%s</th><td>", label);
	doc_blank(d, who, what);
	doc_put(d, "</td></tr>\n");
}

/* ---- the whole ---- */

static void add_entries(json_t *all, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *e = json_array_get(list, i), *is = json_object_get(all, get_text(e, "id"));

		if (*get_text(e, "id") &&
		    (!is || verdict_severity(verdict_of(e, "verdict")) > verdict_severity(verdict_of(is, "verdict"))))
			json_object_set(all, get_text(e, "id"), e);
	}
}

/* Where the declaration lies; a campaign has it in the runs of its units, and they are all of the same. */
static int64_t find_device(struct evidence *e, const json_t *runs)
{
	int64_t size = evidence_use(e, "inputs/device.yaml");
	char name[200];

	for (size_t i = 0; size < 0 && i < json_array_size(runs); i++)
		if (snprintf(name, sizeof(name), "%.150s/inputs/device.yaml", get_text(json_array_get(runs, i), "folder")) > 0)
			size = evidence_use(e, name);
	return size;
}

/* What the maker declared, as the run took it in. Somebody may have written anything there: then nothing is declared. */
static json_t *read_device(const struct result *r)
{
	struct evidence *e = evidence_open(r->dir, r->verdicts);
	int64_t size = find_device(e, json_object_get(json_object_get(r->verdicts, "run"), "runs"));
	struct arena a = { 0 };
	struct err none = { 0 };
	const struct conf *c;
	CLEANUP(free_ptr) char *text = NULL;
	json_t *ret = NULL;

	if (size > 0 && (uint64_t)size <= CONF_MAX_BYTES && (text = malloc((size_t)size + 1))) {
		size_t n = evidence_read(e, 0, size, (uint8_t *)text);

		text[n] = '\0';
		if (conf_parse(&a, "device.yaml", text, n, &c, &none))
			ret = conf_json(c);
	}
	evidence_close(e);
	arena_free(&a);
	return ret;
}

static void top(FILE *out, const struct doc *d)
{
	const bool ja = d->kind->lang[0] == 'j';

	fprintf(out, "<header><p class=\"mark\">%s</p><h1>%s</h1>\n<p class=\"draft\">%s</p>\n<p class=\"count\">", ja ? "下書き DRAFT" : "DRAFT",
		d->kind->title, d->kind->draft);
	fprintf(out, ja ? "人が記入する欄が <b>%u</b> か所あります。いずれも番号と「要記入」で示します。" :
		d->blanks == 1 ? "<b>%u</b> field to be completed by a person; it is numbered and marked like this: " :
		"<b>%u</b> fields to be completed by a person; each is numbered and marked like this: ", d->blanks);
	fputs(ja ? "<span class=\"blank\">要記入</span>" : "<span class=\"blank\">to be completed by ...</span>", out);
	fputs("</p></header>\n<main>\n", out);
}

bool doc_write(const struct doc_kind *k, const struct result *r, FILE *out, struct err *err)
{
	struct doc d = { .kind = k, .r = r, .v = r->verdicts, .run = json_object_get(r->verdicts, "run"), .entries = json_object() };
	CLEANUP(free_ptr) char *body = NULL;
	size_t n = 0;

	d.out = open_memstream(&body, &n);
	if (!d.out)
		return json_decref(d.entries), err_sys(err, "%s", k->name);
	add_entries(d.entries, json_object_get(d.v, "tests"));
	add_entries(d.entries, json_object_get(d.v, "requirements"));
	add_entries(d.entries, json_object_get(d.v, "records"));
	d.device = read_device(r);
	d.files = sealed_files(r->dir);
	d.ics = doc_ics_index(d.v);
	k->body(&d);
	json_decref(d.entries);
	json_decref(d.device);
	json_decref(d.files);
	json_decref(d.ics);
	if (fclose(d.out) != 0)
		return err_sys(err, "%s", k->name);
	doc_head(out, k, d.run);
	top(out, &d);
	fwrite(body, 1, n, out);
	fputs("</main></body></html>\n", out);
	return !ferror(out) || err_sys(err, "%s", k->name);
}
