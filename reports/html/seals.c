/* SPDX-License-Identifier: Apache-2.0
 *
 * What seals the run, and who is named as signer. The report checks neither: it says so, and with which command one does. */
#include <inttypes.h>

#include "harness/base/cleanup.h"
#include "reports/read/seals.h"
#include "reports/html/page.h"

static const char ask[] = "jusan verify --key KEY.pem RUN";

enum status { UNSEALED, UNSIGNED, PARTLY, SIGNED };

/* SIGNED: every seal names a signer and has a signature beside it. */
static enum status status_of(const json_t *seals)
{
	size_t n = json_array_size(seals), good = 0, any = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *s = json_array_get(seals, i);

		any += *get_text(s, "signer") || is_on(s, "signature");
		good += *get_text(s, "signer") && is_on(s, "signature");
	}
	return !n ? UNSEALED : good == n ? SIGNED : any ? PARTLY : UNSIGNED;
}

void html_signature(struct html_page *p)
{
	CLEANUP(free_json) json_t *seals = seals_of(p->r->dir);

	put(p, "<div><dt><span class=\"en\">Signature</span> <span lang=\"ja\">署名</span></dt><dd><a href=\"#seals\">");
	switch (status_of(seals)) {
	case UNSEALED: put(p, "<span class=\"en\">not sealed</span> <span lang=\"ja\">封印なし</span></a>"); break;
	case UNSIGNED: put(p, "<span class=\"en\">not signed</span> <span lang=\"ja\">署名なし</span></a>"); break;
	case PARTLY: put(p, "<span class=\"en\">not every seal is signed</span> <span lang=\"ja\">一部のみ署名</span></a>"); break;
	case SIGNED:
		put(p, "<span class=\"en\">signed by</span> <span lang=\"ja\">署名者</span> ");
		put_hash(p, get_text(json_array_get(seals, 0), "signer"));
		put(p, "</a> <small><span class=\"en\">not checked here</span> <span lang=\"ja\">未検証</span></small>");
	}
	put(p, "</dd></div>\n");
}

static void signer(struct html_page *p, const json_t *s)
{
	bool named = *get_text(s, "signer") != '\0', there = is_on(s, "signature");

	if (!named && !there) {
		put(p, "<span class=\"en\">not signed</span> <span lang=\"ja\">署名なし</span>");
		return;
	}
	if (named && there)
		put(p, "<span class=\"en\">signed by the key</span> <span lang=\"ja\">署名した鍵</span> ");
	else if (named)
		put(p, "<b class=\"tag\"><span class=\"en\">the signature is missing; the seal names the key</span> <span lang=\"ja\">署名ファイルなし、記載された鍵</span></b> ");
	else
		put(p, "<b class=\"tag\"><span class=\"en\">a signature, but the seal names no key</span> <span lang=\"ja\">署名はあるが鍵の記載なし</span></b>");
	put(p, "<span class=\"hash\">");
	put_text(p, json_object_get(s, "signer"));
	put(p, "</span>");
}

void html_seals(struct html_page *p)
{
	CLEANUP(free_json) json_t *seals = seals_of(p->r->dir);

	put(p, "<section id=\"seals\">\n<h2><span class=\"en\">Seals and signatures</span> <span lang=\"ja\">封印と署名</span></h2>\n");
	if (!json_array_size(seals)) {
		put(p, "<p><span class=\"en\">The folder was not sealed: nothing says that it is still what was written.</span> "
		       "<span lang=\"ja\">このフォルダは封印されておらず、記録後の変更を検出できません。</span></p>\n</section>\n");
		return;
	}
	put(p, "<p><span class=\"en\">What the seals say. This report has not checked them;</span> <span lang=\"ja\">封印の記載内容です。この報告書では検証していません。検証の方法：</span> ");
	putf(p, "<code>%s</code> <span class=\"en\">does, against a key you hold.</span></p>\n", ask);
	put(p, "<table class=\"seals\"><thead><tr><th scope=\"col\"><span class=\"en\">Seal</span> <span lang=\"ja\">封印</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Of</span> <span lang=\"ja\">対象</span></th><th scope=\"col\"><span class=\"en\">Files</span> <span lang=\"ja\">ファイル数</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Signature</span> <span lang=\"ja\">署名</span></th><th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(seals); i++) {
		const json_t *s = json_array_get(seals, i);

		put(p, "<tr><th scope=\"row\">");
		put_text(p, json_object_get(s, "seal"));
		put(p, "</th><td>");
		put_text(p, json_object_get(s, "what"));
		putf(p, "</td><td>%" PRId64 "</td><td>", get_int(s, "files"));
		signer(p, s);
		put(p, "</td><td class=\"hash\">");
		put_text(p, json_object_get(s, "sha256"));
		put(p, "</td></tr>\n");
	}
	put(p, "</tbody></table>\n</section>\n");
}
