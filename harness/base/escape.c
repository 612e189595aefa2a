// SPDX-License-Identifier: Apache-2.0
#include "harness/base/escape.h"

#include <stdbool.h>

bool escape_next(const char **text, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)*text;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
	uint32_t c = more ? *p & (0x3fu >> more) : *p;

	*ret = *p;
	*text += 1;
	if (*p < 0x80)
		return true;
	if (!more || *p >= 0xf8)
		return false;
	for (unsigned i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)      /* the NUL stops here too */
			return false;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return false;
	*ret = c;
	*text += more;
	return true;
}

/* Characters that change how the text around them is shown. */
static bool is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x061c || c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

static void put_code(FILE *out, uint32_t c, bool is_char)
{
	if (c == '\n' || c == '\t' || c == '\r')
		fprintf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	else if (c < 0x100 && (!is_char || c < 0x80))
		fprintf(out, "\\x%02x", (unsigned)c);
	else
		fprintf(out, "\\u{%x}", (unsigned)c);
}

static void escape(FILE *out, const char *text, size_t most, bool xml)
{
	const char *start = text;

	while (*text) {
		const char *from = text;
		uint32_t c;
		bool is_char = escape_next(&text, &c);

		if ((size_t)(text - start) > most)
			return;
		if (!is_char || is_hostile(c))
			put_code(out, c, is_char);
		else if (xml && (c == '<' || c == '>' || c == '&' || c == '"' || c == '\''))
			fprintf(out, "&#%u;", (unsigned)c);
		else
			fwrite(from, 1, (size_t)(text - from), out);
	}
}

void escape_terminal(FILE *out, const char *text)
{
	escape(out, text, SIZE_MAX, false);
}

void escape_terminal_cut(FILE *out, const char *text, size_t most)
{
	escape(out, text, most, false);
}

void escape_xml(FILE *out, const char *text)
{
	escape(out, text, SIZE_MAX, true);
}
