/* SPDX-License-Identifier: Apache-2.0
 *
 * journal.h - the record of a run: DIR/journal.jsonl, append-only, one JSON object a line, each holding the
 * SHA-256 of the line before ("prev", 64 zeros in the first), each line synced before the call returns.
 *
 * Every record: "n" (1..), "t_ns" (monotonic, when appended), "kind", "prev". Other keys by kind:
 *   run      {"what":"open|resume|interrupt|close","status"?,"text"?}
 *   state    {"unit","from","to","ok":bool,"text"}             reaching a state of the device
 *   begin    {"test","unit","attempt"}                          an attempt starts
 *   rep      {"test","rep","each":{name:value},"part":"control|expect","limits":{name:value}}   a repetition's values
 *   step     {"test","rep","part","step","label","verb","kind_of":"stimulus|probe|watch|examine|procedure","args"}   a step begins
 *   observe  {"test","rep","part","step","label","verb","facts":{..},"at_ns"(event time),"at":[POINTER],"observers":[..],
 *             "incomplete"?: why, "scope"?: [text]}
 *   done     {"test","rep","part","step","label","status":"ok|error|timeout|crash","text"?, "begin_ns","end_ns"}
 *   alive    {"test","part":"before|after","ok":bool,"text"}    liveness proof
 *   end      {"test","unit","attempt","outcome": verdict word as run saw it, "text"}
 *   line     {"line","text"}                                    what a bench line said (driver note)
 *   mark     {"lane","what":"on|off|up|down|...","value"?}      for the time line (power, links, wires)
 * "step" counts from 1 in its part; steps of a procedure are "3.2" (text); watches "w1". Facts have the types
 * of their descriptors: bool, integer, text, array of texts; secrets are {"hmac":"..."}. */
#ifndef HARNESS_JOURNAL_H
#define HARNESS_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"

struct journal;

/* Opens for appending; an existing journal is checked first, a torn last line (power loss) is cut off and noted. */
bool journal_open(const char *dir, struct journal **ret, struct err *err) MUST_CHECK;
/* Takes ownership of rec; adds n, t_ns, prev. Synced on return (fdatasync). */
bool journal_append(struct journal *j, const char *kind, json_t *rec, int64_t *ret_n, struct err *err) MUST_CHECK;
struct journal *journal_close(struct journal *j);       /* NULL is fine; returns NULL */

/* Reads and checks the chain. *ret_records is a new array of all records that hold; on a broken link, false with
 * the line number in err (ERR_LIMIT: too long, ERR_BENCH: broken). max 1 GiB. */
bool journal_read(const char *dir, json_t **ret_records, struct err *err) MUST_CHECK;
#endif
