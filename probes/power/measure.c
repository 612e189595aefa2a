// SPDX-License-Identifier: Apache-2.0
#include "probes/power/measure.h"

#include <stdlib.h>

static bool set_mv(struct step *st, const char *line, int64_t mv, json_t **ret_reply, struct err *err)
{
	json_t *args = json_pack("{s:I}", "mv", (json_int_t)mv);
	bool ok = step_line(st, line, "set", args, ret_reply, err);

	json_decref(args);
	return ok;
}

static bool sample(struct step *st, const char *line, int64_t *ret_mv, int64_t *ret_ua, struct err *err)
{
	json_t *reply = NULL;

	if (!step_line(st, line, "sample", NULL, &reply, err))
		return false;
	*ret_mv = json_integer_value(json_object_get(reply, "mv"));
	*ret_ua = json_integer_value(json_object_get(reply, "ua"));
	json_decref(reply);
	return true;
}

static bool near_to(int64_t a, int64_t b, int64_t share_ppm)
{
	return llabs(a - b) <= (int64_t)((__int128)llabs(b) * share_ppm / 1000000) + 5;         /* 5 mV: the last digit of a meter */
}

/* Set, and what is measured then says whether it is so. */
bool power_voltage(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	int64_t want = step_int(st, "mv"), until, mv = 0, ua = 0;
	json_t *reply = NULL;

	if (!set_mv(st, line, want, &reply, err))
		return false;
	power_times(st, reply);
	json_decref(reply);
	until = clock_ns() + step_int(st, "within");
	do {
		if (!sample(st, line, &mv, &ua, err))
			return false;
	} while (!near_to(mv, want, step_int(st, "tolerance")) && (step_wait(st, -1, clock_ns() + MS(20)), clock_ns() < until));
	step_observer(st, line);
	fact_bool(st, "confirmed", near_to(mv, want, step_int(st, "tolerance")));
	fact_int(st, "mv", mv);
	fact_int(st, "ua", ua);
	return true;
}

/* From the voltage it has to another one in equal steps, one exchange with the supply each. */
static bool ramp(struct step *st, const char *line, int64_t from_mv, int64_t to_mv, int64_t over_ns, struct err *err)
{
	int64_t begin = clock_ns(), steps = over_ns / MS(10) + 1;

	for (int64_t i = 1; i <= steps; i++) {
		if (!set_mv(st, line, from_mv + (to_mv - from_mv) * i / steps, NULL, err))
			return false;
		step_wait(st, -1, begin + over_ns * i / steps);
	}
	return true;
}

/* Brown-out: down, hold, up again. The supply measures what the device got at the bottom. */
bool power_dip(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	int64_t low = step_int(st, "mv"), over = step_int(st, "ramp"), before = 0, mv = 0, ua = 0, bottom, back;

	if (!sample(st, line, &before, &ua, err))
		return false;
	if (before <= low)
		return err_set(err, ERR_BENCH, "%s gives %lld mV, which is no more than the bottom of the dip", line, (long long)before);
	if (step_has(st, "from"))
		before = step_int(st, "from");
	fact_int(st, "requested", clock_ns());
	if (!ramp(st, line, before, low, over, err))
		return false;
	bottom = clock_ns();
	if (!sample(st, line, &mv, &ua, err))
		return false;
	step_wait(st, -1, bottom + step_int(st, "for"));
	back = clock_ns();
	if (!ramp(st, line, low, before, over, err))
		return false;
	step_observer(st, line);
	fact_bool(st, "confirmed", near_to(mv, low, step_int(st, "tolerance")));
	fact_int(st, "mv", mv);
	fact_int(st, "ua", ua);
	fact_int(st, "low_for", back - bottom);
	return true;
}

bool power_sample(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	int64_t end = clock_ns() + step_int(st, "for"), n = 0, mv, ua, sum_mv = 0, sum_ua = 0, least = INT64_MAX, most = INT64_MIN;

	do {
		if (!sample(st, line, &mv, &ua, err))
			return false;
		sum_mv += mv;
		sum_ua += ua;
		least = ua < least ? ua : least;
		most = ua > most ? ua : most;
		n++;
	} while ((step_wait(st, -1, clock_ns() + step_int(st, "every")), clock_ns() < end));
	step_observer(st, line);
	fact_int(st, "mv", sum_mv / n);
	fact_int(st, "ua", sum_ua / n);
	fact_int(st, "least", least);
	fact_int(st, "most", most);
	fact_int(st, "samples", n);
	return true;
}
