// SPDX-License-Identifier: Apache-2.0
#include "probes/power/scpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probes/power/decimal.h"

struct scpi {
	struct line *line;
	const struct scpi_model *model;
	struct scpi_link link;
};

/* {c} and {v} filled in. The templates are ours, so it fits. */
static void fill(const struct scpi *s, const char *pattern, int64_t milli, char buf[static SCPI_MESSAGE])
{
	char number[32];
	size_t n = 0;

	for (; *pattern && n < SCPI_MESSAGE - 40; pattern++) {
		if (strncmp(pattern, "{c}", 3) && strncmp(pattern, "{v}", 3)) {
			buf[n++] = *pattern;
			continue;
		}
		n += (size_t)snprintf(buf + n, SCPI_MESSAGE - n, "%s", pattern[1] == 'v' ? decimal_milli(milli, number, sizeof(number)) :
				      (snprintf(number, sizeof(number), "%d", (int)line_int(s->line, "channel")), number));
		pattern += 2;
	}
	buf[n] = '\0';
}

static bool tell(struct scpi *s, const char *pattern, int64_t milli, struct err *err)
{
	char text[SCPI_MESSAGE];

	fill(s, pattern, milli, text);
	return s->link.tell(s->link.io, text, err) || err_in(err, "%s", text);
}

/* Some Rigol answer the first question of a session with nothing: it is put once more. */
static bool ask(struct scpi *s, const char *pattern, char ret[static SCPI_MESSAGE], struct err *err)
{
	char text[SCPI_MESSAGE];

	fill(s, pattern, 0, text);
	for (int i = 0; i < 2; i++) {
		if (!s->link.ask(s->link.io, text, ret, SCPI_MESSAGE, err))
			return err_in(err, "%s", text);
		if (ret[strspn(ret, " \r\n")])
			return true;
	}
	return err_set(err, ERR_BENCH, "%s: only empty answers", text);
}

static bool ask_number(struct scpi *s, const char *pattern, int digits, int64_t *ret, struct err *err)
{
	char said[SCPI_MESSAGE];

	return ask(s, pattern, said, err) &&
	       (decimal_parse(said, digits, ret) || err_set(err, ERR_BENCH, "%s: '%.60s' is no number", pattern, said));
}

static bool is_word(const char *said, const char *const *word)
{
	size_t n = strcspn(said, " \r\n");

	for (; *word; word++)
		if (strlen(*word) == n && !strncasecmp(said, *word, n) && !said[n + strspn(said + n, " \r\n")])
			return true;
	return false;
}

/* "0x0010", "10": hexadecimal, whole, at most 32 bits. */
static bool hex_word(const char *said, uint32_t *ret)
{
	char *end;
	unsigned long long v;

	said += strspn(said, " ");
	if (strspn(said, "0123456789abcdefABCDEFxX") == 0)
		return false;
	v = strtoull(said, &end, 16);
	*ret = (uint32_t)v;
	return end > said && v <= UINT32_MAX && !end[strspn(end, " \r\n")];
}

bool scpi_get(void *dev, bool *ret, struct err *err)
{
	static const char *const yes[] = { "1", "+1", "ON", NULL }, *const no[] = { "0", "+0", "OFF", NULL };
	struct scpi *s = dev;
	char said[SCPI_MESSAGE];
	uint32_t bits;

	if (!ask(s, s->model->state, said, err))
		return false;
	if (s->model->state_bit >= 0) {
		if (!hex_word(said, &bits))
			return err_set(err, ERR_BENCH, "%s: '%.60s' is no state", s->model->state, said);
		*ret = bits >> (s->model->state_bit + line_int(s->line, "channel") - 1) & 1;
		return true;
	}
	*ret = is_word(said, yes);
	return *ret || is_word(said, no) || err_set(err, ERR_BENCH, "%s: '%.60s' is neither on nor off", s->model->state, said);
}

bool scpi_set(void *dev, bool energised, struct err *err)
{
	struct scpi *s = dev;

	return tell(s, energised ? s->model->on : s->model->off, 0, err);
}

bool scpi_set_mv(void *dev, int64_t mv, struct err *err)
{
	struct scpi *s = dev;
	int64_t most = line_int(s->line, "max_mv"), got;

	if (mv < 0 || mv > most)
		return err_set(err, ERR_BENCH, "%lld mV: the bench allows this supply 0 to %lld mV", (long long)mv, (long long)most);
	if (!tell(s, s->model->volt, mv, err) || !ask_number(s, s->model->volt_get, 3, &got, err))
		return false;
	return llabs(got - mv) <= line_int(s->line, "step_mv") ||
	       err_set(err, ERR_BENCH, "told to be %lld mV it stands at %lld mV", (long long)mv, (long long)got);
}

bool scpi_measure(void *dev, struct reading *ret, struct err *err)
{
	struct scpi *s = dev;

	return ask_number(s, s->model->volt_now, 3, &ret->mv, err) && ask_number(s, s->model->curr_now, 6, &ret->ua, err);
}

void scpi_close(void *dev)
{
	struct scpi *s = dev;

	s->link.close(s->link.io);
	free(s);
}

static bool identify(struct scpi *s, struct err *err)
{
	char said[SCPI_MESSAGE];

	return ask(s, s->model->identify, said, err) && (!s->model->vendor || strcasestr(said, s->model->vendor) ||
	       err_set(err, ERR_BENCH, "model %s, but it says it is '%.100s'", s->model->name, said));
}

static bool limit(struct scpi *s, const char *param, const char *pattern, struct err *err)
{
	if (!line_has(s->line, param))
		return true;
	if (!pattern)
		return err_set(err, ERR_CONF, "%s: model %s has no word for that", param, s->model->name);
	return tell(s, pattern, line_int(s->line, param), err);
}

/* Limits first, then the voltage; the question at the end shows that all were read. */
static bool prepare(struct scpi *s, struct err *err)
{
	const struct scpi_model *m = s->model;
	bool now;

	return identify(s, err) && limit(s, "limit_ma", m->curr, err) && limit(s, "ovp_mv", m->ovp, err) && limit(s, "ocp_ma", m->ocp, err) &&
	       (!line_has(s->line, "start_mv") || scpi_set_mv(s, line_int(s->line, "start_mv"), err)) && scpi_get(s, &now, err);
}

bool scpi_open(struct line *l, const struct scpi_link *link, void **ret_dev, struct err *err)
{
	struct scpi *s = calloc(1, sizeof(*s));

	if (!s) {
		link->close(link->io);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	*s = (struct scpi){ .line = l, .model = scpi_models, .link = *link };
	while (s->model->name && strcmp(s->model->name, line_text(l, "model")))
		s->model++;
	if (!prepare(s, err)) {
		scpi_close(s);
		return false;
	}
	*ret_dev = s;
	return true;
}
