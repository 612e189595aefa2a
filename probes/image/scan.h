/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.h - left-over tools and keys in an image, in its raw bytes and in what can be unpacked from it, however deep.
 * Nothing is known of the image's layout. What could not be looked into is told: `why` (a bound was met), `opaque` (bytes
 * that look encrypted or packed in a way we do not know).
 * Bounds  SCAN_FINDINGS findings are kept, the rest counted; SCAN_DEPTH archives in archives; the limits of struct scan. */
#ifndef IMAGE_SCAN_H
#define IMAGE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/span.h"

enum { SCAN_FINDINGS = 64, SCAN_DEPTH = 6, SCAN_BLOCK = 4096, SCAN_TRIES = 20000, SCAN_WHERE = 200, SQUASH_MAX = 8 };
enum scan_kind { SCAN_TOOL, SCAN_KEY, SCAN_CERTIFICATE, SCAN_KINDS };

struct scan_finding {
	enum scan_kind kind;
	char text[SCAN_WHERE + 120];    /* "telnetd: usr/sbin/telnetd in gzip, cpio at 0x40000" */
	int64_t at, n;                  /* in the image itself: of the outermost archive */
};
struct scan_range { int64_t at, n; };
struct scan {                           /* zero-initialise; set the first three */
	size_t room;                    /* bytes that may come out of archives, all together */
	int64_t max_members, until_ns;
	struct scan_range skip[SQUASH_MAX];     /* of the image: what somebody else unpacks, in order */
	size_t n_skip;

	struct scan_finding finding[SCAN_FINDINGS];
	size_t n;
	int64_t found[SCAN_KINDS], members, unpacked, tries;
	int64_t opaque, opaque_at;      /* the longest stretch of blocks nobody can read */
	char why[160];                  /* a bound that ended the search; "" = none did */
	char lost[160];                 /* what others could not unpack */
};

void scan_bytes(struct scan *s, struct span image);
/* A file of a file system that somebody else unpacked. `at`, `n`: where that lies in the image. */
void scan_file(struct scan *s, const char *kind, const char *path, struct span content, int64_t at, int64_t n);
#endif
