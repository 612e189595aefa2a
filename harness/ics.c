// SPDX-License-Identifier: Apache-2.0
// The lines of an ICS are those of suites/mappings/en303645-*.yaml; here is what a declaration asks of them.
#include <string.h>

#include "harness/standard.h"

struct editions editions_of(const struct mapping *m, size_t n)
{
	struct editions e = { { NULL } };

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < EDITION_COUNT; k++)
			if (!strcmp(m[i].id, edition_name[k]))
				e.of[k] = &m[i];
	return e;
}

const char *ics_term(const struct mapping_line *l, size_t n)
{
	const char *const *const names[] = { l->conditions, l->features };

	for (int k = 0; k < 2; k++)
		for (const char *const *name = names[k]; *name; name++)
			if (n-- == 0)
				return *name;
	return NULL;
}

bool ics_depends(const struct mapping_line *l, const char *term)
{
	const char *id;

	for (size_t n = 0; (id = ics_term(l, n)); n++)
		if (!strcmp(id, term))
			return true;
	return false;
}

size_t editions_terms(const struct editions *e, bool features, struct edition_term *ret, size_t room)
{
	size_t n = 0;

	for (int k = 0; k < EDITION_COUNT; k++) {
		const struct mapping *m = e->of[k];
		size_t terms_n = !m ? 0 : features ? m->n_features : m->n_conditions;

		for (size_t i = 0; i < terms_n; i++) {
			const struct mapping_term *t = features ? &m->feature[i] : &m->condition[i];
			size_t at = 0;

			while (at < n && strcmp(ret[at].term->name, t->name))
				at++;
			if (at == n && n < room)
				ret[n++] = (struct edition_term){ t, features, 0 };
			if (at < n)
				ret[at].editions |= 1u << k;
		}
	}
	return n;
}
