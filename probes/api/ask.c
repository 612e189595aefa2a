/* SPDX-License-Identifier: Apache-2.0
 *
 * ask.c - the accounts of a declared interface, and one request in the name of one of them.
 * Source  RFC 9110 15 (status codes), RFC 6585 4 (429), RFC 4918 11.3 (423). */
#include <stdio.h>
#include <string.h>

#include "probes/api/api.h"

bool api_text(const json_t *row, const char *key, const char *fallback, const char **ret, struct err *err)
{
	const json_t *j = json_object_get(row, key);

	*ret = j ? json_string_value(j) : fallback;
	if (j && !*ret)
		return err_set(err, ERR_CONF, "'%s' must be text", key);
	return true;
}

bool api_time(const json_t *row, const char *key, int64_t fallback_ns, int64_t *ret_ns, struct err *err)
{
	const char *text;

	*ret_ns = fallback_ns;
	if (!api_text(row, key, NULL, &text, err))
		return false;
	return !text || units_time(text, ret_ns) || err_set(err, ERR_CONF, "%s: '%s' is no time", key, text);
}

static bool add_account(struct api *a, const json_t *row, struct err *err)
{
	struct api_account *w = &a->account[a->accounts];

	if (a->accounts == API_ACCOUNTS)
		return err_set(err, ERR_LIMIT, "more than %d accounts", API_ACCOUNTS);
	a->accounts++;
	w->login = json_object_get(row, "login");
	if (!api_text(row, "right", NULL, &w->right, err) || !api_text(row, "user", NULL, &w->user, err) ||
	    !api_text(row, "password", NULL, &w->password, err) || !api_text(row, "token", NULL, &w->token, err))
		return false;
	if (!w->right || (!w->user && !w->token && !w->login))
		return err_set(err, ERR_CONF, "an account needs its right, and user, token or login");
	return fetch_new(&w->fetch, err);
}

static bool open_refusal(struct api *a, const json_t *declared, struct err *err)
{
	const char *pattern;

	if (!api_text(declared, "refusal", NULL, &pattern, err) || !pattern)
		return err->kind == ERR_NONE;
	if (regcomp(&a->refusal, pattern, REG_EXTENDED | REG_NOSUB))
		return err_set(err, ERR_CONF, "refusal: not an extended regular expression");
	a->has_refusal = true;
	return true;
}

bool api_open(struct step *st, const json_t *declared, struct api *ret, struct err *err)
{
	const json_t *rows = json_object_get(declared, "accounts"), *row;
	size_t i;

	*ret = (struct api){ .st = st, .timeout_ns = step_int(st, "timeout"), .patience_ns = step_int(st, "patience") };
	json_array_foreach(rows, i, row)
		if (!add_account(ret, row, err))
			return err_in(err, "accounts");
	return open_refusal(ret, declared, err) && fetch_new(&ret->strangers, err);
}

void api_close(struct api *a)
{
	for (size_t i = 0; i < a->accounts; i++)
		fetch_free(a->account[i].fetch);
	fetch_free(a->strangers);
	if (a->has_refusal)
		regfree(&a->refusal);
	*a = (struct api){ .accounts = 0 };
}

struct api_account *api_account(struct api *a, const char *right)
{
	for (size_t i = 0; i < a->accounts; i++)
		if (!strcmp(a->account[i].right, right))
			return &a->account[i];
	return NULL;
}

enum api_says api_says(const struct api *a, const struct fetch_answer *f)
{
	if (!f->reached)
		return API_SILENT;
	if (f->status == 429 || f->status == 423 || (f->status >= 400 && f->retry_after_ns >= 0))
		return API_LOCKED;
	if (f->status >= 500)
		return API_BROKEN;
	if (f->status < 200 || f->status >= 300 || (a->has_refusal && !regexec(&a->refusal, f->body, 0, NULL, 0)))
		return API_REFUSED;
	return API_TAKEN;
}

/* "Cookie: sid=${token}" with what the log-in gave in its place. */
static bool put_token(struct api_account *w, const char *as, const char *token, size_t n)
{
	const char *at = strstr(as, "${token}");
	int len = at ? snprintf(w->header, sizeof(w->header), "%.*s%.*s%s", (int)(at - as), as, (int)n, token, at + 8) :
		  snprintf(w->header, sizeof(w->header), "%s%.*s", as, (int)n, token);

	if (len < 0 || len >= (int)sizeof(w->header) || strpbrk(w->header, "\r\n"))
		w->header[0] = 0;
	return w->header[0] != 0;
}

static bool take_token(struct api_account *w, const struct fetch_answer *f, const char *find, const char *as, struct err *err)
{
	regmatch_t m[2];
	regex_t re;

	if (regcomp(&re, find, REG_EXTENDED | REG_NEWLINE) || re.re_nsub < 1)
		return err_set(err, ERR_CONF, "login: find: an extended regular expression with one group is needed");
	if (f->reached && !regexec(&re, f->body, 2, m, 0) && m[1].rm_so >= 0)
		put_token(w, as, f->body + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
	regfree(&re);
	return true;
}

/* The account's own log-in, once; a device that gives no token is asked without one and refuses. */
static bool log_in(struct api *a, struct api_account *w, struct err *err)
{
	struct api_request q = { .type = NULL };
	const char *find, *as;
	struct url_target to;
	struct fetch_answer f;

	if (!w->login || w->header[0])
		return true;
	if (!api_text(w->login, "url", NULL, &q.url, err) || !api_text(w->login, "method", "POST", &q.method, err) ||
	    !api_text(w->login, "body", NULL, &q.body, err) || !api_text(w->login, "type", NULL, &q.type, err) ||
	    !api_text(w->login, "find", NULL, &find, err) || !api_text(w->login, "as", "Authorization: Bearer ", &as, err))
		return false;
	if (!q.url || !find)
		return err_set(err, ERR_CONF, "login: url and find are needed");
	if (!url_target(a->st, URL_RULES, q.url, &to, err))
		return false;
	q.to = &to;
	q.url = to.url;
	return api_ask(a, &q, NULL, &f, err) && take_token(w, &f, find, as, err);
}

static bool ask_once(const struct api *a, const struct api_request *q, struct api_account *who, struct fetch_answer *ret, struct err *err)
{
	struct fetch_ask ask = { .method = q->method, .url = q->url, .address = q->to->address, .body = q->body, .type = q->type,
				 .header = q->header, .user = q->user, .password = q->password, .token = q->token,
				 .no_verify = q->to->dut, .no_name = q->to->dut, .timeout_ns = a->timeout_ns };

	*ret = (struct fetch_answer){ .body = "", .retry_after_ns = -1, .begin_ns = clock_ns() };
	if (!q->to->address[0]) {
		strcpy(ret->why, "the device has no address");
		ret->end_ns = ret->begin_ns;
		return true;
	}
	if (who && who->login && who->header[0])
		ask.header = who->header;
	else if (who && who->token)
		ask.token = who->token;
	else if (who && who->user) {
		ask.user = who->user;
		ask.password = who->password;
	}
	return fetch_do(who ? who->fetch : a->strangers, &ask, ret, err);
}

bool api_ask(struct api *a, const struct api_request *q, struct api_account *who, struct fetch_answer *ret, struct err *err)
{
	if (who && !log_in(a, who, err))
		return false;
	for (;;) {
		int64_t pause;

		if (!ask_once(a, q, who, ret, err))
			return false;
		if (api_says(a, ret) != API_LOCKED || step_stopped(a->st))
			return true;
		pause = ret->retry_after_ns > MS(100) ? ret->retry_after_ns : MS(100);
		if (pause > a->patience_ns)
			return true;
		a->patience_ns -= pause;
		step_wait(a->st, -1, clock_ns() + pause);
	}
}
