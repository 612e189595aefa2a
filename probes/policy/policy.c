/* SPDX-License-Identifier: Apache-2.0
 *
 * policy.c - the maker's disclosure policy: fetched without log-in, kept as evidence, read for what it must say. */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/probe.h"
#include "harness/proto/fetch.h"
#include "harness/proto/url.h"
#include "probes/policy/words.h"

static bool keep(struct step *st, const struct fetch_answer *a, struct err *err)
{
	char hex[HASH_HEX], name[96], dir[FS_PATH], path[FS_PATH];

	hash_text(a->body, a->body_n, hex);
	snprintf(name, sizeof(name), "evidence/policy-%.16s.txt", hex);
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(path, step_run_dir(st), name, err) || !fs_write(path, a->body, a->body_n, err))
		return false;
	fact_text(st, "file", name);
	fact_text(st, "sha256", hex);
	step_at_bytes(st, name, 0, (int64_t)a->body_n);
	return true;
}

static void read_words(struct step *st, const struct fetch_answer *a)
{
	struct policy_words w = { .contact = "" };
	int64_t left_s;

	if (a->status == 200)
		policy_read(a->body, a->body_n, &w);
	fact_bool(st, "contact", w.contact[0]);
	fact_bool(st, "acknowledgement", w.acknowledgement[0]);
	fact_bool(st, "updates", w.updates[0]);
	fact_text(st, "contact_text", w.contact);
	fact_text(st, "acknowledgement_text", w.acknowledgement);
	fact_text(st, "updates_text", w.updates);
	left_s = w.expires_s - clock_wall_ns() / SEC(1);
	fact_bool(st, "expires_ok", w.has_expires && left_s > 0 && left_s < INT64_C(366) * 86400);
	if (w.has_expires)
		step_scope_text(st, "it expires %lld days from now", (long long)(left_s / 86400));
}

static void report(struct step *st, const struct fetch_answer *a, bool tls)
{
	fact_bool(st, "reached", a->reached);
	fact_bool(st, "tls", a->verified);
	if (a->reached)
		fact_int(st, "status", a->status);
	else
		fact_text(st, "error", a->why);
	if (a->bad_certificate)
		step_scope_text(st, "its certificate was refused");
	if (a->reached && !tls)
		step_scope_text(st, "fetched without TLS");
	read_words(st, a);
	step_scope_text(st, "read by its words in English and Japanese: %s", step_text(st, "url"));
}

static bool fetch(struct step *st, struct err *err)
{
	struct fetch_answer a = { .body = "" };
	struct fetch_ask ask = { .timeout_ns = step_int(st, "timeout"), .ca = step_has(st, "ca") ? step_text(st, "ca") : NULL };
	struct fetch *f = NULL;
	struct url_target to;
	bool ok;

	if (!url_target(st, URL_RULES, step_text(st, "url"), &to, err) || !fetch_new(&f, err))
		return false;
	ask.url = to.url;
	ask.address = to.address;
	ask.no_verify = to.dut && !ask.ca;
	ask.no_name = to.dut;
	ok = (!to.address[0] || fetch_do(f, &ask, &a, err)) && (!a.reached || keep(st, &a, err));
	if (ok)
		report(st, &a, !strncmp(to.url, "https:", 6));
	fetch_free(f);
	return ok;
}

static const struct param fetch_params[] = {
	{ "url", VALUE_TEXT, .need = true, .doc = "policy page or security.txt" },
	{ "ca", VALUE_TEXT, .doc = "PEM file the server must be vouched for by; absent: the system's store" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(120), .fallback = "20s", .doc = "whole exchange" },
	{ 0 }
};
static const struct fact fetch_facts[] = {
	{ "reached", VALUE_BOOL, NULL, "an HTTP answer came, without log-in" },
	{ "status", VALUE_INT, NULL, "status code" },
	{ "tls", VALUE_BOOL, NULL, "over TLS with an accepted certificate" },
	{ "contact", VALUE_BOOL, NULL, "a mail address, a form or a number to report to is named" },
	{ "acknowledgement", VALUE_BOOL, NULL, "a time until a report is acknowledged is named" },
	{ "updates", VALUE_BOOL, NULL, "a time between status updates is named" },
	{ "contact_text", VALUE_TEXT, NULL, "the words it was found by" },
	{ "acknowledgement_text", VALUE_TEXT, NULL, "the sentence" },
	{ "updates_text", VALUE_TEXT, NULL, "the sentence" },
	{ "expires_ok", VALUE_BOOL, NULL, "security.txt: Expires lies ahead, at most a year" },
	{ "file", VALUE_TEXT, NULL, "the copy that was kept" },
	{ "sha256", VALUE_TEXT, NULL, "of the copy" },
	{ "error", VALUE_TEXT, NULL, "why no answer came" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "fetch", VERB_PROBE, fetch_params, fetch_facts, fetch, "fetch a disclosure policy and read it" },
	{ 0 }
};
const struct probe probe_policy = { "policy", "the maker's vulnerability disclosure policy", verbs, NULL, RIGHT_SCOPE };
