/* SPDX-License-Identifier: Apache-2.0
 *
 * One lane of a time line: levels as steps, spans as boxes, events as strokes, rates as filled heights. */
#include <inttypes.h>
#include <string.h>

#include "reports/html/chart.h"
#include "reports/read/evidence.h"

/* __int128: days in ns times columns do not fit 64 bits. */
int chart_column(const struct chart *c, int64_t t_ns)
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
		int x = chart_column(c, l->item[i].t_ns), y = height(c, l, l->item[i].value);

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
		while (i + 2 < l->n && chart_column(c, l->item[i + 2].t_ns) == x && l->item[i + 2].t_ns <= c->to)
			i++;
	}
	if (known)
		putf(c->p, "H%d", LEFT + WIDTH);
	put(c->p, "\"/>");
	if ((__int128)l->high - l->low > 1)
		most_text(c, l->high, "");
}

const json_t *chart_test(const struct chart *c, const char *text)
{
	char id[64];
	size_t n = strcspn(text, " ");

	if (n >= sizeof(id))
		return NULL;
	memcpy(id, text, n);
	id[n] = 0;
	return json_object_get(c->p->tests, id);
}

/* A box of a test leads to it and has its colour; one of a step says only what was done. */
static void box(struct chart *c, const struct lane *l, const struct lane_item *it, int x, int wide)
{
	const char *text = get_text(it->json, "text");
	const json_t *test = strcmp(l->name, "steps") ? chart_test(c, text) : NULL;
	size_t n = test ? strlen(get_text(test, "id")) : strlen(text);
	/* the worse, the taller: what failed stands out without colour too */
	int tall = !test || html_verdict(test) == VERDICT_FAIL ? TALL : html_verdict(test) == VERDICT_PASS ? TALL - 7 : TALL - 3;

	if (test) {
		put(c->p, "<a aria-label=\"");
		html_esc_id(c->p->out, get_text(test, "id"));
		putf(c->p, " %s\" href=\"#", verdict_name(html_verdict(test)));
		put_anchor(c->p, test);
		put(c->p, "\">");
	}
	putf(c->p, "<rect class=\"span %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">", test ? html_class(html_verdict(test)) : "",
	     LEFT + x, c->y + TALL - tall, wide, tall);
	title(c, NULL, it, 1);
	put(c->p, "</rect>");
	if (n && n < WIDTH && (int)n * 6 + 8 < wide) {
		putf(c->p, "<text class=\"in\" x=\"%d\" y=\"%d\">", LEFT + x + 4, c->y + TALL - (test ? 2 : 5));
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
		int x = chart_column(c, it->t_ns), z = chart_column(c, it->end_ns);

		if (it->end_ns < c->from)
			continue;
		z = z > x + 1 ? z : x + 2;
		if (z <= next)
			continue;
		x = x < next ? next : x;
		box(c, l, it, x, z - x > 2 ? z - x - 1 : z - x);
		next = z;
	}
}

/* Strokes, the taller the more events fall into the column. */
static void event_lane(struct chart *c, const struct lane *l)
{
	unsigned count[WIDTH + 1] = { 0 }, most = 2;
	size_t first[WIDTH + 1];
	bool open = false;

	for (size_t i = lane_from(l, c->from); i < l->n && l->item[i].t_ns <= c->to; i++) {
		int x = chart_column(c, l->item[i].t_ns);

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
		int x = chart_column(c, l->item[i].t_ns), z = chart_column(c, l->item[i].end_ns);

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

void chart_name(struct chart *c, const char *text, int down)
{
	putf(c->p, "<text class=\"name\" x=\"0\" y=\"%d\">", c->y + down);
	html_esc(c->p->out, text, strlen(text), 16, HTML_ATTR);
	put(c->p, "</text>");
}

void chart_lane(struct chart *c, const struct lane *l, struct lane *coarse)
{
	static void (*const draw[])(struct chart *, const struct lane *) = {
		[LANE_EVENT] = event_lane, [LANE_LEVEL] = level_lane, [LANE_SPAN] = span_lane, [LANE_RATE] = rate_lane,
	};

	chart_name(c, l->name, l->kind == LANE_RATE || (__int128)l->high - l->low > 1 ? 8 : 13);
	putf(c->p, "<path class=\"base\" d=\"M%d %dh%d\"/>", LEFT, c->y + TALL, WIDTH);
	if (c->zooms) {
		put(c->p, "<g class=\"lane\"");
		chart_data(c, coarse);
		put(c->p, ">");
	}
	draw[l->kind](c, l);
	put(c->p, c->zooms ? "</g>\n" : "\n");
	c->y += LANE;
}
