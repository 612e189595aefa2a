/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_import.h - a bench file made of what a lab already has written down: a labgrid environment or exporter file (YAML), or a
 * configuration of pdudaemon (JSON). What it is is told by what it says, not by its name.
 *
 * A resource becomes a line when this program has a driver for it and the file says all that the driver must know; the loader
 * has taken every line that is printed. Everything else is a comment with its place and the reason. Nothing is guessed, nothing
 * is looked up, and a secret is never copied: its place is a reference ({env: NAME}) for the lab to fill.
 *
 * Fails   ERR_CONF with file:line:column: no YAML or JSON, neither of the three, a template statement (exporter files are
 *         rendered by labgrid), aliases of YAML, a key twice, more than the bounds of conf.h, an unknown name in `only`. */
#ifndef HARNESS_BENCH_IMPORT_H
#define HARNESS_BENCH_IMPORT_H

#include <stdio.h>

#include "harness/base/err.h"

/* path names the file in messages and comments; text holds its n bytes. only: groups, targets, PDUs or aliases, NULL-terminated;
 * NULL or empty = all. Nothing is printed when it fails. */
bool bench_import(const char *path, const char *text, size_t n, const char *const *only, FILE *out, struct err *err) MUST_CHECK;
#endif
