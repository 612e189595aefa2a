/* SPDX-License-Identifier: Apache-2.0
 *
 * qemu_args.h - the command line of a machine in QEMU, from the parameters of drv_qemu.c. */
#ifndef PROBES_POWER_QEMU_ARGS_H
#define PROBES_POWER_QEMU_ARGS_H

#include "probes/power/machine.h"

/* Fills spec->argv. Of `spec` it uses interface, pins and console; the last becomes NULL, since QEMU opens it itself.
 * Descriptors it counts on: 3 pins, 4 the monitor, 5 the tap. */
bool qemu_args(const struct line *l, struct machine_spec *spec, struct err *err) MUST_CHECK;
#endif
