/* SPDX-License-Identifier: Apache-2.0
 *
 * page.h - what the pages of this folder share: head and end, and how a value gets onto them. Self-contained, nothing is
 * loaded; a policy allows one style sheet and at most one script, both by hash.
 *
 * fputs() and fprintf() write markup of ours; what came out of a run folder goes through page_str() or page_value(). */
#ifndef REPORTS_CAMPAIGNS_PAGE_H
#define REPORTS_CAMPAIGNS_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/err.h"
#include "harness/result.h"
#include "reports/read/esc.h"
#include "reports/read/look.h"
#include "reports/read/read.h"

/* kind: "index" or "diff". Opens <main>; skip: id of what the reader wants first. */
void page_begin(FILE *out, const char *kind, const char *title, const char *skip, bool script);
void page_end(FILE *out);

void page_str(FILE *out, const char *s);
void page_attr(FILE *out, const char *s);
/* Texts as they are, numbers and booleans as JSON writes them, lists joined by commas, other things as JSON, cut. */
void page_value(FILE *out, const json_t *v);
void page_id(FILE *out, const char *s);

struct page_part { const char *id, *en, *ja; };         /* id NULL: not on this page; ends with en NULL */
void page_contents(FILE *out, const struct page_part *part);
void page_section(FILE *out, const char *id, const char *en, const char *ja);
void page_fact(FILE *out, const char *en, const char *ja, const json_t *v);     /* nothing for what is absent or "" */
/* A gate that counts as it stands; that of a rehearsal is marked and never looks met. */
void page_gate(FILE *out, const json_t *gate, bool rehearsal);
/* What is wide scrolls in a box of its own, also by keyboard. */
void page_scroll(FILE *out, const char *label);

/* ERR_CONF where a page must not be written: into a run folder (it is sealed), or over a file that is no page of this kind. */
bool page_may_write(const char *path, const char *kind, struct err *err) MUST_CHECK;
/* The way from the folder of `page` to `folder` as a link that ends with "/" ("" for the same folder); "" too when either is
 * not there. New string. */
char *page_way(const char *page, const char *folder);
#endif
