/* SPDX-License-Identifier: Apache-2.0
 *
 * loopback.h - for the tests of this probe: what harness/fake.h leaves out, with the loopback as the bench's scope. Include that
 * one first. */
#ifndef LOGIN_LOOPBACK_H
#define LOGIN_LOOPBACK_H

extern const struct probe probe_login;

const char *step_suite_dir(const struct step *st)
{
	(void)st;
	return fake.run;
}
bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "out of scope");
}
void step_canary(const struct step *st, const char *field, char ret[static 33])
{
	(void)st, (void)field;
	memset(ret, 'c', 32);
	ret[32] = 0;
}

static inline int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static inline bool truth(const char *name) { return json_is_true(json_object_get(fake.facts, name)); }
#endif
