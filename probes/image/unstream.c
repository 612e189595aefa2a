/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/image/unstream.h"

#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

enum { PIECE = 65536, WINDOW_LOG = 27 };
static const uint64_t memory = (uint64_t)256 << 20;     /* a dictionary that a hostile stream asks for */

/* Room for more of the output; false: none is left. */
static bool grow(struct unstream *r, size_t *size, size_t room)
{
	size_t wanted = *size ? 2 * *size : PIECE;
	uint8_t *b;

	wanted = wanted > room ? room : wanted;
	if (r->n < *size)
		return true;
	b = wanted > *size ? realloc(r->out, wanted) : NULL;
	r->cut = !b;
	if (!b)
		return false;
	r->out = b;
	*size = wanted;
	return true;
}

void unstream_xz(struct span in, bool alone, size_t room, struct unstream *ret)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret rc = LZMA_OK;
	size_t size = 0;

	*ret = (struct unstream){ .out = NULL };
	if ((alone ? lzma_alone_decoder(&s, memory) : lzma_stream_decoder(&s, memory, 0)) != LZMA_OK)
		return;
	s.next_in = in.p;
	s.avail_in = in.n;
	while (rc == LZMA_OK && grow(ret, &size, room)) {
		s.next_out = ret->out + ret->n;
		s.avail_out = size - ret->n;
		rc = lzma_code(&s, LZMA_FINISH);
		ret->n = size - s.avail_out;
	}
	ret->used = in.n - s.avail_in;
	lzma_end(&s);
}

void unstream_zstd(struct span in, size_t room, struct unstream *ret)
{
	ZSTD_DStream *s = ZSTD_createDStream();
	ZSTD_inBuffer from = { in.p, in.n, 0 };
	size_t size = 0, rc = 1;

	*ret = (struct unstream){ .out = NULL };
	if (s)
		ZSTD_DCtx_setParameter(s, ZSTD_d_windowLogMax, WINDOW_LOG);
	while (s && rc && !ZSTD_isError(rc) && grow(ret, &size, room)) {
		ZSTD_outBuffer to = { ret->out, size, ret->n };
		size_t before = from.pos;

		rc = ZSTD_decompressStream(s, &to, &from);
		if (from.pos == before && to.pos == ret->n)
			break;
		ret->n = to.pos;
	}
	ret->used = from.pos;
	ZSTD_freeDStream(s);
}
