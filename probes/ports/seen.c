/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/seen.h"

#include "harness/proto/packet.h"
#include "harness/proto/pcapng.h"

/* Takes the port out of its set when the packet shows it open. */
static bool shows(const struct packet *k, const struct addr *device, struct portset *tcp, struct portset *udp)
{
	struct portset *left = k->proto == IP_TCP ? tcp : udp;

	if (k->layer != PACKET_TRANSPORT || !addr_same(&k->from, device) || (k->proto != IP_TCP && k->proto != IP_UDP) ||
	    !portset_has(left, k->sport))
		return false;
	if (k->proto == IP_TCP && (k->flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return false;
	portset_del(left, k->sport);
	return true;
}

bool seen_frames(const char *capture, const char *address, const struct portset *tcp, const struct portset *udp, int64_t from_wall_ns,
		 void (*f)(int64_t frame, void *data), void *data, struct err *err)
{
	struct portset left_tcp = *tcp, left_udp = *udp;
	static struct pcapng_reader r;
	struct pcapng_frame frame;
	struct addr device;
	struct packet k;

	if (!addr_parse(address, &device))
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	if (!pcapng_open(capture, false, &r, err))
		return false;
	while (pcapng_next(&r, &frame, err))
		if (frame.wall_ns >= from_wall_ns && packet_decode(frame.data, &k) && shows(&k, &device, &left_tcp, &left_udp))
			f(frame.number, data);
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
