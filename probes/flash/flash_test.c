// SPDX-License-Identifier: Apache-2.0
#include "harness/fake.h"

#include "harness/base/test.h"

extern const struct probe probe_flash;
extern const struct line_driver drv_file;

static uint8_t image[50000];
static bool power_on;

/* Stands for the supply: only whether it is on is asked for. */
static bool supply_yes(struct line *l, struct err *err) { (void)l; (void)err; return true; }
static bool supply_get(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	(void)l, (void)command, (void)args, (void)err;
	return json_object_set_new(reply, "on", json_boolean(power_on)) == 0;
}
static void supply_close(struct line *l) { (void)l; }
static const struct line_driver supply = { .name = "stub", .open = supply_yes, .command = supply_get, .close = supply_close };

static void start(void)
{
	char path[128], params[200];
	int fd;

	fake_bench("{}", false);
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7);
	snprintf(path, sizeof(path), "%s/factory.bin", fake.run);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, image, sizeof(image)), sizeof(image));
	close(fd);
	snprintf(params, sizeof(params), "{\"factory\":\"%s\"}", path);
	fake_open(&supply, "power.main", "{}");
	fake_open(&drv_file, "flash.main", params);
	power_on = false;
}

static void chip(uint8_t *b)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/flash.main", fake.work);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(read(fd, b, sizeof(image)), sizeof(image));
	close(fd);
}

START_TEST(dumps)
{
	char path[FS_PATH], *b;
	struct err err = { 0 };
	size_t n;

	start();
	power_on = true;                /* reading is always allowed */
	fake_step(&probe_flash, "read", "{\"as\":\"before\"}");
	ck_assert_int_eq(fake_int("size"), sizeof(image));
	ck_assert_uint_eq(strlen(fake_text("sha256")), 64);
	snprintf(path, sizeof(path), "%s/%s", fake.run, fake_text("file"));
	ck_assert(fs_read(path, 1 << 20, &b, &n, &err));
	ck_assert(n == sizeof(image) && !memcmp(b, image, n));
	free(b);
	fake_close();
}
END_TEST

static const struct { const char *args; size_t at, n; int changed; } alters[] = {
	{ "{\"at\":100}", 100, 1, 1 },
	{ "{\"at\":0,\"length\":50000}", 0, 50000, 50000 },     /* more than one command's worth */
	{ "{\"at\":256,\"length\":1,\"how\":\"zero\"}", 256, 1, 0 },     /* was 0 already */
	{ "{\"at\":49990,\"how\":\"text\",\"text\":\"0123456789\"}", 49990, 10, 10 },
	{ "{\"at\":10,\"length\":32,\"how\":\"random\"}", 10, 32, -1 },
};

START_TEST(alter)
{
	static uint8_t b[sizeof(image)];

	start();
	fake_step(&probe_flash, "alter", alters[_i].args);
	if (alters[_i].changed >= 0)
		ck_assert_int_eq(fake_int("changed"), alters[_i].changed);
	chip(b);
	ck_assert(!memcmp(b, image, alters[_i].at));
	ck_assert(!memcmp(b + alters[_i].at + alters[_i].n, image + alters[_i].at + alters[_i].n, sizeof(b) - alters[_i].at - alters[_i].n));
	if (_i == 0)
		ck_assert_uint_eq(b[100], (uint8_t)~image[100]);
	fake_step(&probe_flash, "restore", "{}");
	chip(b);
	ck_assert(!memcmp(b, image, sizeof(b)));
	fake_close();
}
END_TEST

static const char *const outside[] = {
	"{\"at\":50000}", "{\"at\":49999,\"length\":2}", "{\"at\":1099511627776}", "{\"at\":0,\"how\":\"text\"}",
};

START_TEST(refused)
{
	struct err err = { 0 };

	start();
	ck_assert(!fake_try_step(&probe_flash, "alter", outside[_i], 0, &err));
	ck_assert(err.kind != ERR_NONE);
	fake_close();
}
END_TEST

START_TEST(under_power)
{
	struct err err = { 0 };

	start();
	power_on = true;
	ck_assert(!fake_try_step(&probe_flash, "alter", "{\"at\":1}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert(!fake_try_step(&probe_flash, "restore", "{}", 0, &err));
	fake_step(&probe_flash, "alter", "{\"at\":1,\"force\":true}");
	ck_assert_int_eq(fake_int("changed"), 1);
	fake_close();
}
END_TEST

START_TEST(copies)
{
	static uint8_t b[sizeof(image)];
	char args[200];

	start();
	fake_step(&probe_flash, "copy_region", "{\"from\":0,\"to\":20001,\"length\":20000}");
	ck_assert_int_eq(fake_int("written"), 20000);
	chip(b);
	ck_assert(!memcmp(b + 20001, image, 20000));
	snprintf(args, sizeof(args), "{\"at\":0,\"file\":\"%s/factory.bin\"}", fake.run);
	fake_step(&probe_flash, "write_file", args);
	chip(b);
	ck_assert(!memcmp(b, image, sizeof(b)));
	fake_close();
}
END_TEST

START_TEST(no_factory)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_file, "flash.main", "{\"factory\":\"/nonexistent\"}", &err));
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

TEST_MAIN({ "dumps", dumps, 1 }, { "alter", alter, ROWS(alters) }, { "refused", refused, ROWS(outside) },
	  { "under power", under_power, 1 }, { "copies", copies, 1 }, { "no factory", no_factory, 1 })
