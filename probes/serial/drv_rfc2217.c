// SPDX-License-Identifier: Apache-2.0
// A console behind a console server that speaks RFC 2217 (ser2net and most boxes with many ports): settings are asked for and
// the answers compared, line errors and modem lines come as notifications.
//
// Servers differ. What is not answered in time, or answered wrongly for flow control, DTR and RTS (many do), is noted and the
// settings count as not verified; `strict` refuses such a server. A rate or form that is answered differently is never right.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "probes/serial/dial.h"
#include "probes/serial/rfc2217.h"
#include "probes/serial/tty.h"

#define SENDING (2 * CONSOLE_WRITE + RFC2217_OUT)

enum asked { ASK_BAUD, ASK_SIZE, ASK_PARITY, ASK_STOP, ASK_FLOW, ASK_DTR, ASK_RTS, ASK_LINE_MASK, ASK_MODEM_MASK, ASKED };
static const char *const asked_word[] = {
	"rate", "size", "parity", "stop", "flow", "DTR", "RTS", "line state mask", "modem state mask",
};

struct own {
	struct dialled d;
	struct rfc2217 t;
	struct tty_want want;
	enum rfc2217_code code[ASKED];
	uint32_t value[ASKED];
	unsigned waiting, differs;      /* bit per enum asked */
	uint8_t out[SENDING];           /* escaped, not yet taken by the socket */
	size_t out_n;
};

static const uint32_t line_mask = COM_LINE_OVERRUN | COM_LINE_PARITY | COM_LINE_FRAMING | COM_LINE_BREAK, modem_mask = 255;

/* ---- sending ---- */

static bool push(struct console *c, struct err *err)
{
	struct own *o = c->own;

	while (o->out_n) {
		ssize_t n = send(o->d.fd, o->out, o->out_n, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			return err_sys(err, "console server");
		memmove(o->out, o->out + n, o->out_n - (size_t)n);
		o->out_n -= (size_t)n;
	}
	c->pending = o->out_n > 0;
	return true;
}

/* Negotiation goes between the data, in whole commands. What finds no room waits in t.out for the next time. */
static bool push_answers(struct console *c, struct err *err)
{
	struct own *o = c->own;

	if (o->t.out_n <= sizeof(o->out) - o->out_n) {
		memcpy(o->out + o->out_n, o->t.out, o->t.out_n);
		o->out_n += o->t.out_n;
		o->t.out_n = 0;
	}
	return push(c, err);
}

static ssize_t port_write(struct console *c, const void *p, size_t n, struct err *err)
{
	struct own *o = c->own;

	if (!push_answers(c, err))
		return -1;
	if (2 * n > sizeof(o->out) - o->out_n)
		return 0;
	o->out_n += rfc2217_escape(&o->t, p, n, o->out + o->out_n);
	return push(c, err) ? (ssize_t)n : -1;
}

/* ---- asking ---- */

static void ask(struct own *o, enum asked a, enum rfc2217_code code, uint32_t value)
{
	o->code[a] = code;
	o->value[a] = value;
	o->waiting |= 1u << a;
	o->differs &= ~(1u << a);
	rfc2217_ask(&o->t, code, value);
}

static void ask_all(struct console *c)
{
	static const uint32_t flow[] = { COM_FLOW_NONE, COM_FLOW_RTSCTS, COM_FLOW_XONXOFF };
	struct own *o = c->own;
	const struct tty_want *w = &o->want;

	ask(o, ASK_BAUD, COM_BAUD, (uint32_t)w->s.baud);
	ask(o, ASK_SIZE, COM_SIZE, (uint32_t)w->s.bits);
	ask(o, ASK_PARITY, COM_PARITY, (uint32_t)w->s.parity + 1);
	ask(o, ASK_STOP, COM_STOP, (uint32_t)w->s.stop);
	ask(o, ASK_FLOW, COM_CONTROL, flow[w->flow]);
	if (w->dtr != TTY_KEEP)
		ask(o, ASK_DTR, COM_CONTROL, w->dtr == TTY_HIGH ? COM_DTR_ON : COM_DTR_OFF);
	if (w->rts != TTY_KEEP && w->flow != TTY_FLOW_RTSCTS)
		ask(o, ASK_RTS, COM_CONTROL, w->rts == TTY_HIGH ? COM_RTS_ON : COM_RTS_OFF);
	ask(o, ASK_LINE_MASK, COM_LINE_MASK, line_mask);
	ask(o, ASK_MODEM_MASK, COM_MODEM_MASK, modem_mask);
	rfc2217_ask(&o->t, COM_PURGE, 1);       /* what the server kept from earlier; many do not answer that */
	c->port_due = clock_ns() + line_int(c->line, "answer");
	console_arm(c);
}

static const char *names(unsigned which, char buf[static 128])
{
	size_t n = 0;

	buf[0] = '\0';
	for (int a = 0; a < ASKED; a++)
		if (which >> a & 1)
			n += (size_t)snprintf(buf + n, 128 - n, "%s%s", n ? ", " : "", asked_word[a]);
	return buf;
}

/* Everything is answered, or will not be any more. */
static bool settled(struct console *c, struct err *err)
{
	struct own *o = c->own;
	unsigned bad = o->waiting | o->differs;
	char text[128];

	c->port_due = 0;
	console_arm(c);
	if (bad)
		line_note(c->line, "the console server %s: %s", o->waiting ? "did not answer" : "answered otherwise", names(bad, text));
	if (bad && line_flag(c->line, "strict"))
		return console_lost(c, err, "strict: the console server %s: %s", o->waiting ? "did not answer" : "answered otherwise",
				    names(bad, text));
	return console_is_up(c) || console_up(c, err);
}

static enum asked which(const struct own *o, enum rfc2217_code code, uint32_t v)
{
	if (code == COM_CONTROL)
		return v <= COM_FLOW_RTSCTS || v > COM_RTS_OFF + 1 ? ASK_FLOW : v >= 10 ? ASK_RTS : v >= 7 ? ASK_DTR : ASKED;
	for (int a = 0; a < ASKED; a++)
		if (o->code[a] == code)
			return (enum asked)a;
	return ASKED;
}

static bool answered(struct console *c, enum rfc2217_code code, uint32_t v, struct err *err)
{
	struct own *o = c->own;
	enum asked a = which(o, code, v);

	if (a == ASKED)
		return true;
	if (o->value[a] != v)           /* unasked: another client of the server changed it */
		o->differs |= 1u << a;
	if (!(o->waiting >> a & 1))
		return true;
	o->waiting &= ~(1u << a);
	return o->waiting || !c->port_due || settled(c, err);
}

/* ---- notifications ---- */

static bool line_state(struct console *c, int64_t t_ns, uint32_t v, struct err *err)
{
	return (!(v & COM_LINE_BREAK) || console_fault(c, t_ns, SERIAL_BREAK, 0, 1, err)) &&
	       (!(v & COM_LINE_FRAMING) || console_fault(c, t_ns, SERIAL_FRAMING, 0, 1, err)) &&
	       (!(v & COM_LINE_PARITY) || console_fault(c, t_ns, SERIAL_PARITY, 0, 1, err)) &&
	       (!(v & COM_LINE_OVERRUN) || console_fault(c, t_ns, SERIAL_OVERRUN, 0, 1, err));
}

/* CTS, DSR, RI, DCD as the server sees them; changes are worth an event, since a device without power lets them fall. */
static bool modem_state(struct console *c, int64_t t_ns, uint32_t v, struct err *err)
{
	char word[40];

	snprintf(word, sizeof(word), "modem=%s%s%s%s", v & 16 ? "C" : "c", v & 32 ? "D" : "d", v & 64 ? "R" : "r", v & 128 ? "L" : "l");
	return console_remark(c, t_ns, word, err);
}

static bool take_answer(struct console *c, int64_t t_ns, struct err *err)
{
	struct own *o = c->own;

	switch (o->t.code) {
	case COM_LINE_STATE: return line_state(c, t_ns, o->t.value, err);
	case COM_MODEM_STATE: return modem_state(c, t_ns, o->t.value, err);
	case COM_SUSPEND:
		c->held = true;
		return true;
	case COM_RESUME:
		c->held = false;
		return console_flush(c, err);
	default: return answered(c, o->t.code, o->t.value, err);
	}
}

static bool take_event(struct console *c, int64_t t_ns, struct err *err)
{
	struct own *o = c->own;

	switch (o->t.event) {
	case RFC2217_AGREED:
		ask_all(c);
		return true;
	case RFC2217_REFUSED:
		line_note(c->line, "the console server does not speak RFC 2217: its settings are its own");
		o->waiting = 1u << ASK_BAUD | 1u << ASK_SIZE | 1u << ASK_PARITY | 1u << ASK_STOP;
		return settled(c, err);
	case RFC2217_BREAK: return console_fault(c, t_ns, SERIAL_BREAK, 0, 1, err);
	case RFC2217_ANSWER: return take_answer(c, t_ns, err);
	case RFC2217_NOTHING: break;
	}
	return true;
}

/* ---- the port ---- */

static bool port_prepare(struct console *c, struct err *err)
{
	struct own *o = c->own;

	o->want = tty_wanted(c->line);
	return dial_prepare(c, err);
}

static bool port_open(struct console *c, struct err *err)
{
	struct own *o = c->own;

	o->waiting = o->differs = 0;
	o->out_n = 0;
	return dial_open(c, line_int(c->line, "answer"), err);
}

static bool connected(struct console *c, struct err *err)
{
	struct own *o = c->own;
	struct err why = { 0 };

	if (!dial_connected(c, err) || !o->d.connected)
		return err->kind == ERR_NONE;
	rfc2217_begin(&o->t);
	o->waiting = 1u << ASK_BAUD | 1u << ASK_SIZE | 1u << ASK_PARITY | 1u << ASK_STOP;       /* until it agrees */
	c->port_due = clock_ns() + line_int(c->line, "answer");
	console_arm(c);
	if (!push_answers(c, &why))
		return console_lost(c, err, "%s", why.text);
	return line_watch(c->line, o->d.fd, POLLIN, err);
}

/* Data goes to the record before an event that follows it, so that errors stand where they belong. */
static bool take(struct console *c, int64_t t_ns, const uint8_t *in, size_t n, struct err *err)
{
	struct own *o = c->own;
	uint8_t out[16384];
	size_t k = 0;

	for (size_t i = 0; i < n && o->d.fd >= 0; i++) {
		k += rfc2217_take(&o->t, in[i], out + k);
		if (o->t.event == RFC2217_NOTHING)
			continue;
		if (!console_received(c, t_ns, out, k, err) || !take_event(c, t_ns, err))
			return false;
		k = 0;
	}
	return console_received(c, t_ns, out, k, err);
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	struct own *o = c->own;
	uint8_t in[16384];
	struct err why = { 0 };
	int64_t t_ns;
	ssize_t n;

	(void)revents;
	if (fd != o->d.fd)
		return true;
	if (!o->d.connected)
		return connected(c, err);
	n = dial_receive(c, in, sizeof(in), &t_ns, err);
	if (n <= 0)
		return n == 0;
	if (!take(c, t_ns, in, (size_t)n, err))
		return false;
	if (o->d.fd < 0)
		return true;
	if (!push_answers(c, &why))
		return console_lost(c, err, "%s", why.text);
	return !console_is_up(c) || console_flush(c, err);
}

static bool port_timer(struct console *c, struct err *err)
{
	struct own *o = c->own;

	return o->d.connected ? settled(c, err) : console_lost(c, err, "no connection in time");
}

static bool port_break(struct console *c, bool low, struct err *err)
{
	struct own *o = c->own;

	if (!o->t.agreed)
		return err_set(err, ERR_BENCH, "%s: the console server does not speak RFC 2217", line_name(c->line));
	rfc2217_ask(&o->t, COM_CONTROL, low ? COM_BREAK_ON : COM_BREAK_OFF);
	return push_answers(c, err);
}

static bool port_baud(struct console *c, int64_t baud, struct err *err)
{
	struct own *o = c->own;

	if (!o->t.agreed)
		return err_set(err, ERR_BENCH, "%s: the console server does not speak RFC 2217", line_name(c->line));
	o->want.s.baud = baud;
	ask(o, ASK_BAUD, COM_BAUD, (uint32_t)baud);
	c->port_due = clock_ns() + line_int(c->line, "answer");
	console_arm(c);
	return push_answers(c, err);
}

static void port_settings(struct console *c, json_t *reply)
{
	const unsigned form = 1u << ASK_BAUD | 1u << ASK_SIZE | 1u << ASK_PARITY | 1u << ASK_STOP;
	struct own *o = c->own;
	char text[128], settings[40], wrong[160] = "";

	if (o->differs & form)
		snprintf(wrong, sizeof(wrong), "answered otherwise: %s", names(o->differs & form, text));
	json_object_set_new(reply, "settings", json_string(tty_settings_text(&o->want.s, settings)));
	json_object_set_new(reply, "verified", json_boolean(!o->waiting && !o->differs));
	json_object_set_new(reply, "wrong", json_string(wrong));
}

static const struct console_port port = {
	.own = sizeof(struct own), .prepare = port_prepare, .open = port_open, .readable = port_readable, .write = port_write,
	.drop = dial_drop, .set_break = port_break, .set_baud = port_baud, .settings = port_settings, .timer = port_timer,
};

static bool open_rfc2217(struct line *l, struct err *err)
{
	return console_start(l, &port, err);
}

static const struct param params[] = {
	DIAL_PARAMS, TTY_PARAMS,
	{ .name = "answer", .type = VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "2s", .doc = "how long the server may take to answer a setting" },
	{ .name = "strict", .type = VALUE_BOOL, .fallback = "false", .doc = "refuse a server that leaves a setting unanswered or answers otherwise" },
	CONSOLE_PARAMS, { 0 }
};

const struct line_driver drv_rfc2217 = {
	.name = "rfc2217", .doc = "console behind a console server that speaks RFC 2217: settings asked and compared, line errors recorded",
	.seen = "ser2net, and servers of the test that answer wrongly or not at all",
	.params = params, .open = open_rfc2217, .command = console_command, .event = console_event, .close = console_close,
};
