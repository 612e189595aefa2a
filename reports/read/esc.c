/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/esc.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COMBINING_MAX 4         /* in a row; more would paint over the lines around */

/* One character: its code point and length, or length 0 when the bytes are not well-formed UTF-8. */
static size_t decode(const uint8_t *p, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c;

	if (!len || len > n)
		return 0;
	c = len == 1 ? p[0] : p[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

static bool combining(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x1ab0 && c <= 0x1aff) ||
	       (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xe31 && c <= 0xe4e) ||
	       (c >= 0xfe20 && c <= 0xfe2f);
}

/* Characters that show nothing, hide others or change their order. */
static bool invisible(uint32_t c)
{
	return c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
	       (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0x2800 || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) ||
	       c == 0xfeff || c == 0xffa0 || (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe000 && c <= 0xf8ff) ||
	       (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe || c >= 0xe0000;
}

static void visible(FILE *out, const char *form, uint32_t c, enum html_how how)
{
	if (how != HTML_ATTR)
		fputs("<s>", out);
	fprintf(out, form, (unsigned)c);
	if (how != HTML_ATTR)
		fputs("</s>", out);
}

static void control(FILE *out, uint32_t c, enum html_how how)
{
	if (how == HTML_PRE && (c == '\n' || c == '\t'))
		putc_unlocked((int)c, out);
	else if (c == '\n')
		visible(out, "\\n", c, how);
	else if (c == '\r')
		visible(out, "\\r", c, how);
	else if (c == '\t')
		visible(out, "\\t", c, how);
	else
		visible(out, "\\x%02x", c, how);
}

static void ascii(FILE *out, char c)
{
	switch (c) {
	case '<':  fputs("&lt;", out); break;
	case '>':  fputs("&gt;", out); break;
	case '&':  fputs("&amp;", out); break;
	case '"':  fputs("&quot;", out); break;
	case '\'': fputs("&#39;", out); break;
	default:   putc_unlocked(c, out);
	}
}

static void part(FILE *out, const uint8_t *p, size_t n, enum html_how how)
{
	unsigned marks = 0;
	uint32_t c = 0;

	for (size_t len; n; p += len, n -= len) {
		len = decode(p, n, &c);
		if (!len) {
			visible(out, "\\x%02x", p[0], how);
			len = 1;
			continue;
		}
		marks = combining(c) ? marks + 1 : 0;
		if (how == HTML_PRE && c == '\r' && n > 1 && p[1] == '\n')
			continue;               /* how consoles end a line; a lone one is shown */
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
			control(out, c, how);
		else if (c < 0x7f)
			ascii(out, (char)c);
		else if (invisible(c) || marks > COMBINING_MAX)
			visible(out, "U+%04X", c, how);
		else
			fwrite(p, 1, len, out);
	}
}

/* A cut must not fall inside a character: steps back over at most 3 continuation bytes. */
static size_t whole(const uint8_t *p, size_t n)
{
	size_t i = n;

	for (unsigned back = 0; back < 3 && i && (p[i] & 0xc0) == 0x80; back++)
		i--;
	return (p[i] & 0xc0) == 0x80 ? n : i;
}

void html_esc(FILE *out, const void *bytes, size_t n, size_t max, enum html_how how)
{
	const uint8_t *p = bytes;
	size_t head, tail;

	if (n <= max) {
		part(out, p, n, how);
		return;
	}
	head = whole(p, max - max / 4);
	tail = whole(p, n - max / 4);
	part(out, p, head, how);
	fprintf(out, how == HTML_ATTR ? " [... %zu bytes ...] " : " <s>... %zu bytes ...</s> ", tail - head);
	part(out, p + tail, n - tail, how);
}

void html_esc_text(FILE *out, const char *text, enum html_how how)
{
	html_esc(out, text, strlen(text), 4096, how);
}

void html_esc_id(FILE *out, const char *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";

	for (size_t i = 0; id[i] && i < 64; i++)
		putc_unlocked(strchr(plain, id[i]) ? id[i] : '_', out);
}
