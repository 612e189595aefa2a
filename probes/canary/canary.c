/* SPDX-License-Identifier: Apache-2.0
 *
 * canary.c - are the markers that went into the device's fields legible anywhere? Looks for them, and plants them so
 * that the looking can be controlled. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/canary/search.h"

enum { POINTERS = 20, PLACES = 40, FILE_MAX = 512 << 20 };

/* Files of the run are named as their probes told them: relative to the run folder. */
static bool run_path(const struct step *st, const char *name, char buf[static FS_PATH], struct err *err)
{
	if (name[0] != '/')
		return fs_join(buf, step_run_dir(st), name, err);
	if (snprintf(buf, FS_PATH, "%s", name) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path too long");
	return true;
}

static bool load_markers(struct step *st, struct markers *m, struct err *err)
{
	const json_t *item;
	char value[33], label[32];
	size_t i;

	json_array_foreach(step_json(st, "fields"), i, item) {
		if (!json_is_string(item))
			return err_set(err, ERR_CONF, "fields: names are needed");
		step_canary(st, json_string_value(item), value);
		if (!marker_add(m, json_string_value(item), value, err))
			return false;
	}
	if (step_has(st, "also"))
		json_array_foreach(step_json(st, "also"), i, item) {
			snprintf(label, sizeof(label), "text %zu", i + 1);      /* the text itself may be a secret */
			if (!json_is_string(item) || !marker_add(m, label, json_string_value(item), err))
				return err->kind ? false : err_set(err, ERR_CONF, "also: texts are needed");
		}
	return markers_ready(m, err);
}

static bool search_named(struct step *st, struct search *s, const char *name, struct err *err)
{
	char path[FS_PATH];

	return run_path(st, name, path, err) && search_file(s, name, path, err);
}

/* What the recorder at the device's port wrote, which is all that the device said and heard. */
static bool search_capture_line(struct step *st, struct search *s, struct err *err)
{
	int64_t from = step_has(st, "since") ? step_since_ns(st) + step_wall_offset_ns(st) : 0;
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	char name[128], path[FS_PATH];

	snprintf(name, sizeof(name), "capture/%.100s.pcapng", dot ? dot + 1 : line);
	step_observer(st, line);
	return step_recorded(st, line, err) && run_path(st, name, path, err) && search_capture(s, name, path, from, err);
}

static void report(struct step *st, const struct search *s)
{
	char text[512];

	fact_int(st, "hits", s->hits);
	fact_int(st, "bytes", s->bytes);
	fact_set_empty(st, "fields");
	fact_set_empty(st, "where");
	for (unsigned i = 0; i < s->places; i++) {
		const struct place *p = &s->place[i];

		fact_set_add(st, "fields", p->field);
		if (p->frame)
			snprintf(text, sizeof(text), "%s as %s: %s frame %" PRId64, p->field, p->how, p->file, p->frame);
		else
			snprintf(text, sizeof(text), "%s as %s: %s at %" PRId64, p->field, p->how, p->file, p->off);
		if (i < PLACES)
			fact_set_add(st, "where", text);
		if (i < POINTERS && p->frame)
			step_at_frame(st, p->file, p->frame);
		else if (i < POINTERS && p->file[0] != '/')
			step_at_bytes(st, p->file, p->off, p->n);
	}
	step_scope_text(st, "%zu fields, %zu other texts, 10 forms each, in %" PRId64 " bytes (%" PRId64 " frames)",
			json_array_size(step_json(st, "fields")),
			step_has(st, "also") ? json_array_size(step_json(st, "also")) : 0, s->bytes, s->frames);
	if (s->full)
		step_incomplete(st, "the capture holds more streams than fit; what did not was searched frame by frame only");
}

static bool run_search(struct step *st, struct search *s, struct err *err)
{
	const json_t *item;
	size_t i;

	if (step_has(st, "file")) {
		if (!search_named(st, s, step_text(st, "file"), err))
			return false;
		step_observer(st, "flash.main");
	}
	if (step_has(st, "files"))
		json_array_foreach(step_json(st, "files"), i, item)
			if (!json_is_string(item) || !search_named(st, s, json_string_value(item), err))
				return err->kind ? false : err_set(err, ERR_CONF, "files: names are needed");
	if (step_bool(st, "capture") && !search_capture_line(st, s, err))
		return false;
	report(st, s);
	return true;
}

static bool search(struct step *st, struct err *err)
{
	static struct search s;
	struct markers *m = NULL;
	bool ok;

	memset(&s, 0, sizeof(s));
	ok = markers_new(&m, err) && load_markers(st, m, err);
	s.markers = m;
	ok = ok && run_search(st, &s, err);
	markers_free(m);
	return ok;
}

static bool dressed(struct step *st, uint8_t *buf, size_t *ret_n, struct err *err)
{
	char value[33];

	step_canary(st, step_text(st, "field"), value);
	return marker_dress(value, step_text(st, "how"), buf, ret_n) ||
	       err_set(err, ERR_CONF, "how: '%s' is no form", step_text(st, "how"));
}

/* A copy with the marker written over the bytes somewhere in its middle half. */
static bool plant(struct step *st, struct err *err)
{
	CLEANUP(free_ptr) char *data = NULL;
	uint8_t form[2 * MARKER_TEXT + 8];
	char path[FS_PATH], name[96];
	size_t n, form_n, at;

	if (!run_path(st, step_text(st, "file"), path, err) || !fs_read(path, FILE_MAX, &data, &n, err) ||
	    !dressed(st, form, &form_n, err))
		return false;
	if (n < form_n)
		return err_set(err, ERR_BENCH, "%s: too small to hold a marker", path);
	at = n / 4 + (size_t)rng_below(step_rng(st), n / 2 + 1);
	at = at + form_n > n ? n - form_n : at;
	memcpy(data + at, form, form_n);
	snprintf(name, sizeof(name), "evidence/planted-%" PRId64 ".bin", step_begin_ns(st));
	if (!fs_join(path, step_run_dir(st), "evidence", err) || !fs_mkdirs(path, err) || !run_path(st, name, path, err) ||
	    !fs_write(path, data, n, err))
		return false;
	fact_text(st, "file", name);
	fact_int(st, "at", (int64_t)at);
	step_at_bytes(st, name, (int64_t)at, (int64_t)form_n);
	return true;
}

/* One datagram to the discard port: whatever records the wire must show it. */
static bool emit(struct step *st, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	uint8_t form[2 * MARKER_TEXT + 8];
	char ip[64];
	size_t n;

	if (!dressed(st, form, &n, err))
		return false;
	if (!step_dut_address(st, ip) || inet_pton(AF_INET, ip, &to.sin_addr) != 1) {
		fact_bool(st, "sent", false);
		step_scope_text(st, "the device has no IPv4 address to send a marker to");
		return true;
	}
	if (!step_in_scope(st, ip, err))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "socket");
	fact_bool(st, "sent", sendto(fd, form, n, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)n);
	return true;
}

static const struct param search_params[] = {
	{ "fields", VALUE_SET, .need = true, .doc = "names of the fields whose markers are looked for" },
	{ "also", VALUE_SET, .doc = "texts to look for as well, 4 to 128 bytes" },
	{ "file", VALUE_TEXT, .doc = "a file of the run folder" },
	{ "files", VALUE_SET, .doc = "several" },
	{ "capture", VALUE_BOOL, .fallback = "false", .doc = "recorded traffic, frame by frame and as streams" },
	{ "line", VALUE_LINE, .fallback = "capture.lan", .doc = "which recorder's" },
	{ "since", VALUE_TEXT, .doc = "label of an earlier step: traffic from its start on" },
	{ 0 }
};
static const struct fact search_facts[] = {
	{ "hits", VALUE_INT, NULL, "markers found" },
	{ "fields", VALUE_SET, NULL, "whose" },
	{ "where", VALUE_SET, NULL, "in which form and place (the first 40)" },
	{ "bytes", VALUE_INT, "bytes", "searched" },
	{ 0 }
};
static const struct param plant_params[] = {
	{ "file", VALUE_TEXT, .need = true, .doc = "a file of the run folder; it stays as it is" },
	{ "field", VALUE_TEXT, .need = true, .doc = "whose marker" },
	{ "how", VALUE_ENUM, .words = marker_forms, .fallback = "plain", .doc = "in which form" },
	{ 0 }
};
static const struct fact plant_facts[] = {
	{ "file", VALUE_TEXT, NULL, "the copy with the marker in it" },
	{ "at", VALUE_INT, "bytes", "where it was put" },
	{ 0 }
};
static const struct param emit_params[] = {
	{ "field", VALUE_TEXT, .need = true, .doc = "whose marker" },
	{ "how", VALUE_ENUM, .words = marker_forms, .fallback = "plain", .doc = "in which form" },
	{ 0 }
};
static const struct fact emit_facts[] = {
	{ "sent", VALUE_BOOL, NULL, "the datagram left" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "search", VERB_PROBE, search_params, search_facts, search, "look for markers in files and traffic" },
	{ "plant", VERB_PROBE, plant_params, plant_facts, plant, "put a marker into a copy of a file, so that the search can be controlled" },
	{ "emit", VERB_PROBE, emit_params, emit_facts, emit, "put a marker on the wire, so that the search can be controlled" },
	{ 0 }
};
const struct probe probe_canary = { "canary", "markers of the run, looked for and planted", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
