// SPDX-License-Identifier: Apache-2.0
// Verbs of a flash chip that the bench can clip on to. Writing under a running device is refused unless forced: no
// real programmer does that either, and what follows would say nothing of the device.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"

#define PIECE 16384             /* of one command */

static bool has_line(struct step *st, const char *name)
{
	return json_object_get(json_object_get(step_bench(st), "lines"), name) != NULL;
}

static bool may_write(struct step *st, struct err *err)
{
	const char *power = step_text(st, "power");
	CLEANUP(free_json) json_t *reply = NULL;

	if (step_bool(st, "force") || !has_line(st, power))
		return true;
	if (!step_line(st, power, "get", NULL, &reply, err))
		return false;
	return !json_is_true(json_object_get(reply, "on")) ||
	       err_set(err, ERR_BENCH, "%s is on: switch it off before writing its flash, or say force: true", power);
}

static bool read_flash(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	CLEANUP(free_json) json_t *args = NULL;
	CLEANUP(free_json) json_t *reply = NULL;
	char to[FS_PATH];
	int64_t size;

	/* The moment makes the name unique: several dumps of one test are several pieces of evidence. */
	snprintf(to, sizeof(to), "evidence/%s-%s-%lld.bin", dot ? dot + 1 : line, step_text(st, "as"), (long long)step_begin_ns(st));
	args = json_pack("{s:s}", "to", to);
	if (strchr(step_text(st, "as"), '/'))
		return err_set(err, ERR_CONF, "as: '%s' is no plain name", step_text(st, "as"));
	if (!step_line(st, line, "read", args, &reply, err))
		return false;
	step_observer(st, line);
	if (!json_object_get(reply, "size")) {
		step_incomplete(st, "the dump was not recorded");
		return true;
	}
	size = json_integer_value(json_object_get(reply, "size"));
	fact_text(st, "file", to);
	fact_int(st, "size", size);
	fact_text(st, "sha256", json_string_value(json_object_get(reply, "sha256")));
	step_at_bytes(st, to, 0, size);
	return true;
}

static void tell_changed(struct step *st, int64_t changed)
{
	if (changed < 0)
		step_incomplete(st, "what was written was not read back");
	else
		fact_int(st, "changed", changed);
}

static bool put(struct step *st, int64_t at, const uint8_t *p, size_t n, int64_t *changed, struct err *err)
{
	const char *line = step_text(st, "line");

	for (size_t done = 0; done < n;) {
		CLEANUP(free_json) json_t *args = json_object();
		CLEANUP(free_json) json_t *reply = NULL;
		size_t piece = n - done < PIECE ? n - done : PIECE;
		char hex[2 * PIECE + 1];

		for (size_t i = 0; i < piece; i++)
			snprintf(hex + 2 * i, 3, "%02x", p[done + i]);
		json_object_set_new(args, "at", json_integer(at + (int64_t)done));
		json_object_set_new(args, "data", json_string(hex));
		if (!step_line(st, line, "alter", args, &reply, err))
			return false;
		if (*changed < 0 || !json_object_get(reply, "changed"))
			*changed = -1;          /* written, but nobody looked */
		else
			*changed += json_integer_value(json_object_get(reply, "changed"));
		done += piece;
	}
	return true;
}

static bool peek(struct step *st, int64_t at, size_t n, uint8_t *ret, struct err *err)
{
	for (size_t done = 0; done < n;) {
		size_t piece = n - done < PIECE ? n - done : PIECE;
		CLEANUP(free_json) json_t *args = json_pack("{s:I,s:I}", "at", (json_int_t)(at + (int64_t)done), "length", (json_int_t)piece);
		CLEANUP(free_json) json_t *reply = NULL;
		const char *hex;

		if (!step_line(st, step_text(st, "line"), "peek", args, &reply, err))
			return false;
		hex = json_string_value(json_object_get(reply, "data"));
		if (!hex || strlen(hex) != 2 * piece)
			return err_set(err, ERR_BENCH, "%s: short answer", step_text(st, "line"));
		for (size_t i = 0; i < piece; i++) {
			char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };

			ret[done + i] = (uint8_t)strtoul(two, NULL, 16);
		}
		done += piece;
	}
	return true;
}

static bool alter(struct step *st, struct err *err)
{
	const char *how = step_text(st, "how"), *text = step_has(st, "text") ? step_text(st, "text") : NULL;
	size_t n = !strcmp(how, "text") && text ? strlen(text) : (size_t)step_int(st, "length");
	CLEANUP(free_ptr) uint8_t *b = calloc(n ? n : 1, 1);
	int64_t changed = 0, at = step_int(st, "at");

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!strcmp(how, "text") && !text)
		return err_set(err, ERR_CONF, "how: text needs text:");
	if (!may_write(st, err))
		return false;
	if (!strcmp(how, "text"))
		memcpy(b, text, n);
	else if (!strcmp(how, "random"))
		rng_bytes(step_rng(st), b, n);
	else if (!strcmp(how, "flip") && !peek(st, at, n, b, err))
		return false;
	for (size_t i = 0; i < n && !strcmp(how, "flip"); i++)
		b[i] = (uint8_t)~b[i];
	if (!put(st, at, b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	tell_changed(st, changed);
	return true;
}

static bool restore(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	CLEANUP(free_json) json_t *reply = NULL;

	if (!may_write(st, err) || !step_line(st, line, "restore", NULL, &reply, err))
		return false;
	step_observer(st, line);
	fact_text(st, "sha256", json_string_value(json_object_get(reply, "sha256")));
	return true;
}

static bool copy_region(struct step *st, struct err *err)
{
	size_t n = (size_t)step_int(st, "length");
	CLEANUP(free_ptr) uint8_t *b = malloc(n);
	int64_t changed = 0;

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!may_write(st, err) || !peek(st, step_int(st, "from"), n, b, err) || !put(st, step_int(st, "to"), b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_int(st, "written", (int64_t)n);
	tell_changed(st, changed);
	return true;
}

static bool write_file(struct step *st, struct err *err)
{
	CLEANUP(free_ptr) char *b = NULL;
	size_t n;
	int64_t changed = 0;

	if (!may_write(st, err) || !fs_read(step_text(st, "file"), (size_t)64 << 20, &b, &n, err) ||
	    !put(st, step_int(st, "at"), (const uint8_t *)b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_int(st, "written", (int64_t)n);
	tell_changed(st, changed);
	return true;
}

/* ---- descriptors ---- */

static const char *const how_words[] = { "flip", "zero", "random", "text", NULL };

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "flash.main", .doc = "which chip" }
#define WRITES                                                                                                          \
	{ .name = "power", .type = VALUE_TEXT, .fallback = "power.main", .doc = "supply that must be off" },             \
	{ .name = "force", .type = VALUE_BOOL, .fallback = "false", .doc = "write although the device has power" }
#define OFFSET(n, d) { .name = n, .type = VALUE_INT, .need = true, .max = (int64_t)1 << 40, .unit = "bytes", .doc = d }
#define LENGTH { .name = "length", .type = VALUE_INT, .need = true, .min = 1, .max = 64 << 20, .unit = "bytes", .doc = "how many" }

static const struct param read_params[] = {
	LINE, { .name = "as", .type = VALUE_TEXT, .fallback = "dump", .doc = "what the dump is called" }, { 0 }
};
static const struct param alter_params[] = {
	LINE, OFFSET("at", "first byte"),
	{ .name = "length", .type = VALUE_INT, .min = 1, .max = 64 << 20, .unit = "bytes", .fallback = "1", .doc = "how many; of text: its own" },
	{ .name = "how", .type = VALUE_ENUM, .words = how_words, .fallback = "flip", .doc = "inverted, zero, random from the run's seed, or text" },
	{ .name = "text", .type = VALUE_TEXT, .doc = "for how: text" },
	WRITES, { 0 }
};
static const struct param restore_params[] = { LINE, WRITES, { 0 } };
static const struct param copy_params[] = {
	LINE, OFFSET("from", "first byte read"), OFFSET("to", "first byte written"), LENGTH, WRITES, { 0 }
};
static const struct param file_params[] = {
	LINE, OFFSET("at", "first byte"), { .name = "file", .type = VALUE_TEXT, .need = true, .doc = "what to write" }, WRITES, { 0 }
};
static const struct fact read_facts[] = {
	{ "file", VALUE_TEXT, NULL, "the dump, relative to the run folder" },
	{ "size", VALUE_INT, "bytes", "of the dump" },
	{ "sha256", VALUE_TEXT, NULL, "of the dump" },
	{ 0 }
};
static const struct fact alter_facts[] = { { "changed", VALUE_INT, "bytes", "that differ now" }, { 0 } };
static const struct fact restore_facts[] = { { "sha256", VALUE_TEXT, NULL, "of what stands there now" }, { 0 } };
static const struct fact written_facts[] = {
	{ "written", VALUE_INT, "bytes", "written" }, { "changed", VALUE_INT, "bytes", "of them differ from before" }, { 0 }
};
static const struct verb verbs[] = {
	{ "read", VERB_PROBE, read_params, read_facts, read_flash, "take a dump as evidence" },
	{ "alter", VERB_STIMULUS, alter_params, alter_facts, alter, "change bytes" },
	{ "restore", VERB_STIMULUS, restore_params, restore_facts, restore, "put the factory's image back" },
	{ "copy_region", VERB_STIMULUS, copy_params, written_facts, copy_region, "copy bytes inside the chip" },
	{ "write_file", VERB_STIMULUS, file_params, written_facts, write_file, "write a file into the chip" },
	{ 0 }
};

#define DRIVER_flash(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_flash(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_flash = {
	.name = "flash", .doc = "flash chips of the device", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
