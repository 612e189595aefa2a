// SPDX-License-Identifier: Apache-2.0
#include "harness/base/conf.h"

#include <string.h>

#include "harness/base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Checks the contract, not only the memory: refused means said why, accepted means every node has a place and
 * the tree can become JSON. */
static void check(const struct conf *c, unsigned depth)
{
	if (!c || !c->at.line || !c->at.col || depth > CONF_MAX_DEPTH || (c->kind == CONF_SCALAR) != (c->text != NULL))
		__builtin_trap();
	for (size_t i = 0; i < c->n; i++) {
		if (c->kind == CONF_MAP && conf_get(c, c->key[i]->text) != c->item[i])
			__builtin_trap();
		check(c->item[i], depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *j = NULL;
	const struct conf *c = NULL;
	struct err err = { 0 };

	if (len > 65536)
		return 0;
	if (!conf_parse(&a, "fuzz", (const char *)data, len, &c, &err)) {
		if (err.kind == ERR_NONE || !*err.text)
			__builtin_trap();
		return 0;
	}
	check(c, 0);
	j = conf_json(c);
	if (!j)
		__builtin_trap();
	return 0;
}
