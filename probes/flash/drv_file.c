// SPDX-License-Identifier: Apache-2.0
// The flash chip of a virtual device: a file WORK/NAME that the machine is given, made from the factory's image.
//
// Commands   those of flash.h; all are done when they return
// Record     RUN/flash/NAME.log (event_log.h): restore <size> <sha256>, alter <offset> <length>, read <size> <file>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"
#include "probes/flash/flash.h"
#include "probes/flash/image.h"

struct chip { char path[FS_PATH]; int log; bool blind; };

static bool record(struct chip *c, const char *word, int64_t value, const char *note, struct err *err)
{
	return c->blind || event_log_add(c->log, clock_ns(), word, value, note, err);
}

/* In place: a machine that has the file open keeps the same chip. */
static bool restore(struct line *l, struct chip *c, json_t *reply, struct err *err)
{
	CLEANUP(free_ptr) char *image = NULL;
	CLEANUP(close_fd) int fd = -1;
	char hash[HASH_HEX];
	size_t n;

	if (!fs_read(line_text(l, "factory"), (size_t)line_int(l, "max"), &image, &n, err))
		return err_in(err, "factory image");
	fd = open(c->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)n) < 0)
		return err_sys(err, "%s", c->path);
	if (!fs_write_all(fd, image, n, err))
		return false;
	return image_tell(c->path, reply, hash, err) && record(c, "restore", (int64_t)n, hash, err);
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
	if (!flash_regions_ok(line_json(l, "regions"), err))
		return false;
	snprintf(path, sizeof(path), "%s/flash", line_run_dir(l));
	if (!fs_mkdirs(path, err) || !fs_join(c->path, line_work_dir(l), line_name(l), err))
		return false;
	snprintf(path, sizeof(path), "%s/flash/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return event_log_create(path, &c->log, err) && restore(l, c, reply, err);
}

static bool read_out(struct line *l, struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	char path[FS_PATH], hash[HASH_HEX];

	if (c->blind)
		return true;
	return image_place(line_run_dir(l), args, path, err) &&
	       image_cut(c->path, json_integer_value(json_object_get(args, "at")), json_integer_value(json_object_get(args, "length")),
			 path, err) &&
	       image_tell(path, reply, hash, err) &&
	       record(c, "read", json_integer_value(json_object_get(reply, "size")), json_string_value(json_object_get(args, "to")), err);
}

static bool alter(struct chip *c, const json_t *args, json_t *reply, struct err *err)
{
	int64_t at, n, changed;
	char note[32];

	if (!image_alter(c->path, args, &at, &n, &changed, err))
		return false;
	snprintf(note, sizeof(note), "%lld", (long long)n);
	if (!c->blind)
		json_object_set_new(reply, "changed", json_integer(changed));
	return record(c, "alter", at, note, err);
}

static bool identify(struct chip *c, json_t *reply, struct err *err)
{
	int64_t size;

	if (!image_size(c->path, &size, err))
		return false;
	json_object_set_new(reply, "chip", json_string("file"));
	return json_object_set_new(reply, "size", json_integer(size)) == 0;
}

static bool chip_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct chip *c = line_priv(l);

	if (!strcmp(command, "get"))
		return flash_tell(reply, "any", "off", line_json(l, "regions"), NULL);
	if (!strcmp(command, "identify"))
		return identify(c, reply, err);
	if (!strcmp(command, "load") || !strcmp(command, "store"))
		return true;            /* what alter and peek work on is the chip itself */
	if (!strcmp(command, "read"))
		return read_out(l, c, args, reply, err);
	if (!strcmp(command, "alter"))
		return alter(c, args, reply, err);
	if (!strcmp(command, "peek"))
		return image_peek(c->path, args, reply, err);
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
	FLASH_REGIONS,
	{ 0 }
};

const struct line_driver drv_file = {
	.name = "file", .doc = "flash of a virtual device, a file named after the line in the scratch folder",
	.seen = "files, in every make check",
	.params = chip_params, .open = chip_open, .command = chip_command, .event = chip_event, .close = chip_close,
};
