// SPDX-License-Identifier: Apache-2.0
// What device.yaml and bench.yaml declare to be secret or personal, with the values of this run.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/folder.h"
#include "harness/plan.h"
#include "harness/redact_in.h"
#include "harness/secret.h"
#include "harness/session.h"

#define TEXT_MAX ((size_t)4 << 20)

struct gather { const struct session *s; struct redact_words *w; const char *place; };

/* ---- the run's own: markers and `secrets` ---- */
static bool add_word(const struct gather *g, const char *what, const char *name, const char *kind, struct err *err)
{
	char word[96], buf[1024];
	const char *value;

	snprintf(word, sizeof(word), "%s.%.70s", what, name);
	value = session_word(word, buf, sizeof(buf), (void *)(uintptr_t)g->s);
	return !value || redact_word_add(g->w, word, kind, value, err);
}

/* canary: {all: [..], personal: [..], secret: [..]}: personal first, for that is what is said of it. */
static bool canaries(const struct gather *g, const json_t *device, struct err *err)
{
	static const char *const kinds[] = { "personal", "secret", NULL };
	const json_t *all = json_object_get(device, "canary"), *list;
	const char *key;
	size_t i;
	json_t *v, *entry;

	for (const char *const *k = kinds; *k; k++) {
		list = json_object_get(all, *k);
		json_array_foreach((json_t *)(uintptr_t)list, i, v)
			if (json_is_string(v) && !add_word(g, "canary", json_string_value(v), *k, err))
				return false;
	}
	json_object_foreach((json_t *)(uintptr_t)all, key, entry)
		json_array_foreach(entry, i, v)
			if (json_is_string(v) && !add_word(g, "canary", json_string_value(v), "marker", err))
				return false;
	return true;
}

/* ${canary.X} that no list names is put into the device all the same. */
static bool mentioned(const struct gather *g, const char *text, struct err *err)
{
	for (const char *at = text; (at = strstr(at, "${canary.")); at++) {
		char name[64];
		size_t n = strspn(at + 9, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

		if (n && n < sizeof(name) && at[9 + n] == '}') {
			snprintf(name, sizeof(name), "%.*s", (int)n, at + 9);
			if (!add_word(g, "canary", name, "marker", err))
				return false;
		}
	}
	return true;
}

static bool secrets(const struct gather *g, const json_t *device, struct err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach(json_object_get(device, "secrets"), name, v)
		if (!add_word(g, "secret", name, "secret", err))
			return false;
	return true;
}

/* ---- what stands in the files ---- */
static bool is_credential(const char *key)
{
	static const char *const keys[] = { "secret", "password", "psk", "passphrase", NULL };

	for (const char *const *k = keys; *k; k++)
		if (!strcmp(key, *k))
			return true;
	return false;
}

/* Not ${secret.user}, not declared.X, which lead to one. */
static bool is_itself(const char *text)
{
	return *text && !strstr(text, "${") && strncmp(text, "declared.", 9) && strncmp(text, "each.", 5) && strncmp(text, "limit.", 6);
}

/* A text under such a key, when it is one itself and not a reference to one. */
static bool credentials(const struct gather *g, const char *key, const json_t *v, const char *path, struct err *err)
{
	char below[96];
	const char *k;
	size_t i;
	json_t *c;

	if (json_is_string(v) && is_credential(key) && is_itself(json_string_value(v)))
		return redact_word_add(g->w, path, "credential", json_string_value(v), err);
	json_object_foreach((json_t *)(uintptr_t)v, k, c) {
		snprintf(below, sizeof(below), "%.60s.%.30s", path, k);
		if (!credentials(g, k, c, below, err))
			return false;
	}
	json_array_foreach((json_t *)(uintptr_t)v, i, c) {
		snprintf(below, sizeof(below), "%.70s[%zu]", path, i);
		if (!credentials(g, "", c, below, err))
			return false;
	}
	return true;
}

/* Sections of device.yaml whose texts are tables of the declaration, not inputs of the bench. */
static bool all_credentials(const struct gather *g, const json_t *device, struct err *err)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)device, key, v)
		if (strcmp(key, "secrets") && strcmp(key, "ixit") && strcmp(key, "ics") && strcmp(key, "canary") && !credentials(g, key, v, key, err))
			return false;
	return true;
}

/* {file: F} or {env: E} of a bench line. A run masks it wherever it speaks; what can be read here is looked for besides. */
static bool bench_secret(const struct gather *g, const char *path, const json_t *v, struct err *err)
{
	char buf[SECRET_MAX];
	const char *k;
	char below[96];
	struct err none = { 0 };
	json_t *c;

	if (json_object_size(v) == 1 && (json_object_get(v, "file") || json_object_get(v, "env")) &&
	    json_is_string(json_object_iter_value(json_object_iter((json_t *)(uintptr_t)v))))
		return !secret_read(v, buf, sizeof(buf), &none) || redact_word_add(g->w, path, "bench secret", buf, err);
	json_object_foreach((json_t *)(uintptr_t)v, k, c) {
		snprintf(below, sizeof(below), "%.60s.%.30s", path, k);
		if (!bench_secret(g, below, c, err))
			return false;
	}
	return true;
}

static bool input_text(const char *dir, const char *name, char **ret, struct err *err)
{
	char path[FS_PATH];
	size_t n;

	return fs_join(path, dir, name, err) && fs_read(path, TEXT_MAX, ret, &n, err);
}

bool redact_declared(const char *dir, const json_t *run, const struct redact_options *o, struct redact_words *w, struct err *err)
{
	CLEANUP(free_ptr) struct session *s = calloc(1, sizeof(*s));
	CLEANUP(free_ptr) struct plan *p = calloc(1, sizeof(*p));
	CLEANUP(free_ptr) char *text = NULL;
	struct gather g = { s, w, "" };
	struct plan_input in = { .bench = NULL };
	struct arena a = { 0 };
	bool ok;

	(void)o;
	if (!s || !p)
		return err_set(err, ERR_OS, "out of memory");
	folder_inputs(dir, &in);
	in.unit = (int)json_integer_value(json_object_get(run, "unit"));
	s->plan = p;
	s->seed = (uint64_t)json_integer_value(json_object_get(run, "seed"));
	s->unit = in.unit ? in.unit : 1;
	ok = plan_load_bench(&a, &in, NULL, NULL, p, err) && canaries(&g, p->device.json, err) && secrets(&g, p->device.json, err) &&
	     input_text(dir, "inputs/device.yaml", &text, err) && mentioned(&g, text, err) && all_credentials(&g, p->device.json, err) &&
	     bench_secret(&g, "bench", p->bench.json, err) && redact_factory(dir, p->device.json, w, err);
	plan_done(p);
	arena_free(&a);
	return ok;
}
