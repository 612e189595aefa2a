/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader on answers written down, the script in this machine's own shell behind a console, and SSH servers that let nobody in.
 * fixtures/foreign logs in on a device. */
#include "harness/fake.h"

#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "harness/proto/serial_log.h"
#include "probes/shell/listing.h"

extern const struct probe probe_shell;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "%s is outside the bench's scope", ip);
}

/* ---- the reader ---- */
#define PROCESS(name, uid, cap) "#mprocess\nName:\t" name "\nUid:\t" uid "\t" uid "\t" uid "\t" uid "\nVmSize: 100 kB\nCapEff:\t" cap "\n"
#define KERNEL(name) "#mprocess\nName:\t" name "\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"
#define HEAD "sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define SOCKET(local, peer, st, uid) "0: " local " " peer " " st " 00000000:00000000 00:00000000 00000000   " uid "        0 24839 1 0 100\n"
static const struct { const char *what, *text; int processes, root, capable, sockets, ports, root_sockets, files; bool ended, searched; } answers[] = {
	{ "processes", "#mbegin\n" PROCESS("init", "0", "000001ffffffffff") PROCESS("app", "100", "0000000000000000") KERNEL("kthreadd")
	  PROCESS("ping", "100", "0000000000002000") "#mend\n", 3, 1, 1, 0, 0, 0, 0, true, false },
	{ "sockets", "#mbegin\n#mnet tcp\n" HEAD SOCKET("00000000:0016", "00000000:0000", "0A", "0") SOCKET("0100007F:0019", "00000000:0000", "0A", "0")
	  SOCKET("00000000:0050", "00000000:0000", "0A", "33") SOCKET("0100A8C0:0050", "0200A8C0:8000", "01", "0")
	  "#mnet udp6\n" SOCKET("00000000000000000000000000000000:14E9", "00000000000000000000000000000000:0000", "07", "0") "#mend\n",
	  0, 0, 0, 4, 3, 2, 0, true, false },
	{ "a big-endian device", "#mbegin\n#mnet tcp\n" SOCKET("7F000001:0016", "00000000:0000", "0A", "0") "#mend\n", 0, 0, 0, 1, 0, 0, 0, true, false },
	{ "files", "#mbegin\n#mfiles\n/etc/passwd\n/bin/su\nfind: /x: Permission denied\n/bin/mount\n#mend\n", 0, 0, 0, 0, 0, 0, 2, true, true },
	{ "cut off", "#mbegin\n" PROCESS("init", "0", "0") "#mfiles\n/bin/su", 1, 1, 0, 0, 0, 0, 0, false, false },
	{ "an echo and a prompt", "# m=m; echo \"#$m\"begin\r\n#mbegin\r\n/ # for p in x\r\n#mfiles\r\n/etc/passwd\r\n#mend\r\n/ # ", 0, 0, 0, 0, 0, 0, 0, true, true },
	{ "another's marks", "#xbegin\n#xfiles\n/bin/su\n#xend\n", 0, 0, 0, 0, 0, 0, 0, false, false },
	{ "an end without a begin", "#mend\n", 0, 0, 0, 0, 0, 0, 0, false, false },
	{ "garbage", "#mbegin\n#mnet tcp\n0: zz:00 ff\n0: 00000000\n#mprocess\nUid:\nCapEff:\nVmSize:\n#mend\n", 1, 0, 0, 0, 0, 0, 0, true, false },
	{ "", "", 0, 0, 0, 0, 0, 0, 0, false, false },
};
START_TEST(answer)
{
	static struct listing l;

	listing_read((struct span){ (const uint8_t *)answers[_i].text, strlen(answers[_i].text) }, "m", &l);
	ck_assert_int_eq((int)l.processes, answers[_i].processes);
	ck_assert_int_eq((int)l.root.n, answers[_i].root);
	ck_assert_int_eq((int)l.capable.n, answers[_i].capable);
	ck_assert_int_eq((int)l.sockets.n, answers[_i].sockets);
	ck_assert_int_eq((int)l.ports.n, answers[_i].ports);
	ck_assert_int_eq((int)l.root_sockets.n, answers[_i].root_sockets);
	ck_assert_int_eq((int)l.files.n, answers[_i].files);
	ck_assert_int_eq(l.ended, answers[_i].ended);
	ck_assert_int_eq(l.searched, answers[_i].searched);
}
END_TEST

START_TEST(many)
{
	static struct listing l;
	char *text = calloc(1, 1 << 20);
	size_t n = 0;

	n += (size_t)sprintf(text, "#mbegin\n#mfiles\n/etc/passwd\n");
	for (int i = 0; i < 5000; i++)
		n += (size_t)sprintf(text + n, "/bin/file-%d\n", i);
	listing_read((struct span){ (const uint8_t *)text, n }, "m", &l);
	ck_assert_int_eq((int)l.files.n, 5000);
	ck_assert_str_eq(l.files.item[LISTING_ITEMS - 1], "/bin/file-63");
	free(text);
}
END_TEST

/* ---- a console with a shell behind it ---- */
static int to_shell = -1, from_shell = -1;
static struct serial_log_writer record;
static const char *shell_path;

static bool console_open(struct line *l, struct err *err)
{
	char dir[128];
	int in[2], out[2];

	snprintf(dir, sizeof(dir), "%s/serial", fake.run);
	if (!fs_mkdirs(dir, err) || !serial_log_create(dir, "console", &record, err))
		return false;
	ck_assert(!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC));
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl(shell_path, "sh", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_shell = in[1];
	from_shell = out[0];
	return line_watch(l, from_shell, POLLIN, err);
}

/* As a terminal: what is typed shows, and a return ends a line. */
static bool console_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	const char *text = json_string_value(json_object_get(args, "text"));

	(void)l;
	json_object_set_new(reply, "queued", json_integer(0));
	for (const char *p = text; !strcmp(command, "write") && p && *p; p++)
		(void)!write(to_shell, *p == '\r' ? "\n" : p, 1);
	return !text || serial_log_add(&record, clock_ns(), 'r', text, strlen(text), "-", err);
}

static bool console_event(struct line *l, int fd, short revents, struct err *err)
{
	char b[4096];
	ssize_t n = fd >= 0 ? read(fd, b, sizeof(b)) : 0;

	(void)revents;
	if (n <= 0)
		line_unwatch(l, fd);
	return n <= 0 || serial_log_add(&record, clock_ns(), 'r', b, (size_t)n, "-", err);
}

static void console_close(struct line *l)
{
	(void)l;
	close(to_shell);
	close(from_shell);
	serial_log_finish(&record);
}
static const struct line_driver drv_shell = { .name = "shell", .open = console_open, .command = console_command, .event = console_event,
					      .safe = console_close, .close = console_close };

START_TEST(console)
{
	int s;

	fake_bench("{}", true);         /* in a network of its own nothing else listens */
	shell_path = "/bin/sh";
	ck_assert(!setns(fake.ns[NETNS_DUT], CLONE_NEWNET));
	s = daemon_socket(SOCK_STREAM, 0);
	ck_assert(!listen(s, 1));
	fake_open(&drv_shell, "serial.console", "{}");
	fake_step(&probe_shell, "privileges", "{\"shell\":{\"type\":\"console\"},\"within\":25000000000}");
	ck_assert_msg(fake_is("answered") && !strstr(fake.incomplete, "whole"), "%s", fake.incomplete);
	ck_assert_int_ge(fake_int("processes"), 2);
	ck_assert_int_eq(fake_int("root_listeners"), 0);        /* it listens for itself only */
	ck_assert_uint_eq(json_array_size(json_object_get(fake.facts, "sockets")), 1);
	close(s);
	fake_close();
}
END_TEST

START_TEST(silent_console)
{
	fake_bench("{}", false);
	shell_path = "/bin/cat";                /* shows what is typed, twice, and runs nothing */
	fake_open(&drv_shell, "serial.console", "{}");
	fake_step(&probe_shell, "privileges", "{\"shell\":{\"type\":\"console\"},\"within\":300000000}");
	ck_assert(!fake_is("answered") && strstr(fake.incomplete, "did not say its end"));
	fake_close();
}
END_TEST

/* ---- SSH ---- */
static const char *const refusing[] = { "dropbear", "nobody", "not SSH" };
START_TEST(no_login)
{
	struct daemon d = { .pid = 0 };
	char args[300];
	int listener = -1, port = daemon_free_port(SOCK_STREAM);

	if (_i == 0) {
		if (!daemon_open(&d, "/usr/sbin/dropbear"))
			return;
		daemon_run(&d, "/usr/sbin/dropbear", "-F", "-E", "-R", "-p", daemon_text(&d, "127.0.0.1:%d", d.port), "-P",
			   daemon_text(&d, "%s/pid", d.dir), NULL);
		port = d.port;
	} else if (_i == 2) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };

		listener = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert(!bind(listener, (struct sockaddr *)&a, sizeof(a)) && !listen(listener, 4));
	}
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args), "{\"shell\":{\"type\":\"ssh\",\"port\":%d,\"user\":\"nobody-here\",\"secret\":\"wrong\"},\"within\":%d000000}", port,
		 _i == 2 ? 1000 : 10000);
	fake_step(&probe_shell, "privileges", args);
	ck_assert_msg(!fake_is("answered") && fake.incomplete[0], "%s", refusing[_i]);
	ck_assert_ptr_null(json_object_get(fake.facts, "root_listeners"));      /* nothing is known, which is not none */
	fake_close();
	if (_i == 0)
		daemon_close(&d);
}
END_TEST

START_TEST(wrong_type)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	ck_assert(!fake_try_step(&probe_shell, "privileges", "{\"shell\":{\"type\":\"adb\"}}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "'ssh' or 'console'"));
	fake_close();
}
END_TEST

TEST_MAIN({ "answer", answer, ROWS(answers) }, { "many", many, 1 }, { "console", console, 1 }, { "silent console", silent_console, 1 },
	  { "no log-in", no_login, ROWS(refusing) }, { "wrong type", wrong_type, 1 })
