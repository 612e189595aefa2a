// SPDX-License-Identifier: Apache-2.0
#include "probes/service/managed.h"

#include "harness/base/spawn.h"

struct place { struct line *l; enum netns ns; };

static bool enter(void *data, struct err *err)
{
	const struct place *p = data;

	return !p->l || line_enter(p->l, p->ns, err);
}

bool managed_start(struct line *l, enum netns ns, char *const argv[], int out, struct managed *ret, struct err *err)
{
	struct place place = { l, ns };
	struct spawn s;

	if (!spawn_start(argv, out, &(struct spawn_options){ .enter = enter, .data = &place }, &s, err))
		return false;
	if (l)
		line_guard_pid(l, s.pid);
	*ret = (struct managed){ s.pid, s.pidfd };
	return true;
}

const char *managed_how(struct managed *m, char *buf, size_t n)
{
	return spawn_how(&(struct spawn){ m->pid, m->pidfd }, buf, n);
}

void managed_stop(struct managed *m, int64_t grace_ns)
{
	struct spawn s = { m->pid, m->pidfd };

	spawn_stop(&s, grace_ns);
	*m = (struct managed){ 0, -1 };
}
