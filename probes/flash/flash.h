/* SPDX-License-Identifier: Apache-2.0
 *
 * flash.h - what every driver of flash lines understands, so that no suite knows which one it has.
 *
 *   get {}                    -> {read, write, regions, busy}     read, write: state of the supply in which the clip may do so,
 *                                "off", "on" or "any"; regions: {NAME: {at, length}}
 *   identify {}               -> {chip, size}
 *   read {to, at, length}     -> {size, sha256}          to RUN/to; without length the whole chip; {} when blind
 *   load {at, length}         -> {}                      that range can be looked at and altered now
 *   peek {at, length}         -> {data}                  hex digits, at most IMAGE_PIECE bytes
 *   alter {at, data}          -> {changed}               bytes that will differ; none when blind
 *   store {at, length}        -> {}                      what was altered in that range stands in the chip, verified
 *   restore {}                -> {size, sha256}          the factory's image, or what was found before the first change
 *   result {job}              -> {busy: true}, or what the command that was answered with {job} would have replied
 *
 * A command that takes long is answered with {job: N}: ask for its result whenever RUN/flash/NAME.log grew. */
#ifndef FLASH_FLASH_H
#define FLASH_FLASH_H

#include <jansson.h>

#include "harness/probe.h"

#define FLASH_REGIONS { .name = "regions", .type = VALUE_MAP, .doc = "names for parts of the chip: {boot: {at: 0, length: 65536}}" }

/* ERR_CONF when a region is no {at, length} of whole numbers. NULL is fine. */
bool flash_regions_ok(const json_t *regions, struct err *err) MUST_CHECK;
/* Fills the reply of `get`; busy NULL = idle. Always true. */
bool flash_tell(json_t *reply, const char *read, const char *write, const json_t *regions, const char *busy);
#endif
