/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/mdns_types.h"

#include <string.h>

#include "harness/proto/packet.h"

static void put(struct mdns_type *t, const void *p, size_t n)
{
	memcpy(t->question + t->n, p, n);
	t->n += n;
}

/* The next label; a name may go on further up in the message (RFC 1035 4.1.4), and each jump must lead up. */
static bool take_label(struct span whole, struct span *s, struct span *ret)
{
	uint64_t len, low;

	while (take_be(s, 1, &len)) {
		size_t here = (size_t)(s->p - whole.p), to;

		if (len < 0xc0)
			return len && len <= 63 && take_bytes(s, len, ret);
		if (!take_be(s, 1, &low))
			return false;
		to = (size_t)((len & 0x3f) << 8 | low);
		if (to + 1 >= here)
			return false;
		*s = (struct span){ whole.p + to, here - 1 - to };
	}
	return false;
}

/* Two labels; what follows is ".local". */
static bool question(struct span whole, struct span data, struct mdns_type *ret)
{
	static const uint8_t head[12] = { 0, 0, 0, 0, 0, 1 }, tail[] = "\x05local\x00\x00\x0c\x80\x01";
	struct mdns_type t = { .n = 0 };
	struct span label;

	put(&t, head, sizeof(head));
	for (int i = 0; i < 2; i++) {
		if (!take_label(whole, &data, &label) || label.p[0] != '_')
			return false;
		put(&t, &(uint8_t){ (uint8_t)label.n }, 1);
		put(&t, label.p, label.n);
		if (i)
			strcat(t.name, ".");
		for (size_t k = 0, at = strlen(t.name); k < label.n; k++)
			t.name[at + k] = label.p[k] > ' ' && label.p[k] < 127 ? (char)label.p[k] : '?';
	}
	put(&t, tail, sizeof(tail) - 1);
	*ret = t;
	return true;
}

size_t mdns_types(struct span answer, struct mdns_type ret[static MDNS_TYPES])
{
	static struct dns d;
	size_t n = 0;

	if (!dns_decode(answer, &d) || !d.response)
		return 0;
	for (unsigned i = 0; i < d.n && n < MDNS_TYPES; i++)
		if (d.answer[i].type == DNS_PTR && !strcmp(d.answer[i].name, "_services._dns-sd._udp.local"))
			n += question(answer, d.answer[i].data, &ret[n]);
	return n;
}
