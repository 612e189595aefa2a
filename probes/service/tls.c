// SPDX-License-Identifier: Apache-2.0
// service.tls: from this step until the attempt's end the device meets an impostor in place of one of its peers.
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/service/impostor.h"
#include "probes/service/tls.h"

#define NET "net.lan"

const struct param service_tls_params[] = {
	{ .name = "as_peer", .type = VALUE_MAP, .need = true, .doc = "whose place it takes: {host, port, ca, ca_key}; ca and "
	  "ca_key are the PEM files of the CA that the device trusts for it" },
	{ .name = "certificate", .type = VALUE_ENUM, .need = true, .words = cert_word, .doc = "what is wrong with it; relay passes "
	  "everything on to the true peer, good is valid" },
	{ 0 }
};

const struct fact service_tls_facts[] = {
	{ "armed", VALUE_BOOL, NULL, "the device's connections to the peer come here from now on" },
	{ "connections", VALUE_INT, "connections", "TCP connections of the device" },
	{ "hellos", VALUE_INT, "connections", "connections that began with a ClientHello" },
	{ "handshakes", VALUE_INT, "connections", "impostor: handshakes that the device completed; relay: not stated" },
	{ "established", VALUE_BOOL, NULL, "at least one session carried application data; relay: both ways, by record types" },
	{ "app_bytes", VALUE_INT, "bytes", "application bytes the device sent to the impostor; relay: in encrypted records" },
	{ "alerts", VALUE_INT, "alerts", "alerts of the device, without close_notify" },
	{ "alert", VALUE_TEXT, NULL, "text of the last alert; absent when there was none" },
	{ 0 }
};

struct armed {                          /* lives until the attempt's end */
	pid_t pid;
	int control;
	bool relay;
	char ip[64], log[64];
	int64_t port;
};

static struct armed *latest;            /* the one that service.met waits for; NULL after it was disarmed */

/* A peer as declared. */
struct peer { const char *host, *ca, *ca_key; int64_t port; };

static bool read_peer(struct step *st, struct peer *ret, struct err *err)
{
	const json_t *map = step_json(st, "as_peer"), *port = json_object_get(map, "port");

	*ret = (struct peer){ .host = json_string_value(json_object_get(map, "host")),
		.ca = json_string_value(json_object_get(map, "ca")), .ca_key = json_string_value(json_object_get(map, "ca_key")),
		.port = json_is_string(port) ? atoll(json_string_value(port)) : json_integer_value(port) };
	if (!ret->host || ret->port < 1 || ret->port > 65535)
		return err_set(err, ERR_CONF, "as_peer: needs host and port (1 to 65535)");
	return true;
}

static enum cert_kind kind_of(const char *word)
{
	enum cert_kind k = 0;

	while (k < CERT_COUNT - 1 && strcmp(cert_word[k], word))
		k++;
	return k;
}

/* RUN/evidence/tls-N.log, the first N that is free. */
static bool open_log(struct step *st, char name[static 64], int *ret_fd, struct err *err)
{
	char dir[FS_PATH], path[FS_PATH];

	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err))
		return false;
	for (int n = 1; n < 100000; n++) {
		snprintf(name, 64, "evidence/tls-%d.log", n);
		if (!fs_join(path, step_run_dir(st), name, err))
			return false;
		*ret_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
		if (*ret_fd >= 0)
			return true;
		if (access(path, F_OK))
			break;
	}
	return err_sys(err, "%s", path);
}

static json_t *redirect_args(const struct armed *a, uint16_t to)
{
	json_t *j = json_pack("{s:s,s:I}", "from_ip", a->ip, "from_port", (json_int_t)a->port);

	if (to)
		json_object_set_new(j, "to_port", json_integer(to));
	return j;
}

static void tell(struct step *st, const struct armed *a, const struct impostor_tally *t)
{
	fact_int(st, "connections", t->connections);
	fact_int(st, "hellos", t->hellos);
	if (!a->relay)
		fact_int(st, "handshakes", t->handshakes);
	fact_bool(st, "established", t->established > 0);
	fact_int(st, "app_bytes", t->app_bytes);
	fact_int(st, "alerts", t->alerts);
	if (t->alert[0])
		fact_text(st, "alert", t->alert);
	if (t->log_length)
		step_at_bytes(st, a->log, t->log_at, t->log_length);
	step_observer(st, NET);
	step_scope_text(st, "%lld connections of the device to %s port %lld", (long long)t->connections, a->ip, (long long)a->port);
}

static void disarm(struct step *st, void *data)
{
	struct armed *a = data;
	struct impostor_tally t = { 0 };
	struct err err = { 0 };
	CLEANUP(free_json) json_t *args = redirect_args(a, 0);

	if (!step_line(st, NET, "unredirect", args, NULL, &err))
		fprintf(stderr, "service.tls: %s\n", err.text);         /* the line undoes it itself when the attempt ends */
	if (impostor_end(a->pid, a->control, &t, &err))
		tell(st, a, &t);
	else
		step_incomplete(st, "%s", err.text);    /* no fact is told: what a claim needs is missing */
	step_observe(st);
	latest = latest == a ? NULL : latest;
	free(a);
}

static bool start(struct step *st, const struct peer *peer, struct impostor *i, struct armed *a, struct err *err)
{
	CLEANUP(close_fd) int listener = -1, log = -1;
	CLEANUP(free_json) json_t *args = NULL;
	struct impostor_tally t;
	struct err undo = { 0 };
	uint16_t port;

	if (!step_resolve(st, peer->host, a->ip, err) || !step_in_scope(st, a->ip, err))
		return false;
	i->peer = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)peer->port) };
	if (inet_pton(AF_INET, a->ip, &i->peer.sin_addr) != 1)
		return err_set(err, ERR_BENCH, "%s: an impostor is IPv4 only", a->ip);
	if (!impostor_listen(&listener, &port, err) || !open_log(st, a->log, &log, err))
		return false;
	i->listener = listener;
	i->log = log;
	if (!impostor_start(i, &a->pid, &a->control, err))
		return false;
	args = redirect_args(a, port);
	if (step_line(st, NET, "redirect", args, NULL, err))
		return true;
	if (!impostor_end(a->pid, a->control, &t, &undo))
		err_in(err, "%s", undo.text);
	return false;
}

bool service_tls(struct step *st, struct err *err)
{
	enum cert_kind kind = kind_of(step_text(st, "certificate"));
	struct armed *a = calloc(1, sizeof(*a));
	struct impostor i = { .old_protocol = kind == CERT_old_protocol };
	struct cert cert = { 0 };
	struct peer peer;
	bool ok;

	if (!a)
		return err_set(err, ERR_OS, "out of memory");
	a->relay = kind == CERT_relay;
	ok = read_peer(st, &peer, err) &&
	     (a->relay || cert_make(kind, peer.host, peer.ca, peer.ca_key, clock_wall_ns() / SEC(1), &cert, err));
	a->port = ok ? peer.port : 0;
	i.cert = a->relay ? NULL : &cert;
	ok = ok && start(st, &peer, &i, a, err);
	cert_free(&cert);               /* the child has its own copy */
	if (!ok) {
		free(a);
		return false;
	}
	step_at_finish(st, disarm, a);
	fact_bool(st, "armed", true);
	step_observer(st, NET);
	step_observe(st);
	latest = a;
	return true;
}

const struct param service_met_params[] = {
	{ .name = "within", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(86400), .doc = "how long to wait at most" },
	{ 0 }
};

const struct fact service_met_facts[] = {
	{ "called", VALUE_BOOL, NULL, "the device called: a liar's connection has ended, a relayed session carries data both ways" },
	{ "after", VALUE_TIME, "ns", "since this step began" },
	{ 0 }
};

bool service_met(struct step *st, struct err *err)
{
	char c;
	bool called;

	if (!latest)
		return err_set(err, ERR_BENCH, "service.met: no service.tls before it");
	called = step_wait(st, latest->control, step_begin_ns(st) + step_int(st, "within"));
	if (called && recv(latest->control, &c, 1, MSG_DONTWAIT) != 1)
		return err_set(err, ERR_BENCH, "the impostor is gone");
	fact_bool(st, "called", called);
	fact_int(st, "after", clock_ns() - step_begin_ns(st));
	step_observer(st, NET);
	return true;
}
