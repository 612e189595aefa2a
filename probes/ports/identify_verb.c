/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_verb.c - the verb ports.identify: open ports in, services and log-ins out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/ports/identify.h"
#include "probes/ports/portset.h"
#include "probes/ports/target.h"
#include "probes/ports/verbs.h"

enum { PORTS_MAX = 64 };                /* a device that opens more answers everywhere, and is told so */

static bool load_surfaces(struct step *st, struct identify *x, struct err *err)
{
	const json_t *given = step_has(st, "surfaces") ? step_json(st, "surfaces") : NULL, *row;
	size_t i;

	if (json_is_object(given))
		return identify_surface(x, given, err);
	json_array_foreach(given, i, row)
		if (!identify_surface(x, row, err))
			return false;
	return true;
}

static FILE *evidence(struct step *st, char name[static 64], struct err *err)
{
	char path[FS_PATH], dir[FS_PATH];
	FILE *f;

	snprintf(name, 64, "evidence/answers-%" PRId64 ".jsonl", step_begin_ns(st));
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) || !fs_join(path, step_run_dir(st), name, err))
		return NULL;
	f = fopen(path, "we");
	if (!f)
		err_sys(err, "%s", path);
	return f;
}

/* "tcp/443 tls/http", and what is not as good as it should be. */
static void report(struct step *st, struct identify *x, const struct port_found *f)
{
	char text[96 + sizeof(x->ip)], at[sizeof(x->ip) + 4] = "";

	if (strchr(x->ip, ':'))
		snprintf(at, sizeof(at), " [%s]", x->ip);
	if (f->gone) {
		fact_set_add(st, "gone", x->port);
		step_incomplete(st, "%s takes no connection any more", x->port);
		return;
	}
	snprintf(text, sizeof(text), "%s %s%s%s", x->port, f->tls ? "tls/" : "", f->service ? f->service : "unknown", at);
	fact_set_add(st, "services", text);
	if (!f->service)
		fact_set_add(st, "unknown", x->port);
	for (size_t i = 0; i < f->logins; i++) {
		snprintf(text, sizeof(text), "%s %s%s", x->port, f->login[i], at);
		fact_set_add(st, "logins", text);
		if (!identify_declared(x, f, f->login[i]))
			fact_set_add(st, "hidden", text);
	}
	if (f->endless)
		step_scope_text(st, "%s does not stop talking: the first %u bytes were looked at", x->port, DIALOG_KEEP);
	if (f->unanswered && f->service)
		step_incomplete(st, "%s: %u pages were not answered in time", x->port, f->unanswered);
	if (f->cut)
		step_incomplete(st, "%s: not every question could be asked in the time given", x->port);
}

static bool one_port(struct step *st, struct identify *x, const char *named, bool *ret_more, struct err *err)
{
	struct port_found f;
	unsigned port;
	bool udp;

	if (!portset_named(named, &udp, &port))
		return err_set(err, ERR_CONF, "'%.40s' is no port; write tcp/443 or udp/5353", named);
	*ret_more = clock_ns() <= x->deadline_ns;
	if (!*ret_more)
		return true;
	if (!identify_port(x, udp, port, &f, err))
		return false;
	report(st, x, &f);
	return true;
}

static bool each_port(struct step *st, struct identify *x, struct err *err)
{
	const json_t *ports = step_json(st, "ports"), *item;
	bool more = true;
	size_t i;

	json_array_foreach(ports, i, item) {
		if (i < PORTS_MAX && !one_port(st, x, json_is_string(item) ? json_string_value(item) : "", &more, err))
			return false;
		if (i < PORTS_MAX && more)
			continue;
		step_incomplete(st, "%zu of %zu ports were asked", i, json_array_size(ports));
		break;
	}
	return true;
}

/* "tcp/23 fe80::1%lan0" */
static bool split(struct step *st, const char *text, char named[static 16], char ip[static 64], struct err *err)
{
	char bare[64];
	int n = 0;

	if (sscanf(text, "%15s %63s%n", named, ip, &n) != 2 || text[n])
		return err_set(err, ERR_CONF, "six: '%.60s': write tcp/23 fd77::23", text);
	snprintf(bare, sizeof(bare), "%.*s", target_bare(ip), ip);
	return step_in_scope(st, bare, err);
}

/* What is open at several IPv6 addresses is asked at the first of them. */
static bool each_six(struct step *st, struct identify *x, struct err *err)
{
	static struct portset done[2];
	const json_t *six = step_has(st, "six") ? step_json(st, "six") : NULL, *item;
	unsigned port;
	size_t i, n = 0;
	char named[16];
	bool udp, more = true;

	memset(done, 0, sizeof(done));
	json_array_foreach(six, i, item) {
		if (!split(st, json_is_string(item) ? json_string_value(item) : "", named, x->ip, err))
			return false;
		if (portset_named(named, &udp, &port) && portset_has(&done[udp], port))
			continue;
		if (n++ < PORTS_MAX && !one_port(st, x, named, &more, err))
			return false;
		if (n > PORTS_MAX || !more) {
			step_incomplete(st, "%zu of %zu ports of IPv6 addresses were asked", i, json_array_size(six));
			break;
		}
		portset_add(&done[udp], port);
	}
	return true;
}

static void recognised(struct step *st, const struct identify *x)
{
	for (size_t i = 0; i < x->surfaces; i++)
		if (x->surface[i].recognised)
			fact_set_add(st, "recognised", x->surface[i].name);
}

static bool look(struct step *st, struct identify *x, const char *name, struct err *err)
{
	int64_t begin = clock_ns();
	char ip[sizeof(x->ip)];

	if (!step_dut_address(st, x->ip)) {
		step_incomplete(st, "the device has no address");
		return true;
	}
	memcpy(ip, x->ip, sizeof(ip));
	if (!step_in_scope(st, x->ip, err) || !each_port(st, x, err) || !each_six(st, x, err))
		return false;
	recognised(st, x);
	if (fflush(x->answers->file) || ferror(x->answers->file))
		return err_sys(err, "%s", name);
	if (x->answers->full)
		step_incomplete(st, "more answers came than are kept");
	step_at_bytes(st, name, 0, (int64_t)ftell(x->answers->file));
	step_scope_text(st, "%zu ports of %s, %zu of its IPv6 addresses, %zu answers, %lld ms; pages that only a script makes are not run",
			json_array_size(step_json(st, "ports")), ip, step_has(st, "six") ? json_array_size(step_json(st, "six")) : 0,
			x->answers->n, (long long)((clock_ns() - begin) / MS(1)));
	return true;
}

bool identify_run(struct step *st, struct err *err)
{
	static const char *const sets[] = { "services", "logins", "hidden", "unknown", "gone", "recognised" };
	CLEANUP(close_file) FILE *file = NULL;
	static struct identify x;
	struct answers answers = { 0 };
	char name[64];

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		fact_set_empty(st, sets[i]);
	step_observer(st, "net.lan");
	file = evidence(st, name, err);
	if (!file)
		return false;
	answers.file = file;
	x = (struct identify){ .few_pages = !step_bool(st, "pages"), .within_ns = step_int(st, "within"), .quiet_ns = step_int(st, "quiet"),
			       .deadline_ns = step_begin_ns(st) + step_int(st, "budget"), .answers = &answers };
	fact_text(st, "answers", name);
	return load_surfaces(st, &x, err) && look(st, &x, name, err);
}

const struct param identify_params[] = {
	{ "ports", VALUE_SET, .need = true, .doc = "open ports: tcp/443, udp/5353" },
	{ "six", VALUE_SET, .doc = "the same of IPv6 addresses: \"tcp/23 fd77::23\", as ports.scan finds them" },
	{ "surfaces", VALUE_MAP, .doc = "declared log-ins (name, type, url or port): what is found beyond them is hidden" },
	{ "pages", VALUE_BOOL, .fallback = "true", .doc = "ask web servers for their usual pages; else only the first and those of the surfaces" },
	{ "within", VALUE_TIME, .min = MS(100), .max = SEC(600), .fallback = "30s", .doc = "for one port" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(86400), .fallback = "10min", .doc = "for all ports" },
	{ "quiet", VALUE_TIME, .min = MS(20), .max = SEC(30), .fallback = "1s", .doc = "silence after which nothing more is expected" },
	{ 0 }
};
const struct fact identify_facts[] = {
	{ "services", VALUE_SET, NULL, "what each port is: \"tcp/443 tls/http\"" },
	{ "logins", VALUE_SET, NULL, "what asks for a log-in, and how: \"tcp/443 http_basic\"; shell: nobody is asked" },
	{ "hidden", VALUE_SET, NULL, "those that are not declared" },
	{ "unknown", VALUE_SET, NULL, "ports that said nothing that is known" },
	{ "gone", VALUE_SET, NULL, "ports that took no connection" },
	{ "recognised", VALUE_SET, NULL, "names of the declared surfaces that were found" },
	{ "answers", VALUE_TEXT, NULL, "file with everything that was said, for ports.told" },
	{ 0 }
};
