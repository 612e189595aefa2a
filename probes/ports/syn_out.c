/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ports/syn_wire.h"

enum { REFUSED = 1000, QUEUE = 1024, HALF = 24, SHARE = 192, SPIN = 2000 };

/* One queue from the scanner to the thread: only the former moves `head`, only the latter `tail`. */
struct syn_second {
	uint8_t packet[QUEUE][SYN_ROOM];
	atomic_uint head, tail, refused;
	atomic_int bad;                 /* errno of what must not happen */
	atomic_bool stop;
	sem_t more;
	pthread_t thread;
	cpu_set_t before;               /* where the scanner may run when this is over; none set = it was left alone */
	int out;
	size_t length;
};

/* What a segment that could not be sent means: the rules of the bench said no, or the device does not answer ARP just now, or an
 * ICMP error of an earlier one is told here. It is as good as lost, and its port is asked again. */
static void not_sent(unsigned *refused, int *bad)
{
	if (errno == EPERM || errno == EACCES)
		++*refused;
	else if (errno == EINVAL || errno == EMSGSIZE || errno == EBADF)
		*bad = errno;
	else if (errno == ENOBUFS)
		poll(NULL, 0, 1);
}

static void send_all(int out, uint8_t (*packet)[SYN_ROOM], unsigned n, size_t length, unsigned *refused, int *bad)
{
	struct mmsghdr m[SYN_BATCH];
	struct iovec v[SYN_BATCH];

	for (unsigned i = 0; i < n; i++) {
		v[i] = (struct iovec){ packet[i], length };
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &v[i], .msg_iovlen = 1 } };
	}
	for (unsigned i = 0; i < n;) {
		int sent = sendmmsg(out, m + i, n - i, 0);

		if (sent > 0) {
			i += (unsigned)sent;
			*refused = 0;
		} else if (errno != EINTR) {
			i++;
			not_sent(refused, bad);
		}
	}
}

static void *second_run(void *data)
{
	struct syn_second *t = data;
	unsigned refused = 0, idle = 0;
	int bad = 0;

	while (!atomic_load(&t->stop)) {
		unsigned tail = atomic_load(&t->tail), n = atomic_load(&t->head) - tail;

		if (!n) {
			if (++idle > SPIN)      /* sleeping and waking costs more than the pause between two batches */
				sem_wait(&t->more);
			continue;
		}
		idle = 0;
		n = n < HALF ? n : HALF;
		n = tail % QUEUE + n > QUEUE ? QUEUE - tail % QUEUE : n;
		send_all(t->out, t->packet + tail % QUEUE, n, t->length, &refused, &bad);
		atomic_store(&t->refused, refused);
		atomic_store(&t->bad, bad);
		atomic_store(&t->tail, tail + n);
	}
	return NULL;
}

/* Each its half of the processors: woken by one another they would else share one, and take turns. */
static void apart(struct syn_second *t)
{
	cpu_set_t half[2];
	unsigned n = 0;

	if (sched_getaffinity(0, sizeof(t->before), &t->before) < 0 || CPU_COUNT(&t->before) < 2) {
		CPU_ZERO(&t->before);
		return;
	}
	CPU_ZERO(&half[0]);
	CPU_ZERO(&half[1]);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &t->before))
			CPU_SET(cpu, &half[n++ & 1]);
	n = CPU_ISSET((unsigned)sched_getcpu(), &half[1]) ? 1 : 0;
	sched_setaffinity(0, sizeof(half[n]), &half[n]);
	pthread_setaffinity_np(t->thread, sizeof(half[!n]), &half[!n]);
}

static void second_begin(struct syn_wire *w)
{
	struct syn_second *t = calloc(1, sizeof(*t));

	if (!t)
		return;
	t->out = w->out2;
	t->length = w->head_n + 24;
	sem_init(&t->more, 0, 0);
	if (pthread_create(&t->thread, NULL, second_run, t)) {
		sem_destroy(&t->more);
		free(t);
		return;                 /* it is only for speed */
	}
	apart(t);
	w->second = t;
}

void syn_second_end(struct syn_wire *w)
{
	struct syn_second *t = w->second;

	if (!t)
		return;
	atomic_store(&t->stop, true);
	sem_post(&t->more);
	pthread_join(t->thread, NULL);
	sem_destroy(&t->more);
	if (CPU_COUNT(&t->before))
		sched_setaffinity(0, sizeof(t->before), &t->before);
	free(t);
	w->second = NULL;
}

/* Fills it up to SHARE: while we read what came it goes on, and what it has no room for is sent by us. So both always have work. */
static void give(struct syn_wire *w)
{
	struct syn_second *t = w->second;
	unsigned head = atomic_load(&t->head), waiting = head - atomic_load(&t->tail), n = waiting < SHARE ? SHARE - waiting : 0;

	n = n < w->n ? n : w->n;
	if (!n)
		return;
	for (unsigned i = 0; i < n; i++)
		memcpy(t->packet[(head + i) % QUEUE], w->packet[--w->n], SYN_ROOM);
	atomic_store(&t->head, head + n);
	sem_post(&t->more);
}

bool syn_flush(struct syn_wire *w, struct err *err)
{
	int bad = 0;

	if (w->n > HALF && !w->second)
		second_begin(w);
	if (w->n > HALF && w->second)
		give(w);
	send_all(w->out, w->packet, w->n, w->head_n + 24, &w->refused, &bad);
	w->n = 0;
	if (!bad && w->second)
		bad = atomic_load(&w->second->bad);
	if (bad) {
		errno = bad;
		return err_sys(err, "SYN");
	}
	return w->refused < REFUSED || err_set(err, ERR_BENCH, "the bench's own packet rules let no SYN out");
}
