// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_print.h"

#include "harness/registry.h"

void bench_print_head(FILE *out, const char *what, const char *name, const char *scope)
{
	fprintf(out, "# %s\nbench: %s\nkind: real\nscope: %s\nlines:\n", what, name, scope);
}

void bench_print_line(FILE *out, bool live, const char *name, const char *driver, const char *params, const char *why)
{
	bool have = driver_find(name, driver) != NULL;

	fprintf(out, "  %s%s: {driver: %s%s%s}%s%s%s\n", live && have ? "" : "# ", name, driver, *params ? ", " : "", params, *why ? "   # " : "", why,
		have ? "" : "   # this build has no such driver");
}
