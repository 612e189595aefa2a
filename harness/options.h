/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - the options that say what a plan is made of, for getopt_long(); shared by plan and lint. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include <getopt.h>

#include "harness/plan.h"

#define OPTIONS_ONLY 128
#define OPTIONS_SHORT "b:d:s:p:o:h"
#define OPTIONS_LONG                                                                          \
	{ "bench", required_argument, NULL, 'b' }, { "device", required_argument, NULL, 'd' }, \
	{ "suites", required_argument, NULL, 's' }, { "profile", required_argument, NULL, 'p' }, \
	{ "only", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' }
#define OPTIONS_USAGE                                                                     \
	"  -b, --bench FILE     the wiring around the device\n"                           \
	"  -d, --device FILE    the maker's declaration\n"                                \
	"  -s, --suites DIR     suites, lists and profiles (default: suites)\n"           \
	"  -p, --profile NAME   limits: a name in SUITES/profiles or a file (default: uk)\n" \
	"  -o, --only ID        only this test (BT9-01) or guideline (G9); may be repeated\n"

struct options { struct plan_input plan; const char *only[OPTIONS_ONLY + 1]; size_t n_only; };

void options_init(struct options *o);
/* With getopt's optarg; false when `opt` is none of these. */
bool options_take(struct options *o, int opt);
/* "file:line:col: text" to stderr, control bytes as '?': for plan_load's report. */
void options_report(const struct err *e, void *data);
#endif
