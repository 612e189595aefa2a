/* SPDX-License-Identifier: Apache-2.0
 *
 * evidence.h - the bytes behind pointers: files, journal lines and frames of the run folder, a few hundred bytes at
 * a time.
 *
 * Pointers come out of a file that anyone may have written: a path never leaves the run folder (openat2, no links),
 * only regular files are opened, offsets may be anything. Nothing here fails: what is not there is not shown.
 * Cost  journal and captures are each read through once, when the first pointer into them is followed. */
#ifndef REPORTS_READ_EVIDENCE_H
#define REPORTS_READ_EVIDENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_KEPT 256          /* first bytes of a frame */

struct evidence_frame {
	int64_t number, wall_ns;
	int64_t off;                    /* of its bytes in the capture file */
	uint32_t len;                   /* on the wire */
	size_t stored;                  /* bytes of it in the capture file */
	size_t n;                       /* bytes in data */
	uint8_t data[FRAME_KEPT];
};

/* What to look up is taken from the claims of `verdicts`; borrowed until close. Never NULL. */
struct evidence *evidence_open(const char *dir, const json_t *verdicts);
struct evidence *evidence_close(struct evidence *e);     /* NULL is fine; returns NULL */

/* Size of a regular file in the run folder, or -1. It stays open for evidence_read. */
int64_t evidence_use(struct evidence *e, const char *name);
/* Bytes [from, to) of the file used last, as many as there are. */
size_t evidence_read(struct evidence *e, int64_t from, int64_t to, uint8_t *buf);
/* Record number n of the journal, parsed; new reference, NULL when there is none. */
json_t *evidence_record(struct evidence *e, int64_t n);
/* A frame that some claim points to; borrowed, NULL when there is none. */
const struct evidence_frame *evidence_frame(struct evidence *e, const char *capture, int64_t number);
/* Every frame's time, in order, until `f` says false. */
void evidence_frames(struct evidence *e, const char *capture, bool (*f)(int64_t wall_ns, void *data), void *data);
#endif
