// SPDX-License-Identifier: Apache-2.0
// jusan verbs: what a suite step can say, from the descriptors: for the terminal, as JSON, as the manual.
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/cmd.h"
#include "harness/plan.h"
#include "harness/registry.h"

static const char usage[] =
	"usage: jusan verbs [NAME] [--json | --markdown | --drivers]\n\n"
	"Lists the verbs of all probes with their parameters and facts, and the drivers of lines.\n"
	"NAME is a probe (power) or a verb (power.cut).\n"
	"  --json       the same for programs\n"
	"  --markdown   the same as docs/verbs.md\n"
	"  --drivers    what each driver was run against, as docs/drivers.md\n";

static const char *const kinds[] = { "stimulus", "probe", "watch", "examine" };

static const char *full_name(const struct probe *p, const char *verb, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s%s", p->name, *p->name ? "." : "", verb);
	return buf;
}

static const char *bound(enum value_type type, int64_t v, char *buf, size_t n)
{
	if (type == VALUE_TIME)
		return units_time_text(v, buf, n);
	if (type == VALUE_SHARE)
		return units_share_text(v, buf, n);
	snprintf(buf, n, "%" PRId64, v);
	return buf;
}

/* "time, needed, 1ms to 10min" */
static void param_form(const struct param *p, char *buf, size_t n)
{
	char lo[48], hi[48];
	size_t at = (size_t)snprintf(buf, n, "%s%s%s", value_type_name[p->type], p->unit ? " " : "", p->unit ? p->unit : "");

	for (const char *const *w = p->words; w && *w && at < n; w++)
		at += (size_t)snprintf(buf + at, n - at, "%s%s", w == p->words ? ": " : " ", *w);
	if ((p->min || p->max) && at < n)
		at += (size_t)snprintf(buf + at, n - at, ", %s to %s", bound(p->type, p->min, lo, sizeof(lo)),
				       bound(p->type, p->max, hi, sizeof(hi)));
	if (at < n && p->need)
		snprintf(buf + at, n - at, ", needed");
	else if (at < n && p->fallback)
		snprintf(buf + at, n - at, ", default %s", *p->fallback ? p->fallback : "''");
}

/* ---- terminal ---- */
static void text_params(const struct param *p)
{
	char form[400];

	for (; p && p->name; p++) {
		param_form(p, form, sizeof(form));
		printf("    %-14s %s (%s)\n", p->name, p->doc, form);
	}
}

static void text_verb(const struct probe *p, const struct verb *v)
{
	char name[120];

	printf("  %s  [%s]\n      %s\n", full_name(p, v->name, name, sizeof(name)), kinds[v->kind], v->doc);
	text_params(v->params);
	for (const struct fact *f = v->facts; f && f->name; f++)
		printf("  > %-14s %s (%s%s%s)\n", f->name, f->doc, value_type_name[f->type], f->unit ? " " : "", f->unit ? f->unit : "");
}

static void text_probe(const struct probe *p, const char *verb)
{
	if (!verb)
		printf("%s - %s\n", *p->name ? p->name : "wait", p->doc);
	for (const struct verb *v = p->verbs; v && v->name; v++)
		if (!verb || !strcmp(verb, v->name))
			text_verb(p, v);
	for (const struct line_driver *const *d = verb ? NULL : p->drivers; d && *d; d++) {
		printf("  driver %s\n      %s\n", (*d)->name, (*d)->doc);
		text_params((*d)->params);
	}
	putchar('\n');
}

/* ---- JSON ---- */
static json_t *json_params(const struct param *p)
{
	json_t *list = json_array();

	for (; p && p->name; p++) {
		json_t *j = json_pack("{s:s,s:s,s:b,s:s}", "name", p->name, "type", value_type_name[p->type], "need", p->need, "doc", p->doc);

		if (p->unit)
			json_object_set_new(j, "unit", json_string(p->unit));
		if (p->fallback)
			json_object_set_new(j, "default", json_string(p->fallback));
		if (p->min || p->max) {
			json_object_set_new(j, "min", json_integer(p->min));
			json_object_set_new(j, "max", json_integer(p->max));
		}
		for (const char *const *w = p->words; w && *w; w++) {
			if (w == p->words)
				json_object_set_new(j, "words", json_array());
			json_array_append_new(json_object_get(j, "words"), json_string(*w));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *json_facts(const struct fact *f)
{
	json_t *list = json_array();

	for (; f && f->name; f++) {
		json_t *j = json_pack("{s:s,s:s,s:s}", "name", f->name, "type", value_type_name[f->type], "doc", f->doc);

		if (f->unit)
			json_object_set_new(j, "unit", json_string(f->unit));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *json_probe(const struct probe *p)
{
	json_t *verbs = json_array(), *drivers = json_array();
	char name[120];

	for (const struct verb *v = p->verbs; v && v->name; v++)
		json_array_append_new(verbs, json_pack("{s:s,s:s,s:s,s:o,s:o}", "name", full_name(p, v->name, name, sizeof(name)), "kind",
						       kinds[v->kind], "doc", v->doc, "params", json_params(v->params), "facts",
						       json_facts(v->facts)));
	for (const struct line_driver *const *d = p->drivers; d && *d; d++)
		json_array_append_new(drivers, json_pack("{s:s,s:s,s:o}", "name", (*d)->name, "doc", (*d)->doc, "params",
							 json_params((*d)->params)));
	return json_pack("{s:s,s:s,s:o,s:o}", "name", *p->name ? p->name : "wait", "doc", p->doc, "verbs", verbs, "drivers", drivers);
}

/* ---- the manual ---- */
static void cell(const char *text)
{
	for (; text && *text; text++)
		printf(*text == '|' ? "\\|" : "%c", *text);
}

static void md_params(const struct param *p)
{
	char form[400];

	if (!p || !p->name)
		return;
	printf("\n| parameter | form | meaning |\n|---|---|---|\n");
	for (; p->name; p++) {
		param_form(p, form, sizeof(form));
		printf("| `%s` | ", p->name);
		cell(form);
		printf(" | ");
		cell(p->doc);
		printf(" |\n");
	}
}

static void md_facts(const struct fact *f)
{
	if (!f || !f->name)
		return;
	printf("\n| fact | type | meaning |\n|---|---|---|\n");
	for (; f->name; f++) {
		printf("| `%s` | %s%s%s | ", f->name, value_type_name[f->type], f->unit ? " " : "", f->unit ? f->unit : "");
		cell(f->doc);
		printf(" |\n");
	}
}

static void md_probe(const struct probe *p)
{
	char name[120];

	printf("\n## %s\n\n%s\n", *p->name ? p->name : "wait", p->doc);
	for (const struct verb *v = p->verbs; v && v->name; v++) {
		printf("\n### %s\n\n*%s.* %s\n", full_name(p, v->name, name, sizeof(name)), kinds[v->kind], v->doc);
		md_params(v->params);
		md_facts(v->facts);
	}
	for (const struct line_driver *const *d = p->drivers; d && *d; d++) {
		printf("\n### Driver `%s` of %s lines\n\n%s\n", (*d)->name, p->name, (*d)->doc);
		md_params((*d)->params);
	}
}

/* ---- drivers: what each was run against ---- */
static void driver_rows(const struct probe *p)
{
	for (const struct line_driver *const *d = p->drivers; d && *d; d++) {
		printf("| %s | `%s` | ", p->name, (*d)->name);
		cell((*d)->doc);
		printf(" | ");
		cell((*d)->seen);
		printf(" |\n");
	}
}

static void drivers_head(void)
{
	printf("<!-- Made by `make docs/drivers.md` from the descriptors. Do not edit. -->\n"
	       "# Drivers, and what each was run against\n\n"
	       "A driver that was seen against a model only is right as far as the facts it was written from. Before a verdict rests on\n"
	       "a line, `jusan bench check` measures it on your bench and writes the date. [wiring.md](wiring.md) shows how to connect\n"
	       "them, [verbs.md](verbs.md) lists their parameters.\n\n"
	       "| line | driver | what it is | run against |\n|---|---|---|---|\n");
}

static void md_head(void)
{
	printf("<!-- Made by `make docs/verbs.md` from the descriptors. Do not edit. -->\n"
	       "# Verbs and drivers\n\n"
	       "What a step of a suite, a procedure of `device.yaml` and a line of `bench.yaml` can say.\n"
	       "[suites.md](suites.md) tells how steps make tests.\n\n"
	       "A *stimulus* changes the device's world, a *probe* asks or looks now, a *watch* runs beside the steps, an\n"
	       "*examine* verb reads recorded evidence only.\n");
}

/* ---- which ---- */
static bool wanted(const struct probe *p, const char *name, const char **ret_verb)
{
	size_t n = strlen(p->name);

	*ret_verb = NULL;
	if (!name || (n && !strcmp(p->name, name)))
		return true;
	if (n && (strncmp(name, p->name, n) || name[n] != '.'))
		return false;
	for (const struct verb *v = p->verbs; v && v->name; v++)
		if (!strcmp(v->name, n ? name + n + 1 : name)) {
			*ret_verb = v->name;
			return true;
		}
	return false;
}

static unsigned each_probe(int how, const char *name, json_t *out)
{
	const struct probe *const *const table[] = { builtin_table, probe_table };
	const char *verb;
	unsigned n = 0;

	for (size_t t = 0; t < 2; t++)
		for (const struct probe *const *p = table[t]; *p; p++) {
			if (!wanted(*p, name, &verb))
				continue;
			n++;
			if (how == 'j')
				json_array_append_new(out, json_probe(*p));
			else if (how == 'm')
				md_probe(*p);
			else if (how == 'd')
				driver_rows(*p);
			else
				text_probe(*p, verb);
		}
	return n;
}

int cmd_verbs(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { "markdown", no_argument, NULL, 'm' },
						 { "drivers", no_argument, NULL, 'd' },
						 { "help", no_argument, NULL, 'h' }, { 0 } };
	CLEANUP(free_json) json_t *out = json_array();
	const char *name;
	int how = 't', opt;

	while ((opt = getopt_long(argc, argv, "jmdh", options, NULL)) >= 0) {
		if (opt == 'h')
			return fputs(usage, stdout) < 0;
		if (opt != 'j' && opt != 'm' && opt != 'd')
			return 64;
		how = opt;
	}
	name = optind < argc ? argv[optind] : NULL;
	if (how == 'm')
		md_head();
	else if (how == 'd')
		drivers_head();
	if (!each_probe(how, name, out)) {
		fprintf(stderr, "jusan verbs: no probe and no verb is called '%s'\n", name ? name : "");
		return 64;
	}
	if (how == 'j') {
		json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
		putchar('\n');
	}
	return 0;
}
