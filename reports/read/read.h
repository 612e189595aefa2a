/* SPDX-License-Identifier: Apache-2.0
 *
 * read.h - what every report takes out of a run folder in the same way: members of verdicts.json, pointers, times,
 * stable identifiers, the hashes under the seal. Nothing here escapes: that is each writer's own edge.
 *
 * The getters never fail: "" and 0 where something is absent or of another type. */
#ifndef REPORTS_READ_READ_H
#define REPORTS_READ_READ_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/result.h"

const char *get_text(const json_t *o, const char *key);
int64_t get_int(const json_t *o, const char *key);
/* A time: bounded to [0, INT64_MAX / 4], so that differences and sums of two are safe. */
int64_t get_ns(const json_t *o, const char *key, int64_t otherwise);
static inline bool is_on(const json_t *o, const char *key) { return json_is_true(json_object_get(o, key)); }
static inline size_t count_of(const json_t *o, const char *key) { return json_array_size(json_object_get(o, key)); }

/* A verdict's word; words nobody knows: NOT_TESTED. */
enum verdict verdict_of(const json_t *o, const char *key);
enum verdict verdict_word(const char *word);
/* 適合, 不適合 ... */
const char *verdict_ja(enum verdict v);
/* Of a test or requirement: the waiver for it, one that holds before one that has expired; borrowed, NULL when there is none. */
const json_t *waiver_of(const json_t *verdicts, const char *id);

/* "capture/lan.pcapng#12", "serial/console.raw@4711+18", "unit2/journal#17": what `jusan show` takes; "?" for what is
 * no pointer. Cut at `size`. Returns buf. */
const char *pointer_text(const json_t *at, char *buf, size_t size);

/* 2026-11-27T01:56:43.123Z for a monotonic time of this run; "" when the run states no offset or the time is not there.
 * Milliseconds: what uncertainty the lines have is greater. */
#define READ_STAMP 32
const char *stamp_text(const json_t *run, int64_t t_ns, char ret[static READ_STAMP]);

/* RFC 4122 version 5 of a name in a namespace of jusan's own: the same name always has the same identifier, so that a
 * report stays a function of its folder. Callers put the run's id into the name. */
#define READ_UUID 37
const char *uuid_text(const char *name, char ret[static READ_UUID]);

/* path -> {"sha256","size"} of every file that any seal of the folder lists, the newest entry of a path; new reference,
 * never NULL (an empty object where nothing was sealed). Whether the seals are true is `jusan verify`'s question. */
json_t *sealed_files(const char *dir);
#endif
