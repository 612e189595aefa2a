// SPDX-License-Identifier: Apache-2.0
// profiles/NAME.yaml: how long, how often, how much; perhaps like another profile but for a few limits.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/load.h"
#include "harness/shapes.h"

static bool is_path(const char *profile)
{
	size_t n = strlen(profile);

	return strchr(profile, '/') || (n > 5 && !strcmp(profile + n - 5, ".yaml"));
}

static const char *file_of(struct loader *l, const char *suites, const char *name)
{
	return is_path(name) ? name : arena_printf(l->a, "%s/profiles/%s.yaml", suites, name);
}

/* NULL: reported. */
static const struct conf *read_one(struct loader *l, const char *path, char sha256[static HASH_HEX])
{
	const struct conf *c = NULL, *limits;
	struct err err = { 0 };
	bool ok = conf_load(l->a, path, &c, &err) && hash_file(path, sha256, &err);

	if (ok && !load_shape(l, c, &shape_profile, "a profile"))
		return NULL;
	limits = conf_get(c, "limits");
	if (ok && (!limits || conf_is(limits, CONF_MAP, "limits", &err)))
		return c;
	load_fault(l, &err);
	return NULL;
}

static bool is_true(const struct conf *c)
{
	return c && !strcmp(c->text, "true");
}

/* Both lists of limits as one; what stands in both is own's, bounds and all. */
static const struct conf *united(struct loader *l, const struct conf *own, const struct conf *base)
{
	size_t most = own->n + base->n;
	const struct conf **key = arena_alloc(l->a, most, sizeof(*key)), **item = arena_alloc(l->a, most, sizeof(*item));
	struct conf *c = arena_new(l->a, struct conf);

	*c = *own;
	c->key = key;
	c->item = item;
	c->n = 0;
	for (size_t i = 0; i < most; i++) {
		const struct conf *from = i < own->n ? own : base;
		size_t k = i < own->n ? i : i - own->n;

		if (from == base && conf_get(own, base->key[k]->text))
			continue;
		key[c->n] = from->key[k];
		item[c->n++] = from->item[k];
	}
	return c;
}

/* What it leaves out is that of another. A rehearsal's lengths stay those of a rehearsal. */
static bool stand_on(struct loader *l, const char *suites, const struct conf *like, struct profile *ret)
{
	const struct conf *base = NULL, *limits, *further;
	char both[2 * HASH_HEX], sha256[HASH_HEX];
	struct err err = { 0 };

	if (is_path(like->text))
		err_at(&err, like->at, "like: '%.60s' is a file; write the name of a profile of the suites, such as uk", like->text);
	else if (access(file_of(l, suites, like->text), R_OK))
		err_at(&err, like->at, "like: the suites have no profile '%.60s'", like->text);
	else if (!(base = read_one(l, file_of(l, suites, like->text), sha256)))
		return false;
	else if ((further = conf_get(base, "like")))
		err_at(&err, like->at, "like: %.60s is itself like %.60s; name that one and what differs", like->text, further->text);
	if (err.kind != ERR_NONE) {
		load_fault(l, &err);
		return false;
	}
	limits = conf_get(base, "limits");
	ret->like = like->text;
	snprintf(both, sizeof(both), "%s%s", ret->sha256, sha256);
	hash_text(both, strlen(both), ret->sha256);
	ret->rehearsal |= is_true(conf_get(base, "rehearsal"));
	ret->limits = ret->own && limits ? united(l, ret->own, limits) : limits ? limits : ret->own;
	return true;
}

bool profile_parse(struct loader *l, const char *suites, const char *name, struct profile *ret)
{
	const struct conf *c, *like;

	*ret = (struct profile){ .file = file_of(l, suites, name), .name = name };
	c = read_one(l, ret->file, ret->sha256);
	if (!c)
		return false;
	ret->name = conf_get(c, "profile")->text;
	ret->rehearsal = is_true(conf_get(c, "rehearsal"));
	ret->limits = ret->own = conf_get(c, "limits");
	like = conf_get(c, "like");
	return !like || stand_on(l, suites, like, ret);
}
