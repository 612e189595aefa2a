/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/telemetry/fields.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"

static void collect(const char *name, void *data)
{
	char *text = data;

	snprintf(text + strlen(text), 400 - strlen(text), "%s ", name);
}

static const struct { const char *message, *want; } rows[] = {
	{ "{\"id\":1,\"place\":{\"lat\":1.5,\"lon\":2}}", "id place.lat place.lon " },
	{ "{\"rows\":[{\"at\":1},{\"at\":2,\"v\":[1]}]}", "rows[].at rows[].at rows[].v[] " },
	{ "{\"a\":{},\"b\":[]}", "a b " }, { "5", "(value) " }, { "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":1}}}}}}}}}", "a.b.c.d.e.f.g.h " },
};
START_TEST(names)
{
	json_t *j = json_loads(rows[_i].message, JSON_DECODE_ANY, NULL);
	char text[400] = "";

	fields_each(j, collect, text);
	ck_assert_str_eq(text, rows[_i].want);
	json_decref(j);
}
END_TEST

START_TEST(shapes)
{
	json_t *j = json_loads("{\"messages\":[{\"at\":1,\"payload\":{\"id\":2}},{\"text\":\"x\"}]}", 0, NULL);
	const json_t *list = fields_messages(j, "messages");

	ck_assert_uint_eq(json_array_size(list), 2);
	ck_assert(json_object_get(fields_payload(json_array_get(list, 0), "payload"), "id"));
	ck_assert(json_object_get(fields_payload(json_array_get(list, 1), "payload"), "text"));
	ck_assert_ptr_eq(fields_messages(list, "messages"), list);
	ck_assert_ptr_null(fields_messages(j, "other"));
	ck_assert_ptr_null(fields_messages(NULL, "messages"));
	json_decref(j);
}
END_TEST

TEST_MAIN({ "names", names, ROWS(rows) }, { "shapes", shapes, 1 })
