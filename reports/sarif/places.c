/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/read/lines.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"
#include "reports/sarif/sarif.h"

#define PATH_MAX_BYTES 255
#define BASE "RUN"                      /* of all URIs: the run folder, wherever it lies */

struct places {
	const struct result *r;
	struct evidence *e;
	struct lines *l;
	json_t *sealed, *artifacts, *index;     /* index: path -> number of its artifact */
};

struct places *places_open(const struct result *r)
{
	struct places *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->r = r;
	p->e = evidence_open(r->dir, r->verdicts);
	p->l = lines_open(p->e);
	p->sealed = sealed_files(r->dir);
	p->artifacts = json_array();
	p->index = json_object();
	return p;
}

struct places *places_close(struct places *p)
{
	lines_close(p->l);
	evidence_close(p->e);
	json_decref(p->sealed);
	json_decref(p->artifacts);
	json_decref(p->index);
	free(p);
	return NULL;
}

/* A path that stays below the run folder, as a relative URI. */
static bool to_uri(const char *path, char *ret, size_t size)
{
	size_t n = 0, len = strlen(path);

	if (!len || len > PATH_MAX_BYTES || *path == '/' || !strcmp(path, "..") || !strncmp(path, "../", 3) || strstr(path, "/../") ||
	    (len > 2 && !strcmp(path + len - 3, "/..")) || strstr(path, "//") || path[len - 1] == '/')
		return false;
	for (; *path && n + 4 < size; path++) {
		unsigned char c = (unsigned char)*path;

		if (isascii(c) && (isalnum(c) || strchr("-._~/", c)))
			ret[n++] = (char)c;
		else
			n += (size_t)snprintf(ret + n, size - n, "%%%02X", c);
	}
	ret[n] = '\0';
	return true;
}

static bool is_sha256(const char *hex)
{
	return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

/* ---- artifacts ---- */
static const char *role_of(const char *path)
{
	return strncmp(path, "inputs/", 7) ? "resultFile" : "userSpecifiedConfiguration";
}

static json_int_t artifact_of(struct places *p, const char *path, const char *uri)
{
	const json_t *known = json_object_get(p->index, path), *seal = json_object_get(p->sealed, path);
	int64_t size = evidence_use(p->e, path);
	json_int_t n = (json_int_t)json_array_size(p->artifacts);
	json_t *a;

	if (known)
		return json_integer_value(known);
	a = json_pack("{s:{s:s,s:s},s:[s]}", "location", "uri", uri, "uriBaseId", BASE, "roles", role_of(path));
	if (size >= 0)
		json_object_set_new(a, "length", json_integer(size));
	if (is_sha256(get_text(seal, "sha256")))
		json_object_set_new(a, "hashes", json_pack("{s:s}", "sha-256", get_text(seal, "sha256")));
	json_array_append_new(p->artifacts, a);
	json_object_set_new(p->index, path, json_integer(n));
	return n;
}

/* What was tested, when its hash is declared, and what it was tested with. */
static void add_inputs(struct places *p)
{
	const char *hash = get_text(json_object_get(p->r->verdicts, "run"), "firmware_sha256"), *path;
	json_t *seal;
	char uri[4 * PATH_MAX_BYTES];

	if (is_sha256(hash))
		json_array_append_new(p->artifacts, json_pack("{s:{s:s},s:{s:s},s:[s]}", "description", "text", "Firmware image of the device.",
							      "hashes", "sha-256", hash, "roles", "analysisTarget"));
	json_object_foreach(p->sealed, path, seal)
		if ((!strncmp(path, "inputs/", 7) || !strcmp(path, "run.json") || !strcmp(path, "journal.jsonl")) &&
		    to_uri(path, uri, sizeof(uri)))
			artifact_of(p, path, uri);
}

json_t *places_artifacts(struct places *p)
{
	add_inputs(p);
	return json_incref(p->artifacts);
}

/* ---- regions ---- */
static bool is_binary(const char *path)
{
	static const char *const ends[] = { ".bin", ".img", ".pcapng", ".idx", ".gz", ".xz", ".zst", NULL };
	size_t n = strlen(path);

	for (const char *const *e = ends; *e; e++)
		if (n > strlen(*e) && !strcmp(path + n - strlen(*e), *e))
			return true;
	return false;
}

/* Bytes, and lines beside them where the file has lines. Nothing is claimed of bytes that the file does not have. */
static json_t *region_of_bytes(struct places *p, const char *path, int64_t off, int64_t len)
{
	int64_t size = evidence_use(p->e, path), first, last;
	json_t *g;

	if (size < 0)           /* of another unit's folder: nothing to compare with */
		size = INT32_MAX;
	if (off < 0 || len <= 0 || off >= size || len > size - off)
		return NULL;
	g = json_pack("{s:I,s:I}", "byteOffset", (json_int_t)off, "byteLength", (json_int_t)len);
	if (is_binary(path) || !(first = lines_at(p->l, path, off)))
		return g;
	last = lines_at(p->l, path, off + len - 1);
	json_object_set_new(g, "startLine", json_integer(first));
	if (last > first)
		json_object_set_new(g, "endLine", json_integer(last));
	return g;
}

/* Path and region of a pointer. */
static bool resolve(struct places *p, const json_t *at, char *path, size_t size, json_t **ret_region)
{
	const char *capture = get_text(at, "capture"), *file = get_text(at, "file");
	const struct evidence_frame *f;

	*ret_region = NULL;
	snprintf(path, size, "%s", *capture ? capture : file);
	if (strlen(capture) >= size || strlen(file) >= size)
		return false;
	if (*capture) {
		f = evidence_frame(p->e, capture, get_int(at, "frame"));
		if (f && f->off >= 0 && f->stored)
			*ret_region = region_of_bytes(p, path, f->off, (int64_t)f->stored);
		return true;
	}
	if (*file) {
		*ret_region = region_of_bytes(p, path, get_int(at, "off"), get_int(at, "len"));
		return true;
	}
	if (!json_is_integer(json_object_get(at, "journal")))
		return false;
	if (json_object_get(at, "unit"))
		snprintf(path, size, "unit%" JSON_INTEGER_FORMAT "/journal.jsonl", (json_int_t)get_int(at, "unit"));
	else
		snprintf(path, size, "journal.jsonl");
	if (get_int(at, "journal") > 0 && get_int(at, "journal") <= INT32_MAX)          /* record n stands in line n */
		*ret_region = json_pack("{s:I}", "startLine", (json_int_t)get_int(at, "journal"));
	return true;
}

static json_t *physical(struct places *p, const char *path, const char *uri, json_t *region)
{
	json_t *o = json_pack("{s:{s:s,s:s,s:I}}", "artifactLocation", "uri", uri, "uriBaseId", BASE, "index", artifact_of(p, path, uri));

	if (region)
		json_object_set_new(o, "region", region);
	return o;
}

json_t *places_of(struct places *p, const json_t *at, const char *said)
{
	char path[PATH_MAX_BYTES + 1], uri[4 * PATH_MAX_BYTES], pointer[600];
	json_t *region, *o;

	if (!resolve(p, at, path, sizeof(path), &region) || !to_uri(path, uri, sizeof(uri))) {
		json_decref(region);
		return NULL;
	}
	o = json_pack("{s:o,s:{s:o}}", "physicalLocation", physical(p, path, uri, region), "properties", "pointer",
		      shown(pointer_text(at, pointer, sizeof(pointer)), sizeof(pointer)));
	if (*said)
		json_object_set_new(o, "message", sarif_message(said));
	return o;
}

json_t *places_suite(struct places *p, const json_t *test)
{
	char path[PATH_MAX_BYTES + 1], uri[4 * PATH_MAX_BYTES];
	int64_t line = get_int(test, "line");

	if (strlen(get_text(test, "file")) > PATH_MAX_BYTES - 8)
		return NULL;
	snprintf(path, sizeof(path), "inputs/%s", get_text(test, "file"));
	if (!to_uri(path, uri, sizeof(uri)) || evidence_use(p->e, path) < 0)
		return NULL;
	return json_pack("{s:o,s:o}", "physicalLocation", physical(p, path, uri, line > 0 && line <= INT32_MAX ? json_pack("{s:I}", "startLine", (json_int_t)line) : NULL),
			 "message", sarif_message("The test is written here."));
}
