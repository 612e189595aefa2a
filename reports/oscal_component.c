// SPDX-License-Identifier: Apache-2.0
/* The device as an OSCAL component definition: what the maker declares of it, control by control of the catalogue. It is the
 * maker's word, taken from the ICS; what the bench found of it stands in the assessment results.
 *
 * An ICS answers provisions of EN 303 645. The mapping of the same edition says which requirements of the Code carry a
 * provision; a requirement is declared as far as such a provision has an answer. */
#include <string.h>

#include "reports/oscal/doc.h"

#define EDITIONS_MAX 16
#define LINES_MAX 1024

/* The mapping with the id of the edition; NULL when the run was judged without it. */
static const json_t *lines_of(const struct oscal *o, const char *edition)
{
	return json_object_get(fit_find(json_object_get(o->v, "mappings"), edition), "lines");
}

static const char *condition_text(const json_t *answer)
{
	const json_t *c = json_object_get(answer, "condition");

	return json_is_true(c) ? "; its condition is true" : json_is_false(c) ? "; its condition is false" : "";
}

/* Is a finding of the run about this line of the declaration? */
static bool is_doubted(const struct oscal *o, const char *edition, const char *line)
{
	const json_t *list = json_object_get(o->v, "findings");
	char name[FIT_LINE];

	snprintf(name, sizeof(name), "%.500s %.500s", edition, line);
	for (size_t i = 0; i < fit_few(list); i++)
		if (fit_holds(json_object_get(json_array_get(list, i), "lines"), name))
			return true;
	return false;
}

/* one: [edition, answer, line of the mapping] */
static void answer(const struct oscal *o, json_t *to, const json_t *one)
{
	const char *edition = json_string_value(json_array_get(one, 0));
	const json_t *a = json_array_get(one, 1), *line = json_array_get(one, 2);
	char text[FIT_LINE * 3], class[FIT_LINE * 2], detail[FIT_LINE], evidence[FIT_LINE];

	snprintf(class, sizeof(class), "%.300s_%.300s", edition, get_text(a, "id"));
	snprintf(text, sizeof(text), "%.80s %.40s%s: %s%s%s%s%s", edition, get_text(a, "id"), condition_text(a),
		 *get_text(a, "detail") ? fit_line(get_text(a, "detail"), detail) : "no detail", *get_text(a, "evidence") ? "; evidence " : "",
		 fit_line(get_text(a, "evidence"), evidence), is_doubted(o, edition, get_text(a, "id")) ? "; the run has a finding on this line" : "",
		 strcmp(get_text(line, "certainty"), "verified") ? "; unverified: that this control carries the provision" : "");
	oscal_prop(to, "declared", get_text(a, "support"), class, text);
}

/* requirement -> [[edition, answer, line]..]: every answer to a line that takes it up. */
static json_t *answers(const struct oscal *o)
{
	json_t *ret = json_object(), *d;
	const char *edition;
	size_t editions = 0;

	json_object_foreach(json_object_get(o->v, "declaration"), edition, d) {
		const json_t *lines = lines_of(o, edition);

		for (size_t i = 0; editions < EDITIONS_MAX && i < json_array_size(lines) && i < LINES_MAX; i++) {
			const json_t *l = json_array_get(lines, i), *a = fit_find(json_object_get(d, "ics"), get_text(l, "id"));
			const json_t *from = json_object_get(l, "from");

			for (size_t k = 0; *get_text(a, "support") && k < fit_few(from); k++)
				if (json_is_string(json_array_get(from, k)))
					oscal_add(ret, json_string_value(json_array_get(from, k)), json_pack("[s,O,O]", edition, a, l));
		}
		editions++;
	}
	return ret;
}

static json_t *one_control(const struct oscal *o, const json_t *r, const json_t *declared, size_t i, const char *control)
{
	json_t *one = json_pack("{s:s,s:s}", "control-id", control, "description",
				"Declared by the maker for provisions of EN 303 645 that this control carries; not a result.");

	oscal_set_uuid(o, one, "implemented", i, get_text(r, "id"));
	for (size_t k = 0; k < fit_few(declared); k++)
		answer(o, one, json_array_get(declared, k));
	return one;
}

static json_t *implemented(const struct oscal *o)
{
	const json_t *list = json_object_get(o->v, "requirements");
	json_t *ret = json_array(), *seen = json_object(), *declared = answers(o);
	char id[FIT_TOKEN];

	for (size_t i = 0; i < fit_count(list); i++) {
		const json_t *r = json_array_get(list, i), *mine = json_object_get(declared, get_text(r, "id"));

		if (!mine || json_object_get(seen, fit_token(get_text(r, "id"), id)))
			continue;
		json_object_set_new(seen, id, json_true());
		json_array_append_new(ret, one_control(o, r, mine, i, id));
	}
	json_decref(seen);
	json_decref(declared);
	return ret;
}

static void identity(const struct oscal *o, json_t *c)
{
	static const char *const known[] = { "maker", "product", "model", "hardware", "firmware", NULL };
	const json_t *declared = json_object_get(o->v, "declared");

	for (const char *const *k = known; *k; k++)
		oscal_prop(c, *k, *get_text(declared, *k) ? get_text(declared, *k) : get_text(o->run, *k), NULL, NULL);
	if (fit_sha256(get_text(o->run, "firmware_sha256")))
		oscal_prop(c, "firmware-sha256", get_text(o->run, "firmware_sha256"), NULL, NULL);
}

static json_t *device(const struct oscal *o)
{
	json_t *c = json_pack("{s:s}", "type", "hardware"), *list = implemented(o), *against;
	const char *name = *get_text(o->run, "product") ? get_text(o->run, "product") : get_text(o->run, "model");

	oscal_set_uuid(o, c, "device", 0, "");
	oscal_prose(c, "title", name, "device");
	oscal_prosef(c, "description", "%.300s %.300s with firmware %.200s", get_text(o->run, "maker"), get_text(o->run, "model"),
		     *get_text(o->run, "firmware") ? get_text(o->run, "firmware") : "not stated");
	identity(o, c);
	if (json_array_size(list)) {
		against = json_pack("{s:s,s:s,s:o}", "source", OSCAL_CATALOG, "description",
				    "What the maker declares (ICS), by control of the catalogue beside this document.", "implemented-requirements", list);
		oscal_set_uuid(o, against, "implementation", 0, "");
		oscal_add(c, "control-implementations", against);
	} else {
		json_decref(list);
		json_object_set_new(c, "remarks", json_string("Nothing is declared: the run has no ICS with answers."));
	}
	return c;
}

static bool write_component(const struct result *r, FILE *out, struct err *err)
{
	json_t *doc = json_object();
	struct oscal o;
	bool ok;

	oscal_open(&o, r);
	oscal_set_uuid(&o, doc, "component-definition", 0, "");
	json_object_set_new(doc, "metadata", oscal_metadata(&o, "The device and what is declared of it", get_text(o.run, "firmware")));
	oscal_add(doc, "components", device(&o));
	ok = oscal_write(&o, "component-definition", doc, out, err);
	oscal_close(&o);
	return ok;
}

const struct report report_oscal_component = {
	.name = "oscal-component",
	.file = "oscal-component.json",
	.doc = "the device and its declaration as an OSCAL component",
	.write = write_component,
};
