/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_telnet.c - a log-in prompt on a TCP port. Prompts are recognised by what log-in programs print; what follows
 * the password is reduced to how it ends: a prompt again, a shell, the end of the connection. */
#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/login/prompt.h"
#include "probes/login/surface.h"
#include "probes/login/telnet.h"

#define HEARD_MOST (256 << 10)          /* before a prompt: what says more is no log-in */
struct dialogue { struct wire w; struct telnet t; const struct prompts *p; };

static void telnet_close(struct surface *s)
{
	s->priv = prompts_free(s->priv);
}

static bool telnet_load(struct surface *s, const json_t *row, struct err *err)
{
	struct prompts *p = NULL;
	bool ok = prompts_new(&p, err);

	(void)row;
	s->priv = p;
	return ok;
}

static bool line_is(const struct dialogue *d, enum prompt which)
{
	return prompt_is(d->p, which, telnet_last_line(&d->t));
}

/* Reads until the last line is one of the two, it has been quiet for a while (true), or it ended (false). */
static bool hear(struct dialogue *d, enum prompt one, enum prompt other, int64_t quiet_ns)
{
	uint8_t buf[512], reply[3];

	for (ssize_t heard = 0; heard < HEARD_MOST;) {
		ssize_t got = wire_take(&d->w, buf, sizeof(buf), d->t.n ? quiet_ns : SEC(5));

		if (got <= 0)
			return got < 0;
		heard += got;
		for (ssize_t i = 0; i < got; i++) {
			size_t n = telnet_take(&d->t, buf[i], reply);

			if (n)
				(void)wire_send(&d->w, reply, n);
		}
		if (line_is(d, one) || line_is(d, other))
			return true;
	}
	return false;
}

static bool say(struct dialogue *d, const char *text)
{
	telnet_clear(&d->t);
	return wire_send(&d->w, text, strlen(text)) && wire_send(&d->w, "\r\n", 2);
}

/* User and password at their prompts; false when the dialogue did not get that far. */
static bool put(struct dialogue *d, const char *user, const char *secret)
{
	if (!hear(d, PROMPT_LOGIN, PROMPT_PASSWORD, SEC(2)))
		return false;
	if (line_is(d, PROMPT_LOGIN) && (!say(d, user) || !hear(d, PROMPT_PASSWORD, PROMPT_SHELL, SEC(2))))
		return false;
	if (!line_is(d, PROMPT_PASSWORD))
		return line_is(d, PROMPT_SHELL);       /* a shell without asking for a password */
	return say(d, secret);
}

static void judge(struct dialogue *d, const struct surface *s, struct answer *ret)
{
	bool open = hear(d, PROMPT_LOGIN, PROMPT_SHELL, MS(1500));

	ret->reached = true;
	ret->locked = s->has_locked && !regexec(&s->locked, d->t.text, 0, NULL, 0);
	if (prompt_is(d->p, PROMPT_REFUSED, d->t.text) || line_is(d, PROMPT_LOGIN))
		ret->says = SAYS_REFUSED;
	else if (open && line_is(d, PROMPT_SHELL))
		ret->says = SAYS_GRANTED;
	ret->head = (uint64_t)ret->says * 2 + (uint64_t)open;
	snprintf(ret->text, sizeof(ret->text), "%s", ret->says == SAYS_GRANTED ? "shell prompt" :
		 ret->says == SAYS_REFUSED ? "refused" : open ? "no prompt after the password" : "closed after the password");
}

static bool telnet_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct dialogue d = { .w = { .fd = -1 }, .p = s->priv };

	if (!wire_open(&d.w, s->to.address, s->port, s->tls, 2 * s->timeout_ns, err))
		return false;
	ret->closed = d.w.closed;
	snprintf(ret->text, sizeof(ret->text), "%.190s", d.w.why);
	if (d.w.fd >= 0 && put(&d, user, secret))
		judge(&d, s, ret);
	else if (d.w.fd >= 0)
		snprintf(ret->text, sizeof(ret->text), "no log-in prompt");
	wire_done(&d.w);
	return true;
}

const struct surface_type surface_telnet = { "telnet", TARGET_PORT, telnet_load, telnet_attempt, telnet_close, false };
