/* SPDX-License-Identifier: Apache-2.0
 *
 * snmp_outlets.h - the objects that switch an outlet, and what their numbers mean, as data. */
#ifndef PROBES_POWER_SNMP_OUTLETS_H
#define PROBES_POWER_SNMP_OUTLETS_H

struct snmp_outlet {
	const char *name;
	const char *on, *off, *get;             /* objects without their index; off NULL: the same as on; get NULL: the same too */
	int set_on, set_off;                    /* what is written */
	int is_on[3], is_off[3];                /* what is read, ends with -1; whatever else is read means nothing */
};
extern const struct snmp_outlet snmp_outlets[];       /* ends with a NULL name */
extern const char *const snmp_outlet_names[];      /* and "free" */
#endif
