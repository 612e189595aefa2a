/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/udp_payload.h"

#define B(s) { (const uint8_t *)(s), sizeof(s) - 1 }

static const struct udp_payload table[] = {
	/* RFC 1035: query "version.bind" TXT CH is answered or refused by every server */
	{ 53, "DNS", B("\x4a\x55\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04" "bind\x00\x00\x10\x00\x03") },
	/* RFC 1350: read request; a server answers with data or an error */
	{ 69, "TFTP", B("\x00\x01jusan-probe\x00octet\x00") },
	/* RFC 5905: client mode, version 4 */
	{ 123, "NTP", B("\x23\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01") },
	/* RFC 1002 4.2.18: node status of "*" */
	{ 137, "NetBIOS", B("\x4a\x55\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x20" "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			    "\x00\x00\x21\x00\x01") },
	/* RFC 1157: SNMPv1 get sysDescr.0 with community "public" */
	{ 161, "SNMP", B("\x30\x29\x02\x01\x00\x04\x06public\xa0\x1c\x02\x04\x4a\x55\x53\x4e\x02\x01\x00\x02\x01\x00\x30"
			 "\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00") },
	/* RFC 2408: ISAKMP main mode without a proposal draws a notification */
	{ 500, "ISAKMP", B("\x4a\x55\x53\x41\x4e\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x02\x00\x00\x00\x00"
			   "\x00\x00\x00\x00\x1c") },
	/* UPnP device architecture 1.3.2: unicast search */
	{ 1900, "SSDP", B("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
			  "ST: ssdp:all\r\n\r\n") },
	/* WS-Discovery 1.1: probe for anything */
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
	{ 0, "generic", B("help\r\n\r\n") },
};

const struct udp_payload *udp_payload(unsigned port)
{
	const struct udp_payload *p = table;

	while (p->port && p->port != port)
		p++;
	return p;
}
