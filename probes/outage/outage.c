/* SPDX-License-Identifier: Apache-2.0
 *
 * outage.c - does the device come back politely? The service is taken away and given back, several times; the wire's
 * record tells when the device tried. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/pcapng.h"
#include "probes/outage/tries.h"

#define FLIGHT_NS MS(50)                /* frames that were on their way when the cut came */

static struct {
	struct step *st;
	bool cut;
	char line[64];
	struct pcapng_reader reader;
	struct tries tries;
	char capture[96];               /* evidence file, relative to the run folder */
	int64_t offset_ns;              /* wall - monotonic */
	struct gaps sum;                /* pairs and halves of all outages */
	bool deep;
} o;

static bool read_on(struct err *err)
{
	struct pcapng_frame f;
	struct packet k;

	while (pcapng_next(&o.reader, &f, err))
		if (packet_decode(f.data, &k))
			tries_frame(&o.tries, &k, f.number, f.wall_ns);
	if (err->kind == ERR_NONE && o.reader.p.bad)
		err_set(err, ERR_BENCH, "%s: %s", o.capture, o.reader.p.why);
	return err->kind == ERR_NONE;
}

/* Reads the record until then; earlier when `first_ns` is not 0 and a try at or after it was seen. */
static bool watch(int64_t until_ns, int64_t first_ns, struct err *err)
{
	while (clock_ns() < until_ns && !step_stopped(o.st)) {
		if (!read_on(err))
			return false;
		if (first_ns && tries_after(&o.tries, first_ns + o.offset_ns) >= 0)
			return true;
		step_wait(o.st, o.reader.tail.notify, until_ns);
	}
	/* the recorder holds back for a moment; asked for its count it writes first */
	return step_recorded(o.st, step_text(o.st, "capture"), err) && read_on(err);
}

static void finish(struct step *st, void *data)
{
	struct err err = { 0 };

	(void)data;
	if (o.cut)
		(void)!step_line(st, o.line, "restore", NULL, NULL, &err);
	o.cut = false;
}

static bool cut(const char *peer, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s,s:s,s:I}", "how", step_text(o.st, "how"), "peer", peer, "port",
						    (json_int_t)step_int(o.st, "port"));

	if (!step_line(o.st, o.line, "cut", args, NULL, err))
		return false;
	o.cut = true;
	return true;
}

static bool restore(int64_t *ret_at_ns, struct err *err)
{
	json_t *reply = NULL;

	/* The line tells the last moment at which the cut still stood: a try may come before we hear of its end. */
	if (!step_line(o.st, o.line, "restore", NULL, &reply, err))
		return false;
	o.cut = false;
	*ret_at_ns = json_integer_value(json_object_get(reply, "t_ns"));
	json_decref(reply);
	return true;
}

static void report(int64_t begin_ns, int64_t end_ns, int64_t answers)
{
	struct step *st = o.st;
	struct gaps g;
	int first = tries_after(&o.tries, end_ns + o.offset_ns), in = tries_after(&o.tries, begin_ns + o.offset_ns), n = 0;

	tries_gaps(&o.tries, begin_ns + o.offset_ns, end_ns + o.offset_ns, &g);
	for (int i = in; i >= 0 && i < (int)o.tries.n && o.tries.at_ns[i] < end_ns + o.offset_ns; i++, n++)
		if (n < 8)
			step_at_frame(st, o.capture, o.tries.frame[i]);
	fact_int(st, "tries", n);
	fact_int(st, "per_min", g.per_min);
	if (g.n) {
		fact_int(st, "longest_gap", g.longest_ns);
		fact_int(st, "shortest_gap", g.shortest_ns);
	}
	o.sum.pairs += g.pairs;
	o.sum.early_ns += g.early_ns;
	o.sum.late_ns += g.late_ns;
	o.deep |= g.n >= 3;
	fact_bool(st, "confirmed", answers == 0);
	if (first >= 0) {
		fact_int(st, "first_delay", o.tries.at_ns[first] - (end_ns + o.offset_ns));
		step_at_frame(st, o.capture, o.tries.frame[first]);
	} else {
		step_incomplete(st, "no try after the service was back, within the time given");
	}
	step_observer(st, step_text(st, "capture"));
	step_observe_at(st, begin_ns);
}

static bool one_outage(const char *peer, struct err *err)
{
	struct step *st = o.st;
	int64_t begin_ns, end_ns = 0, answers;

	if (!cut(peer, err) || !watch((begin_ns = clock_ns()) + FLIGHT_NS, 0, err))
		return false;
	answers = o.tries.answers;
	if (!watch(begin_ns + step_int(st, "for"), 0, err))
		return false;
	answers = o.tries.answers - answers;
	if (!restore(&end_ns, err) || !watch(end_ns + step_int(st, "within"), end_ns, err))
		return false;
	report(begin_ns, end_ns, answers);
	return watch(clock_ns() + step_int(st, "rest"), 0, err);
}

static bool open_record(struct err *err)
{
	const char *line = step_text(o.st, "capture"), *dot = strchr(line, '.');
	char path[FS_PATH];

	snprintf(o.capture, sizeof(o.capture), "capture/%.64s.pcapng", dot ? dot + 1 : line);
	return step_recorded(o.st, line, err) && fs_join(path, step_run_dir(o.st), o.capture, err) &&
	       pcapng_open(path, true, &o.reader, err) && read_on(err);
}

static bool prepare(struct step *st, char peer[static 64], struct err *err)
{
	const char *name = step_text(st, "peer");

	memset(&o, 0, sizeof(o));
	o.st = st;
	o.offset_ns = step_wall_offset_ns(st);
	snprintf(o.line, sizeof(o.line), "%s", step_text(st, "line"));
	if (!step_resolve(st, name, peer, err) || !step_in_scope(st, peer, err))
		return false;
	if (!addr_parse(peer, &o.tries.peer))
		return err_set(err, ERR_CONF, "peer: '%s' is no address", peer);
	o.tries.port = (uint16_t)step_int(st, "port");
	if (!strcmp(step_text(st, "how"), "dns_dead"))
		o.tries.name = name;
	return open_record(err);
}

static bool reconnects(struct step *st, struct err *err)
{
	int64_t times = step_int(st, "times"), done = 0, each = step_int(st, "for") + step_int(st, "within") + step_int(st, "rest");
	char peer[64];
	bool ok = prepare(st, peer, err), grows;

	if (ok) {
		step_at_finish(st, finish, NULL);
		ok = watch(clock_ns() + step_int(st, "rest"), 0, err);
	}
	while (ok && done < times && clock_ns() + each < step_deadline_ns(st)) {
		ok = one_outage(peer, err);
		done += ok;
	}
	pcapng_done(&o.reader);
	if (!ok)
		return false;
	step_scope_text(st, "%" PRId64 " of %" PRId64 " outages (%s) of %" PRId64 " s", done, times, step_text(st, "how"),
			step_int(st, "for") / SEC(1));
	fact_int(st, "outages", done);
	if (gaps_grow(&o.sum, o.deep, &grows))
		fact_bool(st, "grows", grows);
	if (done < times)
		step_incomplete(st, "%" PRId64 " of %" PRId64 " outages fit into the time given; a larger budget is needed", done, times);
	return true;
}

static const char *const how_words[] = { "service_refused", "black_hole", "dns_dead", NULL };
static const struct param reconnects_params[] = {
	{ "peer", VALUE_TEXT, .need = true, .doc = "host of the service" },
	{ "port", VALUE_INT, .need = true, .min = 1, .max = 65535, .doc = "its TCP port" },
	{ "how", VALUE_ENUM, .words = how_words, .fallback = "service_refused", .doc = "how the service goes away" },
	{ "for", VALUE_TIME, .need = true, .min = MS(100), .max = SEC(86400), .doc = "how long each time" },
	{ "times", VALUE_INT, .min = 1, .max = 1000, .fallback = "1", .doc = "how many outages" },
	{ "within", VALUE_TIME, .min = MS(100), .max = SEC(7200), .fallback = "20s", .doc = "longest wait for the first try afterwards" },
	{ "rest", VALUE_TIME, .min = 0, .max = SEC(3600), .fallback = "2500ms", .doc = "before each outage: a session that lasts, so that the device's "
	  "delays begin anew" },
	{ "budget", VALUE_TIME, .min = 0, .max = SEC(86400), .fallback = "5min", .doc = "bench's own time for all of them" },
	{ "line", VALUE_LINE, .fallback = "net.lan", .doc = "the device's network" },
	{ "capture", VALUE_LINE, .fallback = "capture.lan", .doc = "its recorder" },
	{ 0 }
};
static const struct fact reconnects_facts[] = {
	{ "first_delay", VALUE_TIME, NULL, "from the service's return to the first try; one for each outage" },
	{ "tries", VALUE_INT, "tries", "during the outage" },
	{ "per_min", VALUE_INT, "tries", "most in any 60 s of the outage" },
	{ "longest_gap", VALUE_TIME, NULL, "longest time between two tries of the outage" },
	{ "shortest_gap", VALUE_TIME, NULL, "shortest" },
	{ "grows", VALUE_BOOL, NULL, "the gaps of the later half of an outage are longer, over all of them (not known with too few)" },
	{ "confirmed", VALUE_BOOL, NULL, "the peer accepted no connection during the outage" },
	{ "outages", VALUE_INT, NULL, "how many there were" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "reconnects", VERB_STIMULUS, reconnects_params, reconnects_facts, reconnects, "take a service away and watch the device's tries" },
	{ 0 }
};
const struct probe probe_outage = { "outage", "how the device behaves around outages of its services", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
