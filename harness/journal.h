/* SPDX-License-Identifier: Apache-2.0
 *
 * journal.h - the record of a run: DIR/journal.jsonl, append-only, one JSON object a line, each holding the
 * SHA-256 of the line before ("prev", 64 zeros in the first), each line synced before the call returns.
 *
 * Every record: "n" (1..), "t_ns" (monotonic, when appended), "kind", "prev". Other keys by kind:
 *   run      {"what":"open|resume|interrupt|stop|close|torn","text"?,"records"? how many stand before it}
 *   state    {"unit","from","to","ok":bool,"text"}             reaching a state of the device
 *   begin    {"test","unit","round","attempt"}                  an attempt starts; round 1.. of `run --repeat`
 *   rep      {"test","rep","each":{name:value},"part":"control|expect","limits":{name:value}}   a repetition's values
 *   step     {"test","rep","part","step","label","verb","kind_of":"stimulus|probe|watch|examine|procedure","args"}   a step begins
 *   observe  {"test","rep","part","step","label","verb","facts":{..},"at_ns"(event time),"at":[POINTER],"observers":[..],
 *             "incomplete"?: why, "scope"?: [text]}
 *   done     {"test","rep","part","step","label","status":"ok|error|timeout|crash","text"?, "begin_ns","end_ns",
 *             "waited_ns"?: of it, waited for a moment or for the device}
 *   alive    {"test","part":"before|after","ok":bool,"text"}    liveness proof
 *   end      {"test","unit","round","attempt","outcome": verdict word as run saw it, "text","records"? of the run from its
 *             `begin` to this one, both counted, "busy"? tasks that want to run for each processor of this machine, one-minute
 *             mean in percent, the greater of before and after}
 *   line     {"line","text"}                                    what a bench line said (driver note)
 *   mark     {"lane","what":"on|off|up|down|...","value"?}      for the time line (power, links, wires)
 * "step" counts from 1 in its part; steps of a procedure are "3.2" (text); watches "w1". Facts have the types
 * of their descriptors: bool, integer, text, array of texts; secrets are {"hmac":"..."}. */
#ifndef HARNESS_JOURNAL_H
#define HARNESS_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/jline.h"

struct journal;

/* Opens for appending; an existing journal is checked first, a torn last line (power loss) is cut off and noted. */
bool journal_open(const char *dir, struct journal **ret, struct err *err) MUST_CHECK;
/* Takes ownership of rec; adds n, t_ns, prev. Synced on return (fdatasync). */
bool journal_append(struct journal *j, const char *kind, json_t *rec, int64_t *ret_n, struct err *err) MUST_CHECK;
int64_t journal_count(const struct journal *j);         /* records so far */
struct journal *journal_close(struct journal *j);       /* NULL is fine; returns NULL */

/* One line that holds: its place in the file, its members where they stand (n_members 0: it is good JSON but not plain, then
 * json has it, borrowed). All of it is valid until the callback returns. */
struct journal_line {
	int64_t n, off;
	const char *text; size_t len;           /* text[len] is the newline */
	const struct jmember *member; size_t n_members;
	const json_t *json;
};

/* Goes through the journal once, in order, and checks the chain; f (may be NULL) is called for every record that holds and
 * stops it with false. False on a broken link, with the line number in err (ERR_BENCH), on a journal of more than 1 GiB or a
 * line of more than 64 MiB (ERR_LIMIT), and when it cannot be read. A last line without newline is torn and does not count.
 * Needs no more memory than the longest line. */
bool journal_each(const char *dir, bool (*f)(const struct journal_line *l, void *data, struct err *err), void *data,
		  struct err *err) MUST_CHECK;
/* All of it as jansson reads it, a new array: for short journals and for tests. Judging uses records.h. */
bool journal_read(const char *dir, json_t **ret_records, struct err *err) MUST_CHECK;
#endif
