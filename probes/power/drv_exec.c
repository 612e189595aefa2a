// SPDX-License-Identifier: Apache-2.0
// A supply that a program of the lab switches. Exit status 0 means done; what it does not say clearly is an error.
#include "probes/power/outlet.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "probes/power/command.h"

struct exec_dev {
	struct line *line;
	regex_t on, off;
	bool by_text;
};

static void exec_close(void *dev)
{
	struct exec_dev *d = dev;

	if (d->by_text) {
		regfree(&d->on);
		regfree(&d->off);
	}
	free(d);
}

static bool patterns(struct line *l, struct exec_dev *d, struct err *err)
{
	if (line_has(l, "says_on") != line_has(l, "says_off"))
		return err_set(err, ERR_CONF, "says_on and says_off: both or none, so that neither is never an answer");
	if (!line_has(l, "says_on"))
		return true;
	if (regcomp(&d->on, line_text(l, "says_on"), REG_EXTENDED | REG_NOSUB))
		return err_set(err, ERR_CONF, "says_on is no pattern");
	if (regcomp(&d->off, line_text(l, "says_off"), REG_EXTENDED | REG_NOSUB)) {
		regfree(&d->on);
		return err_set(err, ERR_CONF, "says_off is no pattern");
	}
	d->by_text = true;
	return true;
}

static bool exec_open(struct line *l, void **ret_dev, struct err *err)
{
	struct exec_dev *d;

	if (!command_check(line_json(l, "on"), "on", err) || !command_check(line_json(l, "off"), "off", err) ||
	    (line_has(l, "get") && !command_check(line_json(l, "get"), "get", err)))
		return false;
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_set(err, ERR_LIMIT, "out of memory");
	d->line = l;
	if (!patterns(l, d, err)) {
		free(d);
		return false;
	}
	*ret_dev = d;
	return true;
}

static bool exec_set(void *dev, bool energised, struct err *err)
{
	struct exec_dev *d = dev;
	struct command_end end;

	return command_run(line_json(d->line, energised ? "on" : "off"), line_int(d->line, "timeout"), &end, err) &&
	       (end.status == 0 || err_set(err, ERR_BENCH, "exit status %d: %.200s", end.status, end.said));
}

static bool exec_get(void *dev, bool *ret, struct err *err)
{
	struct exec_dev *d = dev;
	struct command_end end;
	bool on, off;

	if (!command_run(line_json(d->line, "get"), line_int(d->line, "timeout"), &end, err))
		return false;
	on = d->by_text ? end.status == 0 && !regexec(&d->on, end.said, 0, NULL, 0) : end.status == 0;
	off = d->by_text ? end.status == 0 && !regexec(&d->off, end.said, 0, NULL, 0) : end.status == 1;
	*ret = on;
	return on != off || err_set(err, ERR_BENCH, "neither clearly on nor off: exit status %d, '%.200s'", end.status, end.said);
}

static const struct param exec_params[] = {
	{ .name = "on", .type = VALUE_SET, .need = true, .doc = "program and arguments that energise the output; no shell" },
	{ .name = "off", .type = VALUE_SET, .need = true, .doc = "program and arguments that release it" },
	{ .name = "get", .type = VALUE_SET, .doc = "program and arguments that tell: exit status 0 energised, 1 released, else an error" },
	{ .name = "says_on", .type = VALUE_TEXT, .doc = "POSIX ERE on its output instead: energised; the exit status is then 0 for both" },
	{ .name = "says_off", .type = VALUE_TEXT, .doc = "POSIX ERE on its output: released" },
	OUTLET_PARAMS,
	{ 0 }
};

static const struct outlet_ops told = { READBACK_none, exec_open, exec_set, NULL, NULL, NULL, exec_close };
static const struct outlet_ops asked = { READBACK_reported, exec_open, exec_set, exec_get, NULL, NULL, exec_close };

static const struct outlet_ops *exec_ops(const struct line *l) { return line_has(l, "get") ? &asked : &told; }
static bool exec_line_open(struct line *l, struct err *err) { return outlet_open(l, exec_ops(l), err); }
static void exec_line_safe(struct line *l) { outlet_safe(l, exec_ops(l)); }

const struct line_driver drv_exec = {
	.name = "exec", .doc = "supply that a program of the lab switches",
	.seen = "shell scripts as the hardware",
	.params = exec_params,
	.open = exec_line_open, .command = outlet_command, .event = outlet_event, .safe = exec_line_safe, .close = outlet_close,
};
