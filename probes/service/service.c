// SPDX-License-Identifier: Apache-2.0
#include "probes/service/tls.h"

#define DRIVER_service(d) extern const struct line_driver driver_service_##d;
#include "tables.h"

static const struct line_driver *const drivers[] = {
#define DRIVER_service(d) &driver_service_##d,
#include "tables.h"
	NULL
};

static const struct verb verbs[] = {
	{ "tls", VERB_STIMULUS, service_tls_params, service_tls_facts, service_tls,
	  "take the place of a TLS peer, with a certificate that has one fault, until the attempt ends" },
	{ "met", VERB_PROBE, service_met_params, service_met_facts, service_met,
	  "wait until the device has called the impostor of service.tls and shown how it takes it" },
	{ 0 }
};

const struct probe probe_service = {
	.name = "service", .doc = "what the bench offers the device: addresses, names, and servers that are not what they say",
	.verbs = verbs, .drivers = drivers, .rights = RIGHT_SCOPE | RIGHT_LINES,
};
