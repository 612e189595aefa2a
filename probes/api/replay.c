/* SPDX-License-Identifier: Apache-2.0
 *
 * replay.c - a command that was recorded is said again, when the session it belonged to is over. Does the device obey once more? */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "probes/api/api.h"
#include "probes/api/exchange.h"

static struct exchanges recorded;       /* api.record keeps it for api.replay of the same attempt */

/* ---- what is seen of the effect ---- */
bool api_effect(struct step *st, struct err *err)
{
	struct effect e = { .kind = EFFECT_NONE };
	char text[API_TEXT] = "";
	bool known = false, changed;
	struct api a;
	bool ok = api_open(st, NULL, &a, err) && effect_open(&a, step_json(st, "effect"), &e, err);

	if (ok && step_has(st, "other_than"))
		ok = effect_await(&a, &e, step_text(st, "other_than"), text, &known, &changed, err);
	else
		ok = ok && effect_read(&a, &e, text, &known, err);
	if (ok && known)
		fact_text(st, "value", text);
	else if (ok)
		step_incomplete(st, "%s", text);
	if (ok)
		fact_bool(st, "known", known);
	effect_close(&e);
	api_close(&a);
	return ok;
}

/* ---- a message in clear ---- */
static bool parse_port(const char *text, struct exchange *x, struct err *err)
{
	int64_t port = 0;

	x->proto = !strncmp(text, "udp/", 4) ? IP_UDP : IP_TCP;
	if ((x->proto == IP_TCP && strncmp(text, "tcp/", 4)) || !units_int(text + 4, &port) || port < 1 || port > 65535)
		return err_set(err, ERR_CONF, "to: '%s' is no port; write tcp/7000 or udp/7000", text);
	x->dport = (uint16_t)port;
	return true;
}

bool api_send(struct step *st, struct err *err)
{
	const char *text = step_text(st, "text");
	char answer[1024], dut[64];
	struct piece piece = { (uint8_t *)(uintptr_t)text, strlen(text), 0 };   /* only read */
	struct exchange x = { .piece = &piece, .n = 1 };
	struct again sum = { .keep = answer, .room = sizeof(answer) };

	if (!parse_port(step_text(st, "to"), &x, err))
		return false;
	step_observer(st, "net.lan");
	step_scope_text(st, "%zu bytes to %s", piece.n, step_text(st, "to"));
	if (!step_dut_address(st, dut)) {
		fact_bool(st, "sent", false);
		return true;
	}
	if (!exchange_again(st, &x, dut, step_int(st, "within"), &sum, err))
		return false;
	fact_bool(st, "sent", sum.sent == (int64_t)piece.n && !sum.refused);
	fact_bytes(st, "answer", answer, sum.kept);
	return true;
}

/* ---- record ---- */
bool api_record(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	char path[FS_PATH], file[FS_PATH], dut[64];

	exchanges_free(&recorded);
	snprintf(file, sizeof(file), "capture/%s.pcapng", dot ? dot + 1 : line);
	step_observer(st, line);
	if (!step_dut_address(st, dut))
		step_incomplete(st, "the device has no address");
	else if (!step_recorded(st, line, err) || !fs_join(path, step_run_dir(st), file, err) ||
		 !exchanges_read(path, dut, step_since_ns(st) + step_wall_offset_ns(st), &recorded, err))
		return false;
	for (size_t i = 0; i < recorded.n; i++)
		step_at_frame(st, file, recorded.x[i].first_frame);
	if (recorded.cut)
		step_incomplete(st, "not all of it could be kept");
	if (!recorded.frames)
		step_incomplete(st, "nothing was ever recorded in %s", file);
	fact_int(st, "streams", (int64_t)recorded.streams);
	fact_int(st, "datagrams", (int64_t)recorded.datagrams);
	fact_int(st, "bytes", recorded.bytes);
	return true;
}

/* ---- replay ---- */
struct rounds { int64_t done, effects; struct again sum; };

static bool one_round(struct step *st, struct api *a, struct effect *e, const char *dut, char now[static API_TEXT], bool *ret_known,
		      struct rounds *r, struct err *err)
{
	char before[API_TEXT];
	int64_t refused = r->sum.refused;
	bool changed;

	for (size_t i = 0; i < recorded.n; i++)
		if (!exchange_again(st, &recorded.x[i], dut, step_int(st, "quiet"), &r->sum, err))
			return false;
	strcpy(before, now);
	if (!effect_await(a, e, before, now, ret_known, &changed, err))
		return false;
	r->effects += changed;
	r->done += *ret_known && r->sum.refused - refused < (int64_t)recorded.n;
	return true;
}

static bool rounds(struct step *st, struct api *a, struct effect *e, const char *dut, struct rounds *r, struct err *err)
{
	int64_t times = step_int(st, "times"), until = step_begin_ns(st) + step_int(st, "budget");
	char now[API_TEXT] = "";
	bool known;

	if (!effect_read(a, e, now, &known, err))
		return false;
	if (!known)
		step_incomplete(st, "before: %s", now);
	for (int64_t i = 0; i < times && known && !step_stopped(st) && clock_ns() < until; i++)
		if (!one_round(st, a, e, dut, now, &known, r, err))
			return false;
	if (r->done < times)
		step_incomplete(st, "%lld of %lld times: %s", (long long)r->done, (long long)times,
				known ? "then time was up, or nobody answered" : now);
	return true;
}

bool api_replay(struct step *st, struct err *err)
{
	struct effect e = { .kind = EFFECT_NONE };
	struct rounds r = { .done = 0 };
	struct api a;
	char dut[64];
	bool ok = api_open(st, NULL, &a, err) && effect_open(&a, step_json(st, "effect"), &e, err);

	step_observer(st, "net.lan");
	if (ok && !recorded.n)
		step_incomplete(st, "nothing was recorded that could be said again");
	else if (ok && !step_dut_address(st, dut))
		step_incomplete(st, "the device has no address");
	else if (ok)
		ok = rounds(st, &a, &e, dut, &r, err);
	if (ok) {
		fact_int(st, "rounds", r.done);
		fact_int(st, "effects", r.effects);
		fact_int(st, "bytes", r.sum.sent);
		fact_int(st, "answered", r.sum.answered);
		step_scope_text(st, "%zu connections and %zu datagrams, %lld times: %lld bytes, %lld bytes of answers", recorded.streams,
				recorded.datagrams, (long long)r.done, (long long)r.sum.sent, (long long)r.sum.answered);
	}
	effect_close(&e);
	api_close(&a);
	return ok;
}
