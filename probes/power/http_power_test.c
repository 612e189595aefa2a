// SPDX-License-Identifier: Apache-2.0
// The plugs are a simulator on libmicrohttpd, which also does the digest login, behind a network that misbehaves.
#include "harness/fake.h"

#include <microhttpd.h>

#include "probes/power/fault_proxy.h"
#include "probes/power/http_plugs.h"

extern const struct line_driver drv_http;

static struct { const char *kind; atomic_bool *on; pid_t pid; int port; bool digest; } plug;
struct asked { char body[256]; size_t n; };

/* ---- what each maker's description says ---- */

/* Index of the outlet named in the request, -1: no such request. `ret_set`: 1, 0, or -1 when it only asks. */
static int shelly1(const char *method, const char *path, const char *body, int *ret_set)
{
	int n = -1;

	if (sscanf(path, "/relay/%d", &n) != 1)
		return -1;
	*ret_set = strcmp(method, "POST") ? -1 : !strcmp(body, "turn=on") ? 1 : !strcmp(body, "turn=off") ? 0 : -2;
	return n;
}

static int from_json(const char *body, const char *list, const char *id, const char *what, int *ret_set)
{
	json_t *j = json_loads(body, 0, NULL), *o = list ? json_array_get(json_object_get(j, list), 0) : j, *v = json_object_get(o, what);
	int n = (int)json_integer_value(json_object_get(o, id));

	*ret_set = json_is_true(v) || json_integer_value(v) == 1 ? 1 : v ? 0 : -2;
	json_decref(j);
	return n;
}

static int outlet_of(const char *method, const char *path, const char *query, const char *body, int *ret_set)
{
	int n = -1;

	*ret_set = -1;
	if (!strcmp(plug.kind, "shelly1"))
		return shelly1(method, path, body, ret_set);
	if (!strcmp(plug.kind, "shelly2"))
		return !strcmp(path, "/rpc/Switch.Set") ? from_json(body, NULL, "id", "on", ret_set) : !strcmp(path, "/rpc/Switch.GetStatus") ? atoi(query) : -1;
	if (!strcmp(plug.kind, "tasmota")) {
		char word[8] = "";

		if (strcmp(path, "/cm") || sscanf(query, "Power%d %7s", &n, word) < 1)
			return -1;
		*ret_set = !strcmp(word, "On") ? 1 : !strcmp(word, "Off") ? 0 : -1;
		return n - 1;
	}
	if (!strcmp(plug.kind, "netio"))
		return strcmp(path, "/netio.json") ? -1 : strcmp(method, "POST") ? 0 : from_json(body, "Outputs", "ID", "Action", ret_set) - 1;
	if (!strcmp(plug.kind, "gude")) {
		if (!strcmp(path, "/status.json"))
			return 0;
		if (strcmp(path, "/ov.html") || sscanf(query, "%d,%d", &n, ret_set) != 2)
			return -1;
		return n - 1;
	}
	if (sscanf(path, "/restapi/relay/outlets/=%d/state/", &n) == 1 && !strcmp(method, "PUT"))
		*ret_set = !strcmp(body, "value=true") ? 1 : !strcmp(body, "value=false") ? 0 : -2;
	else
		sscanf(path, "/restapi/relay/outlets/%d/state/", &n);
	return n;
}

static void answer_of(int n, char *text, size_t room)
{
	bool on[2] = { atomic_load(&plug.on[0]), atomic_load(&plug.on[1]) };

	if (!strcmp(plug.kind, "shelly1"))
		snprintf(text, room, "{\"ison\":%s,\"has_timer\":false,\"source\":\"http\"}", on[n] ? "true" : "false");
	else if (!strcmp(plug.kind, "shelly2"))
		snprintf(text, room, "{\"id\":%d,\"source\":\"init\",\"output\":%s,\"apower\":8.9}", n, on[n] ? "true" : "false");
	else if (!strcmp(plug.kind, "tasmota"))
		snprintf(text, room, "{\"POWER%d\":\"%s\"}", n + 1, on[n] ? "ON" : "OFF");
	else if (!strcmp(plug.kind, "netio"))
		snprintf(text, room, "{\"Agent\":{\"NumOutputs\":2},\"Outputs\":[{\"ID\":2,\"Name\":\"b\",\"State\":%d,\"Action\":6},"
			 "{\"ID\":1,\"Name\":\"a\",\"State\":%d,\"Action\":6}]}", on[1], on[0]);
	else if (!strcmp(plug.kind, "gude"))
		snprintf(text, room, "{\"outputs\":[{\"name\":\"a\",\"state\":%d,\"type\":1},{\"name\":\"b\",\"state\":%d,\"type\":1}]}", on[0], on[1]);
	else
		snprintf(text, room, "%s", on[n] ? "true" : "false");
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc = MHD_queue_response(c, status, r);

	MHD_destroy_response(r);
	return rc;
}

/* The query's parameters that a plug looks at, as outlet_of() wants them. */
static void query_of(struct MHD_Connection *c, char *buf, size_t room)
{
	const char *cmnd = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "cmnd"), *id = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "id");
	const char *p = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "p"), *s = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "s");

	snprintf(buf, room, "%s%s%s", cmnd ? cmnd : id ? id : p ? p : "", s ? "," : "", s ? s : "");
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path, const char *method, const char *version, const char *data,
				  size_t *n, void **state)
{
	struct asked *a = *state;
	char query[64], text[512];
	int outlet, set, auth = MHD_YES;
	char *user;

	(void)cls;
	(void)version;
	if (!a) {
		*state = calloc(1, sizeof(*a));
		return MHD_YES;
	}
	if (*n) {
		size_t take = *n < sizeof(a->body) - 1 - a->n ? *n : sizeof(a->body) - 1 - a->n;

		memcpy(a->body + a->n, data, take);
		a->n += take;
		*n = 0;
		return MHD_YES;
	}
	if (plug.digest) {
		user = MHD_digest_auth_get_username(c);
		auth = user ? MHD_digest_auth_check(c, "plug", "admin", "correct horse", 300) : MHD_NO;
		MHD_free(user);
		if (auth != MHD_YES) {
			struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
			enum MHD_Result rc = MHD_queue_auth_fail_response(c, "plug", "opaque", r, auth == MHD_INVALID_NONCE);

			MHD_destroy_response(r);
			return rc;
		}
	}
	query_of(c, query, sizeof(query));
	outlet = outlet_of(method, path, query, a->body, &set);
	if (outlet < 0 || outlet > 1 || set == -2)
		return reply(c, 404, "{}");
	if (!strcmp(plug.kind, "dli") && set >= 0 && !MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-CSRF"))
		return reply(c, 403, "CSRF");
	if (set >= 0)
		atomic_store(&plug.on[outlet], set);
	answer_of(outlet, text, sizeof(text));
	return reply(c, 200, text);
}

static void on_end(void *cls, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)c;
	(void)why;
	free(*state);
	*state = NULL;
}

static void __attribute__((noreturn)) serve(int listening)
{
	struct MHD_Daemon *d;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	d = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL, MHD_OPTION_LISTEN_SOCKET, listening,
			     MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_NONCE_NC_SIZE, 64u, MHD_OPTION_DIGEST_AUTH_RANDOM, (size_t)8,
			     "12345678", MHD_OPTION_END);
	if (!d)
		_exit(1);
	for (;;)
		pause();
}

static bool start(const char *kind, bool digest)
{
	int listening = proxy_bind(SOCK_STREAM, &plug.port);

	plug.kind = kind;
	plug.digest = digest;
	plug.on = mmap(NULL, 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	plug.pid = fork();
	if (plug.pid == 0)
		serve(listening);
	close(listening);
	setenv("JUSAN_TEST_PLUG", "correct horse", 1);
	proxy_start(SOCK_STREAM, plug.port, MS(500));
	return true;
}
static void stop(void)
{
	proxy_stop();
	kill(plug.pid, SIGKILL);
	waitpid(plug.pid, NULL, 0);
}
static bool energised(int channel) { return atomic_load(&plug.on[channel]); }
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"kind\":\"%s\",\"address\":\"127.0.0.1\",\"port\":%d,\"outlet\":%d,\"timeout\":500000000,\"user\":\"admin\","
		 "\"password\":{\"env\":\"JUSAN_TEST_PLUG\"}}", plug.kind, proxy.port, channel + (strncmp(plug.kind, "shelly", 6) != 0));
}
static void free_form(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"kind\":\"free\",\"address\":\"127.0.0.1\",\"port\":%d,\"outlet\":%d,\"timeout\":500000000,\"on\":\"GET /cm?cmnd=Power{n}%%20On\","
		 "\"off\":\"GET /cm?cmnd=Power{n}%%20Off\",\"get\":\"GET /cm?cmnd=Power{n}\",\"says_on\":\":\\\"ON\",\"says_off\":\":\\\"OFF\"}", proxy.port, channel + 1);
}

static bool as_shelly1(void) { return start("shelly1", false); }
static bool as_shelly2(void) { return start("shelly2", true); }
static bool as_tasmota(void) { return start("tasmota", false); }
static bool as_netio(void) { return start("netio", false); }
static bool as_gude(void) { return start("gude", false); }
static bool as_dli(void) { return start("dli", true); }
#define FEW .cannot = 1 << FAULT_SEEDED | 1 << FAULT_SLOW | 1 << FAULT_WRONG | 1 << FAULT_UNPLUGGED
#define PLUG .driver = &drv_http, .channels = 2, .energised = energised, .fault = proxy_fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "tasmota", .start = as_tasmota, .params = params, PLUG },
	{ .name = "dli", .start = as_dli, .params = params, PLUG },
	{ .name = "shelly1", .start = as_shelly1, .params = params, FEW, PLUG },
	{ .name = "shelly2", .start = as_shelly2, .params = params, FEW, PLUG },
	{ .name = "netio", .start = as_netio, .params = params, FEW, PLUG },
	{ .name = "gude", .start = as_gude, .params = params, FEW, PLUG },
	{ .name = "free", .start = as_tasmota, .params = free_form, FEW, PLUG },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- answers, right and wrong ---- */
START_TEST(answers)
{
	enum { ON, OFF, UNCLEAR };
	static const struct { const char *kind, *json, *body; int is; } row[] = {
		{ "shelly1", "ison", "{\"ison\":true}", ON }, { "shelly1", "ison", "{\"ison\":false}", OFF }, { "shelly1", "ison", "{\"ison\":null}", UNCLEAR },
		{ "shelly1", "ison", "{}", UNCLEAR }, { "shelly1", "ison", "true", UNCLEAR }, { "shelly1", "ison", "", UNCLEAR },
		{ "shelly1", "ison", "{\"ison\":true,\"ison\":false}", UNCLEAR }, { "shelly1", "ison", "{\"ison\":true", UNCLEAR },
		{ "tasmota", "POWER1|POWER", "{\"POWER\":\"ON\"}", ON }, { "tasmota", "POWER1|POWER", "{\"POWER1\":\"OFF\",\"POWER\":\"ON\"}", OFF },
		{ "tasmota", "POWER1|POWER", "{\"WARNING\":\"Need user=<username>&password=<password>\"}", UNCLEAR },
		{ "netio", "Outputs/ID=2/State", "{\"Outputs\":[{\"ID\":1,\"State\":1},{\"ID\":2,\"State\":0}]}", OFF },
		{ "netio", "Outputs/ID=2/State", "{\"Outputs\":[{\"ID\":2,\"State\":1},{\"ID\":2,\"State\":0}]}", UNCLEAR },
		{ "netio", "Outputs/ID=3/State", "{\"Outputs\":[{\"ID\":2,\"State\":1}]}", UNCLEAR },
		{ "gude", "outputs/1/state", "{\"outputs\":[{\"state\":1},{\"state\":0}]}", OFF }, { "gude", "outputs/7/state", "{\"outputs\":[{\"state\":1}]}", UNCLEAR },
		{ "dli", "", "true", ON }, { "dli", "", "\"false\"", OFF }, { "dli", "", "[true]", UNCLEAR },
	};

	for (int i = 0; i < ROWS(row); i++) {
		const struct http_plug *p = http_plugs;
		struct err err = { 0 };
		bool on = false, ok;

		while (strcmp(p->name, row[i].kind))
			p++;
		ok = http_state(p, row[i].json, row[i].body, &on, &err);
		ck_assert_msg(ok == (row[i].is != UNCLEAR) && (!ok || on == (row[i].is == ON)), "%s: %s", row[i].kind, row[i].body);
		ck_assert(ok || err.kind == ERR_BENCH);
	}
}
END_TEST

START_TEST(refused)
{
	static const struct { const char *more, *why; } row[] = {
		{ "\"kind\":\"dli\",\"user\":\"admin\",\"password\":{\"env\":\"JUSAN_TEST_WRONG\"}", "status 401" },
		{ "\"kind\":\"free\",\"on\":\"GET /x\"", "have to be said" },
		{ "\"kind\":\"free\",\"on\":\"GET /x\",\"off\":\"GET /y\",\"get\":\"GET /z\",\"says_on\":\"1\"", "never an answer" },
		{ "\"kind\":\"free\",\"on\":\"GET /x\",\"off\":\"GET /y\",\"get\":\"http://192.0.2.1/\",\"says_on\":\"1\",\"says_off\":\"0\"", "begins with /" },
	};
	struct err err = { 0 };
	char text[512];

	fake_bench("{}", false);
	start("dli", true);
	setenv("JUSAN_TEST_WRONG", "wrong", 1);
	snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\",\"port\":%d,%s}", proxy.port, row[_i].more);
	ck_assert(!fake_try_open(&drv_http, "power.main", text, &err));
	ck_assert_msg(strstr(err.text, row[_i].why) != NULL, "%s", err.text);
	ck_assert_ptr_null(strstr(err.text, "wrong"));
	stop();
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "answers", answers, 1 }, { "refused", refused, 4 })
