// SPDX-License-Identifier: Apache-2.0
// Several units, several rounds: which runs a campaign was made of, and what each unit and each round said.
#include "reports/text/text.h"

static json_int_t int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* A campaign: which runs it was made of. */
void text_units(const struct text *t, const json_t *run)
{
	size_t i;
	json_t *r;

	json_array_foreach(json_object_get(run, "runs"), i, r) {
		fprintf(t->out, "\n  unit %" JSON_INTEGER_FORMAT, int_of(r, "unit"));
		text_field(t, "  ", get_text(r, "serial"), "");
		text_field(t, "  run ", get_text(r, "run"), "");
	}
}

static void rounds(const struct text *t, const json_t *of)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(of, "round_verdicts"), i, v)
		text_field(t, i ? " " : "  rounds: ", json_string_value(v) ? json_string_value(v) : "?", "");
	if (int_of(of, "flaky") > 0)
		fprintf(t->out, "  (flaky: %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT "%%)", int_of(of, "flaky") / 10000,
			int_of(of, "flaky") / 1000 % 10);
}

/* What each unit of a campaign, and each round, said. */
void text_several(const struct text *t, const json_t *test)
{
	size_t i;
	json_t *u;

	if (json_object_get(test, "round_verdicts") && !json_object_get(test, "units")) {
		fputs("    ", t->out);
		rounds(t, test);
		fputc('\n', t->out);
	}
	json_array_foreach(json_object_get(test, "units"), i, u) {
		fprintf(t->out, "      unit %" JSON_INTEGER_FORMAT "  ", int_of(u, "unit"));
		text_verdict(t, verdict_of(u, "verdict"), 0);
		rounds(t, u);
		fputc('\n', t->out);
	}
}

/* Those that passed are not listed one by one; of several rounds it matters that all of them said so. */
void text_flaky(const struct text *t)
{
	int several = 0, unsteady = 0;
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(t->v, "tests"), i, e) {
		several += json_object_get(e, "round_verdicts") != NULL;
		unsteady += int_of(e, "flaky") > 0;
	}
	if (several)
		fprintf(t->out, "\n  %d test%s ran in several rounds, %d of them did not say the same in each\n", several, several == 1 ? "" : "s",
			unsteady);
}
