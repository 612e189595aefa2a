// SPDX-License-Identifier: Apache-2.0
#include "harness/factkey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"

#define DIGITS 64

static bool draw(uint8_t key[static 32], struct err *err)
{
	return getrandom(key, 32, 0) == 32 || err_sys(err, "random numbers");
}

static void name_it(struct factkey *k)
{
	static const char purpose[] = "jusan campaign";
	uint8_t in[sizeof(purpose) - 1 + 32];
	char hex[HASH_HEX];

	memcpy(in, purpose, sizeof(purpose) - 1);
	memcpy(in + sizeof(purpose) - 1, k->key, 32);
	hash_text(in, sizeof(in), hex);
	snprintf(k->id, sizeof(k->id), "%.16s", hex);
}

static bool write_new(const char *file, const struct factkey *k, struct err *err)
{
	CLEANUP(close_fd) int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char text[HASH_HEX + 1];

	if (fd < 0)
		return err_sys(err, "%s", file);
	hash_hex(k->key, text);
	text[DIGITS] = '\n';
	return fs_write_all(fd, text, DIGITS + 1, err) && (fsync(fd) == 0 || err_sys(err, "%s", file));
}

/* Whole or not there, also when the runs of two units start at once. *ret_mine false: the other one made it. */
static bool make(const char *file, struct factkey *k, bool *ret_mine, struct err *err)
{
	char path[FS_PATH];
	bool ok;

	if (snprintf(path, sizeof(path), "%s.%ld", file, (long)getpid()) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: its name is too long", file);
	if (!draw(k->key, err) || !write_new(path, k, err))
		return false;
	*ret_mine = link(path, file) == 0;
	ok = *ret_mine || errno == EEXIST || err_sys(err, "%s", file);
	unlink(path);
	return ok;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static bool read_key(const char *file, struct factkey *k, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct stat st;
	size_t n;

	if (!fs_read(file, 4096, &text, &n, err))
		return false;
	if (stat(file, &st) < 0)
		return err_sys(err, "%s", file);
	if (st.st_mode & 077)
		return err_set(err, ERR_CONF, "%s: others may read this campaign key; chmod 600 it", file);
	for (size_t i = 0; i < 32; i++) {
		int high = n == DIGITS + 1 ? digit(text[2 * i]) : -1, low = high >= 0 ? digit(text[2 * i + 1]) : -1;

		if (low < 0)
			return err_set(err, ERR_CONF, "%s: not a campaign key: 64 hex digits and a newline belong there", file);
		k->key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool factkey_load(const char *file, struct factkey *ret, struct err *err)
{
	bool mine = false;

	*ret = (struct factkey){ 0 };
	if (!file)
		return draw(ret->key, err);
	if (access(file, F_OK) < 0 && !make(file, ret, &mine, err))
		return false;
	if (!mine && !read_key(file, ret, err))
		return false;
	name_it(ret);
	return true;
}
