/* SPDX-License-Identifier: Apache-2.0
 *
 * test_people.h - for tests of reports: what people decided, and what several rounds and units add, put into the golden
 * verdicts. */
#ifndef REPORTS_TEST_PEOPLE_H
#define REPORTS_TEST_PEOPLE_H

#include <jansson.h>

#include "harness/base/test.h"


#endif
