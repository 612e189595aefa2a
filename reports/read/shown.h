/* SPDX-License-Identifier: Apache-2.0
 *
 * shown.h - text out of a run folder for outputs that somebody will look at: control characters and bidirectional marks
 * are written out as escape_terminal() does, and what is longer than `max` bytes ends in "...", never inside a character. */
#ifndef REPORTS_READ_SHOWN_H
#define REPORTS_READ_SHOWN_H

#include <jansson.h>
#include <stddef.h>

char *shown_text(const char *text, size_t max);         /* malloc'd, valid UTF-8; never NULL */
json_t *shown(const char *text, size_t max);            /* the same as a JSON string; new reference */
#endif
