// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/frames.h"

#include <string.h>

#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"
#include "probes/tls/suite.h"

enum { TRAITS = 32 };
struct wanted {
	uint8_t ports[8192];            /* ours, a bit each */
	uint16_t now;                   /* of the suite whose traits are being looked at */
	const char *trait[TRAITS];
	unsigned traits;
};

static void want(struct wanted *w, uint16_t port)
{
	w->ports[port / 8] |= (uint8_t)(1 << port % 8);
}

static void want_trait(const char *trait, void *data)
{
	struct wanted *w = data;

	for (unsigned i = 0; i < w->traits; i++)
		if (!strcmp(w->trait[i], trait))
			return;
	if (w->traits == TRAITS)
		return;
	w->trait[w->traits++] = trait;
	want(w, w->now);
}

static void want_suites(struct wanted *w, const struct scan_found *f)
{
	unsigned least = ~0u;
	uint16_t weakest = 0;

	for (unsigned v = 0; v < SCAN_VERSIONS; v++) {
		bool first = true;

		for (size_t i = 0; i < n_suites; i++) {
			if (!f->taken[v][i])
				continue;
			w->now = f->port[v][i];
			if (first)
				want(w, w->now);
			first = false;
			suite_traits(&suites[i], want_trait, w);
			if (suite_bits(&suites[i]) < least) {
				least = suite_bits(&suites[i]);
				weakest = w->now;
			}
		}
	}
	want(w, weakest);
}

/* A hello of the server: its record, or that of SSL 2; in DTLS no request for a cookie. */
static bool begins_hello(struct span p, bool datagram)
{
	if (datagram)
		return p.n > 13 && p.p[0] == 22 && p.p[13] != 3;
	return p.n > 2 && (p.p[0] == 22 || (p.p[0] & 0x80 && p.p[2] == 4));
}

static bool shows(const struct packet *k, const struct addr *device, int port, bool datagram, struct wanted *w)
{
	uint8_t bit = (uint8_t)(1 << k->dport % 8);

	if (k->layer != PACKET_TRANSPORT || k->proto != (datagram ? IP_UDP : IP_TCP) || k->sport != port || !(w->ports[k->dport / 8] & bit) ||
	    !addr_same(&k->from, device) || !begins_hello(k->payload, datagram))
		return false;
	w->ports[k->dport / 8] &= (uint8_t)~bit;
	return true;
}

bool frames_of(const char *capture, const char *address, int port, const struct scan_found *found, int64_t from_wall_ns,
	       void (*f)(int64_t frame, void *data), void *data, struct err *err)
{
	static struct pcapng_reader r;
	struct wanted w = { .traits = 0 };
	struct pcapng_frame frame;
	struct addr device;
	struct packet k;

	if (!addr_parse(address, &device))
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	want_suites(&w, found);
	want(&w, found->ssl2_port);
	want(&w, found->field_port);
	want(&w, found->compression_port);
	for (unsigned i = 0; i < SCAN_CHAINS; i++)
		want(&w, found->chain_port[i]);
	w.ports[0] &= (uint8_t)~1;      /* what was not seen has port 0 */
	if (!pcapng_open(capture, false, &r, err))
		return false;
	while (pcapng_next(&r, &frame, err))
		if (frame.wall_ns >= from_wall_ns && packet_decode(frame.data, &k) && shows(&k, &device, port, found->datagram, &w))
			f(frame.number, data);
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
