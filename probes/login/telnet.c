/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/telnet.h"

#include <string.h>

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { DATA, COMMAND, OPTION, SUB, SUB_COMMAND };

static size_t refuse(const struct telnet *t, uint8_t option, uint8_t reply[static 3])
{
	if (t->verb != DO && t->verb != WILL)
		return 0;
	reply[0] = IAC;
	reply[1] = t->verb == DO ? WONT : DONT;
	reply[2] = option;
	return 3;
}

size_t telnet_take(struct telnet *t, uint8_t c, uint8_t reply[static 3])
{
	switch (t->state) {
	case COMMAND:
		t->verb = c;
		t->state = c == SB ? SUB : c >= WILL && c <= DONT ? OPTION : DATA;
		return 0;
	case OPTION:
		t->state = DATA;
		return refuse(t, c, reply);
	case SUB:
		t->state = c == IAC ? SUB_COMMAND : SUB;
		return 0;
	case SUB_COMMAND:
		t->state = c == SE ? DATA : SUB;
		return 0;
	default:
		if (c == IAC)
			t->state = COMMAND;
		else if (c && t->n < TELNET_TEXT)
			t->text[t->n++] = (char)c;
		t->text[t->n] = 0;
		return 0;
	}
}

void telnet_clear(struct telnet *t)
{
	t->n = 0;
	t->text[0] = 0;
}

const char *telnet_last_line(const struct telnet *t)
{
	const char *line = t->text;

	for (const char *p = t->text; *p; p++)
		if (*p == '\n' || *p == '\r')
			line = p + 1;
	return line;
}
