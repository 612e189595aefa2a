/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/udp_payload.h"

#define B(s) .bytes = { (const uint8_t *)(s), sizeof(s) - 1 }

/* RFC 2408 3.1, 3.4-3.6, RFC 2409 5, appendix A: main mode that offers AES-128, SHA, a shared key, group 14. What is not accepted is refused by
 * a notification, and a server of version 2 alone says so, too. */
#define MAIN_MODE \
	"\x4a\x55\x53\x41\x4e\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x02\x00\x00\x00\x00\x00" \
	"\x00\x00\x00\x54\x00\x00\x00\x38\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x2c\x01\x01\x00\x01" \
	"\x00\x00\x00\x24\x01\x01\x00\x00\x80\x01\x00\x07\x80\x0e\x00\x80\x80\x02\x00\x02\x80\x03\x00\x01" \
	"\x80\x04\x00\x0e\x80\x0b\x00\x01\x80\x0c\x70\x80"

static const struct udp_payload table[] = {
	/* RFC 1035: query "version.bind" TXT CH is answered or refused by every server */
	{ 53, "DNS", B("\x4a\x55\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04" "bind\x00\x00\x10\x00\x03") },
	/* RFC 1350: read request; a server answers with data or an error, from a port of its choice */
	{ 69, "TFTP", B("\x00\x01jusan-probe\x00octet\x00"), true },
	/* RFC 5905: client mode, version 4 */
	{ 123, "NTP", B("\x23\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01") },
	/* RFC 1002 4.2.18: node status of "*" */
	{ 137, "NetBIOS", B("\x4a\x55\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x20" "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			    "\x00\x00\x21\x00\x01") },
	/* RFC 1157: SNMPv1 get sysDescr.0 with community "public" */
	{ 161, "SNMP", B("\x30\x29\x02\x01\x00\x04\x06public\xa0\x1c\x02\x04\x4a\x55\x53\x4e\x02\x01\x00\x02\x01\x00\x30"
			 "\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00") },
	{ 500, "ISAKMP", B(MAIN_MODE) },
	/* RFC 3948 2.2: the same behind a marker that tells it from ESP */
	{ 4500, "ISAKMP behind NAT", B("\x00\x00\x00\x00" MAIN_MODE) },
	/* UPnP device architecture 1.3.2: unicast search; libupnp answers from another port */
	{ 1900, "SSDP", B("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
			  "ST: ssdp:all\r\n\r\n"), true },
	/* WS-Discovery of April 2005, which cameras (ONVIF) and printers speak: probe for anything; version 1.1 has other namespaces */
	{ 3702, "WS-Discovery",
	  B("<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:w=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
	    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><e:Header>"
	    "<w:MessageID>uuid:6a757361-6e00-4000-8000-000000000001</w:MessageID>"
	    "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
	    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>"
	    "<e:Body><d:Probe/></e:Body></e:Envelope>") },
	/* RFC 3261 11: OPTIONS */
	{ 5060, "SIP", B("OPTIONS sip:probe SIP/2.0\r\nVia: SIP/2.0/UDP probe;branch=z9hG4bKjusan;rport\r\nMax-Forwards: 70\r\n"
			 "To: <sip:probe>\r\nFrom: <sip:probe>;tag=1\r\nCall-ID: jusan\r\nCSeq: 1 OPTIONS\r\n"
			 "Content-Length: 0\r\n\r\n") },
	/* RFC 6763 9: all service types, unicast answer wanted; RFC 6762 6.7: a one-shot question gets one */
	{ 5353, "mDNS", B("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09_services\x07_dns-sd\x04_udp\x05local\x00"
			  "\x00\x0c\x80\x01") },
	/* responders that do not list their services still answer for the commonest one */
	{ 5353, "mDNS", B("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05_http\x04_tcp\x05local\x00\x00\x0c\x80\x01") },
	/* RFC 7252, RFC 6690: confirmable GET /.well-known/core */
	{ 5683, "CoAP", B("\x40\x01\x4a\x55\xbb.well-known\x04" "core") },
	/* RFC 5531, 1833: the null procedure of the port mapper */
	{ 111, "ONC RPC",
	  B("\x4a\x55\x53\x4e\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa0\x00\x00\x00\x02\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00") },
	/* RFC 2453 3.9.1, 4: request for the whole table */
	{ 520, "RIP", B("\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10") },
	/* ASF 2.0 3.2.4.2: presence ping inside RMCP, as in nmap-payloads */
	{ 623, "IPMI", B("\x06\x00\xff\x06\x00\x00\x11\xbe\x80\x00\x00\x00") },
	/* build.openvpn.net/doxygen/network_protocol.html: P_CONTROL_HARD_RESET_CLIENT_V2, session, no acknowledgement, packet 0; one
	 * with tls-auth stays silent */
	{ 1194, "OpenVPN", B("\x38\x4a\x55\x53\x4e\x00\x00\x00\x01\x00\x00\x00\x00\x00") },
	/* RFC 8489 5: binding request */
	{ 3478, "STUN", B("\x00\x01\x00\x00\x21\x12\xa4\x42\x4a\x55\x53\x4e\x00\x00\x00\x00\x00\x00\x00\x01") },
	/* EN ISO 22510 (KNXnet/IP core), as in the tests of github.com/pitschr/knx-core: description request, answer to where it came from */
	{ 3671, "KNXnet/IP", B("\x06\x10\x02\x03\x00\x0e\x08\x01\x00\x00\x00\x00\x00\x00") },
	/* RFC 6886 3.2: external address request */
	{ 5351, "NAT-PMP", B("\x00\x00") },
	/* Matter core specification 4.4, 4.14.1, tags and opcode as in connectedhomeip (PASESession.cpp, Constants.h): PBKDFParamRequest in an
	 * unsecured message that asks to be acknowledged */
	{ 5540, "Matter",
	  B("\x04\x00\x00\x00\x4a\x55\x53\x01\x4a\x55\x53\x41\x4e\x00\x00\x01\x05\x20\x4a\x55\x00\x00\x15\x30"
	    "\x01\x20\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15"
	    "\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x25\x02\x4a\x55\x25\x03\x00\x00\x28\x04\x18") },
	/* RFC 6347 4.2, 7252 9.1.3: a client hello with the suites of CoAP; the answer is a cookie or an alert */
	{ 5684, "CoAP over DTLS",
	  B("\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x5a\x01\x00\x00\x4e\x00\x00\x00\x00\x00\x00\x00"
	    "\x4e\xfe\xfd\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
	    "\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00\x00\x00\x0e\xc0\xa8\xc0\xae\xc0\xac\xc0\x2b\xc0"
	    "\x2f\x00\xae\x00\x8c\x01\x00\x00\x16\x00\x0a\x00\x04\x00\x02\x00\x17\x00\x0b\x00\x02\x01\x00\x00"
	    "\x0d\x00\x04\x00\x02\x04\x03") },
	/* published description of the protocol (github.com/softScheck/tplink-smartplug): get_sysinfo, each byte XORed with the one before */
	{ 9999, "TP-Link smart home",
	  B("\xd0\xf2\x81\xf8\x8b\xff\x9a\xf7\xd5\xef\x94\xb6\xd1\xb4\xc0\x9f\xec\x95\xe6\x8f\xe1\x87\xe8\xca"
	    "\xf0\x8b\xf6\x8b\xf6") },
	/* discovery, version 1, as in nmap-payloads */
	{ 10001, "Ubiquiti discovery", B("\x01\x00\x00\x00") },
	/* memcached protocol.txt, UDP: frame header, then a command */
	{ 11211, "memcached", B("\x00\x00\x00\x00\x00\x01\x00\x00" "version\r\n") },
	/* WiZ local API, as its clients send it: state of the lamp */
	{ 38899, "WiZ", B("{\"method\":\"getPilot\",\"params\":{}}") },
	/* ASHRAE 135 J.2, 16.10: Who-Is, unicast */
	{ 47808, "BACnet", B("\x81\x0a\x00\x08\x01\x00\x10\x08") },
	/* published description of the protocol (github.com/OpenMiHome/mihome-binary-protocol), as its clients send it: hello */
	{ 54321, "miIO",
	  B("\x21\x31\x00\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff") },
	/* lan.developer.lifx.com/docs/packet-contents: GetService (2), tagged, to every target; res_required stays 0 in a question */
	{ 56700, "LIFX",
	  B("\x24\x00\x00\x34\x4a\x55\x53\x4e\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00") },
	{ 0, "generic", B("help\r\n\r\n") },
};

const struct udp_payload *udp_payload(unsigned port)
{
	const struct udp_payload *p = table;

	while (p->port && p->port != port)
		p++;
	return p;
}

const struct udp_payload *udp_payloads(void)
{
	return table;
}
