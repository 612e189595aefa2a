/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes.h - the time line of verdicts.json as sorted arrays, so that each test can draw its own window of it
 * without reading all of it again. Private to reports/html.
 *
 * Cost  reading O(n log n) once; a window O(log n + what lies in it). */
#ifndef REPORTS_HTML_LANES_H
#define REPORTS_HTML_LANES_H

#include <jansson.h>
#include <stdint.h>
#include <stddef.h>

enum lane_kind { LANE_EVENT, LANE_LEVEL, LANE_SPAN, LANE_RATE };

struct lane_item {
	int64_t t_ns, end_ns;           /* end = t for all but spans and rates */
	int64_t value;                  /* levels: booleans and words are 0 or 1 */
	int64_t reach_ns;               /* the latest end up to and with this item */
	size_t order;                   /* as it stood in the file */
	const json_t *json;             /* borrowed */
};

struct lane {
	const char *name;               /* borrowed */
	enum lane_kind kind;
	struct lane_item *item; size_t n;
	int64_t low, high;              /* of the values; low <= 0, high > low */
	size_t order;                   /* as it stood in the file */
};

struct html_lanes { struct lane *lane; size_t n; };

/* Never fails: what is not of the form is left out. */
struct html_lanes *html_lanes_read(const json_t *timeline);
struct html_lanes *html_lanes_free(struct html_lanes *l);       /* NULL is fine; returns NULL */

/* The steps of a test as a lane of spans; release item with free(). */
void lane_of_steps(const json_t *steps, struct lane *ret);

/* The first item that ends at or after t_ns, or n. */
size_t lane_from(const struct lane *l, int64_t t_ns);
#endif
