/* SPDX-License-Identifier: Apache-2.0
 *
 * http.c - one request to the device or to a service of the bench, and what came back. */
#include <regex.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/probe.h"
#include "harness/proto/fetch.h"
#include "harness/proto/url.h"

static struct fetch *session;           /* connections live across the steps of one attempt */

static const char *optional(const struct step *st, const char *param)
{
	return step_has(st, param) ? step_text(st, param) : NULL;
}

/* First match of the pattern in the body; found and the first group are facts of their own. */
static bool find_in_body(struct step *st, const struct fetch_answer *a, struct err *err)
{
	regmatch_t m[2];
	regex_t re;
	bool found;

	if (!step_has(st, "find"))
		return true;
	if (regcomp(&re, step_text(st, "find"), REG_EXTENDED | REG_NEWLINE))
		return err_set(err, ERR_CONF, "find: '%s' is not an extended regular expression", step_text(st, "find"));
	found = a->reached && !regexec(&re, a->body, 2, m, 0);
	fact_bool(st, "found", found);
	if (found && m[1].rm_so >= 0)
		fact_bytes(st, "group", a->body + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
	else if (found)
		fact_bytes(st, "group", a->body + m[0].rm_so, (size_t)(m[0].rm_eo - m[0].rm_so));
	regfree(&re);
	return true;
}

static void report(struct step *st, const struct fetch_answer *a)
{
	char hex[HASH_HEX];

	fact_bool(st, "reached", a->reached);
	fact_int(st, "time", a->end_ns - a->begin_ns);
	fact_bool(st, "verified", a->verified);
	if (!a->reached) {
		fact_text(st, "error", a->why);
		return;
	}
	fact_int(st, "status", a->status);
	fact_bytes(st, "body", a->body, a->body_n);
	fact_text(st, "location", a->location);
	hash_text(a->body, a->body_n, hex);
	fact_text(st, "sha256", hex);
	if (a->cut)
		step_scope_text(st, "only the first %d bytes of the answer were read", FETCH_BODY_MAX);
}

static bool request(struct step *st, struct err *err)
{
	struct fetch_answer a = { .body = "" };
	struct url_target to;
	struct fetch_ask ask = {
		.method = step_text(st, "method"), .timeout_ns = step_int(st, "timeout"),
		.user = optional(st, "user"), .password = optional(st, "password"), .token = optional(st, "token"),
		.body = optional(st, "body"), .type = step_text(st, "type"), .ca = optional(st, "ca"),
	};

	if (!session && !fetch_new(&session, err))
		return false;
	if (!url_target(st, URL_RULES, step_text(st, "url"), &to, err))
		return false;
	ask.url = to.url;
	ask.address = to.address;
	ask.no_verify = to.dut && !ask.ca;
	ask.no_name = to.dut;
	if (to.address[0] && !fetch_do(session, &ask, &a, err))
		return false;
	if (!to.address[0])
		strcpy(a.why, "the device has no address");
	report(st, &a);
	step_observer(st, "net.lan");
	step_scope_text(st, "%s %s", ask.method, step_text(st, "url"));
	return find_in_body(st, &a, err);
}

static const struct param request_params[] = {
	{ "url", VALUE_TEXT, .need = true, .doc = "http or https; host \"dut\" is the device" },
	{ "method", VALUE_TEXT, .fallback = "GET", .doc = "HTTP method" },
	{ "user", VALUE_TEXT, .doc = "HTTP Basic user" },
	{ "password", VALUE_SECRET, .doc = "HTTP Basic password" },
	{ "token", VALUE_SECRET, .doc = "bearer token" },
	{ "body", VALUE_TEXT, .doc = "sent as it stands" },
	{ "type", VALUE_TEXT, .fallback = "application/json", .doc = "media type of the body" },
	{ "find", VALUE_TEXT, .doc = "extended regular expression looked for in the answer's body" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(120), .fallback = "5s", .doc = "whole exchange" },
	{ "ca", VALUE_TEXT, .doc = "PEM file; without it the device's own certificate is not checked, others against "
				   "the system's store" },
	{ 0 }
};
static const struct fact request_facts[] = {
	{ "reached", VALUE_BOOL, NULL, "an HTTP answer came" },
	{ "status", VALUE_INT, NULL, "status code" },
	{ "body", VALUE_TEXT, NULL, "the answer's body, bounded" },
	{ "found", VALUE_BOOL, NULL, "the pattern was in the body" },
	{ "group", VALUE_TEXT, NULL, "first group of the match, or the match" },
	{ "location", VALUE_TEXT, NULL, "where a redirect points" },
	{ "time", VALUE_TIME, NULL, "from request to end of the answer" },
	{ "sha256", VALUE_TEXT, NULL, "of the body read" },
	{ "verified", VALUE_BOOL, NULL, "the certificate was checked and accepted" },
	{ "error", VALUE_TEXT, NULL, "why no answer came" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "request", VERB_STIMULUS, request_params, request_facts, request, "send one HTTP request" },
	{ "get", VERB_PROBE, request_params, request_facts, request, "the same, only looking: not counted as a stimulus" },
	{ 0 }
};
const struct probe probe_http = { "http", "requests to the device and to services", verbs, NULL, RIGHT_SCOPE };
