// SPDX-License-Identifier: Apache-2.0
#include "harness/registry.h"

#include <string.h>

#define PROBE(p) extern const struct probe probe_##p;
#define REPORT(r) extern const struct report report_##r;
#include "tables.h"

const struct probe *const probe_table[] = {
#define PROBE(p) &probe_##p,
#include "tables.h"
	NULL
};

const struct report *const report_table[] = {
#define REPORT(r) &report_##r,
#include "tables.h"
	NULL
};

static const struct probe *probe_of(const char *dotted, size_t n)
{
	for (const struct probe *const *p = probe_table; *p; p++)
		if (strlen((*p)->name) == n && !strncmp((*p)->name, dotted, n))
			return *p;
	return NULL;
}

const struct probe *probe_find(const char *name)
{
	return probe_of(name, strlen(name));
}

const struct verb *verb_find(const char *dotted, const struct probe **ret_probe)
{
	size_t n = strcspn(dotted, ".");
	const struct probe *p = probe_of(dotted, n);

	if (!p || !dotted[n])
		return NULL;
	for (const struct verb *v = p->verbs; v && v->name; v++)
		if (!strcmp(v->name, dotted + n + 1)) {
			*ret_probe = p;
			return v;
		}
	return NULL;
}

const struct line_driver *driver_find(const char *line_name, const char *driver)
{
	const struct probe *p = probe_of(line_name, strcspn(line_name, "."));

	for (const struct line_driver *const *d = p ? p->drivers : NULL; d && *d; d++)
		if (!strcmp((*d)->name, driver))
			return *d;
	return NULL;
}

const struct report *report_find(const char *name)
{
	for (const struct report *const *r = report_table; *r; r++)
		if (!strcmp((*r)->name, name))
			return *r;
	return NULL;
}
