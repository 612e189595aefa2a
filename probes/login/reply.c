/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/reply.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void reply_begin(struct reply *r, enum reply_style style, const char *tag)
{
	*r = (struct reply){ .style = style };
	strncpy(r->tag, tag, sizeof(r->tag) - 1);
}

/* "230 text", "230-text", "230"; inside a long reply a line may hold anything. */
static void numbered(struct reply *r)
{
	const char *l = r->last;
	int code = 0;

	if (isdigit((unsigned char)l[0]) && isdigit((unsigned char)l[1]) && isdigit((unsigned char)l[2]) && (!l[3] || l[3] == ' ' || l[3] == '-'))
		code = (l[0] - '0') * 100 + (l[1] - '0') * 10 + (l[2] - '0');
	if (code < 100 || code > 599) {
		r->alien = !r->open;
		return;
	}
	if (l[3] == '-') {
		r->open = r->open ? r->open : code;
		return;
	}
	if (r->open && r->open != code)         /* a line of the text that happens to begin with digits */
		return;
	r->code = code;
	r->whole = true;
}

static bool starts(const char *line, const char *word)
{
	size_t n = strlen(word);

	return !strncasecmp(line, word, n) && (!line[n] || line[n] == ' ');
}

static void sign(struct reply *r)
{
	r->code = starts(r->last, "+OK") ? REPLY_YES : starts(r->last, "-ERR") ? REPLY_NO : r->last[0] == '+' ? REPLY_GO_ON : 0;
	r->whole = r->code != 0;
	r->alien = !r->whole;
}

static int status(const char *line)
{
	static const struct { const char *word; int code; } words[] = {
		{ "OK", REPLY_YES }, { "NO", REPLY_NO }, { "BAD", REPLY_BAD }, { "BYE", REPLY_BYE }, { "PREAUTH", REPLY_PREAUTH },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts(line, words[i].word))
			return words[i].code;
	return 0;
}

static void tagged(struct reply *r)
{
	size_t n = strlen(r->tag);
	int code;

	if (r->last[0] == '+') {
		r->code = REPLY_GO_ON;
		r->whole = true;
	} else if (!strncmp(r->last, r->tag, n) && r->last[n] == ' ') {
		r->code = status(r->last + n + 1);
		r->whole = r->code != 0;
		r->alien = !r->whole;
	} else if (r->last[0] == '*' && r->last[1] == ' ') {
		code = status(r->last + 2);
		if (code == REPLY_BYE) {
			r->code = code;
			r->whole = true;
		}
	} else {
		r->alien = true;
	}
}

static void line_ends(struct reply *r)
{
	size_t room = REPLY_TEXT - r->words_n, n = r->last_n;

	if (n && r->last[n - 1] == '\r')
		n--;
	r->last[n] = 0;
	if (n + 1 <= room) {
		memcpy(r->words + r->words_n, r->last, n);
		r->words_n += n;
		r->words[r->words_n++] = '\n';
		r->words[r->words_n] = 0;
	}
	r->last_n = 0;
	if (r->style == REPLY_NUMBERED)
		numbered(r);
	else if (r->style == REPLY_SIGNED)
		sign(r);
	else
		tagged(r);
}

bool reply_take(struct reply *r, uint8_t c)
{
	if (r->whole || r->alien)
		return true;
	if (++r->bytes > REPLY_BYTES)
		r->alien = true;
	else if (c == '\n')
		line_ends(r);
	else if (r->last_n < REPLY_TEXT)
		r->last[r->last_n++] = c ? (char)c : ' ';
	return r->whole || r->alien;
}

bool reply_has(const struct reply *r, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= r->words_n; i++)
		if (!strncasecmp(r->words + i, word, n) && (!i || !isalnum((unsigned char)r->words[i - 1])) &&
		    !isalnum((unsigned char)r->words[i + n]))
			return true;
	return false;
}
