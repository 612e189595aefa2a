/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/update/manifest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

enum { MANIFEST_MAX = 65536 };

bool manifest_refit(const char *json, const struct offer *o, char **ret, struct err *err)
{
	json_error_t why;
	CLEANUP(free_json) json_t *j = json_loads(json, JSON_REJECT_DUPLICATES, &why);

	if (!json_is_object(j))
		return err_set(err, ERR_CONF, "the image's manifest is no JSON object: %s", why.text);
	json_object_set_new(j, "size", json_integer((json_int_t)o->size));
	json_object_set_new(j, "sha256", json_string(o->sha256));
	if (o->url)
		json_object_set_new(j, "url", json_string(o->url));
	if (o->version)
		json_object_set_new(j, "version", json_string(o->version));
	if (o->without_signature && json_object_get(j, "signature"))
		json_object_set_new(j, "signature", json_string(""));
	*ret = json_dumps(j, JSON_COMPACT | JSON_PRESERVE_ORDER);
	return *ret || err_set(err, ERR_OS, "out of memory");
}

bool manifest_fill(const char *template, const struct offer *o, char **ret, struct err *err)
{
	char size[24];
	const struct { const char *name, *value; } put[] = {
		{ "@size@", size }, { "@sha256@", o->sha256 }, { "@version@", o->version ? o->version : "" },
		{ "@url@", o->url ? o->url : "" },
	};
	char *out = malloc(MANIFEST_MAX);
	size_t n = 0;

	if (!out)
		return err_set(err, ERR_OS, "out of memory");
	snprintf(size, sizeof(size), "%zu", o->size);
	while (*template && n < MANIFEST_MAX - 1) {
		size_t k = 0;

		while (k < 4 && strncmp(template, put[k].name, strlen(put[k].name)))
			k++;
		if (k == 4) {
			out[n++] = *template++;
			continue;
		}
		template += strlen(put[k].name);
		n += (size_t)snprintf(out + n, MANIFEST_MAX - n, "%s", put[k].value);
		n = n < MANIFEST_MAX ? n : MANIFEST_MAX;
	}
	if (n >= MANIFEST_MAX - 1) {
		free(out);
		return err_set(err, ERR_LIMIT, "manifest: longer than %d bytes", MANIFEST_MAX);
	}
	out[n] = 0;
	*ret = out;
	return true;
}
