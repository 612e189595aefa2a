/* SPDX-License-Identifier: Apache-2.0
 *
 * What the maker declared: which product, the ICS of each edition beside the conditions as they came out, and where the document
 * contradicts itself or what the bench saw. None of it is a verdict on the device. */
#include <string.h>

#include "reports/html/page.h"

static const char nothing[] = "<span class=\"mut\">&ndash;</span>";

static void cell(struct html_page *p, const json_t *v)
{
	put(p, "<td>");
	if (v && (!json_is_string(v) || json_string_length(v)))
		put_text(p, v);
	else
		put(p, nothing);
	put(p, "</td>");
}

/* ---- the product ---- */
static void product(struct html_page *p)
{
	static const struct { const char *key, *en, *ja; } row[] = {
		{ "maker", "Maker", "製造者" }, { "product", "Product", "製品" }, { "model", "Model", "型番" }, { "hardware", "Hardware", "ハードウェア" },
		{ "firmware", "Firmware", "ファームウェア" }, { "firmware_sha256", "SHA-256 of the firmware", "ファームウェアの SHA-256" },
		{ "units", "Units", "試験体" }, { "edition", "Claimed edition", "主張する版" },
	};
	const json_t *identity = json_object_get(p->v, "declared");

	put(p, "<table class=\"defaults\"><tbody>\n");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		putf(p, "<tr><th scope=\"row\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></th>", row[i].en, row[i].ja);
		cell(p, json_object_get(identity, row[i].key));
		put(p, "</tr>\n");
	}
	put(p, "</tbody></table>\n");
}

/* ---- findings on the document ---- */
static void kind(struct html_page *p, const char *word)
{
	static const struct { const char *word, *en, *ja; } known[] = {
#define X(word, en, ja) { word, en, ja },
		FINDING_KINDS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].word, word)) {
			putf(p, "<span class=\"en\">%s</span> <span lang=\"ja\">%s</span>", known[i].en, known[i].ja);
			return;
		}
	put_str(p, word);
}

static void finding(struct html_page *p, const json_t *f)
{
	const json_t *seen = json_object_get(f, "seen");

	put(p, "<tr><th scope=\"row\">");
	kind(p, get_text(f, "kind"));
	put(p, "</th><td>");
	put_text(p, json_object_get(f, "text"));
	put(p, "</td>");
	cell(p, json_object_get(f, "where"));
	put(p, "<td>");
	if (count_of(f, "lines"))
		put_text(p, json_object_get(f, "lines"));
	else
		put(p, nothing);
	put(p, "</td><td>");
	if (json_is_object(seen)) {
		json_t *one = json_array();

		json_array_append(one, (json_t *)(uintptr_t)seen);
		put_pointers(p, one, 1);
		json_decref(one);
	} else {
		put(p, nothing);
	}
	put(p, "</td></tr>\n");
}

static void findings(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "findings");

	put(p, "<h3 id=\"document\"><span class=\"en\">Findings on the document</span> <span lang=\"ja\">文書に対する指摘</span></h3>\n");
	if (!json_array_size(all)) {
		put(p, "<p>None: what is declared does not contradict itself, nor what the bench saw. "
		       "<span lang=\"ja\">なし。宣言の中にも、観測との間にも矛盾はありません。</span></p>\n");
		return;
	}
	put(p, "<p>They are for whoever wrote the declaration and count for no verdict. "
	       "<span lang=\"ja\">宣言の作成者への指摘であり、機器の判定には影響しません。</span></p>\n"
	       "<table class=\"declared\"><thead><tr><th scope=\"col\"><span class=\"en\">Kind</span> <span lang=\"ja\">種類</span></th>"
	       "<th scope=\"col\"><span class=\"en\">What</span> <span lang=\"ja\">内容</span></th><th scope=\"col\"><span class=\"en\">Where</span> <span lang=\"ja\">箇所</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Lines</span> <span lang=\"ja\">項目</span></th><th scope=\"col\"><span class=\"en\">Seen</span> <span lang=\"ja\">観測</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		finding(p, json_array_get(all, i));
	put(p, "</tbody></table>\n");
}

/* ---- an edition ---- */
static void truth(struct html_page *p, const json_t *value)
{
	put(p, json_is_true(value) ? "<span class=\"en\">true</span> <span lang=\"ja\">真</span>" : json_is_false(value) ? "<span class=\"en\">false</span> <span lang=\"ja\">偽</span>" :
	       json_is_null(value) ? "<span class=\"mut\"><span class=\"en\">unknown</span> <span lang=\"ja\">不明</span></span>" : nothing);
}

static void line(struct html_page *p, const json_t *l)
{
	put(p, "<tr><th scope=\"row\">");
	put_text(p, json_object_get(l, "id"));
	put(p, "</th><td class=\"req\"><div class=\"both\"><p class=\"en\">");
	put_text(p, json_object_get(json_object_get(l, "topic"), "en"));
	put(p, "</p><p lang=\"ja\">");
	put_text(p, json_object_get(json_object_get(l, "topic"), "ja"));
	put(p, "</p></div></td>");
	cell(p, json_object_get(l, "status"));
	put(p, "<td>");
	truth(p, json_object_get(l, "condition"));
	put(p, "</td>");
	cell(p, json_object_get(l, "support"));
	cell(p, json_object_get(l, "detail"));
	cell(p, json_object_get(l, "evidence"));
	put(p, "</tr>\n");
}

static void lines(struct html_page *p, const json_t *ics)
{
	put(p, "<table class=\"declared ics\"><thead><tr><th scope=\"col\"><span class=\"en\">Line</span> <span lang=\"ja\">項目</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Topic</span> <span lang=\"ja\">内容</span></th><th scope=\"col\"><span class=\"en\">Status</span> <span lang=\"ja\">区分</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Condition</span> <span lang=\"ja\">条件</span></th><th scope=\"col\"><span class=\"en\">Support</span> <span lang=\"ja\">対応</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Detail</span> <span lang=\"ja\">説明</span></th><th scope=\"col\"><span class=\"en\">Evidence</span> <span lang=\"ja\">証拠</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(ics); i++)
		line(p, json_array_get(ics, i));
	put(p, "</tbody></table>\n");
}

static void terms(struct html_page *p, const json_t *edition, const char *key, const char *word, const char *ja)
{
	const char *id;
	json_t *t;

	json_object_foreach(json_object_get(edition, key), id, t) {
		putf(p, "<tr><th scope=\"row\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span> ", word, ja);
		put_str(p, id);
		put(p, "</th><td>");
		put_both(p, json_object_get(t, "text"));
		put(p, "</td><td>");
		truth(p, json_object_get(t, "value"));
		put(p, "</td>");
		cell(p, json_object_get(t, "evidence"));
		cell(p, json_object_get(t, "from"));
		put(p, "</tr>\n");
	}
}

static void edition(struct html_page *p, const char *name, const json_t *e)
{
	const json_t *ics = json_object_get(e, "ics");
	size_t answered = 0;

	for (size_t i = 0; i < json_array_size(ics); i++)
		answered += *get_text(json_array_get(ics, i), "support") != '\0';
	put(p, "<details><summary>");
	put_str(p, name);
	if (ics)
		putf(p, ": <span class=\"en\">ICS, %zu of %zu lines answered</span> <span lang=\"ja\">全 %zu 項目のうち %zu 項目に回答</span>", answered, json_array_size(ics),
		     json_array_size(ics), answered);
	else
		put(p, ": <span class=\"en\">no ICS</span> <span lang=\"ja\">ICS なし</span>");
	put(p, "</summary>\n");
	if (ics)
		lines(p, ics);
	put(p, "<table class=\"declared\"><thead><tr><th scope=\"col\"><span class=\"en\">Term</span> <span lang=\"ja\">前提</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Holds when</span> <span lang=\"ja\">成り立つ場合</span></th><th scope=\"col\"><span class=\"en\">Evaluated</span> <span lang=\"ja\">評価</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Evidence</span> <span lang=\"ja\">証拠</span></th><th scope=\"col\"><span class=\"en\">From</span> <span lang=\"ja\">出所</span></th></tr></thead><tbody>\n");
	terms(p, e, "conditions", "condition", "条件");
	terms(p, e, "features", "feature", "機能");
	put(p, "</tbody></table>\n</details>\n");
}

void html_declaration(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "declaration");
	const char *name;
	json_t *e;

	put(p, "<section id=\"declaration\">\n<h2><span class=\"en\">Declaration</span> <span lang=\"ja\">宣言</span></h2>\n");
	product(p);
	findings(p);
	json_object_foreach((json_t *)(uintptr_t)all, name, e)
		edition(p, name, e);
	put(p, "</section>\n");
}
