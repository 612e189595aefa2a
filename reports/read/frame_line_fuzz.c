/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reports/read/frame_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* One line of printable ASCII that fits, whatever the room. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const size_t room[] = { FRAME_LINE, 40, 7, 1 };

	for (size_t i = 0; i < sizeof(room) / sizeof(room[0]); i++) {
		char buf[FRAME_LINE];
		const char *line;

		memset(buf, 0x7f, sizeof(buf));
		line = frame_line((struct span){ data, n }, (uint32_t)n, buf, room[i]);
		if (strnlen(line, room[i]) >= room[i])
			__builtin_trap();
		for (; *line; line++)
			if (*line < 0x20 || *line > 0x7e)
				__builtin_trap();
	}
	return 0;
}
