// SPDX-License-Identifier: Apache-2.0
// suites/mappings/: all files of the folder, and what their lines say of each other and of their basis.
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/load.h"
#include "harness/mapping.h"

#define FILES_MAX 64

/* Reports and goes on with the next thing. */
static bool ok(struct loader *l, bool fine, struct err *err)
{
	if (!fine)
		load_fault(l, err);
	*err = (struct err){ 0 };
	return fine;
}

/* ---- lines that name lines ---- */
static const char *const *line_ids(struct loader *l, const struct mapping *m)
{
	const char **ids = arena_alloc(l->a, m->n + 1, sizeof(*ids));

	for (size_t i = 0; i < m->n; i++)
		ids[i] = m->line[i].id;
	return ids;
}

/* What an heir inherits from inherits nothing itself: one look is enough. */
static bool link_inherits(struct loader *l, const struct mapping *m, const char *const *own, struct mapping_line *line, struct err *err)
{
	const struct conf *c = conf_get(line->conf, "inherits");

	if (!load_ids(l, c, "inherits", own, "this file", &line->inherits, err))
		return false;
	for (size_t i = 0; c && i < c->n; i++)
		if (conf_get(mapping_line(m, line->inherits[i])->conf, "inherits"))
			return err_at(err, c->item[i]->at, "'%.40s' inherits itself; name the line it inherits from", line->inherits[i]);
	return true;
}

static bool link_of(const struct mapping *m, const char *const *basis, struct mapping_line *line, struct err *err)
{
	static const char *const own[] = { "force", "conditions", "features", NULL };
	const struct conf *c = conf_get(line->conf, "of");

	if (!c)
		return true;
	for (const char *const *k = own; *k; k++)
		if (conf_get(line->conf, *k))
			return err_at(err, conf_get(line->conf, *k)->at, "a line with `of` has the %s of that line, and none of its own", *k);
	if (!load_id(c, basis, "the basis", err))
		return false;
	line->of = m->basis ? mapping_line(m->basis, c->text) : NULL;
	return true;
}

static bool link_line(struct loader *l, const struct mapping *m, const char *const *own, const char *const *basis,
		      struct mapping_line *line, struct err *err)
{
	static const char *const of_basis[] = { "of", "provisions", "related", NULL };

	for (const char *const *k = of_basis; *k && !conf_get(m->conf, "basis"); k++)
		if (conf_get(line->conf, *k))
			return err_at(err, conf_get(line->conf, *k)->at, "`%s` names lines of a basis, but this file names no basis", *k);
	return link_inherits(l, m, own, line, err) && link_of(m, basis, line, err) &&
	       load_ids(l, conf_get(line->conf, "provisions"), "provisions", basis, "the basis", &line->provisions, err) &&
	       load_ids(l, conf_get(line->conf, "related"), "related", basis, "the basis", &line->related, err);
}

/* ---- files that name files ---- */
static struct mapping *find(struct mapping *m, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(m[i].id, id))
			return &m[i];
	return NULL;
}

static bool link_basis(struct loader *l, struct mapping *all, size_t n, struct mapping *m, struct err *err)
{
	const struct conf *c = conf_get(m->conf, "basis");
	const char **ids = arena_alloc(l->a, n + 1, sizeof(*ids));
	const struct mapping *basis;

	if (!c)
		return true;
	for (size_t i = 0; i < n; i++)
		ids[i] = all[i].id;
	if (!load_id(c, ids, "the folder of mappings", err))
		return false;
	basis = find(all, n, c->text);
	if (conf_get(basis->conf, "basis"))
		return err_at(err, c->at, "'%.40s' has a basis itself; name one that stands alone", c->text);
	m->basis = basis;
	return true;
}

static bool is_alone(struct mapping *all, const struct mapping *m, struct err *err)
{
	const struct mapping *first = find(all, (size_t)(m - all), m->id);

	return !first || err_at(err, m->conf->at, "mapping '%.40s' is there twice; first in %s", m->id, first->file);
}

void mappings_link(struct loader *l, struct mapping *m, size_t n)
{
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++)
		ok(l, is_alone(m, &m[i], &err) && link_basis(l, m, n, &m[i], &err), &err);
	for (size_t i = 0; i < n; i++) {
		const char *const *own = line_ids(l, &m[i]);
		const char *const *basis = m[i].basis ? line_ids(l, m[i].basis) : NULL;         /* NULL: refused above; anything goes */

		for (size_t k = 0; k < m[i].n; k++)
			ok(l, link_line(l, &m[i], own, basis, &m[i].line[k], &err), &err);
	}
}

/* ---- the folder ---- */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A folder of suites may have no mappings. */
static size_t list_files(struct loader *l, const char *dir, const char *file[FILES_MAX], struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 6 || e->d_name[0] == '.' || strcmp(e->d_name + len - 5, ".yaml"))
			continue;
		if (n == FILES_MAX) {
			ok(l, err_set(err, ERR_CONF, "%s: more than %d mappings", dir, FILES_MAX), err);
			break;
		}
		file[n++] = arena_printf(l->a, "%s/%s", dir, e->d_name);
	}
	if (d)
		closedir(d);
	qsort(file, n, sizeof(file[0]), by_text);
	return n;
}

void mappings_load(struct loader *l, const char *suites, struct plan *p)
{
	const char *file[FILES_MAX];
	struct mapping *m;
	char dir[FS_PATH];
	struct err err = { 0 };
	size_t n;

	if (!ok(l, fs_join(dir, suites, "mappings", &err), &err))
		return;
	n = list_files(l, dir, file, &err);
	m = arena_alloc(l->a, n + 1, sizeof(*m));
	for (size_t i = 0; i < n; i++) {
		const struct conf *c = NULL;

		if (ok(l, conf_load(l->a, file[i], &c, &err), &err) && mapping_parse(l, c, &m[p->n_mappings]))
			p->n_mappings++;
	}
	mappings_link(l, m, p->n_mappings);
	p->mapping = m;
}
