// SPDX-License-Identifier: Apache-2.0
// Is a run folder still what its seals say?
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/journal.h"
#include "harness/seal.h"
#include "harness/seal_in.h"
#include "harness/sign.h"

#define RUN_MAX ((size_t)4 << 20)

struct check {
	const char *dir, *key;
	void (*fault)(enum seal_fault f, const char *what, void *data);
	void *data;
	struct seal_report *r;
	unsigned pinned;
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void found(struct check *c, enum seal_fault f, const char *what)
{
	c->r->faults++;
	c->fault(f, what, c->data);
}

/* ---- lists of files ---- */
static json_t *by_path(const json_t *files)
{
	json_t *out = json_object(), *f;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)files, i, f)
		json_object_set(out, text_of(f, "path"), f);
	return out;
}

/* sealed against there */
static void compare(struct check *c, const json_t *sealed, const json_t *there)
{
	json_t *want = by_path(sealed), *have = by_path(there), *f;
	const char *path;

	json_object_foreach(want, path, f) {
		json_t *now = json_object_get(have, path);

		c->r->files++;
		if (!now)
			found(c, SEAL_MISSING, path);
		else if (!json_equal(now, f))
			found(c, SEAL_ALTERED, path);
	}
	json_object_foreach(have, path, f)
		if (!json_object_get(want, path))
			found(c, SEAL_ADDED, path);
	json_decref(want);
	json_decref(have);
}

/* The journal's first bytes, as many as an earlier seal saw, must still hash to what it saw. */
static bool still_begins_with(const struct check *c, const json_t *sealed)
{
	char path[FS_PATH], hex[HASH_HEX];
	struct err err = { 0 };

	return fs_join(path, c->dir, "journal.jsonl", &err) &&
	       hash_begin(path, (uint64_t)json_integer_value(json_object_get(sealed, "size")), hex, &err) && !strcmp(hex, text_of(sealed, "sha256"));
}

/* An earlier seal of the run: evidence stays, the journal only grows. */
static void compare_earlier(struct check *c, const json_t *earlier, const json_t *later)
{
	json_t *now = by_path(later), *f;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)earlier, i, f) {
		const char *path = text_of(f, "path");
		const json_t *then = json_object_get(now, path);

		if (!strcmp(path, "run.json"))
			continue;
		if (!strcmp(path, "journal.jsonl") ? !still_begins_with(c, f) : then && !json_equal(then, f))
			found(c, SEAL_ALTERED, path);
		else if (!then)
			found(c, SEAL_MISSING, path);
	}
	json_decref(now);
}

/* ---- seals ---- */
/* Signed when it says so, and by whom it says; a seal that names nobody has no signature. */
static void check_signature(struct check *c, const char *name, const char *signer)
{
	char path[FS_PATH], sig[40], by[HASH_HEX] = "";
	bool ok, pinned;
	struct err err = { 0 };

	snprintf(sig, sizeof(sig), "%s.sig", name);
	if (!*signer && seal_has(c->dir, sig))
		found(c, SEAL_ADDED, sig);
	if (!*signer) {
		if (c->key)
			found(c, SEAL_SIGNATURE, name);
		return;
	}
	if (!seal_has(c->dir, sig)) {
		found(c, SEAL_MISSING, sig);
		return;
	}
	if (!fs_join(path, c->dir, name, &err) || !sign_check(path, c->key, &ok, &pinned, by, &err) || !ok || strcmp(by, signer) != 0 ||
	    (c->key && !pinned)) {
		found(c, SEAL_SIGNATURE, sig);
		return;
	}
	memcpy(c->r->signer, by, sizeof(by));
	c->r->signatures++;
	c->pinned += pinned ? 1 : 0;
}

static bool follows(const struct check *c, const json_t *seal, unsigned i, const char *run)
{
	struct err err = { 0 };
	json_t *prev = seal_prev(c->dir, i, &err);
	bool same = prev && json_equal(prev, json_object_get(seal, "prev")) && !strcmp(text_of(seal, "run"), run) &&
		    (i > 0 || !strcmp(text_of(seal, "what"), "run"));

	json_decref(prev);
	return same;
}

static enum seal_kind kind_of(const json_t *seal)
{
	enum seal_kind k = SEAL_RUN;

	while (k + 1 < SEAL_KINDS && strcmp(text_of(seal, "what"), seal_kind_name[k]) != 0)
		k++;
	return k;
}

/* Walks the chain; the newest list of each kind goes to `newest` (borrowed from `seals`). */
static void check_chain(struct check *c, const char *run, json_t *seals, const json_t *newest[static SEAL_KINDS])
{
	unsigned n = seal_count(c->dir);

	for (unsigned i = 0; i < n; i++) {
		json_t *s = NULL, *files;
		char name[32];
		struct err err = { 0 };
		enum seal_kind kind;

		seal_name(name, i);
		if (!seal_get(c->dir, i, &s, &err)) {
			found(c, SEAL_BROKEN, name);
			continue;
		}
		json_array_append_new(seals, s);
		if (!follows(c, s, i, run))
			found(c, SEAL_BROKEN, name);
		check_signature(c, name, text_of(s, "signer"));
		kind = kind_of(s);
		files = json_object_get(s, "files");
		if (kind != SEAL_REPORT && newest[kind])
			compare_earlier(c, newest[kind], files);
		newest[kind] = files;
		c->r->seals++;
	}
}

/* ---- the whole ---- */
static void odd_name(const char *path, void *data)
{
	found(data, SEAL_ADDED, path);
}

/* Links, sockets, devices: no evidence is one. */
static bool odd_file(const char *rel, void *data, struct err *err)
{
	(void)err;
	found(data, SEAL_ADDED, rel);
	return true;
}

bool seal_verify(const char *dir, const char *key, void (*fault)(enum seal_fault f, const char *what, void *data), void *data,
		 struct seal_report *ret, struct err *err)
{
	CLEANUP(free_json) json_t *seals = json_array();
	CLEANUP(free_json) json_t *empty = json_array();
	CLEANUP(free_json) json_t *there = json_array();
	CLEANUP(free_json) json_t *run = NULL;
	const json_t *newest[SEAL_KINDS] = { NULL };
	struct check c = { dir, key, fault, data, ret, 0 };
	struct err broken = { 0 };
	char path[FS_PATH];

	*ret = (struct seal_report){ 0 };
	for (enum seal_kind k = SEAL_RUN; k < SEAL_KINDS; k++) {
		json_t *files;

		if (!seal_files(dir, k, odd_name, &c, &files, err))
			return false;
		json_array_append_new(there, files);
	}
	if (!json_array_size(json_array_get(there, SEAL_RUN)))
		return err_set(err, ERR_CONF, "%s: no run folder", dir);
	if (fs_join(path, dir, "run.json", &broken))
		(void)!fs_read_json(path, RUN_MAX, &run, &broken);      /* one that is gone is missed below */
	check_chain(&c, text_of(run, "id"), seals, newest);
	if (!newest[SEAL_RUN])
		found(&c, SEAL_MISSING, "MANIFEST.json: nothing says what this folder held");
	for (enum seal_kind k = SEAL_RUN; k < SEAL_KINDS; k++)
		if (newest[k] || k != SEAL_RUN)
			compare(&c, newest[k] ? newest[k] : empty, json_array_get(there, k));
	if (!fs_walk_odd(dir, odd_file, &c, err))
		return false;
	/* a campaign has no journal of its own; that of a run is missed by its seal, too */
	if (!json_is_array(json_object_get(run, "runs")) && !journal_each(dir, NULL, NULL, &broken))
		found(&c, SEAL_BROKEN, broken.text);
	ret->pinned = ret->seals > 0 && c.pinned == ret->seals;
	return true;
}
