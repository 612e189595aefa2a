/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/telemetry/fields.h"

#include <stdio.h>

struct walk { void (*f)(const char *name, void *data); void *data; };

static void walk(const struct walk *w, const json_t *j, const char *name, int depth)
{
	const json_t *item;
	const char *key;
	char below[256];
	size_t i;

	if (depth < FIELDS_DEPTH && json_object_size(j)) {
		json_object_foreach((json_t *)j, key, item) {
			snprintf(below, sizeof(below), "%.199s%s%.50s", name, name[0] ? "." : "", key);
			walk(w, item, below, depth + 1);
		}
	} else if (depth < FIELDS_DEPTH && json_array_size(j)) {
		snprintf(below, sizeof(below), "%.199s[]", name);
		json_array_foreach(j, i, item)
			walk(w, item, below, depth + 1);
	} else {
		w->f(name[0] ? name : "(value)", w->data);
	}
}

void fields_each(const json_t *j, void (*f)(const char *name, void *data), void *data)
{
	struct walk w = { f, data };

	walk(&w, j, "", 0);
}

const json_t *fields_messages(const json_t *export, const char *list)
{
	const json_t *j = json_is_array(export) ? export : json_object_get(export, list);

	return json_is_array(j) ? j : NULL;
}

const json_t *fields_payload(const json_t *message, const char *payload)
{
	const json_t *j = json_object_get(message, payload);

	return j ? j : message;
}
