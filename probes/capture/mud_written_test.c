// SPDX-License-Identifier: Apache-2.0
// The draft of a MUD file that `jusan report RUN mud` writes, read back by the reader that capture.egress has: what the run saw and the
// maker declared is allowed, and nothing else is.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/registry.h"
#include "harness/report.h"
#include "probes/capture/mud.h"

static char folder[] = "/tmp/jusan-mud-XXXXXX";

static const char device[] = "egress:\n  allow:\n    - \"cloud.example:8883/tcp\"\n    - \"time.example:123/udp\"\n    - \"anything\"\n";

static void write_file(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, folder, name, &err) && fs_write(path, text, strlen(text), &err));
}

static void make_folder(const char *facts)
{
	char path[FS_PATH], *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct err err = { 0 };

	strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert(fs_join(path, folder, "inputs", &err));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	write_file("inputs/device.yaml", device);
	fprintf(f, "{\"n\":1,\"kind\":\"begin\"}\n{\"n\":2,\"kind\":\"observe\",\"verb\":\"capture.egress\",\"facts\":%s,\"scope\":[\"in a window of 2 s only\"]}\n", facts);
	fclose(f);
	write_file("journal.jsonl", text);
	free(text);
}

static void drop_folder(void)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), "rm -r %s", folder);
	ck_assert_int_eq(system(cmd), 0);
}

/* The golden verdicts and a test whose claims point to that record. */
static json_t *verdicts(void)
{
	struct err err = { 0 };
	json_t *v = NULL, *t;

	ck_assert_msg(fs_read_json("fixtures/golden/run/verdicts.json", (size_t)16 << 20, &v, &err), "%s", err.text);
	t = json_deep_copy(json_array_get(json_object_get(v, "tests"), 0));
	json_object_set_new(t, "id", json_string("BT6-02"));
	json_object_set_new(t, "claims", json_pack("[{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:i},{s:i},{s:i}]}]", "part", "expect", "rep", "", "text",
						   "the egress.seen has x", "expected", "x", "actual", "x", "truth", "true", "verdict", "PASS", "why", "", "at",
						   "journal", 2, "journal", 1, "journal", 77));
	json_array_append_new(json_object_get(v, "tests"), t);
	json_object_set_new(json_object_get(v, "run"), "ended", json_string("2026-11-27T01:56:10Z"));
	return v;
}

static char *written(json_t *v)
{
	struct result result = { folder, v };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(report_find("mud")->write(&result, out, &err), "%s", err.text);
	fclose(out);
	return text;
}

/* Against reports/mud/mud.schema.json, by a validator that nobody here wrote. */
static void check_schema(const char *text)
{
	char cmd[1200];

	write_file("mud.json", text);
	snprintf(cmd, sizeof(cmd), "python3 -W ignore -m jsonschema -i %s/mud.json reports/mud/mud.schema.json", folder);
	ck_assert_msg(system(cmd) == 0, "%s", text);
}

static json_t *observation(const json_t *file)
{
	return json_object_get(json_object_get(file, "ietf-mud:mud"), "x-jusan-observed:observation");
}

static bool allows(const struct mud *m, const char *name, const char *ip, bool local, unsigned proto, unsigned port)
{
	struct addr to = { 0 };
	struct mud_call c = { name, &to, local, proto, port };

	ck_assert(addr_parse(ip, &to));
	return mud_allows(m, &c);
}

START_TEST(round_trip)
{
	json_t *v = verdicts(), *file;
	struct err err = { 0 };
	static struct mud m;
	char *text, *again;

	make_folder("{\"seen\":[\"router:53/udp\",\"cloud.example:8883/tcp\",\"203.0.113.7:4500/udp\",\"[2001:db8::7]:443/tcp\",\"192.168.1.9:80/tcp\","
		    "\"ads.example:443/tcp\",\"router/icmp\",\"-bad-.example:1/tcp\"],\"undeclared\":[\"ads.example:443/tcp\",\"ads.example (DNS)\"],"
		    "\"names\":[\"cloud.example\",\"ads.example\"]}");
	text = written(v);
	again = written(v);
	ck_assert_str_eq(text, again);
	check_schema(text);
	file = json_loads(text, 0, NULL);
	ck_assert_msg(mud_read(file, &m, &err), "%s", err.text);
	ck_assert_uint_eq(m.n_unread, 0);               /* else BT6-02 is INCONCLUSIVE with it */
	ck_assert(allows(&m, "cloud.example", "198.51.100.1", false, IP_TCP, 8883));
	ck_assert(allows(&m, NULL, "203.0.113.7", false, IP_UDP, 4500));
	ck_assert(allows(&m, NULL, "2001:db8::7", false, IP_TCP, 443));
	ck_assert(allows(&m, NULL, "192.168.1.9", true, IP_TCP, 80));
	ck_assert(!allows(&m, NULL, "192.168.1.9", false, IP_TCP, 80));
	ck_assert(!allows(&m, "cloud.example", "198.51.100.1", false, IP_TCP, 443));
	ck_assert(!allows(&m, "cloud.example", "198.51.100.1", false, IP_UDP, 8883));
	ck_assert(!allows(&m, NULL, "203.0.113.8", false, IP_UDP, 4500));
	ck_assert(!allows(&m, "ads.example", "198.51.100.2", false, IP_TCP, 443));      /* seen, not declared */
	ck_assert(!allows(&m, "time.example", "198.51.100.3", false, IP_UDP, 123));     /* declared, not seen */
	ck_assert(!mud_names(&m, "ads.example"));
	ck_assert_uint_eq(json_array_size(json_object_get(observation(file), "left-out")), 4);
	ck_assert_ptr_nonnull(strstr(text, "undeclared"));
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(observation(file), "declared-not-seen"), 0)), "time.example:123/udp");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(observation(file), "from"), 0)), "BT6-02 journal#2");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(file, "ietf-mud:mud"), "last-update")), "2026-11-27T01:56:10Z");
	json_decref(file);
	free(text);
	free(again);
	json_decref(v);
	drop_folder();
}
END_TEST

/* Without an observation the file allows nothing, and says so. */
static const char *const empty[] = {
	"{}", "{\"seen\":[]}", "{\"seen\":[1,null,{},\"\",\":\",\"/\",\"a\",\"a:1\",\"a:b/tcp\",\"a:99999/tcp\",\"a:-1/tcp\",\":1/tcp\",\"[:1/tcp\",\"]:1/udp\","
	"\"a..b:1/tcp\",\"a b:1/tcp\",\"a:1/sctp\",\"a:000000000000000000001/tcp\",\"\\u202ea:1/tcp\",\"x\\u0000:1/tcp\"]}", "[1]", "7",
};

START_TEST(nothing)
{
	json_t *v = verdicts(), *file;
	struct err err = { 0 };
	static struct mud m;
	char *text;

	make_folder(empty[_i]);
	text = written(v);
	check_schema(text);
	file = json_loads(text, 0, NULL);
	ck_assert_msg(mud_read(file, &m, &err), "%s", err.text);
	ck_assert_uint_eq(m.n, 0);
	ck_assert_ptr_nonnull(strstr(text, "Nothing was observed"));
	ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
	json_decref(file);
	free(text);
	json_decref(v);
	drop_folder();
}
END_TEST

/* A name of the greatest length, and more peers than the file takes. */
START_TEST(bounds)
{
	json_t *v = verdicts(), *file;
	static char facts[65000], label[64];
	struct err err = { 0 };
	static struct mud m;
	char *text;
	size_t n;

	memset(label, 'x', 63);
	n = (size_t)snprintf(facts, sizeof(facts), "{\"seen\":[\"%s.%s.%s.%.61s:1/tcp\",\"%s.%s.%s.%.62s:1/tcp\",\"x%s:1/tcp\"", label, label, label, label, label, label,
			     label, label, label);
	for (unsigned i = 0; i < 600; i++)
		n += (size_t)snprintf(facts + n, sizeof(facts) - n, ",\"h%u.example:%u/udp\"", i, i);
	snprintf(facts + n, sizeof(facts) - n, "]}");
	json_object_set_new(json_object_get(v, "run"), "maker", json_string("製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製"
									      "製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製製"));
	make_folder(facts);
	text = written(v);
	check_schema(text);
	file = json_loads(text, 0, NULL);
	ck_assert_msg(mud_read(file, &m, &err), "%s", err.text);
	ck_assert_uint_eq(m.n, 1000);                   /* 500 peers, in two lists */
	ck_assert_uint_eq(json_array_size(json_object_get(observation(file), "left-out")), 103);
	json_decref(file);
	free(text);
	json_decref(v);
	drop_folder();
}
END_TEST

TEST_MAIN({ "round_trip", round_trip, 1 }, { "nothing", nothing, ROWS(empty) }, { "bounds", bounds, 1 })
