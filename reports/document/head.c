/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "harness/base/hash.h"
#include "harness/version.h"
#include "reports/document/doc.h"
#include "reports/document/style.h"     /* generated from style.css: document_style[] */
#include "reports/read/esc.h"

void doc_head(FILE *out, const struct doc_kind *k, const json_t *run)
{
	uint8_t digest[32];
	unsigned char base64[64];

	hash_bytes(document_style, sizeof(document_style) - 1, digest);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"generator\" content=\"jusan " JUSAN_VERSION "\">\n<title>", k->lang, (const char *)base64);
	html_esc_text(out, k->title, HTML_ATTR);
	fputs(": ", out);
	html_esc_text(out, get_text(run, "product"), HTML_ATTR);
	fputs(" ", out);
	html_esc_text(out, get_text(run, "model"), HTML_ATTR);
	fputs("</title>\n<style>", out);
	fwrite(document_style, 1, sizeof(document_style) - 1, out);
	fprintf(out, "</style>\n</head>\n<body class=\"%s\">\n", k->name);
}
