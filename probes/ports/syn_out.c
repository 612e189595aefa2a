/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/ports/syn_wire.h"

enum { REFUSED = 1000, QUEUE = 1024, HALF = 24, SHARE = 192, SPIN = 2000 };

/* One queue from the scanner to the thread: only the former moves `head`, only the latter `tail`. */
struct syn_second {
	uint8_t segment[QUEUE][SYN_BYTES];
	int64_t *sent_ns[QUEUE];
	atomic_uint head, tail, refused;
	atomic_int bad;                 /* errno of what must not happen */
	atomic_bool stop;
	sem_t more;
	pthread_t thread;
	const struct syn_wire *wire;
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

static void send_all(const struct syn_wire *w, int out, uint8_t (*segment)[SYN_BYTES], unsigned n, unsigned *refused, int *bad)
{
	struct mmsghdr m[SYN_BATCH];
	struct iovec v[SYN_BATCH];

	for (unsigned i = 0; i < n; i++) {
		v[i] = (struct iovec){ segment[i], SYN_BYTES };
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &v[i], .msg_iovlen = 1, .msg_name = (void *)&w->to, .msg_namelen = w->to_n } };
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
	int64_t now_ns;
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
		send_all(t->wire, t->wire->out2, t->segment + tail % QUEUE, n, &refused, &bad);
		now_ns = clock_ns();
		for (unsigned i = 0; i < n; i++)
			__atomic_store_n(t->sent_ns[(tail + i) % QUEUE], now_ns, __ATOMIC_RELEASE);
		atomic_store(&t->refused, refused);
		atomic_store(&t->bad, bad);
		atomic_store(&t->tail, tail + n);
	}
	return NULL;
}

/* Away from the processor the scanner is on: woken by one another they would else share it, and take turns. */
static void apart(struct syn_second *t)
{
	int here = sched_getcpu();
	cpu_set_t others;

	if (here < 0 || sched_getaffinity(0, sizeof(others), &others) < 0)
		return;
	CPU_CLR((unsigned)here, &others);
	if (CPU_COUNT(&others))
		pthread_setaffinity_np(t->thread, sizeof(others), &others);
}

static void second_begin(struct syn_wire *w)
{
	struct syn_second *t = calloc(1, sizeof(*t));

	if (!t)
		return;
	t->wire = w;
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
	for (unsigned i = 0; i < n; i++) {
		memcpy(t->segment[(head + i) % QUEUE], w->segment[--w->n], SYN_BYTES);
		t->sent_ns[(head + i) % QUEUE] = w->sent_ns[w->n];
		__atomic_store_n(w->sent_ns[w->n], SYN_UNSENT, __ATOMIC_RELEASE);
	}
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
	send_all(w, w->out, w->segment, w->n, &w->refused, &bad);
	w->n = 0;
	if (!bad && w->second)
		bad = atomic_load(&w->second->bad);
	if (bad) {
		errno = bad;
		return err_sys(err, "SYN");
	}
	return w->refused < REFUSED || err_set(err, ERR_BENCH, "the bench's own packet rules let no SYN out");
}
