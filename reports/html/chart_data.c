/* SPDX-License-Identifier: Apache-2.0
 *
 * What the page's script needs to draw a lane again when the time line is zoomed: as attributes beside the drawn lane, one
 * item a line, times in ms since the one before. A lane with more than the room that is left has none and does not zoom. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/html/chart.h"

#define BINS 8192               /* of a rate over the whole run */
#define TEXT_SHOWN 60

static int64_t ms_of(const struct chart *c, int64_t t_ns)
{
	int64_t d = t_ns - c->from;

	return d < 0 ? 0 : d / 1000000;
}

static bool has_room(struct chart *c, size_t items, size_t each)
{
	if (items > c->room / each)
		return false;
	c->room -= items * each;
	return true;
}

static void levels(struct chart *c, const struct lane *l)
{
	int64_t last = 0, value = 0;

	for (size_t i = 0; i < l->n; i++) {
		int64_t t = ms_of(c, l->item[i].t_ns);

		if (l->kind == LANE_LEVEL && i && l->item[i].value == value)
			continue;
		value = l->item[i].value;
		if (l->kind == LANE_LEVEL)
			putf(c->p, "%" PRId64 " %" PRId64 "\n", t - last, value);
		else
			putf(c->p, "%" PRId64 "\n", t - last);
		last = t;
	}
}

static void spans(struct chart *c, const struct lane *l)
{
	int64_t last = 0;

	for (size_t i = 0; i < l->n; i++) {
		int64_t t = ms_of(c, l->item[i].t_ns), z = ms_of(c, l->item[i].end_ns);
		const char *text = get_text(l->item[i].json, "text");

		putf(c->p, "%" PRId64 " %" PRId64 " ", t - last, z > t ? z - t : 0);
		html_esc(c->p->out, text, strlen(text), TEXT_SHOWN, HTML_ATTR);
		put(c->p, "\n");
		last = t;
	}
}

/* From pieces or frames as they were recorded, where they are there: finer than the stretches of verdicts.json. */
static void rates(struct chart *c, const struct lane *l)
{
	int64_t bin = (c->to - c->from) / BINS + 1, last = 0, *sum = calloc(BINS + 1, sizeof(*sum)), *wide = calloc(BINS + 1, sizeof(*wide));

	for (size_t i = 0; sum && wide && i < l->n; i++) {
		const struct lane_item *it = &l->item[i];
		int64_t v = *l->raw ? it->len : it->value, at;

		if (v <= 0 || v > INT32_MAX || it->t_ns < c->from || it->t_ns > c->to)
			continue;
		at = (it->t_ns - c->from) / bin;
		sum[at] += v;
		if (it->end_ns - it->t_ns > wide[at])
			wide[at] = it->end_ns - it->t_ns;
	}
	for (int64_t i = 0; sum && wide && i <= BINS; i++)
		if (sum[i]) {
			int64_t t = i * bin / 1000000;

			putf(c->p, "%" PRId64 " %" PRId64 " %" PRId64 "\n", t - last, (wide[i] > bin ? wide[i] : bin) / 1000000, sum[i]);
			last = t;
		}
	free(sum);
	free(wide);
}

void chart_data(struct chart *c, struct lane *l)
{
	static const char *const kind[] = { [LANE_EVENT] = "event", [LANE_LEVEL] = "level", [LANE_SPAN] = "span", [LANE_RATE] = "rate" };
	const json_t *at = l->n ? json_object_get(l->item[0].json, "at") : NULL;
	const struct lane *fine = lane_fine(l, c->p->evidence, get_int(c->p->run, "wall_offset_ns")), *from = fine ? fine : l;
	size_t items = from->n < BINS || l->kind != LANE_RATE ? from->n : BINS;

	putf(c->p, " data-k=\"%s\" data-y=\"%d\" data-low=\"%" PRId64 "\" data-high=\"%" PRId64 "\"%s data-unit=\"%s\" data-d=\"", kind[l->kind], c->y,
	     l->low, l->high, strcmp(l->name, "steps") ? "" : " data-short=\"1\"", *get_text(at, "file") ? " bytes" : *get_text(at, "capture") ? " frames" : "");
	if (has_room(c, items, l->kind == LANE_SPAN ? 40 : 10)) {
		if (l->kind == LANE_SPAN)
			spans(c, l);
		else if (l->kind == LANE_RATE)
			rates(c, from);
		else
			levels(c, l);
	}
	put(c->p, "\"");
}
