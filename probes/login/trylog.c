/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/trylog.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/fs.h"

static const char *const outcome_name[] = { "refused", "granted", "locked", "silent", "again" };

bool trylog_open(struct step *st, const char *what, struct trylog *ret, struct err *err)
{
	char path[FS_PATH], dir[FS_PATH];

	snprintf(ret->name, sizeof(ret->name), "evidence/%.30s-%" PRId64 ".log", what, step_begin_ns(st));
	if (!fs_join(dir, step_run_dir(st), "evidence", err) || !fs_mkdirs(dir, err) ||
	    !fs_join(path, step_run_dir(st), ret->name, err))
		return false;
	ret->f = fopen(path, "we");
	if (!ret->f)
		return err_sys(err, "%s", path);
	fprintf(ret->f, "# begin_ns end_ns surface account password outcome answer\n");
	return true;
}

/* One word of the line: what is not printable ASCII becomes \\xHH, nothing becomes (empty). */
static void put_word(FILE *f, const char *s)
{
	if (!*s)
		fputs("(empty)", f);
	for (; *s; s++)
		if (*s > ' ' && *s < 0x7f && *s != '\\')
			fputc(*s, f);
		else
			fprintf(f, "\\x%02x", (unsigned char)*s);
	fputc(' ', f);
}

void trylog_add(struct trylog *l, const char *surface, const char *user, const char *secret, const struct answer *a, enum outcome o)
{
	fprintf(l->f, "%" PRId64 " %" PRId64 " ", a->begin_ns, a->end_ns);
	put_word(l->f, surface);
	put_word(l->f, user);
	put_word(l->f, secret);
	fprintf(l->f, "%s ", outcome_name[o]);
	for (const char *p = a->text; *p; p++)          /* the device's words stand last, as plain text */
		fputc(*p >= ' ' && *p < 0x7f ? *p : '?', l->f);
	fputc('\n', l->f);
}

void trylog_close(struct step *st, struct trylog *l)
{
	struct stat s;

	if (!l->f)
		return;
	fflush(l->f);
	if (!fstat(fileno(l->f), &s))
		step_at_bytes(st, l->name, 0, (int64_t)s.st_size);
	fclose(l->f);
	l->f = NULL;
}
