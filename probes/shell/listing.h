/* SPDX-License-Identifier: Apache-2.0
 *
 * listing.h - what a device's own shell says of its processes, sockets and files: the script that asks, and the reader of the
 * answer, which trusts none of it.
 * Bounds  LISTING_BYTES of an answer; LISTING_ITEMS of each kind are kept, all are counted.
 * Source  proc(5): /proc/PID/status, /proc/net/tcp. */
#ifndef SHELL_LISTING_H
#define SHELL_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/span.h"

enum { LISTING_BYTES = 4 << 20, LISTING_ITEMS = 64, LISTING_TEXT = 120, LISTING_SCRIPT = 2048 };

struct listed { char item[LISTING_ITEMS][LISTING_TEXT]; int64_t n; };   /* n may be more than are kept */
struct listing {
	bool begun, ended;              /* both marks were there */
	bool searched;                  /* the search for files found one that is everywhere */
	int64_t processes;              /* without the kernel's own */
	struct listed root;             /* processes of user 0: "dropbear" */
	struct listed capable;          /* processes of others with capabilities: "ping uid 100 capabilities 2000" */
	struct listed sockets;          /* "tcp/22 any uid 0" */
	struct listed ports;            /* reachable from outside: "tcp/22" */
	struct listed root_sockets;     /* of these, those of user 0 */
	struct listed files;            /* with setuid or setgid */
};

/* For any POSIX shell, busybox's too: nothing but its own commands, and find. `mark` is some random word. */
void listing_script(const char *mark, char ret[static LISTING_SCRIPT]);
void listing_read(struct span answer, const char *mark, struct listing *ret);
#endif
