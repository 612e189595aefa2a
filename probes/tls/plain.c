// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/plain.h"

#include <string.h>

static const struct plain known[] = {
	{ "smtp", { { "220 ", "EHLO bench.example\r\n" }, { "250 ", "STARTTLS\r\n" }, { "220 ", NULL } } },
	{ "imap", { { "* OK", "a STARTTLS\r\n" }, { "a OK", NULL }, { NULL, NULL } } },
	{ "pop3", { { "+OK", "STLS\r\n" }, { "+OK", NULL }, { NULL, NULL } } },
	{ "ftp", { { "220 ", "AUTH TLS\r\n" }, { "234", NULL }, { NULL, NULL } } },
};

const struct plain *plain_find(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

/* "250-SIZE" and what has no number go on, "250 HELP" ends an answer; so do IMAP's untagged lines go on. */
static bool goes_on(const struct plain *p, unsigned step, const char *line, size_t n)
{
	if (!strcmp(p->name, "imap"))
		return step > 0 && n && line[0] == '*';
	return strcmp(p->name, "pop3") && (n < 4 || line[0] < '1' || line[0] > '9' || (line[3] != ' ' && line[3] != '\r'));
}

enum plain_says plain_read(const struct plain *p, unsigned step, const char *text, size_t n)
{
	const char *good = p->step[step].good, *end;

	while ((end = memchr(text, '\n', n))) {
		size_t line = (size_t)(end - text);

		if (!goes_on(p, step, text, line))
			return line >= strlen(good) && !memcmp(text, good, strlen(good)) ? PLAIN_GOOD : PLAIN_BAD;
		n -= line + 1;
		text = end + 1;
	}
	return n >= PLAIN_MAX / 2 ? PLAIN_BAD : PLAIN_MORE;
}
