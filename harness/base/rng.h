/* SPDX-License-Identifier: Apache-2.0
 *
 * rng.h - all randomness of a run: a stream of bytes that depends only on the run's seed and a key such
 * as "unit/test/repetition/step". Same seed and key, same stream, on every machine (SHA-256 in counter mode). */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng { uint8_t key[32], block[32]; uint64_t counter; size_t left; };

void rng_init(struct rng *r, uint64_t seed, const char *key);
void rng_bytes(struct rng *r, void *buf, size_t n);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);          /* uniform in [0, n); 0 for n = 0 */
int64_t rng_between(struct rng *r, int64_t lo, int64_t hi); /* uniform in [lo, hi] */
#endif
