/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes of secrets, weaker ways in, and set-up, against peers that do it well, badly, or not at all. */
#include "harness/fake.h"

#include <openssl/evp.h>

#include "harness/base/test.h"
#include "harness/proto/peer.h"

extern const struct probe probe_login;

const char *step_suite_dir(const struct step *st)
{
	(void)st;
	return "suites";
}
bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "out of scope");
}

static int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static bool truth(const char *name) { return json_is_true(json_object_get(fake.facts, name)); }
static size_t members(const char *name) { return json_array_size(json_object_get(fake.facts, name)); }
static bool has(const char *request, const char *text) { return strstr(request, text) != NULL; }

static const char no[] = "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n";
static const char yes[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
static bool old_one(const char *r) { return has(r, "Basic bzpvbGQ=\r"); }         /* o:old */
static bool new_one(const char *r) { return has(r, "Basic bzpuZXc=\r"); }         /* o:new */

static const char *changed(const char *r) { return new_one(r) ? yes : no; }
static const char *both_live(const char *r) { return new_one(r) || old_one(r) ? yes : no; }
static const char *not_changed(const char *r) { return old_one(r) ? yes : no; }
/* The old one is let in at every third try only. */
static const char *now_and_then(const char *r)
{
	static int tries;

	return new_one(r) || (old_one(r) && ++tries >= 3) ? yes : no;
}
static const char *locked(const char *r)
{
	return has(r, "Basic bzp") ? "HTTP/1.1 429 Wait\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n" : no;
}
static const char *dead(const char *r)
{
	(void)r;
	return PEER_END;
}
static const struct { const char *name; peer_answer *peer; int old_granted, new_granted, new_refused; bool complete; } changes[] = {
	{ "changed", changed, 0, 3, 0, true }, { "both live", both_live, 3, 3, 0, true }, { "not changed", not_changed, 3, 0,
		3, true },
	{ "now and then", now_and_then, 1, 3, 0, true }, { "locked", locked, 0, 0, 0, false }, { "dead", dead, 0, 0, 0, false },
};
START_TEST(change)
{
	char args[400];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args),
		"{\"surfaces\":[{\"kind\":\"http_basic\",\"url\":\"http://dut:%d/x\"}],\"user\":\"o\",\"old\":\"old\",\"new\":\"new\","
		 "\"patience\":200000000}", peer_start(changes[_i].peer, NULL));
	fake_step(&probe_login, "changed", args);
	ck_assert_msg(fact("old_granted") == changes[_i].old_granted && fact("new_granted") == changes[_i].new_granted &&
		      fact("new_refused") == changes[_i].new_refused, "%s: %lld %lld %lld", changes[_i].name,
		      (long long)fact("old_granted"),
		      (long long)fact("new_granted"), (long long)fact("new_refused"));
	ck_assert_msg(truth("complete") == changes[_i].complete && truth("complete") == !fake.incomplete[0], "%s: %s",
		changes[_i].name,
		      fake.incomplete);
	fake_close();
}
END_TEST

/* ---- weaker ways: what is declared is a digest ---- */
static void md5(const char *text, char ret[static 33])
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	ck_assert(EVP_Digest(text, strlen(text), sum, NULL, EVP_md5(), NULL));
	for (unsigned i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
}
static bool right_digest(const char *r)
{
	char a1[33], a2[33], text[100];

	md5("o:r:old", a1);
	md5("GET:/good", a2);
	snprintf(text, sizeof(text), "%.32s:n:%.32s", a1, a2);
	md5(text, a1);
	snprintf(text, sizeof(text), "response=\"%.32s\"", a1);
	return has(r, text);
}
static const char *digest_only(const char *r) { return right_digest(r) ? yes : no; }
static const char *basic_too(const char *r) { return old_one(r) || right_digest(r) ? yes : no; }
static const char *basic_alone(const char *r) { return old_one(r) ? yes : no; }
static const struct { const char *name; peer_answer *peer; const char *path; int accepted; bool complete; } ways[] = {
	{ "digest alone", digest_only, "good", 0, true },
	{ "basic too", basic_too, "good", 1, true }, { "basic alone", basic_alone, "bad", 1, false }, { "dead", dead, "good",
		0, false },
};
START_TEST(way)
{
	char args[400];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args),
		"{\"surface\":{\"kind\":\"http_digest\",\"timeout\":\"300ms\",\"url\":\"http://dut:%d/%s\"},\"user\":\"o\",\"secret\":\"old\"}",
		 peer_start(ways[_i].peer, NULL), ways[_i].path);
	fake_step(&probe_login, "downgrade", args);
	ck_assert_msg(fact("accepted") == ways[_i].accepted && members("which") == (size_t)ways[_i].accepted, "%s: %lld",
		ways[_i].name,
		      (long long)fact("accepted"));
	ck_assert_msg(truth("complete") == ways[_i].complete, "%s: %s", ways[_i].name, fake.incomplete);
	fake_close();
}
END_TEST

/* https on a port where plain HTTP answers, and on one where nothing does: the declared way must still let in. */
START_TEST(without_tls)
{
	char args[400];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args),
		"{\"surface\":{\"kind\":\"http_basic\",\"timeout\":\"300ms\",\"url\":\"https://dut:%d/x\"},\"user\":\"o\",\"secret\":\"old\"}",
		 _i ? 1 : peer_start(basic_alone, NULL));
	fake_step(&probe_login, "downgrade", args);
	ck_assert_int_eq(fact("accepted"), _i ? 0 : 1);
	ck_assert(!truth("complete") && fake.incomplete[0]);
	ck_assert_uint_ge(members("closed"), _i ? 1 : 0);
	fake_close();
}
END_TEST

/* ---- set-up ---- */
static size_t secret_of(const char *r)
{
	const char *p = strstr(r, "\"password\":\"");

	return p ? strcspn(p + 12, "\"") : 0;
}
static const char refused[] = "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n";
/* It knows the list that is offered from. */
static const char *strict(const char *r)
{
	struct err err = { 0 };
	char line[160], *list;
	bool known;
	size_t n;

	snprintf(line, sizeof(line), ":%.*s\n", (int)secret_of(r), has(r, "\"password\":\"") ? strstr(r, "\"password\":\"") + 12 : "");
	if (!fs_read("suites/lists/common-passwords.txt", 1 << 20, &list, &n, &err))
		return refused;
	known = strstr(list, line) != NULL;
	free(list);
	return known || secret_of(r) < 8 ? refused : yes;
}
static const char *lengths(const char *r) { return secret_of(r) < 8 ? refused : yes; }
static const char *seven(const char *r) { return secret_of(r) < 7 ? refused : yes; }
static const char *skippable(const char *r) { return has(r, "password") ? refused : yes; }
static const char *empty_too(const char *r) { return has(r, "\"password\":\"\"") ? yes : refused; }
static const char *wants_none(const char *r)
{
	(void)r;
	return refused;
}
static const struct { const char *name; peer_answer *peer; const char *which; bool complete; } setups[] = {
	{ "refuses all", wants_none, NULL, true }, { "strict", strict, "", true }, { "lengths only", lengths, "common", false },
	{ "seven", seven, "7 characters", false }, { "skippable", skippable, "skipped", false }, { "empty", empty_too,
		"empty", false }, { "dead", dead, NULL, false },
};
START_TEST(setup)
{
	const char *which;
	char args[500];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args),
		"{\"setup\":{\"url\":\"http://dut:%d/setup\",\"body\":\"{\\\"user\\\":\\\"o\\\",\\\"password\\\":\\\"${password}\\\"}\","
		 "\"without\":\"{\\\"user\\\":\\\"o\\\"}\"},\"floor\":8,\"list\":\"common-passwords\"}",
		 peer_start(setups[_i].peer, NULL));
	fake_step(&probe_login, "setup", args);
	which = json_string_value(json_array_get(json_object_get(fake.facts, "which"), 0));
	if (setups[_i].which && setups[_i].which[0])
		ck_assert_msg(fact("accepted") == 1 && which && !strncmp(which, setups[_i].which, strlen(setups[_i].which)),
			"%s: %s", setups[_i].name,
			      which ? which : "none");
	else
		ck_assert_msg(!fact("accepted"), "%s: %s", setups[_i].name, which);
	ck_assert_msg(truth("complete") == setups[_i].complete, "%s: %lld of %lld", setups[_i].name,
		(long long)fact("tried"), (long long)fact("of"));
	ck_assert(setups[_i].peer != dead || fake.incomplete[0]);
	fake_close();
}
END_TEST

/* ---- what can be reached ---- */
static const char *half_open(const char *r) { return has(r, "GET /open") || old_one(r) ? yes : no; }
START_TEST(reach)
{
	char args[400];
	int port;

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	port = _i == 2 ? 1 : peer_start(half_open, NULL);
	snprintf(args, sizeof(args), "{\"urls\":[\"http://dut:%d/open\",\"http://dut:%d/shut\"]%s}", port, port,
		 _i ? ",\"user\":\"o\",\"secret\":\"old\"" : "");
	fake_step(&probe_login, "reach", args);
	ck_assert_int_eq(fact("open"), _i == 2 ? 0 : 1 + _i);
	ck_assert_int_eq(truth("all"), _i == 1);
	ck_assert_int_eq(fake.incomplete[0] != 0, _i == 2);
	fake_close();
}
END_TEST

TEST_MAIN({ "change", change, ROWS(changes) }, { "way", way, ROWS(ways) }, { "without_tls", without_tls, 2 }, { "setup",
	setup, ROWS(setups) },
	  { "reach", reach, 3 })
