/* SPDX-License-Identifier: Apache-2.0
 *
 * told_verb.c - the verb ports.told: what strangers were told (ports.identify wrote it down), searched. */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/ports/answers.h"
#include "probes/ports/disclosure.h"
#include "probes/ports/verbs.h"

enum { POINTERS = 20 };

struct told {
	struct step *st;
	struct disclosure d;
	const json_t *allowed;
	const char *file;
	const struct answer *now;
	int64_t answers, bytes;
	unsigned pointers;
};

/* Declared as "version", "version lighttpd/1.4.69", "serial in certificate", or all three parts. */
static bool is_allowed(const struct told *t, const char *kind, const char *text)
{
	const char *place = t->now->place, *a;
	char with_text[256], with_place[256], all[256];
	const json_t *item;
	size_t i;

	snprintf(with_text, sizeof(with_text), "%s %s", kind, text);
	snprintf(with_place, sizeof(with_place), "%s in %s", kind, place);
	snprintf(all, sizeof(all), "%s %s in %s", kind, text, place);
	json_array_foreach(t->allowed, i, item)
		if ((a = json_string_value(item)) && (!strcmp(a, kind) || !strcmp(a, with_place) || !strcmp(a, with_text) || !strcmp(a, all)))
			return true;
	return !strcmp(kind, "model");          /* tells nothing that its casing does not */
}

/* An address of the bench's own network is what the asker used to ask. */
static bool no_secret(struct step *st, const char *kind, const char *text)
{
	struct err outside = { 0 };

	return !strcmp(kind, "address") && step_in_scope(st, text, &outside);
}

static void found(const char *kind, const char *text, void *data)
{
	struct told *t = data;
	char line[256];

	if (no_secret(t->st, kind, text))
		return;
	snprintf(line, sizeof(line), "%s%s%s in %s", kind, text[0] ? " " : "", text, t->now->place);
	fact_set_add(t->st, "found", line);
	if (is_allowed(t, kind, text))
		return;
	fact_set_add(t->st, "undisclosed", line);
	snprintf(line, sizeof(line), "%s%s%s in %s of %s, asked for %.60s", kind, text[0] ? " " : "", text, t->now->place, t->now->port,
		 t->now->asked);
	fact_set_add(t->st, "where", line);
	if (t->pointers++ < POINTERS)
		step_at_bytes(t->st, t->file, t->now->off, t->now->len);
}

static bool one(const struct answer *a, void *data)
{
	struct told *t = data;

	t->now = a;
	t->answers++;
	t->bytes += (int64_t)a->bytes.n;
	disclosure_search(&t->d, a->place, a->bytes, found, t);
	return true;
}

/* What the declaration knows of the device: it is looked for as it stands. */
static void know(const struct step *st, struct disclosure *d)
{
	const json_t *identity = json_object_get(step_device(st), "identity"), *unit;
	size_t i;

	disclosure_know(d, "version", json_string_value(json_object_get(identity, "firmware")));
	disclosure_know(d, "model", json_string_value(json_object_get(identity, "model")));
	json_array_foreach(json_object_get(identity, "units"), i, unit)
		disclosure_know(d, "serial", json_string_value(unit));
	disclosure_know_mac(d, json_string_value(json_object_get(json_object_get(step_device(st), "dut"), "mac")));
}

static bool load_markers(struct step *st, struct markers *m, struct err *err)
{
	const json_t *item;
	char value[33];
	size_t i;

	json_array_foreach(step_has(st, "fields") ? step_json(st, "fields") : NULL, i, item) {
		if (!json_is_string(item))
			return err_set(err, ERR_CONF, "fields: names are needed");
		step_canary(st, json_string_value(item), value);
		if (!marker_add(m, json_string_value(item), value, err))
			return false;
	}
	return markers_ready(m, err);
}

static bool search(struct told *t, struct err *err)
{
	struct markers *m = NULL;
	char path[FS_PATH];
	bool ok = markers_new(&m, err) && load_markers(t->st, m, err) && fs_join(path, step_run_dir(t->st), t->file, err);

	t->d.markers = m;
	ok = ok && answers_read(path, one, t, err);
	markers_free(m);
	return ok;
}

bool told_run(struct step *st, struct err *err)
{
	static struct told t;

	t = (struct told){ .st = st, .file = step_text(st, "answers"), .allowed = step_json(st, "disclosed") };
	fact_set_empty(st, "found");
	fact_set_empty(st, "undisclosed");
	fact_set_empty(st, "where");
	know(st, &t.d);
	step_observer(st, "net.lan");
	if (!search(&t, err))
		return false;
	fact_int(st, "answers", t.answers);
	step_scope_text(st, "%lld answers, %lld bytes, searched for %zu known texts, versions, inner addresses and markers", (long long)t.answers,
			(long long)t.bytes, t.d.n);
	if (!t.answers)
		step_incomplete(st, "nothing was told at all");
	return true;
}

const struct param told_params[] = {
	{ "answers", VALUE_TEXT, .need = true, .doc = "the file of ports.identify" },
	{ "disclosed", VALUE_SET, .need = true, .doc = "what may be told: version, \"version NAME/1.2\", \"serial in certificate\"" },
	{ "fields", VALUE_SET, .doc = "names of the user's fields whose markers are looked for" },
	{ 0 }
};
const struct fact told_facts[] = {
	{ "found", VALUE_SET, NULL, "model, version, serial, mac, address or user data, and in what kind of answer" },
	{ "undisclosed", VALUE_SET, NULL, "those that may not be told; the model is no secret" },
	{ "where", VALUE_SET, NULL, "the same with port and question" },
	{ "answers", VALUE_INT, NULL, "how many were searched" },
	{ 0 }
};
