// SPDX-License-Identifier: Apache-2.0
// The inventory of egress over hand-made captures, MUD files, and TLS hellos of real clients' shape.
#include "harness/fake.h"

#include "probes/capture/frames.h"

#include "probes/capture/mud.h"
#include "probes/capture/sni.h"

#define ALLOWED "{\"allowed\":[\"cloud.example:443/tcp\",\"time.example:123/udp\"],\"since\":\"x\"}"

/* The device asks the router for a name. */
static void asks(const char *name, uint16_t port)
{
	uint8_t b[300] = { 0, 1, 1, 0, 0, 1 };
	size_t n = 12;

	for (const char *p = name; *p; p += p[strcspn(p, ".")] == '.' ? strcspn(p, ".") + 1 : strcspn(p, ".")) {
		size_t len = strcspn(p, ".");

		b[n++] = (uint8_t)len;
		memcpy(b + n, p, len);
		n += len;
	}
	b[n + 2] = 1;
	b[n + 4] = 1;
	frame((struct frame){ DEV, GATE, 17, port, 53, 0, 0, b, n + 5 });
}

/* A ClientHello of TLS 1.2 shape with this name; its length. */
static size_t hello(const char *name, uint8_t b[static 400])
{
	size_t len = strlen(name), ext = len ? 9 + len : 0, body = 2 + 32 + 1 + 4 + 2 + 2 + ext;
	static const uint8_t suites[] = { 0, 0, 2, 0x13, 0x01, 1, 0 };
	size_t n = 0;

	memset(b, 7, 400);
	memcpy(b, "\x16\3\1", 3);
	put16(b + 3, (unsigned)body + 4);
	memcpy(b + 5, "\1\0", 2);
	put16(b + 7, (unsigned)body);
	n = 9 + 2 + 32;
	memcpy(b + n, suites, sizeof(suites));
	n += sizeof(suites);
	put16(b + n, (unsigned)ext);
	n += 2;
	if (!len)
		return n;
	put16(b + n, 0);
	put16(b + n + 2, (unsigned)len + 5);
	put16(b + n + 4, (unsigned)len + 3);
	b[n + 6] = 0;
	put16(b + n + 7, (unsigned)len);
	memcpy(b + n + 9, name, len);
	return n + 9 + len;
}

static void says_hello(const char *to, uint16_t port, const char *name)
{
	uint8_t b[400];
	size_t n = hello(name, b);

	frame((struct frame){ DEV, to, 6, port, 443, 16, 2, b, n });
}

START_TEST(good)
{
	start();
	UDPF(DEV, "255.255.255.255", 68, 67, "discover");
	UDPF(DEV, "224.0.0.251", 5353, 5353, "here I am");
	asks("cloud.example", 4000);
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	says_hello(CLOUD, 5000, "Cloud.Example");
	TCPF(GATE, DEV, 6000, 80, 2, 1, "");            /* a neighbour calls the device */
	TCPF(DEV, GATE, 80, 6000, 18, 1, "");
	TCPF(DEV, GATE, 80, 6000, 16, 2, "page");
	flush();
	fake_step(&probe_capture, "egress", ALLOWED);
	ck_assert_uint_eq(size("undeclared"), 0);
	ck_assert(has("seen", "cloud.example:443/tcp") && has("seen", "router:53/udp") && has("names", "cloud.example"));
	ck_assert_int_gt(fake_int("window"), SEC(5));
	ck_assert_str_eq(fake.incomplete, "");
	stop();
}
END_TEST

START_TEST(calls_home)
{
	start();
	asks("tracker.example", 4000);                          /* never answered, still asked for */
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	says_hello(CLOUD, 5000, "front.example");               /* another host behind the declared address */
	TCPF(DEV, "192.168.77.40", 5001, 23, 2, 1, "");         /* a neighbour */
	UDPF(DEV, THIRD, 5002, 4433, "hello");                  /* a bare address */
	UDPF(DEV, "8.8.8.8", 5003, 53, "q");                    /* another name server */
	TCPF(DEV, CLOUD, 5004, 8883, 2, 1, "");                 /* right host, wrong port */
	flush();
	fake_step(&probe_capture, "egress", ALLOWED);
	ck_assert(has("undeclared", "tracker.example (DNS)") && has("undeclared", "front.example (TLS)"));
	ck_assert(has("undeclared", "192.168.77.40:23/tcp") && has("undeclared", "198.51.100.7:4433/udp"));
	ck_assert(has("undeclared", "8.8.8.8:53/udp") && has("undeclared", "cloud.example:8883/tcp"));
	ck_assert_uint_eq(size("undeclared"), 6);
	stop();
}
END_TEST

START_TEST(silent)
{
	start();
	flush();
	fake_step(&probe_capture, "egress", ALLOWED);
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was ever recorded"));
	ck_assert_uint_eq(size("seen"), 0);
	stop();
}
END_TEST

/* ---- MUD files ---- */

#define ACE(name, matches) "{\"name\":\"" name "\",\"matches\":{" matches "},\"actions\":{\"forwarding\":\"accept\"}}"
#define MUD(aces) "{\"ietf-mud:mud\":{\"mud-version\":1,\"from-device-policy\":{\"access-lists\":{\"access-list\":[{\"name\":\"fr\"}]}}}," \
	"\"ietf-access-control-list:acls\":{\"acl\":[{\"name\":\"to\",\"aces\":{}},{\"name\":\"fr\",\"type\":\"ipv4-acl-type\",\"aces\":{\"ace\":[" aces "]}}]}}"
#define DNSNAME "\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"Cloud.example.\",\"protocol\":6}"
#define PORT443 "\"tcp\":{\"ietf-mud:direction-initiated\":\"from-device\",\"destination-port\":{\"operator\":\"eq\",\"port\":443}}"

static const struct { const char *file; int rules, unread; bool cloud, local; } muds[] = {
	{ MUD(ACE("a", DNSNAME "," PORT443)), 1, 0, true, false },
	{ MUD(ACE("a", DNSNAME ",\"tcp\":{\"destination-port\":{\"lower-port\":400,\"upper-port\":500}}")), 1, 0, true, false },
	{ MUD(ACE("a", DNSNAME ",\"tcp\":{\"destination-port\":{\"operator\":\"eq\",\"port\":80}}")), 1, 0, false, false },
	{ MUD(ACE("a", DNSNAME ",\"udp\":{}")), 0, 1, false, false },           /* contradicts itself */
	{ MUD(ACE("a", "\"ipv4\":{\"destination-ipv4-network\":\"203.0.113.0/24\"}")), 1, 0, true, false },
	{ MUD(ACE("a", "\"ipv4\":{\"destination-ipv4-network\":\"198.51.100.0/24\"}")), 1, 0, false, false },
	{ MUD(ACE("a", "\"ietf-mud:mud\":{\"local-networks\":[null]}," PORT443)), 1, 0, false, true },
	{ MUD(ACE("a", "\"ietf-mud:mud\":{\"my-controller\":[null]}")), 0, 1, false, false },
	{ MUD(ACE("a", DNSNAME ",\"tcp\":{\"ietf-mud:direction-initiated\":\"to-device\"}")), 1, 0, false, false },
	{ MUD(ACE("a", DNSNAME ",\"tcp\":{\"source-port\":{\"operator\":\"eq\",\"port\":5000}}")), 0, 1, false, false },
	{ MUD(ACE("a", "\"ipv4\":{\"protocol\":\"tcp\"}")), 0, 1, false, false },
	{ MUD("{\"name\":\"a\",\"matches\":{},\"actions\":{\"forwarding\":\"drop\"}}"), 0, 0, false, false },
	{ MUD(""), 0, 0, false, false },
	{ "{}", -1, 0, false, false },
	{ "{\"ietf-mud:mud\":{\"from-device-policy\":{\"access-lists\":{\"access-list\":[{\"name\":\"gone\"}]}}}}", -1, 0, false, false },
	{ "[1]", -1, 0, false, false },
};
START_TEST(mud)
{
	json_t *file = json_loads(muds[_i].file, 0, NULL);
	struct err err = { 0 };
	static struct mud m;
	struct addr cloud, near;

	ck_assert(file && addr_parse(CLOUD, &cloud) && addr_parse("192.168.77.40", &near));
	ck_assert_msg(mud_read(file, &m, &err) == (muds[_i].rules >= 0), "%s", err.text);
	if (muds[_i].rules >= 0) {
		ck_assert_int_eq((int)m.n, muds[_i].rules);
		ck_assert_int_eq((int)m.n_unread, muds[_i].unread);
		ck_assert(mud_allows(&m, &(struct mud_call){ "cloud.example", &cloud, false, IP_TCP, 443 }) == muds[_i].cloud);
		ck_assert(mud_allows(&m, &(struct mud_call){ NULL, &near, true, IP_TCP, 443 }) == muds[_i].local);
	} else {
		ck_assert_int_eq(err.kind, ERR_CONF);
	}
	json_decref(file);
}
END_TEST

/* The file takes the place of the declared list, or adds to it. */
START_TEST(by_mud)
{
	char path[128], args[256];
	struct err err = { 0 };

	start();
	snprintf(path, sizeof(path), "%s/mud.json", fake.run);
	ck_assert(fs_write(path, MUD(ACE("a", DNSNAME "," PORT443)), strlen(MUD(ACE("a", DNSNAME "," PORT443))), &err));
	asks("cloud.example", 4000);
	TCPF(DEV, CLOUD, 5000, 443, 2, 1, "");
	says_hello(CLOUD, 5000, "cloud.example");
	TCPF(DEV, CLOUD, 5001, 80, 2, 1, "");
	flush();
	snprintf(args, sizeof(args), "{\"allowed\":[],\"mud\":\"%s\",\"since\":\"x\"}", path);
	fake_step(&probe_capture, "egress", args);
	ck_assert_uint_eq(size("undeclared"), 1);
	ck_assert(has("undeclared", "cloud.example:80/tcp"));
	stop();
}
END_TEST

/* ---- TLS hellos ---- */

START_TEST(sni)
{
	uint8_t b[400];
	char name[DNS_NAME];
	size_t n = hello("Api.Example", b);

	ck_assert(sni_read((struct span){ b, n }, name) == SNI_NAME);
	ck_assert_str_eq(name, "api.example");
	for (size_t cut = 9; cut < n; cut++)
		ck_assert_msg(sni_read((struct span){ b, cut }, name) == SNI_CUT, "%zu of %zu bytes", cut, n);
	n = hello("", b);
	ck_assert(sni_read((struct span){ b, n }, name) == SNI_NONE);
	b[5] = 2;                       /* a ServerHello */
	ck_assert(sni_read((struct span){ b, n }, name) == SNI_NO_HELLO);
	ck_assert(sni_read((struct span){ (const uint8_t *)"GET / HTTP/1.1", 14 }, name) == SNI_NO_HELLO);
	ck_assert(sni_read((struct span){ b, 0 }, name) == SNI_NO_HELLO);
}
END_TEST

TEST_MAIN({ "good", good, 1 }, { "calls home", calls_home, 1 }, { "silent", silent, 1 }, { "mud", mud, ROWS(muds) }, { "by mud", by_mud, 1 },
	  { "sni", sni, 1 })
