// SPDX-License-Identifier: Apache-2.0
// Records an interface into RUN/capture/NAME.pcapng. The kernel hands over whole blocks of frames at least every
// BLOCK_MS, and they are on file at most FLUSH_NS later. What the kernel had to drop is written into the file
// (Interface Statistics) as soon as it is known, and noted in the journal.
//
// Commands   get {} -> {frames, dropped}
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/pcapng.h"

#define BLOCK_MS 10
#define FLUSH_NS MS(20)
#define STATS_NS MS(500)

struct recorder {
	pcap_t *p;
	int fd;
	struct pcapng_writer w;
	bool blind, dirty;
	int64_t frames, dropped, stats_ns, last_wall_ns;
	struct err err;                 /* of a callback */
};

static bool pc(struct recorder *r, int code, const char *what, struct err *err)
{
	return code >= 0 || err_set(err, ERR_BENCH, "capture: %s: %s", what, code == PCAP_ERROR ? pcap_geterr(r->p) : pcap_statustostr(code));
}

static bool start(struct line *l, struct recorder *r, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE];

	r->p = pcap_create(line_text(l, "interface"), why);
	if (!r->p)
		return err_set(err, ERR_BENCH, "capture: %s", why);
	/* Positive codes are warnings, such as a timestamp type that only the host offers. */
	return pc(r, pcap_set_snaplen(r->p, (int)PCAPNG_SNAPLEN), "length", err) &&
	       pc(r, pcap_set_promisc(r->p, 1), "promiscuous", err) &&
	       pc(r, pcap_set_timeout(r->p, BLOCK_MS), "timeout", err) &&
	       pc(r, pcap_set_buffer_size(r->p, (int)line_int(l, "buffer")), "buffer", err) &&
	       pc(r, pcap_set_tstamp_precision(r->p, PCAP_TSTAMP_PRECISION_NANO), "nanoseconds", err) &&
	       pc(r, pcap_activate(r->p), line_text(l, "interface"), err) &&
	       (pcap_datalink(r->p) == DLT_EN10MB ||
		err_set(err, ERR_BENCH, "capture: %s is no Ethernet", line_text(l, "interface"))) &&
	       (pcap_setnonblock(r->p, 1, why) == 0 || err_set(err, ERR_BENCH, "capture: %s", why));
}

static bool recorder_open(struct line *l, struct err *err)
{
	struct recorder *r = calloc(1, sizeof(*r));
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	if (!r)
		return err_set(err, ERR_LIMIT, "out of memory");
	r->blind = line_blind(l);
	r->w.fd = -1;
	line_set_priv(l, r);
	snprintf(path, sizeof(path), "%s/capture", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/capture/%s.pcapng", line_run_dir(l), dot ? dot + 1 : line_name(l));
	if (!pcapng_create(path, line_text(l, "interface"), &r->w, err) || !start(l, r, err))
		return false;
	r->fd = pcap_get_selectable_fd(r->p);
	return line_watch(l, r->fd, POLLIN, err);
}

static void keep(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	struct recorder *r = (struct recorder *)(void *)user;
	int64_t wall_ns = SEC(h->ts.tv_sec) + h->ts.tv_usec;    /* nanoseconds, as asked for */

	r->frames++;
	r->last_wall_ns = wall_ns;
	if (r->blind || r->err.kind != ERR_NONE)
		return;
	r->dirty = true;
	if (!pcapng_write(&r->w, wall_ns, (struct span){ data, h->caplen }, h->len, &r->err))
		pcap_breakloop(r->p);
}

/* The kernel's counters cover everything since the start. */
static bool count(struct line *l, struct recorder *r, bool last, struct err *err)
{
	struct pcap_stat s;

	r->stats_ns = clock_ns();
	if (pcap_stats(r->p, &s) < 0)
		return true;
	if (s.ps_drop == r->dropped && !last)
		return true;
	if (s.ps_drop != r->dropped)
		line_note(l, "the kernel dropped %lld frames so far", (long long)s.ps_drop);
	r->dropped = s.ps_drop;
	r->dirty = true;
	return r->blind || pcapng_stats(&r->w, clock_wall_ns(), s.ps_recv, s.ps_drop, err);
}

static bool take(struct line *l, struct recorder *r, struct err *err)
{
	int n = pcap_dispatch(r->p, -1, keep, (u_char *)r);

	if (r->err.kind != ERR_NONE) {
		*err = r->err;
		return false;
	}
	if (n == PCAP_ERROR)
		return err_set(err, ERR_BENCH, "capture: %s", pcap_geterr(r->p));
	if (clock_ns() - r->stats_ns > STATS_NS && !count(l, r, false, err))
		return false;
	return true;
}

static bool recorder_event(struct line *l, int fd, short revents, struct err *err)
{
	struct recorder *r = line_priv(l);
	bool was_dirty = r->dirty;

	(void)revents;
	if (fd < 0) {
		r->dirty = false;
		return pcapng_flush(&r->w, err);
	}
	if (fd != r->fd)
		return true;
	if (!take(l, r, err))
		return false;
	if (r->dirty && !was_dirty)
		line_timer(l, clock_ns() + FLUSH_NS);
	return true;
}

static bool recorder_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct recorder *r = line_priv(l);

	(void)args;
	if (strcmp(command, "get"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	if (!take(l, r, err) || !count(l, r, false, err) || !pcapng_flush(&r->w, err))
		return false;
	r->dirty = false;
	line_timer(l, 0);
	json_object_set_new(reply, "frames", json_integer(r->frames));
	return json_object_set_new(reply, "dropped", json_integer(r->dropped)) == 0;
}

static void recorder_close(struct line *l)
{
	struct recorder *r = line_priv(l);
	struct err err = { 0 };

	if (!take(l, r, &err) || !count(l, r, true, &err))
		line_note(l, "%s", err.text);
	pcap_close(r->p);
	pcapng_finish(&r->w);
	free(r);
}

static const struct param recorder_params[] = {
	{ .name = "interface", .type = VALUE_TEXT, .need = true, .doc = "what to record" },
	{ .name = "buffer", .type = VALUE_INT, .min = 1 << 20, .max = 1 << 30, .unit = "bytes", .fallback = "33554432",
	  .doc = "of the kernel, for moments in which we do not get to run" },
	{ 0 }
};

const struct line_driver drv_pcap = {
	.name = "pcap", .doc = "recorder of everything on an interface, with nanosecond stamps and drop counters",
	.seen = "the kernel's cables; 99 934 frames/s without a loss (make bench)",
	.params = recorder_params, .open = recorder_open, .command = recorder_command, .event = recorder_event,
	.close = recorder_close,
};
