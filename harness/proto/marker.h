/* SPDX-License-Identifier: Apache-2.0
 *
 * marker.h - finds markers in bytes, in one pass, however they were dressed up.
 *
 * Finds   the text itself; upper case; the bytes a text of hex digits stands for; base64 (each of the 3
 *         alignments, both alphabets) of text and bytes; hex in both cases; UTF-16 in both orders; reversed; and the
 *         text XORed with any one byte.
 * How     one automaton for all forms (Aho and Corasick, CACM 18(6), 1975) over the bytes, a second over the XOR of
 *         neighbouring bytes: that difference does not change when every byte is XORed with the same key, so
 *         255 keys cost one pass.
 * Bounds  MARKER_TEXT bytes a text; MARKER_FIELDS texts. Texts under MARKER_SHORT bytes would be found by chance and are
 *         refused; XOR needs a text of at least 8 bytes with 4 different neighbours, else it is left out.
 * State   a scan may be fed in pieces; each stream of bytes has a state of its own. */
#ifndef PROTO_MARKER_H
#define PROTO_MARKER_H

#include "harness/base/err.h"
#include "harness/base/span.h"

#define MARKER_TEXT 128
#define MARKER_SHORT 4
#define MARKER_FIELDS 64

struct markers;
struct marker_state { uint32_t at, diff_at; uint8_t last; int64_t off; uint8_t ring[512]; };    /* zero-initialise */
struct marker_hit {
	const char *field;              /* as given to marker_add; borrowed */
	const char *how;                /* "plain", "base64", "xor" ... */
	int64_t off;                    /* of its first byte in the stream */
	size_t n;
};

bool markers_new(struct markers **ret, struct err *err) MUST_CHECK;
struct markers *markers_free(struct markers *m);        /* NULL is fine; returns NULL */
bool marker_add(struct markers *m, const char *field, const char *text, struct err *err) MUST_CHECK;
bool markers_ready(struct markers *m, struct err *err) MUST_CHECK;      /* once, after the last marker_add */
/* Calls f for each hit in order of its end; f returns false to stop (then so does this). */
bool marker_scan(const struct markers *m, struct marker_state *s, struct span bytes,
		 bool (*f)(const struct marker_hit *hit, void *data), void *data);

/* The forms one by one, for planting: "plain" "base64" "hex" "HEX" "utf16le" "utf16be" "reversed" "xor" "bytes".
 * Writes at most 2 * MARKER_TEXT + 8 bytes; false when the form is unknown. */
bool marker_dress(const char *text, const char *how, uint8_t *buf, size_t *ret_n);
extern const char *const marker_forms[];                /* NULL-terminated */
#endif
