/* SPDX-License-Identifier: Apache-2.0
 * What was tested and with what, so that observations and findings can name both. */
#include <inttypes.h>

#include "harness/version.h"
#include "reports/oscal/results.h"

static json_t *component(const struct oscal *o, const char *kind, const char *type, const char *title, const char *description)
{
	json_t *c = json_pack("{s:s,s:{s:s}}", "type", type, "status", "state", "other");

	oscal_set_uuid(o, c, kind, 0, "");
	oscal_prose(c, "title", title, kind);
	oscal_prose(c, "description", description, kind);
	return c;
}

static json_t *device(const struct oscal *o)
{
	static const char *const known[] = { "maker", "product", "model", "hardware", "mac", NULL };
	json_t *c = component(o, "device", "hardware", *get_text(o->run, "product") ? get_text(o->run, "product") : get_text(o->run, "model"),
			      "The device under test.");

	for (const char *const *k = known; *k; k++)
		oscal_prop(c, *k, get_text(o->run, *k), NULL, NULL);
	return c;
}

static json_t *firmware(const struct oscal *o)
{
	json_t *c = component(o, "firmware", "software", "Firmware", "The firmware of the device under test.");

	oscal_prop(c, "version", get_text(o->run, "firmware"), NULL, NULL);
	oscal_prop(c, "sha256", get_text(o->run, "firmware_sha256"), NULL, NULL);
	return c;
}

static json_t *item(const struct oscal *o, int64_t unit, const char *serial)
{
	json_t *i = json_object(), *uses = json_object();
	char uuid[READ_UUID];

	oscal_set_uuid(o, i, "unit", (size_t)unit, "");
	oscal_prosef(i, "description", "Unit %" PRId64 " of the device under test", unit);
	oscal_prop_int(i, "unit", unit);
	oscal_prop(i, "serial", serial, NULL, NULL);
	json_object_set_new(uses, "component-uuid", json_string(oscal_uuid(o, "device", 0, "", uuid)));
	oscal_add(i, "implemented-components", uses);
	return i;
}

static bool is_unit(int64_t unit)
{
	return unit >= 0 && unit < FIT_LIST;
}

/* The units of a campaign, or the one of the run. */
static void items(const struct oscal *o, json_t *to)
{
	const json_t *runs = json_object_get(o->run, "runs");
	bool seen[FIT_LIST] = { 0 };

	for (size_t i = 0; i < fit_count(runs); i++) {
		const json_t *one = json_array_get(runs, i);
		int64_t unit = get_int(one, "unit");

		if (!is_unit(unit) || seen[unit])
			continue;
		seen[unit] = true;
		oscal_add(to, "inventory-items", item(o, unit, get_text(one, "serial")));
	}
	if (!json_object_get(to, "inventory-items") && is_unit(get_int(o->run, "unit")))
		oscal_add(to, "inventory-items", item(o, get_int(o->run, "unit"), get_text(o->run, "serial")));
}

static json_t *bench(const struct oscal *o)
{
	const json_t *lines = json_object_get(json_object_get(o->v, "bench"), "lines");
	json_t *tool = component(o, "tool", "software", "jusan", "The test bench software that drove the device and judged what it showed.");
	json_t *b = component(o, "bench", "hardware", get_text(o->run, "bench"), "The test bench."), *platform = json_object();
	char uuid[READ_UUID];

	oscal_prop(tool, "version", JUSAN_VERSION, NULL, NULL);
	oscal_prop(b, "kind", get_text(o->run, "bench_kind"), NULL, NULL);
	oscal_prop(b, "sha256", get_text(o->run, "bench_sha256"), NULL, NULL);
	for (size_t i = 0; i < fit_count(lines); i++) {
		const json_t *l = json_array_get(lines, i);

		oscal_prop(b, "line", get_text(l, "name"), NULL, get_text(l, "driver"));
	}
	oscal_set_uuid(o, platform, "platform", 0, "");
	oscal_prose(platform, "title", get_text(o->run, "bench"), "bench");
	oscal_add(platform, "uses-components", json_pack("{s:s}", "component-uuid", oscal_uuid(o, "tool", 0, "", uuid)));
	oscal_add(platform, "uses-components", json_pack("{s:s}", "component-uuid", oscal_uuid(o, "bench", 0, "", uuid)));
	return json_pack("{s:[o,o],s:[o]}", "components", tool, b, "assessment-platforms", platform);
}

json_t *oscal_assets(const struct oscal *o)
{
	json_t *ret = json_object();

	oscal_add(ret, "components", device(o));
	oscal_add(ret, "components", firmware(o));
	items(o, ret);
	json_object_set_new(ret, "assessment-assets", bench(o));
	return ret;
}

void oscal_subject(const struct oscal *o, json_t *observation, int64_t unit)
{
	const json_t *runs = json_object_get(o->run, "runs");
	char uuid[READ_UUID];
	bool known = is_unit(unit) && unit == get_int(o->run, "unit") && !json_array_size(runs);

	for (size_t i = 0; i < fit_count(runs) && is_unit(unit); i++)
		known |= get_int(json_array_get(runs, i), "unit") == unit;
	oscal_add(observation, "subjects", json_pack("{s:s,s:s}", "type", "component", "subject-uuid", oscal_uuid(o, "device", 0, "", uuid)));
	if (known)
		oscal_add(observation, "subjects", json_pack("{s:s,s:s}", "type", "inventory-item", "subject-uuid",
							     oscal_uuid(o, "unit", (size_t)unit, "", uuid)));
}

void oscal_by_tool(const struct oscal *o, json_t *to)
{
	char uuid[READ_UUID];

	oscal_add(to, "origins", json_pack("{s:[{s:s,s:s}]}", "actors", "type", "tool", "actor-uuid", oscal_uuid(o, "tool", 0, "", uuid)));
}

void oscal_by_person(struct oscal *o, json_t *to, const char *who)
{
	const char *uuid = oscal_person(o, who);

	if (*uuid)
		oscal_add(to, "origins", json_pack("{s:[{s:s,s:s}]}", "actors", "type", "party", "actor-uuid", uuid));
}
