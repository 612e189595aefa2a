// SPDX-License-Identifier: Apache-2.0
// The words of a run that stand in ${...}: its folders, its secrets and its canaries.
#include <stdio.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/session.h"

/* Made from the seed, so that every process of the run knows it and nobody outside does. */
static void secret_value(const struct session *s, const char *name, char ret[static 32])
{
	static const char letter[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
	struct rng r;
	char key[128];

	snprintf(key, sizeof(key), "secret/%d/%s", s->unit, name);
	rng_init(&r, s->seed, key);
	for (int i = 0; i < 20; i++)
		ret[i] = letter[rng_below(&r, sizeof(letter) - 1)];
	ret[20] = '\0';
}

static bool secret(const struct session *s, const char *name, char *buf, size_t n)
{
	const char *v = json_string_value(json_object_get(json_object_get(s->plan->device.json, "secrets"), name));

	if (!v)
		return false;
	if (!strcmp(v, "random")) {
		char made[32];

		secret_value(s, name, made);
		snprintf(buf, n, "%s", made);
	} else {
		snprintf(buf, n, "%s", v);
	}
	return true;
}

const char *session_word(const char *name, char *buf, size_t n, void *data)
{
	const struct session *s = data;

	if (!strcmp(name, "work"))
		return s->work;
	if (!strcmp(name, "run"))
		return s->dir;
	if (!strcmp(name, "root"))
		return s->root;
	if (!strncmp(name, "canary.", 7) && n >= 33) {
		session_canary(s, name + 7, buf);
		return buf;
	}
	if (!strncmp(name, "secret.", 7) && secret(s, name + 7, buf, n))
		return buf;
	return NULL;
}
