/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes.h - the time line of verdicts.json as sorted arrays, so that each test can draw its own window of it
 * without reading all of it again. Private to reports/html.
 *
 * Cost  reading O(n log n) once; a window O(log n + what lies in it). */
#ifndef REPORTS_HTML_LANES_H
#define REPORTS_HTML_LANES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evidence;

enum lane_kind { LANE_EVENT, LANE_LEVEL, LANE_SPAN, LANE_RATE };

struct lane_item {
	int64_t t_ns, end_ns;           /* end = t for all but spans and rates */
	int64_t value;                  /* levels: booleans and words are 0 or 1 */
	int64_t reach_ns;               /* the latest end up to and with this item */
	size_t order;                   /* as it stood in the file */
	const json_t *json;             /* borrowed; NULL in what lane_fine read */
	int64_t off, len;               /* bytes of `raw` that came then */
};

struct lane {
	const char *name;               /* borrowed */
	enum lane_kind kind;
	struct lane_item *item; size_t n;
	int64_t low, high;              /* of the values; low <= 0, high > low */
	size_t order;                   /* as it stood in the file */
	bool looked;
	struct lane *fine;              /* see lane_fine */
	char raw[256];                  /* of a fine console lane: the file its bytes are in; else "" */
};

void lane_sort(struct lane *l);         /* by time; fills reach_ns */

struct html_lanes { struct lane *lane; size_t n; };

/* Never fails: what is not of the form is left out. */
struct html_lanes *html_lanes_read(const json_t *timeline);
struct html_lanes *html_lanes_free(struct html_lanes *l);       /* NULL is fine; returns NULL */

/* A rate lane counts console bytes or frames in stretches far longer than a step: the same from the recorded file
 * itself, one item per piece or frame. Read once, at most LANE_FINE_MAX items. NULL: no such file, use `l`. */
const struct lane *lane_fine(struct lane *l, struct evidence *e, int64_t wall_offset_ns);
#define LANE_FINE_MAX 1000000

/* The steps of a test as a lane of spans; release item with free(). */
void lane_of_steps(const json_t *steps, struct lane *ret);

/* The first item that ends at or after t_ns, or n. */
size_t lane_from(const struct lane *l, int64_t t_ns);
#endif
