// SPDX-License-Identifier: Apache-2.0
#include "probes/debug/said.h"

#include <string.h>

#define ESCAPE 27

/* Length of the terminal's sequence at p (ECMA-48 5.4: ESC [ parameters, one final byte), or 1 for any other control character. */
static size_t control(const char *p, size_t n)
{
	size_t i = 2;

	if (*p != ESCAPE || n < 2 || p[1] != '[')
		return 1;
	while (i < n && p[i] >= ' ' && p[i] < '@')
		i++;
	return i < n ? i + 1 : n;
}

static bool part_of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool stands_here(const char *p, size_t n, const char *word, size_t len, char before)
{
	return len && len <= n && !memcmp(p, word, len) && (!part_of_word(*word) || !part_of_word(before)) &&
	       (len == n || !part_of_word(word[len - 1]) || !part_of_word(p[len]));
}

static bool has(const struct said *s, const char *line)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->line[i], line))
			return true;
	return false;
}

static void add_line(struct said *s, const char *text, size_t n, const char *word)
{
	char line[SAID_LINE], before = ' ';
	size_t len = strlen(word), k = 0, step;

	for (size_t i = 0; i < n && k + 1 < sizeof(line); i += step) {
		char c = text[i];

		step = 1;
		if (stands_here(text + i, n - i, word, len, before)) {
			line[k++] = '%';
			step = len;
		} else if ((unsigned char)c < ' ' || c == 127) {
			step = control(text + i, n - i);
		} else {
			line[k++] = c >= '0' && c <= '9' ? '0' : c;
		}
		before = (unsigned char)c < ' ' ? ' ' : text[i + step - 1];
	}
	while (k > 0 && line[k - 1] == ' ')
		k--;
	line[k] = '\0';
	if (k > 0 && s->n < SAID_LINES && !has(s, line))
		memcpy(s->line[s->n++], line, k + 1);
}

void said_add(struct said *s, const char *text, size_t n, const char *word)
{
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;

		add_line(s, text, len, word);
		text += end ? len + 1 : len;
		n -= end ? len + 1 : len;
	}
}

static void filter(struct said *s, const struct said *these, bool keep)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (has(these, s->line[i]) == keep)
			memmove(s->line[n++], s->line[i], SAID_LINE);
	s->n = n;
}

void said_drop(struct said *s, const struct said *these) { filter(s, these, false); }
void said_keep(struct said *s, const struct said *these) { filter(s, these, true); }
