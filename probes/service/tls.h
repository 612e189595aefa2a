/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.h - the verbs service.tls and service.met, for the probe's table. */
#ifndef SERVICE_TLS_H
#define SERVICE_TLS_H

#include "harness/probe.h"

extern const struct param service_tls_params[];
extern const struct fact service_tls_facts[];
bool service_tls(struct step *st, struct err *err) MUST_CHECK;
extern const struct param service_met_params[];
extern const struct fact service_met_facts[];
bool service_met(struct step *st, struct err *err) MUST_CHECK;
#endif
