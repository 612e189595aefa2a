/* SPDX-License-Identifier: Apache-2.0
 *
 * others.c - everybody who has not the right: nobody, invalid credentials, lesser accounts, and each in other words. */
#include "probes/api/matrix.h"

#include <string.h>

static const char *weigh_read(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct outcome *o)
{
	if (o->shown) {
		m->revealed++;
		matrix_breach(m, e, by, spelled, "shown");
		return "shown";
	}
	if (o->says == API_TAKEN && !spelled[0])
		matrix_unsure(m, e->name, by, "answered with success, though not with what is protected");
	return o->says == API_TAKEN ? "something else" : "refused";
}

static const char *weigh_write(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct outcome *o)
{
	if (o->changed) {
		m->effects++;
		m->over |= e->ends;
		matrix_breach(m, e, by, spelled, "took effect");
		return "took effect";
	}
	if (o->says != API_TAKEN)
		return "refused";
	if (!e->known && !m->liar && !spelled[0]) {
		m->accepted++;
		matrix_breach(m, e, by, spelled, "accepted");
		return "accepted";
	}
	if (!e->known || !spelled[0])
		matrix_unsure(m, e->name, by, e->known ? "accepted, without the effect" : "accepted, as is perhaps anything");
	return "without effect";
}

static const char *unanswered(struct matrix *m, const struct endpoint *e, const char *by, const struct outcome *o)
{
	const char *did = o->says == API_SILENT ? "no answer" : o->says == API_LOCKED ? "locked" : "failed inside";

	m->silent = o->says == API_SILENT ? m->silent + 1 : 0;
	m->over |= m->silent >= SILENT_MAX;
	matrix_unsure(m, e->name, by, did);
	return did;
}

/* A refusal in so many words is believed for now; what all of them did is looked at once, in the end. */
static bool must_not(struct matrix *m, struct endpoint *e, const char *by, const char *spelled, const struct api_request *with,
		     struct api_account *who, struct err *err)
{
	struct outcome o;
	const char *did;

	if (m->over)
		return true;
	if (!endpoint_try(&m->api, e, with, who, &o, err))
		return false;
	if (e->writes && (o.says == API_TAKEN || o.says == API_BROKEN) && !endpoint_watch(&m->api, e, &o.changed, err))
		return false;
	if (!o.changed && !o.shown && (o.says == API_SILENT || o.says == API_LOCKED || (o.says == API_BROKEN && !spelled[0]))) {
		did = unanswered(m, e, by, &o);
	} else {
		m->silent = 0;
		did = e->writes ? weigh_write(m, e, by, spelled, &o) : weigh_read(m, e, by, spelled, &o);
	}
	matrix_tell(m, &(struct cell){ m->state, e->name, by, spelled, did, o.status, o.begin_ns, o.end_ns });
	if (clock_ns() > m->until_ns || step_stopped(m->st)) {
		m->over = true;
		matrix_unsure(m, e->name, by, "then time was up");
	}
	return true;
}

static bool all_spellings(struct matrix *m, struct endpoint *e, const char *by, struct api_account *who, struct err *err)
{
	static struct spelling s;

	for (unsigned i = 0; spell(i, e->method, e->to.url, &s); i++) {
		struct api_request q = { .method = s.method, .url = s.url, .header = s.header[0] ? s.header : NULL };

		if (s.url[0] && !must_not(m, e, by, s.name, &q, who, err))
			return false;
	}
	return true;
}

/* A token that never was, a name that is none, a name that is one with a wrong password. */
static bool invalid(struct matrix *m, struct endpoint *e, struct err *err)
{
	const struct api_account *top = m->api.accounts ? &m->api.account[m->api.accounts - 1] : NULL;
	char word[33];

	matrix_random(m, word);
	return must_not(m, e, "an invalid token", "", &(struct api_request){ .token = word }, NULL, err) &&
	       must_not(m, e, "an unknown name", "", &(struct api_request){ .user = "nobody", .password = word }, NULL, err) &&
	       (!top || !top->user ||
		must_not(m, e, "a wrong password", "", &(struct api_request){ .user = top->user, .password = word }, NULL, err));
}

static bool lesser(struct matrix *m, struct endpoint *e, const struct api_account *full, struct err *err)
{
	const struct api_account *end = full ? full : m->api.account + m->api.accounts;
	const struct api_request plain = { .method = NULL };

	if (!must_not(m, e, "nobody", "", &plain, NULL, err) || !invalid(m, e, err) || !all_spellings(m, e, "nobody", NULL, err))
		return false;
	for (struct api_account *w = m->api.account; w < end; w++)      /* one that does not exist here may be a left-over */
		if (!must_not(m, e, w->right, "", &plain, w, err) ||
		    (m->account_here[w - m->api.account] && !all_spellings(m, e, w->right, w, err)))
			return false;
	return true;
}

/* What was refused in words may have been done in deed; and who has the right must still be let in. */
static bool look_again(struct matrix *m, struct endpoint *e, struct api_account *full, struct err *err)
{
	bool was_known = e->known, changed = false;
	struct outcome o;

	if (m->over)
		return true;
	if (e->writes && !endpoint_watch(&m->api, e, &changed, err))
		return false;
	if (changed) {
		m->effects++;
		m->over |= e->ends;
		matrix_breach(m, e, "somebody without the right", "", "refused, and took effect");
	} else if (e->writes && was_known && !e->known) {
		matrix_unsure(m, e->name, "in the end", "its effect can no longer be seen");
	}
	if (e->writes || !e->held)
		return true;
	if (!endpoint_try(&m->api, e, &(struct api_request){ .method = NULL }, full, &o, err))
		return false;
	if (!o.shown)
		matrix_unsure(m, e->name, e->right, "who has the right was let in before, and not afterwards");
	return true;
}

bool matrix_others(struct matrix *m, struct endpoint *e, struct err *err)
{
	bool somebody;
	struct api_account *full = matrix_full(m, e, &somebody);

	if (somebody && !full)
		return true;            /* anybody may */
	if (e->writes && !endpoint_look(&m->api, e, err))       /* more of the same may still come */
		return false;
	return lesser(m, e, full, err) && look_again(m, e, full, err);
}
