// SPDX-License-Identifier: Apache-2.0
#include "harness/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const value_type_name[] = {
#define X(name, text, form) text,
	VALUE_TYPES(X)
#undef X
};

const char *const value_type_form[] = {
#define X(name, text, form) form,
	VALUE_TYPES(X)
#undef X
};

/* Ascending, so that among equally long texts the larger unit wins. */
static const struct { const char *name; int64_t ns; } time_unit[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	{ "min", 60 * 1000000000LL }, { "h", 3600 * 1000000000LL }, { "d", 86400 * 1000000000LL },
};
#define TIME_UNITS (sizeof(time_unit) / sizeof(time_unit[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits with at most one decimal point, times `scale`; the result must be whole. Sets *ret_end behind the number. */
static bool decimal(const char *text, int64_t scale, int64_t *ret, const char **ret_end)
{
	int64_t whole = 0, part = 0, rest = scale;

	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, *text - '0', &whole))
			return false;
	if (*text == '.') {
		if (!is_digit(*++text))
			return false;
		for (; is_digit(*text); text++) {
			if (*text != '0' && rest % 10)
				return false;           /* finer than the smallest unit */
			rest /= 10;
			part += rest * (*text - '0');
		}
	}
	if (__builtin_mul_overflow(whole, scale, &whole) || __builtin_add_overflow(whole, part, &whole))
		return false;
	*ret = whole;
	*ret_end = text;
	return true;
}

bool units_time(const char *text, int64_t *ret_ns)
{
	const char *unit = text + strspn(text, "0123456789."), *end;
	int64_t ns;

	for (size_t i = 0; i < TIME_UNITS; i++)
		if (!strcmp(unit, time_unit[i].name)) {
			if (!decimal(text, time_unit[i].ns, &ns, &end) || end != unit)
				return false;
			*ret_ns = ns;
			return true;
		}
	return false;
}

bool units_share(const char *text, int64_t *ret_ppm)
{
	const char *end;
	int64_t ppm;

	if (!decimal(text, 10000, &ppm, &end) || strcmp(end, "%"))
		return false;
	*ret_ppm = ppm;
	return true;
}

bool units_int(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	int64_t v = 0;

	text += negative;
	if (!is_digit(*text) || (*text == '0' && text[1]) || (negative && *text == '0'))
		return false;                           /* 007 is a text: nobody knows whether octal is meant */
	for (; is_digit(*text); text++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, negative ? '0' - *text : *text - '0', &v))
			return false;
	if (*text)
		return false;
	*ret = v;
	return true;
}

/* v / scale as an exact decimal of at most `places` digits behind the point. */
static bool exact(uint64_t v, uint64_t scale, unsigned places, const char *unit, char *buf, size_t n)
{
	char frac[24] = "";
	uint64_t rest = v % scale;
	unsigned i = 0;

	if (rest)
		frac[i++] = '.';
	for (; rest && i <= places; i++) {
		rest *= 10;
		frac[i] = (char)('0' + rest / scale);
		rest %= scale;
	}
	frac[i] = '\0';
	snprintf(buf, n, "%" PRIu64 "%s%s", v / scale, frac, unit);
	return rest == 0;
}

const char *units_time_text(int64_t ns, char *buf, size_t n)
{
	uint64_t abs = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	size_t best = SIZE_MAX;

	snprintf(buf, n, "0s");
	for (size_t i = 0; i < TIME_UNITS; i++) {
		uint64_t scale = (uint64_t)time_unit[i].ns;
		char text[48];
		size_t cost;

		if (abs < scale || !exact(abs, scale, 9, time_unit[i].name, text, sizeof(text)))
			continue;
		/* 10min reads better than 600s, 1.841002ms better than 1841002ns */
		cost = strlen(text) + (abs / scale >= (scale < 1000000000 ? 10000 : 100) ? 4 : 0);
		if (cost <= best) {
			best = cost;
			snprintf(buf, n, "%s%s", ns < 0 ? "-" : "", text);
		}
	}
	return buf;
}

const char *units_share_text(int64_t ppm, char *buf, size_t n)
{
	uint64_t abs = ppm < 0 ? 0 - (uint64_t)ppm : (uint64_t)ppm;
	char text[48];

	exact(abs, 10000, 4, "%", text, sizeof(text));
	snprintf(buf, n, "%s%s", ppm < 0 ? "-" : "", text);
	return buf;
}
