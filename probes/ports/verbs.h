/* SPDX-License-Identifier: Apache-2.0
 *
 * verbs.h - the verbs of this probe that have a file of their own. */
#ifndef PORTS_VERBS_H
#define PORTS_VERBS_H

#include "harness/probe.h"

extern const struct param identify_params[];
extern const struct fact identify_facts[];
bool identify_run(struct step *st, struct err *err);

extern const struct param told_params[];
extern const struct fact told_facts[];
bool told_run(struct step *st, struct err *err);
#endif
