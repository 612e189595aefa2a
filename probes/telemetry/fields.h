/* SPDX-License-Identifier: Apache-2.0
 *
 * fields.h - the field names of JSON messages: "id", "place.lat", "rows[].at".
 * Bounds  depth FIELDS_DEPTH, names cut at 200 bytes; what lies deeper counts as one field. Each name once. */
#ifndef TELEMETRY_FIELDS_H
#define TELEMETRY_FIELDS_H

#include <jansson.h>

enum { FIELDS_DEPTH = 8 };
/* Calls f for each field that holds a value (or an empty object or list) of message j. */
void fields_each(const json_t *j, void (*f)(const char *name, void *data), void *data);

/* The messages of an export: the array itself, or the array under `list` of an object. NULL: neither. */
const json_t *fields_messages(const json_t *export, const char *list);
/* What the device sent of a message: the value under `payload` where there is one, else the whole. */
const json_t *fields_payload(const json_t *message, const char *payload);
#endif
