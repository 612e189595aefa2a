/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.h - the verb service.tls, for the probe's table. */
#ifndef SERVICE_TLS_H
#define SERVICE_TLS_H

#include "harness/probe.h"

extern const struct param service_tls_params[];
extern const struct fact service_tls_facts[];
bool service_tls(struct step *st, struct err *err) MUST_CHECK;
#endif
