/* SPDX-License-Identifier: Apache-2.0
 *
 * index_page.h - the sections of index.html, in the order of the page. Private to reports/campaigns. */
#ifndef REPORTS_CAMPAIGNS_INDEX_PAGE_H
#define REPORTS_CAMPAIGNS_INDEX_PAGE_H

#include "reports/campaigns/index.h"
#include "reports/campaigns/page.h"

#define COLUMNS_SHOWN 40        /* runs side by side in one table */
#define CELLS_SHOWN 250000      /* of all tables of one kind on a page; further ones are named and not drawn */

struct index_page {
	FILE *out;
	const json_t *index;
	const char *below;              /* what leads to the folder; NULL: no links */
	size_t cells;                   /* left to draw */
};

void runs_section(struct index_page *p);
void time_section(struct index_page *p);
void steady_section(struct index_page *p);
void units_section(struct index_page *p);

/* Name of a product as a heading: maker, product, model, hardware. */
void put_product(FILE *out, const json_t *product);
/* "2026-11-27 01:49", and as a link to the run's row. */
void put_day(FILE *out, const json_t *run);
void put_run_head(FILE *out, size_t at, const json_t *run);
/* A test's name and title as the head of a row. */
void put_test_head(struct index_page *p, const char *id);
/* Takes the cells of a table from what may be drawn; false, with a sentence, when there is no more room. */
bool room_for(struct index_page *p, size_t rows, size_t columns);
/* How many guidelines apart: true when `id` is of another one than `before` ("BT1-01"). */
bool next_guideline(const char *before, const char *id);
#endif
