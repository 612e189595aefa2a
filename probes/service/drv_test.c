// SPDX-License-Identifier: Apache-2.0
// The drivers in a namespace of their own, against a line that is only this file.
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "probes/service/dnsmasq.h"
#include "probes/service/managed.h"

extern const struct line_driver driver_service_child, driver_service_dnsmasq;

struct line { const char *name; char dir[64]; json_t *params, *bench; void *priv; int watched; char note[256]; };

const char *line_name(const struct line *l) { return l->name; }
const char *line_run_dir(const struct line *l) { return l->dir; }
const char *line_work_dir(const struct line *l) { return l->dir; }
const json_t *line_bench(const struct line *l) { return l->bench; }
bool line_has(const struct line *l, const char *param) { return json_object_get(l->params, param) != NULL; }
int64_t line_int(const struct line *l, const char *param) { return json_integer_value(json_object_get(l->params, param)); }
const char *line_text(const struct line *l, const char *param) { return json_string_value(json_object_get(l->params, param)); }
const json_t *line_json(const struct line *l, const char *param) { return json_object_get(l->params, param); }
void line_set_priv(struct line *l, void *priv) { l->priv = priv; }
void *line_priv(const struct line *l) { return l->priv; }
bool line_watch(struct line *l, int fd, short events, struct err *err)
{
	(void)events, (void)err;
	l->watched = fd;
	return true;
}
bool line_enter(const struct line *l, enum netns ns, struct err *err)
{
	(void)l, (void)ns, (void)err;
	return true;
}
void line_guard_pid(struct line *l, pid_t pid)
{
	(void)l, (void)pid;
}
void line_note(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->note, sizeof(l->note), fmt, ap);
	va_end(ap);
}

static struct line line_new(const char *name, json_t *params)
{
	struct line l = { .name = name, .dir = "/tmp/jusan-drv-XXXXXX", .params = params, .watched = -1 };

	ck_assert_ptr_nonnull(mkdtemp(l.dir));
	l.bench = json_pack("{s:{s:s,s:s}}", "hosts", "cloud.hearth.example", "203.0.113.10", "six.example", "fd77::1");
	return l;
}

static void line_done(struct line *l)
{
	struct err err = { 0 };

	json_decref(l->params);
	json_decref(l->bench);
	ck_assert_msg(fs_remove(l->dir, &err), "%s", err.text);
}

/* Root of our own namespaces with lo up and lan0 <-> dut0; false where the kernel refuses. */
static bool own_world(void)
{
	char map[32];
	struct err err = { 0 };
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	for (int i = 0; i < 3; i++) {
		const char *const file[] = { "/proc/self/setgroups", "/proc/self/uid_map", "/proc/self/gid_map" };
		CLEANUP(close_fd) int fd = open(file[i], O_WRONLY);

		if (i == 2)
			snprintf(map, sizeof(map), "0 %u 1", gid);
		if (fd < 0 || !fs_write_all(fd, i ? map : "deny", strlen(i ? map : "deny"), &err))
			return false;
	}
	return !system("ip link set lo up && ip link add lan0 type veth peer name dut0 && ip link set lan0 up && "
		       "ip link set dut0 up && ip addr add 192.168.77.1/24 dev lan0");
}

static const struct { const char *interface, *name, *address; bool ok; } config_row[] = {
	{ "lan0", "cloud.hearth.example", "203.0.113.10", true },
	{ "lan0", "six.example", "fd77::1", true },
	{ "lan0", "a\nserver=8.8.8.8", "203.0.113.10", false },
	{ "lan0", "a", "203.0.113.10,b", false },
	{ "lan0\naddn-hosts=/etc/hosts", "a", "203.0.113.10", false },
	{ "", "a", "203.0.113.10", false },
};
START_TEST(config)
{
	struct lan lan = { config_row[_i].interface, "192.168.77.20", "192.168.77.99", "192.168.77.1", "fd77::", SEC(120), "/tmp/x/leases" };
	CLEANUP(free_json) json_t *hosts = json_pack("{s:s}", config_row[_i].name, config_row[_i].address);
	CLEANUP(free_ptr) char *text = NULL;
	struct err err = { 0 };
	char want[128];

	ck_assert_msg(dnsmasq_config(&lan, hosts, &text, &err) == config_row[_i].ok, "row %d: %s", _i, err.text);
	if (!config_row[_i].ok) {
		ck_assert_int_eq(err.kind, ERR_CONF);
		return;
	}
	snprintf(want, sizeof(want), "\nhost-record=%s,%s\n", config_row[_i].name, config_row[_i].address);
	ck_assert_ptr_nonnull(strstr(text, want));
	ck_assert_ptr_nonnull(strstr(text, "\ndhcp-range=192.168.77.20,192.168.77.99,120\n"));
	ck_assert_ptr_nonnull(strstr(text, "\ndhcp-range=fd77::,ra-only,64,120\n"));
}
END_TEST

/* Asks for an A record; returns the answer's RCODE, or -1; puts the last four bytes of the answer into ret. */
static int dns_ask(const char *name, uint8_t ret[4])
{
	uint8_t q[300] = { 0, 7, 1, 0, 0, 1 }, a[512];
	size_t n = 12;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = inet_addr("192.168.77.1") };
	CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t got;

	while (*name) {
		size_t len = strcspn(name, ".");

		q[n++] = (uint8_t)len;
		memcpy(q + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	memcpy(q + n, "\0\0\1\0\1", 5);
	n += 5;
	if (sendto(fd, q, n, 0, (struct sockaddr *)&to, sizeof(to)) < 0 || poll(&p, 1, 2000) != 1)
		return -1;
	got = recv(fd, a, sizeof(a), 0);
	if (got < 16)
		return -1;
	memcpy(ret, a + got - 4, 4);
	return a[3] & 15;
}

START_TEST(dnsmasq_serves)
{
	struct line l;
	struct err err = { 0 };
	uint8_t ip[4] = { 0 };

	if (access("/usr/sbin/dnsmasq", X_OK) || !own_world())
		{ puts("SKIP"); return; }
	l = line_new("service.lan", json_object());
	/* the name service is that of lan0, and lo is not asked: the address is ours either way */
	ck_assert_msg(driver_service_dnsmasq.open(&l, &err), "%s", err.text);
	ck_assert_int_eq(dns_ask("cloud.hearth.example", ip), 0);
	ck_assert_mem_eq(ip, "\xcb\x00\x71\x0a", 4);
	ck_assert_int_eq(dns_ask("elsewhere.example", ip), 3);
	driver_service_dnsmasq.close(&l);
	line_done(&l);
}
END_TEST

START_TEST(dnsmasq_death_is_seen)
{
	struct line l;
	struct err err = { 0 };
	CLEANUP(free_json) json_t *reply = json_object();
	struct pollfd p = { .events = POLLIN };

	if (access("/usr/sbin/dnsmasq", X_OK) || !own_world())
		return;
	l = line_new("service.lan", json_object());
	ck_assert_msg(driver_service_dnsmasq.open(&l, &err), "%s", err.text);
	ck_assert(driver_service_dnsmasq.command(&l, "get", NULL, reply, &err));
	kill((pid_t)json_integer_value(json_object_get(reply, "pid")), SIGKILL);
	p.fd = l.watched;
	do
		ck_assert_int_eq(poll(&p, 1, 5000), 1);
	while (driver_service_dnsmasq.event(&l, p.fd, p.revents, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_ptr_nonnull(strstr(l.note, "dnsmasq"));
	driver_service_dnsmasq.close(&l);
	line_done(&l);
}
END_TEST

static const struct { const char *script, *why; } child_row[] = {
	{ "echo up > ready; exec sleep 100", NULL },
	{ "echo broken >&2; exit 3", "exited with status 3 before it was ready" },
	{ "kill -9 $$", "was killed by signal 9" },
	{ "exec sleep 100", "is not ready" },
};
START_TEST(child)
{
	struct line l = line_new("service.world", NULL);
	struct err err = { 0 };
	char script[256];
	bool ok;

	snprintf(script, sizeof(script), "cd %s; %s", l.dir, child_row[_i].script);
	l.params = json_pack("{s:[s,s,s],s:s,s:I}", "run", "sh", "-c", script, "ready", "ready", "within", (json_int_t)MS(300));
	ok = driver_service_child.open(&l, &err);
	ck_assert_msg(ok == !child_row[_i].why, "%s: %s", child_row[_i].script, err.text);
	if (ok) {
		struct managed *m = l.priv;
		pid_t pid = m->pid;
		struct pollfd p = { .fd = l.watched, .events = POLLIN };

		ck_assert_int_eq(poll(&p, 1, 0), 0);
		driver_service_child.close(&l);
		ck_assert_int_eq(kill(pid, 0), -1);
	} else {
		ck_assert_msg(strstr(err.text, child_row[_i].why) != NULL, "%s", err.text);
	}
	line_done(&l);
}
END_TEST

TEST_MAIN({ "config", config, ROWS(config_row) }, { "dnsmasq", dnsmasq_serves, 1 },
	  { "death", dnsmasq_death_is_seen, 1 }, { "child", child, ROWS(child_row) })
