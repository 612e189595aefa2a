// SPDX-License-Identifier: Apache-2.0
/* SARIF 2.1.0 for code scanning and viewers: one run, a result for every test and record, nothing left out. Evidence is
 * named relative to the run folder, by line and byte. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/report.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"
#include "reports/sarif/sarif.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define NOTES_MAX 200

/* ---- what happened to the bench ---- */
static void note(json_t *list, const char *level, const char *text)
{
	if (json_array_size(list) < NOTES_MAX)
		json_array_append_new(list, json_pack("{s:s,s:o}", "level", level, "message", sarif_message(text)));
}

static json_t *notifications(const struct result *r, const struct ids *ids, struct places *p)
{
	const json_t *run = json_object_get(r->verdicts, "run"), *notes = json_object_get(run, "notes");
	json_t *out = sarif_errors(r, ids, p);
	char text[120];

	if (strcmp(get_text(run, "state"), "complete"))
		note(out, "error", "The run is not complete: what is missing was not tested.");
	if (get_int(json_object_get(r->verdicts, "bench"), "drops") > 0) {
		snprintf(text, sizeof(text), "A recorder lost %lld frames.", (long long)get_int(json_object_get(r->verdicts, "bench"), "drops"));
		note(out, "warning", text);
	}
	for (size_t i = 0; i < json_array_size(notes); i++)
		if (json_is_string(json_array_get(notes, i)))
			note(out, "note", json_string_value(json_array_get(notes, i)));
	return out;
}

/* Findings on the declaration are on a document, never on the device. */
static json_t *document_findings(const struct result *r)
{
	const json_t *all = json_object_get(r->verdicts, "findings");
	json_t *out = json_array(), *text;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *f = json_array_get(all, i);

		text = json_sprintf("%s%s%s", get_text(f, "where"), *get_text(f, "where") ? ": " : "", get_text(f, "text"));
		note(out, "warning", json_string_value(text));
		json_decref(text);
	}
	return out;
}

/* "2026-11-27T01:56:43Z" and nothing else. */
static bool is_time(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t n = 0;

	while (form[n] && (form[n] == 'd' ? s[n] >= '0' && s[n] <= '9' : s[n] == form[n]))
		n++;
	return !form[n] && !s[n];
}

static json_t *invocation(const struct result *r, const struct ids *ids, struct places *p)
{
	static const char *const facts[] = { "profile", "profile_sha256", "bench", "bench_kind", "machine", NULL };
	static const char *const exits[] = { "everything judged is PASS or NOT_APPLICABLE", "a FAIL", "no FAIL but something open", "fault of the bench" };
	const json_t *run = json_object_get(r->verdicts, "run");
	json_t *told = notifications(r, ids, p), *properties = json_object(), *o;
	bool whole = !strcmp(get_text(run, "state"), "complete");
	int status = result_status(r);

	for (size_t i = 0; i < count_of(r->verdicts, "tests"); i++)
		whole &= verdict_of(json_array_get(json_object_get(r->verdicts, "tests"), i), "verdict") != VERDICT_ERROR;
	for (const char *const *k = facts; *k; k++)
		if (*get_text(run, *k))
			json_object_set_new(properties, *k, shown(get_text(run, *k), 200));
	json_object_set_new(properties, "seed", json_integer(get_int(run, "seed")));
	o = json_pack("{s:b,s:i,s:s,s:o,s:o,s:o}", "executionSuccessful", whole, "exitCode", status, "exitCodeDescription", exits[status & 3],
		      "toolExecutionNotifications", told, "toolConfigurationNotifications", document_findings(r), "properties", properties);
	if (is_time(get_text(run, "started")))
		json_object_set_new(o, "startTimeUtc", json_string(get_text(run, "started")));
	if (is_time(get_text(run, "ended")))
		json_object_set_new(o, "endTimeUtc", json_string(get_text(run, "ended")));
	if (*get_text(run, "host"))
		json_object_set_new(o, "machine", shown(get_text(run, "host"), 200));
	return o;
}

/* ---- the run ---- */
static json_t *properties_of(const struct result *r)
{
	static const char *const facts[] = { "id", "maker", "product", "model", "hardware", "firmware", "serial", "state", NULL };
	static const char *const counts[] = { "decided", "open", "of", "on_default", NULL };
	const json_t *run = json_object_get(r->verdicts, "run"), *gate = json_object_get(r->verdicts, "gate");
	json_t *o = json_object();

	for (const char *const *k = facts; *k; k++)
		if (*get_text(run, *k))
			json_object_set_new(o, *k, shown(get_text(run, *k), 400));
	for (const char *const *k = counts; *k; k++)
		json_object_set_new(o, *k, json_integer(get_int(r->verdicts, *k)));
	json_object_set_new(o, "gate", json_pack("{s:o,s:o,s:b}", "verdict", shown(get_text(gate, "verdict"), 40), "why",
						 shown(get_text(gate, "why"), SARIF_TEXT), "rehearsal", is_on(gate, "rehearsal")));
	if (*get_text(r->verdicts, "as_of"))
		json_object_set_new(o, "asOf", shown(get_text(r->verdicts, "as_of"), 40));
	return o;
}

static json_t *automation(const struct result *r)
{
	const json_t *run = json_object_get(r->verdicts, "run");
	CLEANUP(free_json) json_t *id = json_sprintf("jusan/%s/%s", get_text(run, "model"), get_text(run, "id"));
	char name[300], uuid[READ_UUID];

	snprintf(name, sizeof(name), "sarif/run/%.250s", get_text(run, "id"));
	return json_pack("{s:o,s:s}", "id", shown(json_string_value(id), 400), "guid", uuid_text(name, uuid));
}

static json_t *log_of(const struct result *r)
{
	struct places *p = places_open(r);
	struct ids ids;
	json_t *run;

	ids_make(r, &ids);
	run = json_pack("{s:{s:o},s:s,s:s,s:o,s:o,s:o,s:[o],s:{s:{s:{s:s}}},s:o}", "tool", "driver", sarif_driver(r, &ids), "columnKind",
			"unicodeCodePoints", "defaultEncoding", "utf-8", "automationDetails", automation(r), "taxonomies",
			sarif_taxonomies(r, &ids), "results", sarif_results(r, &ids, p), "invocations", invocation(r, &ids, p), "originalUriBaseIds",
			"RUN", "description", "text", "The run folder.", "properties", properties_of(r));
	json_object_set_new(run, "artifacts", places_artifacts(p));     /* last: results name them */
	ids_free(&ids);
	places_close(p);
	return json_pack("{s:s,s:s,s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs", run);
}

static bool write_sarif(const struct result *r, FILE *out, struct err *err)
{
	json_t *log = log_of(r);

	if (!log || json_dumpf(log, out, JSON_INDENT(1) | JSON_SORT_KEYS) != 0) {
		json_decref(log);
		return err_set(err, ERR_OS, "report.sarif: cannot be written");
	}
	fputc('\n', out);
	json_decref(log);
	return !ferror(out) || err_sys(err, "report.sarif");
}

const struct report report_sarif = {
	.name = "sarif",
	.file = "report.sarif",
	.doc = "SARIF 2.1.0 for code scanning, with evidence by line and byte",
	.write = write_sarif,
};
