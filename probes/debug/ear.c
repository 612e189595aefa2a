// SPDX-License-Identifier: Apache-2.0
#include "probes/debug/ear.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

#define PAUSE_NS MS(80)         /* an answer has ended when nothing follows for so long */

bool ear_open(struct step *st, const char *line, struct ear *ret, struct err *err)
{
	char path[FS_PATH];

	*ret = (struct ear){ .st = st, .line = line };
	if (snprintf(path, sizeof(path), "%s/serial/%s", step_run_dir(st), line + strlen("serial.")) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: path too long", line);
	return serial_log_open(path, clock_ns(), true, &ret->log, err);
}

void ear_close(struct ear *e)
{
	serial_log_done(&e->log);
}

bool ear_type(struct ear *e, const char *text, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s}", "text", text);

	if (!serial_log_more(&e->log, err))
		return false;
	e->mark = e->log.n;
	e->typed += (int64_t)strlen(text);
	return step_line(e->st, e->line, "write", args, NULL, err);
}

bool ear_hear(struct ear *e, int64_t patience_ns, struct err *err)
{
	int64_t begin = clock_ns();
	bool more = true;

	while (more) {
		int64_t now = clock_ns(), until = e->log.n > e->mark ? now + PAUSE_NS : begin + patience_ns;

		e->restless |= now >= begin + patience_ns + EAR_LONGEST;
		if (e->restless && now >= begin + patience_ns)
			return true;
		more = step_wait(e->st, e->log.tail.notify, until);
		if (!serial_log_more(&e->log, err))
			return false;
	}
	return true;
}

size_t ear_heard(const struct ear *e, const char **ret_text)
{
	*ret_text = e->log.text + e->mark;
	return e->log.n > e->mark ? e->log.n - e->mark : 0;
}

void ear_cite(const struct ear *e, bool answer_only)
{
	char file[FS_PATH];
	int64_t t_ns, from;

	if (!serial_log_where(&e->log, answer_only ? e->mark : 0, &t_ns, &from))
		return;
	snprintf(file, sizeof(file), "serial/%s.raw", e->line + strlen("serial."));
	step_at_bytes(e->st, file, from, (int64_t)(answer_only ? e->log.n - e->mark : e->log.n));
}
