/* SPDX-License-Identifier: Apache-2.0
 *
 * cite.h - evidence as other formats cite it: which claims of a test come first, and the file, hash and place behind a
 * pointer. */
#ifndef REPORTS_READ_CITE_H
#define REPORTS_READ_CITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CITE_PATH 700
#define CITE_CLAIMS 120         /* of one test */
#define CITE_POINTERS 4         /* of one claim */

struct cite {
	char path[CITE_PATH];           /* in the run folder, as sealed: "serial/console.raw"; of a campaign "unit2/.." */
	char href[CITE_PATH * 3 + 16];  /* from RUN/report/, percent-encoded: "../serial/console.raw" */
	char place[CITE_PATH];          /* what `jusan show` takes, one line: "serial/console.raw@4711+18" */
	const char *sha256;             /* as sealed, borrowed from `sealed`; "" when no seal lists it */
};

/* False: no pointer, or of no form that can be cited. */
bool cite_pointer(const json_t *run, const json_t *sealed, const json_t *at, struct cite *ret);
/* A file of the run folder by its path. */
bool cite_path(const json_t *run, const json_t *sealed, const char *path, struct cite *ret);
/* The claims of a test, borrowed: first those that do not hold, then the unknown, then the others; at most CITE_CLAIMS.
 * Returns how many. */
size_t cite_claims(const json_t *test, const json_t *ret[static CITE_CLAIMS]);
#endif
