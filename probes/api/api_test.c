/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix against devices that are sound, that let the wrong ones in by each way we know, and that lie about it. */
#include "harness/fake.h"

#include <sys/mman.h>

#include "harness/base/test.h"
#include "harness/proto/peer.h"
#include "probes/api/api.h"

extern const struct probe probe_api;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "out of scope");
}
bool step_recorded(struct step *st, const char *line, struct err *err)
{
	(void)st;
	(void)line;
	(void)err;
	return true;
}

static int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static bool truth(const char *name) { return json_is_true(json_object_get(fake.facts, name)); }

/* ---- the devices ---- */
static struct { int value, asked; } *shared;    /* seen by the peer's process too */

static bool owner(const char *r) { return strstr(r, "Basic b3duZXI6bw==\r") != NULL; }  /* owner:o */
static bool guest(const char *r) { return strstr(r, "Basic Z3Vlc3Q6Zw==\r") != NULL; }  /* guest:g */
static bool is(const char *r, const char *line) { return !strncmp(r, line, strlen(line)); }

#define NO "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
#define NOT_YOU "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
#define NOTHING "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const char *show(void)
{
	static char text[120];

	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"value\":%d}", shared->value % 10);
	return text;
}
static const char *write_value(const char *r)
{
	const char *at = strstr(r, "\"value\":");

	shared->value = at ? atoi(at + 8) : 0;
	return OK;
}
static const char *refuse(const char *r) { return guest(r) ? NOT_YOU : NO; }
static const char *sound(const char *r)
{
	if (is(r, "GET /value "))
		return owner(r) || guest(r) ? show() : refuse(r);
	if (is(r, "GET /code "))
		return owner(r) ? show() : refuse(r);
	if (is(r, "PUT /value "))
		return owner(r) ? write_value(r) : refuse(r);
	return NOTHING;
}
static const char *guest_writes(const char *r) { return is(r, "PUT /value ") && guest(r) ? write_value(r) : sound(r); }
static const char *patch_writes(const char *r) { return is(r, "PATCH /value ") && guest(r) ? write_value(r) : sound(r); }
static const char *slash_writes(const char *r) { return is(r, "PUT /value/ ") ? write_value(r) : sound(r); }
static const char *slash_shows(const char *r) { return is(r, "GET /value/ ") ? show() : sound(r); }
static const char *local_shows(const char *r)
{
	return is(r, "GET /value ") && strstr(r, "X-Forwarded-For: 127.0.0.1\r") ? show() : sound(r);
}
static const char *any_token(const char *r)
{
	return strstr(r, "Authorization: Bearer ") && is(r, "GET /value ") ? show() : sound(r);
}
/* Says no, and does it. */
static const char *two_faced(const char *r)
{
	if (is(r, "PUT /value ") && !owner(r))
		write_value(r);
	return sound(r);
}
/* Says yes, and does nothing: whether that is a refusal nobody can tell, but by a pattern. */
static const char *polite(const char *r)
{
	const char *a = sound(r);

	return a[9] == '4' && is(r, "PUT /value ") ? "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlog in" : a;
}
static const char *owner_refused(const char *r) { return is(r, "PUT /value ") && owner(r) ? NOT_YOU : sound(r); }
static const char *no_guest(const char *r) { return guest(r) ? NO : sound(r); }
static const char *fails_inside(const char *r)
{
	return is(r, "PUT /value ") && !owner(r) ? "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" : sound(r);
}
static const char *locks(const char *r)
{
	return !owner(r) && !guest(r) ? "HTTP/1.1 429 Slow\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n" : sound(r);
}
static const char *mute(const char *r)
{
	(void)r;
	return PEER_END;
}
static const char *dies(const char *r) { return ++shared->asked > 8 ? PEER_DIE : sound(r); }
static const char *nonsense(const char *r)
{
	(void)r;
	return "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n\377\376\r\n";
}

#define READ "{\"name\":\"read\",\"url\":\"http://dut:%d/value\",\"right\":\"guest\",\"shows\":\"value\"}"
#define CODE "{\"name\":\"code\",\"url\":\"http://dut:%d/code\",\"right\":\"owner\",\"shows\":\"value\"}"
#define WRITE "{\"name\":\"write\",\"method\":\"PUT\",\"url\":\"http://dut:%d/value\","                             \
	      "\"body\":\"{\\\"value\\\":${value}}\",\"values\":[3,4],"                                           \
	      "\"right\":\"owner\",\"effect\":{\"url\":\"http://dut:%d/value\",\"find\":\"value\\\":([0-9])\"}}"
#define ACCOUNTS "\"accounts\":[{\"right\":\"guest\",\"user\":\"guest\",\"password\":\"g\"},"                            \
		 "{\"right\":\"owner\",\"user\":\"owner\",\"password\":\"o\"}]"

static void begin(void)
{
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void matrix(peer_answer *peer, const char *more)
{
	int port = peer_start(peer, NULL);
	char args[1600];

	snprintf(args, sizeof(args), "{\"api\":{" ACCOUNTS ",\"endpoints\":[" READ "," CODE "," WRITE "]%s},"
		 "\"timeout\":300000000,\"patience\":200000000}", port,
		 port, port, port, more);
	fake_step(&probe_api, "matrix", args);
}

static const struct {
	const char *name;
	peer_answer *peer;
	const char *more, *breach;
	int effects, revealed, full_refused;
	bool complete;
} devices[] = {
	{ "sound", sound, "", NULL, 0, 0, 0, true },
	{ "guest writes", guest_writes, "", "write by guest: took effect", 2, 0, 0, true },
	{ "guest writes by PATCH", patch_writes, "", "write by guest (PATCH): took effect", 1, 0, 0, true },
	{ "slash writes", slash_writes, "", "write by nobody (slash at the end): took effect", 2, 0, 0, true },
	{ "slash shows", slash_shows, "", "read by nobody (slash at the end): shown", 0, 1, 0, true },
	{ "from itself", local_shows, "", "read by nobody (from itself): shown", 0, 1, 0, true },
	{ "any token", any_token, "", "read by an invalid token: shown", 0, 1, 0, true },
	{ "two-faced", two_faced, "", "write by somebody without the right: refused, and took effect", 1, 0, 0, true },
	{ "polite", polite, "", NULL, 0, 0, 0, false },
	{ "polite, as declared", polite, ",\"refusal\":\"log in\"", NULL, 0, 0, 0, true },
	{ "owner refused", owner_refused, "", "write by owner: refused, though it has the right", 0, 0, 1, true },
	{ "no guest", no_guest, "", NULL, 0, 0, 0, false },
	{ "fails inside", fails_inside, "", NULL, 0, 0, 0, false },
	{ "locks", locks, "", NULL, 0, 0, 0, false },
	{ "mute", mute, "", NULL, 0, 0, 0, false },
	{ "dies", dies, "", NULL, 0, 0, 0, false },
	{ "nonsense", nonsense, "", NULL, 0, 0, 0, false },
};
START_TEST(matrix_of)
{
	const json_t *breaches;
	size_t i;
	json_t *b;
	bool found = !devices[_i].breach;

	begin();
	matrix(devices[_i].peer, devices[_i].more);
	breaches = json_object_get(fake.facts, "breaches");
	json_array_foreach((json_t *)(uintptr_t)breaches, i, b)
		found |= !strcmp(json_string_value(b), devices[_i].breach ? devices[_i].breach : "");
	ck_assert_msg(found && (devices[_i].breach || !json_array_size(breaches)), "%s: %s", devices[_i].name,
		      json_dumps(breaches, JSON_ENCODE_ANY));
	ck_assert_msg(fact("effects") == devices[_i].effects && fact("revealed") == devices[_i].revealed &&
		      fact("full_refused") == devices[_i].full_refused, "%s: %lld effects, %lld revealed", devices[_i].name,
		      (long long)fact("effects"), (long long)fact("revealed"));
	ck_assert_msg(truth("complete") == devices[_i].complete && !fake.incomplete[0] == devices[_i].complete, "%s: %s", devices[_i].name,
		      fake.incomplete);
	fake_close();
}
END_TEST

TEST_MAIN({ "matrix", matrix_of, ROWS(devices) })
