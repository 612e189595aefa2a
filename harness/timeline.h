/* SPDX-License-Identifier: Apache-2.0
 *
 * timeline.h - what happened when, for the picture in the report: lanes of levels, spans, events and rates, drawn
 * from the journal and the recorded evidence of a run folder. A torn or hostile file gives a shorter lane, never an
 * error: the picture decides nothing. */
#ifndef HARNESS_TIMELINE_H
#define HARNESS_TIMELINE_H

#include <jansson.h>
#include <stdint.h>

#include "harness/records.h"

/* {"begin_ns","end_ns","lanes":[...]} as in result.h; new reference. At most TIMELINE_ITEMS items a lane;
 * a lane that had more has "cut": true. */
json_t *timeline_build(const char *dir, const json_t *run, struct records *records);
/* Frames that the kernel dropped, over all captures of the run. */
int64_t timeline_drops(const char *dir);

#define TIMELINE_ITEMS 20000
#endif
