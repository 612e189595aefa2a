// SPDX-License-Identifier: Apache-2.0
#include "probes/power/trigger.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/fs.h"

#define SNAP 256                /* bytes of a frame that a filter may look at */

static const char *after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

void trigger_disarm(struct line *l, struct trigger *t)
{
	line_timer(l, 0);
	if (t->watching) {
		line_unwatch(l, t->console.tail.notify);
		serial_log_done(&t->console);
		regfree(&t->when);
	}
	if (t->pcap) {
		line_unwatch(l, t->pcap_fd);
		pcap_close(t->pcap);
	}
	*t = (struct trigger){ .watching = false };
}

static bool arm_pattern(struct line *l, struct trigger *t, const char *pattern, struct err *err)
{
	char path[FS_PATH], why[128];
	int bad;

	if (!line_has(l, "console"))
		return err_set(err, ERR_BENCH, "%s has no console to look for '%s' on", line_name(l), pattern);
	bad = regcomp(&t->when, pattern, REG_EXTENDED | REG_NEWLINE);
	if (bad) {
		regerror(bad, &t->when, why, sizeof(why));
		return err_set(err, ERR_BENCH, "pattern '%s': %s", pattern, why);
	}
	snprintf(path, sizeof(path), "%s/serial/%s", line_run_dir(l), after_dot(line_text(l, "console")));
	if (!serial_log_open(path, clock_ns(), true, &t->console, err)) {
		regfree(&t->when);
		return false;
	}
	t->searched = 0;
	t->watching = true;
	return line_watch(l, t->console.tail.notify, POLLIN, err);
}

static bool arm_frame(struct line *l, struct trigger *t, const char *filter, const char *interface, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	pcap_t *p = interface ? pcap_create(interface, why) : NULL;
	bool ok;

	if (!p)
		return err_set(err, ERR_BENCH, "a frame needs an interface to pass: %s", why);
	ok = pcap_set_snaplen(p, SNAP) == 0 && pcap_set_immediate_mode(p, 1) == 0 && pcap_set_promisc(p, 1) == 0 &&
	     pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO) == 0 && pcap_activate(p) >= 0 && pcap_setnonblock(p, 1, why) == 0;
	if (!ok || pcap_compile(p, &program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		err_set(err, ERR_BENCH, "%s, filter '%s': %s", interface, filter, pcap_geterr(p));
		pcap_close(p);
		return false;
	}
	ok = pcap_setfilter(p, &program) == 0;
	pcap_freecode(&program);
	t->pcap = p;
	t->pcap_fd = pcap_get_selectable_fd(p);
	return ok ? line_watch(l, t->pcap_fd, POLLIN, err) : err_set(err, ERR_BENCH, "filter '%s': %s", filter, pcap_geterr(p));
}

bool trigger_arm(struct line *l, struct trigger *t, const json_t *args, struct err *err)
{
	const char *when = json_string_value(json_object_get(args, "when")), *frame = json_string_value(json_object_get(args, "frame"));
	int64_t at_ns = json_integer_value(json_object_get(args, "at_ns"));

	trigger_disarm(l, t);
	if (at_ns)
		line_timer(l, at_ns);
	if (when)
		return arm_pattern(l, t, when, err);
	if (frame)
		return arm_frame(l, t, frame, json_string_value(json_object_get(args, "interface")), err);
	return at_ns > 0 || err_set(err, ERR_BENCH, "arm: needs a time, a pattern or a frame");
}

static bool pattern_came(struct trigger *t, struct fired *ret, struct err *err)
{
	int64_t off;
	regmatch_t m;
	const char *line;

	if (!serial_log_more(&t->console, err))
		return false;
	if (!t->console.n)
		return true;
	if (t->searched > t->console.n)
		t->searched = 0;
	if (regexec(&t->when, t->console.text + t->searched, 1, &m, 0) == 0) {
		size_t end = t->searched + (size_t)m.rm_eo;

		ret->why = "pattern";
		ret->t_ns = clock_ns();
		serial_log_where(&t->console, end ? end - 1 : 0, &ret->t_ns, &off);
		return true;
	}
	/* Only the unfinished last line can still become a match. */
	line = strrchr(t->console.text, '\n');
	if (line)
		t->searched = (size_t)(line + 1 - t->console.text);
	return true;
}

/* Packet stamps are wall clock; both clocks are read now, so a step of the wall clock since then shows as latency. */
static int64_t monotonic_of(const struct pcap_pkthdr *h)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return clock_ns() - ((wall.tv_sec - h->ts.tv_sec) * SEC(1) + wall.tv_nsec - h->ts.tv_usec);     /* tv_usec holds ns */
}

static bool frame_came(struct trigger *t, struct fired *ret, struct err *err)
{
	struct pcap_pkthdr *h;
	const u_char *bytes;
	int got = pcap_next_ex(t->pcap, &h, &bytes);

	if (got < 0)
		return err_set(err, ERR_BENCH, "watching for a frame: %s", pcap_geterr(t->pcap));
	if (got > 0)
		*ret = (struct fired){ "frame", monotonic_of(h) };
	return true;
}

bool trigger_event(struct line *l, struct trigger *t, int fd, struct fired *ret, struct err *err)
{
	(void)l;
	*ret = (struct fired){ .why = NULL };
	if (fd < 0) {
		*ret = (struct fired){ "timer", clock_ns() };
		return true;
	}
	if (t->watching && fd == t->console.tail.notify)
		return pattern_came(t, ret, err);
	return !t->pcap || fd != t->pcap_fd || frame_came(t, ret, err);
}
