/* SPDX-License-Identifier: Apache-2.0
 *
 * update.c - offers the device an update: the maker's genuine image or a spoilt copy, with a manifest that fits it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/probe.h"
#include "probes/update/manifest.h"
#include "probes/update/mutant.h"

enum { IMAGE_MAX_BYTES = 256 << 20, SIDE_MAX = 65536 };

struct published { char image[FS_PATH], manifest[FS_PATH]; };

/* An offer ends with the part of the test it was made in: later tests must not be updated by surprise. */
static void withdraw(struct step *st, void *data)
{
	struct published *p = data;

	(void)st;
	unlink(p->manifest);
	unlink(p->image);
	free(p);
}

/* Only the run's own folders may be written. */
static bool own_folder(const struct step *st, const char *into, struct err *err)
{
	const char *of[] = { step_work_dir(st), step_run_dir(st) };

	for (int i = 0; i < 2; i++)
		if (!strncmp(into, of[i], strlen(of[i])) && into[strlen(of[i])] == '/' && !strstr(into, "/.."))
			return fs_mkdirs(into, err);
	return err_set(err, ERR_CONF, "into: '%s' lies outside the run's folders; use ${work}/...", into);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The name the image is fetched under: the last part of the manifest's URL, else of the image's own path. */
static void image_name(const char *manifest, const char *image, char *buf, size_t n)
{
	CLEANUP(free_json) json_t *j = json_loads(manifest, 0, NULL);
	const char *url = json_string_value(json_object_get(j, "url"));

	snprintf(buf, n, "%s", last_part(url ? url : image));
}

static bool make_manifest(struct step *st, const struct offer *offer, const char *image, char **ret, struct err *err)
{
	const char *template = step_text(st, "manifest");
	CLEANUP(free_ptr) char *text = NULL;
	char path[FS_PATH];
	size_t n;

	if (template[0] && template[0] != '/')
		return manifest_fill(template, offer, ret, err);
	if (template[0]) {
		if (!fs_read(template, SIDE_MAX, &text, &n, err))
			return false;
		return manifest_fill(text, offer, ret, err);
	}
	if (snprintf(path, sizeof(path), "%s.json", image) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "image: path too long");
	return fs_read(path, SIDE_MAX, &text, &n, err) && manifest_refit(text, offer, ret, err);
}

static bool put(struct step *st, const uint8_t *image, size_t n, const char *manifest, const char *name, struct err *err)
{
	struct published *p = calloc(1, sizeof(*p));
	const char *into = step_text(st, "into");

	if (!p)
		return err_set(err, ERR_OS, "out of memory");
	if (!fs_join(p->image, into, name, err) || !fs_join(p->manifest, into, step_text(st, "manifest_name"), err) ||
	    !fs_write(p->image, image, n, err) || !fs_write(p->manifest, manifest, strlen(manifest), err)) {
		free(p);
		return false;
	}
	step_at_finish(st, withdraw, p);
	return true;
}

static bool keep_copy(struct step *st, const uint8_t *p, size_t n, const char *sha256, struct err *err)
{
	char name[96], dir[FS_PATH], path[FS_PATH];

	snprintf(name, sizeof(name), "evidence/update-%.16s.img", sha256);
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(path, step_run_dir(st), name, err) || !fs_write(path, p, n, err))
		return false;
	step_at_bytes(st, name, 0, (int64_t)n);
	return true;
}

static bool offer_image(struct step *st, const uint8_t *image, size_t n, struct err *err)
{
	const char *path = step_text(st, "image"), *mutant = step_text(st, "mutant");
	const char *url = step_has(st, "url") ? step_text(st, "url") : NULL;
	CLEANUP(free_ptr) char *manifest = NULL;
	char hex[HASH_HEX], name[128];
	struct offer offer = { .size = n, .sha256 = hex, .url = url, .without_signature = !strcmp(mutant, "unsigned") };

	hash_text(image, n, hex);
	if (step_text(st, "manifest")[0] && step_has(st, "version"))
		offer.version = step_text(st, "version");
	if (!make_manifest(st, &offer, path, &manifest, err))
		return false;
	image_name(manifest, url ? url : path, name, sizeof(name));
	if (!name[0] || name[0] == '.')
		return err_set(err, ERR_CONF, "url: it must end in a file name");
	if (!put(st, image, n, manifest, name, err) ||
	    !keep_copy(st, image, n, hex, err))
		return false;
	fact_text(st, "sha256", hex);
	fact_int(st, "size", (int64_t)n);
	fact_text(st, "manifest", manifest);
	step_scope_text(st, "%s, %s: %zu bytes, SHA-256 %.16s", last_part(path), mutant, n, hex);
	return true;
}

static bool publish(struct step *st, struct err *err)
{
	CLEANUP(free_ptr) char *image = NULL;
	CLEANUP(free_ptr) uint8_t *spoilt = NULL;
	size_t n, spoilt_n;

	return own_folder(st, step_text(st, "into"), err) && fs_read(step_text(st, "image"), IMAGE_MAX_BYTES, &image, &n, err) &&
	       mutant_make(step_text(st, "mutant"), (uint8_t *)image, n, (size_t)step_int(st, "signature"), step_rng(st), &spoilt,
			   &spoilt_n, err) &&
	       offer_image(st, spoilt, spoilt_n, err);
}

static const struct param publish_params[] = {
	{ "image", VALUE_TEXT, .need = true, .doc = "file of a valid image; IMAGE.json beside it is its manifest" },
	{ "mutant", VALUE_ENUM, .words = mutant_names, .fallback = "none", .doc = "how it is spoilt" },
	{ "into", VALUE_TEXT, .need = true, .doc = "folder the update server serves, below the run's own" },
	{ "manifest", VALUE_TEXT, .fallback = "", .doc = "template with @size@ @sha256@ @version@ @url@, or a file's absolute path; "
							  "empty: IMAGE.json, made to fit" },
	{ "manifest_name", VALUE_TEXT, .fallback = "manifest.json", .doc = "what the manifest is called there" },
	{ "version", VALUE_TEXT, .doc = "for the template" },
	{ "url", VALUE_TEXT, .doc = "where the device is told to fetch the image; absent: as IMAGE.json says" },
	{ "signature", VALUE_INT, .min = 1, .max = 65536, .unit = "bytes", .fallback = "64", .doc = "signature at the image's end" },
	{ 0 }
};
static const struct fact publish_facts[] = {
	{ "sha256", VALUE_TEXT, NULL, "of the bytes offered" },
	{ "size", VALUE_INT, "bytes", "of the image offered" },
	{ "manifest", VALUE_TEXT, NULL, "as published" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "publish", VERB_STIMULUS, publish_params, publish_facts, publish, "offer an image until this part of the test ends" },
	{ 0 }
};
const struct probe probe_update = { "update", "updates offered to the device", verbs, NULL, 0 };
