// SPDX-License-Identifier: Apache-2.0
#include "harness/selfcheck.h"

#include <stdio.h>

#include "harness/base/test.h"

static void tell(const char *what, const char *fault, void *data)
{
	(void)data;
	fprintf(stderr, "%s: %s\n", what, fault);
}

START_TEST(every_descriptor_is_whole)
{
	ck_assert_uint_eq(selfcheck(tell, NULL), 0);
}
END_TEST

TEST_MAIN({ "descriptors", every_descriptor_is_whole, 1 })
