// SPDX-License-Identifier: Apache-2.0
// Which rate does the device speak at? Each is listened to for a while: at the right one nearly all bytes are readable and no
// stop bit is missing, at a wrong one hardly any, and many are.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/serial/talk.h"

#define RATES_MAX 32

static const int64_t usual[] = { 115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600, 1500000, 3000000, 74880, 1000000, 4800, 2400 };

struct trial { int64_t baud, bytes, share, errors; };

static bool rates(struct step *st, int64_t *ret, size_t *ret_n, struct err *err)
{
	const json_t *given = step_has(st, "rates") ? step_json(st, "rates") : NULL, *one;
	size_t i;

	*ret_n = sizeof(usual) / sizeof(usual[0]);
	memcpy(ret, usual, sizeof(usual));
	if (!given)
		return true;
	*ret_n = 0;
	json_array_foreach(given, i, one)
		if (*ret_n == RATES_MAX || !units_int(json_string_value(one), &ret[*ret_n]) || ret[*ret_n] < 50 || ret[(*ret_n)++] > 12000000)
			return err_set(err, ERR_CONF, "rates: at most %d whole numbers from 50 to 12000000", RATES_MAX);
	return *ret_n > 0 || err_set(err, ERR_CONF, "rates: none");
}

static bool set(struct step *st, int64_t baud, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:I}", "baud", (json_int_t)baud);

	return step_line(st, step_text(st, "line"), "set", args, NULL, err);
}

/* The rate it has now, from "115200 8N1". */
static bool current(struct step *st, int64_t *ret, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	const char *text;

	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	text = json_string_value(json_object_get(reply, "settings"));
	return (text && sscanf(text, "%" SCNd64, ret) == 1) ||
	       err_set(err, ERR_BENCH, "%s has no rate to set", step_text(st, "line"));
}

static int64_t readable(const struct serial_log *g)
{
	int64_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		unsigned char c = (unsigned char)g->text[i];

		n += (c >= 32 && c < 127) || c == '\r' || c == '\n' || c == '\t' || c == 27;
	}
	return n;
}

static bool listen_at_rate(struct step *st, struct trial *t, struct err *err)
{
	int64_t until = clock_ns() + step_int(st, "for"), sent;
	struct listener l;
	bool ok;

	if (!set(st, t->baud, err) || !listen_open(st, clock_ns(), &l, err))
		return false;
	ok = !*step_text(st, "text") || talk_type(st, &l, step_text(st, "text"), false, until, &sent, err);
	while (ok && listen_more(st, &l, until, err))
		;
	ok = ok && err->kind == ERR_NONE;
	t->bytes = (int64_t)l.log.n;
	t->share = l.log.n ? readable(&l.log) * 1000000 / (int64_t)l.log.n : 0;
	t->errors = l.log.fault[SERIAL_FRAMING] + l.log.fault[SERIAL_PARITY] + l.log.fault[SERIAL_BREAK];
	listen_at_all(st, &l);
	if (ok && l.log.fault[SERIAL_GAP])
		ok = err_set(err, ERR_BENCH, "%s went away meanwhile", step_text(st, "line"));
	listen_close(&l);
	return ok;
}

static bool right(struct step *st, const struct trial *t)
{
	return t->bytes >= step_int(st, "enough") && t->share >= step_int(st, "share") && t->errors * 20 <= t->bytes;
}

static void tell(struct step *st, const struct trial *t)
{
	char text[120], share[32];

	snprintf(text, sizeof(text), "%" PRId64 ": %" PRId64 " bytes, %s readable, %" PRId64 " errors", t->baud, t->bytes,
		 units_share_text(t->share, share, sizeof(share)), t->errors);
	fact_set_add(st, "tried", text);
}

bool autobaud(struct step *st, struct err *err)
{
	struct trial t = { 0 };
	int64_t rate[RATES_MAX], old, heard = 0;
	size_t n;
	bool found = false;

	if (!rates(st, rate, &n, err) || !current(st, &old, err))
		return false;
	for (size_t i = 0; i < n && !found; i++) {
		if (clock_ns() > step_begin_ns(st) + step_int(st, "within")) {
			step_incomplete(st, "time was over after %zu of %zu rates", i, n);
			break;
		}
		t = (struct trial){ .baud = rate[i] };
		if (!listen_at_rate(st, &t, err))
			return false;
		heard += t.bytes;
		tell(st, &t);
		found = right(st, &t);
	}
	fact_bool(st, "found", found);
	if (found) {
		fact_int(st, "baud", t.baud);
		fact_int(st, "share", t.share);
		fact_int(st, "errors", t.errors);
	} else if (!heard) {
		step_incomplete(st, "nothing came at any rate");
	}
	return found || set(st, old, err);
}
