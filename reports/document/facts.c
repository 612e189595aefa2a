/* SPDX-License-Identifier: Apache-2.0
 *
 * What every document says of the run it rests on. */
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "reports/document/doc.h"

const json_t *doc_entry(const struct doc *d, const char *id) { return json_object_get(d->entries, id); }

const json_t *doc_mapping(const struct doc *d, const char *id)
{
	const json_t *all = json_object_get(d->v, "mappings");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (!strcmp(get_text(json_array_get(all, i), "id"), id))
			return json_array_get(all, i);
	return NULL;
}

const json_t *doc_identity(const struct doc *d, const char *key)
{
	const json_t *run = json_object_get(d->run, key);

	return doc_says(run) ? run : json_object_get(json_object_get(d->v, "declared"), key);
}

static bool rehearsal(const struct doc *d)
{
	return is_on(d->run, "rehearsal") || is_on(json_object_get(d->v, "gate"), "rehearsal");
}

const char *doc_unfit(const struct doc *d)
{
	const bool ja = d->kind->lang[0] == 'j';

	if (rehearsal(d))
		return ja ? "リハーサル用プロファイルによる実行（時間と回数を短縮）" : "the run is a rehearsal: its profile shortens times and repetitions";
	if (strcmp(get_text(d->run, "state"), "complete"))
		return ja ? "実行が完了していない" : "the run did not finish";
	return "";
}

bool doc_virtual(const struct doc *d)
{
	const json_t *runs = json_object_get(d->run, "runs");
	bool ret = !strcmp(get_text(d->run, "bench_kind"), "virtual");

	for (size_t i = 0; i < json_array_size(runs); i++)      /* of a campaign each has its own bench */
		ret |= !strcmp(get_text(json_array_get(runs, i), "bench_kind"), "virtual");
	return ret;
}

json_t *doc_tested(const struct doc *d)
{
	const json_t *runs = json_object_get(d->run, "runs");
	json_t *ret = json_array();

	for (size_t i = 0; i < json_array_size(runs); i++)
		if (doc_says(json_object_get(json_array_get(runs, i), "serial")))
			json_array_append(ret, json_object_get(json_array_get(runs, i), "serial"));
	if (!json_array_size(ret) && doc_says(json_object_get(d->run, "serial")))
		json_array_append(ret, json_object_get(d->run, "serial"));
	return ret;
}

const char *doc_sealed(const struct doc *d, const char *path)
{
	return get_text(json_object_get(d->files, path), "sha256");
}

static void file_row(struct doc *d, const char *label, const char *name)
{
	char path[FS_PATH], hash[HASH_HEX];
	struct err none = { 0 };

	if (fs_join(path, d->r->dir, name, &none) && hash_file(path, hash, &none))
		doc_row_text(d, label, hash, NULL);
}

static void suites(struct doc *d)
{
	const json_t *all = json_object_get(d->run, "suites");
	const bool ja = d->kind->lang[0] == 'j';

	if (!json_array_size(all))
		return;
	doc_putf(d, "<tr><th scope=\"row\">%s</th><td class=\"hashes\">", ja ? "試験スイート（SHA-256）" : "Suites (SHA-256)");
	for (size_t i = 0; i < json_array_size(all); i++) {
		doc_put(d, i ? "<br>" : "");
		doc_json(d, json_object_get(json_array_get(all, i), "file"));
		doc_put(d, " <code>");
		doc_json(d, json_object_get(json_array_get(all, i), "sha256"));
		doc_put(d, "</code>");
	}
	doc_put(d, "</td></tr>\n");
}

static void tool(struct doc *d, const char *label)
{
	const json_t *t = json_object_get(d->v, "tool");

	doc_putf(d, "<tr><th scope=\"row\">%s</th><td>", label);
	doc_json(d, json_object_get(t, "name"));
	doc_put(d, " ");
	doc_json(d, json_object_get(t, "version"));
	if (doc_says(json_object_get(d->run, "tool"))) {
		doc_put(d, d->kind->lang[0] == 'j' ? "（実行時 " : " (ran as ");
		doc_json(d, json_object_get(d->run, "tool"));
		doc_put(d, d->kind->lang[0] == 'j' ? "）" : ")");
	}
	doc_put(d, "</td></tr>\n");
}

void doc_tools(struct doc *d)
{
	const bool ja = d->kind->lang[0] == 'j';
	static const struct { const char *key, *en, *ja; } row[] = {
		{ "id", "Run", "実行" }, { "started", "Test period, begin", "試験開始" }, { "ended", "Test period, end", "試験終了" },
		{ "state", "State of the run", "実行の状態" }, { "profile", "Profile of limits", "限度値プロファイル" },
		{ "profile_sha256", "SHA-256 of the profile", "プロファイルの SHA-256" }, { "bench", "Bench", "試験設備" },
		{ "bench_kind", "Kind of bench", "設備の種類" }, { "bench_sha256", "SHA-256 of the bench file", "設備ファイルの SHA-256" },
		{ "device_sha256", "SHA-256 of the declaration", "宣言の SHA-256" }, { "seed", "Seed", "乱数の種" },
	};

	tool(d, ja ? "試験ツール" : "Tool");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		doc_row(d, ja ? row[i].ja : row[i].en, json_object_get(d->run, row[i].key), NULL);
	suites(d);
	file_row(d, ja ? "MANIFEST.json の SHA-256" : "SHA-256 of MANIFEST.json", "MANIFEST.json");
	file_row(d, ja ? "verdicts.json の SHA-256" : "SHA-256 of verdicts.json", "verdicts.json");
}
