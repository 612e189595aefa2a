// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "harness/proto/pcapng.h"
#include "harness/proto/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool look(const struct stream_half *h, int64_t off, struct span bytes, void *data)
{
	int64_t *sum = data;

	if (bytes.n && !streams_frame_of(h, off))
		__builtin_trap();       /* a byte that no frame carried */
	*sum += (int64_t)bytes.n;
	return true;
}

/* Captures, the packets in them and the streams of those, in one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pcapng p = { 0 };
	struct pcapng_frame f;
	struct packet k;
	struct streams t;
	struct dns d;
	struct span in = { data, len };

	streams_init(&t, 1 << 20);
	while (pcapng_decode(&p, &in, &f)) {
		if (!packet_decode(f.data, &k))
			continue;
		if (k.payload.n && (k.payload.p < f.data.p || k.payload.p + k.payload.n > f.data.p + f.data.n))
			__builtin_trap();
		(void)dns_decode(k.payload, &d);
		(void)streams_add(&t, &k, f.number, f.wall_ns);
	}
	if (p.bad && !p.why)
		__builtin_trap();
	for (size_t i = 0; i < t.n; i++) {
		int64_t sum = 0;

		streams_run(&t.flow[i].up, look, &sum);
		if (sum != t.flow[i].up.bytes)
			__builtin_trap();
		streams_run(&t.flow[i].down, look, &sum);
	}
	streams_free(&t);
	return 0;
}
