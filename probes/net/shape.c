// SPDX-License-Identifier: Apache-2.0
#include "probes/net/shape.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/net/tool.h"

#define BURST_LEAST 3200                /* bytes: two frames */

bool shape_can_delay(struct err *err)
{
	static const char *const add[] = { "tc", "qdisc", "replace", "dev", "lo", "root", "netem", "delay", "1ms", NULL };
	char out[512];

	if (tool_run(add, "", out, sizeof(out), err))
		return shape_clear("lo", err);
	if (strstr(err->text, "qdisc kind is unknown"))
		err_set(err, ERR_BENCH, "this kernel has no netem (module sch_netem), so the line cannot be made late");
	return false;
}

bool shape_rate(const char *interface, int64_t kbit, struct err *err)
{
	int64_t burst = kbit * 1000 / 8 / 50;           /* 20 ms at that rate */
	char rate[32], bytes[32], out[512];
	const char *const argv[] = { "tc", "qdisc", "replace", "dev", interface, "root", "tbf", "rate", rate, "burst", bytes, "latency",
				     "400ms", NULL };

	snprintf(rate, sizeof(rate), "%lldkbit", (long long)kbit);
	snprintf(bytes, sizeof(bytes), "%lld", (long long)(burst < BURST_LEAST ? BURST_LEAST : burst));
	return tool_run(argv, "", out, sizeof(out), err);
}

bool shape_delay(const char *interface, int64_t ns, struct err *err)
{
	char us[32], out[512];
	const char *const argv[] = { "tc", "qdisc", "replace", "dev", interface, "root", "netem", "delay", us, "limit", "100000", NULL };

	snprintf(us, sizeof(us), "%lldus", (long long)(ns / 1000));
	return tool_run(argv, "", out, sizeof(out), err);
}

bool shape_clear(const char *interface, struct err *err)
{
	const char *const argv[] = { "tc", "qdisc", "del", "dev", interface, "root", NULL };
	struct err none = { 0 };
	char out[512];

	/* "Cannot delete qdisc with handle of zero": the kernel's own queue, so there is none of ours */
	return tool_run(argv, "", out, sizeof(out), &none) || strstr(none.text, "handle of zero") || strstr(none.text, "No such file") ||
	       err_set(err, none.kind, "%s", none.text);
}
