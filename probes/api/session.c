/* SPDX-License-Identifier: Apache-2.0
 *
 * session.c - what the bench itself asked while it was logged in, asked again with the same token when it has logged out. Bytes of
 * a TLS connection cannot be replayed; a token that outlives its session can. */
#include "probes/api/endpoint.h"

struct visit {
	struct api api;
	struct api_account who;
	struct endpoint e;
	json_t *row;                    /* what e borrows from */
	bool worked, left, works_again;
	int64_t effects, accepted, asked;
};

/* The request as an endpoint whose effect is the command's. */
static bool open_visit(struct step *st, const json_t *command, struct visit *v, struct err *err)
{
	const json_t *session = json_object_get(command, "session");

	v->row = json_deep_copy(json_object_get(session, "request"));
	json_object_set(v->row, "effect", json_object_get(command, "effect"));
	json_object_set_new(v->row, "name", json_string("request"));
	json_object_set_new(v->row, "right", json_string("none"));
	v->who.right = "session";
	v->who.login = json_object_get(session, "login");
	if (!v->row || !v->who.login || !json_object_get(session, "logout"))
		return err_set(err, ERR_CONF, "session: login, request and logout are needed");
	return api_open(st, NULL, &v->api, err) && fetch_new(&v->who.fetch, err) && endpoint_open(&v->api, v->row, &v->e, err);
}

static void close_visit(struct visit *v)
{
	if (v->e.name)
		endpoint_close(&v->e);
	fetch_free(v->who.fetch);
	api_close(&v->api);
	json_decref(v->row);
}

static bool ask(struct visit *v, struct outcome *o, struct err *err)
{
	return endpoint_try(&v->api, &v->e, &(struct api_request){ .method = NULL }, &v->who, o, err) &&
	       endpoint_watch(&v->api, &v->e, &o->changed, err);
}

/* The first value may be there already. */
static bool works(struct visit *v, bool *ret, struct err *err)
{
	struct outcome o = { .changed = false };

	if (!endpoint_look(&v->api, &v->e, err))
		return false;
	for (int i = 0; i < 2 && !o.changed; i++) {
		if (!ask(v, &o, err))
			return false;
		if (!o.changed)
			v->e.next = !v->e.next;
	}
	*ret = o.changed && v->who.header[0];
	return true;
}

static bool leave(struct visit *v, const json_t *logout, struct err *err)
{
	struct api_request q = { .type = NULL };
	struct url_target to;
	struct fetch_answer f;

	if (!api_text(logout, "url", NULL, &q.url, err) || !api_text(logout, "method", "POST", &q.method, err) ||
	    !api_text(logout, "body", NULL, &q.body, err) || !api_text(logout, "type", NULL, &q.type, err))
		return false;
	if (!q.url)
		return err_set(err, ERR_CONF, "logout: url is needed");
	if (!url_target(v->api.st, URL_RULES, q.url, &to, err))
		return false;
	q.url = to.url;
	q.to = &to;
	if (!api_ask(&v->api, &q, &v->who, &f, err))
		return false;
	v->left = f.reached && f.status < 400;
	return true;
}

static bool after(struct visit *v, int64_t times, struct err *err)
{
	for (; v->asked < times && !step_stopped(v->api.st); v->asked++) {
		struct outcome o;

		if (!ask(v, &o, err))
			return false;
		v->effects += o.changed;
		v->accepted += o.says == API_TAKEN;
		if (o.says == API_SILENT || o.says == API_LOCKED)
			return true;
	}
	v->who.header[0] = 0;           /* the next request logs in anew */
	return works(v, &v->works_again, err);
}

static void report(struct step *st, const struct visit *v, int64_t times)
{
	fact_int(st, "rounds", v->asked);
	fact_int(st, "effects", v->effects);
	fact_int(st, "accepted", v->accepted);
	fact_bool(st, "left", v->left);
	step_observer(st, "net.lan");
	step_scope_text(st, "one request of a session, %lld times after the log-out", (long long)v->asked);
	if (!v->worked || !v->left)
		step_incomplete(st, v->worked ? "the log-out was refused" : "the request had no effect in its own session");
	else if (v->asked < times || !v->works_again)
		step_incomplete(st, "%lld of %lld times%s", (long long)v->asked, (long long)times,
				v->works_again ? "" : ", and afterwards a new session had no effect either");
}

bool api_session(struct step *st, struct err *err)
{
	const json_t *command = step_json(st, "command"), *session = json_object_get(command, "session");
	int64_t times = step_int(st, "times");
	struct visit v = { .left = false };
	bool ok;

	fact_bool(st, "declared", session != NULL);
	if (!session) {                 /* this way of giving the command knows no session */
		fact_int(st, "effects", 0);
		return true;
	}
	ok = open_visit(st, command, &v, err) && works(&v, &v.worked, err);
	if (ok && v.worked)
		ok = leave(&v, json_object_get(session, "logout"), err) && (!v.left || after(&v, times, err));
	if (ok)
		report(st, &v, times);
	close_visit(&v);
	return ok;
}
