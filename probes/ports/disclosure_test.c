/* SPDX-License-Identifier: Apache-2.0
 *
 * disclosure_test.c - what gives something away is found, what only looks like it is not. */
#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "probes/ports/disclosure.h"

#define CANARY "0123456789abcdef0123456789abcdef"

static void list(const char *kind, const char *text, void *data)
{
	char *buf = data;
	size_t n = strlen(buf);

	snprintf(buf + n, 1024 - n, "%s%s%s%s", n ? ", " : "", kind, text[0] ? " " : "", text);
}

static const struct { const char *place, *bytes, *want; } rows[] = {
	/* greetings of real servers */
	{ "greeting", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "version OpenSSH_9.2p1" },
	{ "greeting", "SSH-2.0-dropbear_2022.83\r\n", "version dropbear_2022.83" },
	{ "greeting", "SSH-2.0-dropbear\r\n", "" },
	{ "greeting", "220 (vsFTPd 3.0.3)\r\n", "version vsFTPd 3.0.3" },
	{ "greeting", "220 ready\r\n", "" },
	{ "greeting", "RFB 003.008\n", "" },
	{ "header", "HTTP/1.1 200 OK\r\nServer: lighttpd/1.4.69\r\n\r\n", "version lighttpd/1.4.69" },
	{ "header", "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 26 Nov 2026 18:46:27 GMT\r\n\r\n", "" },
	{ "header", "HTTP/1.0 200 OK\r\nServer: Boa/0.94.14rc21\r\n\r\n", "version Boa/0.94.14rc21" },
	{ "ssdp", "HTTP/1.1 200 OK\r\nSERVER: Linux/3.14.0 UPnP/1.0 MiniUPnPd/1.9\r\n", "version Linux/3.14.0, version MiniUPnPd/1.9" },
	{ "snmp", "\x04\x1aLinux gateway 6.1.0-13-amd64", "version gateway 6.1.0-13-amd64" },
	{ "mdns", "\x0a" "model=HP-1\x08" "fw=3.2.1", "model, version fw=3.2.1" },
	{ "error", "<address>Apache/2.4.57 (Debian) Server at 10.1.2.3 Port 80</address>", "version Apache/2.4.57, address 10.1.2.3" },
	/* known texts */
	{ "header", "X: 1.2.0\r\n", "version" },
	{ "header", "X: 11.2.0 1.2.01 1.2.0.1x\r\n", "" },
	{ "header", "X: hearth-fw (1.2.0).\r\n", "version" },
	{ "certificate", "\x0c\x0a" "SN-0000001" "0\x82", "serial" },
	{ "page", "sn-0000001", "serial" },
	{ "page", "SN-00000012", "" },
	{ "page", "02:00:00:48:50:01 02-00-00-48-50-01 020000485001", "mac, mac, mac" },
	{ "page", "hp-1", "model" },
	{ "page", "user " CANARY, "user data name" },
	{ "page", "user MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "user data name" },
	/* numbers that are no versions, addresses that are none */
	{ "page", "<p>It is 21.5 degrees, width: 1.5em; lib/3.2.1/x.js jquery-3.6.0.min.js</p>", "" },
	{ "page", "<svg viewBox=\"0 0 1.25 2.5\"> DLNADOC/1.50 HTML/4.01", "" },
	{ "header", "Location: http://192.0.2.7/\r\n", "" },
	{ "header", "X: 192.168.0.256 1192.168.1.1 192.168.1 192.168.1.1.1\r\n", "" },
	{ "header", "X: http://192.168.1.77:80/\r\n", "address 192.168.1.77" },
	{ "header", "X: 172.16.0.1 172.32.0.1 169.254.3.4\r\n", "address 172.16.0.1, address 169.254.3.4" },
	{ "page", "", "" },
};
START_TEST(told)
{
	struct span s = { (const uint8_t *)rows[_i].bytes, strlen(rows[_i].bytes) };
	struct disclosure d = { 0 };
	struct markers *m = NULL;
	struct err err = { 0 };
	char got[1024] = "";

	ck_assert(markers_new(&m, &err) && marker_add(m, "name", CANARY, &err) && markers_ready(m, &err));
	d.markers = m;
	disclosure_know(&d, "version", "1.2.0");
	disclosure_know(&d, "model", "HP-1");
	disclosure_know(&d, "serial", "SN-0000001");
	disclosure_know_mac(&d, "02:00:00:48:50:01");
	disclosure_know(&d, "serial", "A");     /* too short to look for */
	disclosure_know(&d, "serial", NULL);
	disclosure_search(&d, rows[_i].place, s, list, got);
	ck_assert_msg(!strcmp(got, rows[_i].want), "%s '%s': got '%s', expected '%s'", rows[_i].place, rows[_i].bytes, got, rows[_i].want);
	markers_free(m);
}
END_TEST

TEST_MAIN({ "told", told, ROWS(rows) })
