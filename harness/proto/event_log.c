// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/event_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"

bool event_log_create(const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return *ret_fd >= 0 || err_sys(err, "%s", path);
}

bool event_log_add(int fd, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err)
{
	char line[64 + EVENT_WORD + EVENT_NOTE], *p;
	int n = snprintf(line, sizeof(line), "%" PRId64 " %.23s %" PRId64 " %.199s", t_ns, word, value, note);

	for (p = line; *p; p++)         /* a note must not look like a line of its own */
		if ((unsigned char)*p < ' ')
			*p = ' ';
	line[n++] = '\n';
	return fs_write_all(fd, line, (size_t)n, err);
}

static bool parse(struct span line, struct event *e)
{
	char text[512];
	int at = 0;

	if (line.n >= sizeof(text))
		return false;
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	if (sscanf(text, "%" SCNd64 " %23s %" SCNd64 " %n", &e->t_ns, e->word, &e->value, &at) != 3)
		return false;
	snprintf(e->note, sizeof(e->note), "%.199s", at ? text + at : "");
	return true;
}

bool event_log_next(struct tail *t, struct event *ret, struct err *err)
{
	struct event e = { .off = t->off };
	struct span line;
	bool got = true;

	while (!tail_line(t, &line)) {
		if (!got || !tail_more(t, &got, err))
			return false;
		e.off = t->off;
	}
	e.len = (int64_t)line.n;
	if (!parse(line, &e))
		return err_set(err, ERR_BENCH, "malformed line in a bench log");
	*ret = e;
	return true;
}
