// SPDX-License-Identifier: Apache-2.0
// Verbs of a flash chip that the bench can clip on to; what each driver understands stands in flash.h. Access while the
// supply is not as the clip needs it is refused, writing unless forced: what follows would say nothing of the device.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/tail.h"
#include "probes/flash/flash.h"
#include "probes/flash/image.h"

#define PIECE IMAGE_PIECE       /* of one command */
#define LOOK_NS SEC(1)          /* a job is asked for when the line's log grew, and this often */

static bool has_line(struct step *st, const char *name)
{
	return json_object_get(json_object_get(step_bench(st), "lines"), name) != NULL;
}

/* The supply must be as the clip needs it, "off", "on" or "any": what is read or written else says nothing of the device. */
static bool power_allows(struct step *st, const char *needs, const char *why, struct err *err)
{
	const char *power = step_text(st, "power");
	CLEANUP(free_json) json_t *reply = NULL;
	bool on;

	if (!strcmp(needs, "any") || !has_line(st, power))
		return true;
	if (!step_line(st, power, "get", NULL, &reply, err))
		return false;
	on = json_is_true(json_object_get(reply, "on"));
	return on == !strcmp(needs, "on") ||
	       err_set(err, ERR_BENCH, "%s is %s: switch it %s before %s", power, on ? "on" : "off", needs, why);
}

static bool may(struct step *st, const char *access, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	char why[160];

	if (!strcmp(access, "write") && step_bool(st, "force"))
		return true;
	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	snprintf(why, sizeof(why), "%s, or %s", !strcmp(access, "write") ? "writing its flash" : "its flash is read",
		 !strcmp(access, "write") ? "say force: true" : "declare power: any for the clip");
	return power_allows(st, json_string_value(json_object_get(reply, access)), why, err);
}

static bool await_job(struct step *st, json_int_t number, json_t **reply, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	CLEANUP(free_json) json_t *args = json_pack("{s:I}", "job", number);
	int64_t until = step_begin_ns(st) + step_int(st, "within");
	CLEANUP(tail_close) struct tail log = { .fd = -1, .notify = -1 };
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/flash/%s.log", step_run_dir(st), dot ? dot + 1 : line);
	if (!tail_open(path, true, &log, err))
		return false;
	for (;;) {
		int64_t now = clock_ns();
		bool got = true;

		json_decref(*reply);
		*reply = NULL;
		if (!step_line(st, line, "result", args, reply, err))
			return false;
		if (!json_is_true(json_object_get(*reply, "busy")))
			return true;
		if (now >= until)
			return err_set(err, ERR_TIME, "%s was not done within the time given", line);
		step_wait(st, log.notify, now + LOOK_NS < until ? now + LOOK_NS : until);
		while (got) {
			tail_take(&log, tail_look(&log).n);
			if (!tail_more(&log, &got, err))
				return false;
		}
	}
}

/* A command to the chip, to its end; the reply is a new reference. */
static bool ask(struct step *st, const char *command, json_t *args, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *owned = args;
	CLEANUP(free_json) json_t *reply = NULL;
	const json_t *job;

	if (!step_line(st, step_text(st, "line"), command, args, &reply, err))
		return false;
	job = json_object_get(reply, "job");
	if (job && !await_job(st, json_integer_value(job), &reply, err))
		return err_in(err, "%s", step_text(st, "line"));
	if (ret)
		*ret = json_incref(reply);
	return true;
}

static bool range(struct step *st, const char *command, int64_t at, size_t n, struct err *err)
{
	return ask(st, command, json_pack("{s:I,s:I}", "at", (json_int_t)at, "length", (json_int_t)n), NULL, err);
}

/* Where a step means: `at` from the begin of `region`, or of the chip; *ret_room is what is left of the region, -1 = no region. */
static bool place(struct step *st, int64_t at, int64_t *ret_at, int64_t *ret_room, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	const json_t *r;
	int64_t length;

	*ret_at = at;
	*ret_room = -1;
	if (!step_has(st, "region"))
		return true;
	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	r = json_object_get(json_object_get(reply, "regions"), step_text(st, "region"));
	if (!r)
		return err_set(err, ERR_BENCH, "%s has no region '%s'; name it under regions: in bench.yaml", step_text(st, "line"),
			       step_text(st, "region"));
	length = json_integer_value(json_object_get(r, "length"));
	if (at >= length)
		return err_set(err, ERR_CONF, "%lld lies behind the region's %lld bytes", (long long)at, (long long)length);
	*ret_at = at + json_integer_value(json_object_get(r, "at"));
	*ret_room = length - at;
	return true;
}

static bool fits(int64_t room, size_t n, struct err *err)
{
	return room < 0 || (int64_t)n <= room ||
	       err_set(err, ERR_CONF, "%zu bytes do not fit into the %lld left of the region", n, (long long)room);
}

/* A dump as evidence. *ret_to is empty when nothing was recorded. */
static bool dump(struct step *st, char ret_to[static FS_PATH], int64_t *ret_size, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	CLEANUP(free_json) json_t *reply = NULL;
	int64_t at, room;

	if (strchr(step_text(st, "as"), '/'))
		return err_set(err, ERR_CONF, "as: '%s' is no plain name", step_text(st, "as"));
	/* The moment makes the name unique: several dumps of one test are several pieces of evidence. */
	snprintf(ret_to, FS_PATH, "evidence/%s-%s-%lld.bin", dot ? dot + 1 : line, step_text(st, "as"), (long long)step_begin_ns(st));
	if (!may(st, "read", err) || !place(st, 0, &at, &room, err) ||
	    !ask(st, "read", json_pack("{s:s,s:I,s:I}", "to", ret_to, "at", (json_int_t)at, "length", (json_int_t)(room < 0 ? 0 : room)),
		 &reply, err))
		return false;
	step_observer(st, line);
	if (!json_object_get(reply, "size")) {
		step_incomplete(st, "the dump was not recorded");
		ret_to[0] = '\0';
		return true;
	}
	*ret_size = json_integer_value(json_object_get(reply, "size"));
	fact_text(st, "file", ret_to);
	fact_int(st, "size", *ret_size);
	fact_text(st, "sha256", json_string_value(json_object_get(reply, "sha256")));
	step_at_bytes(st, ret_to, 0, *ret_size);
	return true;
}

static bool read_flash(struct step *st, struct err *err)
{
	char to[FS_PATH];
	int64_t size;

	return dump(st, to, &size, err);
}

static bool identify(struct step *st, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;

	if (!may(st, "read", err) || !ask(st, "identify", json_object(), &reply, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_text(st, "chip", json_string_value(json_object_get(reply, "chip")));
	fact_int(st, "size", json_integer_value(json_object_get(reply, "size")));
	return true;
}

/* Bytes of both files that differ, and where the first of them is (-1: none). One that is shorter differs in what it lacks. */
static bool differences(FILE *a, FILE *b, int64_t *ret_n, int64_t *ret_first, struct err *err)
{
	int x = 0, y = 0;

	*ret_n = 0;
	*ret_first = -1;
	for (int64_t at = 0; x != EOF || y != EOF; at++) {
		x = getc_unlocked(a);
		y = getc_unlocked(b);
		if (x == y)
			continue;
		if (*ret_first < 0)
			*ret_first = at;
		(*ret_n)++;
	}
	return (!ferror(a) && !ferror(b)) || err_sys(err, "compare");
}

static bool compare(struct step *st, struct err *err)
{
	const char *with = step_text(st, "with");
	CLEANUP(close_file) FILE *a = NULL;
	CLEANUP(close_file) FILE *b = NULL;
	char to[FS_PATH], path[FS_PATH], other[FS_PATH];
	int64_t size, differ, first;

	if (!dump(st, to, &size, err))
		return false;
	if (!to[0])
		return true;
	snprintf(path, sizeof(path), "%s", with);
	if (!fs_join(other, step_run_dir(st), to, err) || (with[0] != '/' && !fs_join(path, step_run_dir(st), with, err)))
		return false;
	a = fopen(other, "re");
	b = fopen(path, "re");
	if (!a || !b)
		return err_sys(err, "%s", a ? path : other);
	if (!differences(a, b, &differ, &first, err))
		return false;
	fact_bool(st, "same", differ == 0);
	fact_int(st, "differ", differ);
	if (differ)
		fact_int(st, "first", first);
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
	for (size_t done = 0; done < n;) {
		CLEANUP(free_json) json_t *reply = NULL;
		size_t piece = n - done < PIECE ? n - done : PIECE;
		char hex[2 * PIECE + 1];

		for (size_t i = 0; i < piece; i++)
			snprintf(hex + 2 * i, 3, "%02x", p[done + i]);
		if (!ask(st, "alter", json_pack("{s:I,s:s}", "at", (json_int_t)(at + (int64_t)done), "data", hex), &reply, err))
			return false;
		if (*changed < 0 || !json_object_get(reply, "changed"))
			*changed = -1;          /* written, but nobody looked */
		else
			*changed += json_integer_value(json_object_get(reply, "changed"));
		done += piece;
	}
	return range(st, "store", at, n, err);
}

static bool peek(struct step *st, int64_t at, size_t n, uint8_t *ret, struct err *err)
{
	for (size_t done = 0; done < n;) {
		size_t piece = n - done < PIECE ? n - done : PIECE;
		CLEANUP(free_json) json_t *reply = NULL;
		const char *hex;

		if (!ask(st, "peek", json_pack("{s:I,s:I}", "at", (json_int_t)(at + (int64_t)done), "length", (json_int_t)piece), &reply, err))
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

/* The pattern of hex digits, over and over. */
static bool hex_pattern(const char *text, uint8_t *b, size_t n, struct err *err)
{
	size_t digits = strlen(text);

	if (!digits || digits % 2 || strspn(text, "0123456789abcdefABCDEF") != digits)
		return err_set(err, ERR_CONF, "text: '%.40s' is no even number of hex digits", text);
	for (size_t i = 0; i < n; i++) {
		char two[3] = { text[2 * i % digits], text[2 * i % digits + 1], 0 };

		b[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return true;
}

/* What shall stand there; b holds what does. */
static bool new_bytes(struct step *st, uint8_t *b, size_t n, struct err *err)
{
	const char *how = step_text(st, "how");

	if (!strcmp(how, "hex"))
		return hex_pattern(step_text(st, "text"), b, n, err);
	if (!strcmp(how, "text"))
		memcpy(b, step_text(st, "text"), n);
	else if (!strcmp(how, "random"))
		rng_bytes(step_rng(st), b, n);
	else
		for (size_t i = 0; i < n; i++)
			b[i] = !strcmp(how, "flip") ? (uint8_t)~b[i] : 0;
	return true;
}

static bool alter(struct step *st, struct err *err)
{
	const char *how = step_text(st, "how");
	bool worded = !strcmp(how, "text") || !strcmp(how, "hex");
	int64_t changed = 0, at, room;
	CLEANUP(free_ptr) uint8_t *b = NULL;
	size_t n;

	if (worded && !step_has(st, "text"))
		return err_set(err, ERR_CONF, "how: %s needs text:", how);
	n = !strcmp(how, "text") ? strlen(step_text(st, "text")) : (size_t)step_int(st, "length");
	b = calloc(n ? n : 1, 1);
	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!place(st, step_int(st, "at"), &at, &room, err) || !fits(room, n, err) || !may(st, "write", err) || !range(st, "load", at, n, err) ||
	    (!strcmp(how, "flip") && !peek(st, at, n, b, err)) || !new_bytes(st, b, n, err) || !put(st, at, b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	tell_changed(st, changed);
	return true;
}

static bool restore(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	CLEANUP(free_json) json_t *reply = NULL;

	if (!may(st, "write", err) || !ask(st, "restore", json_object(), &reply, err))
		return false;
	step_observer(st, line);
	fact_text(st, "sha256", json_string_value(json_object_get(reply, "sha256")));
	return true;
}

static bool copy_region(struct step *st, struct err *err)
{
	size_t n = (size_t)step_int(st, "length");
	CLEANUP(free_ptr) uint8_t *b = malloc(n);
	int64_t changed = 0, from = step_int(st, "from"), to = step_int(st, "to");

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!may(st, "write", err) || !range(st, "load", from, n, err) || !peek(st, from, n, b, err) || !range(st, "load", to, n, err) ||
	    !put(st, to, b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_int(st, "written", (int64_t)n);
	tell_changed(st, changed);
	return true;
}

static bool write_file(struct step *st, struct err *err)
{
	CLEANUP(free_ptr) char *b = NULL;
	int64_t changed = 0, at, room;
	size_t n;

	if (!place(st, step_int(st, "at"), &at, &room, err) || !may(st, "write", err) ||
	    !fs_read(step_text(st, "file"), (size_t)64 << 20, &b, &n, err) || !fits(room, n, err) || !range(st, "load", at, n, err) ||
	    !put(st, at, (const uint8_t *)b, n, &changed, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_int(st, "written", (int64_t)n);
	tell_changed(st, changed);
	return true;
}

/* ---- what drivers share (flash.h) ---- */

bool flash_regions_ok(const json_t *regions, struct err *err)
{
	const char *name;
	json_t *r;

	json_object_foreach((json_t *)(uintptr_t)regions, name, r)
		if (json_object_size(r) != 2 || json_integer_value(json_object_get(r, "length")) < 1 ||
		    !json_is_integer(json_object_get(r, "at")) || json_integer_value(json_object_get(r, "at")) < 0)
			return err_set(err, ERR_CONF, "regions: %s is not {at: BYTES, length: BYTES}", name);
	return true;
}

bool flash_tell(json_t *reply, const char *read, const char *write, const json_t *regions, const char *busy)
{
	json_object_set_new(reply, "read", json_string(read));
	json_object_set_new(reply, "write", json_string(write));
	json_object_set_new(reply, "busy", busy ? json_string(busy) : json_null());
	json_object_set(reply, "regions", (json_t *)(uintptr_t)regions);
	return true;
}

/* ---- descriptors ---- */

static const char *const how_words[] = { "flip", "zero", "random", "text", "hex", NULL };

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "flash.main", .doc = "which chip" }
#define WITHIN                                                                                                          \
	{ .name = "within", .type = VALUE_TIME, .fallback = "15min", .min = MS(100), .max = SEC(14400), .doc = "a slow clip's time for all of it" }
#define POWER { .name = "power", .type = VALUE_TEXT, .fallback = "power.main", .doc = "supply that must be as the clip needs it" }
#define WRITES POWER, WITHIN, { .name = "force", .type = VALUE_BOOL, .fallback = "false", .doc = "write whatever the supply is" }
#define REGION { .name = "region", .type = VALUE_TEXT, .doc = "part of the chip that bench.yaml names; offsets count from its begin" }
#define OFFSET(n, d) { .name = n, .type = VALUE_INT, .need = true, .max = (int64_t)1 << 40, .unit = "bytes", .doc = d }
#define AT { .name = "at", .type = VALUE_INT, .fallback = "0", .max = (int64_t)1 << 40, .unit = "bytes", .doc = "first byte" }
#define LENGTH { .name = "length", .type = VALUE_INT, .need = true, .min = 1, .max = 64 << 20, .unit = "bytes", .doc = "how many" }

static const struct param identify_params[] = { LINE, POWER, WITHIN, { 0 } };
static const struct param read_params[] = {
	LINE, REGION, { .name = "as", .type = VALUE_TEXT, .fallback = "dump", .doc = "what the dump is called" }, POWER, WITHIN, { 0 }
};
static const struct param compare_params[] = {
	LINE, REGION, { .name = "with", .type = VALUE_TEXT, .need = true, .doc = "a file, such as an earlier dump; relative to the run folder" },
	{ .name = "as", .type = VALUE_TEXT, .fallback = "dump", .doc = "what the dump is called" }, POWER, WITHIN, { 0 }
};
static const struct param alter_params[] = {
	LINE, REGION, AT,
	{ .name = "length", .type = VALUE_INT, .min = 1, .max = 64 << 20, .unit = "bytes", .fallback = "1", .doc = "how many; of text: its own" },
	{ .name = "how", .type = VALUE_ENUM, .words = how_words, .fallback = "flip",
	  .doc = "inverted, zero, random from the run's seed, text, or hex digits over and over" },
	{ .name = "text", .type = VALUE_TEXT, .doc = "for how: text and hex" },
	WRITES, { 0 }
};
static const struct param restore_params[] = { LINE, WRITES, { 0 } };
static const struct param copy_params[] = {
	LINE, OFFSET("from", "first byte read"), OFFSET("to", "first byte written"), LENGTH, WRITES, { 0 }
};
static const struct param file_params[] = {
	LINE, REGION, AT, { .name = "file", .type = VALUE_TEXT, .need = true, .doc = "what to write" }, WRITES, { 0 }
};
#define DUMP_FACTS                                                            \
	{ "file", VALUE_TEXT, NULL, "the dump, relative to the run folder" }, \
	{ "size", VALUE_INT, "bytes", "of the dump" }, { "sha256", VALUE_TEXT, NULL, "of the dump" }
static const struct fact identify_facts[] = {
	{ "chip", VALUE_TEXT, NULL, "what the clip sees, by the name its program has for it" }, { "size", VALUE_INT, "bytes", "of the chip" }, { 0 }
};
static const struct fact read_facts[] = { DUMP_FACTS, { 0 } };
static const struct fact compare_facts[] = {
	DUMP_FACTS,
	{ "same", VALUE_BOOL, NULL, "no byte differs" },
	{ "differ", VALUE_INT, "bytes", "that differ" },
	{ "first", VALUE_INT, "bytes", "offset of the first that differs; absent when none does" },
	{ 0 }
};
static const struct fact alter_facts[] = { { "changed", VALUE_INT, "bytes", "that differ now" }, { 0 } };
static const struct fact restore_facts[] = { { "sha256", VALUE_TEXT, NULL, "of what stands there now" }, { 0 } };
static const struct fact written_facts[] = {
	{ "written", VALUE_INT, "bytes", "written" }, { "changed", VALUE_INT, "bytes", "of them differ from before" }, { 0 }
};
static const struct verb verbs[] = {
	{ "identify", VERB_PROBE, identify_params, identify_facts, identify, "which chip is on the clip" },
	{ "read", VERB_PROBE, read_params, read_facts, read_flash, "take a dump as evidence" },
	{ "compare", VERB_PROBE, compare_params, compare_facts, compare, "take a dump as evidence and compare it with a file" },
	{ "alter", VERB_STIMULUS, alter_params, alter_facts, alter, "change bytes" },
	{ "restore", VERB_STIMULUS, restore_params, restore_facts, restore, "put the factory's image back, or what was found before the first change" },
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
