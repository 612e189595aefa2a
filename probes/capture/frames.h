/* SPDX-License-Identifier: Apache-2.0
 *
 * frames.h - for tests of verbs over captures: a capture made by hand, frame by frame. Included after harness/fake.h.
 * start(), frames, flush(), then fake_step(); stop(). */
#ifndef PROBES_CAPTURE_FRAMES_H
#define PROBES_CAPTURE_FRAMES_H

#include <arpa/inet.h>

#include "harness/base/test.h"
#include "harness/proto/pcapng.h"

extern const struct probe probe_capture;

#define BENCH "{\"hosts\":{\"cloud.example\":\"203.0.113.10\"},\"lines\":{\"net.lan\":{\"driver\":\"veth\"},\"capture.lan\":{}}}"
#define DEV  "192.168.77.23"
#define GATE "192.168.77.1"
#define CLOUD "203.0.113.10"
#define THIRD "198.51.100.7"

static struct pcapng_writer w;
static int64_t now_ns;          /* monotonic stamp of the next frame */

__attribute__((unused)) static void start(void)
{
	char path[128];
	struct err err = { 0 };

	fake_bench(BENCH, false);
	snprintf(path, sizeof(path), "%s/capture", fake.run);
	mkdir(path, 0700);
	strcat(path, "/lan.pcapng");
	ck_assert(pcapng_create(path, "lan0", &w, &err));
	now_ns = clock_ns() - SEC(10);
	fake.since_ns = now_ns;
}

__attribute__((unused)) static void stop(void)
{
	pcapng_finish(&w);
	fake_close();
}

struct frame { const char *from, *to; uint8_t proto; uint16_t sport, dport; uint8_t flags; uint32_t seq; const void *data; size_t n; };

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

__attribute__((unused)) static void frame(struct frame f)
{
	static const uint8_t dev[6] = { 2, 0, 0, 0x48, 0x50, 1 }, gate[6] = { 2, 0, 0, 0, 0, 9 };
	bool sent = !strncmp(f.from, "192.168.77.2", 12);
	size_t head = f.proto == 6 ? 20 : 8, total = 20 + head + f.n;
	uint8_t b[1600] = { 0 };
	struct err err = { 0 };

	memcpy(b, sent ? gate : dev, 6);
	memcpy(b + 6, sent ? dev : gate, 6);
	put16(b + 12, 0x0800);
	b[14] = 0x45;
	put16(b + 16, (unsigned)total);
	b[22] = 64;
	b[23] = f.proto;
	inet_pton(AF_INET, f.from, b + 26);
	inet_pton(AF_INET, f.to, b + 30);
	put16(b + 34, f.sport);
	put16(b + 36, f.dport);
	if (f.proto == 6) {
		put16(b + 38, f.seq >> 16);
		put16(b + 40, f.seq & 0xffff);
		b[46] = 0x50;
		b[47] = f.flags;
	} else {
		put16(b + 38, (unsigned)(8 + f.n));
	}
	if (f.n)
		memcpy(b + 34 + head, f.data, f.n);
	ck_assert(pcapng_write(&w, now_ns + fake.wall_offset_ns, (struct span){ b, 14 + total }, (uint32_t)(14 + total), &err));
	now_ns += MS(100);
}

#define TCPF(a, b, s, d, fl, q, str) frame((struct frame){ a, b, 6, s, d, fl, q, str, sizeof(str) - 1 })
#define UDPF(a, b, s, d, str) frame((struct frame){ a, b, 17, s, d, 0, 0, str, sizeof(str) - 1 })

__attribute__((unused)) static void dns(const char *label, const char *ip)
{
	uint8_t b[256] = { 0, 1, 0x81, 0x80, 0, 1, 0, 1 };
	size_t n = 12, len = strlen(label);

	b[n++] = (uint8_t)len;
	memcpy(b + n, label, len);
	n += len + 1;
	b[n + 1] = 1;
	b[n + 3] = 1;
	n += 4;
	memcpy(b + n, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
	inet_pton(AF_INET, ip, b + n + 12);
	frame((struct frame){ GATE, DEV, 17, 53, 4000, 0, 0, b, n + 16 });
}

__attribute__((unused)) static void flush(void)
{
	struct err err = { 0 };

	ck_assert_msg(pcapng_flush(&w, &err), "%s", err.text);
}

__attribute__((unused)) static bool has(const char *set, const char *text)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(fake.facts, set), i, v)
		if (!strcmp(json_string_value(v), text))
			return true;
	return false;
}

__attribute__((unused)) static size_t size(const char *set)
{
	return json_array_size(json_object_get(fake.facts, set));
}
#endif
