/* SPDX-License-Identifier: Apache-2.0
 *
 * telnet.h - the text of a Telnet stream, without its commands.
 * In      bytes as they come, in any pieces.   Out  text (NUL bytes dropped, bounded; the rest is counted off), and the
 * bytes to send back: every option is refused, a refusal is never answered, so no peer can make it loop.
 * Source  RFC 854, RFC 1143. */
#ifndef LOGIN_TELNET_H
#define LOGIN_TELNET_H

#include <stddef.h>
#include <stdint.h>

#define TELNET_TEXT 4096
struct telnet {                         /* zero-initialise */
	char text[TELNET_TEXT + 1];     /* terminated; what came since the last telnet_clear */
	size_t n;
	uint8_t state, verb;
};
/* Takes one byte; returns how many bytes of reply[3] to send (0 or 3). */
size_t telnet_take(struct telnet *t, uint8_t c, uint8_t reply[static 3]);
void telnet_clear(struct telnet *t);
const char *telnet_last_line(const struct telnet *t);   /* where a prompt stands; borrowed */
#endif
