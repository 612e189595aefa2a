// SPDX-License-Identifier: Apache-2.0
// ICS and IXIT to CSV and back; the skeleton.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf_write.h"
#include "harness/base/csv.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/declare.h"
#include "harness/declare_csv.h"
#include "harness/declare_skeleton.h"
#include "harness/shapes.h"
#include "harness/test_editions.h"

#define GOLDEN "fixtures/golden/device-full.yaml"

static struct err err;
static char said[4000], dir[64];

static void note(const struct err *e, void *data)
{
	char line[700];

	(void)data;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", err_line(e, line, sizeof(line)));
}

static void begin(void)
{
	said[0] = '\0';
	snprintf(dir, sizeof(dir), "/tmp/jusan-csv-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void end(void)
{
	ck_assert(fs_remove(dir, &err));
}

static const struct conf *sound(struct arena *a, const char *name, const char *text, size_t n)
{
	const struct conf *c = NULL;

	ck_assert_msg(conf_parse(a, name, text, n, &c, &err), "%s", err.text);
	ck_assert_msg(shape_check(c, device_shape(a, test_editions()), name, note, NULL) && declare_check(c, note, NULL), "%s", said);
	return c;
}

static const struct conf *sound_file(struct arena *a, const char *path)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	ck_assert_msg(fs_read(path, CONF_MAX_BYTES, &text, &n, &err), "%s", err.text);
	return sound(a, path, text, n);
}

/* ICS and IXIT as JSON, without the places where they stood; new reference. */
static json_t *content(const struct conf *c)
{
	json_t *d = declare_json(c), *out = json_pack("{s:O?,s:O?}", "ics", json_object_get(d, "ics"), "ixit", json_object_get(d, "ixit")), *v, *e;
	const char *key, *k;

	json_object_foreach(json_object_get(json_object_get(out, "ixit"), "tables"), key, v)
		json_object_del(v, "where");
	json_object_foreach(json_object_get(out, "ics"), key, v)
		json_object_foreach(v, k, e)
			json_object_del(e, "where");
	json_decref(d);
	return out;
}

/* To CSV, and the whole file back from it. */
static const struct conf *round_trip(struct arena *a, const struct conf *c, const char *path)
{
	CLEANUP(free_ptr) char *text = NULL;
	const struct conf *sections = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(declare_export(c, test_editions(), dir, &err), "%s", err.text);
	ck_assert_msg(declare_import(a, test_editions(), dir, note, NULL, &sections), "%s", said);
	ck_assert_msg(declare_replace(out, path, sections, &err), "%s", err.text);
	fclose(out);
	return sound(a, "again.yaml", text, n);
}

static const char *const shipped[] = { GOLDEN, "fixtures/device/device.yaml" };
START_TEST(files_survive)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = sound_file(&a, shipped[_i]), *again;
	CLEANUP(free_json) json_t *before = content(c);
	CLEANUP(free_json) json_t *whole = conf_json(c);
	CLEANUP(free_json) json_t *after = NULL, *whole_after = NULL;

	begin();
	again = round_trip(&a, c, shipped[_i]);
	after = content(again);
	ck_assert(json_equal(before, after));
	whole_after = conf_json(again);
	json_object_del(whole, "ixit");         /* there a cell is text, whatever YAML makes of it */
	json_object_del(whole_after, "ixit");
	ck_assert(json_equal(whole, whole_after));
	end();
}
END_TEST

/* As declared, another file, gone. */
static const struct { const char *text; bool there; } files[] = { { "abc", true }, { "abd", false }, { NULL, false } };
START_TEST(files_are_what_they_were)
{
	static const char device[] = "evidence: {E1: {file: documents/a.txt, sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad}}\n";
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *d = NULL, *known = NULL;
	struct err what = { 0 };
	char path[FS_PATH];

	begin();
	ck_assert(fs_join(path, dir, "documents", &err) && fs_mkdirs(path, &err) && fs_join(path, dir, "documents/a.txt", &err));
	if (files[_i].text)
		ck_assert(fs_write(path, files[_i].text, 3, &err));
	d = declare_json(sound(&a, "device.yaml", device, strlen(device)));
	ck_assert(fs_join(path, dir, "device.yaml", &err));
	known = evidence_known(d, path, NULL);
	ck_assert(evidence_exists(d, known, "E1") == files[_i].there);
	ck_assert(evidence_files(d, path, &what) == files[_i].there);
	ck_assert_msg(files[_i].there || strstr(what.text, "device.yaml:1:12: evidence E1"), "%s", what.text);
	ck_assert(files[_i].there || what.kind == ERR_CONF);
	end();
}
END_TEST

START_TEST(golden_is_complete)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = sound_file(&a, GOLDEN), *ixit = conf_get(c, "ixit");
	CLEANUP(free_json) json_t *d = declare_json(c);
	CLEANUP(free_json) json_t *known = evidence_known(d, GOLDEN, NULL);
	CLEANUP(free_json) json_t *built = declaration_build(d, known, test_editions());
	CLEANUP(free_json) json_t *found = declaration_findings(&(struct contradict){ .declared = d, .declaration = built, .known = known,
										       .editions = test_editions() });

	for (unsigned i = 0; i < IXIT_TABLES; i++) {
		const struct conf *rows = conf_get(ixit, ixit_table[i].name[0]);

		rows = rows ? rows : conf_get(ixit, ixit_table[i].name[1]);
		ck_assert_msg(rows && rows->n > 0, "%s has no rows", ixit_table[i].name[1]);
	}
	for (int e = 0; e < EDITION_COUNT; e++)
		ck_assert_uint_eq(conf_get(conf_get(c, "ics"), edition_name[e])->n, e ? 78 : 68);
	ck_assert_msg(json_array_size(found) == 0, "%s", json_string_value(json_object_get(json_array_get(found, 0), "text")));
	ck_assert(evidence_files(d, GOLDEN, &err));
}
END_TEST

/* In double quotes, as YAML escapes it. */
static const char *const cells[] = {
	"", "a", " a ", "007", "1.50", "yes", "No", "true", "null", "~", "a,b", "a\\\"b", "'a'", "a\\nb", "a\\n\\nb\\n", "\\n", "a\\r\\nb", "a\\tb",
	"- a", "a: b", "# a", "=1+1", "+1", "@x", "日本語、「引用」\\n二行目", "\\u2028", "\\x01", "\\U0001f600", "[A-1]", "A-2", "A-2, B", "N/A", ";", "${work}",
	" \\n x \\n", "|", ">", "%TAG", "--- a", "...",
};
START_TEST(cells_survive)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *before = NULL, *after = NULL;
	const struct conf *c;
	char text[600], path[FS_PATH];

	begin();
	snprintf(text, sizeof(text), "identity: {maker: A, product: B}\n# kept\nixit:\n  TelData: []\n  SoftComp:\n    - {ID: A-1, Description: \"%s\", "
		 "Update Mechanism: \"x%s\"}\n    - {ID: A-2, Update Mechanism: [A-1, A-2], Cryptographic Usage: \"%s\"}\n# kept too\nx_own: 1\n",
		 cells[_i], cells[_i], cells[_i]);
	c = sound(&a, "f.yaml", text, strlen(text));
	ck_assert(fs_join(path, dir, "f.yaml", &err) && fs_write(path, text, strlen(text), &err));
	before = content(c);
	after = content(round_trip(&a, c, path));
	ck_assert_msg(json_equal(before, after), "%s", cells[_i]);
	end();
}
END_TEST

START_TEST(the_rest_stays)
{
	static const char text[] = "# first\nidentity: {maker: A, product: B}   # beside\n\n# before ixit\nixit:\n  TelData: []   # gone\n  # gone too\n"
				   "\n# after ixit\nx_own: |\n  ics: no section\n\n# last\n";
	static const char want[] = "# first\nidentity: {maker: A, product: B}   # beside\n\n# before ixit\nixit:\n  TelData:\n  - ID: T-1\n"
				   "\n# after ixit\nx_own: |\n  ics: no section\n\n# last\nics:\n  en303645-v3.1.3:\n    \"5.9-1\":\n      support: \"Y\"\n";
	static const char ics[] = "Reference,Status,Support,Detail,Evidence\n5.9-1,R,Y\n5.9-2,R,,,\n";
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *got = NULL;
	const struct conf *sections = NULL;
	char path[FS_PATH];
	size_t n = 0;
	FILE *out = open_memstream(&got, &n);

	begin();
	ck_assert(fs_join(path, dir, "24-TelData.csv", &err) && fs_write(path, "ID\nT-1\n", 7, &err));
	ck_assert(fs_join(path, dir, "ics-en303645-v3.1.3.csv", &err));
	ck_assert(fs_write(path, ics, strlen(ics), &err));
	ck_assert(fs_join(path, dir, "f.yaml", &err) && fs_write(path, text, strlen(text), &err));
	ck_assert_msg(declare_import(&a, test_editions(), dir, note, NULL, &sections), "%s", said);
	ck_assert_msg(declare_replace(out, path, sections, &err), "%s", err.text);
	fclose(out);
	ck_assert_str_eq(got, want);
	end();
}
END_TEST

static const struct { const char *file, *text, *want; } wrong[] = {
	{ "01-AuthMech.csv", "ID,Descripton\nA-1,x\n", "01-AuthMech.csv:1:4: IXIT 1-AuthMech has no column 'Descripton'; did you mean 'Description'?" },
	{ "01-AuthMech.csv", "ID;Description\nA-1;x\n", "01-AuthMech.csv:1:1: 'ID;Description': columns are separated by commas" },
	{ "01-AuthMech.csv", "Description\nx\n", "01-AuthMech.csv:1:1: no column ID" },
	{ "01-AuthMech.csv", "ID,Description,Description\n", "01-AuthMech.csv:1:16: column 'Description' stands here twice" },
	{ "01-AuthMech.csv", "", "01-AuthMech.csv:1:1: the file is empty" },
	{ "01-AuthMech.csv", "ID,Description\nA-1,x\n,y\n", "01-AuthMech.csv:3:1: key 'ID' is missing" },
	{ "01-AuthMech.csv", "ID,Description\nA 1,x\n", "01-AuthMech.csv:2:1: 'A 1' is no ID" },
	{ "01-AuthMech.csv", "ID,Description\nA-1,x\nA-1,y\n", "01-AuthMech.csv:3:1: ID 'A-1' is given twice; first at 2:1" },
	{ "01-AuthMech.csv", "ID\nA-1,x\n", "01-AuthMech.csv:2:5: the header has 1 columns" },
	{ "01-AuthMech.csv", "ID,Description\nA-1,\"x\n", "01-AuthMech.csv:2:5: this quote is never closed" },
	{ "02-AuthMech.csv", "ID\n", "02-AuthMech.csv:1:1: 'AuthMech' is no table" },
	{ "01-AuthMec.csv", "ID\n", "01-AuthMec.csv:1:1: 'AuthMec' is no table; files are called 01-AuthMech.csv or ics-en303645-v3.1.3.csv; did you mean 'AuthMech'?" },
	{ "15-PhyIntf.csv", "ID,Debug Interface (Yes/No)\nP-1,maybe\n", "15-PhyIntf.csv:2:5: 'maybe' is no answer; begin with yes or no" },
	{ "00-edition.csv", "Edition\n3\n", "00-edition.csv:2:1: '3' is not one of: 1.1.1, 2.1.1" },
	{ "00-edition.csv", "Edition\n", "00-edition.csv:1:1: write Edition, and below it 1.1.1 or 2.1.1" },
	{ "ics-en303645-v3.1.3.csv", "Reference,Status,Support\n", "ics-en303645-v3.1.3.csv:1:18: the columns of an ICS are" },
	{ "ics-en303645-v3.1.3.csv", "Reference,Status,Support,Detail,Evidence\n5.1-1,M C(1),Y,,\n",
	  "ics-en303645-v3.1.3.csv:2:7: 5.1-1 of en303645-v3.1.3 has the status 'M F(a)', not 'M C(1)'" },
	{ "ics-en303645-v3.1.3.csv", "Reference,Status,Support,Detail,Evidence\n5.1-9,,Y,,\n", "ics-en303645-v3.1.3.csv:2:1: unknown key '5.1-9'" },
	{ "ics-en303645-v3.1.3.csv", "Reference,Status,Support,Detail,Evidence\n5.9-1,R,N,,\n", "ics-en303645-v3.1.3.csv:2:1: a recommendation answered N" },
	{ "ics-en303645-v3.1.3.csv", "Reference,Status,Support,Detail,Evidence\n5.9-1,R,Y,,\n5.9-1,R,Y,,\n", "ics-en303645-v3.1.3.csv:3:1: line 5.9-1 stands here twice" },
	{ "ics-en303645-v3.1.2.csv", "x\n", "ics-en303645-v3.1.2.csv:1:1:" },
	{ "notes.txt", "anything", "no table in this folder" },
};
START_TEST(bad_tables_say_where)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *sections = NULL;
	char path[FS_PATH];

	begin();
	ck_assert(fs_join(path, dir, wrong[_i].file, &err) && fs_write(path, wrong[_i].text, strlen(wrong[_i].text), &err));
	ck_assert(!declare_import(&a, test_editions(), dir, note, NULL, &sections));
	ck_assert_msg(strstr(said, wrong[_i].want) != NULL, "want %s\ngot  %s", wrong[_i].want, said);
	end();
}
END_TEST

START_TEST(same_table_twice)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *sections = NULL;
	char path[FS_PATH];

	begin();
	ck_assert(fs_join(path, dir, "11-ComMech.csv", &err) && fs_write(path, "ID\n", 3, &err));
	ck_assert(fs_join(path, dir, "11-SecComMech.csv", &err) && fs_write(path, "ID\n", 3, &err));
	ck_assert(!declare_import(&a, test_editions(), dir, note, NULL, &sections));
	ck_assert_msg(strstr(said, "11-SecComMech.csv:1:1: another file has table ComMech too") != NULL, "%s", said);
	end();
}
END_TEST

START_TEST(skeleton_loads)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	declare_skeleton(out, test_editions(), (enum edition)_i);
	fclose(out);
	said[0] = '\0';
	sound(&a, "skeleton", text, n);
	for (size_t i = 0; i < IXIT_TABLES; i++)
		ck_assert_msg(strstr(text, ixit_table[i].name[_i]) != NULL, "%s", ixit_table[i].name[_i]);
	for (const struct shape_key *k = bench_field_keys; k->name; k++)
		ck_assert_msg(strstr(text, k->name) != NULL, "%s", k->name);
	for (size_t i = 0; i < test_editions()->of[_i]->n; i++)
		ck_assert_msg(strstr(text, test_editions()->of[_i]->line[i].id) != NULL, "%s", test_editions()->of[_i]->line[i].id);
}
END_TEST

TEST_MAIN({ "files", files_survive, ROWS(shipped) }, { "golden", golden_is_complete, 1 }, { "evidence", files_are_what_they_were, ROWS(files) }, { "cells", cells_survive, ROWS(cells) },
	  { "rest", the_rest_stays, 1 }, { "wrong", bad_tables_say_where, ROWS(wrong) }, { "twice", same_table_twice, 1 },
	  { "skeleton", skeleton_loads, EDITION_COUNT })
