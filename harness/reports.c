// SPDX-License-Identifier: Apache-2.0
#include "harness/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/registry.h"
#include "harness/seal.h"
#include "harness/sign.h"
#include "harness/sign_key.h"

/* With the key of the seals. Ed25519 has no random in it: same bytes, same key, same signature. */
static bool sign_bytes(const void *p, size_t n, struct report_signature *ret, struct err *err)
{
	char where[FS_PATH];
	struct sign_key *k;
	bool ok;

	*ret = (struct report_signature){ 0 };
	if (!sign_where(where))
		return true;
	if (!sign_key_open(where, &k, err))
		return false;
	ok = sign_key_sign(k, p, n, ret->bytes, err);
	if (ok)
		hash_text(sign_key_public(k), strlen(sign_key_public(k)), ret->keyid);
	sign_key_close(k);
	return ok;
}

/* Made in memory first: a report is whole or not there. */
static bool to_file(const struct report *r, const struct result *result, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	char folder[FS_PATH], path[FS_PATH];
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	bool ok;

	if (!out)
		return err_sys(err, "%s", r->file);
	ok = r->write_signed ? r->write_signed(result, sign_bytes, out, err) : r->write(result, out, err);
	if (fclose(out) != 0 && ok)
		return err_sys(err, "%s", r->file);
	return ok && fs_join(folder, result->dir, "report", err) && fs_mkdirs(folder, err) && fs_join(path, folder, r->file, err) &&
	       fs_write(path, text, n, err);
}

static bool unknown(const char *what, struct err *err)
{
	const char *known[32] = { "all" }, *near;
	size_t n = 1;

	for (const struct report *const *r = report_table; *r && n < 31; r++)
		known[n++] = (*r)->name;
	near = conf_nearest(what, known);
	return err_set(err, ERR_CONF, "no report is called '%.40s'%s%s%s", what, near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
}

bool reports_write(const char *dir, const char *what, struct err *err)
{
	struct result result = { 0 };
	const struct report *one = report_find(what);
	bool ok = true;

	if (!one && strcmp(what, "all"))
		return unknown(what, err);
	if (!result_load(dir, &result, err))
		return false;
	if (one && !one->file)
		ok = one->write(&result, stdout, err);
	for (const struct report *const *r = report_table; ok && *r; r++)
		if ((*r)->file && (!one || *r == one))
			ok = to_file(*r, &result, err);
	result_free(&result);
	return ok && seal_reports(dir, err);
}
