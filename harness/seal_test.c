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
static const char *signing_key;

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
	if (signing_key)
		setenv("JUSAN_KEY", signing_key, 1);
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

/* What a test puts aside lies in DIR.side. */
static void drop(void)
{
	struct err err = { 0 };
	char side[80];

	snprintf(side, sizeof(side), "%s.side", dir);
	unlink(side);

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
static void add_seal_like(void) { put("seals/0001.json.old", "x"); }
static void add_manifest_like(void) { put("MANIFEST.json.bak", "x"); }
static void add_hidden(void) { put(".reserve", "x"); }
static void add_signature(void) { put("MANIFEST.json.sig", "{}\n"); }
static void add_link(void) { ck_assert(symlink("console.raw", in("serial/other.raw")) == 0); }
static void add_pipe(void) { ck_assert(mkfifo(in("serial/pipe"), 0600) == 0); }
static void add_odd_name(void) { put("serial/\xff.raw", "x"); }
static void link_manifest(void) { ck_assert(system_in("mv MANIFEST.json $PWD.side && ln -s $PWD.side MANIFEST.json") == 0); }
static void blank_manifest(void) { ck_assert(system_in("sed -i 's/\": /\":  /' MANIFEST.json") == 0); }
static void escape_manifest(void) { ck_assert(system_in("sed -i 's/report/\\\\u0072eport/' seals/0001.json") == 0); }
static void add_key(void) { ck_assert(system_in("sed -i 's/^ \"prev\"/ \"more\": 1,\\n&/' seals/0001.json") == 0); }
static void swap_run(void) { ck_assert(system_in("sed -i 's/\"run\": \"r1\"/\"run\": \"r2\"/' seals/0001.json") == 0); }
static void remove_seal(void) { ck_assert(unlink(in("seals/0001.json")) == 0); }
static void rename_seal(void) { ck_assert(system_in("mv seals/0001.json seals/0002.json") == 0); }
static void file_to_folder(void) { ck_assert(system_in("rm serial/console.raw && mkdir serial/console.raw && echo > serial/console.raw/x") == 0); }
static void change_verdicts(void) { put("verdicts.json", "{\"gate\":\"MET\"}\n"); }
static void change_manifest(void) { poke("MANIFEST.json", -3, ' '); }
static void remove_manifest(void) { ck_assert(unlink(in("MANIFEST.json")) == 0); }
static void remove_report(void) { ck_assert(unlink(in("report/junit.xml")) == 0); }
static void reseal(void) { struct err err = { 0 }; ck_assert(seal_reports(dir, &err) && seal_reports(dir, &err)); }
static void rewrite_verdicts(void) { change_verdicts(); reseal(); }
static void resume(void) { struct err err = { 0 }; append_journal(2); put("run.json", "{\"id\": \"r1\", \"a\": 1}\n"); ck_assert(seal_write(dir, &err)); }
static void resume_and_lie(void) { struct err err = { 0 }; change_console(); ck_assert(seal_write(dir, &err)); }

/* What a reviewer adds has seals of its own, and only grows. */
static void decide(const char *name)
{
	struct err err = { 0 };

	ck_assert(fs_mkdirs(in("review"), &err));
	put(name, "{}\n");
	ck_assert_msg(seal_review(dir, &err), "%s", err.text);
}

static void review(void) { decide("review/0001.json"); decide("review/0002.json"); }
static void review_unsealed(void) { review(); put("review/0003.json", "{}\n"); }
static void review_altered(void) { review(); put("review/0001.json", "{ }\n"); }
static void review_lost(void) { review(); ck_assert(unlink(in("review/0002.json")) == 0); }
static void review_rewritten(void) { review_altered(); decide("review/0003.json"); }
static void review_forgotten(void) { review_lost(); decide("review/0003.json"); }

static const struct { void (*change)(void); const char *want; } row[] = {
	{ change_nothing, "" },
	{ change_console, "altered serial/console.raw;" },
	{ change_journal, "altered journal.jsonl;broken journal.jsonl line" },
	{ drop_record, "altered journal.jsonl;broken journal.jsonl line 2" },
	{ cut_journal, "altered journal.jsonl;" },
	{ remove_console, "missing serial/console.raw;" },
	{ link_console, "missing serial/console.raw;" },
	{ add_file, "added serial/more.raw;" },
	{ add_seal_like, "added seals/0001.json.old;" },
	{ add_manifest_like, "added MANIFEST.json.bak;" },
	{ add_hidden, "added .reserve;" },
	{ add_signature, "added MANIFEST.json.sig;" },
	{ add_link, "added serial/other.raw;" },
	{ add_pipe, "added serial/pipe;" },
	{ add_odd_name, "added serial/\xff.raw;" },
	{ link_manifest, "added MANIFEST.json;" },
	{ blank_manifest, "broken MANIFEST.json;" },
	{ escape_manifest, "broken seals/0001.json;" },
	{ add_key, "broken seals/0001.json;" },
	{ swap_run, "broken seals/0001.json;" },
	{ remove_seal, "added report/junit.xml;added verdicts.json;" },
	{ rename_seal, "added seals/0002.json;" },
	{ file_to_folder, "missing serial/console.raw;added serial/console.raw/x;" },
	{ change_verdicts, "altered verdicts.json;" },
	{ change_manifest, "broken" },
	{ remove_manifest, "missing MANIFEST.json" },
	{ remove_report, "missing report/junit.xml;" },
	{ reseal, "" },
	{ rewrite_verdicts, "" },
	{ resume, "" },
	{ resume_and_lie, "altered serial/console.raw;" },
	{ review, "" },
	{ review_unsealed, "added review/0003.json;" },
	{ review_altered, "altered review/0001.json;" },
	{ review_lost, "missing review/0002.json;" },
	{ review_rewritten, "altered review/0001.json;" },
	{ review_forgotten, "missing review/0002.json;" },
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

/* Ways to write the same signature, or none. */
static const char *const sig_change[] = {
	"rm MANIFEST.json.sig", "sed -i 's/: /:  /' MANIFEST.json.sig", "sed -i 's/signature\": \".*\"/\\U&/;s/SIGNATURE/signature/' MANIFEST.json.sig",
	"sed -i 's/-----BEGIN/ &/' MANIFEST.json.sig", "sed -i 's/END PUBLIC KEY-----/&\\\\n/' MANIFEST.json.sig", "echo >> MANIFEST.json.sig",
	"sed -i 's/public/\\\\u0070ublic/' MANIFEST.json.sig", "cp seals/0001.json.sig MANIFEST.json.sig",
};

/* Signed by a key, checked against it and against another. */
START_TEST(signed_folder)
{
	struct seal_report r;
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
	signing_key = key[0];
	make();
	r = verify(pub[0]);
	ck_assert_msg(r.pinned && !r.faults && r.signatures == 2 && strlen(r.signer) == 64, "%s", said);
	r = verify(NULL);
	ck_assert(!r.pinned && !r.faults && r.signatures == 2);
	r = verify(pub[1]);
	ck_assert(!r.pinned && r.faults == 2);
	ck_assert(system_in("sed -i 's/\"r1\"/\"r2\"/' MANIFEST.json") == 0);
	r = verify(pub[0]);
	ck_assert_msg(!r.pinned && strstr(said, "signature MANIFEST.json.sig"), "%s", said);
	drop();
	make();
	for (size_t i = 0; i < sizeof(sig_change) / sizeof(sig_change[0]); i++) {
		ck_assert(system_in("cp MANIFEST.json.sig $PWD.side") == 0 && system_in(sig_change[i]) == 0);
		r = verify(NULL);
		ck_assert_msg(r.faults == 1 && strstr(said, "MANIFEST.json.sig;"), "%s: %s", sig_change[i], said);
		ck_assert(system_in("mv $PWD.side MANIFEST.json.sig") == 0);
	}
	for (int i = 0; i < 2; i++) {
		unlink(key[i]);
		unlink(pub[i]);
	}
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
