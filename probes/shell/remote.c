/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/shell/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/ssh_client.h"
#include "harness/proto/wire.h"

static bool none(struct remote *r, const char *what, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s: %.150s", what, why);
	return true;
}

static const char *text_of(const json_t *o, const char *key, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : otherwise;
}

/* ---- SSH ---- */
static void free_channel(ssh_channel *c)
{
	if (*c)
		ssh_channel_free(*c);
}

static bool read_all(ssh_session session, ssh_channel channel, size_t most, int64_t until_ns, struct remote *r)
{
	r->text = malloc(most + 1);
	while (r->text && r->n < most && clock_ns() < until_ns) {
		int patience = (int)((until_ns - clock_ns()) / MS(1)) + 1;
		int got = ssh_channel_read_timeout(channel, r->text + r->n, (uint32_t)(most - r->n), 0, patience);

		if (got < 0)
			return none(r, "the connection broke", ssh_get_error(session));
		r->n += (size_t)got;
		if (!got && ssh_channel_is_eof(channel))
			return true;
	}
	return none(r, "no end", r->n >= most ? "it says more than is taken" : "the time given was over");
}

static bool ask(ssh_session session, const json_t *shell, const char *command, size_t most, int64_t until_ns, struct remote *r)
{
	CLEANUP(free_channel) ssh_channel channel = NULL;

	if (ssh_connect(session) != SSH_OK)
		return none(r, "no SSH", ssh_get_error(session));
	if (ssh_client_login(session, text_of(shell, "user", "root"), text_of(shell, "secret", "")) != SSH_AUTH_SUCCESS)
		return none(r, "the log-in was refused", ssh_get_error(session));
	channel = ssh_channel_new(session);
	if (!channel || ssh_channel_open_session(channel) != SSH_OK || ssh_channel_request_exec(channel, command) != SSH_OK)
		return none(r, "no shell", ssh_get_error(session));
	return read_all(session, channel, most, until_ns, r);
}

bool remote_ssh(struct step *st, const json_t *shell, const char *command, size_t most, struct remote *ret, struct err *err)
{
	CLEANUP(ssh_client_free) ssh_session session = NULL;
	int64_t until = step_begin_ns(st) + step_int(st, "within"), left = until - clock_ns();
	json_int_t port = json_integer_value(json_object_get(shell, "port"));
	struct wire w = { .fd = -1 };
	char ip[64];

	step_observer(st, "net.lan");
	if (!step_dut_address(st, ip))
		return none(ret, "no connection", "the device has no address");
	if (!step_in_scope(st, ip, err) || !wire_open(&w, ip, port ? (int)port : 22, false, left, err))
		return false;
	if (w.fd < 0)
		return none(ret, "no connection", w.why);
	session = ssh_client_new(w.fd, ip, left, err);
	return session && ask(session, shell, command, most, until, ret);
}

/* ---- a console ---- */
/* A line at a time, as consoles take no long ones. */
static bool type(struct step *st, const char *line, const char *command, struct err *err)
{
	for (const char *p = command; *p;) {
		int n = (int)strcspn(p, "\n");
		CLEANUP(free_json) json_t *args = json_pack("{s:o}", "text", json_sprintf("%.*s\r", n, p));

		if (!step_line(st, line, "write", args, NULL, err))
			return false;
		p += n + (p[n] == '\n');
	}
	return true;
}

/* Until a line that begins with `end`. */
static bool hear(struct step *st, struct serial_log *log, const char *end, size_t most, int64_t until_ns, struct remote *r, struct err *err)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%s", end);
	for (;;) {
		if (!serial_log_more(log, err))
			return false;
		if (log->text && memmem(log->text, log->n, line, strlen(line)))
			return true;
		if (log->n >= most)
			return none(r, "no end", "it says more than is taken");
		if (clock_ns() >= until_ns || step_stopped(st))
			return none(r, "no answer", "the console did not say its end in time");
		step_wait(st, log->tail.notify, until_ns);
	}
}

bool remote_console(struct step *st, const json_t *shell, const char *command, const char *end, size_t most, struct remote *ret,
		    struct err *err)
{
	const char *line = text_of(shell, "line", "serial.console"), *dot = strchr(line, '.');
	CLEANUP(serial_log_done) struct serial_log log = { .raw = -1 };
	char path[FS_PATH];
	bool ok;

	step_observer(st, line);
	snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(st), dot ? dot + 1 : line);
	ok = serial_log_open(path, clock_ns(), true, &log, err) && type(st, line, command, err) &&
	     hear(st, &log, end, most, step_begin_ns(st) + step_int(st, "within"), ret, err);
	if (ok && log.n) {
		ret->n = log.n < most ? log.n : most;
		ret->text = malloc(ret->n + 1);
		if (!ret->text)
			return err_set(err, ERR_LIMIT, "out of memory");
		memcpy(ret->text, log.text, ret->n);
	}
	return ok;
}
