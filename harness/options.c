// SPDX-License-Identifier: Apache-2.0
#include "harness/options.h"

#include <stdio.h>

void options_init(struct options *o)
{
	*o = (struct options){ .plan = { .suites = "suites", .profile = "uk" } };
}

bool options_take(struct options *o, int opt)
{
	switch (opt) {
	case 'b': o->plan.bench = optarg; return true;
	case 'd': o->plan.device = optarg; return true;
	case 's': o->plan.suites = optarg; return true;
	case 'p': o->plan.profile = optarg; return true;
	case 'o':
		if (o->n_only < OPTIONS_ONLY)
			o->only[o->n_only++] = optarg;
		o->plan.only = o->only;
		return true;
	default: return false;
	}
}

void options_report(const struct err *e, void *data)
{
	char line[1024];

	(void)data;
	err_line(e, line, sizeof(line));
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%s\n", line);
}
