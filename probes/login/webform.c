/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/webform.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- tags and attributes ---- */
struct tag {                            /* borrowed from the page */
	char name[16];                  /* lower case; "/form" */
	const char *at, *end;           /* the attributes */
};

static size_t skip_past(const char *p, size_t n, size_t i, const char *what)
{
	size_t k = strlen(what);

	for (; i + k <= n; i++)
		if (!strncasecmp(p + i, what, k))
			return i + k;
	return n;
}

/* Where the tag at p[i] == '<' ends (at its '>'), quotes observed. */
static size_t tag_end(const char *p, size_t n, size_t i)
{
	char quote = 0;

	for (; i < n; i++) {
		if (quote)
			quote = p[i] == quote ? 0 : quote;
		else if (p[i] == '>')
			return i;
		else if ((p[i] == '"' || p[i] == '\'') && p[i - 1] == '=')
			quote = p[i];
	}
	return n;
}

/* The next tag from *at on; false at the end. Comments, scripts and styles are passed over. */
static bool next_tag(const char *p, size_t n, size_t *at, struct tag *ret)
{
	for (size_t i = *at; i < n; i++) {
		size_t k = 0, end;

		if (p[i] != '<')
			continue;
		if (n - i >= 4 && !memcmp(p + i, "<!--", 4)) {
			i = skip_past(p, n, i + 4, "-->") - 1;
			continue;
		}
		for (i++; i < n && k + 1 < sizeof(ret->name) && (isalnum((unsigned char)p[i]) || (p[i] == '/' && !k)); i++)
			ret->name[k++] = (char)tolower((unsigned char)p[i]);
		ret->name[k] = 0;
		end = i < n ? tag_end(p, n, i) : n;
		if (end == n)
			return false;                   /* cut off: no tag */
		ret->at = p + i;
		ret->end = p + end;
		i = end;
		if (!strcmp(ret->name, "script") || !strcmp(ret->name, "style"))
			i = skip_past(p, n, i, ret->name[1] == 'c' ? "</script" : "</style") - 1;
		*at = i + 1;
		return true;
	}
	return false;
}

/* &amp; &#43; &#x2b; -> one byte each; others stay. */
static size_t unescape(char *s)
{
	static const struct { const char *as; char c; } map[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
	};
	char *to = s;

	for (char *p = s; *p;) {
		long code = 0;
		char *end = p;
		size_t i = 0;

		while (i < 5 && strncasecmp(p, map[i].as, strlen(map[i].as)))
			i++;
		if (i < 5) {
			*to++ = map[i].c;
			p += strlen(map[i].as);
			continue;
		}
		if (p[0] == '&' && p[1] == '#')
			code = p[2] == 'x' || p[2] == 'X' ? strtol(p + 3, &end, 16) : strtol(p + 2, &end, 10);
		if (code > 0 && code < 128 && *end == ';') {
			*to++ = (char)code;
			p = end + 1;
		} else {
			*to++ = *p++;
		}
	}
	*to = 0;
	return (size_t)(to - s);
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/* One attribute: its name's and its value's place; returns where the next begins. */
static const char *attribute(const char *p, const char *end, const char **name, size_t *name_n, const char **v, size_t *v_n)
{
	char quote;

	*name = p;
	while (p < end && !isspace((unsigned char)*p) && *p != '=' && *p != '/')
		p++;
	*name_n = (size_t)(p - *name);
	*v_n = 0;
	*v = p;
	p = skip_space(p, end);
	if (p >= end || *p != '=')
		return *name_n ? p : p + 1;     /* a lone slash is passed over */
	p = skip_space(p + 1, end);
	quote = p < end && (*p == '"' || *p == '\'') ? *p++ : 0;
	*v = p;
	while (p < end && (quote ? *p != quote : !isspace((unsigned char)*p)))
		p++;
	*v_n = (size_t)(p - *v);
	return p < end && quote ? p + 1 : p;
}

/* The value into ret (empty when it has none); false when there is no such attribute, or it is too long. */
static bool get(const struct tag *t, const char *want, char ret[static WEBFORM_TEXT + 1])
{
	const char *name, *v;
	size_t name_n, v_n;

	ret[0] = 0;
	for (const char *p = skip_space(t->at, t->end); p < t->end; p = skip_space(p, t->end)) {
		p = attribute(p, t->end, &name, &name_n, &v, &v_n);
		if (name_n != strlen(want) || strncasecmp(name, want, name_n))
			continue;
		if (v_n > WEBFORM_TEXT)
			return false;
		memcpy(ret, v, v_n);
		ret[v_n] = 0;
		if (strlen(ret) == v_n)
			unescape(ret);
		return true;
	}
	return false;
}

/* ---- forms ---- */
static bool send_along(struct webform *f, const char *name, const char *v, bool hidden)
{
	if (f->n == WEBFORM_FIELDS)
		return false;
	snprintf(f->field[f->n].name, sizeof(f->field[f->n].name), "%s", name);
	snprintf(f->field[f->n].value, sizeof(f->field[f->n].value), "%s", v);
	f->field[f->n++].hidden = hidden;
	return true;
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcasecmp(text, *words))
		words++;
	return *words != NULL;
}

/* The text field in front of the password is the user's. */
static void take_text(struct webform *f, const char *name, const char *v)
{
	if (f->passwords)
		send_along(f, name, v, false);
	else if (!f->user[0])
		snprintf(f->user, sizeof(f->user), "%s", name);
	else if (send_along(f, f->user, "", false))
		snprintf(f->user, sizeof(f->user), "%s", name);
}

static void take_input(struct webform *f, const struct tag *t, bool *button)
{
	static const char *const texts[] = { "", "text", "email", "tel", "number", "search", "url", NULL };
	static const char *const ticks[] = { "checkbox", "radio", NULL };
	char name[WEBFORM_TEXT + 1], type[WEBFORM_TEXT + 1], v[WEBFORM_TEXT + 1], none[WEBFORM_TEXT + 1];

	get(t, "type", type);
	if (!get(t, "name", name) || !name[0]) {
		if (!strcasecmp(type, "password"))
			f->passwords++;                 /* a script reads it: not sent by the form */
		return;
	}
	get(t, "value", v);
	if (!strcasecmp(type, "password")) {
		if (!f->passwords++)
			snprintf(f->password, sizeof(f->password), "%s", name);
	} else if (!strcasecmp(type, "hidden")) {
		send_along(f, name, v, true);
	} else if (is_one_of(type, ticks)) {
		if (get(t, "checked", none))
			send_along(f, name, v[0] ? v : "on", false);
	} else if (!strcasecmp(type, "submit")) {
		if (!*button)
			send_along(f, name, v, false);
		*button = true;
	} else if (is_one_of(type, texts)) {
		take_text(f, name, v);
	}
}

static void open_form(struct webform *f, const struct tag *t)
{
	char v[WEBFORM_TEXT + 1];

	memset(f, 0, sizeof(*f));
	get(t, "action", f->action);
	get(t, "method", v);
	f->post = !strcasecmp(v, "post");
	get(t, "enctype", v);
	f->multipart = !strcasecmp(v, "multipart/form-data");
}

static void close_form(const struct webform *f, struct webform *best)
{
	if (!f->passwords || !f->password[0] || (best->found && (best->passwords == 1 || f->passwords > 1)))
		return;
	*best = *f;
	best->found = true;
}

/* Fields outside any form belong to none: without a form there is nothing that a browser would send by itself. */
void webform_find(const char *page, size_t n, struct webform *ret)
{
	struct webform now = { .found = false };
	bool inside = false, button = false;
	struct tag t;
	size_t at = 0;

	memset(ret, 0, sizeof(*ret));
	while (next_tag(page, n, &at, &t)) {
		if (!strcmp(t.name, "form") || !strcmp(t.name, "/form")) {
			if (inside)
				close_form(&now, ret);
			inside = t.name[0] != '/';
			button = false;
			if (inside)
				open_form(&now, &t);
		} else if (inside && !strcmp(t.name, "input")) {
			take_input(&now, &t, &button);
		}
	}
	if (inside)
		close_form(&now, ret);
}
