// SPDX-License-Identifier: Apache-2.0
#include "probes/power/qmp.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"

void qmp_init(struct qmp *q, int fd, qmp_heard *heard, void *arg)
{
	q->fd = fd;
	q->broke = q->greeted = q->ready = q->answered = false;
	q->id = 0;
	q->refusal[0] = 0;
	q->heard = heard;
	q->arg = arg;
	q->n = 0;
}

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
}

/* ---- messages ---- */

/* Its words may end in an error text: printable ASCII only. */
static void plain(char *ret, size_t room, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < room; text++)
		ret[n++] = *text >= ' ' && *text <= '~' ? *text : '?';
	ret[n] = 0;
}

static bool broken(struct qmp *q, struct err *err, const char *what, const char *text, size_t n)
{
	char said[80], copy[80];

	snprintf(copy, sizeof(copy), "%.*s", (int)(n < sizeof(copy) - 1 ? n : sizeof(copy) - 1), text);
	plain(said, sizeof(said), copy);
	qmp_close(q);
	q->broke = true;
	return err_set(err, ERR_BENCH, "QEMU's monitor: %s: '%s'", what, said);
}

/* An error may come without a number: of a command that it could not read, which can only be the newest. */
static bool is_ours(const struct qmp *q, const json_t *id, bool is_error)
{
	return json_is_integer(id) ? json_integer_value(id) == q->id : !id && is_error;
}

static bool take_error(struct qmp *q, const json_t *error)
{
	const char *desc = json_string_value(json_object_get(error, "desc"));

	if (!desc)
		return false;
	plain(q->refusal, sizeof(q->refusal), *desc ? desc : "without a reason");
	q->answered = true;
	return true;
}

/* False: no message of the protocol. */
static bool take(struct qmp *q, const json_t *m)
{
	const json_t *id = json_object_get(m, "id"), *error = json_object_get(m, "error"), *data = json_object_get(m, "data");
	const char *event = json_string_value(json_object_get(m, "event"));

	if (event) {
		if (data && !json_is_object(data))
			return false;
		if (q->heard)
			q->heard(q->arg, event, data);
		return true;
	}
	if (json_is_object(json_object_get(m, "QMP"))) {
		q->greeted = true;
		return true;
	}
	if (!error && !json_object_get(m, "return"))
		return false;
	if (!is_ours(q, id, error != NULL))
		return json_integer_value(id) > 0 && json_integer_value(id) < q->id;    /* of a command that was given up */
	if (error)
		return take_error(q, error);
	q->answered = true;
	return true;
}

static bool take_line(struct qmp *q, const char *p, size_t n, struct err *err)
{
	CLEANUP(free_json) json_t *m = NULL;

	if (n && p[n - 1] == '\r')
		n--;
	if (!n)
		return true;
	m = json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(m) || !take(q, m))
		return broken(q, err, "no message of its protocol", p, n);
	return true;
}

static bool take_lines(struct qmp *q, struct err *err)
{
	size_t from = 0;
	const char *end;

	while (q->fd >= 0 && (end = memchr(q->buf + from, '\n', q->n - from))) {
		size_t n = (size_t)(end - q->buf) - from;

		if (!take_line(q, q->buf + from, n, err))
			return false;
		from += n + 1;
	}
	q->n -= from;
	memmove(q->buf, q->buf + from, q->n);
	return q->n < sizeof(q->buf) || broken(q, err, "a line without end", q->buf, q->n);
}

bool qmp_drain(struct qmp *q, struct err *err)
{
	ssize_t n;

	if (q->fd < 0)
		return err_set(err, ERR_BENCH, "QEMU's monitor is closed");
	n = recv(q->fd, q->buf + q->n, sizeof(q->buf) - q->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		qmp_close(q);
		return err_set(err, ERR_BENCH, "QEMU has closed its monitor");
	}
	q->n += (size_t)n;
	return take_lines(q, err);
}

/* ---- commands ---- */

bool qmp_await(struct qmp *q, const bool *flag, int64_t until_ns, struct err *err)
{
	while (!*flag) {
		int64_t left = until_ns - clock_ns();
		struct pollfd p = { q->fd, POLLIN, 0 };

		if (left <= 0)
			return err_set(err, ERR_TIME, "QEMU's monitor does not answer in time");
		if (q->fd >= 0 && poll(&p, 1, (int)(left / MS(1)) + 1) <= 0)
			continue;
		if (!qmp_drain(q, err))
			return false;
	}
	return true;
}

static bool tell(struct qmp *q, const char *command, int64_t until_ns, struct err *err)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "{\"execute\":\"%s\",\"id\":%" JSON_INTEGER_FORMAT "}\n", command, ++q->id), sent = 0;

	q->answered = false;
	q->refusal[0] = 0;
	while (sent < n) {
		ssize_t k = send(q->fd, text + sent, (size_t)(n - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd p = { q->fd, POLLOUT, 0 };

		if (k < 0 && errno != EAGAIN && errno != EINTR) {
			qmp_close(q);
			return err_set(err, ERR_BENCH, "QEMU has closed its monitor");
		}
		sent += k > 0 ? (int)k : 0;
		if (k < 0 && clock_ns() >= until_ns) {
			if (sent)               /* half a command would spoil the next one */
				qmp_close(q);
			return err_set(err, ERR_TIME, "QEMU's monitor takes no command");
		}
		if (k < 0)
			poll(&p, 1, (int)((until_ns - clock_ns()) / MS(1)) + 1);
	}
	return true;
}

static bool ask(struct qmp *q, const char *command, int64_t until_ns, struct err *err)
{
	if (q->fd < 0)
		return err_set(err, ERR_BENCH, "QEMU's monitor is closed");
	if (!tell(q, command, until_ns, err) || !qmp_await(q, &q->answered, until_ns, err))
		return err_in(err, "%s", command);
	return !q->refusal[0] || err_set(err, ERR_BENCH, "QEMU refuses %s: %s", command, q->refusal);
}

bool qmp_hello(struct qmp *q, int64_t until_ns, struct err *err)
{
	if (q->ready)
		return true;
	if (!qmp_await(q, &q->greeted, until_ns, err))
		return err_in(err, "no greeting");
	q->ready = ask(q, "qmp_capabilities", until_ns, err);
	return q->ready;
}

bool qmp_do(struct qmp *q, const char *command, int64_t until_ns, struct err *err)
{
	return qmp_hello(q, until_ns, err) && ask(q, command, until_ns, err);
}
