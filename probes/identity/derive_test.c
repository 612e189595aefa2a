// SPDX-License-Identifier: Apache-2.0
#include "probes/identity/derive.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "probes/identity/sequence.h"

static const char *const known[] = { "HP1-000001", "02:00:00:48:50:01", "HP-1", "Hearth", "HEARTH-485001" };
#define KNOWN (sizeof(known) / sizeof(known[0]))

/* Digests: md5sum, sha1sum, sha256sum and crc32 of the texts. */
static const struct { const char *secret; bool found, complete; const char *rule; } row[] = {
	{ "HP1-000001", true, true, "it is 'HP1-000001'" },
	{ "hp1000001", true, true, "'HP1-000001'" },
	{ "000001", true, true, "the end of 'HP1-000001'" },
	{ "485001", true, true, "the end of '02:00:00:48:50:01'" },
	{ "020000485009", true, true, "counted by 8" },
	{ "020000485002", true, true, "counted by 1" },
	{ "htraeh", true, true, "backwards" },
	{ "043bf138", true, true, "CRC-32 of 'HP1-000001'" },
	{ "71037240", true, true, "digits are those of CRC-32" },
	{ "hearth1", true, true, "little more than 'Hearth'" },
	{ "hp1000001hearth", true, true, "'HP1-000001Hearth'" },
	{ "FE2BB2D4", true, true, "beginning of MD5 of 'HP1-000001'" },
	{ "9f63cf47", true, true, "end of MD5 of 'HP1-000001'" },
	{ "6903-BF46", true, true, "beginning of SHA-1 of 'HP1-000001'" },
	{ "a01ec80349ac", true, true, "beginning of SHA-256 of 'HP1-000001'" },
	/* not derived */
	{ "K7QWX2M9BDRT", false, true, "" },
	{ "hearth-K7QWX2M9BDRT", false, true, "" },              /* a name in front of what is drawn */
	{ "83920174", false, true, "" },
	{ "", false, false, "" },
	/* too short to tell by a digest */
	{ "8391", false, false, "" },
	{ "0001", true, false, "the end of" },
	{ "---", false, false, "" },
};
START_TEST(finds)
{
	struct derived d;

	derive_find(row[_i].secret, strlen(row[_i].secret), known, KNOWN, &d);
	ck_assert_msg(d.found == row[_i].found, "%s: %d %s", row[_i].secret, d.found, d.rule);
	ck_assert_msg(d.complete == row[_i].complete, "%s: complete %d", row[_i].secret, d.complete);
	ck_assert_msg(strstr(d.rule, row[_i].rule), "%s: %s", row[_i].secret, d.rule);
	ck_assert(d.tried > 0 || !row[_i].secret[0] || row[_i].secret[0] == '-');
}
END_TEST

/* What the control makes is found, whatever the draw; without a text to make it of it says so. */
START_TEST(recognises_its_own)
{
	char made[DERIVE_SECRET], key[32];
	struct derived d;
	struct rng r;

	snprintf(key, sizeof(key), "%d", _i);
	rng_init(&r, 7, key);
	ck_assert(derive_make(&r, known, KNOWN, made));
	derive_find(made, strlen(made), known, KNOWN, &d);
	ck_assert_msg(d.found, "%s", made);
	ck_assert(!derive_make(&r, (const char *const[]){ "A-1" }, 1, made));
	ck_assert(!derive_make(&r, known, 0, made));
}
END_TEST

/* Random codes are not blamed: of 4 000 drawn ones none follows from these texts. */
START_TEST(blames_nobody)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", digits[] = "0123456789";
	struct rng r;

	rng_init(&r, 1, "codes");
	for (int i = 0; i < 4000; i++) {
		char code[16] = "";
		struct derived d;
		size_t n = i % 2 ? 10 : 8;

		for (size_t k = 0; k < n; k++)
			code[k] = i % 2 ? digits[rng_below(&r, 10)] : letters[rng_below(&r, sizeof(letters) - 1)];
		derive_find(code, n, known, KNOWN, &d);
		ck_assert_msg(!d.found, "%s: %s", code, d.rule);
	}
}
END_TEST

/* ---- secrets that count ---- */
struct list { char text[256][64]; size_t n; };

static void add(const char *text, void *data)
{
	struct list *l = data;

	if (l->n < 256)
		snprintf(l->text[l->n++], 64, "%s", text);
}

static bool share(const struct list *a, const struct list *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (!strcmp(a->text[i], b->text[k]))
				return true;
	return false;
}

static const struct { const char *a, *b; bool beside, step; } count_row[] = {
	{ "12345678", "12345678", true, true },         /* equal ones share everything */
	{ "12345678", "12345679", true, true },         /* serials 1 and 2: in step too */
	{ "12345678", "12345710", true, false },        /* 32 apart */
	{ "12345678", "12345711", false, false },
	{ "99999999", "00000000", true, true },         /* around the corner */
	{ "setup77123456", "setup77123457", true, true },
	{ "00ab3fff", "00ab4000", true, true },         /* hex */
	{ "kkvaaz", "kkvab0", true, false },            /* letters and digits, base 36; serials count in decimal */
	{ "k7qwx2m9bdrt", "59nblzc7zkkv", false, false },
	{ "1234", "1235", false, false },               /* too short to say */
};
START_TEST(counts)
{
	static struct list a, b;

	a.n = b.n = 0;
	sequence_neighbours(count_row[_i].a, add, &a);
	sequence_neighbours(count_row[_i].b, add, &b);
	ck_assert_msg(share(&a, &b) == count_row[_i].beside, "%s %s", count_row[_i].a, count_row[_i].b);
	a.n = b.n = 0;
	sequence_rests(count_row[_i].a, (const char *const[]){ "S-000001" }, 1, add, &a);
	sequence_rests(count_row[_i].b, (const char *const[]){ "S-000002" }, 1, add, &b);
	ck_assert_msg(share(&a, &b) == count_row[_i].step, "%s %s in step", count_row[_i].a, count_row[_i].b);
}
END_TEST

/* Far apart, and in step: serials 17 and 904. */
START_TEST(in_step_from_afar)
{
	static struct list a, b;

	sequence_rests("70000017", (const char *const[]){ "S-000017" }, 1, add, &a);
	sequence_rests("70000904", (const char *const[]){ "S-000904" }, 1, add, &b);
	ck_assert(share(&a, &b));
	a.n = b.n = 0;
	sequence_rests("70000017", (const char *const[]){ "S-000017" }, 1, add, &a);
	sequence_rests("70000905", (const char *const[]){ "S-000904" }, 1, add, &b);
	ck_assert(!share(&a, &b));
}
END_TEST

TEST_MAIN({ "finds", finds, ROWS(row) }, { "control", recognises_its_own, 60 }, { "nobody", blames_nobody, 1 },
	  { "counts", counts, ROWS(count_row) }, { "in step", in_step_from_afar, 1 })
