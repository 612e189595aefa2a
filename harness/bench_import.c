// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_import.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/bench_draft.h"
#include "harness/bench_print.h"

static const char neither[] = "neither a labgrid environment (targets:) or exporter file (GROUP: CLASS: parameters), nor a pdudaemon "
			      "configuration (JSON with \"pdus\")";

/* ---- reading ---- */
static struct where at_byte(const char *path, const char *text, const char *p)
{
	struct where at = { path, 1, 1 };

	for (; text < p; text++) {
		at.col = *text == '\n' ? 1 : at.col + 1;
		at.line += *text == '\n';
	}
	return at;
}

static const char *first_of(const char *text, size_t n)
{
	const char *end = text + n;

	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	while (text < end && isspace((unsigned char)*text))
		text++;
	return text;
}

/* JSON by jansson's word on it; the tree, which has positions, by the YAML reader, since JSON is YAML. */
static bool is_json(const char *path, const char *text, size_t n, struct err *err)
{
	const char *first = first_of(text, n);
	json_error_t e;
	json_t *j;

	if (n > CONF_MAX_BYTES)
		return true;            /* the reader says so */
	j = json_loadb(first, n - (size_t)(first - text), JSON_REJECT_DUPLICATES, &e);
	if (j) {
		json_decref(j);
		return true;
	}
	/* its "near ..." may repeat a password */
	return err_at(err, at_byte(path, text, first + (e.position > 0 && (size_t)e.position <= n ? e.position - 1 : 0)), "no JSON: %.*s",
		      (int)(strstr(e.text, " near ") ? strstr(e.text, " near ") - e.text : (long)strlen(e.text)), e.text);
}

static bool read_file(struct arena *a, const char *path, const char *text, size_t n, const struct conf **ret, struct err *err)
{
	const char *first = first_of(text, n);
	bool json = first < text + n && *first == '{' && (first + 1 == text + n || first[1] != '{');

	if (json && !is_json(path, text, n, err))
		return false;
	if (conf_parse_foreign(a, path, text, n, ret, err))
		return true;
	if (memmem(text, n, "{{", 2) || memmem(text, n, "{%", 2))
		snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text), "; the file holds templates (Jinja2): render it first");
	return false;
}

/* A comment to YAML, a statement to labgrid-exporter: read without it the file would say something else. */
static bool no_statement(const char *path, const char *text, size_t n, struct err *err)
{
	static const char *const word[] = { "for", "endfor", "if", "elif", "else", "endif", "set", "macro", "include", "import", NULL };
	const char *end = text + n;

	for (const char *line = text, *next; line < end; line = next) {
		const char *p = line, *nl = memchr(line, '\n', (size_t)(end - line));

		next = nl ? nl + 1 : end;
		while (p < next && (*p == ' ' || *p == '\t'))
			p++;
		if (p == next || *p != '#')
			continue;
		for (p++; p < next && (*p == ' ' || *p == '\t'); p++)
			;
		for (const char *const *w = word; *w; w++)
			if ((size_t)(next - p) > strlen(*w) && !strncmp(p, *w, strlen(*w)) && isspace((unsigned char)p[strlen(*w)]))
				return err_at(err, at_byte(path, text, p), "'# %s' is a statement to labgrid-exporter (Jinja2): render the file first", *w);
	}
	return true;
}

/* ---- which of the three ---- */
typedef bool form_fn(struct import *im, const struct conf *file, struct err *err);

/* Groups of maps, and at least one class of resources. */
static bool exporter_like(const struct conf *file)
{
	bool found = false, digital;

	for (size_t i = 0; i < file->n; i++) {
		const struct conf *group = file->item[i];

		if (group->kind != CONF_MAP)
			return false;
		for (size_t k = 0; k < group->n; k++)
			found |= strcmp(labgrid_kind(group->key[k]->text, &digital), "none") || conf_get(group->item[k], "cls") ||
				 (group->item[k]->kind == CONF_MAP && isupper((unsigned char)group->key[k]->text[0]));
	}
	return found;
}

static form_fn *form_of(const struct conf *file)
{
	if (conf_get(file, "pdus"))
		return pdudaemon_config;
	if (conf_get(file, "targets"))
		return labgrid_environment;
	return file->kind == CONF_MAP && exporter_like(file) ? labgrid_exporter : NULL;
}

static bool has_name(const struct conf *file, const char *name)
{
	if (conf_get(file, "pdus"))
		return conf_get(conf_get(file, "pdus"), name) || conf_get(conf_get(file, "aliases"), name);
	return conf_get(conf_get(file, "targets") ? conf_get(file, "targets") : file, name);
}

static bool names_known(const struct conf *file, const char *const *only, struct err *err)
{
	for (; only && *only; only++)
		if (!has_name(file, *only))
			return err_at(err, file->at, "there is no '%.60s': name a %s", *only,
				      conf_get(file, "pdus") ? "PDU or an alias" : conf_get(file, "targets") ? "target" : "group");
	return true;
}

/* ---- the bench ---- */
static void head(FILE *out, const char *path, const char *only)
{
	const char *base = strrchr(path, '/'), *from = only ? only : base ? base + 1 : path;
	char name[41];
	size_t n = 0;

	for (; *from && n < sizeof(name) - 1 && (only || *from != '.'); from++)
		if (isalnum((unsigned char)*from) || (n && strchr("-_", *from)))
			name[n++] = *from;
	name[n] = '\0';
	bench_print_head(out, "Lines to choose from. A bench is one device's: keep those that are wired to it; jusan bench check qualifies them.",
			 n ? name : "my-bench", "[]   # addresses of the device, which no such file says: nothing else is ever a target");
}

static bool import(struct arena *a, const char *path, const char *text, size_t n, const char *const *only, FILE *out, struct err *err)
{
	CLEANUP(free_json) json_t *names = json_object();
	CLEANUP(free_ptr) char *printed = NULL;
	struct import im = { .a = a, .only = only, .names = names };
	const struct conf *file = NULL;
	size_t n_printed = 0;
	form_fn *form;
	bool ok;

	if (!read_file(a, path, text, n, &file, err))
		return false;
	form = form_of(file);
	if (!form)
		return err_at(err, file->at, "%s", neither);
	if (form == pdudaemon_config && *first_of(text, n) != '{')
		return err_at(err, file->at, "pdudaemon reads JSON only, and this is none");
	if ((form == labgrid_exporter && !no_statement(path, text, n, err)) || !names_known(file, only, err))
		return false;
	im.out = open_memstream(&printed, &n_printed);
	if (!im.out)
		return err_sys(err, "memory");
	head(im.out, path, only ? *only : NULL);
	ok = form(&im, file, err);
	if (!im.power)
		fputs("  # No line power.NAME was found: a bench needs one.\n", im.out);
	free(im.lines);
	ok = (fclose(im.out) == 0 || err_sys(err, "memory")) && ok;
	return ok && (fwrite(printed, 1, n_printed, out) == n_printed || err_sys(err, "output"));
}

bool bench_import(const char *path, const char *text, size_t n, const char *const *only, FILE *out, struct err *err)
{
	CLEANUP(arena_free) struct arena a = { 0 };

	if (import(&a, path, text, n, only, out, err))
		return true;
	if (err->at.file)
		err->at.file = path;    /* not its copy, which ends here */
	return false;
}
