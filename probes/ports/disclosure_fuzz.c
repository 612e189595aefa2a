/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "probes/ports/disclosure.h"

static void check(const char *kind, const char *text, void *data)
{
	(void)data;
	if (!kind[0] || strlen(text) >= 96)
		__builtin_trap();
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const places[] = { "page", "header", "certificate", "mdns" };
	uint8_t *copy = malloc(n ? n : 1);
	struct disclosure d = { 0 };

	memcpy(copy, data, n);
	disclosure_know(&d, "version", "1.2.0");
	disclosure_know(&d, "serial", "SN-1");
	disclosure_know_mac(&d, "02:00:00:48:50:01");
	for (size_t i = 0; i < 4; i++)
		disclosure_search(&d, places[i], (struct span){ copy, n }, check, NULL);
	free(copy);
	return 0;
}
