/* SPDX-License-Identifier: Apache-2.0
 *
 * selfcheck.h - are the descriptors of all probes, drivers and reports whole? Names, docs, ranges, defaults.
 * Everything the manual, the plan check and the schema rest on. */
#ifndef HARNESS_SELFCHECK_H
#define HARNESS_SELFCHECK_H

/* Calls bad() for each fault; returns how many. */
unsigned selfcheck(void (*bad)(const char *what, const char *fault, void *data), void *data);
#endif
