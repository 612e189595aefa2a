/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/lanes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct lane {
	struct lanes *all;
	struct surface *s;
	unsigned settled;               /* pairs, in this round */
	struct err err;
	bool failed;
};

struct lanes {
	struct step *st;
	const json_t *row;
	unsigned most, wide, widest;    /* never more than; this many now; were answered in one round */
	struct lane lane[LANES_MOST];
	uint64_t shape[LANES_SHAPES];
	size_t shapes;
	/* of a round; behind the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct refusal *refusal;
	struct lane_job *job;
	size_t n, next;
	int64_t until_ns;
	struct trylog *log;
	bool over;
};

bool lanes_new(struct step *st, const json_t *row, struct surface *first, unsigned most, struct lanes **ret, struct err *err)
{
	struct lanes *l = calloc(1, sizeof(*l));

	if (!l)
		return err_set(err, ERR_OS, "out of memory");
	l->st = st;
	l->row = row;
	l->most = first->type->alone ? 1 : most < LANES_MOST ? most : LANES_MOST;
	l->wide = 1;
	l->lane[0].s = first;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	*ret = l;
	return true;
}

/* A device that serves one connection only must not find ours waiting while a pair is offered alone. */
static void hang_up(struct lanes *l)
{
	for (unsigned i = 1; i < LANES_MOST; i++)
		l->lane[i].s = surface_close(l->lane[i].s);
}

struct lanes *lanes_free(struct lanes *l)
{
	if (!l)
		return NULL;
	hang_up(l);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
	return NULL;
}

uint64_t lanes_shape(const struct refusal *r, const struct answer *a, const char *user, const char *secret)
{
	uint64_t words = surface_shape(a->text, strlen(a->text), (const char *const[2]){ user, secret });

	if (!a->reached || a->locked || a->broken || a->says == SAYS_GRANTED)
		return 0;
	return (words * 31 + a->head * 7 + (r->use_body ? a->body : 0)) | 1;
}

static bool knows(const struct lanes *l, uint64_t shape)
{
	for (size_t i = 0; i < l->shapes; i++)
		if (l->shape[i] == shape)
			return true;
	return false;
}

void lanes_know(struct lanes *l, uint64_t shape)
{
	if (shape && !knows(l, shape) && l->shapes < LANES_SHAPES)
		l->shape[l->shapes++] = shape;
}

bool lanes_useful(const struct lanes *l) { return l->most > 1 && l->shapes; }
unsigned lanes_widest(const struct lanes *l) { return l->widest ? l->widest : 1; }

/* The next pair for this lane, once the round is wide enough for it; NULL: there is none. */
static struct lane_job *take(struct lane *lane)
{
	struct lanes *l = lane->all;
	struct lane_job *job = NULL;

	pthread_mutex_lock(&l->lock);
	while (!l->over && l->next < l->n && (unsigned)(lane - l->lane) >= l->wide)
		pthread_cond_wait(&l->changed, &l->lock);
	if (clock_ns() >= l->until_ns)
		l->over = true;
	if (!l->over && l->next < l->n)
		job = &l->job[l->next++];
	if (!job || l->next == l->n)
		pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	return job;
}

static void answered(struct lane *lane, struct lane_job *job, const struct answer *a)
{
	struct lanes *l = lane->all;
	enum outcome o = OFFER_SILENT;

	job->shape = lanes_shape(l->refusal, a, lane->s->user[0] ? lane->s->user : job->user, job->secret);
	pthread_mutex_lock(&l->lock);
	if (knows(l, job->shape)) {
		o = OFFER_REFUSED;
		job->state = LANE_SETTLED;
		lane->settled++;
		if (l->wide < l->most)
			l->wide++;
	} else {
		o = a->locked ? OFFER_LOCKED : OFFER_AGAIN;
		job->state = LANE_BACK;
		l->over = true;
	}
	trylog_add(l->log, lane->s->name, lane->s->user[0] ? lane->s->user : job->user, job->secret, a, o);
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

static void *work(void *data)
{
	struct lane *lane = data;
	struct lane_job *job;
	struct answer a;

	while ((job = take(lane))) {
		if (!surface_attempt(lane->s, job->user, job->secret, &a, &lane->err)) {
			lane->failed = true;
			pthread_mutex_lock(&lane->all->lock);
			lane->all->over = true;
			pthread_cond_broadcast(&lane->all->changed);
			pthread_mutex_unlock(&lane->all->lock);
			return NULL;
		}
		answered(lane, job, &a);
	}
	return NULL;
}

static bool ready(struct lanes *l, unsigned n, struct err *err)
{
	for (unsigned i = 0; i < LANES_MOST; i++) {
		struct lane *lane = &l->lane[i];

		*lane = (struct lane){ .all = l, .s = lane->s };
		if (i < n && !lane->s && !surface_open(l->st, URL_RULES, l->row, &lane->s, err))
			return false;
	}
	return true;
}

/* Lane 0 is this thread. One that cannot be started is one less. */
static void run(struct lanes *l, unsigned n)
{
	pthread_t thread[LANES_MOST];
	pthread_attr_t attr;
	unsigned started = 1;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	while (started < n && !pthread_create(&thread[started], &attr, work, &l->lane[started]))
		started++;
	pthread_attr_destroy(&attr);
	work(&l->lane[0]);
	while (--started)
		pthread_join(thread[started], NULL);
}

bool lanes_round(struct lanes *l, const struct refusal *r, struct lane_job *job, size_t n, int64_t until_ns, struct trylog *log,
		 struct err *err)
{
	unsigned lanes = n < l->most ? (unsigned)n : l->most, busy = 0;
	bool ok = ready(l, lanes, err);

	l->refusal = r;
	l->job = job;
	l->n = n;
	l->next = 0;
	l->until_ns = until_ns;
	l->log = log;
	l->over = false;
	if (ok)
		run(l, lanes);
	for (unsigned i = 0; i < lanes && ok; i++) {
		busy += l->lane[i].settled > 0;
		ok = !l->lane[i].failed || (*err = l->lane[i].err, false);
	}
	if (busy > l->widest)
		l->widest = busy;
	hang_up(l);
	return ok;
}

void lanes_narrow(struct lanes *l)
{
	unsigned settled = 0;

	for (unsigned i = 0; i < l->most; i++)
		settled += l->lane[i].settled > 0;
	l->most = settled < l->wide / 2 ? settled : l->wide / 2;
	if (!l->most)
		l->most = 1;
	l->wide = 1;
}
