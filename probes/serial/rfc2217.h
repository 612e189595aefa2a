/* SPDX-License-Identifier: Apache-2.0
 *
 * rfc2217.h - the client's half of Telnet with the COM port option, as a machine that eats bytes and sends none itself.
 *
 * In      what the server sent, byte by byte, in any pieces.
 * Out     data bytes; at most one event a byte; answers in `out`, which the caller sends and empties.
 * Bound   a subnegotiation is at most RFC2217_SUB bytes, longer ones are skipped and counted in `bad`. Each option is answered
 *         only when its state changes, so no peer can make it loop; answers that find no room in `out` are dropped and counted.
 * Source  RFC 854, 855, 856 (binary), 858 (no go-ahead), 1143 (negotiation without loops), 2217 */
#ifndef SERIAL_RFC2217_H
#define SERIAL_RFC2217_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFC2217_SUB 64
#define RFC2217_OUT 1024

enum rfc2217_code {             /* what a client says; a server's code is 100 more */
	COM_BAUD = 1, COM_SIZE, COM_PARITY, COM_STOP, COM_CONTROL, COM_LINE_STATE, COM_MODEM_STATE, COM_SUSPEND, COM_RESUME,
	COM_LINE_MASK, COM_MODEM_MASK, COM_PURGE,
};
enum {                          /* values of COM_CONTROL */
	COM_FLOW_NONE = 1, COM_FLOW_XONXOFF, COM_FLOW_RTSCTS, COM_BREAK_ON = 5, COM_BREAK_OFF, COM_DTR_ON = 8, COM_DTR_OFF,
	COM_RTS_ON = 11, COM_RTS_OFF,
};
enum { COM_LINE_OVERRUN = 2, COM_LINE_PARITY = 4, COM_LINE_FRAMING = 8, COM_LINE_BREAK = 16 };    /* bits of COM_LINE_STATE */

enum rfc2217_event {
	RFC2217_NOTHING,
	RFC2217_AGREED,                 /* the server does the option: now ask for settings */
	RFC2217_REFUSED,                /* it does not, or no longer */
	RFC2217_ANSWER,                 /* code and value; value 0 when the server sent none */
	RFC2217_BREAK,                  /* Telnet's own break command */
};

struct rfc2217 {                        /* rfc2217_begin() */
	enum rfc2217_event event;       /* of the last byte */
	enum rfc2217_code code;
	uint32_t value;

	uint8_t out[RFC2217_OUT];
	size_t out_n;
	size_t bad;                     /* malformed or too long from the server, and answers dropped */
	bool agreed, binary_in, binary_out;

	/* private */
	uint8_t state, verb, sub[RFC2217_SUB];
	size_t sub_n;
	bool was_cr;
	uint8_t us, us_asked, them, them_asked; /* bit per option that we know */
};

void rfc2217_begin(struct rfc2217 *t);          /* out: our offers */
/* True: *ret is a data byte. Look at event after each. */
bool rfc2217_take(struct rfc2217 *t, uint8_t c, uint8_t *ret);
void rfc2217_ask(struct rfc2217 *t, enum rfc2217_code code, uint32_t value);    /* into out; baud takes four bytes, others one */
/* Data as it must be sent: 255 doubled, and CR NUL where the server does not take binary. At most 2 n bytes; returns them. */
size_t rfc2217_escape(const struct rfc2217 *t, const uint8_t *in, size_t n, uint8_t *out);
#endif
