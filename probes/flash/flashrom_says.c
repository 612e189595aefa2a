// SPDX-License-Identifier: Apache-2.0
#include "probes/flash/flashrom_says.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void printable(char *s)
{
	for (; *s; s++)
		if (!isprint((unsigned char)*s))
			*s = ' ';
}

bool flashrom_found(const char *said, char ret_name[static FLASHROM_NAME], int64_t *ret_size)
{
	const char *p = strstr(said, " flash chip \""), *end;
	long kib = 0;
	int len = 0;

	if (strstr(said, "Multiple flash chip definitions match") || !p)
		return false;
	p += strlen(" flash chip \"");
	end = strchr(p, '"');
	if (!end || end == p || end - p >= FLASHROM_NAME || sscanf(end, "\" (%ld kB,%n", &kib, &len) != 1 || !len || kib < 1 || kib > 1 << 22)
		return false;
	snprintf(ret_name, FLASHROM_NAME, "%.*s", (int)(end - p), p);
	printable(ret_name);
	*ret_size = (int64_t)kib * 1024;
	return true;
}

static const struct { const char *mark, *meaning; } reasons[] = {
	{ "Unknown programmer", "flashrom was built without this programmer" },
	{ "Unhandled programmer parameters", "the programmer has no such option" },
	{ "Programmer initialization failed", "the programmer does not answer" },
	{ "Unknown chip", "flashrom knows no chip of this name" },
	{ "No EEPROM/flash device found", "no chip answers: clip not seated, chip without supply, or something else drives its bus" },
	{ "Multiple flash chip definitions match", "several chips match: say chip:" },
	{ "doesn't match the expected size", "the image is not as large as the chip" },
	{ "Verifying flash... FAILED", "what was written does not read back" },
	{ "Erase/write failed", "the chip does not take what is written: write-protected, or the clip lost contact" },
	{ "could not be written completely", "the file could not be written: no space, or longer than max: allows" },
	{ "File size limit exceeded", "the file could not be written: longer than max: allows" },
	{ "No space left on device", "the file could not be written: no space" },
};

/* flashrom's own words: the line of the reason, and the one before it, which often names the cause. */
static void own_words(const char *said, const char *at, char ret[static 180])
{
	const char *begin = at;

	for (int lines = 0; begin > said; begin--)
		if (begin[-1] == '\n' && ++lines == 2)
			break;
	snprintf(ret, 180, "%.*s", (int)(at - begin + (long)strcspn(at, "\n")), begin);
	printable(ret);
}

const char *flashrom_why(const char *said, const char *how, char ret[static 300])
{
	const char *last = said;
	char own[180];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *at = strstr(said, reasons[i].mark);

		if (!at)
			continue;
		own_words(said, at, own);
		snprintf(ret, 300, "%s (flashrom: %s)", reasons[i].meaning, own);
		return ret;
	}
	for (const char *p = said; *p; p++)
		if (p[0] == '\n' && p[1] && p[1] != '\n')
			last = p + 1;
	own_words(said, last, own);
	snprintf(ret, 300, "flashrom %s (%s)", how ? how : "failed", own);
	return ret;
}
