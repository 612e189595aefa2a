// SPDX-License-Identifier: Apache-2.0
// The flash chip of a virtual device: a file WORK/NAME that the machine is given, made from the factory's image.
//
// Commands   read {to}: copies it to RUN/to -> {size, sha256}; alter {at, data}: hex digits over what was there
//            -> {changed}: bytes that differ now; peek {at, length} -> {data}; restore {} -> {size, sha256}
// Record     RUN/flash/NAME.log (event_log.h): restore <size> <sha256>, alter <offset> <length>, read <size> <file>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"

#define PIECE ((size_t)16384)           /* bytes in one alter or peek: a command is one datagram */

struct chip { char path[FS_PATH]; int log; bool blind; };

static bool size_of(const char *path, int64_t *ret, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, "%s", path);
	*ret = st.st_size;
	return true;
}

static bool record(struct chip *c, const char *word, int64_t value, const char *note, struct err *err)
{
	return c->blind || event_log_add(c->log, clock_ns(), word, value, note, err);
}

static bool tell(const char *path, json_t *reply, char hash[static HASH_HEX], int64_t *ret_size, struct err *err)
{
	if (!size_of(path, ret_size, err) || !hash_file(path, hash, err))
		return false;
	json_object_set_new(reply, "size", json_integer(*ret_size));
	json_object_set_new(reply, "sha256", json_string(hash));
	return true;
}

/* In place: a machine that has the file open keeps the same chip. */
static bool restore(struct line *l, struct chip *c, json_t *reply, struct err *err)
{
	CLEANUP(free_ptr) char *image = NULL;
	CLEANUP(close_fd) int fd = -1;
	char hash[HASH_HEX];
	size_t n;
	int64_t size;

	if (!fs_read(line_text(l, "factory"), (size_t)line_int(l, "max"), &image, &n, err))
		return err_in(err, "factory image");
	fd = open(c->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)n) < 0)
		return err_sys(err, "%s", c->path);
	if (!fs_write_all(fd, image, n, err))
		return false;
	return tell(c->path, reply, hash, &size, err) && record(c, "restore", size, hash, err);
}

static bool chip_open(struct line *l, struct err *err)
{
	struct chip *c = calloc(1, sizeof(*c));
	const char *dot = strchr(line_name(l), '.');
	CLEANUP(free_json) json_t *reply = json_object();
	char path[FS_PATH];

	if (!c)
		return err_set(err, ERR_LIMIT, "out of memory");
	c->blind = line_blind(l);
	line_set_priv(l, c);
	snprintf(path, sizeof(path), "%s/flash", line_run_dir(l));
	if (!fs_mkdirs(path, err) || !fs_join(c->path, line_work_dir(l), line_name(l), err))
		return false;
	snprintf(path, sizeof(path), "%s/flash/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return event_log_create(path, &c->log, err) && restore(l, c, reply, err);
}

static bool read_out(struct line *l, struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	const char *to = json_string_value(json_object_get(args, "to"));
	char path[FS_PATH], dir[FS_PATH], hash[HASH_HEX];
	int64_t size;

	if (!to || to[0] == '/' || strstr(to, ".."))
		return err_set(err, ERR_BENCH, "read: a file of the run folder, not '%s'", to ? to : "");
	if (c->blind)
		return true;
	if (!fs_join(path, line_run_dir(l), to, err))
		return false;
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	return fs_mkdirs(dir, err) && fs_copy(c->path, path, err) && tell(path, reply, hash, &size, err) &&
	       record(c, "read", size, to, err);
}

static bool range(struct chip *c, const json_t *args, size_t n, int64_t *ret_at, struct err *err)
{
	int64_t at = json_integer_value(json_object_get(args, "at")), size = 0;

	if (!size_of(c->path, &size, err))
		return false;
	if (at < 0 || at > size || (int64_t)n > size - at || n > PIECE)
		return err_set(err, ERR_BENCH, "%zu bytes at %lld are not inside a flash of %lld bytes, or more than %zu at once",
			       n, (long long)at, (long long)size, PIECE);
	*ret_at = at;
	return true;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool alter(struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	const char *hex = json_string_value(json_object_get(args, "data"));
	size_t n = hex ? strlen(hex) / 2 : 0;
	uint8_t now[PIECE], was[PIECE];
	CLEANUP(close_fd) int fd = -1;
	char note[32];
	int64_t at, changed = 0;

	if (!range(c, args, n, &at, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = digit(hex[2 * i]), lo = digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return err_set(err, ERR_BENCH, "alter: not hex digits");
		now[i] = (uint8_t)(hi << 4 | lo);
	}
	fd = open(c->path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, was, n, at) != (ssize_t)n || pwrite(fd, now, n, at) != (ssize_t)n)
		return err_sys(err, "%s", c->path);
	for (size_t i = 0; i < n; i++)
		changed += was[i] != now[i];
	snprintf(note, sizeof(note), "%zu", n);
	if (!c->blind)
		json_object_set_new(reply, "changed", json_integer(changed));
	return record(c, "alter", at, note, err);
}

static bool peek(struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	size_t n = (size_t)json_integer_value(json_object_get(args, "length"));
	CLEANUP(close_fd) int fd = -1;
	char hex[2 * PIECE + 1] = "";
	uint8_t b[PIECE];
	int64_t at;

	if (!range(c, args, n, &at, err))
		return false;
	fd = open(c->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, b, n, at) != (ssize_t)n)
		return err_sys(err, "%s", c->path);
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", b[i]);
	return json_object_set_new(reply, "data", json_string(hex)) == 0;
}

static bool chip_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct chip *c = line_priv(l);

	if (!strcmp(command, "read"))
		return read_out(l, c, args, reply, err);
	if (!strcmp(command, "alter"))
		return alter(c, args, reply, err);
	if (!strcmp(command, "peek"))
		return peek(c, args, reply, err);
	if (!strcmp(command, "restore"))
		return restore(l, c, reply, err);
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool chip_event(struct line *l, int fd, short revents, struct err *err)
{
	(void)l, (void)fd, (void)revents, (void)err;
	return true;
}

static void chip_close(struct line *l)
{
	struct chip *c = line_priv(l);

	close(c->log);
	free(c);
}

static const struct param chip_params[] = {
	{ .name = "factory", .type = VALUE_TEXT, .need = true, .doc = "image as it leaves the factory; never written" },
	{ .name = "max", .type = VALUE_INT, .min = 1, .max = (int64_t)1 << 30, .unit = "bytes", .fallback = "67108864",
	  .doc = "largest image accepted" },
	{ 0 }
};

const struct line_driver drv_file = {
	.name = "file", .doc = "flash of a virtual device, a file named after the line in the scratch folder",
	.params = chip_params, .open = chip_open, .command = chip_command, .event = chip_event, .close = chip_close,
};
