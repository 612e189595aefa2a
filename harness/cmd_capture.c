// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/cmd.h"
#include "harness/cmd_hand.h"

static const char usage[] =
	"usage: jusan capture LINE [options]\n\n"
	"Records frames until Ctrl-C or --for, and says how many and where they are.\n\n"
	HAND_USAGE;

/* An interface that is not there yet is made by the bench's network. */
static const char *const *networks(const struct hand *c, const char *also[static HAND_LINES])
{
	struct by_hand h = { 0 };
	const char *interface, *name;
	struct err err = { 0 };
	json_t *lines, *v;
	size_t n = 0;

	if (!by_hand_load(&h, &c->o, NULL, &err))
		return also;            /* hand_open() says why */
	lines = json_object_get(h.plan.bench.json, "lines");
	interface = json_string_value(json_object_get(json_object_get(lines, c->line), "interface"));
	json_object_foreach(lines, name, v)
		if (interface && !if_nametoindex(interface) && !strncmp(name, "net.", 4) && n < HAND_LINES - 1)
			also[n++] = strdup(name);
	(void)!by_hand_close(&h, true, &err);
	return also;
}

static bool count(struct hand *c, struct err *err)
{
	char steps[200];

	snprintf(steps, sizeof(steps), "- {capture.drops: {line: %s}, as: it}\n", c->line);
	return hand_step(c, "capture.drops", steps, "it", NULL, err);
}

int cmd_capture(int argc, char **argv)
{
	const char *also[HAND_LINES] = { NULL };
	struct hand c;
	struct err err = { 0 };
	int rest, status;
	bool ok;

	if (!hand_options(argc, argv, "capture", usage, &c, &rest, &status))
		return status;
	if (rest < argc)
		return fputs(usage, stderr), 64;
	ok = hand_open(&c, networks(&c, also), true, &err);
	if (ok)
		fprintf(stderr, "recording to %s/capture\n", c.o.dir);
	ok = ok && hand_hold(&c, "is recorded", &err);
	if (ok)
		hub_ignore_interrupt(c.h.hub);
	ok = ok && count(&c, &err);
	for (size_t i = 0; also[i]; i++)
		free((void *)(uintptr_t)also[i]);
	return hand_close(&c, ok, &err);
}
