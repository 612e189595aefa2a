/* SPDX-License-Identifier: Apache-2.0
 *
 * The page loads nothing and connects to nothing. Its policy says so to the browser and allows one style sheet and one
 * script, each by the hash of its bytes: even markup that slipped through the escaper could neither run, load, send nor
 * restyle anything. */
#include <openssl/evp.h>

#include "harness/base/hash.h"
#include "reports/html/page.h"
#include "reports/html/script.h"        /* generated from page.js: html_script[] */
#include "reports/html/style.h"         /* generated from look.css and style.css: html_style[] */

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
	     "script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n", digest_of(html_style, sizeof(html_style) - 1, style),
	     digest_of(html_script, sizeof(html_script) - 1, script));
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
	fwrite(html_style, 1, sizeof(html_style) - 1, p->out);
	put(p, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#scores\">Skip to the guidelines</a>\n");
	look_symbols(p->out);
	put(p, "<main>\n");
	language_buttons(p);
	language_labels(p);
}

void html_foot(struct html_page *p)
{
	put(p, "</main>\n<script>");
	fwrite(html_script, 1, sizeof(html_script) - 1, p->out);
	put(p, "</script>\n</body></html>\n");
}
