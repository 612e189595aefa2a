/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/six.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

enum { FRAMES = 100000 };               /* that are looked at: a flood from the cable ends by itself */

struct search {
	struct six *s;
	const uint8_t *mac;
	struct six_cable cable[SIX_CABLES];
	unsigned cables;
};

/* RFC 4291 appendix A: fffe between the halves of the hardware address, one bit turned. */
static void eui64(const uint8_t mac[6], uint8_t ret[8])
{
	memcpy(ret, mac, 3);
	memcpy(ret + 5, mac + 3, 3);
	ret[0] ^= 2;
	ret[3] = 0xff;
	ret[4] = 0xfe;
}

/* What a device would call itself on each of our networks. */
static void derive(struct search *x)
{
	for (unsigned i = 0; i < x->cables; i++)
		for (unsigned k = 0; k < x->cable[i].n; k++) {
			struct addr a = x->cable[i].own[k];

			eui64(x->mac, a.b + 8);
			six_tell(x->s, &a, "its EUI-64");
		}
}

static void ask_for(struct search *x, unsigned from)
{
	for (unsigned i = from; i < x->s->n; i++)
		for (unsigned k = 0; !x->s->at[i].ifindex && k < x->cables; k++)
			(void)six_ask_for(&x->cable[k], &x->s->at[i].addr);
}

/* Our own addresses may just be coming, too: a cable is looked at anew each time. */
static bool ask(struct search *x, bool *ret_sent, struct err *err)
{
	*ret_sent = false;
	six_cables_close(x->cable, x->cables);
	x->cables = 0;
	if (!six_cables(x->s, x->cable, &x->cables, err))
		return false;
	derive(x);
	for (unsigned k = 0; k < x->cables; k++)
		*ret_sent |= six_ask_all(&x->cable[k]);
	ask_for(x, 0);
	x->s->asked += *ret_sent;
	return true;
}

/* Something is about to be there, or is there without a name yet. */
static bool pending(const struct six *s)
{
	struct addr any;

	for (unsigned i = 0; i < s->n; i++)
		if (s->at[i].trial && !s->at[i].ifindex)
			return true;
	return (s->want_local && !six_has(s, true)) || (s->want_other && !six_has(s, false)) || six_nameless(s, &any);
}

static bool ours(const struct search *x, int ifindex)
{
	for (unsigned k = 0; k < x->cables; k++)
		if ((int)x->cable[k].ifindex == ifindex)
			return true;
	return false;
}

static void read_one(struct search *x, int fd)
{
	struct sockaddr_ll from = { 0 };
	socklen_t n = sizeof(from);
	unsigned known = x->s->n;
	uint8_t frame[2048];
	ssize_t got = recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &n);

	if (got <= 0 || from.sll_pkttype == PACKET_OUTGOING || !ours(x, from.sll_ifindex))
		return;
	six_read(x->s, x->mac, (struct span){ frame, (size_t)got }, (unsigned)from.sll_ifindex);
	ask_for(x, known);
}

static bool listen_and_ask(struct search *x, int fd, int64_t for_ns, struct err *err)
{
	int64_t begin = clock_ns(), until = begin + for_ns, next = begin;

	for (unsigned i = 0; i < FRAMES; i++) {
		struct pollfd p = { fd, POLLIN, 0 };
		bool few = x->s->asked < SIX_ASKS, more = few || pending(x->s), sent;
		int64_t now = clock_ns(), end = more ? until + SIX_TRIAL_NS : until;

		if (now >= end)
			return true;
		if (now >= next && more) {
			if (!ask(x, &sent, err))
				return false;
			next = now + (sent ? for_ns / SIX_ASKS : MS(20));
		}
		end = next > now && next < end ? next : end;
		if (poll(&p, 1, (int)((end - now) / MS(1)) + 1) > 0)
			read_one(x, fd);
	}
	return true;
}

bool six_find(struct six *s, const uint8_t mac[6], int64_t for_ns, bool *ret_refused, struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_IPV6));
	struct search x = { .s = s, .mac = mac };
	bool ok;

	*ret_refused = fd < 0 && (errno == EPERM || errno == EACCES);
	if (fd < 0)
		return err_sys(err, "packet socket");
	ok = listen_and_ask(&x, fd, for_ns, err);
	six_cables_close(x.cable, x.cables);
	return ok;
}
