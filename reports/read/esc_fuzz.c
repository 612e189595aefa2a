/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/read/esc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Only <s> and </s> may come out as markup, no quotes, no controls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (unsigned how = HTML_TEXT; how <= HTML_ATTR; how++) {
		char *buf = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&buf, &len);

		if (!f)
			return 0;
		html_esc(f, data, n, n > 64 ? n - 16 : n, (enum html_how)how);
		fclose(f);
		for (size_t i = 0; i < len; i++) {
			unsigned char c = (unsigned char)buf[i];

			if (c == '<' && (how == HTML_ATTR || (strncmp(buf + i, "<s>", 3) && strncmp(buf + i, "</s>", 4))))
				__builtin_trap();
			if (c == '"' || c == '\'' || c == 0x7f || (c < 0x20 && !(how == HTML_PRE && (c == '\n' || c == '\t'))))
				__builtin_trap();
		}
		free(buf);
	}
	return 0;
}
