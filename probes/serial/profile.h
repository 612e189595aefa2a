/* SPDX-License-Identifier: Apache-2.0
 *
 * profile.h - what is known of those who answer on consoles, as data. A prompt is matched only at the end of what came, in a
 * line that has not ended, when nothing follows for a moment.
 * Source   U-Boot common/autoboot.c and doc/usage/cmdline.rst; barebox common/startup.c (Ctrl-D since 26.0, since a new line
 *          ran its hooks); ESP-IDF monitor and panic handler; Linux kernel/panic.c, arch die(); util-linux and busybox login */
#ifndef SERIAL_PROFILE_H
#define SERIAL_PROFILE_H

#include "probes/serial/listen.h"

#define PROFILE_DEATHS 6

struct profile {                        /* NULL: it has no such thing */
	const char *name;
	const char *prompt;             /* pattern: it takes commands */
	const char *at, *key;           /* pattern of the moment to type `key`, which stops it */
	const char *login, *password, *refused;         /* patterns */
	bool shell;                     /* knows echo, quotes, ; and $? */
	const char *banner;             /* pattern: it starts */
	const char *death[PROFILE_DEATHS];              /* patterns: it will not go on */
	const char *forbid;             /* bytes that never belong into a command for it */
};

extern const char *const profile_word[];                /* names, NULL-terminated */
const struct profile *profile_find(const char *name);   /* never NULL for one of profile_word */
/* Its deaths as further patterns of the listener. */
bool profile_deaths(const struct profile *p, struct listener *l, struct err *err) MUST_CHECK;
#endif
