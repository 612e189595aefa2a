/* SPDX-License-Identifier: Apache-2.0
 *
 * sequence.h - secrets that count. One unit's secret alone looks random enough; that the next unit has the next number
 * shows only beside it, and no secret leaves its unit in clear. So each unit says, as keyed hashes, which values lie
 * beside its own, and what is left of its own when the number in a public text (a serial) is taken away: two units whose
 * secrets are near each other share a neighbour, two whose secrets move in step with the serial share the rest.
 *
 * In       the secret as letters and digits in lower case; a number at its end in base 10, 16 or 36.
 * Out      texts, each tagged with what it is, for whoever hashes them. The first of sequence_neighbours is the secret.
 * Bound    numbers under SEQUENCE_WIDTH digits are left alone: two such would be near each other by chance.
 * Note     two units share a neighbour when they lie at most 2 * SEQUENCE_REACH apart. */
#ifndef IDENTITY_SEQUENCE_H
#define IDENTITY_SEQUENCE_H

#include <stddef.h>

#define SEQUENCE_WIDTH 6
#define SEQUENCE_REACH 16

typedef void sequence_fn(const char *text, void *data);

void sequence_neighbours(const char *secret, sequence_fn *f, void *data);
/* At least the secret itself; one more for each public text that ends in a number. */
void sequence_rests(const char *secret, const char *const *known, size_t n_known, sequence_fn *f, void *data);
#endif
