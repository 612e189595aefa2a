// SPDX-License-Identifier: Apache-2.0
// The board is a server on libmodbus, which nobody here wrote, behind a network that misbehaves; and a few lies of our own.
#include "harness/fake.h"

#include <modbus/modbus.h>

#include "probes/power/fault_proxy.h"

extern const struct line_driver drv_modbus;

#define COILS 8
static struct { atomic_uchar *coil; pid_t pid; int port; bool waveshare; } board;

/* A Waveshare board says nothing to a read of other than all coils. */
static bool ignored(const uint8_t *q, int n)
{
	return board.waveshare && n >= 12 && q[7] == 1 && (q[8] || q[9] || q[10] || q[11] != COILS);
}

static void __attribute__((noreturn)) serve(int listening)
{
	modbus_t *m = modbus_new_tcp("127.0.0.1", 0);
	modbus_mapping_t *map = modbus_mapping_new(COILS, 0, 0, 0);
	struct pollfd p[17] = { { listening, POLLIN, 0 } };
	uint8_t q[MODBUS_TCP_MAX_ADU_LENGTH];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < 17; i++)
		p[i] = (struct pollfd){ -1, POLLIN, 0 };
	for (;;) {
		poll(p, 17, -1);
		for (int i = 1; i < 17; i++) {
			int n;

			if (!p[i].revents)
				continue;
			modbus_set_socket(m, p[i].fd);
			n = modbus_receive(m, q);
			if (n > 0 && !ignored(q, n))
				modbus_reply(m, q, n, map);
			for (int k = 0; k < COILS; k++)
				atomic_store(&board.coil[k], map->tab_bits[k]);
			if (n < 0) {
				close(p[i].fd);
				p[i].fd = -1;
			}
		}
		for (int i = 1; p[0].revents && i < 17; i++)
			if (p[i].fd < 0) {
				p[i].fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
				break;
			}
	}
}

static bool start_as(bool waveshare)
{
	int listening = proxy_bind(SOCK_STREAM, &board.port);

	board.waveshare = waveshare;
	board.coil = mmap(NULL, COILS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	board.pid = fork();
	if (board.pid == 0)
		serve(listening);
	close(listening);
	proxy_start(SOCK_STREAM, board.port, MS(400));
	return true;
}
static bool start(void) { return start_as(false); }
static bool start_waveshare(void) { return start_as(true); }
static void stop(void)
{
	proxy_stop();
	kill(board.pid, SIGKILL);
	waitpid(board.pid, NULL, 0);
}
static bool energised(int channel) { return atomic_load(&board.coil[channel ? 7 : 2]); }
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"address\":\"127.0.0.1\",\"port\":%d,\"coil\":%d,\"coils\":%d,\"timeout\":400000000}", proxy.port, channel ? 7 : 2,
		 board.waveshare ? COILS : 0);
}
#define BOARD .driver = &drv_modbus, .channels = 2, .params = params, .energised = energised, .fault = proxy_fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "libmodbus", .start = start, BOARD },
	{ .name = "waveshare", .start = start_waveshare, .cannot = 1 << FAULT_SEEDED | 1 << FAULT_SLOW, BOARD },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- answers that are none ---- */

/* Answers every request with these bytes; 0xEE stands for the request's own byte at that place. */
static void __attribute__((noreturn)) lie(int listening, const uint8_t *answer, size_t n)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		uint8_t q[64], a[64];

		while (recv(fd, q, sizeof(q), 0) > 0) {
			for (size_t i = 0; i < n; i++)
				a[i] = answer[i] == 0xEE ? q[i] : answer[i];
			(void)!send(fd, a, n, MSG_NOSIGNAL);
		}
		close(fd);
	}
}

START_TEST(lies)
{
	static const struct { const char *command, *why; uint8_t n, answer[16]; } row[] = {
		{ "get", "exception 2: it has no such coil", 9, { 0xEE, 0xEE, 0, 0, 0, 3, 1, 0x81, 2 } },
		{ "get", "without a meaning", 9, { 0xEE, 0xEE, 0, 0, 0, 3, 1, 0x81, 99 } },
		{ "get", "no answer to this", 10, { 0x77, 0x77, 0, 0, 0, 4, 1, 1, 1, 1 } },             /* another transaction */
		{ "get", "no answer to this", 10, { 0xEE, 0xEE, 0, 0, 0, 4, 9, 1, 1, 1 } },             /* another unit */
		{ "get", "no answer to this", 10, { 0xEE, 0xEE, 0, 0, 0xFF, 0xFF, 1, 1, 1, 1 } },
		{ "get", "another function", 10, { 0xEE, 0xEE, 0, 0, 0, 4, 1, 2, 1, 1 } },
		{ "get", "answers 3 bytes", 10, { 0xEE, 0xEE, 0, 0, 0, 4, 1, 1, 2, 1 } },
		{ "get", "answers 2 bytes", 9, { 0xEE, 0xEE, 0, 0, 0, 3, 1, 1, 0 } },
		{ "get", "in time", 9, { 0xEE, 0xEE, 0, 0, 0, 4, 1, 1, 1 } },
		{ "off", "repeats another", 12, { 0xEE, 0xEE, 0, 0, 0, 6, 1, 5, 0, 2, 0xFF, 0 } },       /* on */
		{ "off", "repeats another", 12, { 0xEE, 0xEE, 0, 0, 0, 6, 1, 5, 0, 3, 0, 0 } },       /* another coil */
		{ "off", "repeats another", 11, { 0xEE, 0xEE, 0, 0, 0, 5, 1, 5, 0, 2, 0 } },
	};
	struct err err = { 0 };
	struct line l = { .name = "power.main", .driver = &drv_modbus };
	char text[256];
	int port, listening = proxy_bind(SOCK_STREAM, &port);
	pid_t pid = fork();

	if (pid == 0)
		lie(listening, row[_i].answer, row[_i].n);
	close(listening);
	fake_bench("{}", false);
	snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\",\"port\":%d,\"coil\":2,\"timeout\":60000000}", port);
	if (!strcmp(row[_i].command, "get")) {
		ck_assert(!fake_try_open(&drv_modbus, "power.main", text, &err));
	} else {                        /* `safe` sets without asking before */
		l.params = fake_json(text);
		fake_defaults(l.params, drv_modbus.params);
		drv_modbus.safe(&l);
		snprintf(err.text, sizeof(err.text), "%s", fake.note);
		json_decref(l.params);
	}
	ck_assert_msg(strstr(err.text, row[_i].why) != NULL, "'%s' and not '%s'", err.text, row[_i].why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "lies", lies, 12 })
