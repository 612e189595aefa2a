/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "reports/html/page.h"

static int64_t level_of(const json_t *v)
{
	const char *s = json_string_value(v);

	if (json_is_integer(v))
		return json_integer_value(v);
	if (s)
		return *s && strcmp(s, "off") && strcmp(s, "down") && strcmp(s, "0") && strcmp(s, "false");
	return json_is_true(v);
}

static int by_time(const void *a, const void *b)
{
	const struct lane_item *x = a, *y = b;

	if (x->t_ns != y->t_ns)
		return x->t_ns < y->t_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void lane_sort(struct lane *l)
{
	qsort(l->item, l->n, sizeof(*l->item), by_time);
	for (size_t i = 0; i < l->n; i++)
		l->item[i].reach_ns = i && l->item[i - 1].reach_ns > l->item[i].end_ns ? l->item[i - 1].reach_ns : l->item[i].end_ns;
}

static enum lane_kind kind_of(const char *word)
{
	return !strcmp(word, "level") ? LANE_LEVEL : !strcmp(word, "span") ? LANE_SPAN : !strcmp(word, "rate") ? LANE_RATE : LANE_EVENT;
}

static void read_lane(struct lane *l, const json_t *json)
{
	const json_t *items = json_object_get(json, "items");

	l->name = get_text(json, "name");
	l->kind = kind_of(get_text(json, "kind"));
	l->high = 1;
	if (!json_array_size(items) || !(l->item = calloc(json_array_size(items), sizeof(*l->item))))
		return;
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *one = json_array_get(items, i);
		struct lane_item *it = &l->item[l->n];

		if (!json_is_integer(json_object_get(one, "t_ns")))
			continue;
		*it = (struct lane_item){ .t_ns = get_ns(one, "t_ns", 0), .order = i, .json = one };
		it->end_ns = l->kind == LANE_SPAN || l->kind == LANE_RATE ? get_ns(one, "end_ns", it->t_ns) : it->t_ns;
		it->value = level_of(json_object_get(one, "value"));
		l->low = it->value < l->low ? it->value : l->low;
		l->high = it->value > l->high ? it->value : l->high;
		l->n++;
	}
	lane_sort(l);
}

void lane_of_steps(const json_t *steps, struct lane *ret)
{
	*ret = (struct lane){ .name = "steps", .kind = LANE_SPAN, .high = 1 };
	if (!json_array_size(steps) || !(ret->item = calloc(json_array_size(steps), sizeof(*ret->item))))
		return;
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *one = json_array_get(steps, i);
		int64_t begin = get_ns(one, "begin_ns", 0);

		if (begin)
			ret->item[ret->n++] = (struct lane_item){ .t_ns = begin, .end_ns = get_ns(one, "end_ns", begin), .order = i, .json = one };
	}
	lane_sort(ret);
}

/* Power above the rest, tests below it; within one kind as they stood. */
static int rank(const char *name)
{
	static const char *const order[] = { "power", "net", "service", "serial", "wire", "flash", "capture", NULL };
	int i = 0;

	while (order[i] && strncmp(name, order[i], strlen(order[i])))
		i++;
	return !strcmp(name, "tests") ? i + 2 : !strcmp(name, "steps") ? i + 1 : i;
}

static int by_rank(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;
	int d = rank(x->name) - rank(y->name);

	return d ? d : x->order < y->order ? -1 : 1;
}

static void free_lane(struct lane *l)
{
	free(l->item);
	if (l->fine)
		free(l->fine->item);
	free(l->fine);
}

struct html_lanes *html_lanes_read(const json_t *timeline)
{
	const json_t *all = json_object_get(timeline, "lanes");
	struct html_lanes *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->lane = calloc(json_array_size(all) + 1, sizeof(*l->lane));
	for (size_t i = 0; l->lane && i < json_array_size(all); i++) {
		l->lane[l->n].order = i;
		read_lane(&l->lane[l->n], json_array_get(all, i));
		if (l->lane[l->n].n)
			l->n++;
		else
			free_lane(&l->lane[l->n]);
	}
	if (l->n)
		qsort(l->lane, l->n, sizeof(*l->lane), by_rank);
	return l;
}

struct html_lanes *html_lanes_free(struct html_lanes *l)
{
	if (!l)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		free_lane(&l->lane[i]);
	free(l->lane);
	free(l);
	return NULL;
}

size_t lane_from(const struct lane *l, int64_t t_ns)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->item[mid].reach_ns < t_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
