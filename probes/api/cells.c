/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/api/cells.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "harness/base/fs.h"

bool cells_open(struct step *st, const char *what, struct cells *ret, struct err *err)
{
	char path[FS_PATH], dir[FS_PATH];

	*ret = (struct cells){ .n = 0 };
	snprintf(ret->name, sizeof(ret->name), "evidence/%.30s-%" PRId64 ".jsonl", what, step_begin_ns(st));
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) || !fs_join(path, step_run_dir(st), ret->name, err))
		return false;
	ret->f = fopen(path, "we");
	return ret->f || err_sys(err, "%s", path);
}

void cells_add(struct cells *c, const struct cell *r)
{
	json_t *j = json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:i,s:s}", "begin_ns", (json_int_t)r->begin_ns, "end_ns", (json_int_t)r->end_ns,
			      "state", r->state, "endpoint", r->endpoint, "by", r->by, "spelled", r->spelled, "status", r->status,
			      "did", r->did);

	c->n++;
	if (j && !json_dumpf(j, c->f, JSON_COMPACT))
		fputc('\n', c->f);
	json_decref(j);
}

void cells_close(struct step *st, struct cells *c)
{
	struct stat s;

	if (!c->f)
		return;
	fflush(c->f);
	if (!fstat(fileno(c->f), &s))
		step_at_bytes(st, c->name, 0, (int64_t)s.st_size);
	fclose(c->f);
	c->f = NULL;
}
