/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.c - how a server of the device speaks TLS: what it takes from clients of any age, and what it shows of itself.
 *
 * A server is a map of the declaration: {name: web, port: 443}, and if need be host (SNI, and the name its certificate should bear)
 * and starttls (smtp, imap, pop3, ftp: TLS begins after a few lines of that protocol) or dtls (the port is one of UDP). */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/tls/ask.h"
#include "probes/tls/facts.h"
#include "probes/tls/finish.h"
#include "probes/tls/frames.h"
#include "probes/tls/scan.h"
#include "probes/tls/suite.h"

struct server { char ip[64]; const char *name; struct ask_where where; };

static bool server_of(struct step *st, struct server *ret, bool *ret_there, struct err *err)
{
	const json_t *m = step_json(st, "server");
	const char *plain = json_string_value(json_object_get(m, "starttls")), *name = json_string_value(json_object_get(m, "host"));
	json_int_t port = json_integer_value(json_object_get(m, "port"));

	memset(ret, 0, sizeof(*ret));
	if (port < 1 || port > 65535)
		return err_set(err, ERR_CONF, "server: needs a port from 1 to 65535");
	ret->name = name ? name : "";
	ret->where = (struct ask_where){ .address = ret->ip, .port = (int)port, .patience_ns = step_int(st, "patience"), .parallel = 1,
					 .datagram = json_is_true(json_object_get(m, "dtls")), .deadline_ns = step_deadline_ns(st) - SEC(10) };
	if (plain && ret->where.datagram)
		return err_set(err, ERR_CONF, "server: starttls is for TCP, not beside dtls");
	if (plain && !(ret->where.plain = plain_find(plain)))
		return err_set(err, ERR_CONF, "server: starttls is one of smtp, imap, pop3, ftp, not '%.32s'", plain);
	step_observer(st, "net.lan");
	*ret_there = step_dut_address(st, ret->ip);
	return !*ret_there || step_in_scope(st, ret->ip, err);
}

static int64_t now_s(const struct step *st)
{
	return (clock_ns() + step_wall_offset_ns(st)) / SEC(1);
}

/* ---- tls.handshake ---- */
static bool handshake(struct step *st, struct err *err)
{
	struct scan_found found;
	struct finish f;
	struct server s;
	char buf[8];
	bool there;

	fact_bool(st, "spoke", false);
	fact_bool(st, "established", false);
	if (!server_of(st, &s, &there, err))
		return false;
	if (!there) {
		fact_text(st, "why", "the device has no address");
		return true;
	}
	if (!finish_try(&s.where, s.name, 0, now_s(st), &f, err))
		return false;
	fact_bool(st, "established", f.established);
	fact_bool(st, "spoke", f.established);
	fact_text(st, "why", f.why);
	if (f.established) {
		fact_text(st, "version", version_name(f.version, s.where.datagram));
		fact_text(st, "suite", suite_name(f.suite, buf));
	} else if (f.answered) {                /* perhaps it is only too old for OpenSSL */
		s.where.parallel = s.where.datagram ? 1 : ASK_PARALLEL;
		s.where.deadline_ns = clock_ns() + 2 * s.where.patience_ns;
		if (!scan_hello(&s.where, s.name, &found, err))
			return false;
		fact_bool(st, "spoke", found.spoke);
		scan_done(&found);
	}
	return true;
}

/* ---- tls.enumerate ---- */
static bool prove(const struct step *st, const struct server *s, struct scan_found *found, struct proofs *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	for (uint16_t v = s->where.datagram ? TLS1_1 : TLS1_0; v <= (s->where.datagram ? TLS1_2 : TLS1_3); v++) {
		struct finish *f = &ret->of[v - SSL3];
		unsigned tries = s->where.datagram && scan_took(found, v) ? 3 : 1;       /* it speaks: what stays silent now was lost */

		if (!scan_took(found, v) && v < TLS1_2)
			continue;
		do {
			if (!finish_try(&s->where, s->name, v, now_s(st), f, err))
				return false;
		} while (!f->established && --tries);
	}
	return !ret->of[TLS1_3 - SSL3].established || finish_signatures(&s->where, s->name, &found->signatures, err);
}

#define CAPTURE "capture/lan.pcapng"

static void point(int64_t frame, void *st)
{
	step_at_frame(st, CAPTURE, frame);
}

/* The frames behind what was found, where the bench records any. */
static bool point_to(struct step *st, const struct server *s, const struct scan_found *found, struct err *err)
{
	char path[FS_PATH], bare[64];

	if (!json_object_get(json_object_get(step_bench(st), "lines"), "capture.lan"))
		return true;
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(s->ip, "%"), s->ip);
	return step_recorded(st, "capture.lan", err) && fs_join(path, step_run_dir(st), CAPTURE, err) &&
	       frames_of(path, bare, s->where.port, found, step_begin_ns(st) + step_wall_offset_ns(st), point, st, err);
}

static bool enumerate(struct step *st, struct err *err)
{
	static struct scan_found found;
	static struct proofs proofs;
	int64_t begin_ns = clock_ns();
	struct known_keys known;
	struct server s;
	bool there, ok;

	facts_empty(st);
	if (!server_of(st, &s, &there, err))
		return false;
	if (!there) {
		step_incomplete(st, "the device has no address");
		return true;
	}
	s.where.parallel = s.where.datagram ? 1 : (unsigned)step_int(st, "parallel");
	if (!known_keys_read(step_suite_dir(st), &known, err))
		return false;
	s.where.deadline_ns = step_begin_ns(st) + step_int(st, "budget");
	ok = scan_server(&s.where, s.name, &found, err) && prove(st, &s, &found, &proofs, err) && point_to(st, &s, &found, err);
	if (ok) {
		facts_report(st, &found, &proofs, &known, s.name, now_s(st));
		step_scope_text(st, "port %d of %s: %zu suites of the registry in %s, %u connections in %lld ms", s.where.port, s.ip,
				n_suites, s.where.datagram ? "three versions of DTLS" : "six versions", found.count.connections, (long long)((clock_ns() - begin_ns) / MS(1)));
	}
	scan_done(&found);
	known_keys_free(&known);
	return ok;
}

static const struct param handshake_params[] = {
	{ "server", VALUE_MAP, .need = true, .doc = "name, port; host, starttls, dtls" },
	{ "patience", VALUE_TIME, .min = MS(100), .max = SEC(60), .fallback = "3s", .doc = "how long one answer may take" },
	{ 0 }
};
static const struct fact handshake_facts[] = {
	{ "established", VALUE_BOOL, NULL, "a whole handshake was had" },
	{ "spoke", VALUE_BOOL, NULL, "it answers a hello of some version with a hello or an alert of TLS" },
	{ "version", VALUE_TEXT, NULL, "what was agreed on" },
	{ "suite", VALUE_TEXT, NULL, "what was agreed on, by its registered name" },
	{ "why", VALUE_TEXT, NULL, "why there was none" },
	{ 0 }
};
static const struct param enumerate_params[] = {
	{ "server", VALUE_MAP, .need = true, .doc = "name, port; host, starttls, dtls" },
	{ "patience", VALUE_TIME, .min = MS(100), .max = SEC(60), .fallback = "3s", .doc = "how long one answer may take" },
	{ "budget", VALUE_TIME, .min = SEC(1), .max = SEC(3600), .fallback = "4min", .doc = "for all of it; DTLS refused by silence takes a minute" },
	{ "parallel", VALUE_INT, .min = 1, .max = ASK_PARALLEL, .unit = "connections", .fallback = "12", .doc = "connections at once; DTLS takes one" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "handshake", VERB_PROBE, handshake_params, handshake_facts, handshake, "one whole handshake, as a client of any age" },
	{ "enumerate", VERB_PROBE, enumerate_params, enumerate_facts, enumerate, "every version, suite and group, and the certificate" },
	{ 0 }
};
const struct probe probe_tls = { "tls", "how a server of the device speaks TLS", verbs, NULL, RIGHT_SCOPE };
