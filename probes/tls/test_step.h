/* SPDX-License-Identifier: Apache-2.0
 *
 * test_step.h - for the tests of this folder: runs the verbs of probe tls against a port of the loopback. Include it behind
 * harness/fake.h. */
#ifndef TLS_TEST_STEP_H
#define TLS_TEST_STEP_H

extern const struct probe probe_tls;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st, (void)err;
	return !strcmp(ip, "127.0.0.1");
}

const char *step_suite_dir(const struct step *st)
{
	(void)st;
	return "suites";
}

bool step_recorded(struct step *st, const char *line, struct err *err)
{
	(void)st, (void)line, (void)err;
	return true;
}

static void test_begin(void)
{
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
}

/* more: of the server's map, ",\"host\":\"x\"" */
static __attribute__((unused)) void test_enumerate(int port, const char *more)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d%s}}", port, more);
	fake_step(&probe_tls, "enumerate", args);
}

static __attribute__((unused)) void test_handshake(int port)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d}}", port);
	fake_step(&probe_tls, "handshake", args);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A fact as text; sets sorted, with blanks between. "(none)" when it was not said. */
static __attribute__((unused)) const char *test_fact(const char *name, char *buf, size_t room)
{
	const json_t *v = json_object_get(fake.facts, name);
	const char *word[512];
	size_t n = json_array_size(v), at = 0;

	ck_assert_uint_le(n, 512);
	buf[0] = '\0';
	for (size_t i = 0; i < n; i++)
		word[i] = json_string_value(json_array_get(v, i));
	qsort(word, n, sizeof(word[0]), by_text);
	for (size_t i = 0; i < n && at < room; i++)
		at += (size_t)snprintf(buf + at, room - at, "%s%s", i ? " " : "", word[i]);
	if (!v)
		snprintf(buf, room, "(none)");
	else if (json_is_string(v))
		snprintf(buf, room, "%s", json_string_value(v));
	else if (json_is_integer(v))
		snprintf(buf, room, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		snprintf(buf, room, "%s", json_is_true(v) ? "true" : "false");
	return buf;
}
#endif
