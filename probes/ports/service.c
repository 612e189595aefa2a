/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/service.h"

#include <string.h>
#include <strings.h>

#include "probes/ports/udp_payload.h"
#include "probes/ports/webpage.h"

#define B(s) { (const uint8_t *)(s), sizeof(s) - 1 }

const struct ask service_asks[] = {
	{ "http", B("GET / HTTP/1.1\r\nHost: dut\r\nUser-Agent: jusan\r\nAccept: */*\r\nConnection: close\r\n\r\n"),
	  { 80, 8000, 8008, 8080, 8081, 49152 } },
	{ "rtsp", B("DESCRIBE rtsp://dut/ RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"), { 554, 8554, 10554 } },
	/* MQTT 3.1.1 CONNECT without user, client "jusan" */
	{ "mqtt", B("\x10\x11\x00\x04MQTT\x04\x02\x00\x05\x00\x05jusan"), { 1883, 8883 } },
	/* SMB1 negotiate that offers SMB 1 and 2: either version answers */
	{ "smb", B("\x00\x00\x00\x3a\xffSMB\x72\x00\x00\x00\x00\x18\x01\x48\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"
		   "\x01\x00\x00\x00\x00\x00\x00\x17\x00\x02NT LM 0.12\x00\x02SMB 2.002\x00"), { 445, 139 } },
	/* read device identification, transaction "JU" */
	{ "modbus", B("JU\x00\x00\x00\x05\x00\x2b\x0e\x01\x00"), { 502 } },
	/* Android Debug Bridge: CNXN, version 0x01000000, 4096 bytes, "host::" */
	{ "adb", B("CNXN\x00\x00\x00\x01\x00\x10\x00\x00\x07\x00\x00\x00\x32\x02\x00\x00\xbc\xb1\xa7\xb1" "host::\x00"), { 5555 } },
	{ "sip", B("OPTIONS sip:probe SIP/2.0\r\nVia: SIP/2.0/TCP probe;branch=z9hG4bKjusan\r\nMax-Forwards: 70\r\n"
		   "To: <sip:probe>\r\nFrom: <sip:probe>;tag=1\r\nCall-ID: jusan\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"),
	  { 5060 } },
	/* version.bind TXT CH, with its length before it (RFC 1035 4.2.2) */
	{ "dns", B("\x00\x1e\x4a\x55\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04" "bind\x00\x00\x10\x00\x03"), { 53 } },
	{ "line", B("\r\n\r\n"), { 23, 2323 } },
	{ 0 }
};
/* Protocols with a port of their own are asked what the scan asks there (udp_payload.h). */
static const unsigned known_ports[] = { 1900, 161, 5683, 5353, 53, 123, 69, 5060, 3702, 137, 500 };
static const struct ask datagrams[] = {
	/* SNMPv3: who is there? Answered whatever the communities are (RFC 3414 4) */
	{ "snmp", B("\x30\x3a\x02\x01\x03\x30\x0f\x02\x02\x4a\x69\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x03\x04\x10\x30\x0e\x04\x00\x02"
		    "\x01\x00\x02\x01\x00\x04\x00\x04\x00\x04\x00\x30\x12\x04\x00\x04\x00\xa0\x0c\x02\x02\x37\xf0\x02\x01\x00\x02\x01\x00"
		    "\x30\x00"), { 161 } },
	/* BACnet/IP: original unicast, who-is */
	{ "bacnet", B("\x81\x0a\x00\x08\x01\x00\x10\x08"), { 47808 } },
	/* Matter: message without a session from node "jusanjus", secure channel, parameter request without its content */
	{ "matter", B("\x04\x00\x00\x00\x4a\x55\x53\x41" "jusanjus" "\x05\x20\x4a\x55\x00\x00\x15\x18"), { 5540 } },
	{ "line", B("help\r\n\r\n"), { 0 } },
};

enum { KNOWN = sizeof(known_ports) / sizeof(known_ports[0]), DATAGRAMS = sizeof(datagrams) / sizeof(datagrams[0]) };

/* The scan's questions for `port`, the `skip`th of them; NULL after the last. Its generic one has port 0. */
static const struct udp_payload *scanned(unsigned port, size_t skip)
{
	const struct udp_payload *p = udp_payload(port);

	for (; p->port == port && skip; skip--)
		p++;
	return p->port == port ? p : NULL;
}

bool service_datagram(unsigned port, size_t i, struct span *ret, bool *ret_elsewhere)
{
	unsigned order[KNOWN + 1] = { port };
	const struct udp_payload *p;

	*ret_elsewhere = false;
	for (size_t k = 0; k < DATAGRAMS; k++)
		if (service_is_ask(&datagrams[k], port) && i-- == 0) {
			*ret = datagrams[k].bytes;
			return true;
		}
	memcpy(order + 1, known_ports, sizeof(known_ports));
	for (size_t k = 0; k < KNOWN + 1; k++)
		for (size_t skip = 0; (k == 0 || order[k] != port) && (p = scanned(order[k], skip)); skip++)
			if (i-- == 0) {
				*ret = p->bytes;
				*ret_elsewhere = p->elsewhere;
				return true;
			}
	for (size_t k = 0; k < DATAGRAMS; k++)
		if (!service_is_ask(&datagrams[k], port) && i-- == 0) {
			*ret = datagrams[k].bytes;
			return true;
		}
	return false;
}

bool service_lives(unsigned port, size_t i)
{
	size_t own = 0, asked = 0;

	for (size_t k = 0; k < DATAGRAMS; k++)
		own += service_is_ask(&datagrams[k], port);
	while (scanned(port, asked))
		asked++;
	return i < own + asked;
}

bool service_is_ask(const struct ask *a, unsigned port)
{
	for (size_t i = 0; i < sizeof(a->port) / sizeof(a->port[0]) && a->port[i]; i++)
		if (a->port[i] == port)
			return true;
	return false;
}

/* ---- TCP: by what stands at its begin ---- */

static const struct mark {
	const char *service;
	size_t at;
	struct span bytes;
	const char *login;              /* NULL = look further, or none */
} marks[] = {
	{ "ssh", 0, B("SSH-"), "ssh" },
	{ "http", 0, B("HTTP/1."), NULL },
	{ "rtsp", 0, B("RTSP/1."), NULL },
	{ "sip", 0, B("SIP/2.0"), NULL },
	{ "pop3", 0, B("+OK"), "pop3" },
	{ "imap", 0, B("* OK"), "imap" },
	{ "imap", 0, B("* BYE"), "imap" },
	{ "vnc", 0, B("RFB 0"), "vnc" },
	{ "mail", 0, B("220"), NULL },          /* FTP or SMTP: the second question tells */
	{ "ftp", 0, B("331"), "ftp" },
	{ "ftp", 0, B("530"), "ftp" },
	{ "ftp", 0, B("230"), "ftp" },
	{ "ftp", 0, B("421"), "ftp" },
	{ "ftp", 0, B("500 OOPS"), "ftp" },
	{ "mqtt", 0, B("\x20\x02"), NULL },
	{ "smb", 4, B("\xff" "SMB"), "smb" },
	{ "smb", 4, B("\xfe" "SMB"), "smb" },
	{ "modbus", 0, B("JU\x00\x00"), NULL },
	{ "dns", 2, B("JU"), NULL },
	{ "adb", 0, B("CNXN"), "shell" },
	{ "adb", 0, B("AUTH"), "adb" },
	{ "adb", 0, B("STLS"), "adb" },
};

static bool begins(struct span s, size_t at, struct span with)
{
	return s.n >= at + with.n && !memcmp(s.p + at, with.p, with.n);
}

static bool holds(struct span s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= s.n; i++)
		if (!strncasecmp((const char *)s.p + i, text, n))
			return true;
	return false;
}

static bool is_telnet(struct span s)
{
	return s.n >= 3 && s.p[0] == 0xff && s.p[1] >= 0xfb && s.p[1] <= 0xfe;
}

/* The last bytes that show, trailing blanks off; where a prompt stands. */
static struct span last_line(struct span s)
{
	size_t from;

	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	for (from = s.n; from && s.p[from - 1] != '\n' && s.p[from - 1] != '\r'; from--)
		;
	return (struct span){ s.p + from, s.n - from };
}

static bool prompts(struct span s, struct service *ret)
{
	static const char *const asks[] = { "login:", "username:", "user name:", "user:", "password:", "passcode:" };
	struct span line = last_line(s);

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (holds(s, asks[i])) {
			*ret = (struct service){ "telnet", "telnet" };
			return true;
		}
	*ret = (struct service){ is_telnet(s) ? "telnet" : NULL, NULL };
	if (line.n && line.n < 64 && strchr("#$>%", line.p[line.n - 1]))
		*ret = (struct service){ ret->name ? ret->name : "shell", "shell" };
	return ret->name != NULL;
}

static const char *http_login(struct span answer)
{
	struct webpage w;

	if (!webpage_read(answer, &w))
		return NULL;
	return w.basic ? "http_basic" : w.digest ? "http_digest" : w.bearer ? "http_bearer" : w.form ? "http_form" :
	       w.status == 470 ? "hap" : w.other ? "http_other" : NULL;
}

static const char *login_of(const struct mark *m, struct span answer)
{
	if (!strcmp(m->service, "http"))
		return http_login(answer);
	if (!strcmp(m->service, "rtsp"))
		return begins(answer, 8, (struct span)B(" 401")) ? "rtsp" : NULL;
	if (!strcmp(m->service, "mqtt"))                /* 4: bad user or password, 5: not authorised */
		return answer.n >= 4 && (answer.p[3] == 4 || answer.p[3] == 5) ? "mqtt" : NULL;
	return m->login;
}

bool service_tcp(struct span answer, struct service *ret)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (begins(answer, marks[i].at, marks[i].bytes)) {
			*ret = (struct service){ marks[i].service, login_of(&marks[i], answer) };
			return true;
		}
	return prompts(answer, ret);
}

const char *service_follow_up(const struct service *s, struct span greeting)
{
	if (strcmp(s->name, "mail"))
		return NULL;
	return holds(greeting, "smtp") || holds(greeting, "mail") ? "EHLO jusan\r\n" : "USER jusan\r\n";
}

size_t service_telnet_refusals(struct span in, uint8_t *buf, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i + 2 < in.n && n + 3 <= room; i++) {
		if (in.p[i] != 0xff || in.p[i + 1] < 0xfb || in.p[i + 1] == 0xff)
			continue;
		if (in.p[i + 1] == 0xfb || in.p[i + 1] == 0xfd) {       /* WILL: DONT; DO: WONT */
			buf[n++] = 0xff;
			buf[n++] = in.p[i + 1] == 0xfb ? 0xfe : 0xfc;
			buf[n++] = in.p[i + 2];
		}
		i += 2;
	}
	return n;
}

/* ---- UDP ---- */

static bool is_dns(struct span s)
{
	return s.n >= 12 && (s.p[2] & 0x80) && (s.p[2] & 0x78) == 0 && s.p[4] == 0;
}

/* RFC 1002 4.2.18: an answer about the name "*", which no name server has. */
static bool is_netbios(struct span s)
{
	return is_dns(s) && begins(s, 12, (struct span)B(" CKAAAA"));
}

/* RFC 6347 4.1: a record of the handshake or an alert, of DTLS 1.0 or 1.2, none encrypted yet. */
static bool is_dtls(struct span s)
{
	return s.n >= 13 && (s.p[0] == 21 || s.p[0] == 22) && s.p[1] == 0xfe && (s.p[2] == 0xff || s.p[2] == 0xfd) && s.p[3] == 0 && s.p[4] == 0;
}

/* Without a number, by somebody in charge of the name, and no error: a name server refuses a question for .local. */
static bool is_mdns(struct span s)
{
	return s.p[0] == 0 && s.p[1] == 0 && (s.p[2] & 0x84) == 0x84 && (s.p[3] & 0x0f) == 0;
}

/* SEQUENCE { INTEGER version 0, 1 or 3, ... } */
static bool is_snmp(struct span s)
{
	size_t head = s.n > 2 && (s.p[1] & 0x80) ? 2 + (size_t)(s.p[1] & 0x7f) : 2;

	return s.n > head + 3 && s.p[0] == 0x30 && s.p[head] == 2 && s.p[head + 1] == 1 && s.p[head + 2] <= 3;
}

static bool is_ntp(struct span s)
{
	return s.n >= 48 && (s.p[0] & 7) == 4 && (s.p[0] >> 3 & 7) >= 1;
}

static bool is_coap(struct span s)
{
	return s.n >= 4 && s.p[0] >> 6 == 1 && (s.p[0] >> 4 & 3) >= 2 && s.p[2] == 0x4a && s.p[3] == 0x55;
}

static bool is_tftp(struct span s)
{
	return s.n >= 4 && s.p[0] == 0 && (s.p[1] == 5 || s.p[1] == 3) && s.p[2] == 0 && s.p[3] <= 8;
}

static bool is_ssdp(struct span s)
{
	return (begins(s, 0, (struct span)B("HTTP/1.1 200")) || begins(s, 0, (struct span)B("NOTIFY *"))) &&
	       (holds(s, "\nst:") || holds(s, "\nnt:") || holds(s, "\nusn:"));
}

/* To the node that asked: "jusanjus" as destination. */
static bool is_matter(struct span s)
{
	return s.n >= 16 && (s.p[0] & 0xf3) == 1 && s.p[1] == 0 && s.p[2] == 0 && begins(s, 8, (struct span)B("jusanjus"));
}

bool service_udp(struct span s, struct service *ret)
{
	struct service v = { 0 };

	if (is_ssdp(s))
		v.name = "ssdp";
	else if (begins(s, 0, (struct span)B("SIP/2.0")))
		v.name = "sip";
	else if (is_snmp(s))            /* a community or a user: both are a log-in */
		v = (struct service){ "snmp", "snmp" };
	else if (is_matter(s))
		v.name = "matter";
	else if (is_coap(s))
		v = (struct service){ "coap", s.p[1] == 0x81 ? "coap" : NULL };         /* 4.01 */
	else if (is_dtls(s))
		v.name = "dtls";
	else if (is_netbios(s))
		v.name = "netbios";
	else if (is_dns(s))
		v.name = is_mdns(s) ? "mdns" : "dns";
	else if (is_ntp(s))
		v.name = "ntp";
	else if (is_tftp(s))
		v.name = "tftp";
	else if (begins(s, 0, (struct span)B("\x81")) && s.n >= 6)
		v.name = "bacnet";
	else if (begins(s, 0, (struct span)B("JUSAN")) && s.n >= 28)
		v.name = "isakmp";
	else if (holds(s, "schemas.xmlsoap.org/ws/2005/04/discovery"))
		v.name = "ws-discovery";
	*ret = v;
	return v.name != NULL;
}
