/* SPDX-License-Identifier: Apache-2.0
 *
 * results.h - the parts of an OSCAL assessment result. */
#ifndef REPORTS_OSCAL_RESULTS_H
#define REPORTS_OSCAL_RESULTS_H

#include "reports/oscal/doc.h"

/* What was tested and with what: components, units, bench; their identifiers. */
json_t *oscal_assets(const struct oscal *o);
void oscal_subject(const struct oscal *o, json_t *observation, int64_t unit);
void oscal_by_tool(const struct oscal *o, json_t *to);
void oscal_by_person(struct oscal *o, json_t *to, const char *who);

/* Everything that was looked at, into "observations"; ids maps test, record or requirement to the uuid of its observation. */
void oscal_observations(struct oscal *o, json_t *result, json_t *ids);
/* "reviewed-controls", "findings" and "risks". */
void oscal_reviewed(const struct oscal *o, json_t *result);
void oscal_findings(const struct oscal *o, json_t *result, const json_t *ids);
#endif
