// SPDX-License-Identifier: Apache-2.0
// Checks the contract: what was read is written so that it reads again with the same texts, keys and order.
#include "harness/base/conf_write.h"

#include <stdint.h>
#include <string.h>

#include "harness/base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool truth)
{
	if (!truth)
		__builtin_trap();
}

static void same(const struct conf *a, const struct conf *b)
{
	must(a->kind == b->kind && a->n == b->n);
	if (a->kind == CONF_SCALAR)
		must(!strcmp(a->text, b->text));
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == CONF_MAP)
			must(!strcmp(a->key[i]->text, b->key[i]->text));
		same(a->item[i], b->item[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	const struct conf *c = NULL, *again = NULL;
	struct err err = { 0 };
	size_t n = 0;
	FILE *out;

	if (len > 8192 || !conf_parse(&a, "fuzz", (const char *)data, len, &c, &err) || c->kind == CONF_SCALAR)
		return 0;               /* a file of ours is a map or a list */
	out = open_memstream(&text, &n);
	must(out && conf_write(out, c, &err));
	fclose(out);
	must(conf_parse(&a, "again", text, n, &again, &err));
	same(c, again);
	return 0;
}
