// SPDX-License-Identifier: Apache-2.0
#include "probes/power/decimal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 40
#define EXPONENT_MAX 60

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "E-03" at *p; stands still when there is none. */
static bool exponent(const char **p, int *ret)
{
	const char *s = *p;
	bool minus;
	int e = 0;

	*ret = 0;
	if (*s != 'e' && *s != 'E')
		return true;            /* also the text's end */
	minus = *++s == '-';
	if (*s == '+' || *s == '-')
		s++;
	if (!is_digit(*s))
		return true;            /* a unit that begins with E, judged by the caller */
	for (; is_digit(*s); s++)
		if ((e = e * 10 + (*s - '0')) > EXPONENT_MAX)
			return false;
	*p = s;
	*ret = minus ? -e : e;
	return true;
}

/* digits[0..n) times 10^shift, rounded. */
static bool scale(const char *digits, int n, int shift, int64_t *ret)
{
	int keep = n + shift, i;
	int64_t v = 0;

	for (i = 0; i < keep; i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, i < n ? digits[i] - '0' : 0, &v))
			return false;
	if (keep >= 0 && keep < n && digits[keep] >= '5' && __builtin_add_overflow(v, 1, &v))
		return false;
	*ret = v;
	return true;
}

bool decimal_parse(const char *text, int digits, int64_t *ret)
{
	char digit[LONGEST + 1];
	int n = 0, after = 0, e;
	bool minus, point = false, any = false;

	if (strnlen(text, LONGEST + 1) > LONGEST)
		return false;
	while (isspace((unsigned char)*text))
		text++;
	minus = *text == '-';
	if (*text == '+' || *text == '-')
		text++;
	for (; is_digit(*text) || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		any = true;
		after += point;
		if (n || *text != '0')
			digit[n++] = *text;
	}
	if (!any || !exponent(&text, &e))
		return false;
	while (*text == ' ')
		text++;
	while (isalpha((unsigned char)*text))
		text++;
	while (isspace((unsigned char)*text))
		text++;
	if (*text || !scale(digit, n, e - after + digits, ret))
		return false;
	*ret = minus ? -*ret : *ret;
	return true;
}

const char *decimal_milli(int64_t milli, char *buf, size_t n)
{
	uint64_t v = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;

	snprintf(buf, n, "%s%llu.%03llu", milli < 0 ? "-" : "", (unsigned long long)(v / 1000), (unsigned long long)(v % 1000));
	return buf;
}
