// SPDX-License-Identifier: Apache-2.0
// Which runs belong together: of one product, of one firmware; and which are repetitions of one another.
#include <stdlib.h>
#include <string.h>

#include "reports/campaigns/index.h"
#include "reports/read/read.h"

/* What must be the same in repetitions; the first three and hardware make the product. */
static const char *const product_keys[] = { "maker", "product", "model", "hardware", NULL };
static const char *const firmware_keys[] = { "firmware", "firmware_sha256", NULL };
static const char *const measure_keys[] = { "profile", "profile_sha256", "suites", NULL };
/* What else may differ between them, and is then named. */
static const char *const other_keys[] = {
	"unit", "serial", "bench", "bench_kind", "bench_sha256", "device_sha256", "machine", "seed", "tool", "only", "state", "repeat", NULL
};

static json_t *part_of(const json_t *run, const char *const *keys)
{
	const json_t *r = json_object_get(run, "run");
	json_t *out = json_object();

	for (; *keys; keys++)
		json_object_set(out, *keys, json_object_get(r, *keys));
	return out;
}

/* The group of `list` whose head is `head`, made when there is none; known: text of the head -> group. */
static json_t *group_of(json_t *list, json_t *known, json_t *head, const char *more)
{
	char *text = json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *key = json_sprintf("%s%s", more, text ? text : "");
	json_t *group = json_object_get(known, json_string_value(key));

	if (!group) {
		group = json_copy(head);
		json_array_append_new(list, group);
		json_object_set(known, json_string_value(key), group);
	}
	free(text);
	json_decref(key);
	json_decref(head);
	return group;
}

static void add_to(json_t *group, const char *list, size_t i)
{
	json_t *l = json_object_get(group, list);

	if (!l)
		json_object_set_new(group, list, l = json_array());
	json_array_append_new(l, json_integer((json_int_t)i));
}

static void turn(json_t *group, const char *list)
{
	json_t *l = json_object_get(group, list), *out = json_array();

	for (size_t i = json_array_size(l); i-- > 0;)
		json_array_append(out, json_array_get(l, i));
	json_object_set_new(group, list, out);
}

/* ---- products and their firmwares ---- */
static json_t *add_products(json_t *index)
{
	const json_t *runs = json_object_get(index, "runs");
	json_t *products = json_array(), *known = json_object(), *of = json_array(), *p;
	size_t i;

	for (i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);
		json_t *firmwares, *f;
		char number[32];

		p = group_of(products, known, part_of(run, product_keys), "");
		if (!json_object_get(p, "at"))
			json_object_set_new(p, "at", json_integer((json_int_t)json_array_size(products) - 1));
		json_array_append(of, json_object_get(p, "at"));
		firmwares = json_object_get(p, "firmwares");
		if (!firmwares)
			json_object_set_new(p, "firmwares", firmwares = json_array());
		snprintf(number, sizeof(number), "%lld ", (long long)get_int(p, "at"));
		f = group_of(firmwares, known, part_of(run, firmware_keys), number);
		add_to(f, "runs", i);
		add_to(p, "trend", i);
	}
	json_array_foreach(products, i, p)
		turn(p, "trend");
	json_object_set_new(index, "products", products);
	json_decref(known);
	return of;
}

/* ---- repetitions ---- */
static json_t *differing(const json_t *index, const json_t *set)
{
	const json_t *list = json_object_get(set, "runs"), *first = json_object_get(run_at(index, json_array_get(list, 0)), "run");
	json_t *out = json_array();

	for (const char *const *k = other_keys; *k; k++)
		for (size_t i = 1; i < json_array_size(list); i++) {
			const json_t *a = json_object_get(first, *k), *b = json_object_get(json_object_get(run_at(index, json_array_get(list, i)), "run"), *k);

			if ((a || b) && (!a || !b || !json_equal(a, b))) {
				json_array_append_new(out, json_string(*k));
				break;
			}
		}
	return out;
}

struct tally { int64_t n[VERDICT_COUNT]; };

static void count_said(const json_t *run, const char *id, struct tally *t)
{
	const json_t *rounds = json_object_get(json_object_get(run, "rounds"), id);

	for (size_t i = 0; i < json_array_size(rounds); i++)
		t->n[verdict_word(json_string_value(json_array_get(rounds, i)))]++;
	if (!json_array_size(rounds))
		t->n[verdict_word(get_text(json_object_get(run, "tests"), id))]++;
}

static json_t *steadiness(const char *id, const struct tally *t)
{
	json_t *counts = json_object();
	int64_t said = 0, most = 0, kinds = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		if (!t->n[v] || v == VERDICT_NOT_TESTED)
			continue;
		json_object_set_new(counts, verdict_name((enum verdict)v), json_integer(t->n[v]));
		said += t->n[v];
		most = t->n[v] > most ? t->n[v] : most;
		kinds++;
	}
	return json_pack("{s:s,s:o,s:I,s:I,s:I,s:s}", "id", id, "counts", counts, "said", (json_int_t)said, "not_tested",
			 (json_int_t)t->n[VERDICT_NOT_TESTED], "most", (json_int_t)most, "state",
			 kinds > 1 ? "unsteady" : said >= STEADY_LEAST ? "steady" : "too few");
}

/* Tests of all its runs, by name. */
static json_t *tests_of(const json_t *index, const json_t *set)
{
	const json_t *list = json_object_get(set, "runs");
	json_t *ids = json_object(), *out = json_array();
	const char *id;
	json_t *none;
	void *at;

	for (size_t i = 0; i < json_array_size(list); i++)
		json_object_update_missing(ids, json_object_get(run_at(index, json_array_get(list, i)), "tests"));
	json_object_foreach_safe(ids, at, id, none) {
		struct tally t = { 0 };

		for (size_t i = 0; i < json_array_size(list); i++)
			count_said(run_at(index, json_array_get(list, i)), id, &t);
		json_array_append_new(out, steadiness(id, &t));
	}
	json_decref(ids);
	return out;
}

/* The same folder copied is no second run. */
static void mark_copies(json_t *index)
{
	json_t *seen = json_object(), *run;
	size_t i;

	json_array_foreach(json_object_get(index, "runs"), i, run) {
		json_t *what = json_pack("[O,O,O?]", json_object_get(run, "run"), json_object_get(run, "tests"), json_object_get(run, "rounds"));
		char *text = json_dumps(what, JSON_COMPACT | JSON_SORT_KEYS);

		if (text && json_object_get(seen, text))
			json_object_set(run, "copy_of", json_object_get(seen, text));
		else if (text)
			json_object_set_new(seen, text, json_integer((json_int_t)i));
		free(text);
		json_decref(what);
	}
	json_decref(seen);
}

static void add_sets(json_t *index, const json_t *product_of)
{
	const json_t *runs = json_object_get(index, "runs");
	json_t *all = json_array(), *known = json_object(), *out = json_array(), *set;
	size_t i;

	for (i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);
		json_t *head;

		if (json_object_get(run, "copy_of") || count_of(json_object_get(run, "run"), "runs"))
			continue;               /* a campaign only says again what its units' runs said */
		head = part_of(run, firmware_keys);
		json_object_update_new(head, part_of(run, measure_keys));
		json_object_set(head, "product", json_array_get(product_of, i));
		add_to(group_of(all, known, head, ""), "runs", i);
	}
	json_array_foreach(all, i, set) {
		const json_t *list = json_object_get(set, "runs");

		if (json_array_size(list) < 2 && !json_object_size(json_object_get(run_at(index, json_array_get(list, 0)), "rounds")))
			continue;
		turn(set, "runs");
		json_object_set_new(set, "differ", differing(index, set));
		json_object_set_new(set, "tests", tests_of(index, set));
		json_array_append(out, set);
	}
	json_object_set_new(index, "sets", out);
	json_decref(all);
	json_decref(known);
}

void sets_add(json_t *index)
{
	json_t *product_of = add_products(index);

	mark_copies(index);
	add_sets(index, product_of);
	json_decref(product_of);
}
