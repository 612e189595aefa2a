/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/api/endpoint.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 8192 };

static bool read_value(const json_t *v, char out[static API_TEXT], struct err *err)
{
	if (json_is_integer(v))
		snprintf(out, API_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_boolean(v))
		snprintf(out, API_TEXT, "%s", json_is_true(v) ? "true" : "false");
	else if (json_is_string(v) && json_string_length(v) < API_TEXT)
		snprintf(out, API_TEXT, "%s", json_string_value(v));
	else
		return err_set(err, ERR_CONF, "values: two short texts or numbers are needed");
	return true;
}

static bool read_written(struct api *a, const json_t *row, struct endpoint *e, struct err *err)
{
	const json_t *values = json_object_get(row, "values");

	for (size_t i = 0; i < 2 && values; i++)
		if (!read_value(json_array_get(values, i), e->value[i], err))
			return false;
	e->writes = !e->shows;
	return effect_open(a, json_object_get(row, "effect"), &e->effect, err);
}

static bool read_row(struct api *a, const json_t *row, struct endpoint *e, struct err *err)
{
	if (!api_text(row, "method", "GET", &e->method, err) || !api_text(row, "url", NULL, &e->url, err) ||
	    !api_text(row, "body", NULL, &e->body, err) || !api_text(row, "type", NULL, &e->type, err) ||
	    !api_text(row, "right", NULL, &e->right, err) || !api_text(row, "shows", NULL, &e->shows, err))
		return false;
	if (!e->url || !e->right || !e->shows == !json_object_get(row, "effect"))
		return err_set(err, ERR_CONF, "an endpoint needs url, right, and shows or effect");
	if (e->shows && regcomp(&e->re, e->shows, REG_EXTENDED | REG_NOSUB | REG_NEWLINE)) {
		e->shows = NULL;
		return err_set(err, ERR_CONF, "shows: not an extended regular expression");
	}
	return url_target(a->st, URL_RULES, e->url, &e->to, err) && read_written(a, row, e, err);
}

bool endpoint_open(struct api *a, const json_t *row, struct endpoint *ret, struct err *err)
{
	*ret = (struct endpoint){ .states = json_object_get(row, "states"), .ends = json_is_true(json_object_get(row, "ends")) };
	if (!api_text(row, "name", NULL, &ret->name, err))
		return false;
	if (!ret->name)
		return err_set(err, ERR_CONF, "an endpoint needs a name");
	return read_row(a, row, ret, err) || err_in(err, "endpoint '%s'", ret->name);
}

void endpoint_close(struct endpoint *e)
{
	if (e->shows)
		regfree(&e->re);
	effect_close(&e->effect);
	*e = (struct endpoint){ .name = NULL };
}

bool endpoint_in(const json_t *states, const char *state)
{
	size_t i;
	json_t *v;

	if (!states || !state[0])
		return true;
	json_array_foreach((json_t *)(uintptr_t)states, i, v)
		if (json_is_string(v) && !strcmp(json_string_value(v), state))
			return true;
	return false;
}

bool endpoint_look(struct api *a, struct endpoint *e, struct err *err)
{
	return effect_read(a, &e->effect, e->now, &e->known, err);
}

static bool fill(const struct endpoint *e, char out[static BODY_MAX], struct err *err)
{
	const char *at = strstr(e->body, "${value}");
	int n = at ? snprintf(out, BODY_MAX, "%.*s%s%s", (int)(at - e->body), e->body, e->value[e->next], at + 8) :
		snprintf(out, BODY_MAX, "%s", e->body);

	return (n >= 0 && n < BODY_MAX) || err_set(err, ERR_LIMIT, "%s: the body is longer than %d bytes", e->name, BODY_MAX);
}

bool endpoint_try(struct api *a, struct endpoint *e, const struct api_request *with, struct api_account *who, struct outcome *ret,
		  struct err *err)
{
	struct api_request q = *with;
	char body[BODY_MAX] = "";
	struct fetch_answer f;

	if (e->body && !fill(e, body, err))
		return false;
	q.method = q.method ? q.method : e->method;
	q.url = q.url ? q.url : e->to.url;
	q.to = &e->to;
	q.body = e->body && strcmp(q.method, "GET") ? body : NULL;
	q.type = e->type;
	if (!api_ask(a, &q, who, &f, err))
		return false;
	*ret = (struct outcome){ .says = api_says(a, &f), .status = f.status, .begin_ns = f.begin_ns, .end_ns = f.end_ns };
	ret->shown = e->shows && ret->says == API_TAKEN && !regexec(&e->re, f.body, 0, NULL, 0);
	return true;
}

bool endpoint_watch(struct api *a, struct endpoint *e, bool *ret_changed, struct err *err)
{
	char before[API_TEXT];
	bool was_known = e->known;

	strcpy(before, e->now);
	if (!effect_await(a, &e->effect, before, e->now, &e->known, ret_changed, err))
		return false;
	*ret_changed = *ret_changed && was_known;
	if (*ret_changed && e->value[1][0])
		e->next = !e->next;
	if (!e->known)
		strcpy(e->now, before);         /* when it is seen again, this is what it was */
	return true;
}
