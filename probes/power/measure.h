/* SPDX-License-Identifier: Apache-2.0
 *
 * measure.h - verbs of a supply that sets and measures voltage and current (descriptors: power.c). */
#ifndef PROBES_POWER_MEASURE_H
#define PROBES_POWER_MEASURE_H

#include "harness/probe.h"

/* Moments of a switching line's reply as facts. */
void power_times(struct step *st, const json_t *reply);

bool power_voltage(struct step *st, struct err *err);
bool power_dip(struct step *st, struct err *err);
bool power_sample(struct step *st, struct err *err);
#endif
