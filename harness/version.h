/* SPDX-License-Identifier: Apache-2.0
 *
 * version.h - the one place where the version stands. */
#ifndef HARNESS_VERSION_H
#define HARNESS_VERSION_H
#define JUSAN_VERSION "0.1.0"
#endif
