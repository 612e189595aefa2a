// SPDX-License-Identifier: Apache-2.0
// The shape of device.yaml: the declaration, the sections that suites read, the procedures.
#include "harness/declare.h"
#include "harness/shapes.h"

static const struct shape procedures = { .kind = SHAPE_ELSEWHERE, .form = "procedures" };

static const struct shape steps = { .kind = SHAPE_ELSEWHERE, .form = "steps" };
static const struct shape expect = { .kind = SHAPE_ELSEWHERE, .form = "expect" };
static const struct shape returns = { .kind = SHAPE_ELSEWHERE, .form = "return" };
static const struct shape_key procedure_keys[] = {
	{ "doc", &shape_any, false, "what it does" },
	{ "steps", &steps, true, NULL },
	{ "expect", &expect, false, "what must be true for it to be ok" },
	{ "return", &returns, false, "name: LABEL.FACT" },
	{ 0 }
};
const struct shape shape_procedure = { .kind = SHAPE_MAP, .keys = procedure_keys };

const struct shape *device_shape(struct arena *a, const struct editions *e)
{
	struct shape_key *keys = arena_alloc(a, 64, sizeof(*keys));
	struct shape *s = arena_new(a, struct shape);
	size_t n = 0;

	keys[n++] = (struct shape_key){ "identity", &shape_identity, false, "which product, which units" };
	keys[n++] = (struct shape_key){ "evidence", &shape_evidence, false, "files that show what is declared, by id" };
	keys[n++] = (struct shape_key){ "conditions", e ? conditions_shape(a, e) : &shape_any, false, "the numbered conditions of EN 303 645" };
	keys[n++] = (struct shape_key){ "features", e ? features_shape(a, e) : &shape_any, false, "the lettered features of EN 303 645 V3.1.3" };
	keys[n++] = (struct shape_key){ "ics", e ? ics_shape(a, e) : &shape_any, false, "implementation conformance statement, by edition" };
	keys[n++] = (struct shape_key){ "ixit", ixit_shape(a), false, "the 29 tables of TS 103 701" };
	keys[n++] = (struct shape_key){ "units", &shape_units, false, "what differs from one unit to the next, in the order of identity.units" };
	for (const struct shape_key *k = bench_field_keys; k->name; k++)
		keys[n++] = *k;
	keys[n++] = (struct shape_key){ "procedures", &procedures, false, "how this product is set up, used and reset" };
	*s = (struct shape){ .kind = SHAPE_MAP, .keys = keys, .of = &shape_any, .pattern = "^x_",
			     .form = "no section of device.yaml; a section of your own begins with x_" };
	return s;
}
