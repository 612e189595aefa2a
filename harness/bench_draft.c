// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_draft.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/bench_print.h"
#include "harness/load.h"

/* ---- names ---- */
static void clean_name(const char *text, char *buf, size_t room)
{
	size_t n = 0;

	for (; *text && n < room - 1; text++) {
		char c = (char)tolower((unsigned char)*text);
		bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';

		if (fits && (n || isalnum((unsigned char)c)))
			buf[n++] = c;
		else if (n && buf[n - 1] != '-')
			buf[n++] = '-';
	}
	while (n && !isalnum((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	if (!n)
		snprintf(buf, room, "main");
}

static void free_name(struct draft *d, const char *kind, const char *text)
{
	char name[25];

	clean_name(text, name, sizeof(name));
	snprintf(d->name, sizeof(d->name), "%s.%s", kind, name);
	for (int i = 2; json_object_get(d->im->names, d->name); i++)
		snprintf(d->name, sizeof(d->name), "%s.%s-%d", kind, name, i);
	json_object_set_new(d->im->names, d->name, json_true());
}

void draft_begin(struct draft *d, struct import *im, struct where at, const char *what, const char *kind, const char *name, const char *driver)
{
	*d = (struct draft){ .im = im, .at = at, .what = what, .driver = driver };
	im->drafts++;
	free_name(d, kind, name);
}

/* ---- what is put into it ---- */
void draft_lack(struct draft *d, const char *fmt, ...)
{
	va_list ap;

	if (d->lacks[0])
		return;
	va_start(ap, fmt);
	vsnprintf(d->lacks, sizeof(d->lacks), fmt, ap);
	va_end(ap);
}

void draft_note(struct draft *d, const char *fmt, ...)
{
	size_t n = strlen(d->notes);
	va_list ap;

	va_start(ap, fmt);
	if (n && n + 3 < sizeof(d->notes))
		n += (size_t)snprintf(d->notes + n, sizeof(d->notes) - n, "; ");
	vsnprintf(d->notes + n, sizeof(d->notes) - n, fmt, ap);
	va_end(ap);
}

static void append(struct draft *d, const char *text)
{
	size_t n = strlen(d->params);

	if (n + strlen(text) + 3 < sizeof(d->params))
		snprintf(d->params + n, sizeof(d->params) - n, "%s%s", n ? ", " : "", text);
	else
		draft_lack(d, "too long for a line");
}

void draft_put(struct draft *d, const char *fmt, ...)
{
	char text[2 * DRAFT_QUOTED + 50];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(text))
		append(d, text);
	else
		draft_lack(d, "too long for a line");
}

void draft_unknown(struct draft *d, const char *param)
{
	draft_put(d, "%s: ?", param);
}

/* In double quotes, in ASCII: nothing in it can end the text, the line, or be read as another thing. */
void draft_quoted(const char *text, char *buf, size_t room)
{
	size_t n = 0;
	uint32_t c;

	buf[n++] = '"';
	while (*text && n + 14 < room) {
		if (!escape_next(&text, &c))
			c = '?';
		if (c == '"' || c == '\\')
			buf[n++] = '\\';
		if (c >= ' ' && c <= '~')
			buf[n++] = (char)c;
		else
			n += (size_t)snprintf(buf + n, room - n, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
	buf[n++] = '"';
	buf[n] = '\0';
}

static bool may_stand(struct draft *d, const char *param, const char *text)
{
	if (strlen(text) > DRAFT_TEXT)
		draft_lack(d, "%s is longer than %d bytes", param, DRAFT_TEXT);
	else if (strstr(text, "${"))
		draft_lack(d, "%s holds ${...}, which a bench file would read as its own", param);
	else if (strstr(text, "{{") || strstr(text, "{%"))
		draft_lack(d, "%s is a template: what it becomes is not said here", param);
	else
		return true;
	draft_unknown(d, param);
	return false;
}

void draft_quote(struct draft *d, const char *param, const char *text)
{
	char buf[DRAFT_QUOTED];

	if (!may_stand(d, param, text))
		return;
	draft_quoted(text, buf, sizeof(buf));
	draft_put(d, "%s: %s", param, buf);
}

void draft_words(struct draft *d, const char *param, const char *const *words)
{
	char buf[DRAFT_QUOTED], list[2 * DRAFT_QUOTED] = "";
	size_t n = 0;

	for (; *words; words++) {
		if (!may_stand(d, param, *words))
			return;
		draft_quoted(*words, buf, sizeof(buf));
		if (n + strlen(buf) + 3 < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", buf);
		else
			draft_lack(d, "%s is too long for a line", param);
	}
	draft_put(d, "%s: [%s]", param, list);
}

void draft_secret(struct draft *d, const char *param, const char *of)
{
	char name[48] = "";
	size_t n = 0;

	for (; *of && n < sizeof(name) - 1; of++)
		name[n++] = isalnum((unsigned char)*of) ? (char)toupper((unsigned char)*of) : '_';
	draft_put(d, "%s: {env: SECRET_%s}", param, name);
	if (!d->secret)
		draft_note(d, "the secret itself belongs into that variable, or into a {file: PATH}");
	d->secret = true;
}

bool draft_seems_secret(const char *text)
{
	static const char *const word[] = { "pass", "secret", "token", "apikey", "api_key", "api-key", "community", "authorization", "bearer", "credential",
					    "-u", "--user", "-p ", "snmp" };
	const char *scheme = strstr(text, "://");

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (strcasestr(text, word[i]))
			return true;
	return scheme && strchr(scheme, '@');
}

/* ---- the end of it ---- */
static void first_fault(const struct err *e, void *data)
{
	struct err *first = data;

	if (first->kind == ERR_NONE)
		*first = *e;
}

/* The loader's own word on the line, beside those that were taken. */
static bool stands(const struct draft *d, const char *line, struct err *first)
{
	static const char stand_in[] = "  power.stand-in: {driver: exec, on: [x], off: [x]}\n";
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array();
	struct loader l = { .a = &a, .keep = keep, .report = first_fault, .data = first };
	bool power = d->im->power || !strncmp(d->name, "power.", 6);
	const char *text = arena_printf(&a, "bench: import\nkind: real\nscope: []\nlines:\n%s%s%s", power ? "" : stand_in, d->im->lines ? d->im->lines : "", line);
	const struct conf *c = NULL;
	struct bench b;
	char *ref;

	if (!conf_parse(&a, "import", text, strlen(text), &c, first) || !bench_read(&l, "import", c, &b)) {
		while ((ref = strstr(first->text, " (line ")) && strchr(ref, ')'))      /* of a file that nobody sees */
			memmove(ref, strchr(ref, ')') + 1, strlen(strchr(ref, ')') + 1) + 1);
		return false;
	}
	return true;
}

static void keep_line(struct import *im, const char *name, const char *line)
{
	char *more = NULL;

	if (asprintf(&more, "%s%s", im->lines ? im->lines : "", line) < 0)
		return;
	free(im->lines);
	im->lines = more;
	im->power |= !strncmp(name, "power.", 6);
}

/* "exporter.yaml:12 NetworkPowerPort: why"; harmless in a comment and on a terminal. New memory. */
static char *comment(const struct draft *d, const char *why)
{
	char place[32], *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return NULL;
	escape_terminal(f, d->at.file);
	snprintf(place, sizeof(place), ":%u ", d->at.line);
	fputs(place, f);
	escape_terminal(f, d->what);
	fputs(*why ? ": " : "", f);
	escape_terminal(f, why);
	fputs(*d->notes && *why ? "; " : *d->notes ? ": " : "", f);
	escape_terminal(f, d->notes);
	return fclose(f) == 0 ? text : (free(text), NULL);
}

void draft_end(struct draft *d)
{
	CLEANUP(free_ptr) char *line = NULL, *why = NULL;
	struct err fault = { 0 };

	if (d->driver && !d->lacks[0] && asprintf(&line, "  %s: {driver: %s%s%s}\n", d->name, d->driver, *d->params ? ", " : "", d->params) >= 0 &&
	    !stands(d, line, &fault))
		draft_lack(d, "%s", fault.text);
	why = comment(d, d->lacks);
	if (d->driver && !d->lacks[0] && line) {
		keep_line(d->im, d->name, line);
		bench_print_line(d->im->out, true, d->name, d->driver, d->params, why ? why : "");
		return;
	}
	fprintf(d->im->out, "  # %s\n", why ? why : "out of memory");
	if (d->driver)
		bench_print_line(d->im->out, false, d->name, d->driver, d->params, "");
}

bool import_wants(const struct import *im, const char *name)
{
	for (const char *const *o = im->only; o && *o; o++)
		if (!strcmp(*o, name))
			return true;
	return !im->only || !*im->only;
}
