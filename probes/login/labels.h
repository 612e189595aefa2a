/* SPDX-License-Identifier: Apache-2.0
 *
 * labels.h - the words that stand on a device's own labels, as a maker would make a secret of them.
 *
 * In      device.yaml: identity (model, product, maker, public: serial number, SSID ...) and dut.mac; and words given by a suite.
 * Out     each as it is, in small and in capital letters, without what is no letter or digit, and its last 4, 6 and 8 characters:
 *         "02:00:00:48:50:01" also gives 020000485001, 485001, 00485001, 5001.
 * Bounds  LABEL_WORDS words of LABEL_TEXT bytes, none twice, none shorter than 4 but the given ones. */
#ifndef LOGIN_LABELS_H
#define LOGIN_LABELS_H

#include <jansson.h>

#include "harness/base/err.h"

enum { LABEL_WORDS = 128, LABEL_TEXT = 63 };
/* `words`: array of texts or NULL. A new array. */
bool labels_words(const json_t *device, const json_t *words, json_t **ret, struct err *err) MUST_CHECK;
#endif
