/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "probes/fuzz/gen_in.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONGEST 16                      /* 2^16 */

static const char *pick(struct rng *r, const char *const *list, size_t n) { return list[rng_below(r, n)]; }

/* ---- what takes the place of a value ---- */
static void other_type(struct rng *r, struct buf *o)
{
	static const char *const v[] = { "null", "true", "false", "0", "-1", "\"\"", "\"text\"", "[]", "{}", "[[]]", "[null]", "{\"a\":1}",
					 "\"true\"", "\"1\"", "1.5" };
	put_text(o, pick(r, v, COUNT(v)));
}

static void long_text(struct rng *r, struct buf *o)
{
	static const char *const unit[] = { "A", "%n", "\\u0000", "あ", "\\\"", "\\n", "😀", "' ", "<a>", "../" };

	put_text(o, "\"");
	put_many(o, pick(r, unit, COUNT(unit)), gen_length(r, LONGEST));
	put_text(o, "\"");
}

static void nesting(struct rng *r, struct buf *o)
{
	size_t depth = gen_length(r, 14);
	bool object = rng_below(r, 2);

	put_many(o, object ? "{\"a\":" : "[", depth);
	put_text(o, "1");
	if (rng_below(r, 4))
		put_many(o, object ? "}" : "]", depth);
}

static void number(struct rng *r, struct buf *o)
{
	static const char *const v[] = {
		"1e308", "-1e308", "1e309", "1e999999999", "-1e999", "1e-999", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551616", "2147483647", "2147483648", "-2147483648",
		"-2147483649", "4294967295", "4294967296", "65536", "256", "-0", "-0.0", "00", "01", "+1", "1.", ".5", "0x10", "1e", "1e+",
		"NaN", "Infinity", "-Infinity", "--1", "1_000", "1,5", "0.1e-2147483649" };

	if (rng_below(r, 4)) {
		put_text(o, pick(r, v, COUNT(v)));
	} else {
		put_text(o, rng_below(r, 2) ? "-1" : "1");
		put_many(o, "0", gen_length(r, LONGEST));
		put_text(o, rng_below(r, 2) ? ".5" : "");
	}
}

static void bad_utf8(struct rng *r, struct buf *o)
{
	static const char *const v[] = { "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
					 "\xff\xfe", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xef\xbf\xbf", "\xfe" };

	put_text(o, rng_below(r, 2) ? "\"x" : "\"");
	put_many(o, pick(r, v, COUNT(v)), 1 + (size_t)rng_below(r, 4));
	put_text(o, rng_below(r, 2) ? "\"" : "y\"");
}

static void bad_escape(struct rng *r, struct buf *o)
{
	static const char *const v[] = { "\\", "\\x41", "\\u", "\\u12", "\\uZZZZ", "\\ud800", "\\udc00\\ud800", "\\ud83d\\ud83d", "\\u0000", "\\u0001",
					 "\\'", "\n", "\t", "\x01", "\x7f", "\x1b[2J", "\\u202e", "\\ufffe" };

	put_text(o, "\"");
	put_text(o, pick(r, v, COUNT(v)));
	put_text(o, "\"");
}

static void active(struct rng *r, struct buf *o)
{
	static const char *const v[] = {
		"%n%n%n%n%s%s%s%s", "$(reboot)", "`reboot`", ";reboot;", "|reboot", "&& reboot", "' OR '1'='1", "\\\"; DROP TABLE users;--",
		"../../../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "\\r\\nX-Injected: 1", "%00", "%0d%0aX: 1",
		"file:///etc/passwd", "AAAA%08x.%08x.%08x", "*", "\\u0027", "-rf", "a@b\\ncc: c@d", "x'||sleep(5)||'" };

	put_text(o, "\"");
	put_text(o, pick(r, v, COUNT(v)));
	put_text(o, "\"");
}

static void nul(struct rng *r, struct buf *o)
{
	put(o, "\"a\0b\"", rng_below(r, 2) ? 5 : 3);
}

/* ---- what happens to the whole body ---- */
static void splice(const struct gen_sample *s, const struct gen_value *v, struct rng *r, void (*f)(struct rng *, struct buf *),
		   struct buf *o)
{
	put(o, s->body, v->from);
	f(r, o);
	put(o, s->body + v->to, s->body_n - v->to);
}

static void truncated(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	put(o, s->body, (size_t)rng_below(r, s->body_n));
}

static void flipped(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	size_t at = o->n;

	put(o, s->body, s->body_n);
	for (uint64_t n = 1 + rng_below(r, 4); n--;)
		o->p[at + rng_below(r, s->body_n)] ^= (uint8_t)(1u << rng_below(r, 8));
}

/* More members for the first object: twice the same key, strange keys, very many. */
static void keys(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "\"\"", "\"__proto__\"", "\"constructor\"", "\"a.b\"", "\"\\u0000\"", "\"$where\"", "\"\xff\"", "1", "null", "'a'" };
	const char *brace = memchr(s->body, '{', s->body_n);
	size_t at = brace ? (size_t)(brace - s->body) + 1 : 0;
	char member[48];

	put(o, s->body, at);
	switch (rng_below(r, 3)) {
	case 0:
		if (s->body_n > at + 1)         /* all members twice */
			put(o, s->body + at, s->body_n - at - 1);
		break;
	case 1:
		put_text(o, pick(r, v, COUNT(v)));
		put_text(o, ":1");
		break;
	default:
		for (size_t n = gen_length(r, 12), i = 0; i < n; i++) {
			snprintf(member, sizeof(member), "%s\"k%zu\":%zu", i ? "," : "", i, i);
			put_text(o, member);
		}
	}
	put_text(o, ",");
	put(o, s->body + at, s->body_n - at);
}

static void replaced(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "", " ", "null", "true", "0", "\"\"", "[]", "{}", "{", "}", "[", "\"", "{]", "[}", "{\"a\"}", "{\"a\":}", "{:1}",
					 "{,}", "[,]", "\xef\xbb\xbf{}", "/* */{}", "{}{}", "{} x", "<?xml version=\"1.0\"?><a/>", "a=b&c=d", "\x1f\x8b\x08" };

	(void)s;
	put_text(o, pick(r, v, COUNT(v)));
}

static void trailing(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	put(o, s->body, s->body_n);
	if (rng_below(r, 2))
		put(o, s->body, s->body_n);
	else
		put_many(o, rng_below(r, 2) ? " " : "}", gen_length(r, LONGEST));
}

static const struct { const char *name; void (*f)(struct rng *, struct buf *); } value_kinds[] = {
	{ "other type", other_type }, { "long text", long_text }, { "nesting", nesting }, { "number", number }, { "bad UTF-8", bad_utf8 },
	{ "bad escape", bad_escape }, { "active content", active }, { "NUL", nul },
};
static const struct { const char *name; void (*f)(const struct gen_sample *, struct rng *, struct buf *); } body_kinds[] = {
	{ "truncated", truncated }, { "flipped bits", flipped }, { "keys", keys }, { "other body", replaced }, { "trailing", trailing },
};

const char *gen_json(const struct gen_sample *s, struct rng *r, struct buf *out)
{
	uint64_t k = rng_below(r, COUNT(value_kinds) * 2 + COUNT(body_kinds));

	if (k >= COUNT(value_kinds) * 2 || !s->values) {
		k %= COUNT(body_kinds);
		body_kinds[k].f(s, r, out);
		return body_kinds[k].name;
	}
	k %= COUNT(value_kinds);
	splice(s, &s->value[rng_below(r, s->values)], r, value_kinds[k].f, out);
	return value_kinds[k].name;
}
