/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/lanes.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 6, SMOOTH = 64 };        /* lanes to begin with; so many pairs after a loss one more is worth a try */

struct lane {
	struct lanes *all;
	struct surface *s;
	unsigned settled;               /* pairs, in this round */
	bool gone;                      /* not answered any more, in this round */
	struct err err;
	bool failed;
};

struct lanes {
	struct step *st;
	const json_t *row;
	unsigned most, cap, wide, widest;       /* never more than; not more for now; this many now; were answered in one round */
	unsigned smooth;                /* settled since the cap was set */
	struct lane lane[LANES_MOST];
	uint64_t shape[LANES_SHAPES];
	size_t shapes;
	/* of a round; behind the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct refusal *refusal;
	struct lane_job *job;
	size_t n, next, returned;
	struct lane_job *again[LANES_MOST];     /* of lanes that are gone */
	unsigned busy;                  /* lanes that are not: of those with a number below `wide` */
	unsigned started, asked;        /* lanes there are; pairs on their way */
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
	l->cap = l->most;
	l->wide = l->most < FIRST ? l->most : FIRST;
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
	return lanes_mix(r, a, surface_shape(a->text, strlen(a->text), (const char *const[2]){ user, secret }));
}

uint64_t lanes_mix(const struct refusal *r, const struct answer *a, uint64_t words)
{
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

bool lanes_useful(const struct lanes *l) { return l->cap > 1 && l->shapes; }
unsigned lanes_widest(const struct lanes *l) { return l->widest ? l->widest : 1; }

/* The next pair for this lane, once the round is wide enough for it; NULL: there is none. */
static struct lane_job *take(struct lane *lane)
{
	struct lanes *l = lane->all;
	struct lane_job *job = NULL;

	pthread_mutex_lock(&l->lock);
	while (!l->over && (l->next < l->n || l->returned || l->asked) && ((unsigned)(lane - l->lane) >= l->wide || (l->next == l->n && !l->returned)))
		pthread_cond_wait(&l->changed, &l->lock);
	if (clock_ns() >= l->until_ns)
		l->over = true;
	if (!l->over && l->returned)
		job = l->again[--l->returned];
	else if (!l->over && l->next < l->n)
		job = &l->job[l->next++];
	l->asked += job != NULL;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	return job;
}

/* Behind the lock. The pair was not looked at: another lane's, while there is one. */
static void leave(struct lane *lane, struct lane_job *job)
{
	struct lanes *l = lane->all;

	lane->gone = true;
	l->busy--;
	l->cap = l->busy ? l->busy : 1;
	l->smooth = 0;
	l->over |= !l->busy;
	if (!l->over)
		l->again[l->returned++] = job;
}

/* Behind the lock. */
static void grow(struct lanes *l)
{
	if (++l->smooth % SMOOTH == 0 && l->cap < l->most)
		l->cap++;
	if (l->wide >= l->cap)
		return;
	l->busy += l->wide < l->started;
	l->wide++;
}

static void answered(struct lane *lane, struct lane_job *job, const struct answer *a)
{
	struct lanes *l = lane->all;
	enum outcome o = OFFER_SILENT;

	job->shape = lanes_shape(l->refusal, a, lane->s->user[0] ? lane->s->user : job->user, job->secret);
	pthread_mutex_lock(&l->lock);
	l->asked--;
	if (knows(l, job->shape)) {
		o = OFFER_REFUSED;
		job->state = LANE_SETTLED;
		lane->settled++;
		grow(l);
	} else if (!a->reached && !a->locked) {
		o = OFFER_AGAIN;
		leave(lane, job);
	} else {
		o = a->locked ? OFFER_LOCKED : OFFER_AGAIN;
		job->state = LANE_BACK;
		l->over = true;
	}
	trylog_add(l->log, lane->s->name, lane->s->user[0] ? lane->s->user : job->user, job->secret, a, o);
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

/* A server that has not yet noticed that the last connection is gone drops this one, and OpenSSH's MaxStartups drops by lot: some
 * more times, if that was quick. */
static bool attempt(struct lane *lane, const struct lane_job *job, struct answer *ret)
{
	for (int pause = 100; surface_attempt(lane->s, job->user, job->secret, ret, &lane->err); pause *= 2) {
		if (ret->reached || ret->locked || ret->closed || ret->end_ns - ret->begin_ns > MS(500) || pause > 400)
			return true;
		poll(NULL, 0, pause);
	}
	return false;
}

static void *work(void *data)
{
	struct lane *lane = data;
	struct lane_job *job;
	struct answer a;

	while (!lane->gone && (job = take(lane))) {
		if (!attempt(lane, job, &a)) {
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
	pthread_mutex_lock(&l->lock);           /* they begin when it is known how many they are */
	while (started < n && !pthread_create(&thread[started], &attr, work, &l->lane[started]))
		started++;
	l->started = started;
	l->busy = l->wide < started ? l->wide : started;
	pthread_mutex_unlock(&l->lock);
	pthread_attr_destroy(&attr);
	work(&l->lane[0]);
	while (--started)
		pthread_join(thread[started], NULL);
}

bool lanes_round(struct lanes *l, const struct refusal *r, struct lane_job *job, size_t n, int64_t until_ns, struct trylog *log,
		 struct err *err)
{
	unsigned lanes = n < l->most ? (unsigned)n : l->most, settled = 0;
	bool ok = ready(l, lanes, err);

	l->refusal = r;
	l->job = job;
	l->n = n;
	l->next = l->returned = 0;
	l->asked = 0;
	l->until_ns = until_ns;
	l->log = log;
	l->over = false;
	if (ok)
		run(l, lanes);
	for (unsigned i = 0; i < lanes && ok; i++) {
		settled += l->lane[i].settled > 0;
		ok = !l->lane[i].failed || (*err = l->lane[i].err, false);
	}
	if (settled > l->widest)
		l->widest = settled;
	hang_up(l);
	return ok;
}

void lanes_narrow(struct lanes *l)
{
	unsigned settled = 0;

	for (unsigned i = 0; i < l->most; i++)
		settled += l->lane[i].settled > 0;
	l->cap = settled < l->wide ? settled : l->wide - 1;
	if (!l->cap)
		l->cap = 1;
	if (l->wide > l->cap)
		l->wide = l->cap;
	l->smooth = 0;
}
