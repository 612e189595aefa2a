/* SPDX-License-Identifier: Apache-2.0
 *
 * report.h - an output is one file reports/NAME.c with `const struct report report_NAME`. It is a pure function
 * of the run folder: same folder, same bytes. Whatever came from the device is escaped here, at the edge. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdio.h>

#include "harness/result.h"

struct report {
	const char *name;               /* "junit" */
	const char *file;               /* "junit.xml": name below DIR/report/; NULL = only to the terminal */
	const char *doc;
	bool on_request;                /* needs what may not be there, such as a browser: not part of "all" */
	bool (*write)(const struct result *r, FILE *out, struct err *err);
};
#endif
