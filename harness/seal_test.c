// SPDX-License-Identifier: Apache-2.0
#include "harness/seal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/journal.h"
#include "harness/show.h"

/* ---- a small run folder ---- */
static char dir[64];
static char said[4096];

static const char *in(const char *name)
{
	static char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(fs_write(in(name), text, strlen(text), &err), "%s", err.text);
}

static void append_journal(int n)
{
	struct err err = { 0 };
	struct journal *j;

	ck_assert_msg(journal_open(dir, &j, &err), "%s", err.text);
	for (int i = 0; i < n; i++)
		ck_assert(journal_append(j, "mark", json_pack("{s:s,s:s}", "lane", "power.main", "what", "\x1b[31mon"), NULL, &err));
	journal_close(j);
}

static void make(void)
{
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/jusan-seal-XXXXXX");
	ck_assert(mkdtemp(dir) != NULL);
	unsetenv("JUSAN_KEY");
	setenv("HOME", dir, 1);
	ck_assert(fs_mkdirs(in("serial"), &err) && fs_mkdirs(in("report"), &err));
	put("run.json", "{\"id\": \"r1\"}\n");
	put("serial/console.raw", "boot\x1b[2J\r\nready\n");
	append_journal(3);
	ck_assert_msg(seal_write(dir, &err), "%s", err.text);
	put("verdicts.json", "{}\n");
	put("report/junit.xml", "<x/>\n");
	ck_assert_msg(seal_reports(dir, &err), "%s", err.text);
}

static void drop(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(dir, &err), "%s", err.text);
}

static void hear(enum seal_fault f, const char *what, void *data)
{
	static const char *const word[] = { "altered", "missing", "added", "broken", "signature" };
	size_t n = strlen(said);

	(void)data;
	snprintf(said + n, sizeof(said) - n, "%s %s;", word[f], what);
}

static struct seal_report verify(const char *key)
{
	struct seal_report r;
	struct err err = { 0 };

	said[0] = '\0';
	ck_assert_msg(seal_verify(dir, key, hear, NULL, &r, &err), "%s", err.text);
	return r;
}

/* One change, and what must be said of it. */
static void poke(const char *name, long off, char c)
{
	FILE *f = fopen(in(name), "r+");

	ck_assert(f && fseek(f, off, off < 0 ? SEEK_END : SEEK_SET) == 0);
	fputc(c, f);
	fclose(f);
}

static int system_in(const char *what)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "cd %s && %s", dir, what);
	return system(cmd);
}

static void change_nothing(void) { }
static void change_console(void) { poke("serial/console.raw", 2, 'x'); }
static void change_journal(void) { poke("journal.jsonl", 10, 'x'); }
static void cut_journal(void) { ck_assert(truncate(in("journal.jsonl"), 20) == 0); }
static void drop_record(void) { ck_assert(system_in("sed -i 2d journal.jsonl") == 0); }
static void remove_console(void) { ck_assert(unlink(in("serial/console.raw")) == 0); }
static void link_console(void) { remove_console(); ck_assert(symlink("/etc/hostname", in("serial/console.raw")) == 0); }
static void add_file(void) { put("serial/more.raw", "x"); }
static void change_verdicts(void) { put("verdicts.json", "{\"gate\":\"MET\"}\n"); }
static void change_manifest(void) { poke("MANIFEST.json", -3, ' '); }
static void remove_manifest(void) { ck_assert(unlink(in("MANIFEST.json")) == 0); }
static void remove_report(void) { ck_assert(unlink(in("report/junit.xml")) == 0); }
static void reseal(void) { struct err err = { 0 }; ck_assert(seal_reports(dir, &err) && seal_reports(dir, &err)); }
static void rewrite_verdicts(void) { change_verdicts(); reseal(); }
static void resume(void) { struct err err = { 0 }; append_journal(2); put("run.json", "{\"id\": \"r1\", \"a\": 1}\n"); ck_assert(seal_write(dir, &err)); }
static void resume_and_lie(void) { struct err err = { 0 }; change_console(); ck_assert(seal_write(dir, &err)); }

static const struct { void (*change)(void); const char *want; } row[] = {
	{ change_nothing, "" },
	{ change_console, "altered serial/console.raw;" },
	{ change_journal, "altered journal.jsonl;broken journal.jsonl line" },
	{ drop_record, "altered journal.jsonl;broken journal.jsonl line 2" },
	{ cut_journal, "altered journal.jsonl;" },
	{ remove_console, "missing serial/console.raw;" },
	{ link_console, "missing serial/console.raw;" },
	{ add_file, "added serial/more.raw;" },
	{ change_verdicts, "altered verdicts.json;" },
	{ change_manifest, "broken" },
	{ remove_manifest, "missing MANIFEST.json" },
	{ remove_report, "missing report/junit.xml;" },
	{ reseal, "" },
	{ rewrite_verdicts, "" },
	{ resume, "" },
	{ resume_and_lie, "altered serial/console.raw;" },
};

START_TEST(notices)
{
	struct seal_report r;

	make();
	row[_i].change();
	r = verify(NULL);
	ck_assert_msg(row[_i].want[0] ? strncmp(said, row[_i].want, strlen(row[_i].want)) == 0 : !said[0], "want '%s', got '%s'",
		      row[_i].want, said);
	ck_assert(!r.pinned && (r.faults > 0) == (row[_i].want[0] != '\0'));
	drop();
}
END_TEST

/* Signed by a key, checked against it and against another. */
START_TEST(signed_folder)
{
	struct seal_report r;
	struct err err = { 0 };
	char key[2][96], pub[2][96], cmd[600];

	make();
	for (int i = 0; i < 2; i++) {
		snprintf(key[i], sizeof(key[i]), "%.60s-key%d.pem", dir, i);
		snprintf(pub[i], sizeof(pub[i]), "%.60s-pub%d.pem", dir, i);
		snprintf(cmd, sizeof(cmd), "openssl genpkey -algorithm ed25519 -out %s 2>/dev/null && openssl pkey -in %s -pubout -out %s", key[i],
			 key[i], pub[i]);
		if (system(cmd) != 0) {
			printf("skipped: no openssl program\n");
			drop();
			return;
		}
	}
	r = verify(pub[0]);
	ck_assert(!r.pinned && r.faults == 2);  /* not signed at all */
	drop();
	make();
	setenv("JUSAN_KEY", key[0], 1);
	ck_assert(unlink(in("MANIFEST.json")) == 0 && unlink(in("seals/0001.json")) == 0);
	ck_assert(seal_write(dir, &err) && seal_reports(dir, &err));
	r = verify(pub[0]);
	ck_assert_msg(r.pinned && !r.faults && r.signatures == 2 && strlen(r.signer) == 64, "%s", said);
	r = verify(NULL);
	ck_assert(!r.pinned && !r.faults && r.signatures == 2);
	r = verify(pub[1]);
	ck_assert(!r.pinned && r.faults == 2);
	poke("MANIFEST.json", -3, ' ');
	r = verify(pub[0]);
	ck_assert(!r.pinned && strstr(said, "signature MANIFEST.json.sig"));
	for (int i = 0; i < 2; i++) {
		unlink(key[i]);
		unlink(pub[i]);
	}
	unsetenv("JUSAN_KEY");
	drop();
}
END_TEST

/* ---- show ---- */
static const struct { const char *pointer, *want; } shown[] = {
	{ "serial/console.raw@0+9", "  | boot\\x1b[2J\n  00000000  62 6f 6f 74 1b 5b 32 4a  0d " },
	{ "serial/console.raw@10+5", "  | ready\n" },
	{ "serial/console.raw@0+0", "" },
	{ "serial/console.raw@0+900", NULL },
	{ "serial/console.raw@99999999999999999999+1", NULL },
	{ "serial/console.raw@-1+4", NULL },
	{ "serial/console.raw", NULL },
	{ "serial/../run.json@0+1", NULL },
	{ "/etc/hostname@0+1", NULL },
	{ "serial@0+1", NULL },
	{ "journal#2", "{\n  \"kind\": \"mark\"" },
	{ "journal#0", NULL },
	{ "journal#99", NULL },
	{ "run.json#1", NULL },
};

START_TEST(shows)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct err err = { 0 };
	bool ok;

	make();
	ok = show_pointer(dir, shown[_i].pointer, out, &err);
	fclose(out);
	ck_assert_msg(ok == (shown[_i].want != NULL), "%s: %s", shown[_i].pointer, err.text);
	ck_assert_msg(!ok || !strncmp(text, shown[_i].want, strlen(shown[_i].want)), "%s: %s", shown[_i].pointer, text);
	ck_assert(ok || err.text[0]);
	ck_assert(!strchr(text, '\x1b'));
	free(text);
	drop();
}
END_TEST

TEST_MAIN({ "notices", notices, ROWS(row) }, { "signed", signed_folder, 1 }, { "shows", shows, ROWS(shown) })
