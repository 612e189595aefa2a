// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/packet.h"

#include <ctype.h>
#include <string.h>

/* A name at `s`, following compression pointers, which must go strictly backwards. */
static bool take_name(struct span whole, struct span *s, char ret[static DNS_NAME])
{
	struct span at = *s, label;
	size_t n = 0, floor = (size_t)(s->p - whole.p);
	bool jumped = false;
	uint64_t len, low;

	while (take_be(&at, 1, &len)) {
		if (!len) {
			if (!jumped)
				*s = at;
			ret[n ? n - 1 : 0] = '\0';
			return true;
		}
		if (len >= 0xc0) {
			size_t to;

			if (!take_be(&at, 1, &low))
				return false;
			to = (size_t)((len & 0x3f) << 8 | low);
			if (to >= floor)
				return false;
			if (!jumped)
				*s = at;
			jumped = true;
			floor = to;
			at = (struct span){ whole.p + to, whole.n - to };
			continue;
		}
		if (len > 63 || n + len + 1 >= DNS_NAME || !take_bytes(&at, len, &label))
			return false;
		for (size_t i = 0; i < label.n; i++)
			ret[n++] = label.p[i] > ' ' && label.p[i] < 127 ? (char)tolower(label.p[i]) : '?';
		ret[n++] = '.';
	}
	return false;
}

static bool take_record(struct span whole, struct span *s, struct dns_record *ret)
{
	uint64_t type, class, ttl, len;

	*ret = (struct dns_record){ 0 };
	if (!take_name(whole, s, ret->name) || !take_be(s, 2, &type) || !take_be(s, 2, &class) || !take_be(s, 4, &ttl) ||
	    !take_be(s, 2, &len) || !take_bytes(s, len, &ret->data))
		return false;
	ret->type = (uint16_t)type;
	ret->ttl = (uint32_t)ttl;
	if ((type == DNS_A && len == 4) || (type == DNS_AAAA && len == 16)) {
		ret->addr.family = len == 4 ? 4 : 6;
		memcpy(ret->addr.b, ret->data.p, ret->data.n);
	}
	return true;
}

bool dns_decode(struct span message, struct dns *ret)
{
	struct span s = message;
	uint64_t id, flags, questions, answers, skip, type, class;
	char name[DNS_NAME];

	memset(ret, 0, sizeof(*ret));
	if (!take_be(&s, 2, &id) || !take_be(&s, 2, &flags) || !take_be(&s, 2, &questions) || !take_be(&s, 2, &answers) ||
	    !take_be(&s, 4, &skip))
		return false;
	ret->id = (uint16_t)id;
	ret->response = flags >> 15;
	ret->rcode = (uint8_t)(flags & 15);
	for (uint64_t i = 0; i < questions; i++) {
		if (!take_name(message, &s, name) || !take_be(&s, 2, &type) || !take_be(&s, 2, &class))
			return false;
		if (!i) {
			memcpy(ret->name, name, strlen(name) + 1);
			ret->type = (uint16_t)type;
		}
	}
	for (uint64_t i = 0; i < answers; i++) {
		if (ret->n == DNS_RECORDS || !take_record(message, &s, &ret->answer[ret->n])) {
			ret->cut = true;
			break;
		}
		ret->n++;
	}
	return true;
}
