// SPDX-License-Identifier: Apache-2.0
// The words of bench supplies. From their programming manuals as other open projects use them (libsigrok, labgrid); none was
// tried here on hardware. [R]: from memory, to be checked before it is relied on.
#include "probes/power/scpi.h"

/* name, channel words and queries; SCPI-99 volume 2, 19 (SOURce), 18 (OUTPut) and 3 (MEASure) where nothing else is said */
const struct scpi_model scpi_models[] = {
	{ "generic", NULL, "*IDN?", "OUTP ON", "OUTP OFF", "OUTP?", -1, "VOLT {v}", "VOLT?", "MEAS:VOLT?", "CURR {v}", "MEAS:CURR?",
	  "VOLT:PROT {v}", "CURR:PROT {v}" },
	/* Keysight E36300 and others with channel lists [R] */
	{ "keysight", NULL, "*IDN?", "OUTP ON,(@{c})", "OUTP OFF,(@{c})", "OUTP? (@{c})", -1, "VOLT {v},(@{c})", "VOLT? (@{c})",
	  "MEAS:VOLT? (@{c})", "CURR {v},(@{c})", "MEAS:CURR? (@{c})", "VOLT:PROT {v},(@{c})", NULL },
	/* HP 6630A: before SCPI; reached through a LAN gateway. libsigrok: OUT, VOUT?, IOUT?, VSET; OUT?, OVSET [R] */
	{ "hp6630a", "663", "ID?", "OUT 1", "OUT 0", "OUT?", -1, "VSET {v}", "VSET?", "VOUT?", "ISET {v}", "IOUT?", "OVSET {v}", NULL },
	/* Rigol DP800 */
	{ "rigol", "rigol", "*IDN?", ":OUTP CH{c},ON", ":OUTP CH{c},OFF", ":OUTP? CH{c}", -1, ":SOUR{c}:VOLT {v}", ":SOUR{c}:VOLT?",
	  ":MEAS:VOLT? CH{c}", ":SOUR{c}:CURR {v}", ":MEAS:CURR? CH{c}", ":OUTP:OVP:VAL CH{c},{v}", ":OUTP:OCP:VAL CH{c},{v}" },
	/* Siglent SPD3303X; the state is bit 4 (CH1) and 5 (CH2) of a hexadecimal word (labgrid) */
	{ "siglent", "siglent", "*IDN?", "OUTPUT CH{c},ON", "OUTPUT CH{c},OFF", "SYSTEM:STATUS?", 4, "CH{c}:VOLTAGE {v}", "CH{c}:VOLTAGE?",
	  "MEASURE:VOLTAGE? CH{c}", "CH{c}:CURRENT {v}", "MEASURE:CURRENT? CH{c}", NULL, NULL },
	/* Chroma 62000P; the protection words [R] */
	{ "chroma", "chroma", "*IDN?", "CONF:OUTP ON", "CONF:OUTP OFF", "CONF:OUTP?", -1, "SOUR:VOLT {v}", "SOUR:VOLT?", "MEAS:VOLT?",
	  "SOUR:CURR {v}", "MEAS:CURR?", "SOUR:VOLT:PROT:HIGH {v}", "SOUR:CURR:PROT:HIGH {v}" },
	/* TDK-Lambda Genesys, LAN option: port 8003 */
	{ "genesys", "lambda", "*IDN?", "OUTP:STAT ON", "OUTP:STAT OFF", "OUTP:STAT?", -1, ":VOLT {v}", ":VOLT?", "MEAS:VOLT?", ":CURR {v}",
	  "MEAS:CURR?", ":VOLT:PROT:LEV {v}", NULL },
	{ .name = NULL }
};
const char *const scpi_model_names[] = { "generic", "keysight", "hp6630a", "rigol", "siglent", "chroma", "genesys", NULL };
