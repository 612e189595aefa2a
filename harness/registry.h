/* SPDX-License-Identifier: Apache-2.0
 *
 * registry.h - the probes, drivers and reports that were found when this program was built (tables.sh). */
#ifndef HARNESS_REGISTRY_H
#define HARNESS_REGISTRY_H

#include "harness/probe.h"
#include "harness/report.h"

extern const struct probe *const probe_table[];         /* NULL-terminated, sorted by name */
extern const struct report *const report_table[];

const struct probe *probe_find(const char *name);
/* "power.cut" -> probe and verb; NULL when unknown. */
const struct verb *verb_find(const char *dotted, const struct probe **ret_probe);
const struct line_driver *driver_find(const char *line_name, const char *driver);      /* by "power.main", "uml" */
const struct report *report_find(const char *name);
#endif
