/* SPDX-License-Identifier: Apache-2.0
 *
 * search.h - markers in files and in recorded traffic; hits collected, each with the place it points to.
 * Bounds  SEARCH_HITS hits are kept with their place, the rest only counted; files of any size are read in pieces;
 *         captured TCP is put together up to 256 MiB (`full` says when that was too little). */
#ifndef CANARY_SEARCH_H
#define CANARY_SEARCH_H

#include "harness/proto/marker.h"

#define SEARCH_HITS 64

struct place {
	char file[256];                 /* as given by the caller */
	char field[64];
	const char *how;
	int64_t off;                    /* in a file; in a stream's bytes for captures */
	int64_t n;
	int64_t frame;                  /* captures: 1-based; 0 = a file */
};
struct search {                         /* zero-initialise, set `markers` */
	const struct markers *markers;
	struct place place[SEARCH_HITS];
	unsigned places;
	int64_t hits, bytes, frames;
	bool full;
};

/* `name` stands in the places, `path` is opened. */
bool search_file(struct search *s, const char *name, const char *path, struct err *err) MUST_CHECK;
/* Every frame as it is, and every TCP stream in order. Frames before from_wall_ns are left out. */
bool search_capture(struct search *s, const char *name, const char *path, int64_t from_wall_ns, struct err *err) MUST_CHECK;
#endif
