/* SPDX-License-Identifier: Apache-2.0
 *
 * egress.h - the verb capture.egress: everything the device called in a window, less what is declared. */
#ifndef PROBES_CAPTURE_EGRESS_H
#define PROBES_CAPTURE_EGRESS_H

#include "harness/probe.h"

extern const struct param egress_params[];
extern const struct fact egress_facts[];
bool egress_run(struct step *st, struct err *err);
#endif
