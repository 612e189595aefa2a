/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with the declaration, not with the device. */
#include <inttypes.h>

#include "reports/text/text.h"

#define SHOWN 8                 /* findings; the page has them all */

void text_declaration(const struct text *t)
{
	const json_t *all = json_object_get(t->v, "findings"), *f;
	size_t i;

	if (json_array_size(all))
		fprintf(t->out, "\n  findings on the declaration: %zu; they are no verdict on the device\n", json_array_size(all));
	json_array_foreach((json_t *)(uintptr_t)all, i, f) {
		if (i == SHOWN) {
			fprintf(t->out, "    and %zu more, in report/report.html\n", json_array_size(all) - i);
			return;
		}
		text_field(t, "    ", get_text(f, "where")[0] ? get_text(f, "where") : "device.yaml", "  ");
		text_say(t, get_text(f, "text"), 0);
		if (json_object_get(f, "seen"))
			text_pointer(t, json_object_get(f, "seen"));
		fputc('\n', t->out);
	}
}
