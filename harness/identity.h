/* SPDX-License-Identifier: Apache-2.0
 *
 * identity.h - which hardware a line of bench.yaml means: two lines may not mean the same, and two runs may not use it at once. */
#ifndef HARNESS_IDENTITY_H
#define HARNESS_IDENTITY_H

#include "harness/base/hash.h"
#include "harness/plan.h"

/* {"driver", "kind", and what names the device and its port: match, host, port, channel ...}; new reference. NULL: the line
 * names no hardware. */
json_t *identity_of(const struct bench *b, const struct bench_line *l);
/* Every line's `match` is well formed (ids are quoted), no two lines mean the same port of the same device, and none could also
 * mean the device of another line. false: *err, at its position. */
bool identity_check(const struct bench *b, const struct bench_line *l, struct err *err) MUST_CHECK;
/* SHA-256 of all that bench.yaml says of the line: an edited line is another line. */
void identity_hash(const struct bench *b, const char *line, char ret[static HASH_HEX]);
#endif
