/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/policy/words.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Japanese is matched as bytes, so brackets hold ASCII only; full-width digits are alternatives of three bytes each. */
#define DIGITS "([0-9]+|(０|１|２|３|４|５|６|７|８|９)+|one|two|three|four|five|seven|ten|fourteen|thirty|ninety)"
#define PERIOD_EN DIGITS "[ -]*((full )?(calendar|working|business|week)[ -]?)?(hour|day|week|month)s?"
#define PERIOD_JA DIGITS " *(営業日|日|時間|週間|週|か月|ヶ月|カ月|月)"
#define PERIOD "(" PERIOD_EN "|" PERIOD_JA ")"
#define REGULAR "(daily|weekly|monthly|fortnightly|every (other )?(day|week|month)|once a (day|week|month)|毎日|毎週|毎月|週に|月に|隔週)"

static const char contact_re[] =
	"(mailto:[^ \"<>]+@[^ \"<>]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+|^contact: *[^ ]+|"
	"(report|contact|vulnerab|脆弱性|報告|窓口)[^\n]{0,120}(https://[^ \"<>]+|tel:\\+?[0-9 -]{6,}|\\+[0-9][0-9 -]{7,}))";
static const char acknowledgement_re[] =
	"(acknowledg|confirm[a-z]* (the )?receipt|receipt of (your|the|each|every|a) report|(first|initial) (response|reply|answer)|"
	"(respond|reply|answer) to|受領|受付|受け付け|受理|返信|一次回答|初回|最初の回答|ご連絡)";
static const char updates_re[] =
	"(status update|progress|updates? (on|about|of|you)|update you|keep (you|reporters?) (informed|up to date|posted)|how far we are|"
	"進捗|状況|経過|途中)";

static void find(const regex_t *re, const char *text, char quote[static QUOTE])
{
	regmatch_t m;
	size_t n, from, to;

	if (regexec(re, text, 1, &m, 0))
		return;
	from = (size_t)m.rm_so;
	to = (size_t)m.rm_eo;
	n = to - from < QUOTE - 1 ? to - from : QUOTE - 1;
	memcpy(quote, text + from, n);
	quote[n] = 0;
}

/* A time-line: subject and period (or regularity) in one sentence. */
static bool is_timeline(const regex_t *subject, const regex_t *period, const char *sentence)
{
	return !regexec(subject, sentence, 0, NULL, 0) && !regexec(period, sentence, 0, NULL, 0);
}

/* Ends at a line break, at ". " and at the ideographic full stop; p is moved past it, sentence is in buf. */
static bool next_sentence(const char **p, char *buf, size_t room)
{
	size_t n = 0;

	while (**p == ' ' || **p == '\n')
		(*p)++;
	if (!**p)
		return false;
	while (**p && **p != '\n') {
		bool stop = (**p == '.' || **p == ';') && ((*p)[1] == ' ' || (*p)[1] == '\n');

		if (!strncmp(*p, "。", 3)) {
			*p += 3;
			break;
		}
		if (n + 1 < room)
			buf[n++] = **p;
		(*p)++;
		if (stop)
			break;
	}
	buf[n] = 0;
	return true;
}

static void expires(const char *text, struct policy_words *ret)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, "expires:", 8))
			continue;
		line += 8 + strspn(line + 8, " ");
		ret->has_expires = policy_date(line, &ret->expires_s);
		return;
	}
}

bool policy_date(const char *text, int64_t *ret_s)
{
	int y, mo, d, h, mi, s, used = 0, oh = 0, om = 0;
	char sign = 'Z';
	struct tm tm = { 0 };

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s, &used) != 6 || !used || y < 1970 || y > 9999 ||
	    mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
		return false;
	text += used;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	sign = *text;
	if (sign == '+' || sign == '-') {
		if (sscanf(text + 1, "%2d:%2d", &oh, &om) != 2 || oh < 0 || oh > 23 || om < 0 || om > 59)
			return false;
	} else if (sign != 'Z' && sign != 'z') {
		return false;
	}
	tm = (struct tm){ .tm_year = y - 1900, .tm_mon = mo - 1, .tm_mday = d, .tm_hour = h, .tm_min = mi, .tm_sec = s };
	*ret_s = (int64_t)timegm(&tm) - (sign == '+' ? 1 : sign == '-' ? -1 : 0) * (oh * 3600 + om * 60);
	return true;
}

static const char *const patterns[] = { contact_re, acknowledgement_re, updates_re, PERIOD, "(" PERIOD "|" REGULAR ")" };
enum { CONTACT, ACKNOWLEDGEMENT, UPDATES, WITHIN, EVERY, PATTERNS };

static void read_text(const regex_t re[PATTERNS], const char *text, struct policy_words *ret)
{
	char sentence[2048];

	/* sentence by sentence: the matcher's time grows with the square of the length */
	while (next_sentence(&text, sentence, sizeof(sentence))) {
		if (!ret->contact[0])
			find(&re[CONTACT], sentence, ret->contact);
		if (!ret->acknowledgement[0] && is_timeline(&re[ACKNOWLEDGEMENT], &re[WITHIN], sentence))
			snprintf(ret->acknowledgement, QUOTE, "%.*s", QUOTE - 1, sentence);
		if (!ret->updates[0] && is_timeline(&re[UPDATES], &re[EVERY], sentence))
			snprintf(ret->updates, QUOTE, "%.*s", QUOTE - 1, sentence);
	}
}

void policy_read(const char *page, size_t n, struct policy_words *ret)
{
	regex_t re[PATTERNS];
	char *text = malloc(n + 1);
	int made = 0;

	memset(ret, 0, sizeof(*ret));
	if (!text)
		return;
	policy_text(page, n, text);
	while (made < PATTERNS && !regcomp(&re[made], patterns[made], REG_EXTENDED | REG_ICASE | (made ? REG_NOSUB : REG_NEWLINE)))
		made++;
	if (made == PATTERNS)
		read_text(re, text, ret);
	expires(text, ret);
	while (made-- > 0)
		regfree(&re[made]);
	free(text);
}
