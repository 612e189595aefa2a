/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanes as fine as what was recorded: the pieces of a console's index, the frames of a capture. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/read/evidence.h"
#include "reports/html/lanes.h"
#include "reports/html/page.h"

struct growing { struct lane *l; size_t room; int64_t wall_offset_ns; };

static bool add(struct growing *g, const struct lane_item *it)
{
	struct lane *l = g->l;

	if (l->n == LANE_FINE_MAX)
		return false;
	if (l->n == g->room) {
		struct lane_item *more = realloc(l->item, (g->room = g->room ? g->room * 2 : 256) * sizeof(*more));

		if (!more)
			return false;
		l->item = more;
	}
	l->item[l->n] = *it;
	l->item[l->n].order = l->n;
	l->n++;
	return true;
}

/* "<ns> r <offset> <length> <note>" */
static bool piece(struct growing *g, const char *line)
{
	struct lane_item it = { .value = 1 };
	char kind;

	if (sscanf(line, "%" SCNd64 " %c %" SCNd64 " %" SCNd64, &it.t_ns, &kind, &it.off, &it.len) != 4 || kind != 'r' || it.t_ns < 0)
		return true;
	it.end_ns = it.t_ns;
	return add(g, &it);
}

static void console(struct growing *g, struct evidence *e, const char *index)
{
	int64_t size = evidence_use(e, index), off = 0;
	char buf[8193];

	while (off < size) {
		int64_t to = off + (int64_t)sizeof(buf) - 1;
		size_t n = evidence_read(e, off, to < size ? to : size, (uint8_t *)buf);
		char *line = buf, *end;

		for (; (end = memchr(line, '\n', n - (size_t)(line - buf))); line = end + 1) {
			*end = 0;
			if (!piece(g, line))
				return;
		}
		if (line == buf)                /* no line is as long as this */
			return;
		off += line - buf;
	}
}

static bool frame(int64_t wall_ns, void *data)
{
	struct growing *g = data;
	struct lane_item it = { .value = 1 };

	if (__builtin_sub_overflow(wall_ns, g->wall_offset_ns, &it.t_ns))
		return true;
	it.end_ns = it.t_ns;
	return add(g, &it);
}

const struct lane *lane_fine(struct lane *l, struct evidence *e, int64_t wall_offset_ns)
{
	const json_t *at = l->n ? json_object_get(l->item[0].json, "at") : NULL;
	const char *raw = get_text(at, "file"), *capture = get_text(at, "capture");
	size_t n = strlen(raw);
	struct growing g = { .wall_offset_ns = wall_offset_ns };

	if (l->looked || l->kind != LANE_RATE)
		return l->fine;
	l->looked = true;
	g.l = calloc(1, sizeof(*g.l));
	if (!g.l)
		return NULL;
	*g.l = (struct lane){ .name = l->name, .kind = *raw ? LANE_EVENT : LANE_RATE, .high = 1 };
	if (n > 4 && n < sizeof(g.l->raw) && !strcmp(raw + n - 4, ".raw")) {
		snprintf(g.l->raw, sizeof(g.l->raw), "%.*s.idx", (int)(n - 4), raw);
		console(&g, e, g.l->raw);
		snprintf(g.l->raw, sizeof(g.l->raw), "%s", raw);
	} else if (*capture) {
		evidence_frames(e, capture, frame, &g);
	}
	if (!g.l->n) {
		free(g.l);
		return NULL;
	}
	lane_sort(g.l);
	return l->fine = g.l;
}
