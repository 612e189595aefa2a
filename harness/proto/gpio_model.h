/* SPDX-License-Identifier: Apache-2.0
 *
 * gpio_model.h - a GPIO chip in memory behind libgpiod's own calls, for tests: they define them in the library's place,
 * because a build machine has no chip, and descriptors that a mocked /dev node hands out cannot be mocked in turn. It counts
 * edges of outputs, and stops when a line is let go that nobody holds. Include it in one test file, after Check. */
#ifndef PROTO_GPIO_MODEL_H
#define PROTO_GPIO_MODEL_H

#include <errno.h>
#include <gpiod.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"

#define LINES 8
struct gpiod_chip { int opened; };
struct gpiod_line { const char *name; int level, edges, type, flags; bool taken, busy; int event[2]; };

static struct gpiod_chip chip;
static struct gpiod_line gpio[LINES] = { { .name = "BTN" }, { .name = "LED" }, { .name = "twin" }, { .name = "twin" } };
static bool no_edges;

struct gpiod_chip *gpiod_chip_open_lookup(const char *descr)
{
	errno = ENOENT;
	chip.opened += !strcmp(descr, "bank");
	return strcmp(descr, "bank") ? NULL : &chip;
}
void gpiod_chip_close(struct gpiod_chip *c) { c->opened--; }
unsigned int gpiod_chip_num_lines(struct gpiod_chip *c) { (void)c; return LINES; }
struct gpiod_line *gpiod_chip_get_line(struct gpiod_chip *c, unsigned int n) { (void)c; return n < LINES ? &gpio[n] : NULL; }
const char *gpiod_line_name(struct gpiod_line *l) { return l->name; }
int gpiod_line_request(struct gpiod_line *l, const struct gpiod_line_request_config *c, int value)
{
	bool edges = c->request_type == GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES;

	errno = l->busy || l->taken ? EBUSY : ENXIO;
	if (l->busy || l->taken || (edges && no_edges))
		return -1;
	l->taken = true;
	l->type = c->request_type;
	l->flags = c->flags;
	if (c->request_type == GPIOD_LINE_REQUEST_DIRECTION_OUTPUT) {
		l->edges += l->level != value;
		l->level = value;
	}
	return edges ? pipe(l->event) : 0;
}
void gpiod_line_release(struct gpiod_line *l)
{
	ck_assert(l->taken);
	l->taken = false;
	if (l->type == GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES) {
		close(l->event[0]);
		close(l->event[1]);
	}
}
int gpiod_line_set_value(struct gpiod_line *l, int v)
{
	l->edges += l->level != v;
	l->level = v;
	return l->taken ? 0 : -1;
}
int gpiod_line_get_value(struct gpiod_line *l) { return l->taken ? l->level : -1; }
int gpiod_line_event_get_fd(struct gpiod_line *l) { return l->event[0]; }
int gpiod_line_event_read(struct gpiod_line *l, struct gpiod_line_event *e)
{
	return read(l->event[0], e, sizeof(*e)) == sizeof(*e) ? 0 : -1;
}
#endif
