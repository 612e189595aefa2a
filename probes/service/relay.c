// SPDX-License-Identifier: Apache-2.0
// The honest man in the middle: passes every byte on to the true peer and back, and reads the record headers.
#define _GNU_SOURCE 1
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/service/impostor_in.h"

bool relay_begin(struct server *s, struct conn *c)
{
	flow_init(&c->flow);
	c->to_peer.buf = malloc(PIPE_MAX);
	c->to_device.buf = malloc(PIPE_MAX);
	c->up = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return c->to_peer.buf && c->to_device.buf && c->up >= 0 &&
	       (!connect(c->up, (const struct sockaddr *)&s->cfg->peer, sizeof(s->cfg->peer)) || errno == EINPROGRESS);
}

short relay_want(const struct conn *c, int fd)
{
	const struct pipe *in = fd == c->up ? &c->to_device : &c->to_peer;
	const struct pipe *out = fd == c->up ? &c->to_peer : &c->to_device;

	if (!c->connected)
		return fd == c->up ? POLLOUT : 0;
	return (short)((!in->ended && in->n < PIPE_MAX ? POLLIN : 0) | (out->ready ? POLLOUT : 0));
}

/* False when the source is broken (reset). */
static bool read_side(struct pipe *p, int fd)
{
	ssize_t n;

	if (p->ended || p->n == PIPE_MAX)
		return true;
	n = recv(fd, p->buf + p->n, PIPE_MAX - p->n, 0);
	if (n > 0)
		p->n += (size_t)n;
	else if (n == 0)
		p->ended = true;
	else
		return errno == EAGAIN || errno == EINTR;
	return true;
}

static bool write_side(struct pipe *p, int fd)
{
	ssize_t n;

	if (p->ready) {
		n = send(fd, p->buf, p->ready, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		memmove(p->buf, p->buf + n, p->n - (size_t)n);
		p->n -= (size_t)n;
		p->ready -= (size_t)n;
	}
	if (p->ended && !p->n && !p->told) {
		shutdown(fd, SHUT_WR);
		p->told = true;
	}
	return true;
}

/* Reads the records of what came; what was read may go on. The client's side stops after its Finished of TLS 1.3
 * and goes on HOLD_NS later. */
static void look(struct conn *c, enum flow_from from, struct pipe *p)
{
	if (from == FLOW_CLIENT && c->hold_ns) {
		if (clock_ns() < c->hold_ns)
			return;
		c->hold_ns = 0;
		flow_release(&c->flow);
	}
	p->ready += flow_feed(&c->flow, from, p->buf + p->ready, p->n - p->ready);
	if (from == FLOW_CLIENT && c->flow.finished && !c->flow.open)
		c->hold_ns = clock_ns() + HOLD_NS;
}

void relay_count(struct server *s, struct conn *c)
{
	const struct flow *f = &c->flow;

	if (flow_established(f))
		s->tally.established++;
	s->tally.app_bytes += f->side[FLOW_CLIENT].app_bytes;
	impostor_note(s, c->id, flow_established(f) && s->tally.established == 1,
		      "%s: device %lld data records, %lld bytes; peer %lld records, %lld bytes",
		      f->broken ? "not TLS" : f->tls13 ? "TLS 1.3" : f->answered ? "TLS 1.2 or older" : "no answer",
		      (long long)f->side[FLOW_CLIENT].app_records, (long long)f->side[FLOW_CLIENT].app_bytes,
		      (long long)f->side[FLOW_SERVER].app_records, (long long)f->side[FLOW_SERVER].app_bytes);
}

static void tell(struct server *s, struct conn *c)
{
	if (c->flow.hello && !c->hello_counted) {
		c->hello_counted = true;
		s->tally.hellos++;
		impostor_note(s, c->id, false, "ClientHello");
	}
	if (flow_established(&c->flow) && !c->met) {
		c->met = true;
		impostor_met(s);
	}
	for (; c->alerts_counted < c->flow.alerts; c->alerts_counted++)
		impostor_alert(s, c->id, c->flow.alert < 0 ? "encrypted" : SSL_alert_desc_string_long(c->flow.alert));
}

static bool is_connected(struct conn *c)
{
	int bad = 0;
	socklen_t len = sizeof(bad);

	c->connected = !getsockopt(c->up, SOL_SOCKET, SO_ERROR, &bad, &len) && !bad;
	return c->connected;
}

const char *relay_event(struct server *s, struct conn *c, short down, short up)
{
	bool ok = true;

	if (!c->connected) {
		if (up && !is_connected(c))
			return "the true peer cannot be reached";
		return clock_ns() < c->until_ns ? NULL : "the true peer does not answer";
	}
	if (down || up)
		c->until_ns = clock_ns() + QUIET_NS;
	if (down & (POLLIN | POLLHUP | POLLERR))
		ok = read_side(&c->to_peer, c->fd);
	if (up & (POLLIN | POLLHUP | POLLERR))
		ok = read_side(&c->to_device, c->up) && ok;
	look(c, FLOW_CLIENT, &c->to_peer);
	look(c, FLOW_SERVER, &c->to_device);
	tell(s, c);
	ok = write_side(&c->to_peer, c->up) && write_side(&c->to_device, c->fd) && ok;
	if (ok && !(c->to_peer.told && c->to_device.told) && clock_ns() < c->until_ns)
		return NULL;
	relay_count(s, c);
	return !ok ? "reset" : c->to_peer.told ? "by both" : "idle";
}
