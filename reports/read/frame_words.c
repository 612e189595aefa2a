/* SPDX-License-Identifier: Apache-2.0
 *
 * By port where a protocol has one, by its bytes where they are unmistakable: a log-in page on port 7101 is HTTP too. */
#include "reports/read/frame_words.h"

#include <string.h>

#define WORD_MAX 80             /* bytes of one name or first line */

static bool on(const struct packet *k, uint16_t port) { return k->sport == port || k->dport == port; }
static bool starts(struct span s, const char *word) { return s.n >= strlen(word) && !memcmp(s.p, word, strlen(word)); }

struct word { unsigned n; const char *name; };

static const char *named(const struct word *w, unsigned n)
{
	while (w->name && w->n != n)
		w++;
	return w->name;
}

static void say_named(struct frame_text *t, const struct word *w, uint64_t n, const char *otherwise)
{
	const char *name = n < 65536 ? named(w, (unsigned)n) : NULL;

	if (name)
		frame_say(t, " %s", name);
	else
		frame_say(t, " %s %u", otherwise, (unsigned)(n & 0xffff));
}

/* ---- names ---- */

static bool dns(struct frame_text *t, const char *as, struct span s)
{
	static const struct word type[] = { { 1, "A" }, { 2, "NS" }, { 5, "CNAME" }, { 12, "PTR" }, { 15, "MX" }, { 16, "TXT" }, { 28, "AAAA" },
		{ 33, "SRV" }, { 65, "HTTPS" }, { 255, "ANY" }, { 0, NULL } };
	static const struct word rcode[] = { { 0, "no error" }, { 1, "format error" }, { 2, "server failure" }, { 3, "no such name" },
		{ 4, "not implemented" }, { 5, "refused" }, { 0, NULL } };
	struct dns d;
	const char *name;

	if (!dns_decode(s, &d))
		return false;
	frame_say(t, ", %s %s", as, d.response ? "answers" : "asks");
	name = *d.name ? d.name : d.n ? d.answer[0].name : "";
	if (*d.name)
		say_named(t, type, d.type, "type");
	else if (d.n)
		say_named(t, type, d.answer[0].type, "type");
	frame_say(t, " ");
	frame_say_bytes(t, (struct span){ (const uint8_t *)name, strlen(name) }, WORD_MAX);
	if (d.response && d.rcode)
		say_named(t, rcode, d.rcode, "code");
	else if (d.response)
		frame_say(t, " (%u%s)", d.n, d.cut ? "+" : "");
	return true;
}

/* ---- TLS ---- */

/* The server_name of a ClientHello, RFC 8446 4.1.2 and RFC 6066 3; s begins after the handshake header. */
static struct span server_name(struct span s, bool dtls)
{
	uint64_t n, type, kind;
	struct span skipped, ext, name = { 0 };

	if (!take_bytes(&s, 34, &skipped) || !take_be(&s, 1, &n) || !take_bytes(&s, (size_t)n, &skipped))
		return name;
	if (dtls && (!take_be(&s, 1, &n) || !take_bytes(&s, (size_t)n, &skipped)))
		return name;
	if (!take_be(&s, 2, &n) || !take_bytes(&s, (size_t)n, &skipped) || !take_be(&s, 1, &n) || !take_bytes(&s, (size_t)n, &skipped) ||
	    !take_be(&s, 2, &n))
		return name;
	while (take_be(&s, 2, &type) && take_be(&s, 2, &n) && take_bytes(&s, (size_t)n, &ext))
		if (type == 0 && take_be(&ext, 2, &n) && take_be(&ext, 1, &kind) && !kind && take_be(&ext, 2, &n) && take_bytes(&ext, (size_t)n, &name))
			return name;
	return (struct span){ 0 };
}

static void handshake(struct frame_text *t, struct span s, bool dtls)
{
	static const struct word kind[] = { { 0, "HelloRequest" }, { 1, "ClientHello" }, { 2, "ServerHello" }, { 3, "HelloVerifyRequest" },
		{ 4, "NewSessionTicket" }, { 11, "Certificate" }, { 12, "ServerKeyExchange" }, { 13, "CertificateRequest" },
		{ 14, "ServerHelloDone" }, { 15, "CertificateVerify" }, { 16, "ClientKeyExchange" }, { 20, "Finished" }, { 0, NULL } };
	struct span skipped, name;
	uint64_t type;

	if (!take_be(&s, 1, &type) || !named(kind, (unsigned)type)) {
		frame_say(t, " handshake");             /* encrypted: its type does not show */
		return;
	}
	say_named(t, kind, type, "handshake");
	if (type != 1 || !take_bytes(&s, dtls ? 11 : 3, &skipped))
		return;
	name = server_name(s, dtls);
	if (name.n) {
		frame_say(t, " for ");
		frame_say_bytes(t, name, WORD_MAX);
	}
}

static void alert(struct frame_text *t, struct span s)
{
	static const struct word what[] = { { 0, "close notify" }, { 10, "unexpected message" }, { 20, "bad record MAC" }, { 40, "handshake failure" },
		{ 42, "bad certificate" }, { 43, "unsupported certificate" }, { 44, "certificate revoked" }, { 45, "certificate expired" },
		{ 46, "certificate unknown" }, { 48, "unknown CA" }, { 49, "access denied" }, { 50, "decode error" }, { 51, "decrypt error" },
		{ 70, "protocol version" }, { 71, "insufficient security" }, { 80, "internal error" }, { 86, "inappropriate fallback" },
		{ 109, "missing extension" }, { 112, "unrecognised name" }, { 116, "certificate required" }, { 120, "no application protocol" }, { 0, NULL } };

	frame_say(t, " alert");
	if (s.n == 2 && (s.p[0] == 1 || s.p[0] == 2))           /* else encrypted */
		say_named(t, what, s.p[1], "number");
}

static bool tls(struct frame_text *t, struct span s, bool dtls)
{
	uint64_t type, version, n;
	struct span skipped;

	if (!take_be(&s, 1, &type) || !take_be(&s, 2, &version) || type < 20 || type > 24 ||
	    (dtls ? version != 0xfeff && version != 0xfefd : version < 0x300 || version > 0x304) ||
	    (dtls && !take_bytes(&s, 8, &skipped)) || !take_be(&s, 2, &n) || n > 18432)
		return false;
	s.n = s.n < n ? s.n : (size_t)n;
	frame_say(t, dtls ? ", DTLS" : version == 0x300 ? ", SSL 3" : ", TLS");
	if (type == 22)
		handshake(t, s, dtls);
	else if (type == 21)
		alert(t, s);
	else
		frame_say(t, type == 20 ? " ChangeCipherSpec" : type == 24 ? " heartbeat" : " application data");
	return true;
}

/* ---- datagrams ---- */

static bool dhcp(struct frame_text *t, struct span s)
{
	static const struct word kind[] = { { 1, "DISCOVER" }, { 2, "OFFER" }, { 3, "REQUEST" }, { 4, "DECLINE" }, { 5, "ACK" }, { 6, "NAK" },
		{ 7, "RELEASE" }, { 8, "INFORM" }, { 0, NULL } };
	struct span skipped, value;
	uint64_t code, n;

	if (!take_bytes(&s, 236, &skipped) || !take_be(&s, 4, &code) || code != 0x63825363)
		return false;
	frame_say(t, ", DHCP");
	while (take_be(&s, 1, &code) && code != 255) {
		if (!code)
			continue;
		if (!take_be(&s, 1, &n) || !take_bytes(&s, (size_t)n, &value))
			break;
		if (code == 53 && n == 1) {
			say_named(t, kind, value.p[0], "type");
			break;
		}
	}
	return true;
}

static bool dhcp6(struct frame_text *t, struct span s)
{
	static const struct word kind[] = { { 1, "SOLICIT" }, { 2, "ADVERTISE" }, { 3, "REQUEST" }, { 4, "CONFIRM" }, { 5, "RENEW" }, { 6, "REBIND" },
		{ 7, "REPLY" }, { 8, "RELEASE" }, { 9, "DECLINE" }, { 11, "INFORMATION-REQUEST" }, { 0, NULL } };
	uint64_t type;

	if (!take_be(&s, 1, &type))
		return false;
	frame_say(t, ", DHCPv6");
	say_named(t, kind, type, "type");
	return true;
}

static bool ntp(struct frame_text *t, struct span s)
{
	static const struct word mode[] = { { 1, "symmetric" }, { 2, "symmetric" }, { 3, "asks" }, { 4, "answers" }, { 5, "broadcast" }, { 6, "control" }, { 0, NULL } };

	if (s.n < 48)
		return false;
	frame_say(t, ", NTP");
	say_named(t, mode, s.p[0] & 7U, "mode");
	frame_say(t, " version %u", s.p[0] >> 3 & 7U);
	return true;
}

static bool coap(struct frame_text *t, struct span s)
{
	static const struct word code[] = { { 0, "ping or empty" }, { 1, "GET" }, { 2, "POST" }, { 3, "PUT" }, { 4, "DELETE" }, { 5, "FETCH" }, { 6, "PATCH" }, { 0, NULL } };

	if (s.n < 4 || s.p[0] >> 6 != 1 || (s.p[0] & 15) > 8)
		return false;
	frame_say(t, ", CoAP");
	if (s.p[1] >> 5)
		frame_say(t, " %u.%02u", s.p[1] >> 5, s.p[1] & 31U);
	else
		say_named(t, code, s.p[1], "code");
	return true;
}

static bool tftp(struct frame_text *t, struct span s)
{
	static const struct word op[] = { { 1, "read" }, { 2, "write" }, { 3, "data" }, { 4, "ack" }, { 5, "error" }, { 0, NULL } };
	uint64_t n;

	if (!take_be(&s, 2, &n) || !named(op, (unsigned)n))
		return false;
	frame_say(t, ", TFTP");
	say_named(t, op, n, "code");
	if (n < 3) {
		frame_say(t, " ");
		frame_say_bytes(t, (struct span){ s.p, strnlen((const char *)s.p, s.n) }, WORD_MAX);
	}
	return true;
}

/* ---- streams ---- */

static bool mqtt(struct frame_text *t, struct span s)
{
	static const struct word kind[] = { { 1, "CONNECT" }, { 2, "CONNACK" }, { 3, "PUBLISH" }, { 4, "PUBACK" }, { 5, "PUBREC" }, { 6, "PUBREL" },
		{ 7, "PUBCOMP" }, { 8, "SUBSCRIBE" }, { 9, "SUBACK" }, { 10, "UNSUBSCRIBE" }, { 11, "UNSUBACK" }, { 12, "PINGREQ" },
		{ 13, "PINGRESP" }, { 14, "DISCONNECT" }, { 15, "AUTH" }, { 0, NULL } };
	uint64_t n = 0, more = 0x80, first;
	struct span topic;

	if (!take_be(&s, 1, &first) || !named(kind, (unsigned)(first >> 4)))
		return false;
	frame_say(t, ", MQTT");
	say_named(t, kind, first >> 4, "type");
	for (unsigned i = 0; i < 4 && more & 0x80; i++)
		if (!take_be(&s, 1, &more))
			return true;
	if (first >> 4 == 3 && take_be(&s, 2, &n) && take_bytes(&s, (size_t)n, &topic)) {
		frame_say(t, " ");
		frame_say_bytes(t, topic, WORD_MAX);
	}
	return true;
}

static bool first_line(struct frame_text *t, const char *as, struct span s)
{
	frame_say(t, ", %s", as);
	frame_say_bytes(t, s, WORD_MAX);
	return true;
}

static bool lines(struct frame_text *t, struct span s)
{
	static const char *const http[] = { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ", "HTTP/1.", NULL };
	static const char *const rtsp[] = { "RTSP/1.", "DESCRIBE ", "SETUP ", "PLAY ", "ANNOUNCE ", NULL };

	for (const char *const *w = http; *w; w++)
		if (starts(s, *w))
			return first_line(t, memmem(s.p, s.n < WORD_MAX ? s.n : WORD_MAX, " rtsp://", 8) ? "RTSP " : "HTTP ", s);
	for (const char *const *w = rtsp; *w; w++)
		if (starts(s, *w))
			return first_line(t, "RTSP ", s);
	if (starts(s, "PRI * HTTP/2.0"))
		return first_line(t, "HTTP/2 ", s);
	return starts(s, "SSH-") && first_line(t, "banner ", s);
}

static bool printable(struct span s)
{
	size_t n = s.n < 16 ? s.n : 16;

	for (size_t i = 0; i < n; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\t') || s.p[i] > 0x7e)
			return false;
	return n > 1;
}

static bool stream(struct frame_text *t, const struct packet *k, struct span s)
{
	struct span message = s;
	uint64_t n;

	if (tls(t, s, false) || lines(t, s))
		return true;
	if (on(k, 1883))
		return mqtt(t, s);
	if (on(k, 53))
		return take_be(&message, 2, &n) && dns(t, "DNS", message);
	if (on(k, 23) && s.p[0] == 0xff)
		return frame_say(t, ", telnet options"), true;
	return false;
}

static bool datagram(struct frame_text *t, const struct packet *k, struct span s)
{
	if (on(k, 53))
		return dns(t, "DNS", s);
	if (on(k, 5353))
		return dns(t, "mDNS", s);
	if (on(k, 5355))
		return dns(t, "LLMNR", s);
	if (on(k, 67) || on(k, 68))
		return dhcp(t, s);
	if (on(k, 546) || on(k, 547))
		return dhcp6(t, s);
	if (on(k, 123))
		return ntp(t, s);
	if (on(k, 5683))
		return coap(t, s);
	if (on(k, 69))
		return tftp(t, s);
	if (on(k, 1900) && printable(s))
		return first_line(t, "SSDP ", s);
	if (on(k, 161) || on(k, 162))
		return s.p[0] == 0x30 && (frame_say(t, ", SNMP"), true);
	if (on(k, 443) && s.p[0] & 0x40)
		return frame_say(t, ", QUIC"), true;
	return tls(t, s, true);
}

void frame_words(struct frame_text *t, const struct packet *k)
{
	struct span s = k->payload;

	if (k->layer != PACKET_TRANSPORT || !s.n || (k->proto == IP_TCP ? stream(t, k, s) : datagram(t, k, s)) || !printable(s))
		return;
	frame_say(t, ", \"");
	frame_say_bytes(t, s, WORD_MAX);
	frame_say(t, "\"");
}
