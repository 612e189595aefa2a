/* SPDX-License-Identifier: Apache-2.0
 *
 * What the script works: search and filter, and the list of keys. Hidden until the script shows them, for without it
 * they could do nothing; the browser's own search and the filter above the tests work without. */
#include "reports/html/page.h"

static void verdicts(struct html_page *p)
{
	static const enum verdict order[VERDICT_COUNT] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW,
		VERDICT_NOT_TESTED, VERDICT_PASS, VERDICT_NOT_APPLICABLE };

	put(p, "<label><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span> <select id=\"find-v\" autocomplete=\"off\"><option value=\"\">all すべて</option>"
	       "<option value=\"eirn\">open 未判定</option>");
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		putf(p, "<option value=\"%s\">%s %s</option>", html_class(order[i]), verdict_name(order[i]), verdict_ja(order[i]));
	put(p, "</select></label>\n");
}

static void guidelines(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "guidelines");

	put(p, "<label><span class=\"en\">Guideline</span> <span lang=\"ja\">ガイドライン</span> <select id=\"find-g\" autocomplete=\"off\"><option value=\"\">all すべて</option>");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *g = json_array_get(all, i);

		put(p, "<option value=\"");
		html_esc_id(p->out, get_text(g, "id"));
		put(p, "\">");
		put_attr(p, json_object_get(g, "id"));
		put(p, " ");
		put_attr(p, json_object_get(json_object_get(g, "title"), "en"));
		put(p, "</option>");
	}
	put(p, "</select></label>\n");
}

static void keys(struct html_page *p)
{
	static const struct { const char *key, *en, *ja; } row[] = {
		{ "/", "search", "検索" }, { "Esc", "clear the filter", "絞り込みを解除" },
		{ "n p", "next, previous test or requirement that is not PASS", "適合でない次・前の項目" },
		{ "e", "open or close all folded parts", "折りたたみをすべて開閉" }, { "l", "language", "言語の切り替え" },
		{ "t", "time line", "時系列" }, { "?", "this list", "この一覧" },
		{ "+ - ← → 0", "in the time line: zoom, move, whole run", "時系列：拡大・縮小・移動・全体" },
	};

	put(p, "<dialog id=\"keys\" aria-label=\"Keys\"><h2><span class=\"en\">Keys</span> <span lang=\"ja\">キー操作</span></h2><dl>");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		putf(p, "<div><dt><kbd>%s</kbd></dt><dd><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></dd></div>", row[i].key, row[i].en, row[i].ja);
	put(p, "</dl><p><button type=\"button\" id=\"keys-close\"><span class=\"en\">Close</span> <span lang=\"ja\">閉じる</span></button></p></dialog>\n");
}

void html_find(struct html_page *p)
{
	put(p, "<form id=\"find\" role=\"search\" aria-label=\"Filter\" hidden>\n"
	       "<label><span class=\"en\">Search</span> <span lang=\"ja\">検索</span> <input type=\"search\" id=\"find-t\" autocomplete=\"off\"></label>\n");
	verdicts(p);
	guidelines(p);
	put(p, "<label><span class=\"en\">Responsible</span> <span lang=\"ja\">主体</span> <select id=\"find-w\" autocomplete=\"off\"><option value=\"\">all すべて</option>"
	       "<option value=\"D\">D device maker 製造者</option><option value=\"S\">S service provider サービス提供者</option>"
	       "<option value=\"A\">A app developer アプリ開発者</option><option value=\"R\">R retailer 小売業者</option></select></label>\n"
	       "<button type=\"reset\"><span class=\"en\">Clear</span> <span lang=\"ja\">解除</span></button>\n"
	       "<button type=\"button\" id=\"keys-open\" aria-label=\"Keys キー操作\">?</button>\n"
	       "<output id=\"find-n\"></output></form>\n");
	keys(p);
}
