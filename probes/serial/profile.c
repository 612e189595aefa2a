// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/profile.h"

#include <string.h>

/* Control characters do things in a line editor: they complete, search, end or interrupt. */
#define CONTROLS "\1\2\3\4\5\6\7\b\t\n\v\f\r\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37\177"

#define LINUX_DEATHS "Kernel panic - not syncing", "Unable to handle kernel", "(^|[] ])Oops(:| -)", "(^|[] ])BUG: ", \
	"VFS: Unable to mount root"

static const struct profile table[] = {
	{ .name = "uboot", .prompt = "(=>|U-Boot[^ ]*>|[A-Za-z0-9_-]+ ?>) $", .at = "stop autoboot|autoboot in [0-9]", .key = "\3",
	  .shell = true, .banner = "^U-Boot (SPL )?[0-9]{4}\\.[0-9]{2}", .forbid = CONTROLS,
	  .death = { "### ERROR ### Please RESET", "\"Synchronous Abort\" handler", "\"Error\" handler", "^(data|prefetch) abort" } },
	{ .name = "barebox", .prompt = "barebox[@:][^ ]* $", .at = "stop autoboot|autoboot in [0-9]", .key = "\4",
	  .shell = true, .banner = "^barebox [0-9]{4}\\.[0-9]{2}", .forbid = CONTROLS,
	  .death = { "### ERROR ### Please RESET", "unable to handle (NULL|paging)", "^DABT|^PABT" } },
	{ .name = "esp", .prompt = "esp[a-z0-9]*> $", .banner = "^(ESP-ROM:|ets [A-Z][a-z]{2} |rst:0x)", .forbid = CONTROLS,
	  .death = { "Guru Meditation Error", "abort\\(\\) was called", "Brownout detector was triggered", "assert failed:",
		     "invalid header: 0x" } },
	{ .name = "linux_login", .prompt = "[#$%>] $", .login = "login: ?$", .password = "[Pp]assword( for [^ ]+)?: ?$",
	  .refused = "[Ll]ogin (incorrect|failed)|Login timed out|Permission denied", .shell = true, .banner = "Linux version [0-9]",
	  .forbid = CONTROLS, .death = { LINUX_DEATHS } },
	{ .name = "shell", .prompt = "[#$%>] $", .shell = true, .banner = "Linux version [0-9]", .forbid = CONTROLS,
	  .death = { LINUX_DEATHS } },
};

const char *const profile_word[] = { "uboot", "barebox", "esp", "linux_login", "shell", NULL };

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

bool profile_deaths(const struct profile *p, struct listener *l, struct err *err)
{
	for (size_t i = 0; i < PROFILE_DEATHS && p->death[i]; i++)
		if (!listen_for(l, p->death[i], err))
			return false;
	return true;
}
