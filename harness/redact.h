/* SPDX-License-Identifier: Apache-2.0
 *
 * redact.h - a copy of a run without the declared personal data and secrets, whose verdicts are still those of the run.
 *
 * What goes      every text that device.yaml declares as one: `secrets`, the markers of `canary` fields and of ${canary.X}, credentials that
 *                stand in it (secret, password, psk, passphrase), the factory secrets of identity.secrets (read from
 *                their file, or found by `find` in consoles and captures), secrets of bench lines that can be read here, lines of
 *                `also`; and the seed, of which markers and random secrets are made.
 * Where          in every file, as the text, in its forms (proto/marker.h), and as JSON, URL and HTML write it; in captures also
 *                across the segments of a TCP stream, resent ones too. Each byte becomes 'X' where it stands: no offset, frame
 *                or record moves, so every pointer still leads to its place. Checksums of frames are not made anew.
 * Left out       files that cannot be searched (binary, packed, PDF): as many zeros, with size, SHA-256 and reason in redaction.json.
 * Made anew      the journal's chain, verdicts, reports, seals. redaction.json says what was done and names the original's newest seal.
 *
 *   redaction.json  {"format":"jusan-redaction/1","run","of":{"file","sha256"},"words":[{"name","kind"}],"kept":[name],
 *                    "removed":[{"file","name","kind","how","off","n","frame"?}],"left_out":[{"file","size","sha256","reason"}],
 *                    "searched":{"files","bytes"},"seed":"removed"|"kept"}; no value of any word stands in it.
 *
 * Proved each time: the search finds every form of every word where it is put on purpose; in the copy it finds none; the copy judged
 * again says word for word what the original's verdicts.json says; its seals hold. Else there is no copy, and the error says which.
 * Fails    ERR_CONF: a word that is not known here, or too short, and not in `keep`; a verdict that would not follow.
 * Says nothing of what is not declared, of what TLS hides, nor of hashes that somebody who guesses a short word could try. */
#ifndef HARNESS_REDACT_H
#define HARNESS_REDACT_H

#include <jansson.h>
#include <stdio.h>

#include "harness/base/err.h"

#define REDACTION_FILE "redaction.json"
#define REDACTION_FORMAT "jusan-redaction/1"

struct redact_options {
	const char *also;               /* file with a text a line, or NULL */
	const char *const *keep;        /* names of words, or paths of files, that stay as they are: somebody decided so */
	size_t n_keep;
};
struct redact_done { size_t words, removed, files, left_out, kept, verdicts; };

/* Makes the copy in the folder TO, which is there and empty, and private: the copy is whole only at the end. */
bool redact_folder(const char *dir, const char *to, const struct redact_options *o, struct redact_done *ret, struct err *err) MUST_CHECK;
bool redact_is_copy(const char *dir);
/* Says what the copy DIR is one of and what was removed. ERR_BENCH: its redaction.json is not one of ours. */
bool redact_say(const char *dir, FILE *out, struct err *err) MUST_CHECK;
#endif
