/* SPDX-License-Identifier: Apache-2.0
 *
 * image.c - a firmware image: taken as evidence, and searched for what should not be in it. */
#include "probes/image/image.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "probes/image/squash.h"

enum { MEMBERS = 200000, ROOM = 256 << 20 };

bool image_path(const struct step *st, const char *name, char buf[static FS_PATH], struct err *err)
{
	if (name[0] != '/')
		return fs_join(buf, step_run_dir(st), name, err);
	if (snprintf(buf, FS_PATH, "%s", name) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path too long");
	return true;
}

bool image_take(struct step *st, struct err *err)
{
	char from[FS_PATH], dir[FS_PATH], to[FS_PATH], name[96], hash[HASH_HEX];
	struct stat sb;

	snprintf(name, sizeof(name), "evidence/image-%" PRId64 ".bin", step_begin_ns(st));
	if (!image_path(st, step_text(st, "file"), from, err) || !fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(to, step_run_dir(st), name, err) || !fs_copy(from, to, err) || !hash_file(to, hash, err))
		return false;
	if (stat(to, &sb) < 0)
		return err_sys(err, "%s", to);
	fact_text(st, "file", name);
	fact_int(st, "size", sb.st_size);
	fact_text(st, "sha256", hash);
	step_at_bytes(st, name, 0, sb.st_size);
	return true;
}

/* ---- scan ---- */
static void tell_findings(struct step *st, const struct scan *s, const char *file)
{
	static const char *const fact[SCAN_KINDS] = { "tools", "keys", "certificates" };
	enum { POINTERS = 16 };

	for (int k = 0; k < SCAN_KINDS; k++)
		fact_set_empty(st, fact[k]);
	for (size_t i = 0; i < s->n; i++) {
		fact_set_add(st, fact[s->finding[i].kind], s->finding[i].text);
		if (i < POINTERS)
			step_at_bytes(st, file, s->finding[i].at, s->finding[i].n);
	}
}

static void tell(struct step *st, const struct scan *s, const char *file, int64_t size)
{
	tell_findings(st, s, file);
	fact_int(st, "found", s->found[SCAN_TOOL] + s->found[SCAN_KEY] + s->found[SCAN_CERTIFICATE]);
	fact_int(st, "bytes", size);
	fact_int(st, "files", s->members);
	fact_int(st, "unpacked", s->unpacked);
	fact_int(st, "opaque", s->opaque);
	if (s->opaque)
		step_at_bytes(st, file, s->opaque_at, 16);
	step_scope_text(st, "%lld bytes, %lld files in archives, %lld bytes unpacked; the longest stretch that cannot be read: %lld",
			(long long)size, (long long)s->members, (long long)s->unpacked, (long long)s->opaque);
	if (s->why[0] || s->lost[0])
		step_incomplete(st, "%s", s->why[0] ? s->why : s->lost);
	if (size > IMAGE_MAX)
		step_incomplete(st, "only the first %d bytes were looked at", IMAGE_MAX);
}

bool image_scan(struct step *st, struct err *err)
{
	const char *file = step_text(st, "file");
	struct scan *s = &(struct scan){ .room = ROOM, .max_members = MEMBERS, .until_ns = step_begin_ns(st) + step_int(st, "within") };
	char path[FS_PATH];
	CLEANUP(close_fd) int fd = -1;
	struct stat sb;
	void *p = NULL;
	size_t n;
	bool ok;

	if (!image_path(st, file, path, err) || !fs_open(path, &fd, &sb, err))
		return false;
	n = (size_t)(sb.st_size < IMAGE_MAX ? sb.st_size : IMAGE_MAX);
	if (n && (p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		return err_sys(err, "%s", path);
	ok = squash_unpack(st, s, (struct span){ p, n }, path, err);
	if (ok)
		scan_bytes(s, (struct span){ p, n });
	ok = ok && squash_look(st, s, err);
	if (ok)
		tell(st, s, file, sb.st_size);
	if (n)
		munmap(p, n);
	return ok;
}

#define IMAGE_FILE(d) { "file", VALUE_TEXT, .need = true, .doc = d }
static const struct param take_params[] = { IMAGE_FILE("the maker's image, as device.yaml names it"), { 0 } };
static const struct param scan_params[] = {
	IMAGE_FILE("an image, relative to the run folder"),
	{ "within", VALUE_TIME, .min = MS(100), .max = SEC(7200), .fallback = "5min",
	  .doc = "what was not looked at by then stays unknown" },
	{ 0 }
};
static const struct param plant_params[] = { IMAGE_FILE("an image, relative to the run folder"), { 0 } };
static const struct fact take_facts[] = {
	{ "file", VALUE_TEXT, NULL, "the copy in the run folder" },
	{ "size", VALUE_INT, "bytes", "of it" }, { "sha256", VALUE_TEXT, NULL, "of it" }, { 0 }
};
static const struct fact scan_facts[] = {
	{ "found", VALUE_INT, NULL, "left-over tools, private keys and default certificates" },
	{ "tools", VALUE_SET, NULL, "tool: where" },
	{ "keys", VALUE_SET, NULL, "private key: where" },
	{ "certificates", VALUE_SET, NULL, "certificates that were made for no product: where" },
	{ "bytes", VALUE_INT, "bytes", "of the image" },
	{ "files", VALUE_INT, "files", "in archives" },
	{ "unpacked", VALUE_INT, "bytes", "that came out of archives and compressed streams" },
	{ "opaque", VALUE_INT, "bytes", "longest stretch that looks encrypted, or packed in a way that is not known" },
	{ 0 }
};
static const struct fact plant_facts[] = {
	{ "file", VALUE_TEXT, NULL, "the copy, with an archive before it" },
	{ "tool", VALUE_TEXT, NULL, "what scan has to say of the tool in it" },
	{ "key", VALUE_TEXT, NULL, "what scan has to say of the key in it" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "take", VERB_PROBE, take_params, take_facts, image_take, "take the maker's image as evidence" },
	{ "scan", VERB_PROBE, scan_params, scan_facts, image_scan,
	  "look for left-over tools and keys, in raw bytes and in all that can be unpacked" },
	{ "plant", VERB_PROBE, plant_params, plant_facts, image_plant,
	  "put a packed tool and key before a copy, so that the search can be controlled" },
	{ 0 }
};
const struct probe probe_image = { "image", "firmware images of the device", verbs, NULL, RIGHT_SPAWN };
