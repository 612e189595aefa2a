/* SPDX-License-Identifier: Apache-2.0
 *
 * The time line: lanes below each other over one time axis, as SVG. Every lane is folded into columns one unit wide,
 * so the size of a chart depends on its width and not on how much happened. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/html/chart.h"

#define LANES_MAX 24
#define HITS_MAX 12
#define DATA_ROOM 600000        /* bytes of data for zooming */
#define TITLES_MAX 200          /* texts that show when pointed at, in the chart of the run */
#define TITLES_TEST 12          /* and in that of a test */

/* The smallest round step that gives at most 9 marks. */
static int64_t tick_step(int64_t span)
{
	static const int64_t ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000,
		300000, 600000, 900000, 1800000, 3600000, 7200000, 10800000, 21600000, 43200000, 86400000, 604800000,
		INT64_C(31536000000) };
	size_t i = 0;

	while (i + 1 < sizeof(ms) / sizeof(ms[0]) && span / (ms[i] * 1000000) > 9)
		i++;
	return ms[i] * 1000000;
}

static void tick_text(struct chart *c, int64_t t_ns, int64_t step)
{
	int64_t ms = t_ns / 1000000, s = ms / 1000;

	if (step < INT64_C(1000000000))
		putf(c->p, "%" PRId64 ".%03" PRId64 " s", s, ms % 1000);
	else if (s < 60)
		putf(c->p, "%" PRId64 " s", s);
	else if (s < 3600)
		putf(c->p, "%" PRId64 ":%02" PRId64, s / 60, s % 60);
	else
		putf(c->p, "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600, s / 60 % 60, s % 60);
}

static void axis(struct chart *c, int bottom)
{
	int64_t begin = c->p->begin_ns, step = tick_step(c->to - c->from), first = c->from > begin ? c->from - begin : 0, t;

	first = (first + step - 1) / step * step;
	put(c->p, "<g class=\"axis\"><path class=\"grid\" d=\"");
	for (t = first; begin + t <= c->to; t += step)
		putf(c->p, "M%d 14V%d", LEFT + chart_column(c, begin + t), bottom);
	put(c->p, "\"/>");
	for (t = first; begin + t <= c->to; t += step) {
		putf(c->p, "<text class=\"tick\" x=\"%d\" y=\"9\">", LEFT + chart_column(c, begin + t));
		tick_text(c, t, step);
		put(c->p, "</text>");
	}
	put(c->p, "</g>\n");
}

/* Where the claims that do not hold point to, as lines through all lanes, each a link to its evidence. */
static void hits(struct chart *c, const json_t *test, int bottom)
{
	const json_t *claims = json_object_get(test, "claims");
	unsigned n = 0;
	int last = -1;

	for (size_t i = 0; i < json_array_size(claims) && n < HITS_MAX; i++) {
		const json_t *claim = json_array_get(claims, i);
		enum verdict v = html_verdict(claim);
		int64_t t;

		if (v == VERDICT_PASS || !chart_moment(c->p, claim, &t) || t < c->from || t > c->to)
			continue;
		if (chart_column(c, t) != last) {
			put(c->p, "<a aria-label=\"evidence\" href=\"#");
			put_evidence_id(c->p, test, i);
			putf(c->p, "\"><path class=\"hit %s\" d=\"M%d 13V%dm-4 0h8l-4 -5z\"/></a>", html_class(v), LEFT + chart_column(c, t), bottom);
		}
		last = chart_column(c, t);
		n++;
	}
}

/* A level moves only when it changes: where it stands is seen in the chart of the run. */
static bool moves(const struct lane *l, int64_t from, int64_t to)
{
	size_t i = lane_from(l, from);

	if (l->kind != LANE_LEVEL)
		return i < l->n && l->item[i].t_ns <= to;
	for (i = i ? i : 1; i < l->n && l->item[i].t_ns <= to; i++)
		if (l->item[i].value != l->item[i - 1].value)
			return true;
	return false;
}

struct shown { const struct lane *l; struct lane *coarse; };

/* What only the script draws: the range being chosen, the moment that was asked for. */
static void script_marks(struct chart *c)
{
	put(c->p, "<path id=\"range\" d=\"\"/><path id=\"here\" d=\"\"/>");
}

static void frame(struct chart *c, const struct shown *shown, size_t n, const struct lane *steps, const json_t *test)
{
	struct step_box box[STEPS_MAX];
	int rows = 0, bottom;
	size_t boxes = steps ? chart_step_boxes(c, steps, box, &rows) : 0;

	bottom = c->y + (int)(n + !steps) * LANE + rows * STEP_ROW + (rows ? 6 : 0) + (test ? 6 : 0);
	c->titles = steps ? TITLES_TEST : TITLES_MAX;
	putf(c->p, "<div class=\"chart\"%s><svg viewBox=\"0 0 %d %d\" role=\"%s\" aria-label=\"Time line\"", steps ? "" : " tabindex=\"0\"",
	     LEFT + WIDTH + 16, bottom, "group");
	if (!steps)
		putf(c->p, " data-ms=\"%" PRId64 "\"", (c->to - c->from) / 1000000);
	put(c->p, ">");
	axis(c, bottom);
	if (rows) {
		chart_name(c, "steps", 9);
		chart_steps(c, box, boxes);
		c->y += rows * STEP_ROW + 6;
	}
	for (size_t i = 0; i < n; i++)
		chart_lane(c, shown[i].l, shown[i].coarse);
	if (!steps) {
		chart_marks(c);
		script_marks(c);
	}
	hits(c, test, bottom);
	put(c->p, "</svg></div>\n");
}

/* A span that names a test belongs to the whole run's chart; in a test's own its steps stand instead. */
void html_chart(struct html_page *p, int64_t from_ns, int64_t to_ns, const json_t *test)
{
	struct chart c = { .p = p, .from = from_ns, .to = to_ns, .y = 18, .zooms = !test, .room = DATA_ROOM };
	struct shown shown[LANES_MAX];
	struct lane steps = { 0 };
	size_t n = 0;

	if (to_ns <= from_ns)
		return;
	for (size_t i = 0; i < p->lanes->n && n < LANES_MAX; i++) {
		struct lane *coarse = &p->lanes->lane[i];
		const struct lane *fine = test ? lane_fine(coarse, p->evidence, get_int(p->run, "wall_offset_ns")) : NULL, *l = fine ? fine : coarse;
		bool ours = l->kind == LANE_SPAN && chart_test(&c, get_text(l->item[0].json, "text"));

		if (!test || (moves(l, from_ns, to_ns) && !ours))
			shown[n++] = (struct shown){ l, coarse };
	}
	if (test)
		lane_of_steps(json_object_get(test, "steps"), &steps);
	if (n || steps.n)
		frame(&c, shown, n, test ? &steps : NULL, test);
	free(steps.item);
}

/* Hidden until the script is there to serve them. */
static void tools(struct html_page *p)
{
	static const struct { const char *does, *sign, *en, *ja; } button[] = {
		{ "in", "+", "Zoom in", "拡大" }, { "out", "−", "Zoom out", "縮小" }, { "left", "←", "Earlier", "前へ" }, { "right", "→", "Later", "後へ" },
		{ "all", "⤢", "Whole run", "全体" },
	};

	put(p, "<p id=\"zoom\" class=\"zoom\" hidden>");
	for (size_t i = 0; i < sizeof(button) / sizeof(button[0]); i++)
		putf(p, "<button type=\"button\" data-do=\"%s\" aria-label=\"%s %s\" title=\"%s %s\">%s</button>", button[i].does, button[i].en, button[i].ja,
		     button[i].en, button[i].ja, button[i].sign);
	put(p, " <output id=\"zoom-n\"></output> <a id=\"zoom-back\" href=\"#tests\" hidden><span class=\"en\">back to</span> <span lang=\"ja\">戻る</span> <b></b></a> "
	       "<span class=\"mut\"><span class=\"en\">draw over a range to see it, double-click for the whole run</span> "
	       "<span lang=\"ja\">範囲をドラッグで拡大、ダブルクリックで全体</span></span></p>\n");
}

void html_timeline(struct html_page *p)
{
	put(p, "<section id=\"timeline\">\n<h2><span class=\"en\">Time line</span> <span lang=\"ja\">時系列</span></h2>\n");
	if (p->lanes->n)
		tools(p);
	if (p->lanes->n)
		html_chart(p, p->begin_ns, p->end_ns, NULL);
	else
		put(p, "<p>No time line was recorded.</p>\n");
	put(p, "</section>\n");
}
