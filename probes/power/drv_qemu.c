// SPDX-License-Identifier: Apache-2.0
// A device that is an emulated machine: QEMU, with a monitor (QMP) to reset and to freeze it.
#include "probes/power/supply.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "probes/power/qemu_args.h"
#include "probes/power/qmp.h"

#define EVENTS_MAX 1000         /* of one start that are recorded: a guest may reset itself in a loop */

/* A line process serves one line. */
static struct {
	struct qmp qmp;
	int watched;                    /* descriptor of qmp that the loop looks at; -1 = none */
	int thaw;                       /* timer at whose end a frozen machine goes on; -1 = it runs */
	bool was_reset;                 /* by us, since it was last cleared */
	unsigned events;
	char said[256];
} own = { .qmp = { .fd = -1 }, .watched = -1, .thaw = -1 };

/* ---- its monitor ---- */

static int64_t due(const struct line *l)
{
	return clock_ns() + line_int(l, "timeout");
}

static void no_thaw(struct line *l)
{
	if (own.thaw < 0)
		return;
	line_unwatch(l, own.thaw);
	close(own.thaw);
	own.thaw = -1;
}

static void let_go(struct line *l)
{
	qmp_close(&own.qmp);
	if (own.watched >= 0)
		line_unwatch(l, own.watched);
	own.watched = -1;
	no_thaw(l);
}

/* After every use: a monitor that closed meanwhile is looked at no more. That the machine ended is told by its pidfd. */
static bool used(struct line *l, bool ok)
{
	if (own.qmp.fd < 0)
		let_go(l);
	return ok;
}

static bool tell(struct line *l, const char *command, int64_t until, struct err *err)
{
	return used(l, qmp_do(&own.qmp, command, until, err));
}

/* What the guest did, not what we asked for, goes into the record. */
static void heard(void *arg, const char *event, const json_t *data)
{
	static const struct { const char *event, *word; } known[] = {
		{ "RESET", "reset" }, { "SHUTDOWN", "shutdown" }, { "GUEST_PANICKED", "panicked" }, { "WATCHDOG", "watchdog" },
	};
	const char *reason = json_string_value(json_object_get(data, "reason"));
	const char *action = json_string_value(json_object_get(data, "action"));
	const json_t *guest = json_object_get(data, "guest");
	struct line *l = arg;
	struct err err = { 0 };

	if (!strcmp(event, "RESET") && json_is_false(guest))
		own.was_reset = true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(event, known[i].event) || json_is_false(guest) || own.events > EVENTS_MAX)
			continue;
		if (own.events++ == EVENTS_MAX)
			line_note(l, "more than %d events of the machine: the rest is not recorded", EVENTS_MAX);
		else if (!supply_record(l, clock_ns(), known[i].word, 0, reason ? reason : action ? action : "guest", &err))
			line_note(l, "%s", err.text);
	}
}

/* A machine that was just started: its monitor answers, or there is a reason. */
static bool take_up(struct line *l, struct err *err)
{
	int fd = supply_control(l);
	struct err late = { 0 };
	json_t *reply;
	char words[240];

	if (fd < 0)
		return true;
	let_go(l);
	own.events = 0;
	qmp_init(&own.qmp, fd, heard, l);
	if (qmp_hello(&own.qmp, due(l), err)) {
		own.watched = fd;
		return line_watch(l, fd, POLLIN, err);
	}
	supply_last_words(own.said, words, sizeof(words));
	let_go(l);
	reply = json_object();
	if (!supply_command(l, "off", NULL, reply, &late))
		line_note(l, "%s", late.text);
	json_decref(reply);
	return err_in(err, "%s did not start%s%s", line_text(l, "program"), words[0] ? ": " : "", words);
}

/* Why kill is the default: a cut is not asked for. It loses the requests that QEMU has in its hands and what it keeps of a qcow2
 * file's tables, unless `cache` makes it write them through; `quit` writes all of that first, which no supply that goes does. The
 * host's page cache survives both. */
static void ask_end(struct line *l, int pidfd)
{
	int64_t until = due(l), left;
	struct pollfd p = { pidfd, POLLIN, 0 };
	struct err err = { 0 };

	if (own.qmp.fd < 0)
		return;
	if (!tell(l, "quit", until, &err) && own.qmp.fd >= 0) {
		line_note(l, "%s; the machine is killed", err.text);
		return;
	}
	while ((left = until - clock_ns()) > 0)         /* it may end before it answers */
		if (poll(&p, 1, (int)(left / MS(1)) + 1) == 1)
			return;
	line_note(l, "the machine does not quit; it is killed");
}

static bool answer(json_t *reply, int64_t request_ns, int64_t ack_ns)
{
	return json_object_set_new(reply, "request_ns", json_integer(request_ns)) == 0 &&
	       json_object_set_new(reply, "ack_ns", json_integer(ack_ns)) == 0;
}

static bool reset(struct line *l, json_t *reply, struct err *err)
{
	int64_t asked = clock_ns(), until = due(l), done;

	own.was_reset = false;
	if (!tell(l, "system_reset", until, err) || !used(l, qmp_await(&own.qmp, &own.was_reset, until, err)))
		return err_in(err, "%s: reset", line_name(l));
	done = clock_ns();
	return supply_record(l, done, "reset", done - asked, "command", err) && answer(reply, asked, done);
}

/* ---- frozen for a time ---- */

static bool set_thaw(struct line *l, int64_t for_ns, struct err *err)
{
	struct itimerspec t = { .it_value = { for_ns / SEC(1), for_ns % SEC(1) } };

	own.thaw = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (own.thaw < 0 || timerfd_settime(own.thaw, 0, &t, NULL) < 0)
		return err_sys(err, "timer");
	return line_watch(l, own.thaw, POLLIN, err);
}

static bool freeze(struct line *l, const json_t *args, json_t *reply, struct err *err)
{
	int64_t asked = clock_ns(), done, for_ns = json_integer_value(json_object_get(args, "for_ns"));

	if (for_ns <= 0)
		return err_set(err, ERR_BENCH, "freeze: for how long?");
	if (own.thaw >= 0)
		return err_set(err, ERR_BENCH, "%s: frozen already", line_name(l));
	if (!tell(l, "stop", due(l), err))
		return err_in(err, "%s: freeze", line_name(l));
	done = clock_ns();
	return set_thaw(l, for_ns, err) && supply_record(l, done, "frozen", for_ns, "command", err) && answer(reply, asked, done);
}

static bool thaw(struct line *l, struct err *err)
{
	struct err why = { 0 };

	no_thaw(l);
	if (own.qmp.fd < 0)             /* it lost its supply meanwhile */
		return true;
	if (tell(l, "cont", due(l), &why))
		return supply_record(l, clock_ns(), "thawed", 0, "timer", err);
	line_note(l, "the machine stays frozen: %s", why.text);
	return true;
}

/* ---- the line ---- */

static bool qemu_open(struct line *l, struct err *err)
{
	const char *kind = json_string_value(json_object_get(line_bench(l), "kind"));
	struct machine_spec s = { .owns_ip = false, .control = true, .said = own.said };

	if (snprintf(own.said, sizeof(own.said), "%s/%s.said", line_work_dir(l), line_name(l)) >= (int)sizeof(own.said))
		return err_set(err, ERR_LIMIT, "%s: too long a path", line_work_dir(l));
	if (!supply_spec(l, &s, err))
		return false;
	s.tap = s.interface != NULL;
	if (!strcmp(line_text(l, "cut"), "quit"))
		s.ask_end = ask_end;
	if (s.tap && kind && !strcmp(kind, "real"))
		return err_set(err, ERR_CONF, "%s: interface: belongs to a virtual bench; on a real one write interface: \"\" and say the "
			       "network in args:", line_name(l));
	return qemu_args(l, &s, err) && supply_open(l, &s, err);
}

static bool qemu_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	bool ours = !strcmp(command, "reset") || !strcmp(command, "freeze");

	if (ours && own.qmp.fd < 0)
		return err_set(err, ERR_BENCH, "%s: no machine runs that could %s", line_name(l), command);
	if (!strcmp(command, "reset"))
		return reset(l, reply, err);
	if (!strcmp(command, "freeze"))
		return freeze(l, args, reply, err);
	return supply_command(l, command, args, reply, err) && take_up(l, err);
}

static bool qemu_event(struct line *l, int fd, short revents, struct err *err)
{
	struct err why = { 0 };

	if (fd >= 0 && fd == own.thaw)
		return thaw(l, err);
	if (fd < 0 || fd != own.watched)
		return supply_event(l, fd, revents, err);
	if (!used(l, qmp_drain(&own.qmp, &why)) && own.qmp.broke)
		line_note(l, "%s; the machine can be switched, not reset or frozen", why.text);
	return true;
}

static void qemu_close(struct line *l)
{
	supply_close(l);
	let_go(l);
}

static const char *const cuts[] = { "kill", "quit", NULL };
static const char *const formats[] = { "raw", "qcow2", NULL };
static const char *const caches[] = { "writethrough", "directsync", "writeback", "none", "unsafe", NULL };
static const struct param params[] = {
	{ .name = "program", .type = VALUE_TEXT, .fallback = "qemu-system-x86_64", .doc = "QEMU of the machine's kind" },
	{ .name = "machine", .type = VALUE_TEXT, .fallback = "q35", .doc = "-machine" },
	{ .name = "accel", .type = VALUE_TEXT, .fallback = "tcg", .doc = "-accel; a /dev/kvm that is there need not work" },
	{ .name = "mem", .type = VALUE_TEXT, .fallback = "128M", .doc = "memory of the machine" },
	{ .name = "kernel", .type = VALUE_TEXT, .doc = "-kernel" },
	{ .name = "initrd", .type = VALUE_TEXT, .doc = "-initrd" },
	{ .name = "cmdline", .type = VALUE_TEXT, .doc = "the kernel's command line" },
	{ .name = "drive", .type = VALUE_TEXT, .doc = "file that is its flash" },
	{ .name = "format", .type = VALUE_ENUM, .words = formats, .fallback = "raw", .doc = "of that file" },
	{ .name = "bus", .type = VALUE_TEXT, .fallback = "virtio",
	  .doc = "how the machine sees it: ide, scsi, sd, mtd, floppy, pflash, virtio" },
	{ .name = "cache", .type = VALUE_ENUM, .words = caches, .fallback = "writethrough",
	  .doc = "of that file; with the first two a write that the guest knows to be done outlives any cut" },
	{ .name = "card", .type = VALUE_TEXT, .fallback = "virtio-net-pci,romfile=", .doc = "-device of its network card" },
	{ .name = "mac", .type = VALUE_TEXT, .doc = "its hardware address" },
	{ .name = "args", .type = VALUE_SET, .doc = "further words of QEMU's command line" },
	{ .name = "cut", .type = VALUE_ENUM, .words = cuts, .fallback = "kill",
	  .doc = "kill: the machine is gone at once, as without supply; quit: QEMU is asked first, which writes what it has" },
	{ .name = "timeout", .type = VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s",
	  .doc = "how long QEMU may take to answer" },
	{ .name = "console", .type = VALUE_LINE, .doc = "serial line (driver pty) that is its first serial port" },
	{ .name = "pins", .type = VALUE_TEXT, .doc = "board of the wire line whose socket is its second serial port" },
	{ .name = "interface", .type = VALUE_TEXT, .fallback = "dut0",
	  .doc = "interface that its network card is wired to; empty = no card" },
	{ 0 }
};

const struct line_driver drv_qemu = {
	.name = "qemu", .doc = "supply of a device that is a machine in QEMU; it can also be reset and frozen (power.reset, power.freeze)",
	.seen = "qemu-system-x86_64 7.2 (TCG): a boot sector of the test, iPXE against dnsmasq, in every make check; no other kind of machine, "
		"no KVM, no qcow2; a monitor of the test that lies, dawdles or goes",
	.params = params, .open = qemu_open, .command = qemu_command, .event = qemu_event, .close = qemu_close,
};
