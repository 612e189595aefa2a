/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a redaction: words are found in every form, also where TCP cut them in two; what is overwritten stays where it
 * is; the journal's chain holds again; a verdict that changed is seen. The whole, with a real run, is fixtures/bundle/run.sh. */
#include "harness/redact_in.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/journal.h"
#include "harness/proto/pcapng.h"

#define WORD "Kx7vQ2mWp9Tz4LhYb3Nd"
#define NASTY "p\"ss w\\rd&<é>/1"

static char dir[64];
static struct redact_words words;

static void start(void)
{
	snprintf(dir, sizeof(dir), "/tmp/redact.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	words = (struct redact_words){ .kept = json_array() };
}

static void finish(void)
{
	struct err err = { 0 };

	redact_words_free(&words);
	ck_assert(fs_remove(dir, &err));
}

static void know(const char *a, const char *b)
{
	struct err err = { 0 };

	ck_assert(redact_word_add(&words, "a", "secret", a, &err) && (!b || redact_word_add(&words, "b", "personal", b, &err)));
	ck_assert_msg(redact_markers(&words, &err), "%s", err.text);
}

static void put(const char *name, const void *p, size_t n)
{
	struct err err = { 0 };
	char path[FS_PATH];

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, p, n, &err));
}

static struct redact_hits find(const char *name)
{
	struct redact_hits h;
	struct err err = { 0 };
	char path[FS_PATH];

	ck_assert(fs_join(path, dir, name, &err));
	ck_assert_msg(redact_find(&words, path, &h, &err), "%s", err.text);
	return h;
}

/* ---- forms ---- */
static const char *const written[] = { NASTY, "p\\\"ss w\\\\rd&<é>/1", "p%22ss%20w%5Crd%26%3C%C3%A9%3E%2F1", "p%22ss%20w%5crd%26%3c%c3%a9%3e%2f1",
				       "p%22ss+w%5Crd%26%3C%C3%A9%3E%2F1", "p&quot;ss w\\rd&amp;&lt;é&gt;/1", "p\\\"ss w\\\\rd&<\\u00E9>/1" };

START_TEST(forms)
{
	char text[200];
	struct redact_hits h;

	start();
	know(NASTY, NULL);
	snprintf(text, sizeof(text), "before %s after\n", written[_i]);
	put("x", text, strlen(text));
	h = find("x");
	ck_assert_msg(h.n == 1 && h.hit[0].off == 7 && h.hit[0].n == (int64_t)strlen(written[_i]), "%s: %zu hits", written[_i], h.n);
	redact_hits_free(&h);
	finish();
}
END_TEST

START_TEST(dressed)
{
	uint8_t buf[2 * MARKER_TEXT + 8];
	struct redact_hits h;
	size_t n;

	start();
	know(WORD, "8f3a51c07be2946d1f0e5a3b7c9d2468");
	if (!marker_dress(_i % 2 ? words.word[1].value : WORD, marker_forms[_i / 2], buf, &n)) {
		finish();               /* bytes of what is no hex */
		return;
	}
	put("x", buf, n);
	h = find("x");
	ck_assert_msg(h.n >= 1, "%s not found", marker_forms[_i / 2]);
	redact_hits_free(&h);
	finish();
}
END_TEST

/* Longer than a marker: found from end to end. */
START_TEST(longer)
{
	char text[301];
	struct redact_hits h;
	int64_t end = 0;

	start();
	for (int i = 0; i < 300; i++)
		text[i] = (char)('!' + (i * 7 + i / 90) % 90);
	text[300] = '\0';
	for (char *p = text; *p; p++)
		if (strchr("\"\\&<>' %", *p))
			*p = 'q';
	know(text, NULL);
	put("x", text, 300);
	h = find("x");
	for (size_t i = 0; i < h.n; i++) {
		ck_assert_int_le(h.hit[i].off, end);
		end = h.hit[i].off + h.hit[i].n > end ? h.hit[i].off + h.hit[i].n : end;
	}
	ck_assert_int_eq(end, 300);
	redact_hits_free(&h);
	finish();
}
END_TEST

/* A device that declares nothing: nothing is found, and nothing fails. */
START_TEST(nothing)
{
	struct redact_hits h;
	struct err err = { 0 };

	start();
	ck_assert_msg(redact_markers(&words, &err), "%s", err.text);
	put("x", WORD, strlen(WORD));
	h = find("x");
	ck_assert_uint_eq(h.n, 0);
	redact_hits_free(&h);
	finish();
}
END_TEST

START_TEST(too_many)
{
	struct err err = { 0 };
	char name[16], value[16];

	start();
	for (int i = 0; i < MARKER_FIELDS + 1; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(value, sizeof(value), "value%d", i);
		ck_assert(redact_word_add(&words, name, "given", value, &err));
	}
	ck_assert(!redact_markers(&words, &err));
	ck_assert_int_eq(err.kind, ERR_LIMIT);
	finish();
}
END_TEST

/* ---- captures ---- */
static void frame(struct pcapng_writer *w, uint32_t seq, const char *text)
{
	uint8_t f[200] = { [12] = 8, 0, 0x45, [23] = 6, [26] = 10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0, 80 };
	size_t n = strlen(text);
	struct err err = { 0 };

	f[17] = (uint8_t)(40 + n);
	for (int i = 0; i < 4; i++)
		f[38 + i] = (uint8_t)(seq >> (24 - 8 * i));
	f[46] = 0x50;
	f[47] = 0x10;
	memcpy(f + 54, text, n);
	ck_assert(pcapng_write(w, 1000000000, (struct span){ f, 54 + n }, (uint32_t)(54 + n), &err));
}

/* In one segment; cut in two; the halves in the wrong order; one half sent twice. */
static const struct { const char *name; struct { uint32_t off; const char *text; } seg[5]; size_t hits; } cut[] = {
	{ "whole", { { 0, "pw=" WORD "." } }, 1 },
	{ "in two", { { 0, "pw=Kx7vQ2m" }, { 10, "Wp9Tz4LhYb3Nd." } }, 2 },
	{ "in three", { { 0, "pw=Kx7vQ2m" }, { 10, "Wp9" }, { 13, "Tz4LhYb3Nd" } }, 3 },
	{ "wrong order", { { 10, "Wp9Tz4LhYb3Nd." }, { 0, "pw=Kx7vQ2m" } }, 2 },
	{ "sent twice", { { 0, "pw=Kx7vQ2m" }, { 10, "Wp9Tz4LhYb3Nd." }, { 10, "Wp9Tz4LhYb3Nd." }, { 0, "pw=Kx7vQ2m" } }, 4 },
	{ "overlapping", { { 0, "pw=Kx7vQ2m" }, { 6, "vQ2mWp9Tz4LhYb3Nd." } }, 2 },
	{ "something else", { { 0, "pw=Kx7vQ2m" }, { 10, "Wp9Tz4LhYb3N_." } }, 0 },
};

START_TEST(capture)
{
	CLEANUP(free_ptr) char *p = NULL;
	struct pcapng_writer w;
	struct redact_hits h;
	struct err err = { 0 };
	char path[FS_PATH];
	size_t n;

	start();
	know(WORD, NULL);
	ck_assert(fs_join(path, dir, "x.pcapng", &err) && pcapng_create(path, "lan0", &w, &err));
	for (size_t i = 0; i < 5 && cut[_i].seg[i].text; i++)
		frame(&w, 1000000 + cut[_i].seg[i].off, cut[_i].seg[i].text);
	ck_assert(pcapng_flush(&w, &err));
	pcapng_finish(&w);
	h = find("x.pcapng");
	ck_assert_msg(h.n == cut[_i].hits, "%s: %zu places", cut[_i].name, h.n);
	ck_assert(fs_read(path, 1 << 20, &p, &n, &err));
	for (size_t i = 0; i < h.n; i++) {
		ck_assert_int_ge(h.hit[i].frame, 1);
		memset(p + h.hit[i].off, REDACT_FILL, (size_t)h.hit[i].n);
	}
	put("y.pcapng", p, n);
	redact_hits_free(&h);
	h = find("y.pcapng");
	ck_assert_uint_eq(h.n, 0);
	if (cut[_i].hits)               /* no piece of it is left in a segment that came twice */
		ck_assert(!memmem(p, n, "LhYb", 4) && !memmem(p, n, "Kx7v", 4));
	redact_hits_free(&h);
	finish();
}
END_TEST

/* ---- the journal ---- */
START_TEST(chain)
{
	CLEANUP(free_ptr) char *p = NULL;
	struct journal *j;
	struct err err = { 0 };
	char path[FS_PATH], *at;
	size_t n;

	start();
	ck_assert(journal_open(dir, &j, &err));
	for (int i = 0; i < 5; i++)
		ck_assert(journal_append(j, "mark", json_pack("{s:s,s:{s:s},s:[{s:s}]}", "text", "\"prev\":\"" WORD, "facts", "prev", WORD, "x", "prev", "no"), NULL, &err));
	journal_close(j);
	ck_assert(fs_join(path, dir, "journal.jsonl", &err) && fs_read(path, 1 << 20, &p, &n, &err));
	for (at = p; (at = memmem(at, n - (size_t)(at - p), WORD, strlen(WORD)));)
		memset(at, 'X', strlen(WORD));
	put("journal.jsonl", p, n);
	ck_assert(!journal_each(dir, NULL, NULL, &err));
	err = (struct err){ 0 };
	ck_assert_msg(redact_chain(path, &err), "%s", err.text);
	ck_assert_msg(journal_each(dir, NULL, NULL, &err), "%s", err.text);
	put("journal.jsonl", "{}\n", 3);
	ck_assert(!redact_chain(path, &err));
	finish();
}
END_TEST

/* ---- verdicts ---- */
#define RESULT "{\"tests\": [{\"id\": \"BT1-01\", \"verdict\": \"PASS\", \"why\": \"saw Kx7v\", \"claims\": [{\"truth\": \"true\", \"actual\": \"Kx\"}]}], \"n\": %d}"
static const struct { const char *from, *to; bool same; } change[] = {
	{ "Kx7v", "XXXX", true }, { "\"Kx\"", "\"XX\"", true }, { "PASS", "FAIL", false }, { "\"true\"", "\"unknown\"", false },
	{ "BT1-01", "BT1-02", false }, { "\"n\": 1", "\"n\": 2", false }, { "{\"truth\"", "{\"more\": 1, \"truth\"", false },
	{ "[{\"truth\": \"true\", \"actual\": \"Kx\"}]", "[]", false }, { "\"verdict\": \"PASS\", ", "", false }, { "\"PASS\"", "null", false },
};

START_TEST(follows)
{
	char a[400], b[500], *at;
	json_t *x, *y;
	struct err err = { 0 };
	size_t n, from = strlen(change[_i].from);
	bool same;

	snprintf(a, sizeof(a), RESULT, 1);
	at = strstr(a, change[_i].from);
	ck_assert_ptr_nonnull(at);
	snprintf(b, sizeof(b), "%.*s%s%s", (int)(at - a), a, change[_i].to, at + from);
	x = json_loads(a, 0, NULL);
	y = json_loads(b, 0, NULL);
	ck_assert(x && y);
	same = redact_same(x, y, &n, &err);
	ck_assert_msg(same == change[_i].same, "%s -> %s: %s", change[_i].from, change[_i].to, err.text);
	if (same)
		ck_assert_uint_eq(n, 1);
	json_decref(x);
	json_decref(y);
}
END_TEST

TEST_MAIN({ "forms", forms, ROWS(written) }, { "dressed", dressed, 18 }, { "longer", longer, 1 }, { "nothing", nothing, 1 }, { "too_many", too_many, 1 },
	  { "capture", capture, ROWS(cut) }, { "chain", chain, 1 }, { "follows", follows, ROWS(change) })
