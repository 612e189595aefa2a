/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.h - JSON Schemas (2020-12) of jusan's YAML files, for editors: from the shapes the loader checks with, the
 * descriptors of verbs and drivers, the ids of requirements.yaml and the limits of the suites. They know shapes, words and
 * numbers; what needs another place of a file (references, labels, cycles) only the loader sees. */
#ifndef HARNESS_SCHEMA_H
#define HARNESS_SCHEMA_H

#include "harness/plan.h"

extern const char *const schema_kinds[];        /* "bench", "device", "profile", "suite", NULL */
/* New reference; NULL when the kind is unknown. suites: loaded without bench, device and profile. */
json_t *schema_make(const char *kind, const struct plan *suites);

/* ---- schema_steps.c, for schema.c ---- */
json_t *schema_param(const struct param *p);            /* its literal */
/* reference, verb, steps, claim, expect; in a device's procedures there are no limits and no repetitions. */
void schema_add_steps(json_t *defs, bool in_device);
json_t *schema_watch(void);                             /* label -> one watching verb */
#endif
