// SPDX-License-Identifier: Apache-2.0
#include "harness/report.h"

/* Of reports/schema/jusan-report-1.json. */
#define SCHEMA "urn:jusan:report:1"

/* For other programs: what judge said, without what only our own page needs (time line, steps). */
static bool write_json(const struct result *r, FILE *out, struct err *err)
{
	json_t *v = json_deep_copy(r->verdicts), *t;
	size_t i;

	if (!v)
		return err_set(err, ERR_OS, "out of memory");
	json_object_set_new(v, "$schema", json_string(SCHEMA));
	json_object_del(v, "timeline");
	json_array_foreach(json_object_get(v, "tests"), i, t)
		json_object_del(t, "steps");
	json_dumpf(v, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(v);
	return !ferror(out) || err_sys(err, "report.json");
}

const struct report report_json = {
	.name = "json",
	.file = "report.json",
	.doc = "verdicts, claims and limits for other programs",
	.write = write_json,
};
