// SPDX-License-Identifier: Apache-2.0
// SCPI over a raw TCP connection. Rigol's form has the length of each answer before it, 32 bits, little-endian (libsigrok).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/wire.h"
#include "probes/power/scpi.h"

struct tcp {
	struct wire wire;
	int64_t timeout_ns;
	bool prefix;
	char had[SCPI_MESSAGE + 4];     /* of the answer going on */
	size_t n;
};

static bool tcp_tell(void *io, const char *command, struct err *err)
{
	struct tcp *t = io;
	char text[SCPI_MESSAGE + 1];
	int n = snprintf(text, sizeof(text), "%s\n", command);

	t->wire.until_ns = clock_ns() + t->timeout_ns;
	return wire_send(&t->wire, text, (size_t)n) || err_set(err, ERR_BENCH, "it takes nothing: %s", t->wire.why);
}

/* 1: the answer is in t->had from *ret_skip on, *ret_n bytes long; 0: more has to come; -1: it is none. */
static int whole(struct tcp *t, size_t *ret_skip, size_t *ret_n, struct err *err)
{
	const uint8_t *h = (const uint8_t *)t->had;
	const char *end = memchr(t->had, '\n', t->n);
	uint32_t n;

	*ret_skip = 0;
	*ret_n = end ? (size_t)(end - t->had) : 0;
	if (!t->prefix || t->n < 4)
		return !t->prefix && end;
	n = h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16 | (uint32_t)h[3] << 24;
	if (n >= SCPI_MESSAGE)
		return err_set(err, ERR_BENCH, "an answer that says it has %u bytes", n) - 1;
	*ret_skip = 4;
	*ret_n = n;
	return t->n >= 4 + n;
}

static bool tcp_ask(void *io, const char *command, char *ret, size_t room, struct err *err)
{
	struct tcp *t = io;
	size_t skip, n;
	ssize_t got;
	int is;

	t->n = 0;
	if (!tcp_tell(io, command, err))
		return false;
	while ((is = whole(t, &skip, &n, err)) <= 0) {
		if (is < 0)
			return false;
		if (t->n == sizeof(t->had))
			return err_set(err, ERR_BENCH, "an answer of more than %d bytes", SCPI_MESSAGE - 1);
		got = wire_take(&t->wire, t->had + t->n, sizeof(t->had) - t->n, t->timeout_ns);
		if (got <= 0)
			return err_set(err, ERR_BENCH, got ? "no answer in time" : "it ended the connection");
		t->n += (size_t)got;
	}
	if (t->n > skip + n + !t->prefix || n >= room)
		return err_set(err, ERR_BENCH, "more than one answer to one question");
	memcpy(ret, t->had + skip, n);
	while (n && (ret[n - 1] == '\n' || ret[n - 1] == '\r'))
		n--;
	ret[n] = '\0';
	return true;
}

static void tcp_close(void *io)
{
	struct tcp *t = io;

	wire_done(&t->wire);
	free(t);
}

static bool scpi_tcp_open(struct line *l, void **ret_dev, struct err *err)
{
	struct scpi_link link = { NULL, tcp_tell, tcp_ask, tcp_close };
	struct tcp *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(err, ERR_LIMIT, "out of memory");
	*t = (struct tcp){ .wire = { .fd = -1 }, .timeout_ns = line_int(l, "timeout"), .prefix = !strcmp(line_text(l, "framing"), "counted") };
	link.io = t;
	if (!wire_open(&t->wire, line_text(l, "address"), (int)line_int(l, "port"), false, line_int(l, "timeout"), err)) {
		tcp_close(t);
		return false;
	}
	if (t->wire.fd < 0) {
		err_set(err, ERR_BENCH, "%s port %d: %s", line_text(l, "address"), (int)line_int(l, "port"), t->wire.why);
		tcp_close(t);
		return false;
	}
	return scpi_open(l, &link, ret_dev, err);
}

static const char *const framings[] = { "line", "counted", NULL };
static const struct param scpi_params[] = {
	{ .name = "address", .type = VALUE_TEXT, .need = true, .doc = "IP address of the supply; only there this line connects to" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .fallback = "5025", .doc = "TCP port; TDK-Lambda Genesys has 8003" },
	{ .name = "framing", .type = VALUE_ENUM, .words = framings, .fallback = "line",
	  .doc = "end of an answer: a line's end, or as its length says that stands before it (some Rigol)" },
	SCPI_PARAMS,
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops scpi_ops = SCPI_OPS(scpi_tcp_open);

OUTLET_DRIVER(scpi, "bench supply by SCPI over TCP",
	      "a simulator of each model's documented answers; no real supply", scpi_params, scpi_ops);
