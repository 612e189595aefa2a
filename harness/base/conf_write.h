/* SPDX-License-Identifier: Apache-2.0
 *
 * conf_write.h - a tree of conf.h as YAML text again (libyaml writes it). What is written reads back as the same tree:
 * same texts, same order, quoted where it was quoted. Comments are not in the tree. */
#ifndef BASE_CONF_WRITE_H
#define BASE_CONF_WRITE_H

#include <stdio.h>

#include "harness/base/conf.h"

/* Maps in block form; lists of plain scalars as [a, b]; texts of several lines as blocks. */
bool conf_write(FILE *out, const struct conf *c, struct err *err) MUST_CHECK;
/* May this text stand without quotes and be read back as this text? */
bool conf_plain(const char *text);
#endif
