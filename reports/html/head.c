/* SPDX-License-Identifier: Apache-2.0
 *
 * The page holds no script and loads nothing. Its policy says so to the browser and allows one style sheet, by hash:
 * even markup that slipped through the escaper could neither run, load nor restyle anything. */
#include <openssl/evp.h>

#include "harness/base/hash.h"
#include "reports/html/page.h"
#include "reports/html/style.h"         /* generated from style.css: html_style[] */

void html_head(struct html_page *p)
{
	uint8_t digest[32];
	unsigned char base64[64];

	hash_bytes(html_style, sizeof(html_style) - 1, digest);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	putf(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; "
	     "base-uri 'none'; form-action 'none'\">\n", (const char *)base64);
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
}
