// SPDX-License-Identifier: Apache-2.0
#include "probes/debug/openocd_says.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first value behind `mark` that is an identity. */
static bool identity(const char *log, const char *mark, uint32_t *ret)
{
	for (const char *p = strstr(log, mark); p; p = strstr(p, mark)) {
		unsigned long v;

		p += strlen(mark);
		v = strtoul(p, NULL, 16);
		if (v <= UINT32_MAX && (v & 1) && ((v >> 1) & 0x7ff) != 0x7f && v != UINT32_MAX) {
			*ret = (uint32_t)v;
			return true;
		}
	}
	return false;
}

static void first_error(const char *log, char ret[static 160])
{
	const char *p = !strncmp(log, "Error: ", 7) ? log : strstr(log, "\nError: ");
	size_t n;

	ret[0] = '\0';
	if (!p)
		return;
	p += *p == '\n' ? 8 : 7;
	if (isdigit((unsigned char)*p) && strstr(p, "(): ") && strstr(p, "(): ") < p + strcspn(p, "\n"))
		p = strstr(p, "(): ") + 4;      /* "123 45 file.c:67 function(): text" */
	n = strcspn(p, "\n");
	snprintf(ret, 160, "%.*s", (int)(n < 159 ? n : 159), p);
	for (char *c = ret; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = ' ';
}

void openocd_see(const char *log, struct openocd_seen *ret)
{
	struct openocd_seen s = {
		/* an ST-LINK in its "hla" form is opened after that mark */
		.adapter = strstr(log, "Debug Adapter init complete") && !strstr(log, "Error: open failed"),
		.target = strstr(log, "JUSAN target"),
		.halted = strstr(log, "JUSAN halted"),
		.readable = strstr(log, "JUSAN read"),
		.finished = strstr(log, "JUSAN end"),
	};

	/* A line that floats shows identities too, but behind its end there are more, and its IR does not capture ...01. One that
	 * stands still at 0 or 1 is silence. */
	s.noise = !strstr(log, "scan chain interrogation failed") &&
		  (strstr(log, "Unexpected idcode after end of chain") || strstr(log, "IR capture error") || strstr(log, "does not have valid IDCODE"));
	s.answered = s.adapter && !s.noise && (identity(log, "tap/device found: 0x", &s.idcode) || identity(log, "DPIDR 0x", &s.idcode));
	first_error(log, s.error);
	*ret = s;
}
