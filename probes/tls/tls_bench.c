// SPDX-License-Identifier: Apache-2.0
// Times an enumeration beside others: fixtures/truth/tls.sh calls it.
//   tls_bench list PORT [STARTTLS|dtls]     what a server on the loopback takes, one fact a line
//   tls_bench time PORT ROUNDS         median milliseconds, CPU milliseconds, connections
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/base/clock.h"
#include "harness/fake.h"
#include "probes/tls/test_step.h"

static void begin(void)
{
	test_begin();
	fake.budget_ns = SEC(580);
}

static void enumerate(int port, const char *plain)
{
	char args[160];

	bool datagram = plain && !strcmp(plain, "dtls");

	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d%s%s%s}}", port, datagram ? ",\"dtls\":true" : plain ? ",\"starttls\":\"" : "",
		 plain && !datagram ? plain : "", plain && !datagram ? "\"" : "");
	fake_step(&probe_tls, "enumerate", args);
}

static int list(int port, const char *plain)
{
	const char *name;
	json_t *v, *item;
	size_t i;

	enumerate(port, plain);
	json_object_foreach(fake.facts, name, v) {
		json_array_foreach(v, i, item)
			printf("%s %s\n", name, json_string_value(item));
		if (json_is_string(v))
			printf("%s %s\n", name, json_string_value(v));
		else if (json_is_integer(v))
			printf("%s %lld\n", name, (long long)json_integer_value(v));
		else if (json_is_boolean(v))
			printf("%s %s\n", name, json_is_true(v) ? "true" : "false");
	}
	if (fake.incomplete[0])
		printf("incomplete: %s\n", fake.incomplete);
	return json_is_true(json_object_get(fake.facts, "complete")) ? 0 : 1;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return SEC(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static int times(int port, int rounds)
{
	int64_t took[25], before = cpu_ns();

	if (rounds < 1 || rounds > 25)
		return 64;
	for (int i = 0; i < rounds; i++) {
		int64_t at = clock_ns();

		enumerate(port, NULL);
		took[i] = clock_ns() - at;
	}
	qsort(took, (size_t)rounds, sizeof(took[0]), by_value);
	printf("%lld %lld %lld\n", (long long)(took[rounds / 2] / MS(1)), (long long)((cpu_ns() - before) / rounds / MS(1)),
	       (long long)json_integer_value(json_object_get(fake.facts, "connections")));
	return json_is_true(json_object_get(fake.facts, "complete")) ? 0 : 1;
}

/* fake.h works inside a test of Check only. */
static struct { int argc; char **argv; int rc; } call;

START_TEST(work)
{
	begin();
	if (call.argc >= 3 && !strcmp(call.argv[1], "list"))
		call.rc = list(atoi(call.argv[2]), call.argc > 3 ? call.argv[3] : NULL);
	else if (call.argc == 4 && !strcmp(call.argv[1], "time"))
		call.rc = times(atoi(call.argv[2]), atoi(call.argv[3]));
	fake_close();
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("tls_bench");
	TCase *t = tcase_create("work");
	SRunner *r;

	call.argc = argc;
	call.argv = argv;
	call.rc = 64;
	tcase_set_timeout(t, 600);
	tcase_add_test(t, work);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_SILENT);
	if (srunner_ntests_failed(r)) {
		srunner_print(r, CK_NORMAL);
		call.rc = 1;
	}
	srunner_free(r);
	return call.rc;
}
