// SPDX-License-Identifier: Apache-2.0
#include "harness/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void trim_utf8(char *buf)
{
	size_t n = strlen(buf), back = 0;

	while (back < 4 && back < n && ((unsigned char)buf[n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < n && ((unsigned char)buf[n - 1 - back] & 0xc0) == 0xc0) {
		unsigned char lead = (unsigned char)buf[n - 1 - back];
		size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;

		if (back < need)
			buf[n - 1 - back] = '\0';
	}
}

void text_add(char *buf, size_t n, const char *fmt, ...)
{
	size_t used = strnlen(buf, n);
	va_list ap;

	if (used + 1 >= n)
		return;
	va_start(ap, fmt);
	if (vsnprintf(buf + used, n - used, fmt, ap) >= (int)(n - used))
		trim_utf8(buf);
	va_end(ap);
}

bool value_number(const json_t *v, int64_t *ret)
{
	const char *text = json_string_value(v);

	if (json_is_integer(v)) {
		*ret = json_integer_value(v);
		return true;
	}
	return text && (units_int(text, ret) || units_time(text, ret) || units_share(text, ret));
}

/* ---- texts and sets ---- */
static const char *element_text(const json_t *v, char buf[32])
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_integer(v)) {
		snprintf(buf, 32, "%lld", (long long)json_integer_value(v));
		return buf;
	}
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	return NULL;
}

static bool same_element(const json_t *a, const json_t *b)
{
	char abuf[32], bbuf[32];
	const char *at = element_text(a, abuf), *bt = element_text(b, bbuf);

	return at && bt ? !strcmp(at, bt) : json_equal(a, b);
}

static bool in_set(const json_t *set, const json_t *v)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)set, i, e)
		if (same_element(e, v))
			return true;
	return false;
}

static bool subset(const json_t *a, const json_t *b)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)a, i, e)
		if (!in_set(b, e))
			return false;
	return true;
}

static bool overlaps(const json_t *a, const json_t *b)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)a, i, e)
		if (in_set(b, e))
			return true;
	return false;
}

static enum truth truth_of(bool b)
{
	return b ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth compare_set(const json_t *fact, enum comparison how, const json_t *operand)
{
	bool list = json_is_array(operand);

	switch (how) {
	case COMPARE_is:
	case COMPARE_is_not:
		if (!list)
			return TRUTH_UNKNOWN;
		return truth_of((subset(fact, operand) && subset(operand, fact)) == (how == COMPARE_is));
	case COMPARE_within:
		return list ? truth_of(subset(fact, operand)) : TRUTH_UNKNOWN;
	case COMPARE_has:
		return truth_of(list ? subset(operand, fact) : in_set(fact, operand));
	case COMPARE_has_not:
		return truth_of(!(list ? overlaps(operand, fact) : in_set(fact, operand)));
	default:
		return TRUTH_UNKNOWN;
	}
}

static enum truth compare_number(int64_t fact, enum comparison how, int64_t operand)
{
	switch (how) {
	case COMPARE_is: return truth_of(fact == operand);
	case COMPARE_is_not: return truth_of(fact != operand);
	case COMPARE_at_most: return truth_of(fact <= operand);
	case COMPARE_at_least: return truth_of(fact >= operand);
	case COMPARE_above: return truth_of(fact > operand);
	case COMPARE_below: return truth_of(fact < operand);
	default: return TRUTH_UNKNOWN;
	}
}

/* `has` with a list: every one of them; `has_not`: none of them. */
static enum truth compare_contains(const char *fact, bool wanted, const json_t *operand)
{
	char buf[32];
	const char *part = element_text(operand, buf);
	size_t i;
	json_t *e;

	if (part)
		return truth_of((strstr(fact, part) != NULL) == wanted);
	if (!json_is_array(operand))
		return TRUTH_UNKNOWN;
	json_array_foreach((json_t *)operand, i, e) {
		part = element_text(e, buf);
		if (!part)
			return TRUTH_UNKNOWN;
		if ((strstr(fact, part) != NULL) != wanted)
			return TRUTH_FALSE;
	}
	return TRUTH_TRUE;
}

static enum truth compare_text(const json_t *fact, enum comparison how, const json_t *operand)
{
	bool scalar = json_is_string(operand) || json_is_integer(operand) || json_is_boolean(operand);

	switch (how) {
	case COMPARE_is: return scalar ? truth_of(same_element(fact, operand)) : TRUTH_UNKNOWN;
	case COMPARE_is_not: return scalar ? truth_of(!same_element(fact, operand)) : TRUTH_UNKNOWN;
	case COMPARE_has: return compare_contains(json_string_value(fact), true, operand);
	case COMPARE_has_not: return compare_contains(json_string_value(fact), false, operand);
	default: return TRUTH_UNKNOWN;
	}
}

enum truth value_compare(const json_t *fact, enum comparison how, const json_t *operand)
{
	int64_t a, b;

	if (!fact || !operand)
		return TRUTH_UNKNOWN;
	if (json_is_array(fact))
		return compare_set(fact, how, operand);
	if (how == COMPARE_within)
		return json_is_array(operand) ? truth_of(in_set(operand, fact)) : TRUTH_UNKNOWN;
	if (json_is_integer(fact) && value_number(operand, &b)) {
		a = json_integer_value(fact);
		return compare_number(a, how, b);
	}
	if (json_is_string(fact))
		return compare_text(fact, how, operand);
	if (json_is_boolean(fact) && json_is_boolean(operand) && how <= COMPARE_is_not)
		return truth_of((json_is_true(fact) == json_is_true(operand)) == (how == COMPARE_is));
	if (json_is_object(fact) && json_is_object(operand) && how <= COMPARE_is_not)     /* secrets: keyed hashes */
		return truth_of((json_equal(fact, operand) != 0) == (how == COMPARE_is));
	return TRUTH_UNKNOWN;
}

bool value_certain(const json_t *fact, enum comparison how, const json_t *operand, enum value_type type)
{
	enum truth t = value_compare(fact, how, operand);
	int64_t limit;

	if (t == TRUTH_UNKNOWN || type == VALUE_TIME || type == VALUE_SHARE)
		return false;
	if (json_is_boolean(fact))
		return json_is_true(fact);
	if (json_is_integer(fact)) {
		if (!value_number(operand, &limit))
			return false;
		return json_integer_value(fact) > limit || (how == COMPARE_at_least && t == TRUTH_TRUE) ||
		       (how == COMPARE_below && t == TRUTH_FALSE);
	}
	switch (how) {
	case COMPARE_is: return json_is_array(fact) ? !subset(fact, operand) : t == TRUTH_TRUE;
	case COMPARE_is_not: return json_is_array(fact) ? !subset(fact, operand) : t == TRUTH_FALSE;
	case COMPARE_within: return json_is_array(fact) ? t == TRUTH_FALSE : t == TRUTH_TRUE;
	case COMPARE_has: return t == TRUTH_TRUE;
	case COMPARE_has_not: return t == TRUTH_FALSE;
	default: return false;
	}
}

/* ---- shown ---- */
static int64_t rounded(int64_t ns)
{
	static const int64_t unit[] = { 1000000000, 1000000, 1000 };
	int64_t size = ns < 0 ? -ns : ns;

	for (unsigned i = 0; i < 3; i++)
		if (size >= unit[i]) {
			int64_t step = unit[i] / 1000;

			return (ns + (ns < 0 ? -step / 2 : step / 2)) / step * step;
		}
	return ns;
}

const char *time_text(int64_t ns, char *buf, size_t n)
{
	return units_time_text(rounded(ns), buf, n);
}

static void add_one(const json_t *v, enum value_type type, char *buf, size_t n)
{
	char word[64];

	if (json_is_boolean(v))
		text_add(buf, n, "%s", json_is_true(v) ? "true" : "false");
	else if (json_is_integer(v) && type == VALUE_TIME)
		text_add(buf, n, "%s", time_text(json_integer_value(v), word, sizeof(word)));
	else if (json_is_integer(v) && type == VALUE_SHARE)
		text_add(buf, n, "%s", units_share_text(json_integer_value(v), word, sizeof(word)));
	else if (json_is_integer(v))
		text_add(buf, n, "%lld", (long long)json_integer_value(v));
	else if (json_is_string(v) && (type == VALUE_TIME || type == VALUE_SHARE || type == VALUE_SET))
		text_add(buf, n, "%s", json_string_value(v));
	else if (json_is_string(v))
		text_add(buf, n, "\"%s\"", json_string_value(v));
	else if (json_is_object(v))
		text_add(buf, n, json_object_get(v, "hmac") ? "(secret)" : "{...}");
	else
		text_add(buf, n, "?");
}

const char *value_text(const json_t *v, enum value_type type, char *buf, size_t n)
{
	size_t i;
	json_t *e;

	buf[0] = '\0';
	if (!v) {
		text_add(buf, n, "nothing");
		return buf;
	}
	if (!json_is_array(v)) {
		add_one(v, type, buf, n);
		return buf;
	}
	text_add(buf, n, "[");
	json_array_foreach((json_t *)v, i, e) {
		if (i == 12) {
			text_add(buf, n, ", and %zu more", json_array_size(v) - i);
			break;
		}
		text_add(buf, n, i ? ", " : "");
		add_one(e, VALUE_SET, buf, n);
	}
	text_add(buf, n, "]");
	return buf;
}
