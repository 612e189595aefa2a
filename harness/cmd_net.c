// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/units.h"
#include "harness/cmd.h"
#include "harness/cmd_hand.h"

static const char usage[] =
	"usage: jusan net LINE cut HOW [options]     take something away: link_down, no_dhcp, dns_dead ... (jusan verbs net)\n"
	"       jusan net LINE restore | get\n\n"
	"Cuts the device's network by hand, until --for is over or Ctrl-C, and says what confirmed it.\n\n"
	HAND_USAGE;

int cmd_net(int argc, char **argv)
{
	static const char *const also[] = { "capture.lan", "service.lan", NULL };
	char steps[300], text[32] = "48h";
	struct hand c;
	struct err err = { 0 };
	int rest, status;
	const char *word, *what;
	bool ok, cut;

	if (!hand_options(argc, argv, "net", usage, &c, &rest, &status))
		return status;
	word = rest < argc ? argv[rest] : "";
	what = rest + 1 < argc ? argv[rest + 1] : "";
	cut = !strcmp(word, "cut") && *what && strspn(what, "abcdefghijklmnopqrstuvwxyz_0123456789") == strlen(what);
	if (!cut && strcmp(word, "restore") && strcmp(word, "get"))
		return fputs(usage, stderr), 64;
	if (c.for_ns > 0)
		units_time_text(c.for_ns, text, sizeof(text));
	if (cut)
		snprintf(steps, sizeof(steps), "- {net.cut: {line: %s, how: %s, for: %s}, as: it}\n", c.line, what, text);
	else
		snprintf(steps, sizeof(steps), "- {net.%s: {line: %s}, as: it}\n", !strcmp(word, "get") ? "carrier" : "restore", c.line);
	ok = hand_open(&c, also, false, &err);
	if (ok && cut && c.for_ns < 0)
		fprintf(stderr, "%s is cut (%s); Ctrl-C ends it\n", c.line, what);
	ok = ok && hand_step(&c, cut ? "net.cut" : !strcmp(word, "get") ? "net.carrier" : "net.restore", steps, "it", NULL, &err);
	return hand_close(&c, ok, &err);
}
