// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/rfc2217.h"

#include <string.h>

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, BRK = 243, SE = 240 };
enum { OPT_BINARY = 0, OPT_AHEAD = 3, OPT_COM = 44, ANSWERED = 100 };
enum { BIT_BINARY = 1, BIT_AHEAD = 2, BIT_COM = 4 };
enum { DATA, COMMAND, OPTION, SUB, SUB_COMMAND };

static void put(struct rfc2217 *t, const uint8_t *p, size_t n)
{
	if (n > sizeof(t->out) - t->out_n) {
		t->bad++;
		return;
	}
	memcpy(t->out + t->out_n, p, n);
	t->out_n += n;
}

static void say(struct rfc2217 *t, uint8_t verb, uint8_t option)
{
	put(t, (const uint8_t[]){ IAC, verb, option }, 3);
}

void rfc2217_begin(struct rfc2217 *t)
{
	*t = (struct rfc2217){ .us_asked = BIT_COM | BIT_BINARY | BIT_AHEAD, .them_asked = BIT_BINARY | BIT_AHEAD };
	say(t, WILL, OPT_COM);
	say(t, WILL, OPT_BINARY);
	say(t, DO, OPT_BINARY);
	say(t, WILL, OPT_AHEAD);
	say(t, DO, OPT_AHEAD);
}

static uint8_t bit_of(uint8_t option)
{
	return option == OPT_BINARY ? BIT_BINARY : option == OPT_AHEAD ? BIT_AHEAD : option == OPT_COM ? BIT_COM : 0;
}

static void see_change(struct rfc2217 *t)
{
	bool agreed = ((t->us | t->them) & BIT_COM) != 0;

	t->binary_out = t->us & BIT_BINARY;
	t->binary_in = t->them & BIT_BINARY;
	if (agreed != t->agreed)
		t->event = agreed ? RFC2217_AGREED : RFC2217_REFUSED;
	t->agreed = agreed;
}

/* DO and DONT are about what we do. An answer to our offer is not answered. */
static void about_us(struct rfc2217 *t, bool on, uint8_t option)
{
	uint8_t bit = bit_of(option);
	bool asked = t->us_asked & bit, is = t->us & bit;

	t->us_asked &= (uint8_t)~bit;
	if (on && !bit)
		say(t, WONT, option);
	if (on && bit && !is && !asked)
		say(t, WILL, option);
	if (!on && is)
		say(t, WONT, option);
	t->us = (uint8_t)(on ? t->us | bit : t->us & ~bit);
	if (!on && option == OPT_COM && asked)
		t->event = RFC2217_REFUSED;
	see_change(t);
}

/* WILL and WONT are about what the server does. Some offer the COM port themselves. */
static void about_them(struct rfc2217 *t, bool on, uint8_t option)
{
	uint8_t bit = bit_of(option);
	bool asked = t->them_asked & bit, is = t->them & bit;

	t->them_asked &= (uint8_t)~bit;
	if (on && !bit)
		say(t, DONT, option);
	if (on && bit && !is && !asked)
		say(t, DO, option);
	if (!on && is)
		say(t, DONT, option);
	t->them = (uint8_t)(on ? t->them | bit : t->them & ~bit);
	see_change(t);
}

static void negotiate(struct rfc2217 *t, uint8_t option)
{
	if (t->verb == DO || t->verb == DONT)
		about_us(t, t->verb == DO, option);
	else
		about_them(t, t->verb == WILL, option);
}

static void sub_ended(struct rfc2217 *t)
{
	uint32_t v = 0;

	if (t->sub_n > RFC2217_SUB || (t->sub_n > 0 && t->sub[0] == OPT_COM && t->sub_n < 2)) {
		t->bad++;
		return;
	}
	if (t->sub_n < 2 || t->sub[0] != OPT_COM || t->sub[1] <= ANSWERED || t->sub[1] > ANSWERED + COM_PURGE)
		return;                 /* of another option, or a signature */
	for (size_t i = 2; i < t->sub_n && i < 6; i++)
		v = v << 8 | t->sub[i];
	t->event = RFC2217_ANSWER;
	t->code = (enum rfc2217_code)(t->sub[1] - ANSWERED);
	t->value = v;
}

static void sub_byte(struct rfc2217 *t, uint8_t c)
{
	if (t->sub_n < RFC2217_SUB)
		t->sub[t->sub_n] = c;
	if (t->sub_n <= RFC2217_SUB)
		t->sub_n++;
}

static void command(struct rfc2217 *t, uint8_t c)
{
	t->verb = c;
	t->sub_n = 0;
	t->state = c == SB ? SUB : c >= WILL && c <= DONT ? OPTION : DATA;
	if (c == BRK)
		t->event = RFC2217_BREAK;
}

/* RFC 854: without binary a CR that stands alone comes as CR NUL. */
static bool data(struct rfc2217 *t, uint8_t c, uint8_t *ret)
{
	bool filler = c == 0 && t->was_cr && !t->binary_in;

	t->was_cr = c == '\r';
	*ret = c;
	return !filler;
}

bool rfc2217_take(struct rfc2217 *t, uint8_t c, uint8_t *ret)
{
	t->event = RFC2217_NOTHING;
	switch (t->state) {
	case COMMAND:
		if (c == IAC) {
			t->state = DATA;
			return data(t, c, ret);
		}
		command(t, c);
		return false;
	case OPTION:
		t->state = DATA;
		negotiate(t, c);
		return false;
	case SUB:
		if (c == IAC)
			t->state = SUB_COMMAND;
		else
			sub_byte(t, c);
		return false;
	case SUB_COMMAND:
		t->state = c == SE ? DATA : SUB;
		if (c == SE)
			sub_ended(t);
		else
			sub_byte(t, c);
		return false;
	default:
		if (c == IAC) {
			t->state = COMMAND;
			return false;
		}
		return data(t, c, ret);
	}
}

void rfc2217_ask(struct rfc2217 *t, enum rfc2217_code code, uint32_t value)
{
	uint8_t b[4 + 8 + 2] = { IAC, SB, OPT_COM, (uint8_t)code };
	size_t n = 4;

	for (int shift = code == COM_BAUD ? 24 : 0; shift >= 0; shift -= 8) {
		uint8_t c = (uint8_t)(value >> shift);

		b[n++] = c;
		if (c == IAC)
			b[n++] = IAC;
	}
	b[n++] = IAC;
	b[n++] = SE;
	put(t, b, n);
}

size_t rfc2217_escape(const struct rfc2217 *t, const uint8_t *in, size_t n, uint8_t *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		out[k++] = in[i];
		if (in[i] == IAC)
			out[k++] = IAC;
		else if (in[i] == '\r' && !t->binary_out)
			out[k++] = 0;
	}
	return k;
}
