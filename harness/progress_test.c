// SPDX-License-Identifier: Apache-2.0
/* Reasons quote what the device said: nothing of it may reach the terminal as it is, and a long one is cut between characters. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/test.h"
#include "harness/progress.h"

#define JU "\xe5\x8d\x81"               /* three bytes */
#define TEN(x) x x x x x x x x x x
#define EVIL "\x1b]0;x\x07\xc2\x9b" "1m\xe2\x80\xae\x9b\n"
#define TAME "\\x1b]0;x\\x07\\u{9b}1m\\u{202e}\\x9b\\n"

static const struct { bool tty, say, doing; const char *text, *want; } row[] = {
	{ .text = EVIL, .want = TAME },
	{ .text = EVIL, .say = true, .want = TAME },
	{ .text = EVIL, .doing = true, .tty = true, .want = TAME },
	{ .text = TEN(TEN(JU)), .want = "  " TEN(JU JU JU JU JU) JU JU JU "\n" },        /* 159 of 160 bytes */
	{ .text = TEN(TEN(EVIL)), .doing = true, .tty = true, .want = "0/2 \\x1b" },
};

static void read_back(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
}

START_TEST(says)
{
	struct progress p;
	char path[] = "/tmp/jusan-progress-XXXXXX", got[4096];
	int fd = mkstemp(path), old = dup(2);

	ck_assert(fd >= 0 && old >= 0);
	unlink(path);
	fflush(stderr);
	dup2(fd, 2);
	progress_init(&p, 2, false);
	p.tty = row[_i].tty;
	if (row[_i].say)
		progress_say(&p, "net.lan: %s", row[_i].text);
	else if (row[_i].doing)
		progress_doing(&p, row[_i].text);
	else
		progress_verdict(&p, "BT1-01", VERDICT_FAIL, row[_i].text, 1);
	fflush(stderr);
	dup2(old, 2);
	close(old);
	read_back(fd, got, sizeof(got));
	close(fd);
	ck_assert_msg(strstr(got, row[_i].want) != NULL, "%s", got);
	if (!row[_i].tty)
		for (const char *q = got; *q; q++)
			ck_assert_msg((unsigned char)*q >= 0x20 || (*q == '\n' && !q[1]), "control character %02x", (unsigned char)*q);
}
END_TEST

TEST_MAIN({ "says", says, ROWS(row) })
