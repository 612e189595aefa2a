/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/prompt.h"

#include <stdlib.h>

static const char *const pattern[PROMPTS] = {
	"(login|user ?name|user|account) ?: *$",
	"(password|passwd|passcode|pin)[^\n]{0,40}: *$",
	"[#$>%] *$",
	"incorrect|invalid|denied|fail|bad |wrong|not allowed",
};

bool prompts_new(struct prompts **ret, struct err *err)
{
	struct prompts *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(err, ERR_OS, "out of memory");
	*ret = p;
	for (; p->n < PROMPTS; p->n++)
		if (regcomp(&p->re[p->n], pattern[p->n], REG_EXTENDED | REG_ICASE | REG_NOSUB))
			return err_set(err, ERR_OS, "prompts: out of memory");
	return true;
}

struct prompts *prompts_free(struct prompts *p)
{
	for (int i = 0; p && i < p->n; i++)
		regfree(&p->re[i]);
	free(p);
	return NULL;
}

bool prompt_is(const struct prompts *p, enum prompt which, const char *text)
{
	return !regexec(&p->re[which], text, 0, NULL, 0);
}
