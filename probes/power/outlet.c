// SPDX-License-Identifier: Apache-2.0
#include "probes/power/outlet.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "probes/power/trigger.h"

#define ASK_AGAIN_MS 5          /* between two questions to hardware that has not followed yet */

const char *const readback_name[] = {
#define X(name, doc) #name,
	READBACKS(X)
#undef X
	NULL
};
const char *const outlet_wirings[] = { "NO", "NC", NULL };

struct outlet {
	const struct outlet_ops *ops;
	void *dev;                      /* NULL: gone */
	bool on;                        /* as last acknowledged */
	int64_t off_since_ns;           /* 0: not seen to go off */
	int64_t on_at_ns;               /* of a pulse: when it ends; 0 = none */
	struct trigger trigger;
	int log;                        /* -1 when blind */
};

/* ---- the hardware ---- */

/* Power on means a closed contact: the coil is energised for NO, and not for NC. */
static bool energised_for(const struct line *l, bool on)
{
	return on ^ !strcmp(line_text(l, "wiring"), "NC") ^ line_flag(l, "invert");
}

static bool reopen(struct line *l, struct outlet *o, struct err *err)
{
	if (o->dev)
		o->ops->close(o->dev);
	o->dev = NULL;
	*err = (struct err){ .kind = ERR_NONE };
	return o->ops->open(l, &o->dev, err);
}

/* Asks until the hardware says what it was told; a driver that cannot be asked has only its acknowledgement. */
static bool followed(struct line *l, struct outlet *o, bool energised, struct err *err)
{
	int64_t until = clock_ns() + line_int(l, "timeout");
	bool now = !energised;

	if (!o->ops->get)
		return true;
	for (;;) {
		if (!o->ops->get(o->dev, &now, err))
			return false;
		if (now == energised)
			return true;
		if (clock_ns() >= until)
			return err_set(err, ERR_BENCH, "%s took the command and still reads %s: this output does not switch", line_name(l),
				       now ? "energised" : "released");
		poll(NULL, 0, ASK_AGAIN_MS);
	}
}

static bool set_once(struct line *l, struct outlet *o, bool energised, struct err *err)
{
	if (!o->dev)
		return err_set(err, ERR_BENCH, "%s: the hardware is gone", line_name(l));
	return o->ops->set(o->dev, energised, err) && followed(l, o, energised, err);
}

static bool record(struct outlet *o, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err)
{
	return o->log < 0 || event_log_add(o->log, t_ns, word, value, note, err);
}

/* One retry on freshly opened hardware: setting an output twice to the same state harms nobody, unlike a cycle. */
static bool set(struct line *l, struct outlet *o, bool on, int64_t from_ns, const char *why, int64_t *ret_ack_ns, struct err *err)
{
	bool energised = energised_for(l, on);
	struct err first = { 0 };

	if (!set_once(l, o, energised, &first)) {
		if (!record(o, clock_ns(), "lost", 0, first.text, err))
			return false;
		if (!reopen(l, o, err) || !set_once(l, o, energised, err))
			return err_in(err, "after '%.160s', once more", first.text);
		line_note(l, "%s: opened again after: %s", line_name(l), first.text);
	}
	*ret_ack_ns = clock_ns();
	o->on = on;
	o->off_since_ns = on ? 0 : o->off_since_ns ? o->off_since_ns : *ret_ack_ns;
	return record(o, *ret_ack_ns, on ? "on" : "off", *ret_ack_ns - from_ns, why, err);
}

/* ---- commands ---- */

static bool answer(json_t *reply, const char *key, int64_t value)
{
	return json_object_set_new(reply, key, json_integer(value)) == 0;
}

static void answer_readback(const struct outlet *o, json_t *reply)
{
	json_object_set_new(reply, "readback", json_string(readback_name[o->ops->readback]));
}

static bool switch_on(struct line *l, struct outlet *o, json_t *reply, struct err *err)
{
	int64_t now = clock_ns(), may = o->off_since_ns ? o->off_since_ns + line_int(l, "min_off") : 0, ack;

	json_object_set_new(reply, "was_on", json_boolean(o->on));
	if (now < may)
		return answer(reply, "wait_ns", may - now);
	answer_readback(o, reply);
	return set(l, o, true, now, "command", &ack, err) && answer(reply, "request_ns", now) && answer(reply, "ack_ns", ack);
}

static bool cut(struct line *l, struct outlet *o, int64_t from_ns, const char *why, json_t *reply, struct err *err)
{
	int64_t ack;

	trigger_disarm(l, &o->trigger);
	o->on_at_ns = 0;
	if (!reply)
		return set(l, o, false, from_ns, why, &ack, err);
	json_object_set_new(reply, "was_on", json_boolean(o->on));
	answer_readback(o, reply);
	return set(l, o, false, from_ns, why, &ack, err) && answer(reply, "request_ns", from_ns) && answer(reply, "ack_ns", ack) &&
	       answer(reply, "dead_ns", ack + line_int(l, "settle"));
}

static bool pulse(struct line *l, struct outlet *o, const json_t *args, json_t *reply, struct err *err)
{
	int64_t now = clock_ns(), length = json_integer_value(json_object_get(args, "for_ns"));

	if (length <= 0 || length < line_int(l, "min_off"))
		return err_set(err, ERR_BENCH, "%s: a pulse of %lld ms is shorter than min_off", line_name(l), (long long)(length / MS(1)));
	if (!cut(l, o, now, "pulse", reply, err))
		return false;
	o->on_at_ns = o->off_since_ns + length;
	line_timer(l, o->on_at_ns);
	return record(o, now, "pulse", length, "-", err);
}

static bool get(struct line *l, struct outlet *o, json_t *reply, struct err *err)
{
	bool energised = energised_for(l, o->on);

	if (o->ops->get && (!o->dev || !o->ops->get(o->dev, &energised, err))) {
		if (!reopen(l, o, err) || !o->ops->get(o->dev, &energised, err))
			return false;
	}
	answer_readback(o, reply);
	answer(reply, "settle_ns", line_int(l, "settle"));
	if (o->ops->measure)
		answer(reply, "off_below_ua", line_int(l, "off_below"));
	json_object_set_new(reply, "on", json_boolean(energised == energised_for(l, true)));
	return json_object_set_new(reply, "alive", json_boolean(energised == energised_for(l, true))) == 0;
}

static bool set_voltage(struct line *l, struct outlet *o, const json_t *args, json_t *reply, struct err *err)
{
	int64_t now = clock_ns(), mv = json_integer_value(json_object_get(args, "mv"));

	if (!o->ops->set_mv || !o->dev)
		return err_set(err, ERR_BENCH, "%s cannot set a voltage", line_name(l));
	return o->ops->set_mv(o->dev, mv, err) && record(o, clock_ns(), "set", mv, "mV", err) && answer(reply, "request_ns", now) &&
	       answer(reply, "ack_ns", clock_ns());
}

static bool sample(struct line *l, struct outlet *o, json_t *reply, struct err *err)
{
	struct reading r = { 0, 0 };

	if (!o->ops->measure || !o->dev)
		return err_set(err, ERR_BENCH, "%s measures nothing", line_name(l));
	return o->ops->measure(o->dev, &r, err) && record(o, clock_ns(), "sample", r.ua, "uA", err) && answer(reply, "mv", r.mv) &&
	       answer(reply, "ua", r.ua) && answer(reply, "t_ns", clock_ns());
}

bool outlet_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct outlet *o = line_priv(l);

	if (!strcmp(command, "on"))
		return switch_on(l, o, reply, err);
	if (!strcmp(command, "off"))
		return cut(l, o, clock_ns(), "command", reply, err);
	if (!strcmp(command, "pulse"))
		return pulse(l, o, args, reply, err);
	if (!strcmp(command, "get"))
		return get(l, o, reply, err);
	if (!strcmp(command, "set"))
		return set_voltage(l, o, args, reply, err);
	if (!strcmp(command, "sample"))
		return sample(l, o, reply, err);
	if (!strcmp(command, "arm"))
		return trigger_arm(l, &o->trigger, args, err) && record(o, clock_ns(), "armed", 0, "-", err) &&
		       answer(reply, "armed_ns", clock_ns());
	if (!strcmp(command, "disarm")) {
		trigger_disarm(l, &o->trigger);
		return true;
	}
	return err_set(err, ERR_BENCH, "%s cannot do '%s': its driver switches a supply and no more", line_name(l), command);
}

/* ---- the line ---- */

bool outlet_event(struct line *l, int fd, short revents, struct err *err)
{
	struct outlet *o = line_priv(l);
	int64_t ack, due = o->on_at_ns, now;
	struct fired f;

	(void)revents;
	if (fd < 0 && due) {
		o->on_at_ns = 0;
		return set(l, o, true, due, "pulse", &ack, err);
	}
	if (!trigger_event(l, &o->trigger, fd, &f, err))
		return false;
	now = clock_ns();
	return !f.why || (cut(l, o, f.t_ns, f.why, NULL, err) && record(o, now, "trigger", now - f.t_ns, f.why, err));
}

static bool start_log(struct line *l, struct outlet *o, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/power", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/power/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	if (line_blind(l))
		return fs_write(path, "", 0, err);
	return event_log_create(path, &o->log, err);
}

/* What the output was before is not known, and opening some boards moves it: the run begins from what it reads. */
bool outlet_open(struct line *l, const struct outlet_ops *ops, struct err *err)
{
	struct outlet *o = calloc(1, sizeof(*o));
	bool energised = false;

	if (!o)
		return err_set(err, ERR_LIMIT, "out of memory");
	*o = (struct outlet){ .ops = ops, .log = -1 };
	line_set_priv(l, o);
	if (!start_log(l, o, err) || !ops->open(l, &o->dev, err) || !record(o, clock_ns(), "opened", 0, "-", err))
		return false;
	if (ops->get && !ops->get(o->dev, &energised, err))
		return false;
	o->on = ops->get && energised == energised_for(l, true);
	return true;
}

/* off (the default), on, or keep. Also in a fresh process, in which nothing is open. */
static bool make_safe(struct line *l, const struct outlet_ops *ops, void *dev, struct err *err)
{
	const char *state = line_has(l, "safe_state") ? line_text(l, "safe_state") : "off";
	struct outlet o = { .ops = ops, .dev = dev };

	return !strcmp(state, "keep") || set_once(l, &o, energised_for(l, !strcmp(state, "on")), err);
}

void outlet_safe(struct line *l, const struct outlet_ops *ops)
{
	struct err err = { 0 };
	void *dev = NULL;

	if (!ops->open(l, &dev, &err) || !make_safe(l, ops, dev, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	if (dev)
		ops->close(dev);
}

void outlet_close(struct line *l)
{
	struct outlet *o = line_priv(l);
	struct err err = { 0 };

	trigger_disarm(l, &o->trigger);
	if ((!o->dev && !reopen(l, o, &err)) || !make_safe(l, o->ops, o->dev, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	if (o->dev)
		o->ops->close(o->dev);
	if (o->log >= 0)
		close(o->log);
	free(o);
}
