/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/labels.h"

#include <ctype.h>
#include <string.h>

static void add(json_t *all, const char *text)
{
	const json_t *old;
	size_t i;

	if (!text[0] || json_array_size(all) >= LABEL_WORDS)
		return;
	json_array_foreach(all, i, old)
		if (!strcmp(json_string_value(old), text))
			return;
	json_array_append_new(all, json_string(text));
}

/* As it is, small, capital. */
static void add_cases(json_t *all, const char *text)
{
	char small[LABEL_TEXT + 1], capital[LABEL_TEXT + 1];
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++) {
		small[i] = (char)tolower((unsigned char)text[i]);
		capital[i] = (char)toupper((unsigned char)text[i]);
	}
	add(all, text);
	add(all, small);
	add(all, capital);
}

static void derive(json_t *all, const char *word)
{
	char bare[LABEL_TEXT + 1];
	size_t n = 0;

	if (!word || strlen(word) > LABEL_TEXT || strstr(word, "${"))  /* what nobody filled in is no word */
		return;
	add_cases(all, word);
	for (const char *p = word; *p; p++)
		if (isalnum((unsigned char)*p))
			bare[n++] = *p;
	bare[n] = 0;
	if (n >= 4)
		add_cases(all, bare);
	for (size_t k = 4; k <= 8 && k < n; k += 2)
		add_cases(all, bare + n - k);
}

bool labels_words(const json_t *device, const json_t *words, json_t **ret, struct err *err)
{
	static const char *const keys[] = { "model", "product", "maker" };
	const json_t *identity = json_object_get(device, "identity"), *word;
	json_t *all = json_array();
	size_t i;

	if (!all)
		return err_set(err, ERR_OS, "out of memory");
	json_array_foreach(words, i, word)
		derive(all, json_string_value(word));
	json_array_foreach(json_object_get(identity, "public"), i, word)
		derive(all, json_string_value(word));
	derive(all, json_string_value(json_object_get(json_object_get(device, "dut"), "mac")));
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		derive(all, json_string_value(json_object_get(identity, keys[k])));
	*ret = all;
	return true;
}
