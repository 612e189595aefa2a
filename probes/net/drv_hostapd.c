// SPDX-License-Identifier: Apache-2.0
// An access point for the device: Debian's hostapd in the foreground, its words in the evidence, its events in the record.
// The interface serves nothing else; a net line with driver bridge or veth makes the network behind it.
//
// Commands   cut {how: ap_down | wrong_psk} -> {t_ns, carrier, cuts}; restore {} -> {t_ns, stopped 0, connected, refused}: the
//            access point as it was, and how many stations got in or failed meanwhile; get {} -> {carrier, cuts, stations}
// Record     RUN/net/NAME.log (event_log.h): open, cut <number> <how>, restore, and station events: the word of hostapd in small
//            letters, value 0, the station's address
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"
#include "probes/net/hostapd.h"
#include "probes/net/rules.h"

#define READY_NS SEC(8)
#define TERM_NS SEC(2)
#define PSK_MAX 80

struct point {
	pid_t pid;                      /* 0 = off */
	int pidfd, control, log;
	bool enabled, blind;
	int cuts;
	int64_t stations, connected, refused;   /* now; since the first cut */
	char psk[PSK_MAX];
};

static const char *const security_words[] = { "open", "wpa2", "wpa3", NULL };

static enum ap_security security(const struct line *l)
{
	const char *word = line_text(l, "security");

	return !strcmp(word, "open") ? AP_OPEN : !strcmp(word, "wpa3") ? AP_WPA3 : AP_WPA2;
}

static bool record(struct point *p, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err)
{
	return p->blind || event_log_add(p->log, t_ns, word, value, note, err);
}

/* WORK/NAME.suffix; control sockets need short paths, which the scratch folder has. */
static bool scratch(const struct line *l, const char *suffix, char ret[static FS_PATH], struct err *err)
{
	char name[96];

	snprintf(name, sizeof(name), "%.64s.%s", line_name(l), suffix);
	return fs_join(ret, line_work_dir(l), name, err);
}

static bool open_files(struct line *l, struct point *p, int *ret_out, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char dir[FS_PATH], path[FS_PATH];

	if (p->log < 0) {
		snprintf(path, sizeof(path), "%s/net/%.64s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
		if (!fs_join(dir, line_run_dir(l), "net", err) || !fs_mkdirs(dir, err) || !event_log_create(path, &p->log, err))
			return false;
	}
	if (!fs_join(dir, line_run_dir(l), "evidence", err) || !fs_mkdirs(dir, err))
		return false;
	snprintf(path, sizeof(path), "%s/evidence/%.64s.log", line_run_dir(l), line_name(l));
	*ret_out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return *ret_out >= 0 || err_sys(err, "%s", path);
}

static bool write_config(const struct line *l, const char *psk, char ret_path[static FS_PATH], struct err *err)
{
	char text[HOSTAPD_TEXT], control[FS_PATH];
	struct ap ap = { .interface = line_text(l, "interface"), .ssid = line_text(l, "ssid"), .psk = psk, .control = control,
			 .country = line_has(l, "country") ? line_text(l, "country") : NULL, .security = security(l),
			 .channel = (int)line_int(l, "channel") };
	CLEANUP(close_fd) int fd = -1;

	if (!scratch(l, "ctl", control, err) || !scratch(l, "conf", ret_path, err) || !hostapd_config(&ap, text, err))
		return false;
	unlink(ret_path);
	fd = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);     /* the passphrase stands in it */
	return fd >= 0 ? fs_write_all(fd, text, strlen(text), err) : err_sys(err, "%s", ret_path);
}

static void become(struct line *l, const char *conf, int out, pid_t parent)
{
	struct err err = { 0 };
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (getppid() != parent || !line_enter(l, NETNS_BENCH, &err))
		_exit(127);
	syscall(SYS_close_range, 3u, ~0u, 0u);
	execlp("hostapd", "hostapd", conf, (char *)NULL);
	execl("/usr/sbin/hostapd", "hostapd", conf, (char *)NULL);
	dprintf(2, "hostapd: %s\n", strerror(errno));
	_exit(127);
}

/* Our end of its control interface; false while it is not there yet. */
static bool attach(struct line *l, struct point *p)
{
	struct sockaddr_un us = { .sun_family = AF_UNIX }, it = { .sun_family = AF_UNIX };
	CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char path[FS_PATH];
	struct err err = { 0 };

	if (fd < 0 || !scratch(l, "us", path, &err))
		return false;
	snprintf(us.sun_path, sizeof(us.sun_path), "%.100s", path);
	if (!scratch(l, "ctl", path, &err))
		return false;
	snprintf(it.sun_path, sizeof(it.sun_path), "%.80s/%.15s", path, line_text(l, "interface"));
	unlink(us.sun_path);
	if (bind(fd, (struct sockaddr *)&us, sizeof(us)) || connect(fd, (struct sockaddr *)&it, sizeof(it)) || send(fd, "ATTACH", 6, 0) != 6 ||
	    send(fd, "STATUS", 6, 0) != 6)
		return false;
	p->control = take_fd(&fd);
	return true;
}

static bool note_event(struct point *p, const struct ap_event *e, struct err *err)
{
	bool in = !strcmp(e->word, "AP-STA-CONNECTED"), out = !strcmp(e->word, "AP-STA-DISCONNECTED");
	bool refused = !strcmp(e->word, "AP-STA-POSSIBLE-PSK-MISMATCH");
	char word[EVENT_WORD];
	size_t i = 0;

	if (!strcmp(e->word, "AP-ENABLED") || !strcmp(e->word, "AP-DISABLED"))
		p->enabled = e->word[3] == 'E';
	else if (!in && !out && !refused)
		return true;
	p->stations += in ? 1 : out && p->stations ? -1 : 0;
	p->connected += in;
	p->refused += refused;
	for (; e->word[i] && i < sizeof(word) - 1; i++)
		word[i] = (char)tolower((unsigned char)e->word[i]);
	word[i] = '\0';
	return record(p, clock_ns(), word, 0, e->station[0] ? e->station : "-", err);
}

/* All that waits on the control interface. */
static bool hear(struct point *p, struct err *err)
{
	uint8_t b[4096];
	struct ap_event e;
	ssize_t n;

	while (p->control >= 0 && (n = recv(p->control, b, sizeof(b), 0)) > 0) {
		if (hostapd_event((struct span){ b, (size_t)n }, &e)) {
			if (!note_event(p, &e, err))
				return false;
		} else if (memmem(b, (size_t)n, "state=ENABLED", 13)) {
			p->enabled = true;      /* it was up before we listened */
		}
	}
	return true;
}

static bool await_enabled(struct line *l, struct point *p, struct err *err)
{
	int64_t until = clock_ns() + READY_NS;

	while (clock_ns() < until) {
		struct pollfd fd[2] = { { p->pidfd, POLLIN, 0 }, { p->control, POLLIN, 0 } };

		if (p->control < 0)
			attach(l, p);
		if (p->control >= 0 && !hear(p, err))
			return false;
		if (p->enabled)
			return true;
		poll(fd, 2, p->control < 0 ? 20 : 100);
		if (fd[0].revents)
			return err_set(err, ERR_BENCH, "%s: hostapd ended at once; see evidence/%s.log", line_name(l), line_name(l));
	}
	return err_set(err, ERR_BENCH, "%s: the access point is not up after 8 s; see evidence/%s.log", line_name(l), line_name(l));
}

static void switch_off(struct line *l, struct point *p)
{
	struct pollfd fd = { p->pidfd, POLLIN, 0 };
	char path[FS_PATH];
	struct err err = { 0 };

	if (p->control >= 0) {
		line_unwatch(l, p->control);
		close(p->control);
	}
	if (p->pid > 0) {
		line_unwatch(l, p->pidfd);
		kill(-p->pid, SIGTERM);
		poll(&fd, 1, (int)(TERM_NS / MS(1)));
		kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(p->pidfd);
	}
	p->control = p->pidfd = -1;
	p->pid = 0;
	p->stations = 0;
	p->enabled = false;
	if (scratch(l, "us", path, &err))
		unlink(path);
	if (scratch(l, "conf", path, &err))
		unlink(path);
}

static bool switch_on(struct line *l, struct point *p, const char *psk, struct err *err)
{
	CLEANUP(close_fd) int out = -1;
	pid_t parent = getpid();
	char conf[FS_PATH];

	if (!open_files(l, p, &out, err) || !write_config(l, psk, conf, err))
		return false;
	p->pid = fork();
	if (p->pid == 0)
		become(l, conf, out, parent);
	if (p->pid < 0)
		return p->pid = 0, err_sys(err, "hostapd");
	setpgid(p->pid, p->pid);
	line_guard_pid(l, p->pid);
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd >= 0 && await_enabled(l, p, err) && line_watch(l, p->pidfd, POLLIN, err) && line_watch(l, p->control, POLLIN, err))
		return true;
	if (err->kind == ERR_NONE)
		err_sys(err, "hostapd");
	switch_off(l, p);
	return false;
}

static void point_close(struct line *l)
{
	struct point *p = line_priv(l);

	switch_off(l, p);
	if (p->log >= 0)
		close(p->log);
	explicit_bzero(p->psk, sizeof(p->psk));
	free(p);
}

static bool point_open(struct line *l, struct err *err)
{
	struct point *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	*p = (struct point){ .pidfd = -1, .control = -1, .log = -1, .blind = line_blind(l) };
	line_set_priv(l, p);
	if ((security(l) == AP_OPEN || line_secret(l, "psk", p->psk, sizeof(p->psk), err)) && switch_on(l, p, p->psk, err) && record(p, clock_ns(), "open", 0, "-", err))
		return true;
	point_close(l);
	return false;
}

/* A passphrase that is surely another one. */
static const char *another(const char *psk)
{
	return strcmp(psk, "jusan: not the passphrase") ? "jusan: not the passphrase" : "jusan: nor is this one";
}

/* Whoever was in is out: the access point goes away, and comes back (if it does) as one that does not know them. */
static bool cut(struct line *l, struct point *p, const char *how, struct err *err)
{
	bool down = !strcmp(how, cut_name[CUT_ap_down]);

	if (!down && strcmp(how, cut_name[CUT_wrong_psk]))
		return err_set(err, ERR_BENCH, "an access point can be cut by ap_down and wrong_psk; %s is for the network behind it", how);
	if (!down && security(l) == AP_OPEN)
		return err_set(err, ERR_BENCH, "%s: an open network has no passphrase", line_name(l));
	if (p->cuts)
		return err_set(err, ERR_BENCH, "%s: one cut at a time", line_name(l));
	switch_off(l, p);
	p->cuts = 1;
	p->connected = p->refused = 0;
	return (down || switch_on(l, p, another(p->psk), err)) && record(p, clock_ns(), "cut", 1, how, err);
}

static bool restore(struct line *l, struct point *p, json_t *reply, struct err *err)
{
	int64_t t_ns = clock_ns();      /* the last moment at which the cut surely stood */

	json_object_set_new(reply, "t_ns", json_integer(t_ns));
	if (!p->cuts)
		return true;
	if (!hear(p, err))
		return false;
	json_object_set_new(reply, "connected", json_integer(p->connected));
	json_object_set_new(reply, "refused", json_integer(p->refused));
	switch_off(l, p);
	p->cuts = 0;
	return record(p, t_ns, "restore", 0, "-", err) && switch_on(l, p, p->psk, err);
}

static bool point_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	const char *how = json_string_value(json_object_get(args, "how"));
	struct point *p = line_priv(l);
	bool ok = true;

	if (!strcmp(command, "cut"))
		ok = cut(l, p, how ? how : "", err);
	else if (!strcmp(command, "restore"))
		ok = restore(l, p, reply, err);
	else if (strcmp(command, "get"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	if (!ok || !hear(p, err))
		return false;
	if (!json_object_get(reply, "t_ns"))
		json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	json_object_set_new(reply, "carrier", json_boolean(p->enabled));
	json_object_set_new(reply, "stations", json_integer(p->stations));
	return json_object_set_new(reply, "cuts", json_integer(p->cuts)) == 0;
}

static bool point_event(struct line *l, int fd, short revents, struct err *err)
{
	struct point *p = line_priv(l);

	(void)revents;
	if (fd >= 0 && fd == p->pidfd)
		return err_set(err, ERR_BENCH, "%s: hostapd ended; see evidence/%s.log", line_name(l), line_name(l));
	return fd != p->control || hear(p, err);
}

static const struct param point_params[] = {
	{ .name = "interface", .type = VALUE_TEXT, .need = true, .doc = "the wireless interface, which does nothing else" },
	{ .name = "ssid", .type = VALUE_TEXT, .need = true, .doc = "name of the network, 1 to 32 bytes" },
	{ .name = "security", .type = VALUE_ENUM, .words = security_words, .fallback = "wpa2", .doc = "open, wpa2 (PSK) or wpa3 (SAE)" },
	{ .name = "psk", .type = VALUE_SECRET, .doc = "the passphrase; not for security: open" },
	{ .name = "channel", .type = VALUE_INT, .min = 1, .max = 177, .fallback = "6", .doc = "1 to 14 (2.4 GHz) or 36 to 177 (5 GHz)" },
	{ .name = "country", .type = VALUE_TEXT, .doc = "two letters, such as GB: whose rules the radio keeps" },
	{ 0 }
};

const struct line_driver drv_hostapd = {
	.name = "hostapd", .doc = "access point for the device, by hostapd: open, WPA2 or WPA3",
	.seen = "hostapd and wpa_supplicant on two radios of mac80211_hwsim (make check-usb)",
	.params = point_params, .open = point_open, .command = point_command, .event = point_event, .close = point_close,
};
