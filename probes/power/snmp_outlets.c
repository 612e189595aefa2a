// SPDX-License-Identifier: Apache-2.0
// From the makers' MIBs as other open projects use them (labgrid, powerman, pdudaemon) or as MIB browsers show them [P]. [R]: from
// memory, to be checked. None was tried here on hardware. Reboot and delayed commands are never sent: the cycle is the bench's own.
#include "probes/power/snmp_outlets.h"

#include <stddef.h>

#define APC "1.3.6.1.4.1.318.1.1."

const struct snmp_outlet snmp_outlets[] = {
	/* index: outlet. MasterSwitch (sPDU): 1 on, 2 off */
	{ "apc-masterswitch", APC "4.4.2.1.3", NULL, NULL, 1, 2, { 1, -1 }, { 2, -1 } },
	/* rPDU: 1 on, 2 off [P] */
	{ "apc-rpdu", APC "12.3.3.1.1.4", NULL, NULL, 1, 2, { 1, -1 }, { 2, -1 } },
	/* rPDU2: written 1 on, 2 off; read the other way round, 1 off, 2 on (powerman) */
	{ "apc-rpdu2", APC "26.9.2.4.1.5", NULL, APC "26.9.2.3.1.5", 1, 2, { 2, -1 }, { 1, -1 } },
	/* CPDU: 1 off, 2 on [P]; that the same object is read is [R] */
	{ "apc-cpdu", APC "32.5.5.1.4", NULL, NULL, 2, 1, { 2, -1 }, { 1, -1 } },
	/* MSP: 1 on, 3 off [P]; that the same object is read is [R] */
	{ "apc-msp", APC "6.5.1.1.5", NULL, NULL, 1, 3, { 1, -1 }, { 3, -1 } },
	/* ePDU, index 0.OUTLET: two commands whose value is a delay in seconds [R], 0 is at once. Read: 0 off, 1 on, 2 going off,
	 * 3 going on: what is going off still is on. */
	{ "eaton", "1.3.6.1.4.1.534.6.6.7.6.6.1.4", "1.3.6.1.4.1.534.6.6.7.6.6.1.3", "1.3.6.1.4.1.534.6.6.7.6.6.1.2", 0, 0, { 1, 2, -1 }, { 0, 3, -1 } },
	{ "eaton-revelation", "1.3.6.1.4.1.534.6.6.6.1.2.2.1.3", NULL, NULL, 1, 0, { 1, -1 }, { 0, -1 } },
	/* PX2 and PX3, index 1.OUTLET: read 7 on, 8 off */
	{ "raritan", "1.3.6.1.4.1.13742.6.4.1.2.1.2", NULL, "1.3.6.1.4.1.13742.6.4.1.2.1.3", 1, 0, { 7, -1 }, { 8, -1 } },
	{ "raritan-px1", "1.3.6.1.4.1.13742.4.1.2.2.1.3", NULL, NULL, 1, 0, { 1, -1 }, { 0, -1 } },
	/* index TOWER.INFEED.OUTLET: read 3 or 5 on, 4 off (labgrid) */
	{ "sentry3", "1.3.6.1.4.1.1718.3.2.3.1.11", NULL, "1.3.6.1.4.1.1718.3.2.3.1.10", 1, 2, { 3, 5, -1 }, { 4, -1 } },
	{ "cyberpower", "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4", NULL, NULL, 1, 2, { 1, -1 }, { 2, -1 } },
	/* pethPsePortAdminEnable of RFC 3621, index GROUP.PORT: what the port is allowed, not what flows. 1 true, 2 false */
	{ "poe", "1.3.6.1.2.1.105.1.1.1.3", NULL, NULL, 1, 2, { 1, -1 }, { 2, -1 } },
	{ .name = NULL }
};
const char *const snmp_outlet_names[] = { "apc-masterswitch", "apc-rpdu", "apc-rpdu2", "apc-cpdu", "apc-msp", "eaton", "eaton-revelation",
				       "raritan", "raritan-px1", "sentry3", "cyberpower", "poe", "free", NULL };
