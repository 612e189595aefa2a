/* SPDX-License-Identifier: Apache-2.0
 *
 * prompt.h - what log-in programs print: prompts for user and password, a shell's, and words of refusal (POSIX extended
 * regular expressions, any case; the first three match the end of a line that is still open). */
#ifndef LOGIN_PROMPT_H
#define LOGIN_PROMPT_H

#include <regex.h>

#include "harness/base/err.h"

enum prompt { PROMPT_LOGIN, PROMPT_PASSWORD, PROMPT_SHELL, PROMPT_REFUSED, PROMPTS };      /* PROMPTS: how many, and none of them */
struct prompts { regex_t re[PROMPTS]; int n; };

bool prompts_new(struct prompts **ret, struct err *err) MUST_CHECK;
struct prompts *prompts_free(struct prompts *p);        /* NULL is fine; returns NULL */
bool prompt_is(const struct prompts *p, enum prompt which, const char *text);
#endif
