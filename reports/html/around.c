/* SPDX-License-Identifier: Apache-2.0
 *
 * What else was seen just before a claim that does not hold was decided: the console's words, edges of wires and power, cuts
 * of the network. For a claim whose pointers lead elsewhere; folded, for it proves nothing by itself. */
#include <inttypes.h>
#include <string.h>

#include "reports/html/lanes.h"
#include "reports/html/page.h"
#include "reports/read/evidence.h"

#define BEFORE_NS (2 * INT64_C(1000000000))
#define AFTER_NS (INT64_C(1000000000) / 2)
#define BYTES_MAX 600           /* of a console; the last ones */
#define EDGES_MAX 12            /* of one lane; the last ones */

struct around { struct html_page *p; int64_t from, to; bool open; };

static void head(struct around *a, const char *what)
{
	if (!a->open)
		put(a->p, "<details><summary><span class=\"en\">Around this moment</span> <span lang=\"ja\">前後の観測</span></summary>");
	a->open = true;
	put(a->p, "<figure class=\"ex\"><figcaption>");
	put_str(a->p, what);
	put(a->p, ", ");
	put_when(a->p, a->from, a->to);
	put(a->p, "</figcaption><pre dir=\"ltr\">");
}

/* Of the pieces in the window, the bytes from the first to the last. */
static void console(struct around *a, const struct lane *l)
{
	int64_t from = INT64_MAX, to = 0;
	uint8_t buf[BYTES_MAX];
	size_t n;

	for (size_t i = lane_from(l, a->from); i < l->n && l->item[i].t_ns <= a->to; i++) {
		int64_t off = l->item[i].off, len = l->item[i].len, end;

		if (off < 0 || len <= 0 || __builtin_add_overflow(off, len, &end))
			continue;
		from = off < from ? off : from;
		to = end > to ? end : to;
	}
	if (from >= to || evidence_use(a->p->evidence, l->raw) < to)
		return;
	from = to - from > BYTES_MAX ? to - BYTES_MAX : from;
	n = evidence_read(a->p->evidence, from, to, buf);
	if (!n)
		return;
	head(a, l->name);
	html_esc(a->p->out, buf, n, SIZE_MAX, HTML_PRE);
	put(a->p, "</pre></figure>");
}

static bool changed(const struct lane *l, size_t i)
{
	return l->kind != LANE_LEVEL || !i || l->item[i].value != l->item[i - 1].value;
}

static void edges(struct around *a, const struct lane *l)
{
	size_t first = lane_from(l, a->from), n = 0, skip;

	while (first < l->n && l->item[first].t_ns < a->from)   /* a span that only reaches into the window */
		first++;
	for (size_t i = first; i < l->n && l->item[i].t_ns <= a->to; i++)
		n += changed(l, i);
	if (!n)
		return;
	head(a, l->name);
	skip = n > EDGES_MAX ? n - EDGES_MAX : 0;
	if (skip)
		putf(a->p, "... %zu before\n", skip);
	for (size_t i = first; i < l->n && l->item[i].t_ns <= a->to; i++) {
		if (!changed(l, i) || (skip && skip--))
			continue;
		put_since(a->p, l->item[i].t_ns);
		put(a->p, "  ");
		put_str(a->p, get_text(l->item[i].json, "text"));
		if (l->kind == LANE_LEVEL && !*get_text(l->item[i].json, "text"))
			putf(a->p, "%" PRId64, l->item[i].value);
		put(a->p, "\n");
	}
	put(a->p, "</pre></figure>");
}

static bool leads_to(const json_t *claim, const char *file)
{
	const json_t *at = json_object_get(claim, "at");

	for (size_t i = 0; i < json_array_size(at); i++)
		if (!strcmp(get_text(json_array_get(at, i), "file"), file))
			return true;
	return false;
}

void html_around(struct html_page *p, const json_t *claim)
{
	struct around a = { .p = p };
	int64_t t;

	if (!chart_moment(p, claim, &t))
		return;
	a.from = t > BEFORE_NS ? t - BEFORE_NS : 0;
	a.to = t + AFTER_NS;
	for (size_t i = 0; i < p->lanes->n; i++) {
		struct lane *l = &p->lanes->lane[i];
		const struct lane *fine = lane_fine(l, p->evidence, get_int(p->run, "wall_offset_ns"));

		if (fine && *fine->raw && !leads_to(claim, fine->raw))
			console(&a, fine);
		else if (l->kind == LANE_LEVEL || (l->kind == LANE_SPAN && !strncmp(l->name, "net", 3)))
			edges(&a, l);
	}
	put(p, a.open ? "</details>" : "");
}
