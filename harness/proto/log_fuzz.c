// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/proto/event_log.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void wire(struct tail *t)
{
	struct wire_entry e;
	struct err err = { 0 };

	while (wire_log_next(t, &e, &err))
		if (e.kind > WIRE_EVENT || e.len < 0 || e.off < 0)
			__builtin_trap();
}

static void events(struct tail *t)
{
	struct event e;
	struct err err = { 0 };

	while (event_log_next(t, &e, &err))
		if (!e.word[0])
			__builtin_trap();
}

/* The index as given; the raw bytes are the same file, so offsets hit and miss. */
static void serial(const char *dir)
{
	struct serial_log l;
	struct err err = { 0 };
	char path[96];
	int64_t t, off;

	snprintf(path, sizeof(path), "%s/x", dir);
	if (!serial_log_open(path, 0, false, &l, &err)) {
		if (err.kind == ERR_NONE)
			__builtin_trap();
		return;
	}
	if (l.n > SERIAL_LOG_MAX || (l.n && !serial_log_where(&l, l.n - 1, &t, &off)) || serial_log_where(&l, l.n, &t, &off))
		__builtin_trap();
	serial_log_done(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char dir[32] = "", idx[64], raw[64];
	struct tail t;
	struct err err = { 0 };
	FILE *f;

	if (!dir[0]) {
		snprintf(dir, sizeof(dir), "/dev/shm/log-XXXXXX");
		if (!mkdtemp(dir))
			abort();
		snprintf(idx, sizeof(idx), "%s/x.idx", dir);
		snprintf(raw, sizeof(raw), "%s/x.raw", dir);
		if (symlink("x.idx", raw) < 0)
			abort();
	}
	f = fopen(idx, "w");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		abort();
	for (int i = 0; i < 2; i++) {
		if (!tail_open(idx, false, &t, &err))
			abort();
		if (i)
			wire(&t);
		else
			events(&t);
		tail_close(&t);
	}
	serial(dir);
	return 0;
}
