// SPDX-License-Identifier: Apache-2.0
#include "probes/net/ask.h"

#include <string.h>

/* As the kernel takes it, and nothing that could be a path or a pattern. */
static bool is_name(const char name[static IFNAMSIZ])
{
	size_t n = strnlen(name, IFNAMSIZ);

	if (!n || n == IFNAMSIZ || name[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.", name[i]))
			return false;
	return true;
}

static bool is_state(const struct ask_before *b)
{
	uint8_t all = b->known | b->up | b->no_six;

	for (size_t i = 0; i < ASK_OFFLOADS; i++)
		all |= b->offload[i];
	return all <= 1 && (b->known || !all);
}

const char *ask_check(const void *p, size_t n, const struct declared *declared, size_t n_declared, struct ask *ret, size_t *ret_which)
{
	if (n != sizeof(*ret))
		return "a message of another size";
	memcpy(ret, p, sizeof(*ret));
	if (ret->verb < ASK_TAKE || ret->verb > ASK_GIVE || ret->flag > 1 || !is_state(&ret->before))
		return "an unknown message";
	if (!is_name(ret->interface) || (ret->verb == ASK_TAKE && !is_name(ret->as)))
		return "no interface name";
	for (*ret_which = 0; *ret_which < n_declared; ++*ret_which)
		if (!strcmp(declared[*ret_which].name, ret->interface))
			break;
	if (*ret_which == n_declared)
		return "not declared on the command line";
	if (declared[*ret_which].shared && ret->verb != ASK_TAKE)
		return "the host uses it too: it is not changed";
	return NULL;
}
