// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/units.h"
#include "harness/cmd.h"
#include "harness/cmd_hand.h"

static const char usage[] =
	"usage: jusan power LINE on|off|get|cycle|pulse [options]\n\n"
	"Switches a supply of the bench by hand and says what was requested, acknowledged and confirmed, and by what. The device\n"
	"is off afterwards (the line's safe state) unless --keep; `on` holds until Ctrl-C or --for.\n\n"
	HAND_USAGE
	"cycle, pulse: --for is the time without supply (default: 2s, 200ms).\n";

static const struct { const char *word, *verb, *args, *pause; bool lit; } how[] = {
	{ "on", "power.on", ", within: 10s", NULL, true }, { "off", "power.off", "", NULL, false }, { "get", "power.get", "", NULL, false },
	{ "cycle", "power.cut", "", "2s", true }, { "pulse", "power.pulse", "", "200ms", true },
};

int cmd_power(int argc, char **argv)
{
	char steps[256], pause[40] = "", text[32];
	struct hand c;
	struct err err = { 0 };
	int rest, status;
	size_t k;
	bool ok;

	if (!hand_options(argc, argv, "power", usage, &c, &rest, &status))
		return status;
	for (k = 0; k < 5 && (rest >= argc || strcmp(how[k].word, argv[rest])); k++)
		;
	if (k == 5)
		return fputs(usage, stderr), 64;
	if (how[k].pause)
		snprintf(pause, sizeof(pause), ", for: %s", c.for_ns > 0 ? units_time_text(c.for_ns, text, sizeof(text)) : how[k].pause);
	snprintf(steps, sizeof(steps), "- {%s: {line: %s%s%s}, as: it}\n", how[k].verb, c.line, how[k].args, pause);
	if (how[k].pause)
		c.for_ns = -1;
	c.keep |= !strcmp(how[k].word, "get");  /* who only asks changes nothing */
	ok = hand_open(&c, NULL, false, &err) && hand_step(&c, how[k].verb, steps, "it", NULL, &err) &&
	     (!how[k].lit || c.keep || hand_hold(&c, "is on", &err));
	return hand_close(&c, ok, &err);
}
