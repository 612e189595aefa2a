// SPDX-License-Identifier: Apache-2.0
// The same records from the file and from memory; each must say the same, whatever form its line has.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/journal.h"
#include "harness/records.h"

static const char *const word[] = {
	"BT9-01", "BT\\u0039-01", "control", "expect", "", "outage=link_down", "a\"b", "w1", "w1.2", "reach/factory/", "p", "ok", "error", "observe",
	"done", "step", "rep", "alive", "begin", "end", "run", "mark", "line", "state", "not run: x", "\xe5\x8d\x81"
};
#define WORDS (sizeof(word) / sizeof(word[0]))

static json_t *any_value(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0: return json_boolean(rng_below(r, 2));
	case 1: return json_integer((json_int_t)rng_u64(r) >> rng_below(r, 64));
	case 2: return json_null();
	case 3: return json_pack("[s]", word[rng_below(r, WORDS)]);
	case 4: return json_array();
	case 5: return json_pack("{s:b,s:i,s:s}", "ok", (int)rng_below(r, 2), "n", (int)rng_below(r, 9), "s", word[rng_below(r, WORDS)]);
	default: return json_string(word[rng_below(r, WORDS)]);
	}
}

static json_t *any_record(struct rng *r)
{
	static const char *const key[] = { "at_ns", "begin_ns", "end_ns", "facts", "incomplete", "kind", "label", "observers", "ok", "part", "rep",
					   "scope", "status", "step", "t_ns", "test", "text", "verb", "zz" };
	static const char *const kind[] = { "observe", "done", "step", "rep", "alive", "begin", "end", "run", "other" };
	json_t *rec = json_pack("{s:s}", "kind", kind[rng_below(r, 9)]);

	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		bool number = strstr(key[i], "_ns"), map = !strcmp(key[i], "facts");

		if (rng_below(r, 3) == 0)
			continue;
		if (rng_below(r, 4) == 0)               /* anything at all */
			json_object_set_new(rec, key[i], any_value(r));
		else if (number)
			json_object_set_new(rec, key[i], json_integer((json_int_t)rng_below(r, 1000)));
		else if (map)
			json_object_set_new(rec, key[i], json_pack("{s:b,s:I,s:s}", "ok", (int)rng_below(r, 2), "n", (json_int_t)rng_u64(r),
								   "s", word[rng_below(r, WORDS)]));
		else if (strcmp(key[i], "kind"))
			json_object_set_new(rec, key[i], json_string(word[rng_below(r, WORDS)]));
	}
	return rec;
}

/* As the harness writes lines, and in other forms of JSON that mean the same. */
static void write_journal(const char *path, struct rng *r, int n)
{
	static const size_t form[] = { JSON_COMPACT | JSON_SORT_KEYS, JSON_COMPACT, JSON_SORT_KEYS, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII };
	char prev[HASH_HEX] = "0000000000000000000000000000000000000000000000000000000000000000";
	FILE *f = fopen(path, "w");

	ck_assert(f != NULL);
	for (int i = 1; i <= n; i++) {
		json_t *rec = any_record(r);
		char *text;

		json_object_set_new(rec, "n", json_integer(i));
		json_object_set_new(rec, "prev", json_string(prev));
		text = json_dumps(rec, form[rng_below(r, 4)]);
		fprintf(f, "%s\n", text);
		hash_text(text, strlen(text), prev);
		free(text);
		json_decref(rec);
	}
	fprintf(f, "{\"torn\":");
	fclose(f);
}

static void same_record(struct records *a, struct records *b, size_t i)
{
	static const char *const fact[] = { "ok", "n", "s", "absent", NULL };
	const struct record *x = records_at(a, i), *y = records_at(b, i);
	json_t *p = records_json(a, x), *q = records_json(b, y);

	ck_assert_msg(json_equal(p, q), "record %zu", i + 1);
	json_decref(p);
	json_decref(q);
	ck_assert_str_eq(x->where->test, y->where->test);
	ck_assert_str_eq(x->where->part, y->where->part);
	ck_assert_str_eq(x->where->rep, y->where->rep);
	ck_assert_str_eq(x->spot->step, y->spot->step);
	ck_assert_str_eq(x->spot->label, y->spot->label);
	ck_assert_str_eq(x->spot->verb, y->spot->verb);
	ck_assert(x->where->has_rep == y->where->has_rep && x->where->id == y->where->id && x->spot->inner == y->spot->inner);
	ck_assert(!x->spot->observers == !y->spot->observers);
	ck_assert(!x->spot->observers || json_equal(x->spot->observers, y->spot->observers));
	ck_assert(x->n == y->n && x->t_ns == y->t_ns && x->kind == y->kind && x->ok == y->ok && x->hole == y->hole);
	ck_assert(x->scoped == y->scoped && x->texted == y->texted && x->begins == y->begins && x->ends == y->ends);
	ck_assert((!x->begins || x->begin_ns == y->begin_ns) && (!x->ends || x->end_ns == y->end_ns));
	for (const char *const *f = fact; *f; f++) {
		p = records_fact(a, x, *f);
		q = records_fact(b, y, *f);
		ck_assert_msg(!p == !q && (!p || json_equal(p, q)), "record %zu, fact %s", i + 1, *f);
		json_decref(p);
		json_decref(q);
	}
}

START_TEST(agree)
{
	char dir[] = "/tmp/jusan-records-XXXXXX", path[64];
	struct records *a, *b;
	json_t *list = NULL;
	struct err err = { 0 };
	size_t plain = 0;
	struct rng r;

	ck_assert(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	rng_init(&r, (uint64_t)_i + 1, "records");
	write_journal(path, &r, 1500);
	ck_assert_msg(records_read(dir, &a, &err) && journal_read(dir, &list, &err), "%s", err.text);
	b = records_of(list);
	ck_assert(records_n(a) == 1500 && records_n(b) == 1500 && records_rare(a).n == records_rare(b).n);
	for (size_t i = 0; i < 1500; i++) {
		same_record(a, b, i);
		plain += records_at(a, i)->plain;
	}
	for (size_t i = 1500; i-- > 0;)         /* and backwards */
		same_record(a, b, i);
	ck_assert_msg(plain > 200 && plain < 1300, "%zu plain lines", plain);
	records_free(a);
	records_free(b);
	json_decref(list);
	ck_assert(fs_remove(dir, &err));
}
END_TEST

/* A file that is changed behind our back gives records without content, never a fault. */
START_TEST(changed_behind)
{
	char dir[] = "/tmp/jusan-records-XXXXXX", path[64];
	struct records *r;
	struct journal *j;
	struct err err = { 0 };
	json_t *v;
	int fd;

	ck_assert(mkdtemp(dir) != NULL && journal_open(dir, &j, &err));
	for (int i = 0; i < 3; i++)
		ck_assert(journal_append(j, "observe", json_pack("{s:{s:i}}", "facts", "n", i), NULL, &err));
	journal_close(j);
	ck_assert(records_read(dir, &r, &err));
	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	fd = open(path, O_WRONLY);
	ck_assert(fd >= 0 && (_i ? ftruncate(fd, 30) == 0 : pwrite(fd, "{\"facts\":{{{{{\"n", 16, 0) == 16));
	close(fd);
	ck_assert(records_fact(r, records_at(r, 0), "n") == NULL);
	v = records_json(r, records_at(r, 0));
	ck_assert(json_is_object(v) && json_object_size(v) == 0);
	json_decref(v);
	v = records_fact(r, records_at(r, 2), "n");
	ck_assert(_i ? v == NULL : json_integer_value(v) == 2);
	json_decref(v);
	records_free(r);
	ck_assert(fs_remove(dir, &err));
}
END_TEST

/* A line longer than every buffer, and one that nobody would write. */
START_TEST(long_lines)
{
	char dir[] = "/tmp/jusan-records-XXXXXX", *text = malloc((3u << 20) + 1);
	struct records *r;
	struct journal *j;
	struct err err = { 0 };
	json_t *v;

	ck_assert(text && mkdtemp(dir) != NULL && journal_open(dir, &j, &err));
	memset(text, 'x', 3u << 20);
	text[3u << 20] = '\0';
	for (int i = 0; i < 3; i++)
		ck_assert(journal_append(j, "observe", json_pack("{s:{s:s,s:i}}", "facts", "long", text, "n", i), NULL, &err));
	journal_close(j);
	ck_assert_msg(records_read(dir, &r, &err), "%s", err.text);
	ck_assert(records_n(r) == 3);
	v = records_fact(r, records_at(r, 1), "long");
	ck_assert_str_eq(json_string_value(v), text);
	json_decref(v);
	v = records_fact(r, records_at(r, 2), "n");
	ck_assert_int_eq(json_integer_value(v), 2);
	json_decref(v);
	records_free(r);
	free(text);
	ck_assert(fs_remove(dir, &err));
}
END_TEST

TEST_MAIN({ "agree", agree, 3 }, { "changed_behind", changed_behind, 2 }, { "long_lines", long_lines, 1 })
