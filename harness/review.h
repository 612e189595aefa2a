/* SPDX-License-Identifier: Apache-2.0
 *
 * review.h - what a named person decided about a run: RUN/review/0001.json, 0002.json ..., one file each, never changed and
 * never removed. Each holds the SHA-256 of the one before; a seal of the kind "review" (seal.h) lists them all.
 *
 *   {"format":"jusan-review/1","n":1,"prev":sha256|null,"run":id,"what":"decision"|"waiver","on":"ER2-01",
 *    "decide":"pass|fail|not-applicable|open" (decisions only),"reviewer":"Name <mail>","date":day,"expires":day|"",
 *    "reason":text,"asked":text,"files":[{"path":"review/ER2-01/0001-1-policy.pdf","name":text,"size","sha256"}],"tool":version}
 *
 * decision  on an evidence record (ER..) or on a test whose verdict is REVIEW. `asked` is what was open then: a decision
 *           on a test counts only while the test still asks the same. Of several on one id the last counts.
 * waiver    on a test or a requirement: who bears a known fault, why, until when. Shown beside the verdict, never part of it.
 * Days      UTC calendar days (base/date.h). `expires` is the last day on which it holds.
 * Bounds    REVIEW_*. A run folder may come from anyone: ids, names and paths are checked before they are used. */
#ifndef HARNESS_REVIEW_H
#define HARNESS_REVIEW_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/date.h"
#include "harness/result.h"

#define REVIEW_FORMAT "jusan-review/1"
#define REVIEW_ENTRIES 5000             /* decisions and waivers of one run */
#define REVIEW_ENTRY_MAX ((size_t)256 << 10)    /* bytes of one */
#define REVIEW_FILES 32                 /* documents of one decision */
#define REVIEW_FILE_MAX ((size_t)256 << 20)     /* bytes of one document */
#define REVIEW_TEXT 2000                /* bytes of a reason */
#define REVIEW_WHO 200                  /* bytes of a reviewer */

enum review_what { REVIEW_DECISION, REVIEW_WAIVER };
struct review_entry {                   /* all borrowed */
	enum review_what what;
	const char *on, *decide;        /* decide: NULL for a waiver */
	const char *reviewer, *date, *expires, *reason, *asked;         /* expires may be NULL: until taken back */
	const char *const *files; size_t n_files;                       /* paths of the documents, anywhere */
};

/* ---- review_read.c ---- */
/* All entries in order, new reference; as on disk, and with them:
 *   "path","sha256"  of the entry itself
 *   "seal","signer"  the first seal that lists it and who signed that; "" = none
 *   "trouble"        why it cannot count: a document gone or altered; "" = nothing
 * ERR_BENCH: an entry does not follow the one before, or one that was sealed is gone or altered: then no decision of this
 * run can be believed, because a later one may be missing. No review/ at all: an empty array. */
bool review_read(const char *dir, json_t **ret, struct err *err) MUST_CHECK;
/* Checks what both reader and writer know of one entry: texts, days, ids. */
bool review_check(const struct review_entry *e, struct err *err) MUST_CHECK;
bool review_id(const char *id);         /* "ER2-01", "BT12-01", "G1.4": safe as a folder name */

/* ---- review_add.c, review_may.c ---- */
/* Copies the documents, writes the next entry and seals it. The folder must be intact (seal_verify) apart from what an
 * interrupted review left in review/. ret_path: "review/0003.json". */
bool review_add(const char *dir, const struct review_entry *e, char ret_path[static 32], struct err *err) MUST_CHECK;
/* What can be decided now, by verdicts.json: fills e->asked (borrowed from verdicts). ERR_CONF says why it cannot. */
bool review_may(const json_t *verdicts, struct review_entry *e, struct err *err) MUST_CHECK;

/* ---- review_count.c: what decisions do to verdicts ---- */
/* The last entry of that kind on that id, or NULL; borrowed. */
const json_t *review_last(const json_t *entries, enum review_what what, const char *on);
/* What the last decision says on day as_of; REVIEW when there is none, when it is not sealed, has trouble, is taken back
 * or has expired. why: in words. */
enum verdict review_says(const json_t *entry, const char *as_of, char *why, size_t n);
/* The entry as reports show it: {"decide","reviewer","date","expires","expired","reason","files":[{"path","name","sha256"}],"entry",
 * "seal","signer"}; JSON null for NULL. New reference. */
json_t *review_shown(const json_t *entry, const char *as_of);
/* Settles tests whose verdict is REVIEW by the last decision on them and adds "decision" to every test that has one. No
 * other verdict is ever touched. */
void review_tests(json_t *tests, const json_t *entries, const char *as_of);
/* [{"id","title":{en,ja},"serves":[G..],"ixit":[n],"stored","decides","verdict","why","grade","grade_why","decision":{..}|null,
 * "earlier":[..]}] for every record that a requirement names; new reference. titles: records.yaml as JSON, or NULL. */
json_t *review_records(const json_t *requirements, const json_t *titles, const json_t *entries, const char *as_of);
/* [{"id","who","why","until","date","expired","entry","seal"}], the last of each id; new reference. */
json_t *review_waivers(const json_t *entries, const char *as_of);
/* The day on which dates are judged: as_of when given, else the day the run ended (or began); 9999-12-31 when that is
 * unknown, so that nothing counts as valid by accident. */
void review_day(const json_t *run, const char *as_of, char ret[static DATE_TEXT]);

/* ---- review_list.c: what waits for a person ---- */
/* {"records":[..],"tests":[..],"requirements":[..]}: entries of verdicts.json whose verdict is REVIEW; new reference. */
json_t *review_waiting(const json_t *verdicts);
void review_print(const json_t *verdicts, FILE *out);
void review_print_count(const json_t *verdicts, FILE *out);
/* One thing to be decided, whole: what it serves, what is stored, what is to be decided, what was decided before. */
void review_print_one(const json_t *verdicts, const char *id, FILE *out);

/* ---- review_ask.c ---- */
/* The dialogue: asks on `out`, reads lines from `in`, calls add() for each decision that was confirmed. Ends at end of
 * input, an empty answer to the first question, or when *stop becomes true; what was added stays. */
struct review_dialogue {
	FILE *in, *out;
	const volatile bool *stop;      /* NULL: never */
	const char *reviewer;           /* offered as the answer; NULL = none */
	bool (*add)(const struct review_entry *e, void *data, struct err *err);
	/* verdicts.json after a decision; borrowed until the next call */
	const json_t *(*verdicts)(void *data, struct err *err);
	void *data;
};
bool review_ask(const struct review_dialogue *d, unsigned *ret_added, struct err *err) MUST_CHECK;
#endif
