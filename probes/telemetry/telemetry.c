/* SPDX-License-Identifier: Apache-2.0
 *
 * telemetry.c - what the device reports to its maker, as the maker's laboratory export shows it: field by field
 * against the declaration, and searched for the markers of personal fields. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/probe.h"
#include "harness/proto/fetch.h"
#include "harness/proto/marker.h"
#include "harness/proto/url.h"
#include "probes/telemetry/fields.h"

enum { EXPORT_MAX = 8 << 20 };

struct compare { struct step *st; const struct markers *markers; int64_t messages, personal; bool hit; };

static bool is_allowed(const struct step *st, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(step_json(st, "allowed"), i, item)
		if (json_is_string(item) && !strcmp(json_string_value(item), name))
			return true;
	return false;
}

static void on_field(const char *name, void *data)
{
	struct compare *c = data;

	fact_set_add(c->st, "fields", name);
	if (!is_allowed(c->st, name))
		fact_set_add(c->st, "undeclared", name);
}

static bool on_marker(const struct marker_hit *hit, void *data)
{
	struct compare *c = data;

	fact_set_add(c->st, "markers", hit->field);
	c->hit = true;
	return true;
}

static void read_message(struct compare *c, const json_t *message)
{
	CLEANUP(free_ptr) char *text = json_dumps(message, JSON_COMPACT | JSON_ENCODE_ANY);
	struct marker_state state = { 0 };

	c->messages++;
	fields_each(fields_payload(message, step_text(c->st, "payload")), on_field, c);
	if (!text)
		return;
	c->hit = false;
	marker_scan(c->markers, &state, (struct span){ (const uint8_t *)text, strlen(text) }, on_marker, c);
	c->personal += c->hit;
}

static bool load_markers(struct step *st, struct markers *m, struct err *err)
{
	const json_t *item;
	char value[33];
	size_t i;

	if (step_has(st, "canaries"))
		json_array_foreach(step_json(st, "canaries"), i, item) {
			if (!json_is_string(item))
				return err_set(err, ERR_CONF, "canaries: field names are needed");
			step_canary(st, json_string_value(item), value);
			if (!marker_add(m, json_string_value(item), value, err))
				return false;
		}
	return markers_ready(m, err);
}

static bool keep(struct step *st, const struct fetch_answer *a, struct err *err)
{
	char hex[HASH_HEX], name[96], dir[FS_PATH], path[FS_PATH];

	hash_text(a->body, a->body_n, hex);
	snprintf(name, sizeof(name), "evidence/telemetry-%.16s.json", hex);
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(path, step_run_dir(st), name, err) || !fs_write(path, a->body, a->body_n, err))
		return false;
	fact_text(st, "file", name);
	step_at_bytes(st, name, 0, (int64_t)a->body_n);
	return true;
}

static void read_export(struct compare *c, const struct fetch_answer *a)
{
	json_error_t why;
	CLEANUP(free_json) json_t *j = json_loadb(a->body, a->body_n, 0, &why);
	const json_t *list = fields_messages(j, step_text(c->st, "list")), *message;
	size_t i;

	if (!list) {
		step_incomplete(c->st, "the export is not understood: %s", j ? "no list of messages" : why.text);
		return;
	}
	json_array_foreach(list, i, message)
		read_message(c, message);
}

static bool report(struct step *st, const struct markers *m, const struct fetch_answer *a, struct err *err)
{
	struct compare c = { .st = st, .markers = m };

	fact_bool(st, "reached", a->reached);
	fact_set_empty(st, "fields");
	fact_set_empty(st, "undeclared");
	fact_set_empty(st, "markers");
	if (a->reached && !keep(st, a, err))
		return false;
	if (!a->reached)
		step_incomplete(st, "no export: %s", a->why);
	else if (a->status != 200)
		step_incomplete(st, "no export: status %d", a->status);
	else if (a->cut)
		step_incomplete(st, "the export is larger than %d bytes", EXPORT_MAX);
	else
		read_export(&c, a);
	fact_int(st, "messages", c.messages);
	fact_int(st, "personal", c.personal);
	step_scope_text(st, "%" PRId64 " messages of the export, %zu allowed fields, %zu markers searched for", c.messages,
			json_array_size(step_json(st, "allowed")),
			step_has(st, "canaries") ? json_array_size(step_json(st, "canaries")) : 0);
	return true;
}

static const char *optional(const struct step *st, const char *param)
{
	return step_has(st, param) ? step_text(st, param) : NULL;
}

static bool compare(struct step *st, struct err *err)
{
	struct fetch_ask ask = { .user = optional(st, "user"), .password = optional(st, "password"), .token = optional(st, "token"),
				 .ca = optional(st, "ca"), .body_max = EXPORT_MAX, .timeout_ns = step_int(st, "timeout") };
	struct fetch_answer a = { .body = "" };
	struct markers *m = NULL;
	struct fetch *f = NULL;
	struct url_target to;
	bool ok = url_target(st, URL_RULES, step_text(st, "url"), &to, err) && markers_new(&m, err) && load_markers(st, m, err) &&
		  fetch_new(&f, err);

	if (ok) {
		ask.url = to.url;
		ask.address = to.address;
		ask.no_verify = to.dut && !ask.ca;
		ask.no_name = to.dut;
		ok = (!to.address[0] || fetch_do(f, &ask, &a, err)) && report(st, m, &a, err);
	}
	fetch_free(f);
	markers_free(m);
	return ok;
}

static const struct param compare_params[] = {
	{ "url", VALUE_TEXT, .need = true, .doc = "export of what the service received, JSON" },
	{ "ca", VALUE_TEXT, .doc = "PEM file the server must be vouched for by" },
	{ "user", VALUE_TEXT, .doc = "HTTP Basic user" },
	{ "password", VALUE_SECRET, .doc = "HTTP Basic password" },
	{ "token", VALUE_SECRET, .doc = "bearer token" },
	{ "allowed", VALUE_SET, .need = true, .doc = "declared fields: id, place.lat, rows[].at" },
	{ "canaries", VALUE_SET, .doc = "fields whose markers no message may hold" },
	{ "list", VALUE_TEXT, .fallback = "messages", .doc = "key of the list of messages, when the export is an object" },
	{ "payload", VALUE_TEXT, .fallback = "payload", .doc = "key of what the device sent, in a message; absent there: the whole" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(300), .fallback = "20s", .doc = "whole exchange" },
	{ 0 }
};
static const struct fact compare_facts[] = {
	{ "reached", VALUE_BOOL, NULL, "an HTTP answer came" },
	{ "messages", VALUE_INT, "messages", "read" },
	{ "fields", VALUE_SET, NULL, "every field in them" },
	{ "undeclared", VALUE_SET, NULL, "fields that are not allowed" },
	{ "personal", VALUE_INT, "messages", "with a marker of a personal field" },
	{ "markers", VALUE_SET, NULL, "whose markers were found" },
	{ "file", VALUE_TEXT, NULL, "the copy of the export" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "compare", VERB_PROBE, compare_params, compare_facts, compare, "compare what was reported with what was declared" },
	{ 0 }
};
const struct probe probe_telemetry = { "telemetry", "what the device reports about itself and its owner", verbs, NULL, RIGHT_SCOPE };
