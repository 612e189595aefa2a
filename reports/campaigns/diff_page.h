/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_page.h - two runs compared, as a page. Pure: of the JSON of format jusan-diff/1 (harness/diff.h) alone. */
#ifndef REPORTS_CAMPAIGNS_DIFF_PAGE_H
#define REPORTS_CAMPAIGNS_DIFF_PAGE_H

#include <jansson.h>
#include <stdio.h>

/* a, b: what leads from the page to either run folder, as a link that ends with "/"; NULL: no links to their reports. */
void diff_page(const json_t *diff, const char *a, const char *b, FILE *out);

/* ---- diff_claims.c ---- */
struct diff_links { const char *a, *b; };
/* One test: what became of it, why, what else differs, limits and claims. */
void diff_test(FILE *out, const json_t *test, const struct diff_links *links);
/* before -> after, with shapes where they are verdicts. */
void put_change(FILE *out, const json_t *pair);
#endif
