// SPDX-License-Identifier: Apache-2.0
#include "probes/wire/pins.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"

bool pins_begin(const struct line *l, struct pins *p, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	p->blind = line_blind(l);
	snprintf(path, sizeof(path), "%s/wire", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/wire/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return wire_log_create(path, &p->log, err);
}

void pins_end(struct pins *p)
{
	if (p->log.fd >= 0)
		close(p->log.fd);
	p->log.fd = -1;
}

struct pin *pins_find(struct pins *p, const char *name)
{
	for (size_t i = 0; name && i < p->n; i++)
		if (!strcmp(p->pin[i].name, name))
			return &p->pin[i];
	return NULL;
}

struct pin *pins_add(struct pins *p, const char *name, bool out, struct err *err)
{
	if (!name || !wire_name_ok(name)) {
		err_set(err, ERR_CONF, "'%.40s' is no pin name: letters, digits, '_' and '.'", name ? name : "");
		return NULL;
	}
	if (pins_find(p, name) || p->n == p->max) {
		err_set(err, ERR_CONF, "pin '%s' is listed twice, or one of more than %zu", name, p->max);
		return NULL;
	}
	p->pin[p->n] = (struct pin){ .out = out };
	strcpy(p->pin[p->n].name, name);
	return &p->pin[p->n++];
}

bool pins_record(struct pins *p, const struct pin *pin, int64_t t_ns, struct err *err)
{
	return p->blind || wire_log_level(&p->log, t_ns, pin->out ? WIRE_OUT : WIRE_IN, pin->name, pin->value, err);
}

bool pins_drive(struct pins *p, struct pin *pin, int64_t value, struct err *err)
{
	if (!p->drive(p, pin, value, err))
		return false;
	pin->value = value;
	return pins_record(p, pin, clock_ns(), err);
}

void pins_timer(struct line *l, const struct pins *p)
{
	int64_t at = p->look_ns;

	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].until_ns && (!at || p->pin[i].until_ns < at))
			at = p->pin[i].until_ns;
	line_timer(l, at);
}

bool pins_release(struct pins *p, struct err *err)
{
	int64_t now = clock_ns();

	for (size_t i = 0; i < p->n; i++)
		if (p->pin[i].until_ns && p->pin[i].until_ns <= now) {
			p->pin[i].until_ns = 0;
			if (!pins_drive(p, &p->pin[i], p->pin[i].back, err))
				return false;
		}
	return true;
}

static bool press(struct pins *p, struct pin *pin, int64_t value, int64_t for_ns, struct err *err)
{
	if (!pin->until_ns)
		pin->back = pin->value;
	if (!pins_drive(p, pin, value, err))
		return false;
	pin->until_ns = clock_ns() + for_ns;    /* of the edge, not of the wish */
	return true;
}

static bool set(struct pins *p, struct pin *pin, int64_t value, struct err *err)
{
	pin->until_ns = 0;
	return pins_drive(p, pin, value, err);
}

bool pins_command(struct line *l, struct pins *p, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	const char *name = json_string_value(json_object_get(args, "pin"));
	struct pin *pin = pins_find(p, name);
	int64_t value = json_integer_value(json_object_get(args, "value"));
	bool ok;

	if (!pin)
		return err_set(err, ERR_BENCH, "%s has no pin '%s'", line_name(l), name ? name : "");
	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "value", json_integer(pin->value)) == 0;
	if (!pin->out)
		return err_set(err, ERR_BENCH, "pin '%s' is driven by the device", name);
	if (p->digital && (value & ~1))
		return err_set(err, ERR_BENCH, "pin '%s' is digital: 0 or 1, not %lld", name, (long long)value);
	if (strcmp(command, "press") && strcmp(command, "set"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	ok = !strcmp(command, "set") ? set(p, pin, value, err) : press(p, pin, value, json_integer_value(json_object_get(args, "for_ns")), err);
	pins_timer(l, p);
	return ok;
}
