/* SPDX-License-Identifier: Apache-2.0
 * Source  RFC 1952 2.3 (gzip), the .xz file format 2.1.1, RFC 8878 3.1.1 (zstd), tar(5) of libarchive. */
#include "probes/image/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "probes/image/cpio.h"
#include "probes/image/unstream.h"

enum { PIECE = 65536, LEAST = 16 };     /* a stream that gives less was none */

/* ---- what begins here? ---- */
enum kind { NONE, GZIP, BZIP2, XZ, LZMA, ZSTD, LZ4, TAR, ZIP, CPIO };      /* streams, archives */
static const char *const names[] = { "", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "tar", "zip", "cpio" };

static bool begins(struct span s, const char *magic, size_t n)
{
	return s.n > n && !memcmp(s.p, magic, n);
}

static bool is_gzip(struct span s)
{
	return begins(s, "\x1f\x8b\x08", 3) && s.n > 18 && !(s.p[3] & 0xe0) && (s.p[9] < 14 || s.p[9] == 255);
}

/* The properties every encoder writes, a dictionary of at least 4 KiB, a size that is unknown or below 4 GiB. */
static bool is_lzma(struct span s)
{
	return begins(s, "\x5d\0\0", 3) && s.n > 18 && !s.p[13] &&
	       (!memcmp(s.p + 5, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) || !memcmp(s.p + 9, "\0\0\0\0", 4));
}

static bool is_tar(struct span s)
{
	return s.n >= 512 && !memcmp(s.p + 257, "ustar", 5) && s.p[0] && isdigit(s.p[100]);
}

static enum kind kind_of(struct span s)
{
	switch (s.p[0]) {
	case 0x1f: return is_gzip(s) ? GZIP : NONE;
	case 'B': return begins(s, "BZh", 3) && s.n > 14 && !memcmp(s.p + 4, "\x31\x41\x59\x26\x53\x59", 6) ? BZIP2 : NONE;
	case 0xfd: return begins(s, "\xfd" "7zXZ\0\0", 7) ? XZ : NONE;
	case 0x28: return begins(s, "\x28\xb5\x2f\xfd", 4) ? ZSTD : NONE;
	case 0x04: return begins(s, "\x04\x22\x4d\x18", 4) ? LZ4 : NONE;
	case 'P': return begins(s, "PK\3\4", 4) ? ZIP : NONE;
	case 0x5d:
		if (is_lzma(s))
			return LZMA;
		break;
	case '0':
		if (cpio_header(s))
			return CPIO;
	}
	return is_tar(s) ? TAR : NONE;
}

size_t unpack_find(struct span b, size_t at)
{
	while (at < b.n && kind_of((struct span){ b.p + at, b.n - at }) == NONE)
		at++;
	return at;
}

/* ---- libarchive ---- */
static struct archive *open_reader(enum kind kind, struct span s)
{
	struct archive *a = archive_read_new();
	int bad = a ? 0 : 1;

	switch (kind) {
	case GZIP: bad |= archive_read_support_filter_gzip(a); break;
	case BZIP2: bad |= archive_read_support_filter_bzip2(a); break;
	case LZ4: bad |= archive_read_support_filter_lz4(a); break;
	case TAR: bad |= archive_read_support_format_tar(a); break;
	case ZIP: bad |= archive_read_support_format_zip_streamable(a); break;
	case XZ:
	case LZMA:
	case ZSTD:
	case CPIO:
	case NONE: bad = 1;
	}
	if (!bad && kind < TAR)
		bad |= archive_read_support_format_raw(a);
	if (bad || archive_read_open_memory(a, s.p, s.n) != ARCHIVE_OK) {
		archive_read_free(a);
		return NULL;
	}
	return a;
}

/* Up to `room` bytes of the member. What a broken one gave before it broke stands there too. */
static bool read_content(struct archive *a, size_t room, uint8_t **ret, size_t *ret_n, bool *ret_cut)
{
	uint8_t *b = NULL, *grown;
	size_t n = 0, size = 0;
	la_ssize_t got = 1;

	while (got > 0 && n < room) {
		if (n == size) {
			size = size ? 2 * size : PIECE;
			grown = realloc(b, size);
			if (!grown)
				break;
			b = grown;
		}
		got = archive_read_data(a, b + n, size - n < room - n ? size - n : room - n);
		n += got > 0 ? (size_t)got : 0;
	}
	*ret = b;
	*ret_n = n;
	*ret_cut = got > 0;
	return got >= 0;
}

static bool hand_over(struct archive *a, struct archive_entry *e, enum kind kind, size_t *room, unpack_fn *fn, void *data, bool *ret_more)
{
	const char *name = kind < TAR ? "" : archive_entry_pathname(e);
	struct unpack_member m = { .kind = names[kind], .name = name ? name : "?" };
	uint8_t *content = NULL;
	size_t n = 0;
	bool whole = true;

	*ret_more = true;
	if (kind >= TAR && archive_entry_filetype(e) == AE_IFDIR)
		return true;
	if (kind < TAR || archive_entry_filetype(e) == AE_IFREG)
		whole = read_content(a, *room, &content, &n, &m.cut);
	m.content = (struct span){ content, n };
	*room -= n;
	*ret_more = false;
	if (kind >= TAR || n >= LEAST)
		*ret_more = fn(data, &m) && whole && !m.cut;
	free(content);
	return kind >= TAR || n >= LEAST;
}

/* What the filter took; of an archive, where its last member ended. */
static size_t used(struct archive *a, size_t n)
{
	int64_t at = archive_filter_bytes(a, -1);

	return at < 1 ? 1 : (size_t)at > n ? n : (size_t)at;
}

static size_t unpack_archive(struct span s, enum kind kind, size_t *room, unpack_fn *fn, void *data)
{
	struct archive *a = open_reader(kind, s);
	struct archive_entry *e;
	bool more = true, some = false;
	size_t n = 0;
	int rc;

	while (a && more && ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN))
		some |= hand_over(a, e, kind, room, fn, data, &more);
	if (some)
		n = used(a, s.n);
	archive_read_free(a);
	return n;
}

static size_t unpack_stream(struct span s, enum kind kind, size_t *room, unpack_fn *fn, void *data)
{
	struct unstream u;

	if (kind == XZ || kind == LZMA)
		unstream_xz(s, kind == LZMA, *room, &u);
	else
		unstream_zstd(s, *room, &u);
	*room -= u.n;
	if (u.n >= LEAST)
		fn(data, &(struct unpack_member){ .kind = names[kind], .name = "", .content = { u.out, u.n }, .cut = u.cut });
	free(u.out);
	return u.n < LEAST ? 0 : u.used ? u.used : 1;
}

/* In place: nothing comes out of it that was not there. */
static size_t unpack_cpio(struct span s, unpack_fn *fn, void *data)
{
	struct span rest = s;
	struct cpio_member m = { .last = false };

	while (!m.last && cpio_take(&rest, &m))
		if (!m.last && !m.folder && !fn(data, &(struct unpack_member){ .kind = "cpio", .name = m.name, .content = m.content }))
			break;
	return s.n - rest.n;
}

size_t unpack_at(struct span bytes, size_t at, size_t *room, unpack_fn *fn, void *data)
{
	struct span s = { bytes.p + at, bytes.n - at };
	enum kind kind = kind_of(s);

	switch (kind) {
	case XZ:
	case LZMA:
	case ZSTD: return unpack_stream(s, kind, room, fn, data);
	case CPIO: return unpack_cpio(s, fn, data);
	default: return unpack_archive(s, kind, room, fn, data);
	}
}
