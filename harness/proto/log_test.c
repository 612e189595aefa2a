// SPDX-License-Identifier: Apache-2.0
/* The two text logs and the tail below them. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"

static char dir[32], path[64];
static struct err err;

static void scratch(const char *name)
{
	strcpy(dir, "/tmp/log-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
}

static void clean(void)
{
	ck_assert(fs_remove(dir, &err));
}

static bool readable(int fd)
{
	return poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) == 1;
}

START_TEST(serial)
{
	struct serial_log_writer w;
	struct serial_log l;
	int64_t t, off;

	scratch("console");
	ck_assert(serial_log_create(dir, "console", &w, &err));
	ck_assert(serial_log_add(&w, 10, 'r', "old\n", 4, "-", &err));
	ck_assert(serial_log_add(&w, 20, 'r', "FW: re", 6, "-", &err));
	ck_assert(serial_log_open(path, 20, true, &l, &err));
	ck_assert_str_eq(l.text, "FW: re");
	ck_assert(!readable(l.tail.notify));
	ck_assert(serial_log_add(&w, 30, 't', "reset", 5, "-", &err));
	ck_assert(serial_log_add(&w, 35, 'e', NULL, 0, "hup", &err));
	ck_assert(serial_log_add(&w, 40, 'r', "ady\0!", 5, "-", &err));
	ck_assert(readable(l.tail.notify));
	ck_assert(serial_log_more(&l, &err));
	ck_assert_str_eq(l.text, "FW: ready\1!");
	ck_assert_int_eq(l.sent, 5);
	ck_assert_int_eq(l.last_ns, 40);
	ck_assert(serial_log_where(&l, 5, &t, &off) && t == 20 && off == 9);
	ck_assert(serial_log_where(&l, 6, &t, &off) && t == 40 && off == 15);
	ck_assert(!serial_log_where(&l, 11, &t, &off));
	serial_log_done(&l);
	serial_log_finish(&w);
	clean();
}
END_TEST

/* A gap counts for whoever looks at a time it reaches into; other faults where they stand. */
START_TEST(serial_faults)
{
	struct serial_log_writer w;
	struct serial_log l;

	scratch("console");
	ck_assert(serial_log_create(dir, "console", &w, &err));
	ck_assert(serial_log_add(&w, 10, 'r', "ab", 2, "-", &err));
	ck_assert(serial_log_fault(&w, 10, SERIAL_FRAMING, 1, 7, &err));
	ck_assert(serial_log_fault(&w, 20, SERIAL_GAP, w.off, 1, &err));
	ck_assert(serial_log_open(path, 30, true, &l, &err));
	ck_assert(l.away && !l.fault[SERIAL_GAP] && !l.fault[SERIAL_FRAMING]);
	ck_assert(serial_log_add(&w, 40, 'e', NULL, 0, "back", &err));
	ck_assert(serial_log_fault(&w, 50, SERIAL_BREAK, w.off, 2, &err));
	ck_assert(serial_log_more(&l, &err));
	ck_assert(!l.away && l.fault[SERIAL_GAP] == 1 && l.fault[SERIAL_BREAK] == 2);
	serial_log_done(&l);
	ck_assert(serial_log_open(path, 41, false, &l, &err));
	ck_assert(!l.fault[SERIAL_GAP] && l.n == 0);
	serial_log_done(&l);
	ck_assert(serial_log_open(path, 5, false, &l, &err));
	ck_assert(l.fault[SERIAL_FRAMING] == 7 && l.fault[SERIAL_GAP] == 1 && l.n == 2);
	serial_log_done(&l);
	serial_log_finish(&w);
	clean();
}
END_TEST

static const char *const bad_index[] = { "nonsense\n", "1 r 0 500 -\n", "1 r -5 1 -\n", "1 r 0 99999999999 -\n", "\n" };

START_TEST(serial_bad)
{
	struct serial_log l;
	char raw[80];
	int fd;

	scratch("x.idx");
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert(fs_write_all(fd, bad_index[_i], strlen(bad_index[_i]), &err));
	close(fd);
	snprintf(raw, sizeof(raw), "%s/x.raw", dir);
	close(open(raw, O_WRONLY | O_CREAT, 0600));
	snprintf(path, sizeof(path), "%s/x", dir);
	ck_assert(!serial_log_open(path, 0, false, &l, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	clean();
}
END_TEST

START_TEST(serial_bounded)
{
	struct serial_log_writer w;
	struct serial_log l;
	char *mega = malloc(1 << 20);

	scratch("big");
	memset(mega, 'x', 1 << 20);
	ck_assert(serial_log_create(dir, "big", &w, &err));
	for (int i = 0; i < 20; i++)
		ck_assert(serial_log_add(&w, i + 1, 'r', mega, 1 << 20, "-", &err));
	ck_assert(serial_log_add(&w, 99, 'r', "end", 3, "-", &err));
	ck_assert(serial_log_open(path, 0, false, &l, &err));
	ck_assert(l.cut && l.n <= SERIAL_LOG_MAX);
	ck_assert_str_eq(l.text + l.n - 3, "end");
	serial_log_done(&l);
	serial_log_finish(&w);
	free(mega);
	clean();
}
END_TEST

START_TEST(wire)
{
	struct wire_log_writer w;
	struct wire_entry e;
	struct tail t;

	scratch("board.log");
	ck_assert(wire_log_create(path, &w, &err));
	ck_assert(wire_log_power(&w, 5, true, &err));
	ck_assert(wire_log_level(&w, 6, WIRE_OUT, "sensor", -21000, &err));
	ck_assert(tail_open(path, true, &t, &err));
	ck_assert(wire_log_next(&t, &e, &err) && e.kind == WIRE_EVENT && e.powered && e.off == 0);
	ck_assert(wire_log_next(&t, &e, &err) && e.kind == WIRE_OUT && e.value == -21000 && e.off == 14);
	ck_assert_str_eq(e.pin, "sensor");
	ck_assert(!wire_log_next(&t, &e, &err) && err.kind == ERR_NONE);
	ck_assert(fs_write_all(w.fd, "7 in re", 7, &err));
	ck_assert(!wire_log_next(&t, &e, &err) && err.kind == ERR_NONE);
	ck_assert(fs_write_all(w.fd, "lay 1\n", 6, &err));
	ck_assert(wire_log_next(&t, &e, &err) && e.kind == WIRE_IN && e.value == 1 && e.t_ns == 7);
	ck_assert(fs_write_all(w.fd, "8 sideways x 1\n", 15, &err));
	ck_assert(!wire_log_next(&t, &e, &err) && err.kind == ERR_BENCH);
	tail_close(&t);
	close(w.fd);
	clean();
}
END_TEST

START_TEST(names)
{
	ck_assert(wire_name_ok("relay") && wire_name_ok("led.2") && wire_name_ok("a_b"));
	ck_assert(!wire_name_ok("") && !wire_name_ok("a b") && !wire_name_ok("a\n"));
	ck_assert(!wire_name_ok("0123456789012345678901234567890123"));
}
END_TEST

TEST_MAIN({ "serial", serial, 1 }, { "serial bad", serial_bad, ROWS(bad_index) }, { "serial faults", serial_faults, 1 }, { "serial bounded", serial_bounded, 1 },
	  { "wire", wire, 1 }, { "names", names, 1 })
