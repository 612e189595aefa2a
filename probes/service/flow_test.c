// SPDX-License-Identifier: Apache-2.0
// Record sequences made by hand: what counts as application data and what does not.
#include <string.h>

#include "harness/base/test.h"
#include "probes/service/flow.h"

/* One record: side, type, length; H = ClientHello, S/T = ServerHello of 1.2/1.3, W = hold over. */
struct rec { char what; int type, length; };
enum { C = 'c', SRV = 's' };

static size_t put(uint8_t *p, int type, size_t length)
{
	memset(p, 0, 5 + length);
	p[0] = (uint8_t)type;
	p[1] = p[2] = 3;
	p[3] = (uint8_t)(length >> 8);
	p[4] = (uint8_t)length;
	return 5 + length;
}

static size_t put_hello(uint8_t *p, char what)
{
	size_t n = put(p, 22, what == 'T' ? 90 : 80);

	p[5] = what == 'H' ? 1 : 2;
	if (what == 'H')
		return n;
	p[5 + 38] = 32;                         /* session id */
	p[5 + 71] = 0x13;
	p[5 + 72] = 0x01;
	if (what == 'T')
		memcpy(p + 5 + 74, "\0\6\0\x2b\0\2\3\4", 8);
	return n;
}

/* chunk: feed in pieces of that size. */
static void feed(struct flow *f, const struct rec *r, size_t chunk)
{
	uint8_t buf[4096];
	enum flow_from from = r->what == C || r->what == 'H' ? FLOW_CLIENT : FLOW_SERVER;
	size_t n = r->what == 'H' || r->what == 'S' || r->what == 'T' ? put_hello(buf, r->what) : put(buf, r->type, (size_t)r->length);

	if (r->what == 'W') {
		flow_release(f);
		return;
	}
	if (r->type == 21 && r->length == 2)
		buf[6] = 48;                    /* unknown_ca */
	for (size_t at = 0; at < n;)
		at += flow_feed(f, from, buf + at, n - at < chunk ? n - at : chunk);
}

static const struct { const char *name; struct rec rec[16]; bool established; int64_t bytes, alerts; } row[] = {
	{ "1.2 with data", { { 'H', 0, 0 }, { 'S', 0, 0 }, { SRV, 22, 900 }, { C, 22, 70 }, { C, 20, 1 }, { C, 22, 40 }, { SRV, 20, 1 },
	  { SRV, 22, 40 }, { C, 23, 100 }, { SRV, 23, 50 }, { C, 21, 26 } }, true, 100, 0 },
	{ "1.2 refused", { { 'H', 0, 0 }, { 'S', 0, 0 }, { SRV, 22, 900 }, { C, 21, 2 } }, false, 0, 1 },
	{ "1.2 handshake only", { { 'H', 0, 0 }, { 'S', 0, 0 }, { SRV, 22, 900 }, { C, 22, 70 }, { C, 20, 1 }, { C, 22, 40 },
	  { SRV, 20, 1 }, { SRV, 22, 40 } }, false, 0, 0 },
	{ "1.3 with data", { { 'H', 0, 0 }, { 'T', 0, 0 }, { SRV, 20, 1 }, { SRV, 23, 40 }, { SRV, 23, 900 }, { C, 20, 1 }, { C, 23, 53 },
	  { SRV, 23, 250 }, { 'W', 0, 0 }, { C, 23, 100 }, { SRV, 23, 40 }, { C, 23, 19 } }, true, 100, 0 },
	{ "1.3 with a client certificate", { { 'H', 0, 0 }, { 'T', 0, 0 }, { SRV, 23, 900 }, { C, 23, 700 }, { C, 23, 100 },
	  { C, 23, 53 }, { 'W', 0, 0 }, { C, 23, 30 }, { SRV, 23, 30 } }, true, 30, 0 },
	{ "1.3 tickets are no data", { { 'H', 0, 0 }, { 'T', 0, 0 }, { SRV, 23, 900 }, { C, 23, 53 }, { SRV, 23, 250 },
	  { SRV, 23, 250 }, { 'W', 0, 0 }, { C, 23, 100 } }, false, 100, 0 },
	{ "1.3 refused", { { 'H', 0, 0 }, { 'T', 0, 0 }, { SRV, 23, 900 }, { C, 23, 19 } }, false, 0, 1 },
	{ "1.3 handshake, then the end", { { 'H', 0, 0 }, { 'T', 0, 0 }, { SRV, 23, 900 }, { C, 23, 53 }, { SRV, 23, 250 },
	  { 'W', 0, 0 }, { C, 23, 19 } }, false, 0, 0 },
	{ "1.3 early data", { { 'H', 0, 0 }, { C, 23, 80 }, { 'T', 0, 0 } }, false, 80, 0 },
};
START_TEST(sequences)
{
	static const size_t chunk[] = { 1, 3, 4096 };

	for (size_t k = 0; k < 3; k++) {
		struct flow f;

		flow_init(&f);
		for (const struct rec *r = row[_i].rec; r->what; r++)
			feed(&f, r, chunk[k]);
		ck_assert_msg(flow_established(&f) == row[_i].established, "%s", row[_i].name);
		ck_assert_msg(f.side[FLOW_CLIENT].app_bytes == row[_i].bytes, "%s: %d", row[_i].name, (int)f.side[FLOW_CLIENT].app_bytes);
		ck_assert_msg(f.alerts == row[_i].alerts, "%s: alerts", row[_i].name);
		ck_assert(f.hello && !f.broken);
	}
}
END_TEST

START_TEST(no_tls)
{
	struct flow f;

	flow_init(&f);
	ck_assert_uint_eq(flow_feed(&f, FLOW_CLIENT, (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18), 18);
	ck_assert(f.broken && !f.hello && !flow_established(&f));
}
END_TEST

TEST_MAIN({ "sequences", sequences, ROWS(row) }, { "no_tls", no_tls, 1 })
