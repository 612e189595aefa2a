/* SPDX-License-Identifier: Apache-2.0
 *
 * plant.c - a copy of an image with a compressed archive before it, in which a tool and a fresh key lie: what a search has to find. */
#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/image/image.h"

enum { PAGE = 4096, ARCHIVE = 16384 };

static void add(struct archive *a, const char *path, const void *p, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0755);
	archive_entry_set_size(e, (la_int64_t)n);
	archive_write_header(a, e);
	archive_write_data(a, p, n);
	archive_entry_free(e);
}

static void add_key(struct archive *a)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *b = BIO_new(BIO_s_mem());
	char *text;
	long n;

	if (key && b && PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) && (n = BIO_get_mem_data(b, &text)) > 0)
		add(a, "etc/ssl/server.key", text, (size_t)n);
	BIO_free(b);
	EVP_PKEY_free(key);
}

static bool make(struct step *st, uint8_t buf[static ARCHIVE], size_t *ret_n)
{
	struct archive *a = archive_write_new();
	uint8_t body[1500];
	bool ok = a && archive_write_add_filter_gzip(a) == ARCHIVE_OK && archive_write_set_format_cpio_newc(a) == ARCHIVE_OK &&
		  archive_write_open_memory(a, buf, ARCHIVE, ret_n) == ARCHIVE_OK;

	if (ok) {
		rng_bytes(step_rng(st), body, sizeof(body));
		add(a, "usr/sbin/telnetd", body, sizeof(body));
		add_key(a);
		ok = archive_write_close(a) == ARCHIVE_OK;
	}
	archive_write_free(a);
	return ok;
}

bool image_plant(struct step *st, struct err *err)
{
	static uint8_t head[ARCHIVE + PAGE];
	CLEANUP(free_ptr) char *image = NULL;
	CLEANUP(free_ptr) char *whole = NULL;
	char path[FS_PATH], name[96];
	size_t n, used = 0;

	if (!image_path(st, step_text(st, "file"), path, err) || !fs_read(path, IMAGE_MAX, &image, &n, err))
		return false;
	memset(head, 0xff, sizeof(head));
	if (!make(st, head, &used))
		return err_set(err, ERR_OS, "libarchive: no archive could be made");
	used = (used + PAGE - 1) / PAGE * PAGE;
	whole = malloc(used + n);
	if (!whole)
		return err_set(err, ERR_LIMIT, "out of memory");
	memcpy(whole, head, used);
	memcpy(whole + used, image, n);
	snprintf(name, sizeof(name), "evidence/planted-%" PRId64 ".bin", step_begin_ns(st));
	if (!fs_join(path, step_run_dir(st), "evidence", err) || !fs_mkdirs(path, err) || !fs_join(path, step_run_dir(st), name, err) ||
	    !fs_write(path, whole, used + n, err))
		return false;
	fact_text(st, "file", name);
	fact_text(st, "tool", "telnetd: usr/sbin/telnetd in cpio, gzip at 0x0");
	fact_text(st, "key", "PRIVATE KEY in PEM in etc/ssl/server.key, cpio, gzip at 0x0");
	return true;
}
