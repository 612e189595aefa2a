// SPDX-License-Identifier: Apache-2.0
// Reading decisions from a run folder that anyone may have written.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/review.h"
#include "harness/seal.h"

#define RUN_MAX ((size_t)4 << 20)

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- one entry's texts ---- */
bool review_id(const char *id)
{
	size_t n = strlen(id);

	if (n < 2 || n > 16 || !isupper((unsigned char)id[0]))
		return false;
	for (const char *p = id; *p; p++)
		if (!isupper((unsigned char)*p) && !isdigit((unsigned char)*p) && !strchr(".-", *p))
			return false;
	return !strstr(id, "..");
}

/* Printable UTF-8, without what could turn a line around or break it. */
static bool is_text(const char *s, size_t max)
{
	bool any = false;
	uint32_t c;

	if (strlen(s) > max)
		return false;
	while (*s) {
		if (!escape_next(&s, &c) || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f)
			return false;
		any |= c != ' ' && c != 0xa0 && c != 0x3000;
	}
	return any;
}

static bool is_reviewer(const char *s)
{
	const char *open = strstr(s, " <"), *at = open ? strchr(open, '@') : NULL, *close = at ? strchr(at, '>') : NULL;

	return is_text(s, REVIEW_WHO) && open && open > s && at > open + 2 && close && close > at + 1 && !close[1];
}

static bool is_decision(const char *word)
{
	static const char *const words[] = { "pass", "fail", "not-applicable", "open" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word && !strcmp(word, words[i]))
			return true;
	return false;
}

static bool good_word(const struct review_entry *e)
{
	return e->decide && (!strcmp(e->decide, "pass") || !strcmp(e->decide, "not-applicable"));
}

bool review_check(const struct review_entry *e, struct err *err)
{
	const char *expires = e->expires ? e->expires : "";
	bool waiver = e->what == REVIEW_WAIVER;

	if (!e->on || !review_id(e->on))
		return err_set(err, ERR_CONF, "'%.40s' is no id such as ER2-01, BT12-01 or G1.4", e->on ? e->on : "");
	if (!waiver && !is_decision(e->decide))
		return err_set(err, ERR_CONF, "decide: '%.40s' is not one of: pass, fail, not-applicable, open", e->decide ? e->decide : "");
	if (!e->reviewer || !is_reviewer(e->reviewer))
		return err_set(err, ERR_CONF, "%s: '%.80s' is not of the form \"Name <mail@example.org>\" (one line, at most %d bytes)",
			       waiver ? "who" : "reviewer", e->reviewer ? e->reviewer : "", REVIEW_WHO);
	if (!e->reason || !is_text(e->reason, REVIEW_TEXT))
		return err_set(err, ERR_CONF, "%s: say it in one line of at most %d bytes", waiver ? "why" : "reason", REVIEW_TEXT);
	if (!e->date || !date_valid(e->date))
		return err_set(err, ERR_CONF, "date: '%.40s' is not a day such as 2026-11-26", e->date ? e->date : "");
	if (*expires && !date_valid(expires))
		return err_set(err, ERR_CONF, "%s: '%.40s' is not a day such as 2027-11-26", waiver ? "until" : "expires", expires);
	if (!*expires && (waiver || good_word(e)))
		return err_set(err, ERR_CONF, "%s: %s holds until a day such as 2027-11-26", waiver ? "until" : "expires",
			       waiver ? "a waiver" : "such a decision");
	if (*expires && strcmp(expires, e->date) < 0)
		return err_set(err, ERR_CONF, "%s: %s lies before %s, the day it is dated", waiver ? "until" : "expires", expires, e->date);
	return true;
}

/* ---- one entry on disk ---- */
static bool is_entry(const json_t *j, json_int_t n, const char *run, struct err *err)
{
	bool waiver = !strcmp(text_of(j, "what"), "waiver");
	struct review_entry e = { .what = waiver ? REVIEW_WAIVER : REVIEW_DECISION, .on = text_of(j, "on"), .decide = text_of(j, "decide"),
				  .reviewer = text_of(j, "reviewer"), .date = text_of(j, "date"), .expires = text_of(j, "expires"),
				  .reason = text_of(j, "reason") };

	if (strcmp(text_of(j, "format"), REVIEW_FORMAT) || (!waiver && strcmp(text_of(j, "what"), "decision")) ||
	    !json_is_array(json_object_get(j, "files")) || json_array_size(json_object_get(j, "files")) > REVIEW_FILES)
		return err_set(err, ERR_BENCH, "not of the form " REVIEW_FORMAT);
	if (json_integer_value(json_object_get(j, "n")) != n)
		return err_set(err, ERR_BENCH, "it is not number %lld", (long long)n);
	if (strcmp(text_of(j, "run"), run))
		return err_set(err, ERR_BENCH, "it was decided on another run, '%.60s'", text_of(j, "run"));
	if (!review_check(&e, err)) {
		err->kind = ERR_BENCH;
		return false;
	}
	return true;
}

/* Why the documents of an entry do not bear it out; "" when they do. */
static void look_at_files(const char *dir, const json_t *entry, char *why, size_t n)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(entry, "files"), i, f) {
		CLEANUP(close_fd) int fd = -1;
		const char *path = text_of(f, "path");
		char hex[HASH_HEX];
		struct err err = { 0 };

		if (why[0])
			return;
		if (strncmp(path, "review/", 7) || !fs_open_below(dir, path, &fd, &err))
			snprintf(why, n, "its document %.200s is gone", path);
		else if (!hash_fd(fd, path, hex, &err) || strcmp(hex, text_of(f, "sha256")))
			snprintf(why, n, "its document %.200s was altered", path);
	}
}

static bool read_entry(const char *dir, unsigned i, const char *run, const char *prev, char ret_hex[static HASH_HEX], json_t **ret,
		       struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	char path[FS_PATH], name[32], trouble[300] = "";
	size_t n;

	snprintf(name, sizeof(name), "review/%04u.json", i);
	if (!fs_join(path, dir, name, err) || !fs_read(path, REVIEW_ENTRY_MAX, &text, &n, err))
		return false;
	j = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (!is_entry(j, i, run, err))
		return err_in(err, "%s", name);
	if (strcmp(text_of(j, "prev"), prev) || (!*prev && !json_is_null(json_object_get(j, "prev"))))
		return err_set(err, ERR_BENCH, "%s does not follow the entry before it", name);
	hash_text(text, n, ret_hex);
	look_at_files(dir, j, trouble, sizeof(trouble));
	json_object_set_new(j, "path", json_string(name));
	json_object_set_new(j, "sha256", json_string(ret_hex));
	json_object_set_new(j, "seal", json_string(""));
	json_object_set_new(j, "signer", json_string(""));
	json_object_set_new(j, "trouble", json_string(trouble));
	*ret = json_incref(j);
	return true;
}

/* ---- seals ---- */
static bool is_entry_name(const char *path)
{
	return !strncmp(path, "review/", 7) && !strchr(path + 7, '/') && strlen(path) > 12 && !strcmp(path + strlen(path) - 5, ".json");
}

/* Every entry that a seal lists is still there, with the bytes it had; and each entry learns its seal. */
static bool match_seals(const char *dir, json_t *entries, struct err *err)
{
	CLEANUP(free_json) json_t *seals = NULL;
	CLEANUP(free_json) json_t *by_path = json_object();
	size_t i, k;
	json_t *e, *seal, *f;

	if (!seal_list(dir, "review", &seals, err))
		return false;
	json_array_foreach(entries, i, e)
		json_object_set(by_path, text_of(e, "path"), e);
	json_array_foreach(seals, i, seal)
		json_array_foreach(json_object_get(seal, "files"), k, f) {
			const char *path = text_of(f, "path");

			if (!is_entry_name(path))
				continue;
			e = json_object_get(by_path, path);
			if (!e || strcmp(text_of(e, "sha256"), text_of(f, "sha256")))
				return err_set(err, ERR_BENCH, "%.80s, which %s lists, is %s", path, text_of(seal, "seal"), e ? "altered" : "gone");
			if (*text_of(e, "seal"))
				continue;
			json_object_set(e, "seal", json_object_get(seal, "seal"));
			json_object_set(e, "signer", json_object_get(seal, "signer"));
		}
	return true;
}

static bool run_id(const char *dir, char ret[static 128], struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];

	if (!fs_join(path, dir, "run.json", err) || !fs_read_json(path, RUN_MAX, &run, err))
		return false;
	snprintf(ret, 128, "%s", text_of(run, "id"));
	return true;
}

static bool is_there(const char *dir, unsigned i)
{
	char path[FS_PATH];
	struct err none = { 0 };

	snprintf(path, sizeof(path), "review/%04u.json", i);
	CLEANUP(close_fd) int fd = -1;
	return fs_open_below(dir, path, &fd, &none);
}

bool review_read(const char *dir, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *out = json_array();
	char run[128], prev[HASH_HEX] = "";
	unsigned i = 1;

	if (!run_id(dir, run, err))
		return false;
	for (; is_there(dir, i); i++) {
		json_t *e = NULL;

		if (i > REVIEW_ENTRIES)
			return err_set(err, ERR_LIMIT, "%s: more than %d decisions", dir, REVIEW_ENTRIES);
		if (!read_entry(dir, i, run, prev, prev, &e, err))
			return false;
		json_array_append_new(out, e);
	}
	if (!match_seals(dir, out, err))
		return false;
	*ret = json_incref(out);
	return true;
}
