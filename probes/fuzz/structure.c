/* SPDX-License-Identifier: Apache-2.0
 *
 * structure.c - thousands of malformed requests, a heartbeat between them, and when it stops, the case that stopped it.
 * The heartbeat is the honest sample on a new connection: any HTTP answer within the limit counts. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/url.h"
#include "probes/fuzz/fuzz.h"
#include "probes/fuzz/talk.h"

enum { BEAT_EVERY = 128, REPLAY_MAX = 256 };
#define ALONE_NS MS(60)
#define RECOVER_NS SEC(20)

struct run {
	struct step *st;
	struct gen_sample sample;
	struct talk talk, heart;
	FILE *log;
	char log_name[80], last[300];
	uint64_t seed, next, beaten;    /* beaten: cases before this one were followed by a heartbeat */
	int64_t sent, answered, ended, silent, lost, slowest_ns, begin_ns, end_ns;
	struct gen_case one;            /* 160 KiB: this struct is static */
	uint8_t bytes[TALK_BYTES];
};

static bool open_log(struct run *r, struct err *err)
{
	char dir[FS_PATH], path[FS_PATH];

	snprintf(r->log_name, sizeof(r->log_name), "evidence/fuzz-%" PRId64 ".log", step_begin_ns(r->st));
	if (!fs_join(dir, step_run_dir(r->st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(path, step_run_dir(r->st), r->log_name, err))
		return false;
	r->log = fopen(path, "we");
	if (!r->log)
		return err_sys(err, "%s", path);
	fprintf(r->log, "# seed %" PRIu64 ", %s %s\n# case kind bytes answer us\n", r->seed, r->sample.method, r->sample.path);
	return true;
}

static bool basic(const char *user, const char *password, char *buf, size_t n, struct err *err)
{
	char pair[300];
	int len = snprintf(pair, sizeof(pair), "%s:%s", user, password ? password : "");

	if (len >= (int)sizeof(pair) || (size_t)len * 4 / 3 + 12 > n)
		return err_set(err, ERR_LIMIT, "user and password are too long");
	strcpy(buf, "Basic ");
	EVP_EncodeBlock((unsigned char *)buf + 6, (const unsigned char *)pair, len);
	return true;
}

static bool read_sample(struct run *r, const json_t *row, struct err *err)
{
	struct gen_sample *s = &r->sample;
	const char *method, *url, *body, *type, *user = json_string_value(json_object_get(row, "user")),
		   *token = json_string_value(json_object_get(row, "token"));
	struct url_target to;
	struct url u;

	if (!fuzz_text(row, "method", "POST", &method, err) || !fuzz_text(row, "url", NULL, &url, err) ||
	    !fuzz_text(row, "body", NULL, &body, err) || !fuzz_text(row, "type", "application/json", &type, err) ||
	    !url_target(r->st, URL_RULES, url, &to, err))
		return false;
	if (!url_split(to.url, &u))
		return err_set(err, ERR_CONF, "'%s' is not an http or https address", to.url);
	if (strlen(method) >= sizeof(s->method) || strlen(body) >= sizeof(s->body) || strlen(type) >= sizeof(s->type))
		return err_set(err, ERR_LIMIT, "interface: the sample is too long");
	strcpy(s->method, method);
	strcpy(s->body, body);
	strcpy(s->type, type);
	snprintf(s->path, sizeof(s->path), "%s", u.path);
	snprintf(s->host, sizeof(s->host), strchr(u.host, ':') ? "[%.70s]" : "%.78s", u.host);
	snprintf(r->talk.address, sizeof(r->talk.address), "%s", to.address);
	r->talk.port = u.port;
	r->talk.tls = u.tls;
	r->talk.limit_ns = step_int(r->st, "limit");
	r->talk.wire.fd = -1;
	memcpy(&r->heart, &r->talk, sizeof(r->heart));
	if (user && !basic(user, json_string_value(json_object_get(row, "password")), s->authorization, sizeof(s->authorization), err))
		return false;
	if (token && snprintf(s->authorization, sizeof(s->authorization), "Bearer %s", token) >= (int)sizeof(s->authorization))
		return err_set(err, ERR_LIMIT, "interface: the token is too long");
	return gen_prepare(s, err);
}

static bool beat(struct run *r, bool *ret_alive, struct err *err)
{
	static struct gen_case honest;
	struct reply reply;

	gen_honest(&r->sample, &honest);
	if (!talk_alone(&r->heart, honest.bytes, honest.n, r->heart.limit_ns, &reply, err))
		return false;
	*ret_alive = reply.said == SAID_ANSWER;
	fprintf(r->log, "- heartbeat %zu %d %" PRId64 "\n", honest.n, reply.status, reply.time_ns / US(1));
	return true;
}

static void note(struct run *r, uint64_t number, const char *kind, size_t n, const struct reply *reply)
{
	static const char *const word[] = { "silent", "answer", "ended", "refused" };
	char status[8] = "";

	if (reply->said == SAID_ANSWER)
		snprintf(status, sizeof(status), "%d", reply->status);
	fprintf(r->log, "%" PRIu64 " %s %zu %s %" PRId64 "\n", number, kind, n, status[0] ? status : word[reply->said],
		reply->time_ns / US(1));
	r->sent++;
	r->answered += reply->said == SAID_ANSWER;
	r->ended += reply->said == SAID_END;
	r->silent += reply->said == SAID_NOTHING;
	if (reply->said == SAID_ANSWER && reply->time_ns > r->slowest_ns)
		r->slowest_ns = reply->time_ns;
}

/* Cases that keep their framing, many at once. *ret_odd: something other than answers came. */
static bool send_batch(struct run *r, uint64_t last, bool *ret_odd, struct err *err)
{
	static char kind[TALK_BATCH][64];
	struct reply reply[TALK_BATCH];
	size_t part[TALK_BATCH], n = 0, total = 0, done = 0;

	for (; n < TALK_BATCH && r->next + n < last; n++) {
		gen_make(&r->sample, r->seed, r->next + n, &r->one);
		if (r->one.alone || total + r->one.n > sizeof(r->bytes))
			break;
		memcpy(r->bytes + total, r->one.bytes, r->one.n);
		part[n] = r->one.n;
		total += r->one.n;
		memcpy(kind[n], r->one.kind, sizeof(kind[n]));
	}
	if (n && !talk_batch(&r->talk, r->bytes, part, n, reply, &done, err))
		return false;
	for (size_t i = 0; i < done; i++) {
		note(r, r->next + i, kind[i], part[i], &reply[i]);
		*ret_odd |= reply[i].said != SAID_ANSWER;
	}
	r->next += done;
	if (n || r->next >= last)
		return true;
	if (!talk_alone(&r->talk, r->one.bytes, r->one.n, ALONE_NS, &reply[0], err))
		return false;
	note(r, r->next++, r->one.kind, r->one.n, &reply[0]);
	*ret_odd |= reply[0].said == SAID_REFUSED;
	return true;
}

static bool wait_alive(struct run *r, bool *ret_alive, struct err *err)
{
	int64_t until = clock_ns() + RECOVER_NS;

	for (*ret_alive = false; !*ret_alive && clock_ns() < until && clock_ns() < step_deadline_ns(r->st) - SEC(8);) {
		step_wait(r->st, -1, clock_ns() + MS(200));
		if (!beat(r, ret_alive, err))
			return false;
	}
	return true;
}

static bool keep_case(struct run *r, uint64_t number, const char *what, struct err *err)
{
	char name[80], path[FS_PATH];

	gen_make(&r->sample, r->seed, number, &r->one);
	snprintf(name, sizeof(name), "evidence/fuzz-case-%" PRIu64 "-%" PRIu64 ".bin", r->seed, number);
	snprintf(r->last, sizeof(r->last), "%s: case %" PRIu64 " of seed %" PRIu64 ", %s, %zu bytes (%s)", what, number, r->seed,
		 r->one.kind, r->one.n, name);
	if (!fs_join(path, step_run_dir(r->st), name, err) || !fs_write(path, r->one.bytes, r->one.n, err))
		return false;
	step_at_bytes(r->st, name, 0, (int64_t)r->one.n);
	return true;
}

/* Which one was it? Each case since the last good heartbeat once more, alone, with a heartbeat after it. */
static bool find_case(struct run *r, uint64_t from, uint64_t to, struct err *err)
{
	struct reply reply;
	bool alive;

	if (!wait_alive(r, &alive, err))
		return false;
	if (!alive)
		return keep_case(r, to ? to - 1 : 0, "the device did not come back; last sent", err);
	if (to - from > REPLAY_MAX)
		from = to - REPLAY_MAX;
	for (uint64_t i = from; i < to && clock_ns() < step_deadline_ns(r->st) - SEC(8); i++) {
		gen_make(&r->sample, r->seed, i, &r->one);
		if (!talk_alone(&r->talk, r->one.bytes, r->one.n, ALONE_NS, &reply, err) || !beat(r, &alive, err))
			return false;
		if (!alive)
			return keep_case(r, i, "stops the device", err) && wait_alive(r, &alive, err);
	}
	return keep_case(r, to ? to - 1 : 0, "not repeated by any single case; last sent", err);
}

static bool check_beat(struct run *r, bool *ret_alive, struct err *err)
{
	if (!beat(r, ret_alive, err))
		return false;
	if (*ret_alive) {
		r->beaten = r->next;
		return true;
	}
	r->lost++;
	return find_case(r, r->beaten, r->next, err);
}

static bool run_cases(struct run *r, uint64_t last, struct err *err)
{
	bool alive = true, odd = false;

	while (alive && r->next < last && clock_ns() < r->end_ns) {
		odd = false;
		if (!send_batch(r, last, &odd, err))
			return false;
		if ((odd || r->next - r->beaten >= BEAT_EVERY) && !check_beat(r, &alive, err))
			return false;
	}
	return !alive || r->next == r->beaten || check_beat(r, &alive, err);
}

static void report(struct run *r)
{
	struct step *st = r->st;
	int64_t took = clock_ns() - r->begin_ns, want = step_int(st, "cases");
	struct stat s;
	char seed[24];

	snprintf(seed, sizeof(seed), "%" PRIu64, r->seed);
	fact_int(st, "sent", r->sent);
	fact_int(st, "answered", r->answered);
	fact_int(st, "ended", r->ended);
	fact_int(st, "silent", r->silent);
	fact_int(st, "lost", r->lost);
	fact_int(st, "slowest", r->slowest_ns);
	fact_text(st, "last_case", r->last);
	fact_text(st, "seed", seed);
	fflush(r->log);
	if (!fstat(fileno(r->log), &s))
		step_at_bytes(st, r->log_name, 0, (int64_t)s.st_size);
	step_observer(st, "net.lan");
	step_scope_text(st, "%" PRId64 " of %" PRId64 " cases in %" PRId64 " ms (%" PRId64 " a second), seed %s", r->sent, want, took / MS(1),
			took > 0 ? r->sent * SEC(1) / took : 0, seed);
	/* so many cases or so long: the time given may end it first, and the scope says how far it came */
	if (r->sent < want && !r->lost && clock_ns() < r->end_ns)
		step_incomplete(st, "%" PRId64 " of %" PRId64 " cases, then it stopped", r->sent, want);
}

static bool run(struct run *r, struct err *err)
{
	struct step *st = r->st;
	bool alive = false;
	uint64_t first = (uint64_t)step_int(st, "first");

	r->seed = step_has(st, "seed") ? (uint64_t)step_int(st, "seed") : rng_u64(step_rng(st)) >> 1;
	r->next = r->beaten = first;
	if (!read_sample(r, step_json(st, "interface"), err) || !open_log(r, err))
		return false;
	r->begin_ns = clock_ns();
	r->end_ns = r->begin_ns + step_int(st, "budget");
	if (r->end_ns > step_deadline_ns(st) - SEC(10))
		r->end_ns = step_deadline_ns(st) - SEC(10);
	if (!r->talk.address[0]) {
		step_incomplete(st, "the device has no address");
		return true;
	}
	if (!beat(r, &alive, err))
		return false;
	if (!alive)
		step_incomplete(st, "the honest request got no answer before the first case");
	else if (!run_cases(r, first + (uint64_t)step_int(st, "cases"), err))
		return false;
	report(r);
	return true;
}

bool fuzz_structure(struct step *st, struct err *err)
{
	static struct run r;
	bool ok;

	memset(&r, 0, sizeof(r));
	r.st = st;
	r.talk.wire.fd = r.heart.wire.fd = -1;
	ok = run(&r, err);
	talk_done(&r.talk);
	talk_done(&r.heart);
	close_file(&r.log);
	return ok;
}
