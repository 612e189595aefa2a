/* SPDX-License-Identifier: Apache-2.0
 *
 * The page loads nothing and connects to nothing. Its policy says so to the browser and allows one style sheet and one
 * script, each by the hash of its bytes: even markup that slipped through the escaper could neither run, load, send nor
 * restyle anything. */
#include <openssl/evp.h>

#include "harness/base/hash.h"
#include "reports/html/page.h"
#include "reports/html/page.js.h"       /* generated from page.js: html_page_js[] */
#include "reports/html/style.css.h"     /* generated from style.css: html_style_css[] */

#define BASE64 64               /* of a SHA-256 */

/* As a policy names it. n: bytes, without the NUL. */
static const char *digest_of(const unsigned char *text, size_t n, char ret[static BASE64])
{
	uint8_t digest[32];

	hash_bytes(text, n, digest);
	EVP_EncodeBlock((unsigned char *)ret, digest, sizeof(digest));
	return ret;
}

/* Which language shows is CSS alone, so it works without the script too: the buttons stand before all that follows their
 * state, their labels after them (:has() would do from anywhere, but costs seconds while a long page is read). */
static const struct { const char *id, *label; } language[] = {
	{ "both", "<span>both</span> <span lang=\"ja\">併記</span>" }, { "en", "English" }, { "ja", "<span lang=\"ja\">日本語</span>" },
};

static void language_buttons(struct html_page *p)
{
	for (size_t i = 0; i < sizeof(language) / sizeof(language[0]); i++)
		putf(p, "<input type=\"radio\" name=\"lang\" class=\"vh\" id=\"lang-%s\"%s autocomplete=\"off\">\n", language[i].id, i ? "" : " checked");
}

static void language_labels(struct html_page *p)
{
	put(p, "<p class=\"lang\">");
	for (size_t i = 0; i < sizeof(language) / sizeof(language[0]); i++)
		putf(p, "<label for=\"lang-%s\">%s</label>", language[i].id, language[i].label);
	put(p, "</p>\n");
}

void html_head(struct html_page *p)
{
	char style[BASE64], script[BASE64];

	put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	putf(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; "
	     "script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n", digest_of(html_style_css, sizeof(html_style_css) - 1, style),
	     digest_of(html_page_js, sizeof(html_page_js) - 1, script));
	put(p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	       "<meta name=\"referrer\" content=\"no-referrer\">\n"
	       "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"jusan ");
	put_attr(p, json_object_get(json_object_get(p->v, "tool"), "version"));
	put(p, "\">\n<title>");
	put_attr(p, json_object_get(p->run, "product"));
	put(p, " ");
	put_attr(p, json_object_get(p->run, "model"));
	put(p, " | conformance report ");
	put_attr(p, json_object_get(p->run, "id"));
	put(p, "</title>\n<style>");
	fwrite(html_style_css, 1, sizeof(html_style_css) - 1, p->out);
	put(p, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#scores\">Skip to the guidelines</a>\n");
	html_symbols(p);
	put(p, "<main>\n");
	language_buttons(p);
	language_labels(p);
}

void html_foot(struct html_page *p)
{
	put(p, "</main>\n<script>");
	fwrite(html_page_js, 1, sizeof(html_page_js) - 1, p->out);
	put(p, "</script>\n</body></html>\n");
}

/* One shape per verdict, so that nothing hangs on colour: disc, square, triangle, half disc, diamond, ring, bar. */
void html_symbols(struct html_page *p)
{
	put(p, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\n"
	       "<symbol id=\"v-p\" viewBox=\"0 0 16 16\"><circle class=\"fill\" cx=\"8\" cy=\"8\" r=\"7\"/><path class=\"cut\" d=\"M4.6 8.3l2.4 2.4 4.4-5\"/></symbol>\n"
	       "<symbol id=\"v-f\" viewBox=\"0 0 16 16\"><path class=\"fill\" d=\"M1 1h14v14H1z\"/><path class=\"cut\" d=\"M4.7 4.7l6.6 6.6m0-6.6l-6.6 6.6\"/></symbol>\n"
	       "<symbol id=\"v-e\" viewBox=\"0 0 16 16\"><path class=\"fill\" d=\"M8 .8L15.6 15H.4z\"/><path class=\"cut\" d=\"M8 5.6v4.6m0 1.6v1.4\"/></symbol>\n"
	       "<symbol id=\"v-i\" viewBox=\"0 0 16 16\"><circle class=\"rim\" cx=\"8\" cy=\"8\" r=\"6.2\"/><path class=\"fill\" d=\"M8 1.8a6.2 6.2 0 0 0 0 12.4z\"/></symbol>\n"
	       "<symbol id=\"v-r\" viewBox=\"0 0 16 16\"><path class=\"rim\" d=\"M8 1.2L14.8 8 8 14.8 1.2 8z\"/><circle class=\"fill\" cx=\"8\" cy=\"8\" r=\"2.2\"/></symbol>\n"
	       "<symbol id=\"v-n\" viewBox=\"0 0 16 16\"><circle class=\"rim dash\" cx=\"8\" cy=\"8\" r=\"6.2\"/></symbol>\n"
	       "<symbol id=\"v-a\" viewBox=\"0 0 16 16\"><path class=\"rim\" d=\"M3 8h10\"/></symbol>\n"
	       "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	       "<path class=\"hatch\" d=\"M0 0v6\"/></pattern>\n</defs></svg>\n");
}
