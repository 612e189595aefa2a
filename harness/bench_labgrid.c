// SPDX-License-Identifier: Apache-2.0
// labgrid's environments (targets:) and its exporter's files (groups of resources), walked.
// Source: labgrid doc/configuration.rst, labgrid/driver/powerdriver.py.
#include <string.h>

#include "harness/bench_draft.h"

static bool enough(const struct import *im, struct where at, struct err *err)
{
	return im->drafts < IMPORT_DRAFTS || err_at(err, at, "more than %d resources: name the groups that are the device's", IMPORT_DRAFTS);
}

/* ---- environments ---- */
/* resources: and drivers: are maps, or lists of maps. Calls f for each key, which stops at false. */
typedef bool each_fn(void *data, const struct conf *key, const struct conf *value, struct err *err);
static bool each(const struct conf *c, const char *what, each_fn *f, void *data, struct err *err)
{
	if (!c || (c->kind == CONF_SCALAR && !*c->text))
		return true;
	if (c->kind == CONF_SCALAR)
		return err_at(err, c->at, "%s: a map, or a list of maps", what);
	for (size_t i = 0; i < c->n; i++) {
		if (c->kind == CONF_MAP ? !f(data, c->key[i], c->item[i], err) : c->item[i]->kind != CONF_MAP)
			return err->kind != ERR_NONE ? false : err_at(err, c->item[i]->at, "%s: a map, or a list of maps", what);
		for (size_t n = 0; c->kind == CONF_LIST && n < c->item[i]->n; n++)
			if (!f(data, c->item[i]->key[n], c->item[i]->item[n], err))
				return false;
	}
	return true;
}

struct target {
	struct import *im;
	const char *name;
	bool only;                      /* the file has no other */
	int digital, supplies, drivers;
};

static const char *part_of(const struct target *t, const struct conf *map, const char *kind)
{
	const struct conf *name = conf_get(map, "name");

	if (name && name->kind == CONF_SCALAR && *name->text)
		return t->only ? name->text : arena_printf(t->im->a, "%.20s.%.20s", t->name, name->text);
	return strcmp(t->name, "main") ? t->name : !strcmp(kind, "serial") ? "console" : "main";
}

static bool count_resource(void *data, const struct conf *key, const struct conf *value, struct err *err)
{
	struct target *t = data;
	bool digital;

	(void)value;
	(void)err;
	(void)labgrid_kind(key->text, &digital);
	t->digital += digital;
	return true;
}

static bool count_driver(void *data, const struct conf *key, const struct conf *value, struct err *err)
{
	struct target *t = data;

	(void)value;
	(void)err;
	t->drivers++;
	t->supplies += !strcmp(key->text, "DigitalOutputPowerDriver");
	return true;
}

static bool one_resource(void *data, const struct conf *key, const struct conf *value, struct err *err)
{
	struct target *t = data;
	enum supply supply = t->supplies && t->digital == 1 ? SUPPLY_YES : t->drivers && !t->supplies ? SUPPLY_NO : SUPPLY_UNSAID;
	bool digital;

	if (!enough(t->im, key->at, err))
		return false;
	labgrid_resource(t->im, key, key->text, value, part_of(t, value, labgrid_kind(key->text, &digital)), supply);
	return true;
}

/* A command line without a shell; quotes would have to be read as Python's shlex reads them. */
static void command(struct draft *d, const struct conf *map, const char *key, const char *param)
{
	const char *text = draft_text(d, map, key, true), *words[32] = { NULL };
	char *rest, *word;
	size_t n = 0;

	if (text && draft_seems_secret(text))
		draft_lack(d, "%s seems to hold a secret: put it into a program of yours", key);
	else if (text && strpbrk(text, "'\"\\"))
		draft_lack(d, "%s has quoted words: write it as a list of words", key);
	if (!text || draft_seems_secret(text) || strpbrk(text, "'\"\\")) {
		draft_unknown(d, param);
		return;
	}
	rest = arena_strdup(d->im->a, text);
	while ((word = strsep(&rest, " \t\n")) && n < 31)
		if (*word)
			words[n++] = word;
	if (rest || !n)
		draft_lack(d, n ? "%s has more than 31 words" : "%s is empty", key);
	draft_words(d, param, words);
}

static bool one_driver(void *data, const struct conf *key, const struct conf *value, struct err *err)
{
	static const struct take_key keys[] = { { "cmd_on", NULL, TAKE_NOT, false }, { "cmd_off", NULL, TAKE_NOT, false },
						{ "cmd_cycle", NULL, TAKE_NOT, false }, { "delay", NULL, TAKE_NOT, false }, { 0 } };
	struct target *t = data;
	struct draft d;
	bool external = !strcmp(key->text, "ExternalPowerDriver");

	if (!external && strcmp(key->text, "ManualPowerDriver"))
		return true;
	if (!enough(t->im, key->at, err))
		return false;
	draft_begin(&d, t->im, key->at, key->text, "power", part_of(t, value, "power"), external ? "exec" : NULL);
	if (external) {
		command(&d, value, "cmd_on", "on");
		command(&d, value, "cmd_off", "off");
		draft_take(&d, value, keys);
	} else {
		draft_lack(&d, "a person switches; a bench needs a supply that it can switch");
	}
	draft_end(&d);
	return true;
}

bool labgrid_environment(struct import *im, const struct conf *file, struct err *err)
{
	const struct conf *targets = conf_get(file, "targets");

	if (!conf_is(targets, CONF_MAP, "targets", err))
		return false;
	for (size_t i = 0; i < targets->n; i++) {
		const struct conf *c = targets->item[i], *resources = conf_get(c, "resources"), *drivers = conf_get(c, "drivers");
		struct target t = { .im = im, .name = targets->key[i]->text, .only = targets->n == 1 };

		if (!conf_is(c, CONF_MAP, t.name, err))
			return false;
		if (import_wants(im, t.name) && (!each(resources, "resources", count_resource, &t, err) || !each(drivers, "drivers", count_driver, &t, err) ||
						 !each(resources, "resources", one_resource, &t, err) || !each(drivers, "drivers", one_driver, &t, err)))
			return false;
	}
	return true;
}

/* ---- exporters ---- */
bool labgrid_exporter(struct import *im, const struct conf *file, struct err *err)
{
	for (size_t i = 0; i < file->n; i++) {
		const struct conf *group = file->item[i];

		for (size_t k = 0; import_wants(im, file->key[i]->text) && k < group->n; k++) {
			const struct conf *r = group->item[k], *cls = conf_get(r, "cls");
			bool named = cls && cls->kind == CONF_SCALAR && *cls->text;

			if (!strcmp(group->key[k]->text, "location"))
				continue;
			if (!enough(im, group->key[k]->at, err))
				return false;
			labgrid_resource(im, group->key[k], named ? cls->text : group->key[k]->text, r,
					 named ? group->key[k]->text : file->key[i]->text, SUPPLY_UNSAID);
		}
	}
	return true;
}
