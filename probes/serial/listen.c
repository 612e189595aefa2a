// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/listen.h"

#include <stdio.h>
#include <string.h>

#define GRACE_NS MS(30)

static const char *after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

bool listen_open(struct step *st, int64_t from_ns, struct listener *ret, struct err *err)
{
	const char *line = step_text(st, "line");
	char path[FS_PATH];

	ret->n_re = ret->searched = 0;
	snprintf(ret->file, sizeof(ret->file), "serial/%s.raw", after_dot(line));
	snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(st), after_dot(line));
	if (!serial_log_open(path, from_ns, true, &ret->log, err))
		return false;
	step_observer(st, line);
	return true;
}

bool listen_for(struct listener *l, const char *pattern, struct err *err)
{
	char why[160];
	int bad;

	if (l->n_re == LISTEN_PATTERNS)
		return err_set(err, ERR_CONF, "more than %d patterns", LISTEN_PATTERNS);
	bad = regcomp(&l->re[l->n_re], pattern, REG_EXTENDED | REG_NEWLINE);
	if (bad) {
		regerror(bad, &l->re[l->n_re], why, sizeof(why));
		return err_set(err, ERR_CONF, "pattern '%s': %s", pattern, why);
	}
	l->n_re++;
	return true;
}

void listen_close(struct listener *l)
{
	for (size_t i = 0; i < l->n_re; i++)
		regfree(&l->re[i]);
	serial_log_done(&l->log);
}

static void take(const struct listener *l, const regmatch_t *m, size_t base, char *buf, size_t room)
{
	size_t n = (size_t)(m->rm_eo - m->rm_so);

	n = n < room - 1 ? n : room - 1;
	memcpy(buf, l->log.text + base + (size_t)m->rm_so, n);
	buf[n] = '\0';
}

bool listen_next(const struct listener *l, size_t which, size_t from, struct hit *ret, bool *ret_open)
{
	const regex_t *re = &l->re[which];
	regmatch_t m[2];
	bool line_start = from == 0 || (l->log.n && from <= l->log.n && l->log.text[from - 1] == '\n');

	if (!l->log.n || from > l->log.n || regexec(re, l->log.text + from, 2, m, line_start ? 0 : REG_NOTBOL))
		return false;
	*ret = (struct hit){ .at = from + (size_t)m[0].rm_so, .n = (size_t)(m[0].rm_eo - m[0].rm_so), .which = which };
	take(l, &m[0], from, ret->text, sizeof(ret->text));
	ret->has_group = re->re_nsub > 0 && m[1].rm_so >= 0;
	if (ret->has_group)
		take(l, &m[1], from, ret->group, sizeof(ret->group));
	*ret_open = ret->at + ret->n == l->log.n;
	return serial_log_where(&l->log, ret->at < l->log.n ? ret->at : l->log.n - 1, &ret->t_ns, &ret->raw_off);
}

/* Only a last line without its end can still become a match. */
static void searched(struct listener *l)
{
	const char *line = l->log.n ? strrchr(l->log.text, '\n') : NULL;

	l->searched = line ? (size_t)(line + 1 - l->log.text) : 0;
}

static bool first_of_all(const struct listener *l, struct hit *ret, bool *ret_open)
{
	bool found = false, open;
	struct hit h;

	for (size_t i = 0; i < l->n_re; i++)
		if (listen_next(l, i, l->searched, &h, &open) && (!found || h.at < ret->at)) {
			*ret = h;
			*ret_open = open;
			found = true;
		}
	return found;
}

bool listen_more(struct step *st, struct listener *l, int64_t until, struct err *err)
{
	int64_t first = l->log.pieces ? l->log.piece[0].raw_off : 0;

	if (!step_wait(st, l->log.tail.notify, until) || !serial_log_more(&l->log, err))
		return false;
	if (l->log.pieces && l->log.piece[0].raw_off != first)
		l->searched = 0;        /* old bytes were let go: offsets moved */
	return true;
}

bool listen_await(struct step *st, struct listener *l, int64_t until, struct hit *ret, bool *ret_found, struct err *err)
{
	bool open = false, more = true;

	*ret_found = false;
	while (more) {
		*ret_found = first_of_all(l, ret, &open);
		if (*ret_found && !open)
			return true;
		if (!*ret_found)
			searched(l);
		more = listen_more(st, l, *ret_found ? clock_ns() + GRACE_NS : until, err);
	}
	return err->kind == ERR_NONE;
}

void listen_at(struct step *st, const struct listener *l, const struct hit *h)
{
	step_at_bytes(st, l->file, h->raw_off, (int64_t)h->n);
}

void listen_at_all(struct step *st, const struct listener *l)
{
	const struct serial_piece *last;

	if (!l->log.pieces)
		return;
	last = &l->log.piece[l->log.pieces - 1];
	step_at_bytes(st, l->file, l->log.piece[0].raw_off, last->raw_off + (int64_t)last->n - l->log.piece[0].raw_off);
}

void listen_gaps(struct step *st, const struct listener *l, bool enough)
{
	if (l->log.cut)
		step_incomplete(st, "the console said more than %zu bytes, the oldest were not looked at", SERIAL_LOG_MAX);
	if (enough)
		return;
	if (!l->log.last_ns)
		step_incomplete(st, "nothing was ever received on this console");
	if (l->log.away)
		step_incomplete(st, "the console's port is gone");
	else if (l->log.fault[SERIAL_GAP])
		step_incomplete(st, "the console's port was gone for a while");
	if (l->log.fault[SERIAL_OVERRUN])
		step_incomplete(st, "bytes of the console were lost before the bench read them");
}
