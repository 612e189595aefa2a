/* SPDX-License-Identifier: Apache-2.0
 *
 * factkey.h - the key that secrets are hashed with before they become facts.
 *
 * A factory secret never stands in a journal; its HMAC-SHA-256 does, so that two readings can be compared. Whoever has
 * the run folder but not the key learns from it which readings are equal and nothing else. Whoever has both can try
 * every value a short secret can have: eight digits are gone in seconds. So the key is in no run folder and is not made
 * from the seed (which is in run.json); no key, no guessing.
 *
 *   no file     the key is drawn for this run and forgotten with it: readings compare inside the run only
 *   a file      `jusan run --campaign FILE`: every unit of a campaign is run with the same one, then their readings
 *               compare. 64 hex digits, made when it is not there, readable by its owner only. Delete it when the
 *               campaign is judged: no later reader can guess then.
 *
 * Other evidence may still hold the secret itself (a flash dump, a captured frame), and a finding such as "the last six
 * digits of the MAC address" gives it away: a run folder is as confidential as the device in it.
 *
 * Fails    ERR_CONF: a file that is no key, or that others may read. ERR_OS. */
#ifndef HARNESS_FACTKEY_H
#define HARNESS_FACTKEY_H

#include <stdint.h>

#include "harness/base/err.h"

#define FACTKEY_ID 17                   /* 16 hex digits and the end */

struct factkey {
	uint8_t key[32];
	char id[FACTKEY_ID];            /* tells keys apart without giving them away; "" = of this run only */
};

bool factkey_load(const char *file, struct factkey *ret, struct err *err) MUST_CHECK;  /* NULL: drawn */
#endif
