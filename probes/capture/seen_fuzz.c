// SPDX-License-Identifier: Apache-2.0
// Segments of one conversation: a byte of flags, one of length, the payload. What is told of TLS in it is never more than was said.
#include <string.h>

#include "probes/capture/flows.h"
#include "probes/capture/tls_seen.h"

static struct packet segment(bool up, uint8_t flags, uint32_t seq, struct span payload)
{
	static const struct addr one = { 4, { 192, 168, 77, 23 } }, other = { 4, { 203, 0, 113, 9 } };
	struct packet k = { .layer = PACKET_TRANSPORT, .proto = IP_TCP, .from = up ? one : other, .to = up ? other : one,
			    .sport = up ? 40000 : 443, .dport = up ? 443 : 40000, .flags = flags, .seq = seq, .payload = payload };

	return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0x48, 0x50, 1 };
	struct span in = { data, n }, payload;
	uint32_t seq[2] = { 0xffffff00u, 100 };
	struct flows f = { 0 };
	struct streams t;
	int64_t frame = 0;
	uint64_t flags, len;

	streams_init(&t, 1 << 20);
	flows_init(&f, mac);
	while (take_be(&in, 1, &flags) && take_be(&in, 1, &len) && take_bytes(&in, len < in.n ? len : in.n, &payload)) {
		bool up = flags & 0x80;
		struct packet k = segment(up, (uint8_t)(flags & 0x17), seq[up] - (flags & 0x20 ? 7 : 0), payload);

		seq[up] += (uint32_t)payload.n + (flags & 0x40 ? 9 : 0);
		frame++;
		(void)streams_add(&t, &k, frame, frame * 1000);
		flows_frame(&f, &k, frame, frame * 1000);
	}
	for (size_t i = 0; i < t.n; i++) {
		struct tls_seen s;

		tls_seen(&t.flow[i], &s);
		if (s.app_bytes < 0 || s.app_bytes > (int64_t)n || s.frame > frame || (s.established && !s.frame))
			__builtin_trap();
	}
	streams_free(&t);
	flows_free(&f);
	return 0;
}
