/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/fuzz/talk.h"

#include <string.h>

#include "harness/base/clock.h"
#include "probes/fuzz/http1.h"

static bool ready(struct talk *t, struct err *err)
{
	if (t->wire.fd >= 0)
		return true;
	t->in_n = 0;
	return wire_open(&t->wire, t->address, t->port, t->tls, t->limit_ns, err);
}

static void drop(struct talk *t)
{
	wire_close(&t->wire);
	t->in_n = 0;
}

/* The next answer of the connection. An answer that only the end of the connection ends is taken as it is. */
static enum said next_answer(struct talk *t, int64_t quiet_ns, struct http1_answer *ret)
{
	for (;;) {
		enum http1 got = http1_take((struct span){ t->in, t->in_n }, false, ret);
		ssize_t n;

		if (got == HTTP1_TAKEN) {
			memmove(t->in, t->in + ret->n, t->in_n - ret->n);
			t->in_n -= ret->n;
			if (ret->status >= 200)
				return SAID_ANSWER;
			continue;       /* 100 Continue */
		}
		if (got == HTTP1_UNTIL_END || got == HTTP1_BROKEN) {
			ret->close = true;
			return got == HTTP1_BROKEN ? SAID_END : SAID_ANSWER;
		}
		n = t->in_n < sizeof(t->in) ? wire_take(&t->wire, t->in + t->in_n, sizeof(t->in) - t->in_n, quiet_ns) : 0;
		if (n <= 0)
			return n ? SAID_NOTHING : SAID_END;
		t->in_n += (size_t)n;
	}
}

bool talk_batch(struct talk *t, const uint8_t *bytes, const size_t *part, size_t n, struct reply *ret, size_t *ret_done,
		struct err *err)
{
	int64_t last = clock_ns();
	size_t total = 0, done = 0;

	if (!ready(t, err))
		return false;
	if (t->wire.fd < 0) {
		ret[0] = (struct reply){ .said = SAID_REFUSED };
		*ret_done = 1;
		return true;
	}
	for (size_t i = 0; i < n; i++)
		total += part[i];
	t->wire.until_ns = last + t->limit_ns;
	(void)wire_send(&t->wire, bytes, total);        /* a peer that stops reading shows by its answers */
	while (done < n) {
		struct http1_answer a = { 0 };
		struct reply *r = &ret[done++];

		t->wire.until_ns = clock_ns() + t->limit_ns;
		r->said = next_answer(t, t->limit_ns, &a);
		r->status = a.status;
		r->time_ns = clock_ns() - last;
		last += r->time_ns;
		if (r->said != SAID_ANSWER || a.close) {
			drop(t);
			break;
		}
	}
	*ret_done = done;
	return true;
}

bool talk_alone(struct talk *t, const uint8_t *bytes, size_t n, int64_t quiet_ns, struct reply *ret, struct err *err)
{
	struct http1_answer a = { 0 };
	int64_t begin;

	drop(t);
	if (!ready(t, err))
		return false;
	*ret = (struct reply){ .said = SAID_REFUSED };
	if (t->wire.fd < 0)
		return true;
	begin = clock_ns();
	t->wire.until_ns = begin + t->limit_ns;
	(void)wire_send(&t->wire, bytes, n);
	ret->said = next_answer(t, quiet_ns, &a);
	ret->status = a.status;
	ret->time_ns = clock_ns() - begin;
	drop(t);
	return true;
}

void talk_done(struct talk *t)
{
	wire_done(&t->wire);
}
