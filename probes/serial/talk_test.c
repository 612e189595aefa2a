// SPDX-License-Identifier: Apache-2.0
// Log-ins, boot loaders and commands, against a real shell and small imitations on the far end of a pseudo-terminal.
#include "harness/fake.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "harness/base/test.h"
#include "probes/serial/console.h"
#include "probes/serial/profile.h"

extern const struct probe probe_serial;
extern const struct line_driver drv_pty;

static pid_t child;
static struct err err;

/* A terminal as a device has it: echo, and lines that end with CR LF. */
static int terminal(bool echo)
{
	char path[128];
	struct termios t;
	int fd;

	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	fd = open(path, O_RDWR | O_NOCTTY);
	ck_assert(fd >= 0 && tcgetattr(fd, &t) == 0);
	t.c_iflag |= ICRNL;
	t.c_oflag |= OPOST | ONLCR;
	t.c_lflag |= ICANON | (echo ? ECHO : 0u);
	ck_assert_int_eq(tcsetattr(fd, TCSANOW, &t), 0);
	return fd;
}

static void start(const char *script, bool echo)
{
	int fd;

	fake_bench("{}", false);
	fake_open(&drv_pty, "serial.console", "{}");
	fd = terminal(echo);
	fake.since_ns = clock_ns();
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
		execl("/bin/sh", "sh", script ? "-c" : "-i", script, (char *)NULL);
		_exit(127);
	}
	close(fd);
}

static void stop(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fake_close();
}

static const struct { const char *command, *output; int status; } command[] = {
	{ "echo one; echo two", "one\r\ntwo\r\n", 0 },
	{ "false", "", 1 },
	{ "(exit 42)", "", 42 },
	{ "printf bare", "bare", 0 },
	{ "no_such_command_here 2>/dev/null", "", 127 },
};

START_TEST(runs)
{
	char args[200];

	start(NULL, true);
	snprintf(args, sizeof(args), "{\"command\":\"%s\",\"within\":10000000000}", command[_i].command);
	fake_step(&probe_serial, "run", args);
	ck_assert(fake_is("began") && fake_is("ended") && !fake_is("died"));
	ck_assert_int_eq(fake_int("status"), command[_i].status);
	ck_assert_str_eq(fake_text("output"), command[_i].output);
	stop();
}
END_TEST

/* The echo alone is no answer; a command without end is no end; last words are. */
START_TEST(runs_not)
{
	start("cat >/dev/null", true);
	fake_step(&probe_serial, "run", "{\"command\":\"true\",\"within\":300000000}");
	ck_assert(!fake_is("began") && !fake_is("ended"));
	stop();
	start(NULL, true);
	fake_step(&probe_serial, "run", "{\"command\":\"echo so far; sleep 100\",\"within\":700000000}");
	ck_assert(fake_is("began") && !fake_is("ended"));
	ck_assert_ptr_nonnull(strstr(fake_text("output"), "so far"));
	stop();
	start(NULL, true);
	fake_step(&probe_serial, "run", "{\"command\":\"echo Kernel panic - not sync''ing: x; sleep 100\",\"within\":10000000000}");
	ck_assert(fake_is("died") && !fake_is("ended"));
	ck_assert_ptr_nonnull(strstr(fake_text("death"), "panic"));
	stop();
}
END_TEST

static const struct { const char *verb, *args; } refused[] = {
	{ "run", "{\"command\":\"a\\nb\"}" },
	{ "run", "{\"command\":\"a\\u0003\"}" },
	{ "run", "{\"command\":\"a\",\"profile\":\"esp\"}" },
	{ "login", "{\"user\":\"x\",\"profile\":\"uboot\"}" },
	{ "login", "{\"user\":\"x\\n\"}" },
	{ "interrupt", "{\"profile\":\"shell\"}" },
	{ "boots", "{}" },
	{ "autobaud", "{\"rates\":[\"fast\"]}" },
};

START_TEST(refuses)
{
	start("sleep 100", true);
	ck_assert(!fake_try_step(&probe_serial, refused[_i].verb, refused[_i].args, 0, &err));
	ck_assert_msg(err.kind == ERR_CONF, "%s", err.text);
	stop();
}
END_TEST

/* As login(1) does it, with a kernel that talks in between. */
static const char getty[] =
	"while :; do printf '\\nbox login: '; read -r u; "
	"[ -z \"$u\" ] && continue; "
	"stty -echo; printf 'Password: '; read -r p; stty echo; echo; "
	"[ \"$u:$p\" = root:hunter2 ] && break; echo 'Login incorrect'; done; "
	"echo '[ 12.3] usb 1-1: new device'; PS1='# ' exec sh -i";

START_TEST(logs_in)
{
	char path[160], *raw;
	size_t n;

	start(getty, true);
	fake_step(&probe_serial, "login", "{\"user\":\"root\",\"password\":\"hunter2\",\"within\":20000000000}");
	ck_assert(fake_is("in") && fake_is("asked") && !fake_is("already") && !fake_is("refused"));
	snprintf(path, sizeof(path), "%s/serial/console.raw", fake.run);
	ck_assert(fs_read(path, 1 << 20, &raw, &n, &err));
	ck_assert(!memmem(raw, n, "hunter2", 7) && memmem(raw, n, "*******", 7));
	free(raw);
	fake_step(&probe_serial, "login", "{\"user\":\"root\",\"password\":\"hunter2\",\"within\":20000000000}");
	ck_assert(fake_is("in") && fake_is("already") && !fake_is("asked"));
	fake_step(&probe_serial, "run", "{\"command\":\"echo $((6*7))\",\"within\":10000000000}");
	ck_assert_str_eq(fake_text("output"), "42\r\n");
	stop();
}
END_TEST

START_TEST(logs_in_not)
{
	start(getty, true);
	fake_step(&probe_serial, "login", "{\"user\":\"root\",\"password\":\"wrong\",\"within\":20000000000}");
	ck_assert(!fake_is("in") && fake_is("asked") && fake_is("refused"));
	stop();
	start("cat >/dev/null", true);
	fake_step(&probe_serial, "login", "{\"user\":\"root\",\"within\":300000000}");
	ck_assert(!fake_is("in") && !fake_is("refused") && !fake_is("died"));
	stop();
}
END_TEST

/* A boot loader that counts down and wants a key; the far end reads single bytes. */
static const char uboot[] =
	"stty -icanon -echo min 0 time 100; printf 'U-Boot 2024.01 (x)\\nHit any key to stop autoboot:  2 '; "
	"k=$(dd bs=1 count=1 2>/dev/null); [ -n \"$k\" ] || { echo; echo '### ERROR ### Please RESET the board ###'; sleep 100; }; "
	"stty icanon echo; printf '\\n=> '; while read -r l; do printf '=> '; done";

START_TEST(interrupts)
{
	start(uboot, true);
	fake_step(&probe_serial, "interrupt", "{\"profile\":\"uboot\",\"within\":20000000000}");
	ck_assert(fake_is("stopped") && !fake_is("died"));
	ck_assert_int_ge(fake_int("keys"), 1);
	stop();
	start("echo '### ERROR ### Please RESET the board ###'; sleep 100", true);
	fake_step(&probe_serial, "interrupt", "{\"profile\":\"uboot\",\"within\":20000000000}");
	ck_assert(!fake_is("stopped") && fake_is("died"));
	ck_assert_int_eq(fake_int("keys"), 0);
	stop();
}
END_TEST

START_TEST(deaths)
{
	start("echo booting; echo 'Guru Meditation Error: Core 0'; echo ready; sleep 100", true);
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^ready\",\"within\":10000000000,\"profile\":\"esp\"}");
	ck_assert(fake_is("died") && !fake_is("matched"));
	ck_assert_str_eq(fake_text("death"), "Guru Meditation Error");
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^booting\",\"within\":10000000000,\"death\":[\"^never\",\"Guru\"]}");
	ck_assert(!fake_is("died") && fake_is("matched"));
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^never\",\"within\":10000000000,\"death\":[\"^ready\"]}");
	ck_assert(fake_is("died"));
	stop();
}
END_TEST

static const struct { const char *profile, *banner, *prompt; } known[] = {
	{ "uboot", "U-Boot SPL 2024.01-dirty (Jan 01 2024)", "=> " },
	{ "uboot", "U-Boot 2013.07", "U-Boot> " },
	{ "barebox", "barebox 2024.03.0 #1", "barebox@Board:/ " },
	{ "esp", "ESP-ROM:esp32c3-api1-20210207", "esp32> " },
	{ "esp", "rst:0x1 (POWERON_RESET),boot:0x13", "esp> " },
	{ "shell", "[    0.000000] Linux version 6.1.0", "root@box:~# " },
	{ "linux_login", "Linux version 6.1", "~ $ " },
};

START_TEST(profiles)
{
	const struct profile *p = profile_find(known[_i].profile);
	regex_t re;

	ck_assert_int_eq(regcomp(&re, p->banner, REG_EXTENDED | REG_NEWLINE), 0);
	ck_assert_int_eq(regexec(&re, known[_i].banner, 0, NULL, 0), 0);
	regfree(&re);
	ck_assert_int_eq(regcomp(&re, p->prompt, REG_EXTENDED | REG_NEWLINE), 0);
	ck_assert_int_eq(regexec(&re, known[_i].prompt, 0, NULL, 0), 0);
	ck_assert_int_ne(regexec(&re, known[_i].banner, 0, NULL, 0), 0);
	regfree(&re);
	for (size_t i = 0; profile_word[i]; i++)
		ck_assert_ptr_nonnull(profile_find(profile_word[i]));
}
END_TEST

TEST_MAIN({ "runs", runs, ROWS(command) }, { "runs not", runs_not, 1 }, { "refuses", refuses, ROWS(refused) }, { "logs in", logs_in, 1 },
	  { "logs in not", logs_in_not, 1 }, { "interrupts", interrupts, 1 }, { "deaths", deaths, 1 }, { "profiles", profiles, ROWS(known) })
