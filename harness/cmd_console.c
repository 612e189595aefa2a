// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/cmd.h"
#include "harness/cmd_hand.h"
#include "harness/proto/serial_log.h"

#define EXIT_KEY '\x1d'                 /* Ctrl-] */
#define LOOK_NS MS(15)                  /* from one look at keyboard and record to the next */
#define REOPEN ((size_t)8 << 20)        /* bytes after which the reader begins anew, so that it stays small */

static const char usage[] =
	"usage: jusan console LINE [options]\n\n"
	"A terminal on a console of the bench: what it says is shown, what is typed is sent; Ctrl-] ends it. Everything is recorded,\n"
	"both directions with times. Without a terminal standard input is sent and what the console says is printed until --for is\n"
	"over (else until Ctrl-C). Control characters are shown as such, so that a device cannot play with your terminal.\n\n"
	HAND_USAGE
	"      --raw            pass everything to the terminal as it comes\n";

/* ---- the keyboard ---- */
static struct termios saved;
static bool is_raw;

static void keys_raw(void)
{
	struct termios t;

	if (!isatty(0) || tcgetattr(0, &saved) < 0)
		return;
	t = saved;
	cfmakeraw(&t);
	t.c_oflag = saved.c_oflag;
	is_raw = tcsetattr(0, TCSANOW, &t) == 0;
}

static void keys_back(void)
{
	if (is_raw)
		tcsetattr(0, TCSANOW, &saved);
	is_raw = false;
}

static bool type(struct hand *c, const char *p, size_t n, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s%}", "text", p, n), *reply = NULL;

	if (!args)                      /* half a character of UTF-8, or NUL: consoles are typed text */
		return true;
	return by_hand_ask(&c->h, c->line, "write", args, &reply, err);
}

/* *ret_end: the exit key, or nothing more will come. */
static bool keys(struct hand *c, bool *ret_end, bool *ret_eof, struct err *err)
{
	struct pollfd p = { *ret_eof ? -1 : 0, POLLIN, 0 };
	char buf[1024];
	ssize_t n;
	char *exit_at;

	*ret_end = false;
	if (poll(&p, 1, 0) <= 0)
		return true;
	n = read(0, buf, sizeof(buf));
	if (n <= 0) {
		*ret_eof = n == 0 || errno != EINTR;
		return true;
	}
	exit_at = is_raw ? memchr(buf, EXIT_KEY, (size_t)n) : NULL;
	*ret_end = exit_at != NULL;
	n = exit_at ? exit_at - buf : n;
	return !n || type(c, buf, (size_t)n, err);
}

/* ---- what it says ---- */
static void show(const struct hand *c, const char *p, size_t n)
{
	char one[8];

	for (size_t i = 0; i < n;) {
		const char *at = p + i;
		uint32_t u = (unsigned char)*at;
		size_t took = 1;

		if (!c->raw && u >= 0x80) {
			(void)escape_next(&at, &u);
			took = (size_t)(at - (p + i));
		}
		took = took && i + took <= n ? took : 1;
		snprintf(one, sizeof(one), "%.*s", (int)took, p + i);
		if (c->raw || (took == 1 && strchr("\r\n\t\b", p[i]) && p[i]))
			fwrite(p + i, 1, took, stdout);
		else
			escape_terminal(stdout, one);
		i += took;
	}
	fflush(stdout);
}

static bool reader(const struct hand *c, int64_t from, struct serial_log *log, struct err *err)
{
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/serial/%s", c->h.s.dir, strchr(c->line, '.') + 1);
	return serial_log_open(path, from, true, log, err);
}

static bool follow(struct hand *c, struct serial_log *log, size_t *shown, struct err *err)
{
	if (!serial_log_more(log, err))
		return false;
	if (log->cut || *shown > log->n)
		*shown = 0;
	show(c, log->text + *shown, log->n - *shown);
	*shown = log->n;
	if (log->n < REOPEN)
		return true;
	serial_log_done(log);
	*shown = 0;
	return reader(c, clock_ns(), log, err);
}

static bool talk(struct hand *c, struct err *err)
{
	int64_t until = c->for_ns < 0 ? INT64_MAX : clock_ns() + c->for_ns;
	struct serial_log log = { 0 };
	bool end = false, eof = false, ok;
	size_t shown = 0;

	ok = reader(c, 0, &log, err);
	keys_raw();
	while (ok && !end && clock_ns() < until)
		ok = keys(c, &end, &eof, err) && follow(c, &log, &shown, err) && hub_turn(c->h.hub, NULL, clock_ns() + LOOK_NS, err);
	keys_back();
	serial_log_done(&log);
	if (!ok && err->kind == ERR_STOP) {
		*err = (struct err){ 0 };
		ok = true;
	}
	return ok;
}

int cmd_console(int argc, char **argv)
{
	struct hand c;
	struct err err = { 0 };
	int rest, status;
	bool ok;

	if (!hand_options(argc, argv, "serial", usage, &c, &rest, &status))
		return status;
	if (rest < argc)
		return fputs(usage, stderr), 64;
	ok = hand_open(&c, NULL, true, &err);
	if (ok)
		fprintf(stderr, "%s, recorded in %s/serial; %s ends it\n", c.line, c.o.dir, isatty(0) ? "Ctrl-]" : "Ctrl-C");
	ok = ok && talk(&c, &err);
	return hand_close(&c, ok, &err);
}
