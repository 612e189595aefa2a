/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of an instrument, and of a hub's BOS descriptor, are read within their bounds. */
#include "probes/power/usbtmc.h"

#include <stdlib.h>
#include <string.h>

#include "probes/power/hub_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1), container[HUB_CONTAINER];    /* of exactly that size, for ASan */
	struct span answer;
	struct err err = { 0 };
	bool ends;

	if (!copy)
		abort();
	memcpy(copy, data, n);
	if (n && usbtmc_answer((struct span){ copy, n }, copy[1 % n], &answer, &ends, &err) &&
	    (answer.p < copy || answer.n > n - USBTMC_HEADER || answer.p + answer.n > copy + n))
		__builtin_trap();
	hub_container(copy, n, container);
	free(copy);
	return 0;
}
