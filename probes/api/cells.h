/* SPDX-License-Identifier: Apache-2.0
 *
 * cells.h - every request of a matrix as a line of evidence: {"begin_ns", "end_ns", "state", "endpoint", "by", "spelled",
 * "status", "did"}. No secret and nothing of the device's own words stands in it. */
#ifndef API_CELLS_H
#define API_CELLS_H

#include <stdio.h>

#include "harness/probe.h"

struct cells { FILE *f; char name[80]; int64_t n; };    /* name: relative to the run folder */
struct cell { const char *state, *endpoint, *by, *spelled, *did; int status; int64_t begin_ns, end_ns; };

bool cells_open(struct step *st, const char *what, struct cells *ret, struct err *err) MUST_CHECK;
void cells_add(struct cells *c, const struct cell *row);
void cells_close(struct step *st, struct cells *c);     /* points the current observation to it; zeroed is fine */
#endif
