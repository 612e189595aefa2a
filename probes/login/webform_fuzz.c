/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/webform.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct webform f;
	char *page = malloc(n ? n : 1); /* not terminated: reading beyond it is seen */

	if (!page)
		return 0;
	memcpy(page, data, n);
	webform_find(page, n, &f);
	if (f.found != (f.passwords > 0) || (f.found && !f.password[0]) || f.n > WEBFORM_FIELDS)
		__builtin_trap();
	free(page);
	return 0;
}
