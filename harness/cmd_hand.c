// SPDX-License-Identifier: Apache-2.0
#include "harness/cmd_hand.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/options.h"
#include "harness/value.h"

static const struct option options[] = {
	{ "bench", required_argument, NULL, 'b' }, { "device", required_argument, NULL, 'd' }, { "for", required_argument, NULL, 'f' },
	{ "keep", no_argument, NULL, 'k' }, { "dir", required_argument, NULL, 'D' }, { "raw", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' }, { 0 }
};

static void said(const char *line, const char *text)
{
	fprintf(stderr, "%s: ", line);
	escape_terminal(stderr, text);
	fputc('\n', stderr);
}

bool hand_options(int argc, char **argv, const char *kind, const char *usage, struct hand *ret, int *ret_rest, int *ret_status)
{
	int opt;

	*ret = (struct hand){ .o = { .bench = "bench.yaml" }, .for_ns = -1, .h = { .said = said } };
	*ret_status = 64;
	while ((opt = getopt_long(argc, argv, "b:d:h", options, NULL)) >= 0)
		switch (opt) {
		case 'b': ret->o.bench = optarg; break;
		case 'd': ret->o.device = optarg; break;
		case 'D': ret->o.dir = optarg; break;
		case 'k': ret->keep = true; break;
		case 'r': ret->raw = true; break;
		case 'f':
			if (units_time(optarg, &ret->for_ns) && ret->for_ns > 0)
				break;
			fprintf(stderr, "jusan %s: --for: a time such as 5s\n", kind);
			return false;
		case 'h':
			*ret_status = fputs(usage, stdout) < 0;
			return false;
		default:
			fputs(usage, stderr);
			return false;
		}
	if (optind == argc) {
		fputs(usage, stderr);
		return false;
	}
	if (strchr(argv[optind], '.'))
		snprintf(ret->line, sizeof(ret->line), "%s", argv[optind]);
	else
		snprintf(ret->line, sizeof(ret->line), "%s.%s", kind, argv[optind]);
	*ret_rest = optind + 1;
	return true;
}

static bool is_there(const struct hand *c, const char *line)
{
	return json_object_get(json_object_get(c->h.plan.bench.json, "lines"), line) != NULL;
}

/* Names are looked up in the whole bench first; then it is loaded again with those that are wanted. */
bool hand_open(struct hand *c, const char *const *also, bool recorded, struct err *err)
{
	size_t n = 0;
	time_t now = time(NULL);
	struct tm tm;

	if (!by_hand_load(&c->h, &c->o, options_report, err))
		return false;
	c->lines[n++] = c->line;
	for (; also && *also && n < HAND_LINES; also++)
		if (is_there(c, *also))
			c->lines[n++] = *also;
	if (!by_hand_close(&c->h, false, err))
		return false;
	c->h.said = said;
	c->o.lines = c->lines;
	if (recorded && !c->o.dir) {
		strftime(c->dir, sizeof(c->dir), "runs/hand-%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
		c->o.dir = c->dir;
	}
	return by_hand_load(&c->h, &c->o, options_report, err) && by_hand_open(&c->h, &c->o, err);
}

/* Moments are told from the request on; requested itself says nothing. */
static void say_fact(const struct fact *f, const json_t *facts)
{
	const json_t *v = json_object_get(facts, f->name), *from = json_object_get(facts, "requested");
	char text[512];

	if (!v || !strcmp(f->name, "requested"))
		return;
	if (from && (!strcmp(f->name, "acknowledged") || !strcmp(f->name, "proved"))) {
		printf("  %-13s after %s\n", f->name, time_text(json_integer_value(v) - json_integer_value(from), text, sizeof(text)));
	} else {
		printf("  %-13s ", f->name);
		escape_terminal(stdout, value_text(v, f->type, text, sizeof(text)));
		printf("%s%s\n", f->unit ? " " : "", f->unit ? f->unit : "");
	}
}

bool hand_step(struct hand *c, const char *verb, const char *steps, const char *label, json_t **ret_facts, struct err *err)
{
	CLEANUP(free_json) json_t *all = NULL;
	const struct probe *probe;
	const struct verb *v = any_verb_find(verb, &probe);
	bool ok = by_hand_run(&c->h, steps, &all, err);
	const json_t *facts = json_object_get(all, label);

	if (facts)
		printf("%s %s\n", c->line, strchr(verb, '.') + 1);
	for (const struct fact *f = facts && v ? v->facts : NULL; f && f->name; f++)
		say_fact(f, facts);
	fflush(stdout);
	if (ret_facts)
		*ret_facts = json_deep_copy(facts);
	return ok;
}

bool hand_hold(struct hand *c, const char *what, struct err *err)
{
	if (c->for_ns < 0)
		fprintf(stderr, "%s %s; Ctrl-C ends it%s\n", c->line, what, c->keep ? "" : " and puts it into its safe state");
	if (hub_turn(c->h.hub, NULL, c->for_ns < 0 ? -1 : clock_ns() + c->for_ns, err))
		return true;
	if (err->kind == ERR_STOP)
		*err = (struct err){ 0 };
	return err->kind == ERR_NONE;
}

int hand_close(struct hand *c, bool ok, struct err *err)
{
	struct err second = { 0 };
	bool closed = by_hand_close(&c->h, c->keep, &second);

	if (!ok && err->text[0])
		options_report(err, NULL);
	if (!closed)
		options_report(&second, NULL);
	return !ok ? err_status(err) : closed ? 0 : 3;
}
