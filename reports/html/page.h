/* SPDX-License-Identifier: Apache-2.0
 *
 * page.h - what every part of the HTML report shares: the result, the file being written, lookups by id, and
 * the few ways in which a value gets onto the page. Private to reports/html.
 *
 * put() and putf() write markup of ours; whatever came out of the run folder goes through put_text(), put_pre()
 * or put_attr(), also verdict words and ids. */
#ifndef REPORTS_HTML_PAGE_H
#define REPORTS_HTML_PAGE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/result.h"
#include "reports/read/esc.h"
#include "reports/read/look.h"
#include "reports/read/read.h"

struct evidence;
struct html_lanes;

struct html_page {
	FILE *out;
	const struct result *r;
	const json_t *v, *run;          /* verdicts.json and its "run"; borrowed */
	json_t *tests, *requirements, *records;         /* id -> entry, owned; entries borrowed inside */
	struct evidence *evidence; /* owned */
	struct html_lanes *lanes;       /* owned */
	int64_t begin_ns, end_ns;       /* of the run, for times from its start */
};

void put(struct html_page *p, const char *markup);
void putf(struct html_page *p, const char *markup, ...) __attribute__((format(printf, 2, 3)));

/* Text of a JSON value: strings as they are, numbers and booleans as JSON writes them, arrays joined by ", ". */
void put_text(struct html_page *p, const json_t *v);
void put_str(struct html_page *p, const char *s);
void put_attr(struct html_page *p, const json_t *v);
/* <span lang=en> and <span lang=ja> of {"en","ja"}; plain strings count as English. */
void put_both(struct html_page *p, const json_t *title);
void put_ja(struct html_page *p, const char *ja);
/* 1.25 s, 4 min 10 s, 2 h 03 min: a length of time, for reading. */
void put_span(struct html_page *p, int64_t ns);
/* +12.345 s since the run's begin. */
void put_since(struct html_page *p, int64_t t_ns);
/* Whole percent, rounded up or down: an interval is only ever made wider. */
void put_share(struct html_page *p, int64_t ppm, bool up);
/* Symbol alone (hidden from screen readers) | symbol and word | symbol, word and Japanese word. */
void put_symbol(struct html_page *p, enum verdict v);
void put_verdict(struct html_page *p, enum verdict v);
void put_verdict_both(struct html_page *p, enum verdict v);
/* Links to tests and requirements, each with its symbol, separated by spaces. */
void put_test_links(struct html_page *p, const json_t *ids);
void put_requirement_links(struct html_page *p, const json_t *ids);
void put_links(struct html_page *p, const json_t *ids);          /* of either kind */
void put_record_links(struct html_page *p, const json_t *ids);
void put_hash(struct html_page *p, const char *hex);     /* its first 16 digits */

enum verdict html_verdict(const json_t *entry);         /* of entry's "verdict"; unknown words: NOT_TESTED */
bool html_worse(const json_t *a, const json_t *b);      /* a is there and its verdict is at least as bad as b's */
const char *html_class(enum verdict v);                 /* "p" "f" "e" "i" "r" "n" "a": class and symbol name */

/* The parts, in the order of the page. */
void html_head(struct html_page *p);            /* head.c: doctype, style, title */
void html_identity(struct html_page *p);        /* identity.c: product, numbers, gate */
void html_contents(struct html_page *p);        /* identity.c */
void html_units(struct html_page *p);           /* units.c: the runs of a campaign */
void html_scores(struct html_page *p);          /* scores.c: the 13 guidelines */
void html_findings(struct html_page *p);        /* findings.c: what failed, what stayed open */
void html_timeline(struct html_page *p);        /* chart.c: the whole run */
void html_tests(struct html_page *p);           /* tests.c */
void html_requirements(struct html_page *p);    /* requirements.c */
void html_records(struct html_page *p);         /* records.c: what people decided, waivers, marks */
void html_declaration(struct html_page *p);     /* declaration.c: product, ICS, findings on the document */
void html_mappings(struct html_page *p);        /* mappings.c: other schemes */
void html_bench(struct html_page *p);           /* bench.c: lines, limits by default, inputs, legend */

/* records.c: what stands beside a verdict: grade of its evidence, "rests on a default", mark, waiver. */
void put_beside(struct html_page *p, const json_t *entry);
/* records.c: who decided what, until when, on which documents; nothing for what is no decision. */
void put_decision(struct html_page *p, const json_t *decision);
/* chart.c: the lanes between two times; with a test its steps and only lanes in which something happens. */
void html_chart(struct html_page *p, int64_t from_ns, int64_t to_ns, const json_t *test);
/* claims.c: the claims of a test, repetitions folded. */
void html_claims(struct html_page *p, const json_t *test);

/* units.c: what each unit and each round said; nothing for one of either. */
void html_test_units(struct html_page *p, const json_t *test);

/* The names of a test's repetitions, in order; new array. */
json_t *html_repetitions(const json_t *test);

/* excerpts.c */
/* "capture/lan.pcapng#12" of every pointer; at most `most`, then how many more. */
void put_pointers(struct html_page *p, const json_t *pointers, size_t most);
/* The bytes behind the first pointers of a list that have bytes to show; false when none has. */
bool put_excerpts(struct html_page *p, const json_t *pointers, size_t most);
/* When what a pointer leads to happened (journal records and frames). */
bool pointer_time(struct html_page *p, const json_t *at, int64_t *ret_ns);
#endif
