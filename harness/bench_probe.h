/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_probe.h - what is plugged into this host, as a bench file to be edited: USB boards that are known by what they say of
 * themselves, their terminals, hubs, instruments, network interfaces and GPIO chips. Nothing is opened or switched.
 *
 * A device is known by ids and name together, never by what it does not say. A line matches by serial where that is there and
 * no other device has it, else by the socket it is plugged into. What is not certain stands in a comment. */
#ifndef HARNESS_BENCH_PROBE_H
#define HARNESS_BENCH_PROBE_H

#include <stdio.h>

#include "harness/base/err.h"

bool bench_probe(FILE *out, struct err *err) MUST_CHECK;
#endif
