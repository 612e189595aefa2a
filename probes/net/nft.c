// SPDX-License-Identifier: Apache-2.0
// The rules and the program `nft`, and its counters.
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/net/rules.h"
#include "probes/net/tool.h"

#define OUTPUT_MAX ((size_t)1 << 20)

static const char *const from_stdin[] = { "nft", "-f", "-", NULL };

bool rules_load(const struct rules *r, struct err *err)
{
	char text[RULES_TEXT], out[4096];

	return rules_text(r, text, err) && tool_run(from_stdin, text, out, sizeof(out), err);
}

bool rules_remove(bool bridged, struct err *err)
{
	static const char ours[] = "table inet jusan\ndelete table inet jusan\n";
	static const char both[] = "table inet jusan\ndelete table inet jusan\ntable bridge jusan\ndelete table bridge jusan\n";
	char out[4096];

	return tool_run(from_stdin, bridged ? both : ours, out, sizeof(out), err);
}

static int64_t packets(const json_t *rule)
{
	int64_t sum = 0;
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(rule, "expr"), i, e)
		sum += json_integer_value(json_object_get(json_object_get(e, "counter"), "packets"));
	return sum;
}

bool rules_stopped(int64_t *ret, struct err *err)
{
	static const char *const argv[] = { "nft", "-j", "list", "ruleset", NULL };
	CLEANUP(free_ptr) char *out = malloc(OUTPUT_MAX);
	CLEANUP(free_json) json_t *j = NULL;
	size_t i;
	json_t *item;

	if (!out || !tool_run(argv, "", out, OUTPUT_MAX, err))
		return out ? false : err_set(err, ERR_LIMIT, "nft: out of memory");
	j = json_loads(out, 0, NULL);
	if (!j)
		return err_set(err, ERR_BENCH, "nft lists no JSON");
	*ret = 0;
	json_array_foreach(json_object_get(j, "nftables"), i, item) {
		const json_t *rule = json_object_get(item, "rule");
		const char *chain = json_string_value(json_object_get(rule, "chain"));
		const char *table = json_string_value(json_object_get(rule, "table"));

		if (chain && table && !strcmp(table, "jusan") && !strncmp(chain, "cut_", 4))
			*ret += packets(rule);
	}
	return true;
}
