// SPDX-License-Identifier: Apache-2.0
#include "harness/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"

#define BAR 20

void progress_init(struct progress *p, size_t of, bool quiet)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .quiet = quiet, .of = of, .begin_ns = clock_ns() };
	p->tty = !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
}

static void clear(const struct progress *p)
{
	if (p->tty)
		fputs("\r\033[K", stderr);
}

void progress_doing(void *data, const char *what)
{
	struct progress *p = data;
	struct winsize w = { .ws_col = 80 };
	size_t full = p->of ? p->done * BAR / p->of : 0;
	char bar[BAR + 1];
	int head;

	if (!p->tty)
		return;
	ioctl(STDERR_FILENO, TIOCGWINSZ, &w);
	for (size_t i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	head = fprintf(stderr, "\r\033[K[%s] %zu/%zu ", bar, p->done, p->of) - 4;
	escape_terminal_cut(stderr, what, w.ws_col > head ? (size_t)(w.ws_col - head) - 1 : 0);
	fflush(stderr);
}

void progress_verdict(struct progress *p, const char *test, enum verdict v, const char *why, int64_t took_ns)
{
	p->done++;
	if (p->quiet)
		return;
	clear(p);
	fprintf(stderr, "%3zu/%zu  %-7s %-14s %5lld.%01llds  ", p->done, p->of, test, verdict_name(v),
		(long long)(took_ns / SEC(1)), (long long)(took_ns % SEC(1) / MS(100)));
	escape_terminal_cut(stderr, v == VERDICT_PASS ? "" : why, 160);         /* what the device said may stand in it */
	fputc('\n', stderr);
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (p->quiet)
		return;
	clear(p);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	escape_terminal(stderr, text);
	fputc('\n', stderr);
}

void progress_end(struct progress *p)
{
	clear(p);
	fflush(stderr);
}
