// SPDX-License-Identifier: Apache-2.0
/* A CycloneDX 1.6 attestation: the firmware, the Code as a standard, and for each requirement what is claimed of the device, by
 * which evidence, and how sure that is. Nobody affirms it here: an affirmation is a person's signature, and a run has none. */
#include <inttypes.h>

#include "harness/base/cleanup.h"
#include "harness/version.h"
#include "reports/cyclonedx/bom.h"

static json_t *metadata(struct bom *b)
{
	static const char *const known[] = { "id", "bench", "bench_kind", "profile", "profile_sha256", "bench_sha256", "device_sha256", "unit", "serial",
					     "state", NULL };
	char time[FIT_TIME];
	json_t *m = json_pack("{s:s,s:{s:[{s:s,s:s,s:s,s:o}]},s:o}", "timestamp", fit_run_time(b->run, "ended", time), "tools", "components", "type",
			      "application", "name", "jusan", "version", JUSAN_VERSION, "bom-ref", bom_ref(b, "jusan", ""), "component",
			      bom_component(b, "firmware", "firmware"));
	const json_t *suites = json_object_get(b->run, "suites");

	for (const char *const *k = known; *k; k++)
		bom_propertyf(m, get_text(b->run, *k), "jusan:run:%s", *k);
	for (size_t i = 0; i < fit_few(suites); i++) {
		char file[FIT_LINE];

		bom_propertyf(m, get_text(json_array_get(suites, i), "sha256"), "jusan:suite:%.300s",
			      fit_line(get_text(json_array_get(suites, i), "file"), file));
	}
	return m;
}

static json_t *attestation(struct bom *b, json_t *claims)
{
	const json_t *gate = json_object_get(b->v, "gate");
	json_t *a = json_pack("{s:s,s:o}", "assessor", "assessor", "map", bom_map(b, claims));

	fit_putf(a, "summary", "Gate %.20s: %.800s%s", get_text(gate, "verdict"), get_text(gate, "why"),
		 is_on(gate, "rehearsal") ? " (a rehearsal)" : "");
	return a;
}

/* The run names its bench, not who works there. */
static json_t *assessor(struct bom *b)
{
	json_t *org = json_object();

	fit_putf(org, "name", "laboratory of the bench '%.300s', which the run does not name", get_text(b->run, "bench"));
	return json_pack("{s:o,s:o}", "bom-ref", bom_ref(b, "assessor", ""), "organization", org);
}

static json_t *declarations(struct bom *b)
{
	json_t *d = json_object(), *claims = json_array();

	bom_add(d, "assessors", assessor(b));
	json_object_set_new(d, "targets", json_pack("{s:[o]}", "components", bom_component(b, "device", "device")));
	json_object_set_new(d, "evidence", bom_evidence(b));
	bom_add(d, "attestations", attestation(b, claims));
	json_object_set_new(d, "claims", claims);
	return d;
}

static json_t *document(struct bom *b)
{
	CLEANUP(free_json) json_t *name = json_sprintf("cyclonedx\n%s\n%s", get_text(b->run, "id"), get_text(b->v, "as_of"));
	const json_t *gate = json_object_get(b->v, "gate");
	char uuid[READ_UUID];
	json_t *doc = json_pack("{s:s,s:s,s:i,s:o}", "bomFormat", "CycloneDX", "specVersion", "1.6", "version", 1, "serialNumber",
				json_sprintf("urn:uuid:%s", uuid_text(name ? json_string_value(name) : "", uuid)));

	json_object_set_new(doc, "metadata", metadata(b));
	json_object_set_new(doc, "definitions", json_pack("{s:[o]}", "standards", bom_standard(b)));
	json_object_set_new(doc, "declarations", declarations(b));
	json_object_set_new(doc, "annotations", bom_waivers(b));
	bom_property(doc, "jusan:gate", get_text(gate, "verdict"));
	bom_property(doc, "jusan:rehearsal", is_on(gate, "rehearsal") ? "true" : "false");
	bom_verdicts(b, doc);
	return doc;
}

static bool write_cyclonedx(const struct result *r, FILE *out, struct err *err)
{
	struct bom b = { .v = r->verdicts, .run = json_object_get(r->verdicts, "run"), .sealed = sealed_files(r->dir), .refs = json_object(),
			 .test = json_object(), .record = json_object(), .requirement = json_object(), .guideline = json_object(),
			 .said = json_object() };
	json_t *all[] = { b.sealed, b.refs, b.test, b.record, b.requirement, b.guideline, b.said, NULL }, *doc = document(&b);

	/* reals in the C locale, whatever the program's, and short: 0.9 */
	json_dumpf(doc, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(3));
	fputc('\n', out);
	json_decref(doc);
	for (json_t **j = all; *j; j++)
		json_decref(*j);
	return !ferror(out) || err_sys(err, "bom.cdx.json");
}

const struct report report_cyclonedx = {
	.name = "cyclonedx",
	.file = "bom.cdx.json",
	.doc = "CycloneDX 1.6 attestation",
	.write = write_cyclonedx,
};
