// SPDX-License-Identifier: Apache-2.0
// The real flashrom on its own dummy programmer, whose chip is a file. One write takes it 1.3 s.
#include "harness/fake.h"

#include <signal.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/flash/flashrom_says.h"

extern const struct probe probe_flash;
extern const struct line_driver drv_flashrom;

#define SIZE 131072
#define CHIP "dummy:emulate=M25P10.RES,image=%s"

static uint8_t image[SIZE];
static char chip_path[128];
static bool power_on;
static struct line *flash;

static bool supply_yes(struct line *l, struct err *err) { (void)l; (void)err; return true; }
static bool supply_get(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	(void)l, (void)command, (void)args, (void)err;
	return json_object_set_new(reply, "on", json_boolean(power_on)) == 0;
}
static void supply_close(struct line *l) { (void)l; }
static const struct line_driver supply = { .name = "stub", .open = supply_yes, .command = supply_get, .close = supply_close };

static bool have_flashrom(void)
{
	if (access("/usr/sbin/flashrom", X_OK) == 0)
		return true;
	puts("flashrom is not installed: skipped");
	return false;
}

static void put_image(const char *path, const uint8_t *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, b, SIZE), SIZE);
	close(fd);
}

/* more: further parameters of the line, with a comma in front */
static void start(const char *programmer, const char *more)
{
	char params[600], text[300];

	fake_bench("{}", false);
	for (size_t i = 0; i < SIZE; i++)
		image[i] = (uint8_t)(i * 7 + i / 256);
	snprintf(chip_path, sizeof(chip_path), "%s/chip.bin", fake.run);
	put_image(chip_path, image);
	snprintf(text, sizeof(text), programmer, chip_path);
	snprintf(params, sizeof(params), "{\"programmer\":\"%s\",\"regions\":{\"boot\":{\"at\":4096,\"length\":1024}}%s}", text, more);
	fake_open(&supply, "power.main", "{}");
	flash = fake_open(&drv_flashrom, "flash.main", params);
	power_on = false;
}

static void chip(uint8_t *b)
{
	int fd = open(chip_path, O_RDONLY);

	ck_assert_int_eq(read(fd, b, SIZE), SIZE);
	close(fd);
}

static void fails(const char *verb, const char *args, const char *why)
{
	struct err err = { 0 };

	ck_assert(!fake_try_step(&probe_flash, verb, args, 0, &err));
	ck_assert_msg(strstr(err.text, why) != NULL, "%s", err.text);
}

static pid_t child_of(pid_t parent)
{
	char path[64], line[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return (pid_t)atoi(line);
}

START_TEST(looks)
{
	static uint8_t other[SIZE];
	char args[200], path[FS_PATH], *b;
	struct err err = { 0 };
	size_t n;

	if (!have_flashrom())
		return;
	start(CHIP, "");
	fake_step(&probe_flash, "identify", "{}");
	ck_assert_str_eq(fake_text("chip"), "M25P10");
	ck_assert_int_eq(fake_int("size"), SIZE);
	fake_step(&probe_flash, "read", "{}");
	snprintf(path, sizeof(path), "%s/%s", fake.run, fake_text("file"));
	ck_assert(fs_read(path, 1 << 20, &b, &n, &err));
	ck_assert(n == SIZE && !memcmp(b, image, n));
	free(b);
	fake_step(&probe_flash, "read", "{\"region\":\"boot\"}");
	snprintf(path, sizeof(path), "%s/%s", fake.run, fake_text("file"));
	ck_assert(fs_read(path, 1 << 20, &b, &n, &err));
	ck_assert(n == 1024 && !memcmp(b, image + 4096, n));
	free(b);
	memcpy(other, image, SIZE);
	other[77777] ^= 4;
	snprintf(path, sizeof(path), "%s/other.bin", fake.run);
	put_image(path, other);
	snprintf(args, sizeof(args), "{\"with\":\"other.bin\"}");
	fake_step(&probe_flash, "compare", args);
	ck_assert(!fake_is("same"));
	ck_assert_int_eq(fake_int("differ"), 1);
	ck_assert_int_eq(fake_int("first"), 77777);
	snprintf(args, sizeof(args), "{\"with\":\"%s\"}", chip_path);
	fake_step(&probe_flash, "compare", args);
	ck_assert(fake_is("same"));
	fake_close();
}
END_TEST

START_TEST(alters)
{
	static uint8_t b[SIZE];

	if (!have_flashrom())
		return;
	start(CHIP, "");
	fake_step(&probe_flash, "alter", "{\"region\":\"boot\",\"at\":4,\"length\":6,\"how\":\"hex\",\"text\":\"00ff\"}");
	ck_assert_int_ge(fake_int("changed"), 5);
	chip(b);
	ck_assert(!memcmp(b + 4100, "\0\377\0\377\0\377", 6));
	ck_assert(!memcmp(b, image, 4100) && !memcmp(b + 4106, image + 4106, SIZE - 4106));
	fails("alter", "{\"region\":\"boot\",\"at\":1020,\"length\":5}", "do not fit");
	fails("alter", "{\"region\":\"attic\"}", "no region 'attic'");
	fails("alter", "{\"at\":131072}", "");
	fake_step(&probe_flash, "restore", "{}");
	chip(b);
	ck_assert(!memcmp(b, image, SIZE));
	fake_close();
}
END_TEST

START_TEST(power_off)
{
	if (!have_flashrom())
		return;
	start(CHIP, "");
	power_on = true;
	fails("read", "{}", "power.main is on: switch it off before");
	fails("alter", "{\"at\":1}", "say force: true");
	fake_close();
}
END_TEST

START_TEST(power_needed)
{
	if (!have_flashrom())
		return;
	start(CHIP, ",\"power\":\"on\"");
	fails("identify", "{}", "power.main is off: switch it on before");
	power_on = true;
	fake_step(&probe_flash, "identify", "{}");
	fake_close();
}
END_TEST

static const struct { const char *programmer, *more, *why; } faults[] = {
	{ "dummy", "", "no chip answers" },
	{ "dummy:emulate=MX25L6436", "", "several chips match" },
	{ "dummy:emulate=M25P10.RES", ",\"chip\":\"NOPE\"", "knows no chip" },
	{ "dummy:emulate=M25P10.RES,foo=bar", "", "no such option" },
	{ "linux_spi:dev=/dev/spidev99.9", "", "the programmer does not answer" },
	{ CHIP, ",\"max\":20000", "the file could not be written" },
	{ CHIP ",freq=1000Hz", ",\"limit\":500000000", "not done within limit" },
};

START_TEST(bench_faults)
{
	if (!have_flashrom())
		return;
	start(faults[_i].programmer, faults[_i].more);
	fails("read", "{}", faults[_i].why);
	fake_close();
}
END_TEST

static const char *const refused_programmers[] = { "internal", "linux_mtd:dev=0", "dummy emulate", "", "dummyx:1", "nicintel" };

START_TEST(refused)
{
	char params[200];
	struct err err = { 0 };

	fake_bench("{}", false);
	snprintf(params, sizeof(params), "{\"programmer\":\"%s\"}", refused_programmers[_i]);
	ck_assert(!fake_try_open(&drv_flashrom, "flash.main", params, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

/* The child dies in the middle of a read: a fault of the bench, and the next read is whole. */
START_TEST(child_killed)
{
	json_t *reply = json_object(), *args = fake_json("{\"to\":\"evidence/x.bin\"}"), *job;
	struct err err = { 0 };

	if (!have_flashrom())
		return;
	start(CHIP ",freq=1000Hz", "");
	ck_assert(drv_flashrom.command(flash, "read", args, reply, &err));
	ck_assert(!drv_flashrom.command(flash, "identify", args, reply, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "is busy: read"));
	kill(child_of(getpid()), SIGKILL);
	job = json_incref(reply);
	for (bool busy = true; busy;) {
		fake_settle(MS(10));
		err = (struct err){ 0 };
		json_object_del(reply, "busy");
		busy = drv_flashrom.command(flash, "result", job, reply, &err) && json_object_get(reply, "busy");
	}
	ck_assert_msg(strstr(err.text, "was killed by signal 9") != NULL, "%s", err.text);
	json_decref(job);
	json_decref(reply);
	json_decref(args);
	fake_close();
}
END_TEST

/* The line's process is killed after it altered the chip: the guard's fresh process puts back what was found. A write cut in
 * its middle cannot be shown here, because the dummy programmer writes its file only when it ends. */
START_TEST(line_killed)
{
	static uint8_t b[SIZE];
	pid_t pid;

	if (!have_flashrom())
		return;
	start(CHIP, "");
	pid = fork();
	if (pid == 0) {
		struct err err = { 0 };

		fake_try_step(&probe_flash, "alter", "{\"at\":50}", 0, &err);
		kill(getpid(), SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	chip(b);
	ck_assert_uint_eq(b[50], (uint8_t)~image[50]);
	drv_flashrom.safe(flash);
	chip(b);
	ck_assert(!memcmp(b, image, SIZE));     /* and close, which takes the same way, finds nothing left to do */
	fake_close();
}
END_TEST

static const struct { const char *said, *name; int64_t size; } found[] = {
	{ "Found ST flash chip \"M25P10\" (128 kB, SPI) on dummy.\n", "M25P10", 131072 },
	{ "Found A flash chip \"X\x1b[2J\" (8 kB, SPI) on dummy.\n", "X [2J", 8192 },
	{ "Found A flash chip \"\" (8 kB, SPI)", NULL, 0 },
	{ "Found A flash chip \"X\" (-8 kB, SPI)", NULL, 0 },
	{ "Found A flash chip \"X\" (99999999999999999999 kB, SPI)", NULL, 0 },
	{ "Found A flash chip \"X", NULL, 0 },
	{ "Found A flash chip \"X\" (8 kB, S) on d.\nMultiple flash chip definitions match the detected chip(s): ", NULL, 0 },
	{ "", NULL, 0 },
};

START_TEST(says)
{
	char name[FLASHROM_NAME];
	int64_t size;
	bool got = flashrom_found(found[_i].said, name, &size);

	ck_assert_int_eq(got, found[_i].name != NULL);
	if (got) {
		ck_assert_str_eq(name, found[_i].name);
		ck_assert_int_eq(size, found[_i].size);
	}
}
END_TEST

TEST_MAIN({ "looks", looks, 1 }, { "alters", alters, 1 }, { "power off", power_off, 1 },
	  { "power needed", power_needed, 1 }, { "faults", bench_faults, ROWS(faults) },
	  { "refused", refused, ROWS(refused_programmers) }, { "child killed", child_killed, 1 }, { "line killed", line_killed, 1 },
	  { "says", says, ROWS(found) })
