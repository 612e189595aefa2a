/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/test.h"
#include "reports/read/frame_line.h"

#define MACS "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
#define IP4(proto) MACS "\x08\0\x45\0\0\0\0\1\0\0\x40" proto "\0\0\xc0\xa8\x4d\x17\xcb\0\x71\x0a"
#define UDP(from, to) IP4("\x11") from to "\0\0\0\0"
#define TCP(from, to, flags) IP4("\x06") from to "\1\2\3\4\5\6\7\x08\x50" flags "\xff\xff\0\0\0\0"
#define HELLO "\x16\3\1\0\x48\1\0\0\x44\3\3" "0123456789abcdef0123456789abcdef" "\0\0\2\x13\1\1\0\0\x19\0\0\0\x15\0\x13\0\0\x10" "broker.\x1b<xample\n"
#define ASKS "\0\1\1\0\0\1\0\0\0\0\0\0\6broker\7example\0\0\1\0\1"
#define NONE "\0\1\x81\x83\0\1\0\0\0\0\0\0\6broker\7example\0\0\x1c\0\1"
#define Z32 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define DHCP Z32 Z32 Z32 Z32 Z32 Z32 Z32 "\0\0\0\0\0\0\0\0\0\0\0\0\x63\x82\x53\x63"
#define A "192.168.77.23:"
#define TO " > 203.0.113.10:"

static const struct { const char *b; size_t n; const char *want; } row[] = {
#define ROW(bytes, want) { bytes, sizeof(bytes) - 1, want }
	ROW("short", "no Ethernet header, 5 bytes"),
	ROW(MACS "\x12\x34" "abc", "02:00:00:00:00:02 > 02:00:00:00:00:01 ethertype 1234, 17 bytes"),
	ROW(MACS "\x88\x8e\2", "02:00:00:00:00:02 > 02:00:00:00:00:01 EAPOL, 15 bytes"),
	ROW(TCP("\xc3\xca", "\x22\xb3", "\x02"), A "50122" TO "8883 TCP SYN, 54 bytes"),
	ROW(TCP("\xc3\xca", "\x22\xb3", "\x18") HELLO, A "50122" TO "8883 TCP PSH ACK, TLS ClientHello for broker..<xample, 131 bytes"),
	ROW(TCP("\xc3\xca", "\x22\xb3", "\x18") "\x16\3\3\0\x20\x99ncrypted", A "50122" TO "8883 TCP PSH ACK, TLS handshake, 68 bytes"),
	ROW(TCP("\xc3\xca", "\x22\xb3", "\x18") "\x15\3\3\0\2\2\x30", A "50122" TO "8883 TCP PSH ACK, TLS alert unknown CA, 61 bytes"),
	ROW(TCP("\xc3\xca", "\x22\xb3", "\x18") "\x17\3\3\0\x9fxx", A "50122" TO "8883 TCP PSH ACK, TLS application data, 61 bytes"),
	ROW(TCP("\xc3\xca", "\x1b\xbd", "\x18") "GET /login HTTP/1.1\r\nHost: x", A "50122" TO "7101 TCP PSH ACK, HTTP GET /login HTTP/1.1, 82 bytes"),
	ROW(TCP("\0\x50", "\x1b\xbd", "\x18") "HTTP/1.1 401 No\x1b\x07\r\n", A "80" TO "7101 TCP PSH ACK, HTTP HTTP/1.1 401 No.., 73 bytes"),
	ROW(TCP("\0\x16", "\x1b\xbd", "\x18") "SSH-2.0-dropbear\r\n", A "22" TO "7101 TCP PSH ACK, banner SSH-2.0-dropbear, 72 bytes"),
	ROW(TCP("\xc3\xca", "\x07\x5b", "\x18") "\x30\x09\0\x05" "a/b/cok", A "50122" TO "1883 TCP PSH ACK, MQTT PUBLISH a/b/c, 65 bytes"),
	ROW(TCP("\0\x17", "\x07\xd0", "\x18") "\xff\xfd\1", A "23" TO "2000 TCP PSH ACK, telnet options, 57 bytes"),
	ROW(TCP("\0\x19", "\x07\xd0", "\x18") "220 hello\r\n", A "25" TO "2000 TCP PSH ACK, \"220 hello\", 65 bytes"),
	ROW(UDP("\xa0\x8c", "\0\x35") ASKS, A "41100" TO "53 UDP, DNS asks A broker.example, 74 bytes"),
	ROW(UDP("\0\x35", "\xa0\x8c") NONE, A "53" TO "41100 UDP, DNS answers AAAA broker.example no such name, 74 bytes"),
	ROW(UDP("\0\x44", "\0\x43") DHCP "\0\x35\1\1\xff", A "68" TO "67 UDP, DHCP DISCOVER, 287 bytes"),
	ROW(UDP("\0\x7b", "\0\x7b") "\x23" Z32 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", A "123" TO "123 UDP, NTP asks version 4, 90 bytes"),
	ROW(UDP("\x07\x6c", "\x07\x6c") "M-SEARCH * HTTP/1.1\r\n", A "1900" TO "1900 UDP, SSDP M-SEARCH * HTTP/1.1, 63 bytes"),
	ROW(UDP("\xa0\x8c", "\x16\x33") "\x40\1\0\1", A "41100" TO "5683 UDP, CoAP GET, 46 bytes"),
	ROW(UDP("\x16\x33", "\xa0\x8c") "\x60\x84\0\1", A "5683" TO "41100 UDP, CoAP 4.04, 46 bytes"),
	ROW(UDP("\xa0\x8c", "\0\x45") "\0\1fw.bin\0octet\0", A "41100" TO "69 UDP, TFTP read fw.bin, 57 bytes"),
	ROW(UDP("\xa0\x8c", "\x27\x10") "\1\2\3", A "41100" TO "10000 UDP, 45 bytes"),
	ROW(IP4("\x01") "\x08\0\0\0\0\0\0\0", "192.168.77.23 > 203.0.113.10 ICMP echo request, 42 bytes"),
	ROW(IP4("\x01") "\x03\3\0\0\0\0\0\0", "192.168.77.23 > 203.0.113.10 ICMP unreachable code 3, 42 bytes"),
	ROW(MACS "\x08\x06\0\1\x08\0\6\4\0\1\x02\0\0\0\0\2\xc0\xa8\x4d\x17\0\0\0\0\0\0\xc0\xa8\x4d\1",
	    "ARP request: who has 192.168.77.1, asks 192.168.77.23, 42 bytes"),
};

/* IPv4 and its header say how long they are: filled in here, so that rows stay readable. */
static uint8_t *frame(int i, size_t *ret_n)
{
	uint8_t *b = malloc(row[i].n + 1);

	memcpy(b, row[i].b, row[i].n);
	*ret_n = row[i].n;
	if (row[i].n > 34 && b[12] == 8 && b[13] == 0) {
		b[16] = (uint8_t)((row[i].n - 14) >> 8);
		b[17] = (uint8_t)(row[i].n - 14);
	}
	if (row[i].n > 42 && b[12] == 8 && b[13] == 0 && b[23] == 17) {
		b[38] = (uint8_t)((row[i].n - 34) >> 8);
		b[39] = (uint8_t)(row[i].n - 34);
	}
	return b;
}

START_TEST(one_line)
{
	char buf[FRAME_LINE], small[24];
	size_t n;
	uint8_t *b = frame(_i, &n);

	ck_assert_str_eq(frame_line((struct span){ b, n }, (uint32_t)n, buf, sizeof(buf)), row[_i].want);
	frame_line((struct span){ b, n }, (uint32_t)n, small, sizeof(small));
	ck_assert_msg(!strncmp(small, row[_i].want, strlen(small)), "%s", small);
	/* Any truncation is survived; the sanitizers watch the reads. */
	for (size_t k = 0; k < n; k++) {
		uint8_t *part = malloc(k ? k : 1);

		memcpy(part, b, k);
		ck_assert(strlen(frame_line((struct span){ part, k }, 0, buf, sizeof(buf))) < sizeof(buf));
		free(part);
	}
	free(b);
}
END_TEST

TEST_MAIN({ "one line", one_line, ROWS(row) })
