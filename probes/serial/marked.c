// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/marked.h"

enum { MARK = 255 };

static void note(struct marked_errors *e, size_t *kind, size_t at)
{
	if (!e->breaks && !e->bad)
		e->first = at;
	++*kind;
}

/* The byte after 377 0. */
static size_t third(uint8_t c, uint8_t *out, size_t at, struct marked_errors *e)
{
	note(e, c ? &e->bad : &e->breaks, at);
	if (!c)
		return 0;
	*out = c;
	return 1;
}

size_t marked_take(struct marked *m, const uint8_t *in, size_t n, uint8_t *out, struct marked_errors *ret)
{
	size_t k = 0;

	*ret = (struct marked_errors){ 0 };
	for (size_t i = 0; i < n; i++) {
		uint8_t c = in[i];

		if (m->held == 2) {
			m->held = 0;
			k += third(c, out + k, k, ret);
		} else if (m->held == 1 && c == 0) {
			m->held++;
		} else if (m->held == 1) {
			m->held = 0;
			out[k++] = MARK;
			if (c != MARK)
				out[k++] = c;
		} else if (c == MARK) {
			m->held++;
		} else {
			out[k++] = c;
		}
	}
	return k;
}
