// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/known_keys.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"

static int by_hash(const void *a, const void *b)
{
	return memcmp(((const struct known_key *)a)->hash, ((const struct known_key *)b)->hash, 32);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_line(char *line, struct known_key *ret)
{
	for (int i = 0; i < 32; i++) {
		int high = digit(line[2 * i]), low = high < 0 ? -1 : digit(line[2 * i + 1]);

		if (low < 0)
			return false;
		ret->hash[i] = (uint8_t)(high << 4 | low);
	}
	ret->name = line + 65;
	return line[64] == ' ' && line[65];
}

static bool take_lines(struct known_keys *k, const char *path, struct err *err)
{
	char *rest = k->text, *line;
	size_t room = 0;
	unsigned number = 0;

	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (!line[0] || line[0] == '#')
			continue;
		if (k->n == room) {
			struct known_key *more = room < KNOWN_KEYS_MAX ? realloc(k->key, (room = room ? 2 * room : 128) * sizeof(*more)) : NULL;

			if (!more)
				return err_set(err, ERR_LIMIT, "%s: too many lines", path);
			k->key = more;
		}
		if (!take_line(line, &k->key[k->n++]))
			return err_set(err, ERR_CONF, "%s:%u: write 64 hex digits, a blank, and where the private key stands", path, number);
	}
	if (k->n)
		qsort(k->key, k->n, sizeof(k->key[0]), by_hash);
	return true;
}

bool known_keys_read(const char *folder, struct known_keys *ret, struct err *err)
{
	char path[FS_PATH];
	size_t n;

	*ret = (struct known_keys){ NULL, 0, NULL };
	if (fs_join(path, folder, "lists/known-keys.txt", err) && fs_read(path, 64 << 20, &ret->text, &n, err) && take_lines(ret, path, err))
		return true;
	known_keys_free(ret);
	return false;
}

const char *known_keys_find(const struct known_keys *k, const uint8_t hash[static 32])
{
	struct known_key want = { .name = NULL }, *found;

	memcpy(want.hash, hash, 32);
	found = k->n ? bsearch(&want, k->key, k->n, sizeof(want), by_hash) : NULL;
	return found ? found->name : NULL;
}

void known_keys_free(struct known_keys *k)
{
	free(k->key);
	free(k->text);
	*k = (struct known_keys){ NULL, 0, NULL };
}
