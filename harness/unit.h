/* SPDX-License-Identifier: Apache-2.0
 *
 * unit.h - which unit of the device is meant, and what differs from one unit to the next.
 *
 * device.yaml names the units by serial (identity.units) and may say more of each, in the same order:
 *
 *   identity: {units: [HP1-000001, HP1-000002]}
 *   units:
 *     - {mac: "02:00:00:48:50:01"}
 *     - {mac: "02:00:00:48:50:02"}
 *
 * In the rest of device.yaml and in bench.yaml ${unit} is the number (1..) and ${unit.serial}, ${unit.mac} .. what is
 * said of it. They are put in when the files are loaded, so nothing behind the loader knows of them, and one pair of
 * files serves every unit: its hashes are the same in every run of a campaign.
 *
 * Bound    UNIT_MAX units. Values are plain scalars.
 * Fails    ERR_CONF with file:line:column: a number beyond the declared units, a word that nothing says of this unit. */
#ifndef HARNESS_UNIT_H
#define HARNESS_UNIT_H

#include "harness/base/conf.h"

#define UNIT_MAX 1000

struct unit {
	int number;                     /* 1.. */
	const char *serial;             /* NULL: none is declared */
	const struct conf *own;         /* map of what is said of it; NULL = nothing */
	bool declared;                  /* false: no device.yaml was given; ${unit.X} then stays as it is */
};

/* device: the root of device.yaml, or NULL. number 0 is 1. */
bool unit_find(const struct conf *device, int number, struct unit *ret, struct err *err) MUST_CHECK;
/* The same tree with the words put in; keys, and `units` at the root, stay as they are. Untouched parts are shared. */
bool unit_apply(struct arena *a, const struct unit *u, const struct conf *c, const struct conf **ret, struct err *err) MUST_CHECK;
#endif
