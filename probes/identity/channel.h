/* SPDX-License-Identifier: Apache-2.0
 *
 * channel.h - one place where a unit shows who it is, as device.yaml declares it. A map with a `name` and one of
 *
 *   {url: "https://dut/api/state", find: '"serial":"([^"]+)"', user: .., password: .., ca: ..}     what an HTTP answer holds
 *   {console: serial.console, find: "^serial ([A-Z0-9-]+)"}        what the console said since the last stimulus
 *   {file: "labels/unit${unit}.txt", find: "^code (.+)"}           the label, as the operator typed or scanned it
 *   {certificate: dut, port: 443}                                  the common name in the server's certificate
 *   {flash: flash.main, at: 16384, length: 16}                     bytes of a chip, shown as hex digits
 *
 * find    extended regular expression, over lines; its first group, or the whole match. Text without it is taken whole.
 * Out     the text found; `answered` false with the reason is an observation.
 * Fails   ERR_CONF for a map that says something else; ERR_BENCH for what lies outside the scope or a chip that cannot be read.
 * Bound   CHANNEL_TEXT bytes of text; a file of 64 KiB, CHANNEL_FLASH bytes of flash. */
#ifndef IDENTITY_CHANNEL_H
#define IDENTITY_CHANNEL_H

#include "harness/probe.h"

#define CHANNEL_TEXT  512
#define CHANNEL_FLASH 256

struct channel_value {
	bool answered;
	char text[CHANNEL_TEXT + 1];
	size_t n;
	char why[256];
};

bool channel_read(struct step *st, const json_t *from, struct channel_value *ret, struct err *err) MUST_CHECK;
/* Its name for a report. */
const char *channel_name(const json_t *from);

/* ---- for the kinds ---- */
bool channel_text(const json_t *from, const char *key, const char *fallback, const char **ret, struct err *err) MUST_CHECK;
/* What `find` finds in text (NUL-terminated at n). */
bool channel_find(const json_t *from, const char *text, size_t n, struct channel_value *ret, struct err *err) MUST_CHECK;

/* ---- tls.c ---- */
#define TLS_NAME 128
struct tls_identity {
	bool answered;
	char key[65];                   /* SHA-256 of the server's public key, in hex */
	char name[TLS_NAME + 1];        /* common name; "" = none */
	char why[256];
};
/* The certificate a server shows; nothing about it is verified. */
bool tls_identity(struct step *st, const char *host, int port, int64_t timeout_ns, struct tls_identity *ret, struct err *err) MUST_CHECK;
#endif
