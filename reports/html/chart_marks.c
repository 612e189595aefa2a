/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane below the tests: where the claims that do not hold point to, each a link to its evidence. */
#include <inttypes.h>
#include <stdlib.h>

#include "reports/html/chart.h"

#define MARKS_MAX 1000
#define MARKS_OF_TEST 12

struct mark { int64_t t_ns; const json_t *test; size_t claim; enum verdict v; };

static int by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->t_ns != y->t_ns)
		return x->t_ns < y->t_ns ? -1 : 1;
	return x->claim < y->claim ? -1 : x->claim > y->claim;
}

bool chart_moment(struct html_page *p, const json_t *claim, int64_t *ret_ns)
{
	const json_t *at = json_object_get(claim, "at");

	for (size_t k = 0; k < json_array_size(at) && k < 4; k++)
		if (pointer_time(p, json_array_get(at, k), ret_ns))
			return true;
	return false;
}

static size_t collect(struct chart *c, struct mark *mark)
{
	const json_t *tests = json_object_get(c->p->v, "tests");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i), *claims = json_object_get(test, "claims");

		for (size_t k = 0, of = 0; k < json_array_size(claims) && of < MARKS_OF_TEST && n < MARKS_MAX; k++) {
			const json_t *claim = json_array_get(claims, k);
			struct mark m = { .test = test, .claim = k, .v = html_verdict(claim) };

			if (m.v == VERDICT_PASS || !chart_moment(c->p, claim, &m.t_ns) || m.t_ns < c->from || m.t_ns > c->to)
				continue;
			mark[n++] = m;
			of++;
		}
	}
	qsort(mark, n, sizeof(*mark), by_time);
	return n;
}

void chart_marks(struct chart *c)
{
	struct mark *mark = calloc(MARKS_MAX, sizeof(*mark));
	size_t n = mark ? collect(c, mark) : 0;
	int last = -9;
	int64_t ms = 0;

	chart_name(c, "not PASS", 13);
	putf(c->p, "<path class=\"base\" d=\"M%d %dh%d\"/><g class=\"lane\" data-k=\"mark\" data-y=\"%d\" data-d=\"", LEFT, c->y + TALL, WIDTH, c->y);
	for (size_t i = 0; i < n; i++) {
		int64_t t = (mark[i].t_ns - c->from) / 1000000;

		putf(c->p, "%" PRId64 " %s ", t - ms, html_class(mark[i].v));
		put_evidence_id(c->p, mark[i].test, mark[i].claim);
		put(c->p, "\n");
		ms = t;
	}
	put(c->p, "\">");
	for (size_t i = 0; i < n; i++) {
		int x = chart_column(c, mark[i].t_ns);

		if (x - last < 4)
			continue;
		put(c->p, "<a aria-label=\"evidence\" href=\"#");
		put_evidence_id(c->p, mark[i].test, mark[i].claim);
		putf(c->p, "\"><path class=\"hit %s\" d=\"M%d %dl5 12h-10z\"><title>", html_class(mark[i].v), LEFT + x, c->y + 4);
		put_since(c->p, mark[i].t_ns);
		put(c->p, " ");
		put_attr(c->p, json_object_get(mark[i].test, "id"));
		put(c->p, "</title></path></a>");
		last = x;
	}
	put(c->p, "</g>\n");
	c->y += LANE;
	free(mark);
}
