/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of surface against peers that refuse, let in, lock with and without saying so, or talk nonsense. */
#include "harness/fake.h"

#include <sys/mman.h>

#include "harness/base/hash.h"
#include "harness/base/test.h"
#include "harness/proto/peer.h"
#include "probes/login/labels.h"
#include "probes/login/loopback.h"
#include "probes/login/pairs.h"
#include "probes/login/telnet.h"

/* ---- the peers ---- */
static struct { int fails, port; int64_t until_ns; } *shared;   /* seen by the peer's process too */

static bool has(const char *request, const char *text) { return strstr(request, text) != NULL; }
static bool good_basic(const char *r) { return has(r, "Basic cm9vdDpyb290\r"); }         /* root:root */
static bool good_form(const char *r) { return has(r, "user=root&password=root") && !strstr(r, "root&password=root")[18]; }

static const char *strong(const char *r)
{
	(void)r;
	return "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
}
static const char *weak(const char *r)
{
	return good_basic(r) ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" : strong(r);
}
/* One account takes whatever is said. */
static const char *any_password(const char *r)
{
	return has(r, "Basic cm9vdD") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" : strong(r);
}
static const char *open_door(const char *r)
{
	(void)r;
	return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
}
/* A wrong password costs time, a right one does not. */
static const char *tarpit(const char *r)
{
	if (!good_basic(r))
		poll(NULL, 0, 200);
	return weak(r);
}
/* Refuses as often as it takes to learn what a refusal is, and then says nothing to a wrong password. */
static const char *mute_later(const char *r)
{
	return good_basic(r) ? weak(r) : ++shared->fails > 3 ? "" : strong(r);
}
/* The page again, with a number that changes, or a redirect. */
static const char *weak_form(const char *r)
{
	static char page[300];
	static unsigned n;

	if (good_form(r))
		return "HTTP/1.1 303 See\r\nLocation: /\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n";
	snprintf(page, sizeof(page), "HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n<p>Wrong. Try again. nonce=%08x          </p>", 0x10000000 + n++);
	return page;
}
/* Known accounts are refused in other words than unknown ones: no way in. */
static const char *tell_tale(const char *r)
{
	return has(r, "user=root") ? "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nwrong password" : "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nwho are you?";
}
static const char *locking(const char *r)
{
	bool ok = has(r, "\"user\":\"root\"") && has(r, "\"password\":\"root\"}");

	if (!has(r, "\"user\":\"root\""))
		return strong(r);
	if (clock_ns() < shared->until_ns)
		return "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
	if (ok) {
		shared->fails = 0;
		return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	}
	if (++shared->fails >= 3)
		shared->until_ns = clock_ns() + SEC(1);
	return strong(r);
}
/* After three failures everybody gets the same friendly page, whatever the password. */
static const char *silent_lock(const char *r)
{
	(void)r;
	if (++shared->fails > 6)
		return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
	return "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
}
static const char *broken(const char *r)
{
	(void)r;
	return "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
}
static const char *mute(const char *r)
{
	(void)r;
	return PEER_END;
}

static void begin(void)
{
	char path[FS_PATH], from[FS_PATH];
	struct err err = { 0 };

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(path, sizeof(path), "%s/lists", fake.run);
	ck_assert(fs_mkdirs(path, &err));
	snprintf(from, sizeof(from), "%s/t.txt", path);
	ck_assert(fs_write(from, "# two accounts\nadmin:admin\nroot:\nroot:1234\nroot:12345\nroot:root\nadmin:1234\n{word}:{user}\n", 88, &err));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* what the fake bench leaves out */

static const struct { const char *name, *kind; peer_answer *peer; int tried, granted; bool complete; } sweeps[] = {
	{ "strong", "http_basic", strong, 13, 0, true },
	{ "weak", "http_basic", weak, 13, 1, true },
	{ "any password", "http_basic", any_password, 13, 4, true },
	{ "open", "http_basic", open_door, 1, 1, true },
	{ "weak form", "http_form", weak_form, 13, 1, true },
	{ "tell-tale", "http_form", tell_tale, 13, 0, true },
	{ "locking", "http_json", locking, 13, 1, true },
	{ "silent lock", "http_form", silent_lock, -1, 0, false },
	{ "broken", "http_basic", broken, 0, 0, false },
	{ "mute", "http_basic", mute, 0, 0, false },
};
/* Each also over several connections at once: the same comes of it. */
START_TEST(sweep)
{
	const int row = _i / 2;
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surfaces\":[{\"name\":\"s\",\"kind\":\"%s\",\"url\":\"http://dut:%d/x\"}],\"list\":\"t\",\"words\":[\"HP-1\"],"
		 "\"patience\":%lld,\"connections\":%d}", sweeps[row].kind, peer_start(sweeps[row].peer, NULL),
		 (long long)(sweeps[row].complete ? SEC(4) : MS(800)), _i % 2 ? 8 : 1);
	fake_step(&probe_login, "sweep", args);
	ck_assert_msg(sweeps[row].tried < 0 || fact("tried") == sweeps[row].tried, "%s: tried %lld", sweeps[row].name, (long long)fact("tried"));
	ck_assert_msg(fact("granted") == sweeps[row].granted, "%s: granted %lld", sweeps[row].name, (long long)fact("granted"));
	ck_assert_msg(truth("complete") == sweeps[row].complete, "%s: %s", sweeps[row].name, fake.incomplete);
	ck_assert(sweeps[row].complete || fake.incomplete[0]);
	fake_close();
}
END_TEST

/* After five failures everybody is refused in the usual words, the owner too; or nobody is. */
static const char *mum_lock(const char *r)
{
	bool owner = has(r, "Basic bzpr\r");   /* o:k */

	if (owner && shared->fails < 5)
		return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	shared->fails += !owner;
	return strong(r);
}
static const char *sound_owner(const char *r)
{
	shared->fails = 0;
	return mum_lock(r);
}
START_TEST(owner)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surfaces\":{\"kind\":\"http_basic\",\"url\":\"http://dut:%d/x\"},\"list\":\"t\",\"patience\":100000000,"
		 "\"owner\":\"o\",\"secret\":\"k\",\"connections\":%d}", peer_start(_i / 2 ? sound_owner : mum_lock, NULL), _i % 2 ? 8 : 1);
	fake_step(&probe_login, "sweep", args);
	ck_assert_int_eq(fact("granted"), 0);
	ck_assert_int_eq(truth("complete"), _i / 2);
	ck_assert(_i / 2 || strstr(fake.incomplete, "the right one does not get in either"));
	fake_close();
}
END_TEST

START_TEST(closed)
{
	begin();
	fake_step(&probe_login, "sweep", "{\"surfaces\":[{\"kind\":\"telnet\",\"port\":1},{\"kind\":\"ssh\",\"port\":1},{\"kind\":\"mqtt\",\"port\":1}],"
		  "\"list\":\"t\"}");
	ck_assert_uint_eq(json_array_size(json_object_get(fake.facts, "closed")), 3);
	ck_assert(!truth("complete") && fake.incomplete[0]);    /* nothing was open: nothing was tested */
	fake_close();
}
END_TEST

START_TEST(brute_locks)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"http_json\",\"url\":\"http://dut:%d/x\"},\"user\":\"root\",\"right\":\"root\",\"wrong\":100,"
		 "\"budget\":1500000000,\"patience\":3000000000}", peer_start(locking, NULL));
	fake_step(&probe_login, "brute", args);
	ck_assert(truth("right_before") && truth("locked") && truth("right_refused_in_lock") && truth("right_after"));
	ck_assert_int_eq(fact("first_lock_after"), 3);
	ck_assert_int_eq(fact("granted"), 0);
	ck_assert_int_ge(fact("lock_longest"), MS(900));
	ck_assert_int_lt(fact("rate_per_hour"), 3600 * 4);
	fake_close();
}
END_TEST

/* In the second lock, not the first, once it leaves few enough; and never while it lets more pass. */
START_TEST(brute_enough)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"http_json\",\"url\":\"http://dut:%d/x\"},\"user\":\"root\",\"right\":\"root\",\"wrong\":100,"
		 "\"budget\":2500000000,\"patience\":3000000000,\"enough\":%d}", peer_start(locking, NULL), _i ? 100 : 20000);
	fake_step(&probe_login, "brute", args);
	ck_assert(truth("right_after") && truth("settled") == (_i == 0));
	ck_assert_int_eq(fact("locks"), _i ? 3 : 2);
	ck_assert_int_eq(fact("checked"), 2 + fact("locks"));       /* three before the first, one before each other */
	fake_close();
}
END_TEST

START_TEST(brute_free)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"http_basic\",\"url\":\"http://dut:%d/x\"},\"user\":\"root\",\"right\":\"root\",\"wrong\":50}",
		 peer_start(weak, NULL));
	fake_step(&probe_login, "brute", args);
	ck_assert(!truth("locked"));
	ck_assert_int_eq(fact("checked"), 50);
	ck_assert_int_gt(fact("rate_per_hour"), 3600);
	ck_assert_ptr_null(json_object_get(fake.facts, "first_lock_after"));
	fake_close();
}
END_TEST

/* Few guesses because the time given was short say nothing; few because the device lets a wrong password wait do. */
START_TEST(brute_slow)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"http_basic\",\"url\":\"http://dut:%d/x\"},\"user\":\"root\",\"right\":\"root\",\"wrong\":100000,"
		 "\"budget\":%s}", peer_start(_i ? tarpit : weak, NULL), _i ? "900000000" : "100000000");
	fake_step(&probe_login, "brute", args);
	ck_assert(!truth("locked") && truth("right_before"));
	ck_assert_msg((fake.incomplete[0] == 0) == (_i == 1), "%s", fake.incomplete);
	fake_close();
}
END_TEST

START_TEST(brute_unanswered)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"http_basic\",\"url\":\"http://dut:%d/x\",\"timeout\":\"300ms\"},\"user\":\"root\",\"right\":\"root\",\"wrong\":100,"
		 "\"budget\":2500000000,\"patience\":300000000}", peer_start(mute_later, NULL));
	fake_step(&probe_login, "brute", args);
	ck_assert_int_eq(fact("checked"), 0);
	ck_assert_int_eq(fact("rate_per_hour"), 0);
	ck_assert(fake.incomplete[0]);
	fake_close();
}
END_TEST

/* ---- telnet, byte by byte and as a dialogue ---- */
START_TEST(telnet_bytes)
{
	static const uint8_t in[] = { 'a', 255, 253, 1, 'b', 255, 250, 24, 1, 255, 240, 255, 251, 3, 255, 252, 9, 0, 'c', '\r', '\n', 'l', ':' };
	struct telnet t = { .n = 0 };
	uint8_t reply[3];
	size_t replies = 0;

	for (size_t i = 0; i < sizeof(in); i++)
		replies += telnet_take(&t, in[i], reply) > 0;
	ck_assert_str_eq(t.text, "abc\r\nl:");
	ck_assert_str_eq(telnet_last_line(&t), "l:");
	ck_assert_uint_eq(replies, 2);          /* DO and WILL are refused, WONT is not answered */
}
END_TEST

static void telnetd(int fd)
{
	char line[2][64] = { "", "" };
	FILE *f;

	for (int k; (k = accept(fd, NULL, NULL)) >= 0; fclose(f)) {
		f = fdopen(k, "r+");
		setvbuf(f, NULL, _IONBF, 0);
		fputs("\xff\xfd\x18HP-1\r\nlogin: ", f);
		if (!fgets(line[0], 64, f))
			continue;
		while (line[0][0] == '\xff')            /* the refusal of the option */
			memmove(line[0], line[0] + 3, 60);
		fputs("Password: ", f);
		if (!fgets(line[1], 64, f))
			continue;
		fputs(!strcmp(line[0], "root\r\n") && !strcmp(line[1], "root\r\n") ? "\r\n# " : "\r\nLogin incorrect\r\nlogin: ", f);
		usleep(100000);
	}
	_exit(0);
}

static int raw_start(void (*serve)(int fd))
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 16) && !getsockname(fd, (struct sockaddr *)&a, &n));
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd);
	}
	close(fd);
	return ntohs(a.sin_port);
}

static void mqttd(int fd)
{
	static uint8_t in[700], no[4] = { 0x20, 2, 0, 5 }, yes[4] = { 0x20, 2, 0, 0 };

	for (int k; (k = accept(fd, NULL, NULL)) >= 0; close(k)) {
		ssize_t n = recv(k, in, sizeof(in), 0);

		(void)!write(k, n > 12 && memmem(in, (size_t)n, "\0\4root\0\4root", 12) ? yes : no, 4);
	}
	_exit(0);
}

static void nonsense(int fd)
{
	for (int k; (k = accept(fd, NULL, NULL)) >= 0; close(k))
		(void)!write(k, "\xff\xff\xfa\xff\0\x01\x02garbage", 14);
	_exit(0);
}

static const struct { const char *kind; void (*serve)(int fd); bool right, wrong; } tries[] = {
	{ "telnet", telnetd, true, false }, { "mqtt", mqttd, true, false }, { "telnet", nonsense, false, false }, { "mqtt", nonsense, false, false },
	{ "ssh", nonsense, false, false },
};
START_TEST(one_try)
{
	char args[400];
	int port;

	begin();
	port = raw_start(tries[_i].serve);
	for (int right = 0; right < 2; right++) {
		snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"%s\",\"port\":%d},\"user\":\"root\",\"secret\":\"%s\"}", tries[_i].kind, port,
			 right ? "root" : "toor");
		fake_step(&probe_login, "try", args);
		ck_assert_msg(truth("granted") == (right ? tries[_i].right : tries[_i].wrong), "%s: %s", tries[_i].kind,
			      json_string_value(json_object_get(fake.facts, "answer")));
		ck_assert(truth("reached") == (tries[_i].serve != nonsense));
	}
	fake_close();
}
END_TEST

/* ---- lists ---- */
/* "# SHA-256 of all lines that are no comments: " and then so many digits. */
static void list_is_as_its_head_says(const char *path)
{
	char *text = NULL, *body, hex[HASH_HEX], want[HASH_HEX + 4];
	struct err err = { 0 };
	size_t n, k = 0;

	ck_assert(fs_read(path, 1 << 20, &text, &n, &err));
	ck_assert_ptr_nonnull(strstr(text, "Origin: "));
	ck_assert_ptr_nonnull(strstr(text, "Licence: "));
	body = malloc(n + 1);
	for (char *p = text, *end; *p; p = end) {
		end = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p);
		if (*p != '#') {
			memcpy(body + k, p, (size_t)(end - p));
			k += (size_t)(end - p);
		}
	}
	hash_text(body, k, hex);
	snprintf(want, sizeof(want), ": %s\n", hex);
	ck_assert_msg(strstr(text, want) != NULL, "%s: its head should say %s", path, hex);
	free(body);
	free(text);
}

START_TEST(lists)
{
	struct pairs p;
	struct err err = { 0 };
	json_t *words = json_pack("[s,s]", "HP-1", "S1");

	ck_assert(pairs_parse("t", "# c\n\na:b\na:b\n:\nx:{user}\nadmin:{word}\n{word}:{word}\nu:p:q\r\n", words, &p, &err));
	ck_assert_uint_eq(p.n, 8);
	ck_assert_str_eq(p.pair[2].secret, "x");
	ck_assert_str_eq(p.pair[6].user, "S1");
	ck_assert_str_eq(p.pair[7].secret, "p:q");
	pairs_done(&p);
	ck_assert(pairs_parse("t", "admin:{word}\n", NULL, &p, &err));
	ck_assert_uint_eq(p.n, 0);
	pairs_done(&p);
	ck_assert(!pairs_parse("t", "a:b\nno colon\n", NULL, &p, &err));
	ck_assert_msg(strstr(err.text, "t:2") != NULL, "%s", err.text);
	for (int i = 0; i < 3; i++) {
		const char *name[] = { "suites/lists/credentials.txt", "suites/lists/short.txt", "suites/lists/common-passwords.txt" };

		ck_assert_msg(pairs_read(name[i], words, &p, &err), "%s", err.text);
		ck_assert_uint_gt(p.n, 10);
		pairs_done(&p);
		list_is_as_its_head_says(name[i]);
	}
	list_is_as_its_head_says("suites/lists/known-keys.txt");
	json_decref(words);
}
END_TEST

START_TEST(labels)
{
	static const char *const want[] = { "HP-1", "hp-1", "S/N HP1-000001", "HP1-000001", "hp1000001", "000001", "0001", "02:00:00:48:50:0a", "02000048500a",
					    "48500A", "00485" };
	struct err err = { 0 };
	json_t *device = json_pack("{s:{s:s,s:[s,s]},s:{s:s}}", "identity", "model", "HP-1", "public", "HP1-000001", "${unit.serial}", "dut",
				   "mac", "02:00:00:48:50:0a"), *given = json_pack("[s]", "S/N HP1-000001"), *words;

	ck_assert(labels_words(device, given, &words, &err));
	for (int i = 0; i < ROWS(want); i++) {
		bool found = false;

		for (size_t k = 0; k < json_array_size(words); k++)
			found |= !strcmp(json_string_value(json_array_get(words, k)), want[i]);
		ck_assert_msg(found == (i != ROWS(want) - 1), "%s", want[i]);
	}
	ck_assert_uint_lt(json_array_size(words), 50);
	json_decref(words);
	json_decref(given);
	json_decref(device);
}
END_TEST

TEST_MAIN({ "sweep", sweep, 2 * ROWS(sweeps) }, { "owner", owner, 4 }, { "closed", closed, 1 }, { "brute_locks", brute_locks, 1 }, { "brute_enough", brute_enough, 2 }, { "brute_free", brute_free, 1 }, { "brute_slow", brute_slow, 2 }, { "brute_unanswered", brute_unanswered, 1 },
	  { "telnet_bytes", telnet_bytes, 1 }, { "one_try", one_try, ROWS(tries) }, { "lists", lists, 1 }, { "labels", labels, 1 })
