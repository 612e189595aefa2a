/* SPDX-License-Identifier: Apache-2.0
 *
 * A marker put anywhere into any bytes is found, however they are cut into pieces. */
#include "harness/proto/marker.h"

#include <stdlib.h>
#include <string.h>

#define TEXT "8f3a51c07be2946d1f0e5a3b7c9d2468"

static bool count(const struct marker_hit *hit, void *data)
{
	if (hit->off < 0 || !hit->n)
		__builtin_trap();
	++*(unsigned *)data;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct markers *m;
	struct marker_state s = { 0 };
	struct err err = { 0 };
	uint8_t bytes[4096 + 300], form[2 * MARKER_TEXT + 8];
	size_t form_n = 0, at, forms = 0;
	unsigned hits = 0;

	if (n < 3 || n > 4096)
		return 0;
	if (!m && (!markers_new(&m, &err) || !marker_add(m, "f", TEXT, &err) || !markers_ready(m, &err)))
		abort();
	while (marker_forms[forms])
		forms++;
	if (!marker_dress(TEXT, marker_forms[data[0] % forms], form, &form_n))
		abort();
	at = data[1] % n;
	memcpy(bytes, data, at);
	memcpy(bytes + at, form, form_n);
	memcpy(bytes + at + form_n, data + at, n - at);
	for (size_t i = 0, piece = 1 + data[2]; i < n + form_n; i += piece)
		marker_scan(m, &s, (struct span){ bytes + i, n + form_n - i < piece ? n + form_n - i : piece }, count, &hits);
	if (!hits)
		__builtin_trap();
	return 0;
}
