/* SPDX-License-Identifier: Apache-2.0
 *
 * six_targets.h - the part of ports.scan that decides which IPv6 addresses are scanned.
 *
 * In      dut.mac and dut.ipv6 of the declaration, capture.lan where there is one, the time to look.
 * Out     addresses that are there, have a way to them and lie in the bench's scope; facts six_addresses and six_asked. None found
 *         is a fact like any other, with the frames of our questions as its evidence.
 * Open    what was declared and is not there, what is there and cannot be scanned, a group without an address, questions that
 *         could not be asked: the step is incomplete, and *ret_complete false. */
#ifndef PORTS_SIX_TARGETS_H
#define PORTS_SIX_TARGETS_H

#include "harness/probe.h"
#include "probes/ports/six.h"

struct six_targets { char ip[SIX_MAX][SIX_TEXT]; unsigned n; };

bool six_targets(struct step *st, int64_t for_ns, struct six_targets *ret, bool *ret_complete, struct err *err) MUST_CHECK;
#endif
