/* SPDX-License-Identifier: Apache-2.0
 *
 * reports.h - writes DIR/report/ from DIR/verdicts.json through the table of reports. */
#ifndef HARNESS_REPORTS_H
#define HARNESS_REPORTS_H

#include "harness/base/err.h"

/* what: the name of a report, or "all" (those that are files and need nothing else). A report without a file goes to stdout. The files are
 * sealed afterwards. */
bool reports_write(const char *dir, const char *what, struct err *err) MUST_CHECK;
#endif
