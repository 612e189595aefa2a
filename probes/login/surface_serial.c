/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_serial.c - the log-in prompt on a console, typed through a line of the bench and read from its record. A session that
 * was let in is left again, so that the next pair meets the prompt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/serial_log.h"
#include "probes/login/prompt.h"
#include "probes/login/surface.h"

struct console {
	struct step *st;
	char line[64];
	struct prompts *p;
	struct serial_log log;
	size_t mark;                    /* answers begin after this */
	int64_t patience_ns;
};

static void serial_close(struct surface *s)
{
	struct console *c = s->priv;

	if (c)
		prompts_free(c->p);
	free(c);
	s->priv = NULL;
}

static bool serial_load(struct surface *s, const json_t *row, struct err *err)
{
	struct console *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(err, ERR_OS, "out of memory");
	s->priv = c;
	c->st = s->st;
	c->patience_ns = s->timeout_ns;
	if (!surface_text(row, "line", "serial.console", c->line, sizeof(c->line), err))
		return false;
	if (strncmp(c->line, "serial.", 7) || strstr(c->line, ".."))
		return err_set(err, ERR_CONF, "surface '%s': line: a serial line of the bench", s->name);
	return prompts_new(&c->p, err);
}

/* The open line at the end of what came after the mark; "" when there is none. */
static const char *last_line(const struct console *c)
{
	const char *nl = c->log.n > c->mark ? memrchr(c->log.text + c->mark, '\n', c->log.n - c->mark) : NULL;

	return nl ? nl + 1 : "";
}

static const char *answer_text(const struct console *c)
{
	return c->log.n > c->mark ? c->log.text + c->mark : "";
}

static enum prompt prompt_now(const struct console *c)
{
	const char *line = last_line(c);

	for (enum prompt k = PROMPT_LOGIN; k <= PROMPT_SHELL; k++)
		if (line[0] && prompt_is(c->p, k, line))
			return k;
	return PROMPTS;
}

/* A prompt is one when nothing follows it for a moment. */
static bool hear(struct console *c, int64_t patience_ns, enum prompt *ret, struct err *err)
{
	int64_t until = clock_ns() + patience_ns;

	for (;;) {
		bool more;

		if (!serial_log_more(&c->log, err))
			return false;
		*ret = prompt_now(c);
		more = step_wait(c->st, c->log.tail.notify, *ret == PROMPTS ? until : clock_ns() + MS(80));
		if (!more)
			return true;
	}
}

static bool type(struct console *c, const char *text, bool secret, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s+,s:b}", "text", text, "\r", "secret", (int)secret);

	if (!args)
		return err_set(err, ERR_CONF, "what is typed must be UTF-8");
	if (!serial_log_more(&c->log, err))
		return false;
	c->mark = c->log.n;
	return step_line(c->st, c->line, "write", args, NULL, err);
}

/* To the prompt for a user; a session that is open, ours or not, is left once. */
static bool reach_login(struct console *c, enum prompt *ret, struct err *err)
{
	if (!type(c, "", false, err) || !hear(c, c->patience_ns, ret, err))
		return false;
	if (*ret == PROMPT_PASSWORD && (!type(c, "", false, err) || !hear(c, c->patience_ns, ret, err)))
		return false;
	return *ret != PROMPT_SHELL || (type(c, "exit", false, err) && hear(c, c->patience_ns, ret, err) &&
					(*ret != PROMPTS || (type(c, "", false, err) && hear(c, c->patience_ns, ret, err))));
}

static void judge(struct console *c, const struct surface *s, enum prompt at, struct answer *ret)
{
	bool words = prompt_is(c->p, PROMPT_REFUSED, answer_text(c));

	ret->reached = at != PROMPTS || words;
	ret->locked = s->has_locked && !regexec(&s->locked, answer_text(c), 0, NULL, 0);
	if (words || at == PROMPT_LOGIN)
		ret->says = SAYS_REFUSED;
	else if (at == PROMPT_SHELL)
		ret->says = SAYS_GRANTED;
	ret->head = (uint64_t)ret->says * PROMPTS + (uint64_t)at;
	snprintf(ret->text, sizeof(ret->text), "%s", ret->says == SAYS_GRANTED ? "shell prompt" : ret->says == SAYS_REFUSED ? "refused" :
		 at == PROMPT_PASSWORD ? "asked for the password again" : "no prompt after the password");
}

static bool dialogue(struct console *c, const struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	enum prompt at;

	if (!reach_login(c, &at, err))
		return false;
	if (at == PROMPT_LOGIN && (!type(c, user, false, err) || !hear(c, c->patience_ns, &at, err)))
		return false;
	if (at == PROMPT_PASSWORD && (!type(c, secret, true, err) || !hear(c, c->patience_ns, &at, err)))
		return false;
	judge(c, s, at, ret);
	if (!c->log.last_ns)
		snprintf(ret->text, sizeof(ret->text), "the console never said anything");
	else if (!ret->reached)
		snprintf(ret->text, sizeof(ret->text), "no log-in prompt");
	return ret->says != SAYS_GRANTED || (type(c, "exit", false, err) && hear(c, c->patience_ns, &at, err));
}

static bool serial_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct console *c = s->priv;
	char path[FS_PATH];
	bool ok;

	if (strpbrk(user, "\r\n\003\004") || strpbrk(secret, "\r\n\003\004"))
		return err_set(err, ERR_CONF, "a control character in user or password");
	snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(c->st), c->line + strlen("serial."));
	if (!serial_log_open(path, clock_ns(), true, &c->log, err))
		return false;
	c->mark = 0;
	ok = dialogue(c, s, user, secret, ret, err);
	serial_log_done(&c->log);
	step_observer(c->st, c->line);
	return ok;
}

const struct surface_type surface_serial = { "serial", TARGET_LINE, serial_load, serial_attempt, serial_close, true };
