// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "probes/flash/flashrom_says.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *said = strndup((const char *)p, n), name[FLASHROM_NAME], why[300];
	int64_t size;

	if (!said)
		return 0;
	if (flashrom_found(said, name, &size) && (size < 1024 || !name[0] || strlen(name) >= sizeof(name)))
		abort();
	if (strlen(flashrom_why(said, NULL, why)) >= sizeof(why))
		abort();
	free(said);
	return 0;
}
