/* SPDX-License-Identifier: Apache-2.0
 *
 * A record of anything at all: what is kept of it stays within its bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "probes/api/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct exchanges e;
	int fd = memfd_create("record", 0);
	struct err err = { 0 };
	char path[40];
	int64_t bytes = 0;

	if (fd < 0 || !fs_write_all(fd, data, n, &err))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (exchanges_read(path, "192.168.77.23", 0, &e, &err)) {
		for (size_t i = 0; i < e.n; i++)
			for (size_t k = 0; k < e.x[i].n; k++) {
				bytes += (int64_t)e.x[i].piece[k].n;
				if (e.x[i].piece[k].after < 0)
					abort();
			}
		if (bytes != e.bytes || bytes > EXCHANGE_BYTES || e.n > EXCHANGES || e.streams + e.datagrams > e.n)
			abort();
	}
	exchanges_free(&e);
	close(fd);
	return 0;
}
