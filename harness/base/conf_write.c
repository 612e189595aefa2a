// SPDX-License-Identifier: Apache-2.0
#include "harness/base/conf_write.h"

#include <string.h>
#include <strings.h>
#include <yaml.h>

#define WIDTH (-1)              /* texts are never folded */

bool conf_plain(const char *text)
{
	static const char *const taken[] = { "true", "false", "null", "yes", "no", "on", "off", "y", "n", NULL };
	size_t n = strlen(text);

	for (const char *const *w = taken; *w; w++)
		if (!strcasecmp(text, *w))
			return false;
	return n > 0 && n < 100 && strspn(text, "0123456789") != n && text[n - 1] != ' ' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._/()-") == n &&
	       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", text[0]);
}

/* A block shows line ends as they are. What it does not show well goes into double quotes: blanks at either end (libyaml
 * writes a block of nothing but line ends so that it cannot read it again), tabs, carriage returns. */
static yaml_scalar_style_t style_of(const struct conf *c)
{
	size_t n = strlen(c->text);

	if (!c->quoted)
		return YAML_PLAIN_SCALAR_STYLE;
	if (!strchr(c->text, '\n') || strpbrk(c->text, "\r\t") || strstr(c->text, " \n") || strchr(" \n", c->text[0]) || c->text[n - 1] == ' ' ||
	    (n > 1 && !strcmp(c->text + n - 2, "\n\n")))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return YAML_LITERAL_SCALAR_STYLE;
}

static bool emit(yaml_emitter_t *y, yaml_event_t *e)
{
	return yaml_emitter_emit(y, e);         /* takes the event over, also when it fails */
}

static bool write_scalar(yaml_emitter_t *y, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t e;

	return yaml_scalar_event_initialize(&e, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1, style) && emit(y, &e);
}

static bool is_short(const struct conf *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->item[i]->kind != CONF_SCALAR || strchr(list->item[i]->text, '\n'))
			return false;
	return true;
}

static bool write_node(yaml_emitter_t *y, const struct conf *c);

static bool write_list(yaml_emitter_t *y, const struct conf *c)
{
	yaml_event_t e;

	if (!yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, is_short(c) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE) ||
	    !emit(y, &e))
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!write_node(y, c->item[i]))
			return false;
	return yaml_sequence_end_event_initialize(&e) && emit(y, &e);
}

static bool write_map(yaml_emitter_t *y, const struct conf *c)
{
	yaml_event_t e;

	if (!yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) || !emit(y, &e))
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!write_scalar(y, c->key[i]->text, conf_plain(c->key[i]->text) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE) ||
		    !write_node(y, c->item[i]))
			return false;
	return yaml_mapping_end_event_initialize(&e) && emit(y, &e);
}

static bool write_node(yaml_emitter_t *y, const struct conf *c)
{
	return c->kind == CONF_SCALAR ? write_scalar(y, c->text, style_of(c)) : c->kind == CONF_LIST ? write_list(y, c) : write_map(y, c);
}

static bool write_document(yaml_emitter_t *y, const struct conf *c)
{
	yaml_event_t e;

	return yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING) && emit(y, &e) &&
	       yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1) && emit(y, &e) && write_node(y, c) &&
	       yaml_document_end_event_initialize(&e, 1) && emit(y, &e) && yaml_stream_end_event_initialize(&e) && emit(y, &e) &&
	       yaml_emitter_flush(y);
}

bool conf_write(FILE *out, const struct conf *c, struct err *err)
{
	yaml_emitter_t y;
	bool ok;

	if (!yaml_emitter_initialize(&y))
		return err_set(err, ERR_OS, "out of memory");
	yaml_emitter_set_output_file(&y, out);
	yaml_emitter_set_unicode(&y, 1);
	yaml_emitter_set_width(&y, WIDTH);
	yaml_emitter_set_indent(&y, 2);
	ok = write_document(&y, c) || err_set(err, ERR_OS, "YAML cannot be written: %s", y.problem ? y.problem : "?");
	yaml_emitter_delete(&y);
	return ok;
}
