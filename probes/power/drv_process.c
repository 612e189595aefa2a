// SPDX-License-Identifier: Apache-2.0
// A device that is a program of this host: its network stack is the kernel's, in the device's namespace.
#include "probes/power/supply.h"

static bool process_open(struct line *l, struct err *err)
{
	struct machine_spec spec = { .owns_ip = true };
	const json_t *run = line_json(l, "run"), *arg;
	size_t i;

	if (!json_array_size(run) || json_array_size(run) >= MACHINE_ARGS)
		return err_set(err, ERR_CONF, "%s: run: a list of 1 to %d texts", line_name(l), MACHINE_ARGS - 1);
	json_array_foreach((json_t *)run, i, arg) {
		spec.argv[i] = json_string_value(arg);
		if (!spec.argv[i])
			return err_set(err, ERR_CONF, "%s: run: item %zu is no text", line_name(l), i + 1);
	}
	return supply_spec(l, &spec, err) && supply_open(l, &spec, err);
}

static const struct param process_params[] = {
	{ .name = "run", .type = VALUE_SET, .need = true, .doc = "program and arguments" },
	SUPPLY_PARAMS,
	{ 0 }
};

const struct line_driver drv_process = {
	.name = "process", .doc = "supply of a device that is a program in the device's namespaces",
	.seen = "the kernel's processes, in every make check",
	.params = process_params,
	.open = process_open, .command = supply_command, .event = supply_event, .close = supply_close,
};
