/* SPDX-License-Identifier: Apache-2.0
 *
 * report.h - an output is one file reports/NAME.c with `const struct report report_NAME`. It is a pure function
 * of the run folder: same folder, same bytes. Whatever came from the device is escaped here, at the edge. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdio.h>

#include "harness/result.h"

/* Ed25519 over bytes, for outputs that carry a signature of their own. ret->keyid: SHA-256 of the public key, as seals name
 * it; "" = there is no key, and nothing is signed. False: there is one, and it does not sign. */
#define REPORT_SIGNATURE 64
struct report_signature { unsigned char bytes[REPORT_SIGNATURE]; char keyid[65]; };
typedef bool (*report_sign)(const void *p, size_t n, struct report_signature *ret, struct err *err);

struct report {
	const char *name;               /* "junit" */
	const char *file;               /* "junit.xml": name below DIR/report/; NULL = only to the terminal */
	const char *doc;
	bool (*write)(const struct result *r, FILE *out, struct err *err);
	/* The same with what needs a key (the engine's; harness/reports.c); NULL: nothing in it does. */
	bool (*write_signed)(const struct result *r, report_sign sign, FILE *out, struct err *err);
};
#endif
