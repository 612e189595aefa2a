// SPDX-License-Identifier: Apache-2.0
#include "probes/capture/tls_seen.h"

#define ALERT_MAX 32            /* an encrypted alert: 2 bytes, a type, a tag, at most an explicit nonce */

struct scan { const struct stream_half *h; bool first; bool tls; int64_t after, min; int64_t first_frame, bytes; };

/* Records of one direction from its first byte: type 23 in frames after `after`, longer than `min`. */
static bool records(const struct stream_half *h, int64_t off, struct span s, void *data)
{
	struct scan *c = data;
	struct span body, begin = s;
	uint64_t type, version, len;

	if (off)
		return false;           /* the beginning is missing: no record boundary is known */
	while (take_be(&s, 1, &type) && take_be(&s, 2, &version) && take_be(&s, 2, &len)) {
		int64_t frame = streams_frame_of(h, off + (int64_t)(s.p - begin.p) - 5);

		if (type < 20 || type > 24 || version >> 8 != 3)
			return false;
		c->tls = true;
		if (!take_bytes(&s, len, &body))
			return false;
		if (type != 23 || frame <= c->after || (int64_t)len <= c->min)
			continue;
		if (!c->first_frame)
			c->first_frame = frame;
		c->bytes += (int64_t)len;
	}
	return false;
}

static int64_t wall_of(const struct stream_half *h, int64_t frame)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->segment[i].frame == frame)
			return h->segment[i].wall_ns;
	return 0;
}

static bool any(const struct stream_half *h, int64_t off, struct span s, void *data)
{
	struct scan *c = data;

	(void)off;
	c->bytes += (int64_t)s.n;
	if (!c->first_frame && h->n)
		c->first_frame = h->segment[0].frame;
	return true;
}

void tls_seen(struct stream *s, struct tls_seen *ret)
{
	struct scan up = { .min = 0 }, down = { .min = ALERT_MAX }, said = { .min = 0 };

	*ret = (struct tls_seen){ .frame = 0 };
	streams_run(&s->up, records, &up);
	ret->tls = up.tls;
	if (up.tls) {
		if (!up.first_frame)
			return;
		down.after = up.first_frame;
		streams_run(&s->down, records, &down);
		if (!down.first_frame)
			return;
		said.after = down.first_frame;
		streams_run(&s->up, records, &said);
		ret->app_bytes = said.bytes;
	} else {
		up = (struct scan){ .min = 0 };
		streams_run(&s->up, any, &up);
		streams_run(&s->down, any, &down);
		ret->app_bytes = up.bytes;
		if (!s->established || !up.first_frame || !down.first_frame)
			return;
	}
	ret->established = true;
	ret->frame = down.first_frame;
	ret->wall_ns = wall_of(&s->down, down.first_frame);
}
