// SPDX-License-Identifier: Apache-2.0
// Consoles that obey, that do not, that ask who is there, and that nobody wired: shell scripts, and a real busybox.
#include "harness/fake.h"

#include "harness/base/test.h"
#include "probes/debug/said.h"

extern const struct probe probe_debug;
extern const struct line_driver drv_process, drv_pty;

#define TTY "stty sane -echo -isig eof undef; echo ROM; "    /* Ctrl-C and Ctrl-D are keys */
#define LOOP(cases) TTY "while read -r l; do case $l in " cases " esac; done"
#define STOPS(key) TTY "stty raw -echo min 0 time 12; k=$(dd bs=1 count=1 2>/dev/null; echo x); stty sane -echo -isig eof undef; if [ \"$k\" " key " ]; then " \
	"while printf 'LDR> '; read -r l; do case $l in help) echo boot md;; ?*) echo Unknown command $l;; esac; done; fi; echo up; " \
	"while read -r l; do echo locked; done"

static const struct row { const char *name, *script; bool answered, open, login; const char *how; } rows[] = {
	{ "locked", LOOP("*) echo locked;;"), true, false, false, "obeys nothing" },
	{ "locked, and talking", TTY "while :; do echo temperature 21; sleep 0.05; done & while read -r l; do echo locked; done", true, false, false,
	  "obeys nothing" },
	{ "one word", LOOP("info) echo up 12 s;; *) echo locked;;"), true, true, false, "'info' is obeyed: up 00 s" },
	{ "one word, else silent", LOOP("version) echo v1;;"), true, true, false, "'version' is obeyed: v0" },
	{ "echoes", TTY "stty echo; while read -r l; do printf '> '; done", true, false, false, "obeys nothing" },
	{ "says something else each time", TTY "n=a; while read -r l; do n=$n.; echo no $n; done", true, false, false, "obeys nothing" },
	{ "busybox", TTY "PS1='# ' busybox sh -i", true, true, false, "is obeyed: " },
	{ "loader, any key", STOPS("!= x"), true, true, false, "'help' is obeyed: boot md" },
	{ "loader, not asked", STOPS("= Qx"), true, false, false, "obeys nothing" },
	{ "log-in", TTY "while printf 'hub login: '; read -r l; do printf 'Password: '; read -r p; echo Login incorrect; done", true, false, true,
	  "asks who logs in" },
	{ "slow to start", TTY "timeout 1.6 cat > /dev/null; " LOOP("id) echo uid 0;; *) echo no;;"), true, true, false, "'id' is obeyed" },
	{ "deaf", TTY "while :; do sleep 1000; done", false, false, false, "nothing shows" },
	{ "deaf, and never at a loss for words", TTY "while :; do for a in a b c d e f g h; do for b in a b c d e f g h; do for c in a b; do "
	  "echo w$a$b$c; done; done; done; sleep 0.01; done", false, false, false, "nothing shows" },
	{ "deaf and talking", TTY "while :; do echo temperature 21; sleep 0.02; done", false, false, false, "nothing shows" },
};

enum { LOGIN = 9 };

static void bench(const char *script)
{
	struct err err = { 0 };
	json_t *params = json_pack("{s:[s,s,s],s:s,s:s}", "run", "sh", "-c", script, "console", "serial.console", "interface", "lo");
	char *text = json_dumps(params, 0);

	fake_bench("{}", true);
	fake_open(&drv_pty, "serial.console", "{}");
	fake_open(&drv_process, "power.main", text);
	ck_assert_msg(step_line(NULL, "power.main", "on", NULL, NULL, &err), "%s", err.text);
	free(text);
	json_decref(params);
}

static void try_it(const char *port, bool loader)
{
	char args[300];

	snprintf(args, sizeof(args), "{\"port\":{%s},\"boots\":%d,\"off\":10000000,\"window\":%d,\"patience\":120000000,\"boot\":1000000000}", port, loader ? 2 : 1,
		 loader ? 900000000 : 100000000);
	fake_step(&probe_debug, "attempt", args);
}

START_TEST(consoles)
{
	const struct row *r = &rows[_i];

	bench(r->script);
	try_it("\"line\":\"serial.console\"", !strncmp(r->name, "loader", 6));        /* stopped at each start */
	ck_assert_msg(fake_is("open") == r->open, "%s: %s", r->name, json_dumps(fake.facts, 0));
	ck_assert_msg(fake_is("login") == r->login, "%s: %s", r->name, json_dumps(fake.facts, 0));
	ck_assert_msg(r->open || fake_is("answered") == r->answered, "%s: %s", r->name, json_dumps(fake.facts, 0));
	ck_assert_msg(strstr(json_string_value(json_object_get(fake.facts, "how")), r->how) != NULL, "%s: %s", r->name,
		      json_dumps(fake.facts, 0));
	ck_assert(r->open || fake_is("complete") == r->answered);
	if (!r->open) {
		fake_step(&probe_debug, "attempt", "{\"port\":{\"line\":\"serial.console\"},\"of\":\"control\",\"patience\":120000000}");
		ck_assert_msg(fake_is("answered") == r->answered, "%s: %s", r->name, json_dumps(fake.facts, 0));
	}
	fake_close();
}
END_TEST

START_TEST(declared_login)
{
	bench(rows[LOGIN].script);
	try_it("\"line\":\"serial.console\",\"login\":true", false);
	ck_assert(!fake_is("login") && !fake_is("open") && fake_is("complete"));
	fake_close();
}
END_TEST

START_TEST(no_such_line)
{
	struct err err = { 0 };

	bench("sleep 1000");
	fake_step(&probe_debug, "attempt", "{\"port\":{\"line\":\"debug.main\"}}");
	ck_assert(!json_object_get(fake.facts, "open"));
	ck_assert(!fake_try_step(&probe_debug, "attempt", "{\"port\":{\"line\":\"power.main\"}}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	fake_close();
}
END_TEST

/* ---- lines that are compared ---- */

START_TEST(same_line)
{
	static const struct { const char *a, *word_a, *b, *word_b; } row[] = {
		{ "sh: qz1: not found\r\n", "qz1", "sh: wv77: not found", "wv77" },
		{ "\33[1;32m# \33[0mqz1\r\n", "qz1", "# %", "" },
		{ "[   12.345] x", "", "[   99.001] x", "" },
	};
	struct said a = { .n = 0 }, b = { .n = 0 };

	said_add(&a, row[_i].a, strlen(row[_i].a), row[_i].word_a);
	said_add(&b, row[_i].b, strlen(row[_i].b), row[_i].word_b);
	ck_assert_uint_eq(a.n, 1);
	said_drop(&a, &b);
	ck_assert_uint_eq(a.n, 0);
}
END_TEST

/* A word is one only by itself: "id" does not stand in "invalid". */
START_TEST(word_in_word)
{
	struct said a = { .n = 0 };

	said_add(&a, "invalid id\n\n\n", 12, "id");
	ck_assert_uint_eq(a.n, 1);
	ck_assert_str_eq(a.line[0], "invalid %");
}
END_TEST

TEST_MAIN({ "consoles", consoles, ROWS(rows) }, { "declared log-in", declared_login, 1 }, { "no such line", no_such_line, 1 },
	  { "same line", same_line, 3 }, { "word in word", word_in_word, 1 })
