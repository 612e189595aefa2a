// SPDX-License-Identifier: Apache-2.0
// Locks of lines and of the bench. Keepers are real processes; the folder of the locks is the test's own.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/test.h"
#include "harness/ipc.h"
#include "harness/lock.h"
#include "harness/lock_file.h"

static char dir[64], note[512];
static struct err err;
static const struct line_driver relay = { .name = "relay" };

struct bed { struct plan plan; struct session s; struct bench_line line[2]; };

/* A bench of two lines; more: further keys of bench.yaml as JSON, or NULL. */
static void bed_init(struct bed *b, const char *lines, const char *more)
{
	json_t *j = json_pack("{s:o}", "lines", json_loads(lines, 0, NULL)), *rest = more ? json_loads(more, 0, NULL) : NULL;

	ck_assert(json_is_object(json_object_get(j, "lines")) && (!more || rest));
	json_object_update(j, rest);
	json_decref(rest);
	*b = (struct bed){ .line = { { .name = "power.main", .driver = &relay }, { .name = "power.second", .driver = &relay } } };
	b->plan.bench = (struct bench){ .name = "lab", .json = j, .line = b->line, .n = 2 };
	b->s = (struct session){ .plan = &b->plan, .ns = { -1, -1, -1 } };
	snprintf(b->s.dir, sizeof(b->s.dir), "%s", dir);
}

static void bed_done(struct bed *b)
{
	json_decref(b->plan.bench.json);
}

static int files(const char *ending)
{
	char command[160];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof(command), "ls %s | grep -c '%s$'", dir, ending);
	f = popen(command, "r");
	ck_assert(f && fscanf(f, "%d", &n) == 1);
	pclose(f);
	return n;
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/jusan-lock-XXXXXX");
	ck_assert(mkdtemp(dir));
	setenv("JUSAN_LOCK_DIR", dir, 1);
	err = (struct err){ 0 };
}

static void teardown(void)
{
	ck_assert_msg(fs_remove(dir, &err), "%s", err.text);
}

static const char *lost(const struct lock *l, char text[static 300])
{
	json_t *msg = NULL;
	struct err e = { 0 };

	ck_assert_msg(ipc_recv(l->fd, clock_ns() + SEC(20), &msg, &e), "%s", e.text);
	snprintf(text, 300, "%s", msg ? json_string_value(json_object_get(msg, "lost")) : "gone");
	json_decref(msg);
	return text;
}

#define ONE "{\"power.main\":{\"driver\":\"relay\",\"match\":{\"serial\":\"A1\"},\"channel\":1,\"settle\":\"1s\"},\"power.second\":{\"driver\":\"relay\"}}"
#define SAME "{\"power.second\":{\"driver\":\"relay\",\"match\":{\"serial\":\"A1\"},\"channel\":1,\"settle\":\"9s\"},\"power.main\":{\"driver\":\"relay\"}}"
#define OTHER "{\"power.main\":{\"driver\":\"relay\",\"match\":{\"serial\":\"A1\"},\"channel\":2},\"power.second\":{\"driver\":\"relay\"}}"

START_TEST(one_holder)
{
	struct bed a, b, c;
	struct lock la, lb, lc;

	setup();
	bed_init(&a, ONE, NULL);
	bed_init(&b, SAME, NULL);       /* other line, other bench file, other times: the same relay */
	bed_init(&c, OTHER, NULL);
	ck_assert_msg(lock_take(&a.s, &la, note, &err), "%s", err.text);
	ck_assert_str_eq(note, "");
	ck_assert_int_eq(files(".lock"), 1);    /* power.second names no hardware */
	ck_assert(!lock_take(&b.s, &lb, note, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, "power.second: its hardware is in use by pid ") && strstr(err.text, " since 2") && strstr(err.text, "(bench lab)"),
		      "%s", err.text);
	err = (struct err){ 0 };
	ck_assert_msg(lock_take(&c.s, &lc, note, &err), "%s", err.text);
	lock_end(&lc);
	lock_end(&la);
	ck_assert_int_eq(files(".lock"), 0);
	ck_assert_msg(lock_take(&b.s, &lb, note, &err), "%s", err.text);
	ck_assert_str_eq(note, "");
	lock_end(&lb);
	bed_done(&a);
	bed_done(&b);
	bed_done(&c);
	teardown();
}
END_TEST

START_TEST(a_dead_holder_is_followed)
{
	struct bed a;
	struct lock la, lb;
	char text[300];

	setup();
	bed_init(&a, ONE, NULL);
	ck_assert_msg(lock_take(&a.s, &la, note, &err), "%s", err.text);
	kill(la.pid, SIGKILL);
	ck_assert_str_eq(lost(&la, text), "gone");
	lock_end(&la);
	ck_assert_int_eq(files(".lock"), 1);
	ck_assert_msg(lock_take(&a.s, &lb, note, &err), "%s", err.text);
	ck_assert_msg(strstr(note, "power.main: lock of pid ") && strstr(note, "taken over, it is gone"), "%s", note);
	lock_end(&lb);
	bed_done(&a);
	teardown();
}
END_TEST

static bool file_take(struct lock_file *f)
{
	note[0] = '\0';
	err = (struct err){ 0 };
	return lock_file_take("key", json_pack("{s:s,s:s}", "line", "power.main", "bench", "lab"), f, note, sizeof(note), &err);
}

static void stop_beating(const struct lock_file *f)
{
	char text[1024] = "";
	int fd = open(f->path, O_RDWR | O_CLOEXEC);
	char *until;

	ck_assert(fd >= 0 && pread(fd, text, sizeof(text) - 1, 0) > 0);
	until = strstr(text, "\"until\":");
	ck_assert(until != NULL);
	until[8] = '1';                 /* as if it were 2001 */
	ck_assert(until[9] != '}' && pwrite(fd, text, strlen(text), 0) > 0);
	until[9] = '0';
	ck_assert(pwrite(fd, text, strlen(text), 0) > 0);
	close(fd);
}

START_TEST(one_that_does_not_beat_is_followed_and_knows)
{
	struct lock_file a, b, c;

	setup();
	ck_assert_msg(file_take(&a), "%s", err.text);
	ck_assert(!file_take(&b));
	lock_file_release(&b);
	stop_beating(&a);
	ck_assert_msg(file_take(&b), "%s", err.text);
	ck_assert_msg(strstr(note, "does not beat any more"), "%s", note);
	ck_assert(!lock_file_beat(&a));
	ck_assert(lock_file_beat(&b));
	lock_file_release(&a);          /* does not take the new one's file away */
	ck_assert_int_eq(files(".lock"), 1);
	ck_assert(!file_take(&c));
	lock_file_release(&c);
	lock_file_release(&b);
	ck_assert_int_eq(files(".lock"), 0);
	teardown();
}
END_TEST

START_TEST(what_stands_there_may_be_anything)
{
	static const char *const junk[] = { "", "{", "[]", "{\"pid\":\"x\",\"until\":[]}", "\xff\xff" };
	struct lock_file a, b;
	struct stat st;
	int fd;

	setup();
	for (size_t i = 0; i < sizeof(junk) / sizeof(*junk); i++) {
		ck_assert(file_take(&a));
		ck_assert(stat(a.path, &st) == 0 && (st.st_mode & 0777) == 0600);
		ck_assert(ftruncate(a.fd, 0) == 0);
		fd = open(a.path, O_WRONLY | O_CLOEXEC);
		ck_assert(fd >= 0 && write(fd, junk[i], strlen(junk[i])) >= 0);
		close(fd);
		ck_assert(!file_take(&b));      /* it is held, whatever it says */
		ck_assert_int_eq(err.kind, ERR_BENCH);
		lock_file_release(&b);
		lock_file_release(&a);
	}
	ck_assert(file_take(&a));
	lock_file_release(&a);
	teardown();
}
END_TEST

/* ---- elsewhere ---- */
static const struct { const char *what, *acquire; const char *why; } refused[] = {
	{ "somebody has it", "echo board7 has it; exit 75", "reserved by somebody else: board7 has it" },
	{ "it fails", "echo no route; exit 3", "acquire failed with status 3: no route" },
	{ "it is not there", NULL, "acquire failed with status 127" },
};

START_TEST(not_acquired)
{
	struct bed b;
	struct lock l;
	char more[300];

	setup();
	snprintf(more, sizeof(more), refused[_i].acquire ? "{\"lock\":{\"acquire\":[\"sh\",\"-c\",\"%s\"]}}" : "{\"lock\":{\"acquire\":[\"/nonexistent\"]}}",
		 refused[_i].acquire);
	bed_init(&b, ONE, more);
	ck_assert(!lock_take(&b.s, &l, note, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, refused[_i].why), "%s", err.text);
	ck_assert_int_eq(files(".lock"), 0);
	bed_done(&b);
	teardown();
}
END_TEST

static void commands(char more[static 500], const char *renew)
{
	snprintf(more, 500, "{\"lock\":{\"acquire\":[\"sh\",\"-c\",\"echo $JUSAN_BENCH > %s/x.held\"],\"renew\":[\"sh\",\"-c\",\"%s\"],"
		 "\"release\":[\"sh\",\"-c\",\"mv %s/x.held %s/x.freed\"],\"every\":\"1s\"}}", dir, renew, dir, dir);
}

START_TEST(renewed_and_released)
{
	struct bed b;
	struct lock l;
	char more[500], text[300];

	setup();
	commands(more, "echo it expired; exit 1");
	bed_init(&b, ONE, more);
	ck_assert_msg(lock_take(&b.s, &l, note, &err), "%s", err.text);
	ck_assert_int_eq(files(".held"), 1);
	ck_assert_str_eq(lost(&l, text), "the reservation of the bench is lost: it expired");
	lock_end(&l);
	ck_assert_int_eq(files(".held"), 0);
	ck_assert_int_eq(files(".freed"), 1);
	bed_done(&b);
	teardown();
}
END_TEST

/* The controller dies of SIGKILL; somebody else still holds its end (as the guard does) until the way back is done. */
START_TEST(released_after_the_guard)
{
	struct bed b;
	struct lock l;
	char more[500];
	int ready[2], status;
	pid_t pid;
	char c;

	setup();
	commands(more, "exit 0");
	bed_init(&b, ONE, more);
	ck_assert(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		bool ok = lock_take(&b.s, &l, note, &err);
		pid_t guard = ok ? fork() : 0;

		if (guard == 0) {
			(void)!write(ready[1], ok ? "y" : "n", 1);
			close(ready[1]);
			snprintf(more, sizeof(more), "%s/go", dir);
			for (int i = 0; i < 6000 && access(more, F_OK) < 0; i++)        /* the way back: until the test lets it end */
				usleep(5000);
			_exit(0);
		}
		pause();
		_exit(0);
	}
	ck_assert(read(ready[0], &c, 1) == 1 && c == 'y');
	kill(pid, SIGKILL);
	ck_assert(waitpid(pid, &status, 0) == pid);
	ck_assert(!lock_take(&b.s, &l, note, &err));    /* the lines may not be safe yet */
	ck_assert_int_eq(files(".held"), 1);
	snprintf(more, sizeof(more), "%s/go", dir);
	err = (struct err){ 0 };
	ck_assert(fs_write(more, "", 0, &err));
	for (int64_t until = clock_ns() + SEC(20); clock_ns() < until && (files(".freed") == 0 || files(".lock"));)
		usleep(10000);
	ck_assert_int_eq(files(".freed"), 1);
	ck_assert_int_eq(files(".lock"), 0);
	close(ready[0]);
	close(ready[1]);
	bed_done(&b);
	teardown();
}
END_TEST

START_TEST(virtual_benches_need_none)
{
	struct bed b;
	struct lock l;

	setup();
	bed_init(&b, ONE, NULL);
	b.plan.bench.is_virtual = true;
	ck_assert(lock_take(&b.s, &l, note, &err));
	ck_assert_int_eq(l.fd, -1);
	ck_assert_int_eq(files(".lock"), 0);
	lock_end(&l);
	bed_done(&b);
	teardown();
}
END_TEST

TEST_MAIN({ "one holder", one_holder, 1 }, { "dead holder", a_dead_holder_is_followed, 1 },
	  { "no beat", one_that_does_not_beat_is_followed_and_knows, 1 }, { "junk", what_stands_there_may_be_anything, 1 },
	  { "not acquired", not_acquired, ROWS(refused) }, { "renewed", renewed_and_released, 1 }, { "killed", released_after_the_guard, 1 },
	  { "virtual", virtual_benches_need_none, 1 })
