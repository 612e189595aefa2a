/* SPDX-License-Identifier: Apache-2.0
 *
 * The time line: lanes below each other over one time axis, as SVG. Every lane is folded into columns one unit wide,
 * so the size of a chart depends on its width and not on how much happened. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/html/evidence.h"
#include "reports/html/lanes.h"
#include "reports/html/page.h"

#define LEFT 104                /* room for the lanes' names */
#define WIDTH 896               /* columns of time */
#define LANE 26                 /* height of a lane with its gap */
#define TALL 18                 /* height of what is drawn in it */
#define LANES_MAX 24
#define STEP_ROWS 3
#define HITS_MAX 12
#define STEP_ROW 13
#define STEPS_MAX 300
#define TITLES_MAX 200          /* texts that show when pointed at, in the chart of the run */
#define TITLES_TEST 12          /* and in that of a test */

struct chart {
	struct html_page *p;
	int64_t from, to;
	int y;                          /* top of the lane being drawn */
	unsigned titles;                /* how many texts to point at are left to give */
};

/* Column of a time; times outside fall on the edge. __int128: days in ns times columns do not fit 64 bits. */
static int column(const struct chart *c, int64_t t_ns)
{
	if (t_ns <= c->from)
		return 0;
	if (t_ns >= c->to)
		return WIDTH;
	return (int)((__int128)(t_ns - c->from) * WIDTH / (c->to - c->from));
}

static int height(const struct chart *c, const struct lane *l, int64_t v)
{
	return c->y + TALL - (int)(((__int128)v - l->low) * TALL / ((__int128)l->high - l->low));
}

/* What shows when an item is pointed at: its text, or the console bytes that came then. */
static void title(struct chart *c, const struct lane *l, const struct lane_item *it, unsigned count)
{
	const char *text = get_text(it->json, "text");
	uint8_t bytes[120];
	size_t n = 0;

	if (!c->titles)
		return;
	if (l && *l->raw && it->off >= 0 && it->len > 0 && evidence_use(c->p->evidence, l->raw) > it->off)
		n = evidence_read(c->p->evidence, it->off, it->off + (it->len < 120 ? it->len : 120), bytes);
	if (!*text && !n)
		return;
	c->titles--;
	put(c->p, "<title>");
	put_since(c->p, it->t_ns);
	put(c->p, " ");
	if (n)
		html_esc(c->p->out, bytes, n, sizeof(bytes), HTML_ATTR);
	else
		html_esc(c->p->out, text, strlen(text), 160, HTML_ATTR);
	if (count > 1)
		putf(c->p, " (and %u more here)", count - 1);
	put(c->p, "</title>");
}

/* ---- lanes ---- */

/* Under the lane's name: what its full height stands for. */
static void most_text(struct chart *c, int64_t most, const char *unit)
{
	putf(c->p, "<text class=\"unit\" x=\"0\" y=\"%d\">max %" PRId64 "%s</text>", c->y + 17, most, unit);
}

/* Steps between low and high; a column in which the level went both ways becomes a full stroke. */
static void level_lane(struct chart *c, const struct lane *l)
{
	size_t i = lane_from(l, c->from);
	bool known = i > 0;
	int64_t value = known ? l->item[i - 1].value : 0;
	int last = -1;

	put(c->p, "<path class=\"level\" d=\"");
	if (known)
		putf(c->p, "M%d %d", LEFT, height(c, l, value));
	for (; i < l->n && l->item[i].t_ns <= c->to; i++) {
		int x = column(c, l->item[i].t_ns), y = height(c, l, l->item[i].value);

		if (known && l->item[i].value == value)
			continue;
		if (!known)
			putf(c->p, "M%d %d", LEFT + x, y);
		else if (x != last)
			putf(c->p, "H%dV%d", LEFT + x, y);
		else
			putf(c->p, "V%d", y);
		known = true;
		last = x;
		value = l->item[i].value;
		/* the rest of this column changes nothing that can be seen, but for where it ends */
		while (i + 2 < l->n && column(c, l->item[i + 2].t_ns) == x && l->item[i + 2].t_ns <= c->to)
			i++;
	}
	if (known)
		putf(c->p, "H%d", LEFT + WIDTH);
	put(c->p, "\"/>");
	if ((__int128)l->high - l->low > 1)
		most_text(c, l->high, "");
}

/* The test whose id a span's text begins with, or NULL. */
static const json_t *test_of(const struct chart *c, const char *text)
{
	char id[64];
	size_t n = strcspn(text, " ");

	if (n >= sizeof(id))
		return NULL;
	memcpy(id, text, n);
	id[n] = 0;
	return json_object_get(c->p->tests, id);
}

static void box(struct chart *c, const struct lane_item *it, int x, int wide)
{
	const char *text = get_text(it->json, "text");
	const json_t *test = test_of(c, text);
	size_t n = test ? strlen(get_text(test, "id")) : strlen(text);
	/* the worse, the taller: what failed stands out without colour too */
	int tall = !test || html_verdict(test) == VERDICT_FAIL ? TALL : html_verdict(test) == VERDICT_PASS ? TALL - 7 : TALL - 3;

	if (test) {
		put(c->p, "<a href=\"#");
		html_esc_id(c->p->out, get_text(test, "id"));
		put(c->p, "\">");
	}
	putf(c->p, "<rect class=\"span %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">", test ? html_class(html_verdict(test)) : "",
	     LEFT + x, c->y + TALL - tall, wide, tall);
	title(c, NULL, it, 1);
	put(c->p, "</rect>");
	if (n && n < WIDTH && (int)n * 7 + 6 < wide) {
		putf(c->p, "<text class=\"in\" x=\"%d\" y=\"%d\">", LEFT + x + 4, c->y + TALL - 2);
		html_esc(c->p->out, text, n, 160, HTML_ATTR);
		put(c->p, "</text>");
	}
	put(c->p, test ? "</a>" : "");
}

/* Boxes; one that lies wholly in columns already drawn is left out. */
static void span_lane(struct chart *c, const struct lane *l)
{
	int next = 0;                   /* first free column */

	for (size_t i = lane_from(l, c->from); i < l->n && l->item[i].t_ns <= c->to; i++) {
		const struct lane_item *it = &l->item[i];
		int x = column(c, it->t_ns), z = column(c, it->end_ns);

		if (it->end_ns < c->from)
			continue;
		z = z > x + 1 ? z : x + 2;
		if (z <= next)
			continue;
		x = x < next ? next : x;
		box(c, it, x, z - x > 2 ? z - x - 1 : z - x);
		next = z;
	}
}

/* The row a step from column x to *z goes to, or -1 when it would show nothing; *x moves behind what is there. */
static int place(int *next, int *x, int *z)
{
	int row = 0;

	while (row < STEP_ROWS && *x + 1 < next[row])
		row++;
	*z = *z > *x + 1 ? *z : *x + 2;
	if (row == STEP_ROWS || *z <= next[row])
		return -1;
	*x = *x < next[row] ? next[row] : *x;
	next[row] = *z;
	return row;
}

struct step_box { int x, z, row; const json_t *step; };

/* What ran in a test, in up to STEP_ROWS rows: a watch or a loop goes on beside the steps inside it. Returns how
 * many boxes stand in `box`, at most STEPS_MAX. */
static size_t step_boxes(const struct chart *c, const struct lane *l, struct step_box *box, int *ret_rows)
{
	int next[STEP_ROWS] = { 0 };
	size_t n = 0;

	*ret_rows = 0;
	for (size_t i = 0; i < l->n && n < STEPS_MAX; i++) {
		struct step_box b = { .x = column(c, l->item[i].t_ns), .z = column(c, l->item[i].end_ns), .step = l->item[i].json };

		b.row = place(next, &b.x, &b.z);
		if (b.row < 0)
			continue;
		*ret_rows = b.row + 1 > *ret_rows ? b.row + 1 : *ret_rows;
		box[n++] = b;
	}
	return n;
}

static bool went_well(const json_t *step)
{
	const char *status = get_text(step, "status");

	return !*status || !strcmp(status, "ok");
}

/* All boxes as one path, those that went wrong as another, then the names that fit. */
static void step_lane(struct chart *c, const struct step_box *box, size_t n)
{
	for (int well = 1; well >= 0; well--) {
		bool open = false;

		for (size_t i = 0; i < n; i++) {
			int wide = box[i].z - box[i].x > 2 ? box[i].z - box[i].x - 1 : box[i].z - box[i].x;

			if (went_well(box[i].step) != well)
				continue;
			putf(c->p, "%sM%d %dh%dv%dh-%dz", open ? "" : well ? "<path class=\"span\" d=\"" : "<path class=\"span e\" d=\"", LEFT + box[i].x,
			     c->y + box[i].row * STEP_ROW, wide, STEP_ROW - 2, wide);
			open = true;
		}
		put(c->p, open ? "\"/>" : "");
	}
	for (size_t i = 0; i < n; i++) {
		const char *text = get_text(box[i].step, *get_text(box[i].step, "label") ? "label" : "verb");

		if (strlen(text) >= WIDTH / 6 || (int)strlen(text) * 6 + 6 >= box[i].z - box[i].x)
			continue;
		putf(c->p, "<text class=\"in\" x=\"%d\" y=\"%d\">", LEFT + box[i].x + 3, c->y + box[i].row * STEP_ROW + 9);
		html_esc(c->p->out, text, strlen(text), 160, HTML_ATTR);
		put(c->p, "</text>");
	}
}

/* Strokes, the taller the more events fall into the column. */
static void event_lane(struct chart *c, const struct lane *l)
{
	unsigned count[WIDTH + 1] = { 0 }, most = 2;
	size_t first[WIDTH + 1];
	bool open = false;

	for (size_t i = lane_from(l, c->from); i < l->n && l->item[i].t_ns <= c->to; i++) {
		int x = column(c, l->item[i].t_ns);

		if (!count[x]++)
			first[x] = i;
		most = count[x] > most ? count[x] : most;
	}
	for (int x = 0; x <= WIDTH; x++) {
		unsigned tall = count[x] ? 8 + (TALL - 8) * (count[x] - 1) / (most - 1) : 0;

		if (!tall)
			continue;
		if (!c->titles && !open)        /* from here on one path, without texts */
			put(c->p, "<path class=\"event\" d=\"");
		open = open || !c->titles;
		putf(c->p, open ? "M%d %dv-%u" : "<path class=\"event\" d=\"M%d %dv-%u\">", LEFT + x, c->y + TALL, tall);
		if (open)
			continue;
		title(c, l, &l->item[first[x]], count[x]);
		put(c->p, "</path>");
	}
	put(c->p, open ? "\"/>" : "");
}

/* Filled heights against the most that any stretch holds; stretches that fall into one column are added up. */
static void rate_lane(struct chart *c, const struct lane *l)
{
	int64_t sum[WIDTH + 1] = { 0 }, most = 1;
	int wide[WIDTH + 1] = { 0 };
	const json_t *at;

	for (size_t i = lane_from(l, c->from); i < l->n && l->item[i].t_ns <= c->to; i++) {
		int64_t v = l->item[i].value;
		int x = column(c, l->item[i].t_ns), z = column(c, l->item[i].end_ns);

		if (v <= 0 || v > INT32_MAX || (x == WIDTH && z == WIDTH))
			continue;
		sum[x] += v;
		wide[x] = z - x > wide[x] ? z - x : wide[x] ? wide[x] : 1;
		most = sum[x] > most ? sum[x] : most;
	}
	put(c->p, "<path class=\"rate\" d=\"");
	for (int x = 0; x <= WIDTH; x++)
		if (sum[x])
			putf(c->p, "M%d %dv-%" PRId64 "h%dV%dz", LEFT + x, c->y + TALL, (sum[x] * TALL + most - 1) / most, wide[x], c->y + TALL);
	put(c->p, "\"/>");
	at = l->n ? json_object_get(l->item[0].json, "at") : NULL;
	most_text(c, most, *get_text(at, "file") ? " bytes" : l->item[0].json && !at ? "" : " frames");
}

/* ---- frame ---- */

static void name(struct chart *c, const char *text, int down)
{
	putf(c->p, "<text class=\"name\" x=\"0\" y=\"%d\">", c->y + down);
	html_esc(c->p->out, text, strlen(text), 16, HTML_ATTR);
	put(c->p, "</text>");
}

static void draw_lane(struct chart *c, const struct lane *l)
{
	static void (*const draw[])(struct chart *, const struct lane *) = {
		[LANE_EVENT] = event_lane, [LANE_LEVEL] = level_lane, [LANE_SPAN] = span_lane, [LANE_RATE] = rate_lane,
	};

	name(c, l->name, l->kind == LANE_RATE || (__int128)l->high - l->low > 1 ? 8 : 13);
	putf(c->p, "<path class=\"base\" d=\"M%d %dh%d\"/>", LEFT, c->y + TALL, WIDTH);
	draw[l->kind](c, l);
	put(c->p, "\n");
	c->y += LANE;
}

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
	put(c->p, "<path class=\"grid\" d=\"");
	for (t = first; begin + t <= c->to; t += step)
		putf(c->p, "M%d 14V%d", LEFT + column(c, begin + t), bottom);
	put(c->p, "\"/>");
	for (t = first; begin + t <= c->to; t += step) {
		putf(c->p, "<text class=\"tick\" x=\"%d\" y=\"9\">", LEFT + column(c, begin + t));
		tick_text(c, t, step);
		put(c->p, "</text>");
	}
	put(c->p, "\n");
}

/* Where the claims that do not hold point to, as lines through all lanes. */
static void hits(struct chart *c, const json_t *test, int bottom)
{
	const json_t *claims = json_object_get(test, "claims");
	unsigned n = 0;
	int last = -1;

	for (size_t i = 0; i < json_array_size(claims) && n < HITS_MAX; i++) {
		const json_t *claim = json_array_get(claims, i), *at = json_object_get(claim, "at");
		enum verdict v = html_verdict(claim);
		int64_t t;

		for (size_t k = 0; v != VERDICT_PASS && k < json_array_size(at) && k < 4; k++) {
			if (!pointer_time(c->p, json_array_get(at, k), &t) || t < c->from || t > c->to)
				continue;
			if (column(c, t) != last)
				putf(c->p, "<path class=\"hit %s\" d=\"M%d 13V%dm-4 0h8l-4 -5z\"/>", html_class(v), LEFT + column(c, t), bottom);
			last = column(c, t);
			n++;
			break;
		}
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

static void frame(struct chart *c, const struct lane *const *shown, size_t n, const struct lane *steps, const json_t *test)
{
	struct step_box box[STEPS_MAX];
	int rows = 0, bottom;
	size_t boxes = steps ? step_boxes(c, steps, box, &rows) : 0;

	bottom = c->y + (int)n * LANE + rows * STEP_ROW + (rows ? 6 : 0) + (test ? 6 : 0);
	c->titles = steps ? TITLES_TEST : TITLES_MAX;
	putf(c->p, "<div class=\"chart\"%s><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Time line\">", steps ? "" : " tabindex=\"0\"",
	     LEFT + WIDTH + 16, bottom);
	axis(c, bottom);
	if (rows) {
		name(c, "steps", 9);
		step_lane(c, box, boxes);
		c->y += rows * STEP_ROW + 6;
	}
	for (size_t i = 0; i < n; i++)
		draw_lane(c, shown[i]);
	hits(c, test, bottom);
	put(c->p, "</svg></div>\n");
}

/* A span that names a test belongs to the whole run's chart; in a test's own its steps stand instead. */
void html_chart(struct html_page *p, int64_t from_ns, int64_t to_ns, const json_t *test)
{
	struct chart c = { .p = p, .from = from_ns, .to = to_ns, .y = 18 };
	const struct lane *shown[LANES_MAX];
	struct lane steps = { 0 };
	size_t n = 0;

	if (to_ns <= from_ns)
		return;
	for (size_t i = 0; i < p->lanes->n && n < LANES_MAX; i++) {
		struct lane *coarse = &p->lanes->lane[i];
		const struct lane *fine = test ? lane_fine(coarse, p->evidence, get_int(p->run, "wall_offset_ns")) : NULL, *l = fine ? fine : coarse;
		bool ours = l->kind == LANE_SPAN && test_of(&c, get_text(l->item[0].json, "text"));

		if (test ? moves(l, from_ns, to_ns) && !ours : strcmp(l->name, "steps") != 0)
			shown[n++] = l;
	}
	if (test)
		lane_of_steps(json_object_get(test, "steps"), &steps);
	if (n || steps.n)
		frame(&c, shown, n, test ? &steps : NULL, test);
	free(steps.item);
}

void html_timeline(struct html_page *p)
{
	put(p, "<section id=\"timeline\">\n<h2>Time line <span lang=\"ja\">時系列</span></h2>\n");
	if (p->lanes->n)
		html_chart(p, p->begin_ns, p->end_ns, NULL);
	else
		put(p, "<p>No time line was recorded.</p>\n");
	put(p, "</section>\n");
}
