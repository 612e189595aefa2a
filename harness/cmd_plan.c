// SPDX-License-Identifier: Apache-2.0
// jusan plan: what a run would do, in order, with every value and where it comes from. Touches nothing.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/claim_in.h"
#include "harness/cmd.h"
#include "harness/options.h"

static const char usage[] =
	"usage: jusan plan --bench BENCH.yaml --device DEVICE.yaml [options]\n\n"
	"Checks all inputs and prints every test in running order: its steps with their values, its limits with their\n"
	"origin, and what is left out and why. Opens no line of the bench. The same files give the same bytes.\n\n"
	OPTIONS_USAGE
	"      --unit N         which unit ${unit} stands for (default: 1)\n"
	"      --brief          one line a test\n\n"
	"Exit status: 0, or 64 when an input is wrong; then every fault is named with file:line:column.\n";

/* ---- values ---- */
/* Text from a file to the terminal: nothing that moves the cursor. */
static void say(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static void say_json(const json_t *j)
{
	CLEANUP(free_ptr) char *text = json_dumps(j, JSON_ENCODE_ANY | JSON_SORT_KEYS);

	if (json_is_string(j))
		say(json_string_value(j));
	else
		say(text ? text : "?");
}

static void say_value(const json_t *v, enum value_type type)
{
	char buf[64];

	if (json_is_integer(v) && type == VALUE_TIME)
		say(units_time_text(json_integer_value(v), buf, sizeof(buf)));
	else if (json_is_integer(v) && type == VALUE_SHARE)
		say(units_share_text(json_integer_value(v), buf, sizeof(buf)));
	else
		say_json(v);
}

static const struct limit *limit_of(const struct test *t, const char *ref)
{
	for (size_t i = 0; t && !strncmp(ref, "limit.", 6) && i < t->n_limits; i++)
		if (!strcmp(t->limit[i].name, ref + 6))
			return &t->limit[i];
	return NULL;
}

/* A reference with the value it has already, if it has one before the run. */
static void say_arg(const struct plan *p, const struct test *t, const json_t *v, enum value_type type)
{
	const char *ref = json_string_value(json_object_get(v, "$"));
	const struct limit *l = ref ? limit_of(t, ref) : NULL;
	const json_t *declared = ref && !strncmp(ref, "declared.", 9) ? declared_get(&p->device, ref + 9) : NULL;

	if (!ref) {
		say_value(v, json_is_string(v) ? VALUE_TEXT : type);
		return;
	}
	if (l && l->now.value) {
		say_value(l->now.value, l->type);
		printf(" (%s)", ref);
	} else if (declared && !json_is_object(declared) && !json_is_array(declared)) {
		say_json(declared);
		printf(" (%s)", ref);
	} else {                                /* of the repetition, of the device's answer, or long and in device.yaml */
		printf("<%s>", ref);
	}
}

/* ---- steps ---- */
static void say_step(const struct plan *p, const struct test *t, const struct step_spec *s, int indent, const char *number)
{
	const struct param *param = s->verb ? s->verb->params : NULL;
	bool first = true;

	if (s->kind == STEP_WHILE) {
		printf("%*s%s while\n", indent, "", number);
		say_step(p, t, s->inner->step, indent + 3, "-");
		printf("%*s  do\n", indent, "");
		for (size_t i = 0; i < s->beside->n; i++)
			say_step(p, t, &s->beside->step[i], indent + 3, "-");
		return;
	}
	printf("%*s%s %s", indent, "", number, s->name);
	for (; param && param->name; param++) {
		const json_t *v = json_object_get(s->args, param->name);

		if (!v)
			continue;
		printf("%s%s: ", first ? "  " : ", ", param->name);
		say_arg(p, t, v, param->type);
		first = false;
	}
	printf("%s%s\n", s->label ? "  as " : "", s->label ? s->label : "");
}

static void say_steps(const struct plan *p, const struct test *t, const struct steps *steps, int indent)
{
	char number[24];

	for (size_t i = 0; i < steps->n; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		say_step(p, t, &steps->step[i], indent, number);
	}
}

static void say_claims(const struct claims *c, int indent)
{
	char text[512];

	for (size_t i = 0; c && i < c->n; i++) {
		const struct claim *one = claim_at(c, i);

		printf("%*sexpect ", indent, "");
		say(claim_text(one, text, sizeof(text)));
		printf(one->otherwise == VERDICT_FAIL ? "\n" : ", else %s\n", verdict_name(one->otherwise));
	}
}

/* ---- one test ---- */
static void say_ids(const char *what, const char *const *ids)
{
	if (!*ids)
		return;
	printf("  %s", what);
	for (; *ids; ids++)
		printf(" %s", *ids);
}

static size_t repetitions(const struct test *t)
{
	size_t n = 1;

	for (size_t i = 0; i < t->n_each; i++)
		n *= t->each[i].n ? t->each[i].n : (size_t)json_integer_value(json_object_get(t->each[i].values, "draw"));
	return n;
}

static void say_limits(const struct test *t)
{
	for (size_t i = 0; i < t->n_limits; i++) {
		const struct limit_value *v = &t->limit[i].now;

		if (!v->value)
			continue;
		printf("    limit %s = ", t->limit[i].name);
		say_value(v->value, v->type);
		printf("  from %s, %s%s\n", v->origin, v->source, v->flag && !v->finding ? "  (nobody chose it)" : "");
		if (v->finding)
			printf("      finding: %s\n", v->finding);
	}
}

static void say_each(const struct test *t)
{
	for (size_t i = 0; i < t->n_each; i++) {
		const struct each *e = &t->each[i];

		printf("    each %s = ", e->name);
		if (json_is_array(e->values)) {
			say_json(e->values);
		} else {
			printf("%lld drawn between ", (long long)json_integer_value(json_object_get(e->values, "draw")));
			say_value(json_object_get(e->values, "from"), e->type);
			printf(" and ");
			say_value(json_object_get(e->values, "to"), e->type);
		}
		putchar('\n');
	}
}

static void say_test(const struct plan *p, const struct test *t)
{
	printf("    state %s%s%s%s%s\n", t->state, t->leaves ? ", leaves " : "", t->leaves ? t->leaves : "",
	       t->permit ? ", needs permit " : "", t->permit ? t->permit : "");
	say_limits(t);
	say_each(t);
	for (size_t i = 0; i < t->watch.n; i++)
		say_step(p, t, &t->watch.step[i], 4, "watch");
	if (t->control.steps.n) {
		printf("    control%s\n", t->once && t->n_each ? ", once" : "");
		say_steps(p, t, &t->control.steps, 6);
		say_claims(t->control.expect, 6);
	}
	printf("    test");
	if (t->n_each)
		printf(", %zu repetitions", repetitions(t));
	putchar('\n');
	say_steps(p, t, &t->body.steps, 6);
	say_claims(t->body.expect, 6);
}

static void say_title(const struct test *t)
{
	printf("%s  ", t->id);
	say(t->title_en);
	say_ids("decides", t->decides);
	say_ids("supports", t->supports);
	printf("  [%s:%u]\n", t->file, t->at.line);
}

/* ---- the whole plan ---- */
static void say_head(const struct plan *p, size_t runs)
{
	const json_t *id = json_object_get(p->device.json, "identity");
	size_t files = 0;

	while (p->files[files])
		files++;
	printf("bench    %s, %s, %zu lines [%s]\n", p->bench.name, p->bench.is_virtual ? "virtual" : "real", p->bench.n, p->bench.file);
	printf("device   ");
	say(json_string_value(json_object_get(id, "maker")) ? json_string_value(json_object_get(id, "maker")) : "?");
	putchar(' ');
	say(json_string_value(json_object_get(id, "model")) ? json_string_value(json_object_get(id, "model")) : "?");
	printf(", %zu procedures [%s]\n", p->device.n, p->device.file);
	printf("profile  %s%s%s%s [%s, sha256 %.16s...]\n", p->profile.name, p->profile.like ? ", else like " : "",
	       p->profile.like ? p->profile.like : "", p->profile.rehearsal ? ", a rehearsal" : "", p->profile.file, p->profile.sha256);
	printf("suites   %zu files, %zu tests, %zu of them can run here\n", files, p->n, runs);
}

static void say_left_out(const struct plan *p)
{
	bool head = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct test *t = &p->test[i];

		if (!t->skip && !t->not_tested)
			continue;
		if (!head)
			printf("\nleft out\n");
		head = true;
		printf("  %s  ", t->id);
		say(t->title_en);
		printf(": ");
		say(t->not_tested ? t->not_tested : t->skip);
		putchar('\n');
	}
}

static void say_plan(const struct plan *p, bool brief)
{
	size_t runs = 0, n = 0;

	for (size_t i = 0; i < p->n; i++)
		runs += !p->test[i].skip && !p->test[i].not_tested;
	say_head(p, runs);
	for (size_t i = 0; i < p->n; i++) {
		const struct test *t = &p->test[i];

		if (t->skip || t->not_tested)
			continue;
		printf("%s%zu. ", brief && n ? "" : "\n", n + 1);
		n++;
		say_title(t);
		if (!brief)
			say_test(p, t);
	}
	say_left_out(p);
}

int cmd_plan(int argc, char **argv)
{
	static const struct option options[] = {
		OPTIONS_LONG, { "brief", no_argument, NULL, 'B' }, { "unit", required_argument, NULL, 'U' }, { 0 }
	};
	CLEANUP(arena_free) struct arena a = { 0 };
	struct options o;
	struct plan plan;
	struct err err = { 0 };
	bool brief = false;
	int64_t unit = 1;
	int opt;

	options_init(&o);
	while ((opt = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) >= 0) {
		if (opt == 'h')
			return fputs(usage, stdout) < 0;
		if (opt == 'U' && (!units_int(optarg, &unit) || unit < 1 || unit > UNIT_MAX)) {
			fprintf(stderr, "jusan plan: --unit: '%s' is not a whole number from 1 to %d\n", optarg, UNIT_MAX);
			return 64;
		}
		if (opt != 'B' && opt != 'U' && !options_take(&o, opt))
			return 64;
		brief |= opt == 'B';
	}
	if (optind < argc || !o.plan.bench || !o.plan.device) {
		fprintf(stderr, optind < argc ? "jusan plan: unexpected '%s'\n" : "jusan plan: needs --bench and --device\n",
			optind < argc ? argv[optind] : "");
		fputs(usage, stderr);
		return 64;
	}
	o.plan.unit = (int)unit;
	if (!plan_load(&a, &o.plan, options_report, NULL, &plan, &err))
		return err_status(&err);
	say_plan(&plan, brief);
	plan_done(&plan);
	return 0;
}
