/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of one test above its time line. */
#include <string.h>

#include "reports/html/chart.h"

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

size_t chart_step_boxes(const struct chart *c, const struct lane *l, struct step_box *box, int *ret_rows)
{
	int next[STEP_ROWS] = { 0 };
	size_t n = 0;

	*ret_rows = 0;
	for (size_t i = 0; i < l->n && n < STEPS_MAX; i++) {
		struct step_box b = { .x = chart_column(c, l->item[i].t_ns), .z = chart_column(c, l->item[i].end_ns), .step = l->item[i].json };

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
void chart_steps(struct chart *c, const struct step_box *box, size_t n)
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
