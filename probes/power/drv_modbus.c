// SPDX-License-Identifier: Apache-2.0
// A coil of a relay board on Modbus TCP: function 5 writes it (and must be echoed), function 1 reads it back.
// Waveshare's boards answer only a read of all coils from 0; their private value 0x5500 ("toggle") is never sent: what it does
// depends on what was.
// Source  MODBUS Application Protocol V1.1b3, 6.1, 6.5, 7; Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3
#include <stdlib.h>
#include <string.h>

#include "harness/proto/wire.h"
#include "probes/power/outlet.h"

enum { READ_COILS = 1, WRITE_COIL = 5, EXCEPTION = 0x80, HEAD = 7, PDU_MAX = 253 };
#define COIL_ON 0xFF00

struct modbus {
	struct line *line;
	struct wire wire;
	uint16_t transaction;
};

static void put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

static const char *exception(uint8_t code)
{
	static const char *const word[] = { "", "it does not know this function", "it has no such coil", "it does not take this value",
					    "it failed", "it is still at it", "it is busy", "", "", "", "its gateway has no path",
					    "behind its gateway nothing answers" };

	return code < sizeof(word) / sizeof(word[0]) && word[code][0] ? word[code] : "an exception without a meaning";
}

static bool take(struct modbus *m, uint8_t *p, size_t n, struct err *err)
{
	for (size_t had = 0; had < n;) {
		ssize_t got = wire_take(&m->wire, p + had, n - had, line_int(m->line, "timeout"));

		if (got <= 0)
			return err_set(err, ERR_BENCH, got ? "no answer in time" : "it ended the connection");
		had += (size_t)got;
	}
	return true;
}

/* One request of 5 bytes, one answer of *ret_n bytes behind the unit's number. */
static bool exchange(struct modbus *m, uint8_t function, unsigned a, unsigned b, uint8_t ret[static PDU_MAX], size_t *ret_n, struct err *err)
{
	uint8_t out[HEAD + 5], head[HEAD], unit = (uint8_t)line_int(m->line, "unit");
	unsigned n;

	put16(out, ++m->transaction);
	put16(out + 2, 0);
	put16(out + 4, 6);
	out[6] = unit;
	out[7] = function;
	put16(out + 8, a);
	put16(out + 10, b);
	m->wire.until_ns = clock_ns() + line_int(m->line, "timeout");
	if (!wire_send(&m->wire, out, sizeof(out)))
		return err_set(err, ERR_BENCH, "it takes nothing: %s", m->wire.why);
	if (!take(m, head, sizeof(head), err))
		return false;
	n = get16(head + 4);
	if (get16(head) != m->transaction || get16(head + 2) != 0 || n < 3 || n > 1 + PDU_MAX || head[6] != unit)
		return err_set(err, ERR_BENCH, "what it says is no answer to this request");
	if (!take(m, ret, n - 1, err))
		return false;
	if (ret[0] == (function | EXCEPTION))
		return err_set(err, ERR_BENCH, "exception %d: %s", ret[1], exception(ret[1]));
	*ret_n = n - 1;
	return ret[0] == function || err_set(err, ERR_BENCH, "an answer to another function (%d)", ret[0]);
}

static bool modbus_set(void *dev, bool energised, struct err *err)
{
	struct modbus *m = dev;
	unsigned coil = (unsigned)line_int(m->line, "coil"), value = energised ? COIL_ON : 0;
	uint8_t said[PDU_MAX];
	size_t n;

	return exchange(m, WRITE_COIL, coil, value, said, &n, err) &&
	       ((n == 5 && get16(said + 1) == coil && get16(said + 3) == value) ||
		err_set(err, ERR_BENCH, "it repeats another command than it was given"));
}

static bool modbus_get(void *dev, bool *ret, struct err *err)
{
	struct modbus *m = dev;
	unsigned coil = (unsigned)line_int(m->line, "coil"), all = (unsigned)line_int(m->line, "coils");
	unsigned first = all ? 0 : coil, count = all ? all : 1, bit = coil - first;
	uint8_t said[PDU_MAX];
	size_t n;

	if (!exchange(m, READ_COILS, first, count, said, &n, err))
		return false;
	if (n != 2 + (size_t)said[1] || said[1] != (count + 7) / 8)
		return err_set(err, ERR_BENCH, "asked for %u coils it answers %zu bytes", count, n);
	*ret = said[2 + bit / 8] >> bit % 8 & 1;
	return true;
}

static void modbus_close(void *dev)
{
	struct modbus *m = dev;

	wire_done(&m->wire);
	free(m);
}

static bool modbus_open(struct line *l, void **ret_dev, struct err *err)
{
	struct modbus *m;

	if (line_int(l, "coils") && line_int(l, "coil") >= line_int(l, "coils"))
		return err_set(err, ERR_CONF, "coil %d of %d: they are counted from 0", (int)line_int(l, "coil"), (int)line_int(l, "coils"));
	m = calloc(1, sizeof(*m));
	if (!m)
		return err_set(err, ERR_LIMIT, "out of memory");
	*m = (struct modbus){ .line = l, .wire = { .fd = -1 } };
	if (!wire_open(&m->wire, line_text(l, "address"), (int)line_int(l, "port"), false, line_int(l, "timeout"), err) || m->wire.fd < 0) {
		if (err->kind == ERR_NONE)
			err_set(err, ERR_BENCH, "%s port %d: %s", line_text(l, "address"), (int)line_int(l, "port"), m->wire.why);
		modbus_close(m);
		return false;
	}
	*ret_dev = m;
	return true;
}

static const struct param modbus_params[] = {
	{ .name = "address", .type = VALUE_TEXT, .need = true, .doc = "IP address of the board; only there this line connects to" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .fallback = "502", .doc = "TCP port" },
	{ .name = "unit", .type = VALUE_INT, .max = 255, .fallback = "1", .doc = "its number behind a gateway" },
	{ .name = "coil", .type = VALUE_INT, .need = true, .max = 65535, .doc = "the relay, counted from 0" },
	{ .name = "coils", .type = VALUE_INT, .max = 2000, .fallback = "0",
	  .doc = "read all so many from 0 instead of the one: Waveshare's boards answer nothing else" },
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops modbus_ops = { READBACK_reported, modbus_open, modbus_set, modbus_get, NULL, NULL, modbus_close };

OUTLET_DRIVER(modbus, "relay board on Modbus TCP",
	      "a server on libmodbus; Waveshare's read rule on a simulator",
	      modbus_params, modbus_ops);
