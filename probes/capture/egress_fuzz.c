// SPDX-License-Identifier: Apache-2.0
// First byte even: a TLS hello; odd: a MUD file.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "probes/capture/mud.h"
#include "probes/capture/sni.h"

static void mud(const uint8_t *data, size_t n)
{
	json_t *j = json_loadb((const char *)data, n, 0, NULL);
	const struct addr to = { 4, { 203, 0, 113, 9 } };
	static struct mud m;
	struct err err = { 0 };

	if (j && mud_read(j, &m, &err)) {
		if (m.n > MUD_RULES || m.n_unread > MUD_UNREAD)
			__builtin_trap();
		mud_allows(&m, &(struct mud_call){ "cloud.example", &to, true, IP_TCP, 443 });
		mud_names(&m, "cloud.example");
	}
	json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	char name[DNS_NAME];

	memcpy(copy, data, n);
	if (n && (data[0] & 1))
		mud(copy + 1, n - 1);
	else if (n && sni_read((struct span){ copy + 1, n - 1 }, name) == SNI_NAME && strlen(name) >= DNS_NAME)
		__builtin_trap();
	free(copy);
	return 0;
}
