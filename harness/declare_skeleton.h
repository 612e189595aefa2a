/* SPDX-License-Identifier: Apache-2.0
 *
 * declare_skeleton.h - a device.yaml to begin with: every section and key the loader knows, each with what it means and what it
 * takes, all but the few that must be there as remarks. It loads as it is, and so it does with any of its lines filled in. */
#ifndef HARNESS_DECLARE_SKELETON_H
#define HARNESS_DECLARE_SKELETON_H

#include <stdio.h>

#include "harness/standard.h"

void declare_skeleton(FILE *out, const struct editions *all, enum edition e);
#endif
