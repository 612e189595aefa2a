/* SPDX-License-Identifier: Apache-2.0
 *
 * seals.h - which seals lie in a run folder and who is named as their signer: what stands there, not whether it is true.
 * That is `jusan verify`'s question, and no report says more than that it was not asked here. */
#ifndef REPORTS_READ_SEALS_H
#define REPORTS_READ_SEALS_H

#include <jansson.h>

/* Those of the run and of reviews, oldest first; not those of reports, which would make a report depend on itself:
 * [{"seal":"MANIFEST.json","what":"run|review","sha256": of the file,"files":n,"signer":SHA-256 of a key or "",
 *   "signature":bool: there is a NAME.sig}]; new reference, never NULL. */
json_t *seals_of(const char *dir);
#endif
