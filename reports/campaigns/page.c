// SPDX-License-Identifier: Apache-2.0
#include "reports/campaigns/page.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/version.h"
#include "reports/campaigns/script.h"   /* generated from script.js: page_script[] */
#include "reports/campaigns/style.h"    /* generated from look.css and style.css: page_style[] */

#define TEXT_MAX 1000
#define LIST_MAX 40

static void policy(FILE *out, const char *what, const unsigned char *text, size_t n)
{
	uint8_t digest[32];
	unsigned char base64[64];

	hash_bytes(text, n, digest);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	fprintf(out, "%s-src 'sha256-%s'; ", what, (const char *)base64);
}

void page_begin(FILE *out, const char *kind, const char *title, const char *skip, bool script)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ", out);
	policy(out, "style", page_style, sizeof(page_style) - 1);
	if (script)
		policy(out, "script", page_script, sizeof(page_script) - 1);
	fprintf(out, "base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"jusan %s " JUSAN_VERSION "\">\n<title>", kind);
	page_attr(out, title);
	fputs("</title>\n<style>", out);
	fwrite(page_style, 1, sizeof(page_style) - 1, out);
	fprintf(out, "</style>\n</head>\n<body class=\"%s\">\n<a class=\"skip\" href=\"#%s\">Skip to the content</a>\n", kind, skip);
	look_symbols(out);
	fputs("<main>\n", out);
	if (!script)
		return;
	fputs("<script type=\"module\">", out);         /* a module runs when the page has been read */
	fwrite(page_script, 1, sizeof(page_script) - 1, out);
	fputs("</script>\n", out);
}

void page_end(FILE *out)
{
	fputs("</main></body></html>\n", out);
}

void page_str(FILE *out, const char *s) { html_esc(out, s, strlen(s), TEXT_MAX, HTML_TEXT); }
void page_attr(FILE *out, const char *s) { html_esc(out, s, strlen(s), TEXT_MAX, HTML_ATTR); }
void page_id(FILE *out, const char *s) { html_esc_id(out, s); }

static void scalar(FILE *out, const json_t *v)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (json_is_string(v)) {
		html_esc(out, json_string_value(v), json_string_length(v), TEXT_MAX, HTML_TEXT);
	} else if (v && !json_is_null(v)) {
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
		html_esc(out, text ? text : "?", text ? strlen(text) : 1, 200, HTML_TEXT);
	}
}

void page_value(FILE *out, const json_t *v)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v)) {
		scalar(out, v);
		return;
	}
	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		fputs(i ? ", " : "", out);
		scalar(out, json_array_get(v, i));
	}
	if (n > LIST_MAX)
		fprintf(out, " and %zu more", n - LIST_MAX);
}

void page_contents(FILE *out, const struct page_part *part)
{
	fputs("<nav aria-label=\"Contents\" class=\"toc\"><ol>", out);
	for (; part->en; part++)
		if (part->id)
			fprintf(out, "<li><a href=\"#%s\">%s <span lang=\"ja\">%s</span></a></li>", part->id, part->en, part->ja);
	fputs("</ol></nav>\n", out);
}

void page_section(FILE *out, const char *id, const char *en, const char *ja)
{
	fprintf(out, "<section id=\"%s\">\n<h2>%s <span lang=\"ja\">%s</span></h2>\n", id, en, ja);
}

void page_fact(FILE *out, const char *en, const char *ja, const json_t *v)
{
	if (!v || json_is_null(v) || (json_is_string(v) && !json_string_length(v)) || (json_is_array(v) && !json_array_size(v)))
		return;
	fprintf(out, "<div><dt>%s <span lang=\"ja\">%s</span></dt><dd>", en, ja);
	page_value(out, v);
	fputs("</dd></div>\n", out);
}

void page_gate(FILE *out, const json_t *gate, bool rehearsal)
{
	const char *word = get_text(gate, "verdict");
	bool met = !strcmp(word, "MET") && !rehearsal, not_met = !strcmp(word, "NOT MET");
	enum verdict v = met ? VERDICT_PASS : not_met ? VERDICT_FAIL : VERDICT_NOT_TESTED;

	fprintf(out, "<span class=\"v %s\">", look_class(v));
	look_symbol(out, v);
	fprintf(out, "%s <span lang=\"ja\">%s</span></span>", met ? "MET" : not_met ? "NOT MET" : *word ? "OPEN" : "?",
		met ? "合格" : not_met ? "不合格" : "未決");
	if (rehearsal)
		fputs(" <span class=\"tag\">rehearsal <span lang=\"ja\">リハーサル</span></span>", out);
}

void page_scroll(FILE *out, const char *label)
{
	fprintf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n", label);
}
