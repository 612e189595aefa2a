// SPDX-License-Identifier: Apache-2.0
#include "probes/capture/sni.h"

#include <ctype.h>

enum { RECORD_HANDSHAKE = 22, CLIENT_HELLO = 1, EXTENSION_SERVER_NAME = 0 };

/* A vector with a length of `width` bytes before it; what was cut off is left out. */
static bool take_vector(struct span *s, unsigned width, struct span *ret, bool *cut)
{
	uint64_t n;

	if (!take_be(s, width, &n)) {
		*cut = true;
		return false;
	}
	*cut |= n > s->n;
	return take_bytes(s, n < s->n ? (size_t)n : s->n, ret);
}

static enum sni name_of(struct span list, bool cut, char ret[static DNS_NAME])
{
	struct span names, name;
	uint64_t type;
	size_t n = 0;
	bool short_of = false;

	if (!take_vector(&list, 2, &names, &short_of) || !take_be(&names, 1, &type) || !take_vector(&names, 2, &name, &short_of) || short_of)
		return cut ? SNI_CUT : SNI_NONE;
	for (; n < name.n && n < DNS_NAME - 1; n++)
		ret[n] = name.p[n] > ' ' && name.p[n] < 127 ? (char)tolower(name.p[n]) : '?';
	ret[n] = 0;
	return n ? SNI_NAME : SNI_NONE;
}

static enum sni extensions(struct span hello, bool cut, char ret[static DNS_NAME])
{
	struct span all, one;
	uint64_t type;

	if (!hello.n && !cut)
		return SNI_NONE;        /* a hello of old has none */
	if (!take_vector(&hello, 2, &all, &cut))
		return SNI_CUT;
	while (all.n) {
		bool here = false;

		if (!take_be(&all, 2, &type) || !take_vector(&all, 2, &one, &here))
			return SNI_CUT;
		if (type == EXTENSION_SERVER_NAME)
			return name_of(one, here, ret);
	}
	return cut ? SNI_CUT : SNI_NONE;
}

enum sni sni_read(struct span s, char ret[static DNS_NAME])
{
	struct span record, skipped;
	uint64_t type, version, kind, length;
	bool cut = false;

	if (!take_be(&s, 1, &type) || type != RECORD_HANDSHAKE || !take_be(&s, 2, &version) || version >> 8 != 3)
		return SNI_NO_HELLO;
	if (!take_vector(&s, 2, &record, &cut))
		return SNI_CUT;
	if (!take_be(&record, 1, &kind) || kind != CLIENT_HELLO)
		return SNI_NO_HELLO;
	if (!take_be(&record, 3, &length) || !take_bytes(&record, 2 + 32, &skipped))
		return SNI_CUT;
	cut |= length > record.n + 2 + 32;
	if (!take_vector(&record, 1, &skipped, &cut) || !take_vector(&record, 2, &skipped, &cut) || !take_vector(&record, 1, &skipped, &cut))
		return SNI_CUT;
	return extensions(record, cut, ret);
}
