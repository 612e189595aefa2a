/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/syn_wire.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netdb.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/clock.h"

/* FIRST and above are no ephemeral ports of Linux (32768-60999). A frame holds any error with the start of our segment in it. */
enum { FIRST = 61000, SPREAD = 4400, FRAME = 256, FRAMES = 8192, BLOCK = 1 << 16 };

static bool resolve(const char *text, struct sockaddr_storage *ret, socklen_t *ret_n, struct err *err)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a;

	if (getaddrinfo(text, NULL, &hint, &a))         /* knows fe80::1%lan0, which inet_pton does not */
		return err_set(err, ERR_CONF, "'%s' is not an address", text);
	memcpy(ret, a->ai_addr, a->ai_addrlen);
	*ret_n = a->ai_addrlen;
	freeaddrinfo(a);
	return true;
}

static void to_addr(const struct sockaddr_storage *a, struct addr *ret)
{
	*ret = (struct addr){ .family = a->ss_family == AF_INET ? 4 : 6 };
	if (a->ss_family == AF_INET)
		memcpy(ret->b, &((const struct sockaddr_in *)a)->sin_addr, 4);
	else
		memcpy(ret->b, &((const struct sockaddr_in6 *)a)->sin6_addr, 16);
}

/* ---- our ports ---- */
static bool hold_from(struct syn_wire *w, int family)
{
	struct sockaddr_storage a = { .ss_family = (sa_family_t)family };

	for (unsigned i = 0; i < SYN_TRIES; i++) {
		if (w->hold[i] < 0)
			w->hold[i] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		((struct sockaddr_in *)&a)->sin_port = htons((uint16_t)(w->id.base + i));
		if (w->hold[i] < 0 || bind(w->hold[i], (struct sockaddr *)&a, family == AF_INET ? sizeof(struct sockaddr_in) :
										sizeof(struct sockaddr_in6)) < 0)
			return false;
	}
	return true;
}

/* Bound, but nothing listens: the kernel answers for them with resets, and gives them to nobody else. */
static bool hold_ports(struct syn_wire *w, int family, struct err *err)
{
	for (unsigned i = 0; i < SPREAD / SYN_TRIES; i++) {
		w->id.base = (uint16_t)(FIRST + (w->id.key / SYN_TRIES + i) % (SPREAD / SYN_TRIES) * SYN_TRIES);
		if (hold_from(w, family))
			return true;
		for (unsigned k = 0; k < SYN_TRIES; k++) {
			if (w->hold[k] >= 0)
				close(w->hold[k]);
			w->hold[k] = -1;
		}
	}
	return err_sys(err, "ports to ask from");
}

/* ---- out ---- */
/* IPPROTO_RAW: we write the IP header, too, and get no copies of what comes in. */
static bool open_out(const struct sockaddr_storage *to, socklen_t n, int *ret, struct err *err)
{
	struct timeval patience = { 0, 100000 };

	*ret = socket(to->ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (*ret < 0 || setsockopt(*ret, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(*ret, (const struct sockaddr *)to, n) < 0)
		return err_sys(err, "raw socket");
	return true;
}

static bool our_address(struct syn_wire *w, struct err *err)
{
	struct sockaddr_storage us = { 0 };
	socklen_t n = sizeof(us);

	if (getsockname(w->out, (struct sockaddr *)&us, &n) < 0)
		return err_sys(err, "raw socket");
	to_addr(&us, &w->id.us);
	return true;
}

static uint32_t sum_words(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return sum;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The checksum of an IPv4 header is the kernel's. */
static void make_head(struct syn_wire *w)
{
	bool four = w->id.us.family == 4;
	uint8_t *h = w->head;

	w->head_n = four ? 20 : 40;
	h[0] = four ? 0x45 : 0x60;
	put16(h + (four ? 2 : 4), four ? 44 : 24);
	h[four ? 9 : 6] = IP_TCP;
	h[four ? 8 : 7] = 64;
	memcpy(h + (four ? 12 : 8), w->id.us.b, four ? 4 : 16);
	memcpy(h + (four ? 16 : 24), w->id.device.b, four ? 4 : 16);
}

void syn_put(struct syn_wire *w, uint16_t port, unsigned from)
{
	uint32_t seq = syn_seq(&w->id, port, from), sum = IP_TCP + 24;
	uint8_t *s = w->packet[w->n++];

	memcpy(s, w->head, w->head_n);
	if (w->id.us.family == 4)
		put16(s + 4, (seq & 0xffff) | 1);       /* 0 would ask the kernel to draw a number from a table that all processors share */
	s += w->head_n;
	memset(s, 0, 24);
	put16(s, w->id.base + from);
	put16(s + 2, port);
	put16(s + 4, seq >> 16);
	put16(s + 6, seq & 0xffff);
	s[12] = 6 << 4;                         /* header of 24 bytes */
	s[13] = TCP_SYN;
	put16(s + 14, 64240);
	put16(s + 20, 0x0204);                  /* a maximum segment size of 1460: some stacks ignore a SYN without */
	put16(s + 22, 1460);
	sum = sum_words(s, 24, sum_words(w->id.us.b, 16, sum_words(w->id.device.b, 16, sum)));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(s + 16, ~sum & 0xffff);
}

/* ---- in ---- */
static bool filter_in(struct syn_wire *w, struct err *err)
{
	char device[ADDR_TEXT], text[256];
	struct bpf_program p = { 0 };
	struct sock_fprog f;
	pcap_t *h = pcap_open_dead(DLT_EN10MB, FRAME);
	bool four = w->id.device.family == 4, ok;

	snprintf(text, sizeof(text), "(%s and src host %s and tcp dst portrange %u-%u) or (%s and %s[0] == %d)", four ? "ip" : "ip6",
		 addr_text(&w->id.device, device), w->id.base, w->id.base + SYN_TRIES - 1, four ? "icmp" : "icmp6",
		 four ? "icmp" : "icmp6", four ? 3 : 1);
	ok = h && !pcap_compile(h, &p, text, 1, PCAP_NETMASK_UNKNOWN);
	if (ok) {
		f = (struct sock_fprog){ (unsigned short)p.bf_len, (struct sock_filter *)p.bf_insns };
		ok = !setsockopt(w->in, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)) || err_sys(err, "packet filter");
	} else {
		err_set(err, ERR_OS, "packet filter '%s': %s", text, h ? pcap_geterr(h) : "out of memory");
	}
	pcap_freecode(&p);
	if (h)
		pcap_close(h);
	return ok;
}

static bool open_in(struct syn_wire *w, struct err *err)
{
	struct tpacket_req r = { BLOCK, FRAME * FRAMES / BLOCK, FRAME, FRAMES };
	struct sockaddr_ll every = { .sll_family = AF_PACKET, .sll_protocol = htons(w->id.device.family == 4 ? ETH_P_IP : ETH_P_IPV6) };
	int version = TPACKET_V2, on = 1;

	if (!filter_in(w, err))
		return false;
	if (setsockopt(w->in, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(w->in, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(w->in, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)) < 0)
		return err_sys(err, "packet ring");
	w->ring = mmap(NULL, FRAME * FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED, w->in, 0);
	if (w->ring == MAP_FAILED) {
		w->ring = NULL;
		return err_sys(err, "packet ring");
	}
	return bind(w->in, (struct sockaddr *)&every, sizeof(every)) == 0 || err_sys(err, "packet socket");
}

bool syn_next(struct syn_wire *w, struct syn_answer *ret)
{
	struct tpacket2_hdr *h = (void *)(w->ring + (size_t)w->frame * FRAME);
	size_t room;

	if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	room = h->tp_mac < FRAME ? (size_t)FRAME - h->tp_mac : 0;
	*ret = syn_read(&w->id, (struct span){ (uint8_t *)h + h->tp_mac, h->tp_snaplen < room ? h->tp_snaplen : room });
	__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	w->frame = (w->frame + 1) % FRAMES;
	return true;
}

unsigned syn_missed(const struct syn_wire *w)
{
	struct tpacket_stats s = { 0 };
	socklen_t n = sizeof(s);

	return getsockopt(w->in, SOL_PACKET, PACKET_STATISTICS, &s, &n) < 0 ? 0 : s.tp_drops;
}

/* ---- both ---- */
void syn_close(struct syn_wire *w)
{
	if (w->ring)
		munmap(w->ring, FRAME * FRAMES);
	w->ring = NULL;
	for (unsigned i = 0; i < SYN_TRIES; i++)
		if (w->hold[i] >= 0)
			close(w->hold[i]);
	syn_second_end(w);
	if (w->out >= 0)
		close(w->out);
	if (w->out2 >= 0)
		close(w->out2);
	if (w->in >= 0)
		close(w->in);
	w->out = w->out2 = w->in = -1;
	memset(w->hold, -1, sizeof(w->hold));
}

bool syn_open(const char *address, uint64_t key, struct syn_wire *ret, bool *ret_refused, struct err *err)
{
	struct sockaddr_storage to = { 0 };
	socklen_t n = 0;
	struct syn_wire *w = ret;

	memset(w, 0, sizeof(*w));
	memset(w->hold, -1, sizeof(w->hold));
	w->out = w->out2 = w->in = -1;
	w->id.key = key;
	*ret_refused = false;
	if (!resolve(address, &to, &n, err))
		return false;
	to_addr(&to, &w->id.device);
	w->in = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (w->in < 0) {
		*ret_refused = errno == EPERM || errno == EACCES;
		err_sys(err, "raw socket");
		syn_close(w);
		return false;
	}
	if (open_out(&to, n, &w->out, err) && open_out(&to, n, &w->out2, err) && our_address(w, err) &&
	    hold_ports(w, to.ss_family, err) && open_in(w, err)) {
		make_head(w);
		return true;
	}
	syn_close(w);
	return false;
}
