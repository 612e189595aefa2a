/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/cleanup.h"

#define TEXT_MAX 2000           /* bytes of one text on the page */
#define LIST_MAX 40             /* members of one list on the page */

bool html_worse(const json_t *a, const json_t *b)
{
	return a && verdict_severity(html_verdict(a)) >= verdict_severity(html_verdict(b));
}

const char *html_class(enum verdict v) { return look_class(v); }

enum verdict html_verdict(const json_t *entry)
{
	return verdict_of(entry, "verdict");
}

void put(struct html_page *p, const char *markup)
{
	fputs(markup, p->out);
}

void putf(struct html_page *p, const char *markup, ...)
{
	va_list ap;

	va_start(ap, markup);
	vfprintf(p->out, markup, ap);
	va_end(ap);
}

static void scalar(struct html_page *p, const json_t *v, enum html_how how)
{
	if (json_is_string(v))
		html_esc(p->out, json_string_value(v), json_string_length(v), TEXT_MAX, how);
	else if (json_is_integer(v))
		putf(p, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_boolean(v))
		put(p, json_is_true(v) ? "true" : "false");
	else if (json_is_object(v) || json_is_array(v))
		put(p, json_is_object(v) ? "{...}" : "[...]");
}

static void list(struct html_page *p, const json_t *v, enum html_how how)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v)) {
		scalar(p, v, how);
		return;
	}
	if (!n)
		put(p, "(none)");
	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		put(p, i ? ", " : "");
		scalar(p, json_array_get(v, i), how);
	}
	if (n > LIST_MAX)
		putf(p, ", and %zu more", n - LIST_MAX);
}

void put_text(struct html_page *p, const json_t *v) { list(p, v, HTML_TEXT); }
void put_attr(struct html_page *p, const json_t *v) { list(p, v, HTML_ATTR); }

void put_str(struct html_page *p, const char *s)
{
	html_esc(p->out, s, strlen(s), TEXT_MAX, HTML_TEXT);
}

void put_ja(struct html_page *p, const char *ja)
{
	put(p, "<span lang=\"ja\">");
	put_str(p, ja);
	put(p, "</span>");
}

void put_both(struct html_page *p, const json_t *title)
{
	const char *ja = get_text(title, "ja");

	put(p, *ja ? "<span class=\"en\">" : "<span>");          /* what has no Japanese beside it is never hidden */
	put_text(p, json_is_object(title) ? json_object_get(title, "en") : title);
	put(p, "</span>");
	if (*ja) {
		put(p, " ");
		put_ja(p, ja);
	}
}

void put_span(struct html_page *p, int64_t ns)
{
	int64_t ms = ns / 1000000, s = ns / INT64_C(1000000000), us = ns / 1000;

	if (ns < 0)
		put(p, "?");
	else if (us < 1000)
		putf(p, "%" PRId64 " µs", us);
	else if (s < 1)
		putf(p, "%" PRId64 " ms", ms);
	else if (s < 100)
		putf(p, "%" PRId64 ".%02" PRId64 " s", s, ms % 1000 / 10);
	else if (s < 3600)
		putf(p, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
	else
		putf(p, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
}

void put_since(struct html_page *p, int64_t t_ns)
{
	int64_t d = t_ns - p->begin_ns, ms = (d < 0 ? -d : d) / 1000000;

	putf(p, "%s%" PRId64 ".%03" PRId64 " s", d < 0 ? "-" : "+", ms / 1000, ms % 1000);
}

void put_when(struct html_page *p, int64_t t_ns, int64_t end_ns)
{
	int64_t ms = (t_ns - p->begin_ns) / 1000000, end = (end_ns - p->begin_ns) / 1000000;

	putf(p, "<a class=\"when\" href=\"#timeline\" data-t=\"%" PRId64 "\"", ms < 0 ? 0 : ms);
	if (end_ns > t_ns)
		putf(p, " data-z=\"%" PRId64 "\"", end < 0 ? 0 : end);
	put(p, ">");
	put_since(p, t_ns);
	put(p, "</a>");
}

void put_evidence_id(struct html_page *p, const json_t *test, size_t claim)
{
	put(p, "e-");
	put_anchor(p, test);
	putf(p, "-%zu", claim);
}

void put_share(struct html_page *p, int64_t ppm, bool up)
{
	ppm = ppm < 0 ? 0 : ppm > 1000000 ? 1000000 : ppm;      /* a foreign folder may hold any number */
	putf(p, "%" PRId64, (ppm + (up ? 9999 : 0)) / 10000);
}

void put_symbol(struct html_page *p, enum verdict v) { look_symbol(p->out, v); }
void put_verdict(struct html_page *p, enum verdict v) { look_verdict(p->out, v); }
void put_verdict_both(struct html_page *p, enum verdict v) { look_verdict_both(p->out, v); }

static void links(struct html_page *p, const json_t *ids, const json_t *known, const json_t *also)
{
	size_t n = json_array_size(ids);

	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *entry = id ? json_object_get(known, id) : NULL;

		if (!id)
			continue;
		entry = entry ? entry : json_object_get(also, id);
		put(p, i ? " " : "");
		if (!entry) {                   /* names something this run knows nothing of */
			put(p, "<span class=\"id\">");
			put_str(p, id);
			put(p, "</span>");
			continue;
		}
		put(p, "<a class=\"id\" href=\"#");
		html_esc_id(p->out, id);
		put(p, "\">");
		put_symbol(p, html_verdict(entry));
		put_str(p, id);
		put(p, "</a>");
	}
	if (n > LIST_MAX)
		putf(p, " and %zu more", n - LIST_MAX);
}

void put_test_links(struct html_page *p, const json_t *ids) { links(p, ids, p->tests, NULL); }
void put_requirement_links(struct html_page *p, const json_t *ids) { links(p, ids, p->requirements, NULL); }
void put_links(struct html_page *p, const json_t *ids) { links(p, ids, p->requirements, p->tests); }
void put_record_links(struct html_page *p, const json_t *ids) { links(p, ids, p->records, NULL); }

void put_anchor(struct html_page *p, const json_t *test)
{
	html_esc_id(p->out, get_text(test, "id"));
	if (get_int(test, "unit") > 1)
		putf(p, "-u%" PRId64, get_int(test, "unit"));
}

/* Letters of `who` of the requirements with these ids, each once. */
static void parties(struct html_page *p, const json_t *ids, bool seen[static 26])
{
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *who = json_object_get(id ? json_object_get(p->requirements, id) : NULL, "who");

		for (size_t k = 0; k < json_array_size(who); k++) {
			const char *word = json_string_value(json_array_get(who, k));

			if (word && *word >= 'A' && *word <= 'Z')
				seen[*word - 'A'] = true;
		}
	}
}

void put_filter(struct html_page *p, const json_t *entry)
{
	const char *guideline = get_text(entry, "guideline");
	bool seen[26] = { false };

	put(p, " data-g=\"");
	html_esc_id(p->out, guideline);
	put(p, "\" data-w=\"");
	if (json_object_get(entry, "who")) {
		CLEANUP(free_json) json_t *self = json_pack("[O?]", json_object_get(entry, "id"));

		parties(p, self, seen);
	}
	parties(p, json_object_get(entry, "decides"), seen);
	parties(p, json_object_get(entry, "supports"), seen);
	for (int i = 0; i < 26; i++)
		if (seen[i])
			putf(p, "%c", 'A' + i);
	put(p, "\"");
}

void put_hash(struct html_page *p, const char *hex)
{
	html_esc(p->out, hex, strnlen(hex, 16), 16, HTML_TEXT);
}
