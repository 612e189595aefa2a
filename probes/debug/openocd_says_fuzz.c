// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "probes/debug/openocd_says.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *log = strndup((const char *)p, n);
	struct openocd_seen s;

	if (!log)
		return 0;
	openocd_see(log, &s);
	if ((s.answered && (!s.adapter || !(s.idcode & 1))) || strlen(s.error) >= sizeof(s.error))
		abort();
	free(log);
	return 0;
}
