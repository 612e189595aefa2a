/* SPDX-License-Identifier: Apache-2.0 - the verbs of ssh, one file each. */
#ifndef SSH_SSH_H
#define SSH_SSH_H

#include "harness/probe.h"

bool ssh_enumerate(struct step *st, struct err *err);
bool ssh_handshake(struct step *st, struct err *err);
/* The parameters host and port as a target in scope. *ret_known: the device has an address. */
bool ssh_target(struct step *st, char ret_ip[static 64], bool *ret_known, struct err *err) MUST_CHECK;
#endif
