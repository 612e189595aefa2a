// SPDX-License-Identifier: Apache-2.0
/* An in-toto Statement v1 with the predicate test-result v0.1, in a DSSE envelope that the run's key signs when there is one.
 *
 * Subjects are the firmware image, where its hash is declared, and each unit. PASS stands in passedTests, FAIL in
 * failedTests, INCONCLUSIVE, REVIEW and ERROR in warnedTests. The predicate knows no more, so NOT_TESTED and
 * NOT_APPLICABLE, the counts and the requirements are annotations of the first configuration, which is the run itself.
 * The result is PASSED only when nothing at all is open. Without a key `signatures` is empty: well-formed, and refused by
 * everybody who verifies. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/report.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"

#define PAYLOAD "application/vnd.in-toto+json"
#define TEXT 400

static bool is_sha256(const char *hex)
{
	return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

/* ---- what was tested ---- */
static json_t *unit(const json_t *run, const char *serial)
{
	static const char *const keys[] = { "maker", "model", "hardware", NULL };
	CLEANUP(free_json) json_t *whole = json_sprintf("%s\n%s\n%s\n%s\n", get_text(run, "maker"), get_text(run, "model"), get_text(run, "hardware"),
							serial);
	const char *text = json_string_value(whole);
	json_t *name, *facts = json_pack("{s:s,s:o}", "digestOf", "maker, model, hardware and serial, a line feed behind each", "serial",
					 shown(serial, TEXT));
	char hex[HASH_HEX];

	for (const char *const *k = keys; *k; k++)
		json_object_set_new(facts, *k, shown(get_text(run, *k), TEXT));
	hash_text(text, strlen(text), hex);
	name = json_sprintf("unit %s %s %s", get_text(run, "maker"), get_text(run, "model"), serial);
	facts = json_pack("{s:o,s:{s:s},s:o}", "name", shown(json_string_value(name), TEXT), "digest", "sha256", hex, "annotations", facts);
	json_decref(name);
	return facts;
}

static json_t *subjects(const json_t *run)
{
	const json_t *runs = json_object_get(run, "runs");
	json_t *out = json_array(), *name;

	if (is_sha256(get_text(run, "firmware_sha256"))) {
		name = json_sprintf("firmware %s %s %s", get_text(run, "maker"), get_text(run, "model"), get_text(run, "firmware"));
		json_array_append_new(out, json_pack("{s:o,s:{s:s}}", "name", shown(json_string_value(name), TEXT), "digest", "sha256",
						     get_text(run, "firmware_sha256")));
		json_decref(name);
	}
	for (size_t i = 0; i < json_array_size(runs); i++)
		json_array_append_new(out, unit(run, get_text(json_array_get(runs, i), "serial")));
	if (!json_array_size(runs))
		json_array_append_new(out, unit(run, get_text(run, "serial")));
	return out;
}

/* ---- with what ---- */
static json_t *list_of(const json_t *items, enum verdict v)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(items); i++)
		if (verdict_of(json_array_get(items, i), "verdict") == v)
			json_array_append_new(out, shown(get_text(json_array_get(items, i), "id"), TEXT));
	return out;
}

static json_t *by_verdict(const json_t *items, bool ids)
{
	json_t *out = json_object();

	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		json_t *list = list_of(items, (enum verdict)v);

		json_object_set_new(out, verdict_name((enum verdict)v), ids ? json_incref(list) : json_integer((json_int_t)json_array_size(list)));
		json_decref(list);
	}
	return out;
}

static json_t *waivers_of(const json_t *v)
{
	const json_t *all = json_object_get(v, "waivers");
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);

		json_array_append_new(out, json_pack("{s:o,s:o,s:o,s:o,s:b}", "id", shown(get_text(w, "id"), TEXT), "who", shown(get_text(w, "who"), TEXT),
						     "why", shown(get_text(w, "why"), TEXT), "until", shown(get_text(w, "until"), TEXT), "expired",
						     is_on(w, "expired")));
	}
	return out;
}

static json_t *annotations(const json_t *v)
{
	static const char *const facts[] = { "id", "state", "started", "ended", "profile", "bench", "bench_kind", NULL };
	static const char *const counts[] = { "decided", "open", "of", "on_default", NULL };
	const json_t *tests = json_object_get(v, "tests"), *gate = json_object_get(v, "gate"), *run = json_object_get(v, "run");
	json_t *o = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:{s:o,s:b},s:o}", "tool", "jusan", "toolVersion",
			      shown(get_text(json_object_get(v, "tool"), "version"), TEXT), "tests", by_verdict(tests, false), "notTestedTests",
			      list_of(tests, VERDICT_NOT_TESTED), "notApplicableTests", list_of(tests, VERDICT_NOT_APPLICABLE), "requirements",
			      by_verdict(json_object_get(v, "requirements"), true), "gate", "verdict", shown(get_text(gate, "verdict"), TEXT), "rehearsal",
			      is_on(gate, "rehearsal"), "waivers", waivers_of(v));

	json_object_set_new(o, "inconclusiveTests", list_of(tests, VERDICT_INCONCLUSIVE));
	json_object_set_new(o, "reviewTests", list_of(tests, VERDICT_REVIEW));
	json_object_set_new(o, "errorTests", list_of(tests, VERDICT_ERROR));
	for (const char *const *k = facts; *k; k++)
		json_object_set_new(o, *k, shown(get_text(run, *k), TEXT));
	for (const char *const *k = counts; *k; k++)
		json_object_set_new(o, *k, json_integer(get_int(v, *k)));
	return o;
}

static void add_input(json_t *list, const char *path, const char *hash)
{
	if (is_sha256(hash))
		json_array_append_new(list, json_pack("{s:o,s:{s:s}}", "name", shown(path, TEXT), "digest", "sha256", hash));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every input under the seal: bench, device, profile, suites and lists, in the order of their names. */
static size_t add_sealed(json_t *list, const json_t *sealed)
{
	const char **name = calloc(json_object_size(sealed) + 1, sizeof(*name)), *path;
	size_t n = 0;
	json_t *f;

	if (!name)
		abort();
	json_object_foreach((json_t *)sealed, path, f)
		if (!strncmp(path, "inputs/", 7))
			name[n++] = path;
	qsort(name, n, sizeof(*name), by_name);
	for (size_t i = 0; i < n; i++)
		add_input(list, name[i], get_text(json_object_get(sealed, name[i]), "sha256"));
	free(name);
	return n;
}

/* Of a folder that nobody sealed, what run.json says of its inputs. */
static void add_stated(json_t *list, const json_t *run)
{
	const json_t *suites = json_object_get(run, "suites");
	char path[300];

	add_input(list, "inputs/bench.yaml", get_text(run, "bench_sha256"));
	add_input(list, "inputs/device.yaml", get_text(run, "device_sha256"));
	for (size_t i = 0; i < json_array_size(suites); i++) {
		snprintf(path, sizeof(path), "inputs/suites/%.250s", get_text(json_array_get(suites, i), "file"));
		add_input(list, path, get_text(json_array_get(suites, i), "sha256"));
	}
}

static json_t *configuration(const struct result *r)
{
	CLEANUP(free_json) json_t *sealed = sealed_files(r->dir);
	const json_t *run = json_object_get(r->verdicts, "run");
	const char *hash = get_text(json_object_get(sealed, "run.json"), "sha256");
	char name[300], uuid[READ_UUID];
	json_t *out = json_array(), *first, *uri;

	snprintf(name, sizeof(name), "run/%.250s", get_text(run, "id"));
	uri = json_sprintf("urn:uuid:%s", uuid_text(name, uuid));
	first = json_pack("{s:s,s:o,s:o}", "name", "run.json", "uri", uri, "annotations", annotations(r->verdicts));
	if (is_sha256(hash))
		json_object_set_new(first, "digest", json_pack("{s:s}", "sha256", hash));
	json_array_append_new(out, first);
	if (!add_sealed(out, sealed))
		add_stated(out, run);
	return out;
}

/* ---- the statement ---- */
static const char *outcome(const json_t *v)
{
	const json_t *tests = json_object_get(v, "tests");
	bool passed = false, open = strcmp(get_text(json_object_get(v, "run"), "state"), "complete") != 0;

	for (size_t i = 0; i < json_array_size(tests); i++) {
		enum verdict one = verdict_of(json_array_get(tests, i), "verdict");

		if (one == VERDICT_FAIL)
			return "FAILED";
		passed |= one == VERDICT_PASS;
		open |= one != VERDICT_PASS && one != VERDICT_NOT_APPLICABLE;
	}
	return passed && !open ? "PASSED" : "WARNED";
}

static json_t *warned(const json_t *tests)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(tests); i++) {
		enum verdict v = verdict_of(json_array_get(tests, i), "verdict");

		if (v == VERDICT_INCONCLUSIVE || v == VERDICT_REVIEW || v == VERDICT_ERROR)
			json_array_append_new(out, shown(get_text(json_array_get(tests, i), "id"), TEXT));
	}
	return out;
}

static json_t *statement(const struct result *r)
{
	const json_t *tests = json_object_get(r->verdicts, "tests");

	return json_pack("{s:s,s:o,s:s,s:{s:s,s:o,s:o,s:o,s:o}}", "_type", "https://in-toto.io/Statement/v1", "subject",
			 subjects(json_object_get(r->verdicts, "run")), "predicateType", "https://in-toto.io/attestation/test-result/v0.1",
			 "predicate", "result", outcome(r->verdicts), "configuration", configuration(r), "passedTests",
			 list_of(tests, VERDICT_PASS), "warnedTests", warned(tests), "failedTests", list_of(tests, VERDICT_FAIL));
}

/* ---- the envelope ---- */
static json_t *base64(const void *p, size_t n)
{
	char *text = malloc((n + 2) / 3 * 4 + 1);
	json_t *ret;

	if (!text || n > INT32_MAX / 2)
		abort();
	EVP_EncodeBlock((unsigned char *)text, p, (int)n);
	ret = json_string(text);
	free(text);
	return ret;
}

/* What is signed is the pre-authentication encoding: type and body, each with its length in front. */
static bool sign_body(report_sign sign, const char *body, json_t *signatures, struct err *err)
{
	CLEANUP(free_ptr) char *pae = NULL;
	struct report_signature s = { 0 };
	size_t n = 0;
	FILE *out = open_memstream(&pae, &n);

	fprintf(out, "DSSEv1 %zu %s %zu ", strlen(PAYLOAD), PAYLOAD, strlen(body));
	fputs(body, out);
	fclose(out);
	if (sign && !sign(pae, n, &s, err))
		return false;
	if (s.keyid[0])
		json_array_append_new(signatures, json_pack("{s:s,s:o}", "keyid", s.keyid, "sig", base64(s.bytes, sizeof(s.bytes))));
	return true;
}

static bool write_signed(const struct result *r, report_sign sign, FILE *out, struct err *err)
{
	CLEANUP(free_json) json_t *said = statement(r);
	CLEANUP(free_json) json_t *signatures = json_array();
	CLEANUP(free_json) json_t *envelope = NULL;
	CLEANUP(free_ptr) char *body = json_dumps(said, JSON_COMPACT | JSON_SORT_KEYS);

	if (!body)
		return err_set(err, ERR_OS, "report.intoto.json: out of memory");
	if (!sign_body(sign, body, signatures, err))
		return err_in(err, "report.intoto.json");
	envelope = json_pack("{s:s,s:o,s:O}", "payloadType", PAYLOAD, "payload", base64(body, strlen(body)), "signatures", signatures);
	json_dumpf(envelope, out, JSON_INDENT(1) | JSON_SORT_KEYS);
	fputc('\n', out);
	return !ferror(out) || err_sys(err, "report.intoto.json");
}

static bool write_intoto(const struct result *r, FILE *out, struct err *err)
{
	return write_signed(r, NULL, out, err);
}

const struct report report_intoto = {
	.name = "intoto",
	.file = "report.intoto.json",
	.doc = "in-toto test result in a DSSE envelope, signed when there is a key",
	.write = write_intoto,
	.write_signed = write_signed,
};
