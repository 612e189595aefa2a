/* SPDX-License-Identifier: Apache-2.0
 *
 * chart.h - the frame a time line is drawn in, and what draws into it. Private to reports/html/chart*.c. */
#ifndef REPORTS_HTML_CHART_H
#define REPORTS_HTML_CHART_H

#include "reports/html/lanes.h"
#include "reports/html/page.h"

#define LEFT 104                /* room for the lanes' names */
#define WIDTH 896               /* columns of time */
#define LANE 26                 /* height of a lane with its gap */
#define TALL 18                 /* height of what is drawn in it */
#define STEP_ROWS 3
#define STEP_ROW 13
#define STEPS_MAX 300

struct chart {
	struct html_page *p;
	int64_t from, to;
	int y;                          /* top of the lane being drawn */
	unsigned titles;                /* how many texts to point at are left to give */
	bool zooms;
	size_t room;                    /* about how many bytes of data for the script are left to give */
};

struct step_box { int x, z, row; const json_t *step; };

/* Column of a time, 0 to WIDTH; times outside fall on the edge. */
int chart_column(const struct chart *c, int64_t t_ns);
/* A name at the left, `down` below c->y. */
void chart_name(struct chart *c, const char *text, int down);
/* Draws one lane at c->y; every lane is folded into columns first. `coarse`: as verdicts.json has it, maybe the same. */
void chart_lane(struct chart *c, const struct lane *l, struct lane *coarse);
/* The test whose id a span's text begins with, or NULL. */
const json_t *chart_test(const struct chart *c, const char *text);

/* chart_data.c: the same lane for the script, as attributes of an open tag. */
void chart_data(struct chart *c, struct lane *l);
/* chart_marks.c: when the claims of all tests that do not hold were decided, as links. */
void chart_marks(struct chart *c);

/* What ran in a test, in up to STEP_ROWS rows: a watch or a loop goes on beside the steps inside it. Returns how
 * many boxes stand in `box`, at most STEPS_MAX. */
size_t chart_step_boxes(const struct chart *c, const struct lane *l, struct step_box *box, int *ret_rows);
void chart_steps(struct chart *c, const struct step_box *box, size_t n);
#endif
