// SPDX-License-Identifier: Apache-2.0
/* What people decided, and what stands beside verdicts: a line each. */
#include <string.h>

#include "reports/text/text.h"

static void record(const struct text *t, const json_t *r)
{
	const json_t *d = json_object_get(r, "decision");

	fputs("  ", t->out);
	text_verdict(t, verdict_of(r, "verdict"), 15);
	text_say(t, get_text(r, "id"), 9);
	if (verdict_of(r, "verdict") == VERDICT_REVIEW) {
		text_field(t, "", get_text(r, "why"), "\n");
		return;
	}
	text_field(t, "", get_text(d, "reviewer"), "");
	text_field(t, ", ", get_text(d, "date"), "");
	text_field(t, " until ", get_text(d, "expires"), "");
	text_field(t, ": ", get_text(d, "reason"), "");
	fprintf(t->out, " (%zu document%s)\n", json_array_size(json_object_get(d, "files")), json_array_size(json_object_get(d, "files")) == 1 ? "" : "s");
}

static void records(const struct text *t)
{
	const json_t *all = json_object_get(t->v, "records");
	size_t i, waiting = 0;
	json_t *r;

	json_array_foreach((json_t *)all, i, r)
		waiting += json_is_null(json_object_get(r, "decision"));
	if (!json_array_size(all))
		return;
	fprintf(t->out, "\n  evidence records: %zu of %zu wait for a person", waiting, json_array_size(all));
	json_array_foreach((json_t *)all, i, r)
		if (json_is_null(json_object_get(r, "decision")))
			text_field(t, " ", get_text(r, "id"), "");
	fputs(waiting ? "; see jusan review\n" : "\n", t->out);
	json_array_foreach((json_t *)all, i, r)
		if (json_is_object(json_object_get(r, "decision")))
			record(t, r);
}

static void waivers(const struct text *t)
{
	size_t i;
	json_t *w;

	json_array_foreach(json_object_get(t->v, "waivers"), i, w) {
		text_field(t, i ? "  waived  " : "\n  waived  ", get_text(w, "id"), "");
		text_field(t, json_is_true(json_object_get(w, "expired")) ? ", expired " : " until ", get_text(w, "until"), "");
		text_field(t, " by ", get_text(w, "who"), "");
		text_field(t, ": ", get_text(w, "why"), "\n");
	}
}

static void marks(const struct text *t)
{
	size_t i;
	json_t *m;

	json_array_foreach(json_object_get(t->v, "marks"), i, m) {
		fputs(i ? "  marked  " : "\n  marked  ", t->out);
		text_field(t, "", get_text(m, "mapping"), " ");
		text_field(t, "", get_text(m, "on"), ": ");
		text_field(t, "", get_text(json_object_get(m, "text"), "en"), "");
		if (strcmp(get_text(m, "was"), get_text(m, "now"))) {
			text_field(t, ", ", get_text(m, "was"), "");
			text_field(t, " became ", get_text(m, "now"), "");
		}
		fputc('\n', t->out);
	}
}

void text_people(const struct text *t)
{
	records(t);
	waivers(t);
	marks(t);
}
