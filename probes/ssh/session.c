/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ssh/session.h"

#include <stdio.h>
#include <string.h>

static const char hello[] = "SSH-2.0-jusan\r\n";

static bool broken(struct session *s, const char *why)
{
	snprintf(s->why, sizeof(s->why), "%s", why);
	return false;
}

/* More bytes of the server. */
static bool more(struct session *s)
{
	ssize_t got;

	if (s->total >= SESSION_BYTES || s->n == sizeof(s->in))
		return broken(s, "it talks and talks");
	got = wire_take(&s->w, s->in + s->n, sizeof(s->in) - s->n, INT64_MAX / 4);
	if (got <= 0) {
		s->ended = !got;
		return broken(s, got ? "no answer in time" : "it ended the connection");
	}
	s->n += (size_t)got;
	s->total += (size_t)got;
	return true;
}

/* What was read of s->in is behind us. */
static void drop(struct session *s, const struct span *rest)
{
	memmove(s->in, rest->p, rest->n);
	s->n = rest->n;
}

static bool take_version(struct session *s)
{
	const char *why = "";

	for (;;) {
		struct span in = { s->in, s->n };

		switch (ssh_version_take(&in, s->version, &why)) {
		case READ_DONE: drop(s, &in); return true;
		case READ_BROKEN: return broken(s, why);
		case READ_MORE: break;
		}
		if (!more(s))
			return false;
	}
}

static bool take_packet(struct session *s, struct span *ret)
{
	const char *why = "";

	for (;;) {
		struct span in = { s->in, s->n };

		switch (ssh_packet_take(&in, ret, &why)) {
		case READ_DONE:
			memcpy(s->payload, ret->p, ret->n);
			ret->p = s->payload;
			drop(s, &in);
			return true;
		case READ_BROKEN: return broken(s, why);
		case READ_MORE: break;
		}
		if (!more(s))
			return false;
	}
}

static bool say_disconnect(struct session *s, struct span payload)
{
	struct span text = { NULL, 0 };
	uint64_t number, reason = 0;
	char words[120] = "";

	s->ended = true;
	take_be(&payload, 1, &number);
	take_be(&payload, 4, &reason);
	ssh_take_string(&payload, &text);
	for (size_t i = 0; i < text.n && i + 1 < sizeof(words); i++)
		words[i] = text.p[i] >= ' ' && text.p[i] < 127 ? (char)text.p[i] : '?';
	snprintf(s->why, sizeof(s->why), "it disconnected (%u): %s", (unsigned)reason, words);
	return false;
}

bool session_take(struct session *s, struct span *ret)
{
	while (take_packet(s, ret)) {
		switch (ret->p[0]) {
		case MSG_IGNORE:
		case MSG_UNIMPLEMENTED:
		case MSG_DEBUG:
		case MSG_EXT_INFO: break;
		case MSG_DISCONNECT: return say_disconnect(s, *ret);
		default: return true;
		}
	}
	return false;
}

static void take_kexinit(struct session *s)
{
	struct span payload;
	const char *why = "";

	if (!session_take(s, &payload))
		return;
	if (payload.p[0] != MSG_KEXINIT)
		broken(s, "its first packet is no KEXINIT");
	else if (!ssh_kexinit_read(payload, &s->kexinit, &why))
		broken(s, why);
	else
		s->said = SAID_KEXINIT;
}

bool session_open(struct session *s, const char *address, int port, int64_t timeout_ns, struct err *err)
{
	memset(s, 0, sizeof(*s));
	s->w.fd = -1;
	if (!wire_open(&s->w, address, port, false, timeout_ns, err))
		return false;
	if (s->w.fd < 0)
		return broken(s, s->w.why), true;
	wire_send(&s->w, hello, sizeof(hello) - 1);     /* one that went away at once may have said something all the same */
	if (!take_version(s))
		return true;
	s->said = SAID_VERSION;
	if (!strncmp(s->version, "SSH-1.", 6) && strncmp(s->version, "SSH-1.99", 8))
		broken(s, "it speaks only the first version of the protocol");
	else
		take_kexinit(s);
	return true;
}

bool session_send(struct session *s, const void *payload, size_t n)
{
	uint8_t packet[SSH_PACKET + 32];
	size_t padding = 8 - (n + 5) % 8;

	padding += padding < 4 ? 8 : 0;
	if (n > SSH_PACKET)
		return broken(s, "too long to be sent");
	packet[0] = (uint8_t)((n + 1 + padding) >> 24);
	packet[1] = (uint8_t)((n + 1 + padding) >> 16);
	packet[2] = (uint8_t)((n + 1 + padding) >> 8);
	packet[3] = (uint8_t)(n + 1 + padding);
	packet[4] = (uint8_t)padding;
	memcpy(packet + 5, payload, n);
	memset(packet + 5 + n, 0, padding);
	return wire_send(&s->w, packet, n + 5 + padding) || broken(s, "it ended the connection");
}

void session_close(struct session *s)
{
	wire_done(&s->w);
}
