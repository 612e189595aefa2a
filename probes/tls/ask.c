// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/tls/dgram.h"

struct question { uint8_t hello[HELLO_MAX]; size_t n; void *owner; unsigned tries; };

enum stage { STAGE_FREE, STAGE_CONNECT, STAGE_PLAIN, STAGE_TLS };
struct talk {
	enum stage stage;
	int fd;
	int64_t until_ns;
	struct question q;
	bool alone;                     /* no other conversation when it began */
	unsigned step;                  /* of the plain protocol */
	uint8_t *raw, *hand;
	size_t n, room, need;
	uint8_t said[DGRAM_HELLO];      /* DTLS: our last hello */
	size_t said_n;
	unsigned number;
	unsigned times;                 /* it was said */
	int64_t again_ns, pause_ns;     /* when it is said again */
};

struct asker {
	struct ask_where where;
	struct sockaddr_storage to;
	socklen_t to_n;
	ask_fn *fn;
	void *data;
	struct talk talk[ASK_PARALLEL];
	unsigned busy, at_once;
	struct question *waiting;       /* a ring would do; the order does not matter, so the last is taken */
	size_t n, room;
	struct ask_count count;
	uint16_t port;                  /* ours, of the conversation that is over */
	bool late;
	struct dgram *gram;             /* of the one conversation that DTLS has */
	bool lossy;                     /* something was answered only when it was said again */
};

bool ask_address(const struct ask_where *w, struct sockaddr_storage *ret, unsigned *ret_n)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	four->sin_port = htons((uint16_t)w->port);      /* same place in both */
	ret->ss_family = AF_INET;
	*ret_n = sizeof(*four);
	if (inet_pton(AF_INET, w->address, &four->sin_addr) == 1)
		return true;
	ret->ss_family = AF_INET6;
	*ret_n = sizeof(*six);
	return inet_pton(AF_INET6, w->address, &six->sin6_addr) == 1;
}

bool ask_open(const struct ask_where *w, ask_fn *fn, void *data, struct asker **ret, struct err *err)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (!a)
		return err_set(err, ERR_OS, "TLS: out of memory");
	a->where = *w;
	a->fn = fn;
	a->data = data;
	a->at_once = w->parallel < 1 ? 1 : w->parallel > ASK_PARALLEL ? ASK_PARALLEL : w->parallel;
	for (unsigned i = 0; i < ASK_PARALLEL; i++)
		a->talk[i].fd = -1;
	if (w->datagram) {
		a->at_once = 1;
		a->gram = malloc(sizeof(*a->gram));
	}
	if (w->datagram && !a->gram) {
		free(a);
		return err_set(err, ERR_OS, "TLS: out of memory");
	}
	if (!ask_address(w, &a->to, &a->to_n)) {
		ask_close(a);
		return err_set(err, ERR_CONF, "'%s' is not an address", w->address);
	}
	*ret = a;
	return true;
}

static bool put_back(struct asker *a, const struct question *q, struct err *err)
{
	if (a->n == a->room) {
		size_t room = a->room ? 2 * a->room : 64;
		struct question *more = realloc(a->waiting, room * sizeof(*more));

		if (!more)
			return err_set(err, ERR_OS, "TLS: out of memory");
		a->waiting = more;
		a->room = room;
	}
	a->waiting[a->n++] = *q;
	return true;
}

bool ask_put(struct asker *a, const uint8_t *hello, size_t n, void *owner, struct err *err)
{
	struct question q = { .n = n, .owner = owner };

	memcpy(q.hello, hello, n);
	return put_back(a, &q, err);
}

/* ---- DTLS ---- */
static bool say_datagram(struct talk *t)
{
	dgram_number(t->said, t->number++);
	t->times++;
	t->again_ns = clock_ns() + t->pause_ns;
	t->pause_ns *= 2;
	return send(t->fd, t->said, t->said_n, MSG_NOSIGNAL) >= 0 || errno != ECONNREFUSED;
}

/* From now on until it counts as silent. */
static void be_patient(const struct asker *a, struct talk *t)
{
	int64_t wait = a->where.patience_ns < ASK_QUIET || !a->count.answered || a->lossy ? a->where.patience_ns : ASK_QUIET;

	t->until_ns = clock_ns() + wait;
	t->pause_ns = wait / 5 < MS(300) ? wait / 5 : MS(300);
}

static bool begin_datagram(struct asker *a, struct talk *t)
{
	dgram_begin(a->gram);
	memcpy(t->said, t->q.hello, t->q.n);
	t->said_n = t->q.n;
	t->number = t->times = 0;
	t->stage = STAGE_TLS;
	be_patient(a, t);
	return say_datagram(t);
}

/* It waits for the rest of a handshake: it may stop. What refused, or never heard us, knows nothing of us. */
static void take_leave(struct asker *a, struct talk *t)
{
	uint8_t alert[16];

	if (a->gram->hello)
		send(t->fd, alert, dgram_alert(t->number, alert), MSG_NOSIGNAL);
}

static void hang_up(struct asker *a, struct talk *t)
{
	struct linger now = { 1, 0 };

	if (t->fd >= 0 && a->where.datagram)
		take_leave(a, t);
	if (t->fd >= 0) {
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(t->fd);
	}
	t->fd = -1;
	t->stage = STAGE_FREE;
	t->n = 0;
	a->busy--;
}

static void note_port(struct asker *a, const struct talk *t)
{
	struct sockaddr_storage own;
	socklen_t n = sizeof(own);

	a->port = getsockname(t->fd, (struct sockaddr *)&own, &n) ? 0 : ntohs(((struct sockaddr_in *)&own)->sin_port);
}

/* The end of one conversation: again, or an answer for its owner. */
static bool finish(struct asker *a, struct talk *t, enum ask_end how, const struct reply *r, struct err *err)
{
	static const struct reply nothing = { .alert = -1 };
	struct question q = t->q;
	bool silent = how == ASK_SILENT || how == ASK_UNREACHED, alone = t->alone;
	unsigned tries = a->where.datagram && a->count.answered && !a->lossy ? 1 : ASK_TRIES;
	bool again = silent || (r && r->garbage) || a->where.datagram ? how != ASK_ANSWERED && ++q.tries < tries : how != ASK_ANSWERED && (!alone || !q.tries++);

	note_port(a, t);
	hang_up(a, t);
	if (how != ASK_ANSWERED && a->at_once > 1) {
		a->at_once = (a->at_once + 1) / 2;
		a->count.halved++;
	}
	if (again) {
		a->count.again++;
		return put_back(a, &q, err);
	}
	a->fn(q.owner, how, r ? r : &nothing, a->data);
	return true;
}

static bool connected(struct asker *a, struct talk *t)
{
	t->stage = a->where.plain ? STAGE_PLAIN : STAGE_TLS;
	return a->where.plain || send(t->fd, t->q.hello, t->q.n, MSG_NOSIGNAL) == (ssize_t)t->q.n;
}

static enum ask_end why_not(int error)
{
	return error == ECONNREFUSED ? ASK_CLOSED : ASK_UNREACHED;
}

static bool dial(struct asker *a, struct talk *t, const struct question *q, struct err *err)
{
	int on = 1;

	t->fd = socket(a->to.ss_family, (a->where.datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return err_sys(err, "socket");
	if (!a->where.datagram)
		setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	t->q = *q;
	t->alone = !a->busy;
	t->step = 0;
	t->n = 0;
	t->need = 1;
	t->stage = STAGE_CONNECT;
	t->until_ns = clock_ns() + a->where.patience_ns * (t->q.tries ? t->q.tries : 1);
	a->busy++;
	a->count.connections++;
	if (!connect(t->fd, (const struct sockaddr *)&a->to, a->to_n)) {
		if (a->where.datagram)
			return begin_datagram(a, t) || finish(a, t, ASK_CLOSED, NULL, err);
		return connected(a, t) || finish(a, t, ASK_ENDED, NULL, err);
	}
	if (errno == EPERM || errno == EACCES || errno == EADDRNOTAVAIL)
		return err_sys(err, "connect");
	return errno == EINPROGRESS || finish(a, t, why_not(errno), NULL, err);
}

static bool grow(struct talk *t, struct err *err)
{
	size_t room = t->room ? 2 * t->room : 8192;
	uint8_t *raw = realloc(t->raw, room), *hand = NULL;

	if (raw) {
		t->raw = raw;
		hand = realloc(t->hand, room);
	}
	if (!hand)
		return err_set(err, ERR_OS, "TLS: out of memory");
	t->hand = hand;
	t->room = room;
	return true;
}

/* A whole answer in the plain protocol: the next line, or at last the hello. */
static bool heard_plain(struct asker *a, struct talk *t, struct err *err)
{
	const struct plain *p = a->where.plain;
	enum plain_says says = plain_read(p, t->step, (const char *)t->raw, t->n);
	const char *say = p->step[t->step].say;

	if (says == PLAIN_MORE)
		return true;
	if (says == PLAIN_BAD)
		return finish(a, t, ASK_NOT_OFFERED, NULL, err);
	t->step++;
	t->n = 0;
	t->stage = say ? STAGE_PLAIN : STAGE_TLS;
	if (send(t->fd, say ? (const void *)say : t->q.hello, say ? strlen(say) : t->q.n, MSG_NOSIGNAL) < 0)
		return finish(a, t, ASK_ENDED, NULL, err);
	return true;
}

static bool heard(struct asker *a, struct talk *t, struct err *err)
{
	struct reply r;

	if (t->stage == STAGE_PLAIN)
		return heard_plain(a, t, err);
	if (t->n < t->need)
		return true;
	reply_read((struct span){ t->raw, t->n }, t->hand, &r);
	t->need = r.need;
	return r.more || finish(a, t, ASK_ANSWERED, &r, err);
}

/* The connection is over; what came before the end may still say something. */
static bool ended(struct asker *a, struct talk *t, struct err *err)
{
	struct reply r;

	if (t->stage == STAGE_TLS && t->n) {
		reply_read((struct span){ t->raw, t->n }, t->hand, &r);
		if (r.hello || r.alert >= 0 || r.garbage)
			return finish(a, t, ASK_ANSWERED, &r, err);
	}
	return finish(a, t, t->stage == STAGE_PLAIN ? ASK_NOT_OFFERED : ASK_ENDED, NULL, err);
}

static bool listen_to(struct asker *a, struct talk *t, struct err *err)
{
	for (int i = 0; i < 4; i++) {           /* a server that never stops does not keep the others waiting */
		ssize_t got;

		if (t->n == t->room && !grow(t, err))
			return false;
		got = recv(t->fd, t->raw + t->n, t->room - t->n, 0);
		if (got < 0 && errno == EAGAIN)
			return true;
		if (got <= 0)
			return ended(a, t, err);
		t->n += (size_t)got;
		if (!heard(a, t, err))
			return false;
		if (t->stage < STAGE_PLAIN)
			return true;
	}
	return true;
}

/* Records that came to be whole, as if TLS had brought them. */
static bool heard_records(struct asker *a, struct talk *t, struct err *err)
{
	while (t->room < t->n + a->gram->n)
		if (!grow(t, err))
			return false;
	memcpy(t->raw + t->n, a->gram->out, a->gram->n);
	t->n += a->gram->n;
	return heard(a, t, err);
}

static bool heard_datagram(struct asker *a, struct talk *t, struct span s, struct err *err)
{
	struct reply bad = { .garbage = true, .alert = -1 };
	enum dgram_says says = dgram_read(a->gram, s);

	a->lossy |= t->times > 1 && (says == DGRAM_RECORDS || (says == DGRAM_COOKIE && a->gram->cookies == 1));
	switch (says) {
	case DGRAM_GARBAGE:
		bad.why = a->gram->why;
		return finish(a, t, ASK_ANSWERED, &bad, err);
	case DGRAM_FORGOTTEN:
		return finish(a, t, ASK_ENDED, NULL, err);
	case DGRAM_COOKIE:
		a->count.answered = true;
		t->said_n = dgram_answer(a->gram, t->q.hello, t->q.n, t->said);
		t->times = 0;
		be_patient(a, t);
		return say_datagram(t) || finish(a, t, ASK_CLOSED, NULL, err);
	case DGRAM_RECORDS:
		a->count.answered = true;
		be_patient(a, t);
		return heard_records(a, t, err);
	default:
		return true;
	}
}

static bool listen_datagrams(struct asker *a, struct talk *t, struct err *err)
{
	static uint8_t in[1 << 16];

	for (int i = 0; i < 16 && t->stage == STAGE_TLS; i++) {
		ssize_t got = recv(t->fd, in, sizeof(in), 0);

		if (got < 0 && errno == EAGAIN)
			return true;
		if (got < 0)
			return finish(a, t, errno == ECONNREFUSED ? ASK_CLOSED : ASK_UNREACHED, NULL, err);
		if (!heard_datagram(a, t, (struct span){ in, (size_t)got }, err))
			return false;
	}
	return true;
}

static bool turn_talk(struct asker *a, struct talk *t, struct err *err)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (a->where.datagram)
		return listen_datagrams(a, t, err);
	if (t->stage != STAGE_CONNECT)
		return listen_to(a, t, err);
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error)
		return finish(a, t, why_not(error), NULL, err);
	return connected(a, t) || finish(a, t, ASK_ENDED, NULL, err);
}

static bool fill(struct asker *a, struct err *err)
{
	while (a->n && (a->late || a->busy < a->at_once)) {
		struct question q = a->waiting[--a->n];
		struct talk *t = a->talk;

		if (a->late) {
			a->fn(q.owner, ASK_LATE, &(struct reply){ .alert = -1 }, a->data);
			continue;
		}
		while (t->stage != STAGE_FREE)
			t++;
		if (!dial(a, t, &q, err))
			return false;
		a->late |= a->count.connections >= ASK_ALL;
	}
	return true;
}

static bool turn(struct asker *a, struct err *err)
{
	struct pollfd p[ASK_PARALLEL];
	struct talk *of[ASK_PARALLEL];
	int64_t now = clock_ns(), first = a->where.deadline_ns;
	unsigned n = 0;

	for (unsigned i = 0; i < ASK_PARALLEL; i++) {
		struct talk *t = &a->talk[i];

		if (t->stage == STAGE_FREE)
			continue;
		p[n] = (struct pollfd){ t->fd, t->stage == STAGE_CONNECT ? POLLOUT : POLLIN, 0 };
		of[n++] = t;
		if (t->until_ns < first)
			first = t->until_ns;
		if (a->where.datagram && t->again_ns < first)
			first = t->again_ns;
	}
	poll(p, n, first <= now ? 0 : (int)((first - now + MS(1) - 1) / MS(1)));
	now = clock_ns();
	for (unsigned i = 0; i < n; i++) {
		if (p[i].revents ? !turn_talk(a, of[i], err) :
		    now >= of[i]->until_ns && !finish(a, of[i], of[i]->stage == STAGE_CONNECT ? ASK_UNREACHED : ASK_SILENT, NULL, err))
			return false;
		if (of[i]->stage != STAGE_FREE && now >= of[i]->until_ns && !finish(a, of[i], ASK_SILENT, NULL, err))
			return false;           /* it says a little all the time */
		if (of[i]->stage != STAGE_FREE && a->where.datagram && now >= of[i]->again_ns && !say_datagram(of[i]) &&
		    !finish(a, of[i], ASK_CLOSED, NULL, err))
			return false;
	}
	return true;
}

bool ask_run(struct asker *a, struct err *err)
{
	while (a->n || a->busy) {
		a->late |= clock_ns() >= a->where.deadline_ns;
		for (unsigned i = 0; a->late && i < ASK_PARALLEL; i++)
			if (a->talk[i].stage != STAGE_FREE) {
				void *owner = a->talk[i].q.owner;

				hang_up(a, &a->talk[i]);
				a->fn(owner, ASK_LATE, &(struct reply){ .alert = -1 }, a->data);
			}
		if (!fill(a, err) || (a->busy && !turn(a, err)))
			return false;
	}
	return true;
}

uint16_t ask_port(const struct asker *a)
{
	return a->port;
}

struct ask_count ask_counted(const struct asker *a)
{
	return a->count;
}

void ask_close(struct asker *a)
{
	for (unsigned i = 0; a && i < ASK_PARALLEL; i++) {
		if (a->talk[i].fd >= 0)
			close(a->talk[i].fd);
		free(a->talk[i].raw);
		free(a->talk[i].hand);
	}
	if (a) {
		free(a->waiting);
		free(a->gram);
	}
	free(a);
}
