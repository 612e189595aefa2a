// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/pcapng.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

/* Room for many frames per system call; PCAPNG_SNAPLEN plus a block's frame always fits when it is empty. */
#define BUFFER ((size_t)1 << 20)

/* Little-endian stores: files are the same on every machine. */
static void put(struct pcapng_writer *w, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		w->buf[w->n++] = (uint8_t)(v >> (8 * i));
}

static void put_padded(struct pcapng_writer *w, const void *p, size_t n)
{
	static const uint8_t zero[4];

	memcpy(w->buf + w->n, p, n);
	memcpy(w->buf + w->n + n, zero, (4 - n % 4) % 4);
	w->n += (n + 3) / 4 * 4;
}

static void put_option(struct pcapng_writer *w, unsigned code, const void *p, size_t n)
{
	put(w, code, 2);
	put(w, n, 2);
	if (n)
		put_padded(w, p, n);
}

static void put_count(struct pcapng_writer *w, unsigned code, uint64_t v)
{
	put(w, code, 2);
	put(w, 8, 2);
	put(w, v, 8);
}

static bool room(struct pcapng_writer *w, size_t n, struct err *err)
{
	return w->n + n <= BUFFER || pcapng_flush(w, err);
}

bool pcapng_create(const char *path, const char *if_name, struct pcapng_writer *ret, struct err *err)
{
	struct pcapng_writer w = { .fd = -1 };
	const uint8_t nanoseconds = 9;
	size_t name = strnlen(if_name, 31), body = 8 + 4 + (name + 3) / 4 * 4 + 4 + 4 + 4;

	w.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (w.fd < 0)
		return err_sys(err, "%s", path);
	w.buf = malloc(BUFFER);
	if (!w.buf) {
		close(w.fd);
		return err_set(err, ERR_LIMIT, "%s: no memory", path);
	}
	put(&w, 0x0a0d0d0a, 4);
	put(&w, 28, 4);
	put(&w, 0x1a2b3c4d, 4);
	put(&w, 1, 2);
	put(&w, 0, 2);
	put(&w, UINT64_MAX, 8);         /* section length not told */
	put(&w, 28, 4);
	put(&w, 1, 4);
	put(&w, body + 12, 4);
	put(&w, 1, 2);                  /* LINKTYPE_ETHERNET */
	put(&w, 0, 2);
	put(&w, PCAPNG_SNAPLEN, 4);
	put_option(&w, 2, if_name, name);
	put_option(&w, 9, &nanoseconds, 1);
	put_option(&w, 0, NULL, 0);
	put(&w, body + 12, 4);
	if (!pcapng_flush(&w, err)) {
		pcapng_finish(&w);
		return false;
	}
	*ret = w;
	return true;
}

bool pcapng_write(struct pcapng_writer *w, int64_t wall_ns, struct span data, uint32_t len, struct err *err)
{
	uint64_t t = (uint64_t)wall_ns;
	size_t n = data.n < PCAPNG_SNAPLEN ? data.n : PCAPNG_SNAPLEN, total = 32 + (n + 3) / 4 * 4;

	if (!room(w, total, err))
		return false;
	put(w, 6, 4);
	put(w, total, 4);
	put(w, 0, 4);
	put(w, t >> 32, 4);
	put(w, t & 0xffffffff, 4);
	put(w, n, 4);
	put(w, len, 4);
	if (n)
		put_padded(w, data.p, n);
	put(w, total, 4);
	return true;
}

bool pcapng_stats(struct pcapng_writer *w, int64_t wall_ns, uint64_t recv, uint64_t dropped, struct err *err)
{
	uint64_t t = (uint64_t)wall_ns;
	const unsigned total = 12 + 12 + 2 * 12 + 4;

	if (!room(w, total, err))
		return false;
	put(w, 5, 4);
	put(w, total, 4);
	put(w, 0, 4);
	put(w, t >> 32, 4);
	put(w, t & 0xffffffff, 4);
	put_count(w, 4, recv);
	put_count(w, 5, dropped);
	put_option(w, 0, NULL, 0);
	put(w, total, 4);
	return true;
}

bool pcapng_flush(struct pcapng_writer *w, struct err *err)
{
	size_t n = w->n;

	w->n = 0;
	return !n || fs_write_all(w->fd, w->buf, n, err);
}

void pcapng_finish(struct pcapng_writer *w)
{
	struct err ignored = { 0 };

	if (!w->buf)
		return;
	(void)!pcapng_flush(w, &ignored);
	fsync(w->fd);
	close(w->fd);
	free(w->buf);
	*w = (struct pcapng_writer){ .fd = -1 };
}
