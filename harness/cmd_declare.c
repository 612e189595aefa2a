// SPDX-License-Identifier: Apache-2.0
// jusan declare: a skeleton of device.yaml; its tables to a spreadsheet and back; what follows from it.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf_write.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/cmd.h"
#include "harness/declare.h"
#include "harness/declare_csv.h"
#include "harness/declare_skeleton.h"
#include "harness/options.h"
#include "harness/plan.h"
#include "harness/shapes.h"

static const char usage[] =
	"usage: jusan declare [--edition E]              a device.yaml to begin with\n"
	"       jusan declare --export DIR device.yaml   its ICS and IXIT as CSV files, one a table\n"
	"       jusan declare --import DIR [device.yaml] the CSV files as `ics:` and `ixit:`, or the whole file with these replaced\n"
	"       jusan declare --check device.yaml        the conditions as they come out, and where the declaration contradicts itself\n\n"
	"E is en303645-v2.1.1 or en303645-v3.1.3 (the default). --suites DIR: where its lines stand.\n"
	"Output goes to the terminal; nothing but DIR is written.\n"
	"Exit status 0; 2 when --check found something; 64 when a file is wrong, each fault named with file:line:column.\n";

struct asked { const char *export, *import, *edition, *file, *suites; bool check; };

static bool faults;

static void report(const struct err *e, void *data)
{
	faults = true;
	options_report(e, data);
}

/* A device.yaml whose declaration is sound; its procedures need suites and are checked by `jusan lint`. */
static const struct conf *load(struct arena *a, const struct editions *e, const char *path)
{
	const struct conf *c = NULL;
	struct err err = { 0 };

	if (!conf_load(a, path, &c, &err)) {
		report(&err, NULL);
		return NULL;
	}
	if (!shape_check(c, device_shape(a, e), path, report, NULL) || !declare_check(c, report, NULL))
		return NULL;
	return c;
}

/* ---- --check ---- */
static const char *truth(const json_t *value)
{
	return json_is_true(value) ? "true" : json_is_false(value) ? "false" : "unknown";
}

static void print_terms(const char *edition, const json_t *of_edition)
{
	const char *id;
	json_t *t;

	json_object_foreach((json_t *)(uintptr_t)of_edition, id, t) {
		const char *evidence = json_string_value(json_object_get(t, "evidence"));

		printf("%-16s %-3s %-8s %-58s %s", edition, id, truth(json_object_get(t, "value")),
		       json_string_value(json_object_get(json_object_get(t, "text"), "en")), evidence);
		if (!*evidence)
			escape_terminal(stdout, json_string_value(json_object_get(t, "from")));
		putchar('\n');
	}
}

static int check(struct arena *a, const struct editions *e, const char *path)
{
	const struct conf *c = load(a, e, path);
	CLEANUP(free_json) json_t *declared = c ? declare_json(c) : NULL;
	CLEANUP(free_json) json_t *known = evidence_known(declared, path, NULL);
	CLEANUP(free_json) json_t *declaration = declaration_build(declared, known, e);
	CLEANUP(free_json) json_t *found = declaration_findings(&(struct contradict){ .declared = declared, .declaration = declaration, .known = known,
										       .editions = e });
	const char *edition;
	json_t *one;
	size_t i;

	if (!c)
		return 64;
	json_object_foreach(declaration, edition, one) {
		print_terms(edition, json_object_get(one, "conditions"));
		print_terms(edition, json_object_get(one, "features"));
	}
	json_array_foreach(found, i, one) {
		const char *where = json_string_value(json_object_get(one, "where"));

		printf("%s%s: ", i ? "" : "\n", *where ? where : "device.yaml");
		escape_terminal(stdout, json_string_value(json_object_get(one, "text")));
		putchar('\n');
	}
	return json_array_size(found) ? 2 : 0;
}

/* ---- the others ---- */
static int export_tables(struct arena *a, const struct editions *e, const struct asked *o)
{
	const struct conf *c = load(a, e, o->file);
	struct err err = { 0 };

	if (!c)
		return 64;
	if (declare_export(c, e, o->export, &err))
		return 0;
	options_report(&err, NULL);
	return err_status(&err);
}

static int import_tables(struct arena *a, const struct editions *e, const struct asked *o)
{
	const struct conf *sections = NULL;
	struct err err = { 0 };

	if (!declare_import(a, e, o->import, report, NULL, &sections))
		return 64;
	if (o->file ? declare_replace(stdout, o->file, sections, &err) : conf_write(stdout, sections, &err))
		return 0;
	options_report(&err, NULL);
	return err_status(&err);
}

static int skeleton(const struct editions *all, const char *edition)
{
	struct err err = { 0 };
	const struct conf word = { .kind = CONF_SCALAR, .text = edition ? edition : edition_name[EDITION_3] };
	unsigned e = 0;

	if (!conf_enum(&word, edition_name, &e, &err)) {
		fprintf(stderr, "jusan: --edition: %s\n", err.text);
		return 64;
	}
	declare_skeleton(stdout, all, (enum edition)e);
	return 0;
}

/* Lines and conditions stand among the suites. */
static int with_suites(struct arena *a, const struct asked *o)
{
	struct plan plan = { 0 };
	struct editions e;
	struct err err = { 0 };
	int rc;

	if (!plan_load(a, &(struct plan_input){ .suites = o->suites }, report, NULL, &plan, &err))
		return 64;
	e = editions_of(plan.mapping, plan.n_mappings);
	rc = o->export ? export_tables(a, &e, o) : o->import ? import_tables(a, &e, o) : o->check ? check(a, &e, o->file) : skeleton(&e, o->edition);
	plan_done(&plan);
	return rc;
}

int cmd_declare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "export", required_argument, NULL, 'x' }, { "import", required_argument, NULL, 'i' }, { "edition", required_argument, NULL, 'e' },
		{ "check", no_argument, NULL, 'c' }, { "suites", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	CLEANUP(arena_free) struct arena a = { 0 };
	struct asked o = { .suites = "suites" };
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0)
		switch (opt) {
		case 'x': o.export = optarg; break;
		case 'i': o.import = optarg; break;
		case 'e': o.edition = optarg; break;
		case 'c': o.check = true; break;
		case 's': o.suites = optarg; break;
		case 'h': return fputs(usage, stdout) < 0;
		default: return 64;
		}
	o.file = optind < argc ? argv[optind++] : NULL;
	if (optind < argc || (o.export != NULL) + (o.import != NULL) + (o.edition != NULL) + o.check > 1 || ((o.export || o.check) && !o.file) ||
	    (o.file && !o.export && !o.import && !o.check)) {
		fputs(usage, stderr);
		return 64;
	}
	return with_suites(&a, &o);
}
