/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "probes/ports/service.h"
#include "probes/ports/webpage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1), back[64];    /* of its exact size, so that one byte too far is seen */
	struct span s = { copy, n };
	struct service v;
	struct webpage w;

	memcpy(copy, data, n);
	if (service_tcp(s, &v) && (!v.name || !v.name[0]))
		__builtin_trap();
	if (service_udp(s, &v) && (!v.name || !v.name[0]))
		__builtin_trap();
	if (webpage_read(s, &w) && (w.status > 999 || w.head.n + w.body.n != n || strlen(w.location) >= sizeof(w.location)))
		__builtin_trap();
	if (service_telnet_refusals(s, back, sizeof(back)) > sizeof(back))
		__builtin_trap();
	free(copy);
	return 0;
}
