/* SPDX-License-Identifier: Apache-2.0 - the verbs of image, one file each. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "harness/base/fs.h"
#include "harness/probe.h"

enum { IMAGE_MAX = 512 << 20 };         /* bytes of an image that are looked at */

bool image_take(struct step *st, struct err *err);
bool image_scan(struct step *st, struct err *err);
bool image_plant(struct step *st, struct err *err);
/* Files of the run are named as their probes told them: relative to the run folder. */
bool image_path(const struct step *st, const char *name, char buf[static FS_PATH], struct err *err) MUST_CHECK;
#endif
